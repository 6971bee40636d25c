import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { playgroundIssuer } from '../../src/playground/pipelines/issuer.ts';
import { chromiumOrSkip, launchBrowser, openPlayground, type PlaygroundPage } from '../support/browser.ts';
import { latchkey, MachineClock, type Product, startProduct } from '../support/product.ts';

/** What README.md promises a newcomer, on the real product, in a real browser. */
chromiumOrSkip('a newcomer in the playground', () => {
  let browser: Browser;
  let folder: string;
  let env: Record<string, string>;
  let product: Product;
  let page: PlaygroundPage;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-newcomer-'));
    env = { DATABASE_URL: `file:${folder}/latchkey.db` };
    product = startProduct({ env, clock: new MachineClock() });
    await product.until(() => product.printed.includes('Try this first'));
    await directoryKnown();
  });
  afterEach(async () => {
    expect(page.errors).toEqual([]);
    await page.close();
    expect(await product.stop()).toEqual({ code: 0, signal: null });
    await rm(folder, { recursive: true });
  });
  /** Who is on call is read from Slack a moment after the start: each question is a round trip through the product. */
  const directoryKnown = async () => {
    const late = Date.now() + 60_000;
    for (;;) {
      const reply = await fetch(`${url()}/readyz`, { headers: { connection: 'close' } });
      const { checks } = (await reply.json()) as { checks: { directory: { ok: boolean; detail?: string } } };
      if (checks.directory.ok) return;
      if (Date.now() > late) throw new Error(`The directory stays unknown: ${checks.directory.detail}`);
    }
  };
  const url = () => /http:\/\/localhost:\d+/.exec(product.printed)?.[0] ?? '';

  it('asks, approves, sees the group change, moves the clock, sees it taken away, and has the proof', async () => {
    page = await openPlayground(browser, url());
    await page.as('Ana');
    await page.open('#db-access');
    await page.command('/access prod-db-read 30m INC-42 slow queries');
    await page.message(/Asked in #db-access/);
    const request = await page.message(/asks for Production database/);
    expect(await request.textContent()).toContain('INC-42 slow queries');
    expect(await page.directoryMembers('prod-db-readers')).toEqual(['Dee']);

    await page.as('Dee');
    await page.clickButton('Approve');
    await page.directoryShows('prod-db-readers', ['Ana', 'Dee']);
    await page.message(/Given, and seen at the target/);

    await page.as('Ana');
    await page.open('Latchkey');
    await page.message(/You have Production database/);
    await page.advance('+1 h');
    await page.directoryShows('prod-db-readers', ['Dee']);
    await page.message(/is over\. Its time is over: .*was seen gone/s);

    const verified = await latchkey(['audit', 'verify'], env);
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toMatch(/^T0LATCHKEY: intact\. \d+ entries/);
    const listed = await latchkey(['audit', 'list', '--person', 'ana@example.com'], env);
    expect(listed.out).toMatch(/dee@example\.com \[ana@example\.com\]: voted to approve prod-db-read/);
    expect(listed.out).toMatch(/prod-db-read ended: expired/);
  });

  it('runs a pipeline, approves it, and sees it go ahead', async () => {
    page = await openPlayground(browser, url());
    await page.page.getByRole('heading', { name: 'Pipelines' }).click();
    // The first of the policies, so nobody has to look for it.
    expect(await page.page.getByLabel('Action').inputValue()).toBe('deploy-production');
    await page.page.getByRole('button', { name: 'Run pipeline' }).click();
    const run = page.page.locator('[data-run="1"]');
    await run.getByText(/^Waiting for 1 of group:/).waitFor();

    await page.as('Gus');
    await page.open('#deploys');
    const request = await page.message(/asks to Deploy to production/);
    expect(await request.textContent()).toMatch(/^.*Pipeline repo:acme\/shop:environment:production /s);
    // An underscore is kept from being formatting by a character of no width.
    expect(await request.textContent()).toMatch(
      /what the policy looks at: repository acme\/shop, environment production, ref_\u200b?protected true/,
    );
    await page.clickButton('Approve');
    await run.getByText('Go ahead, once.').waitFor();
    await page.message(/Used: the caller was told to go ahead/);
    expect(await run.getByText(/^Approved by gus@example\.com/).count()).toBe(1);

    // What it is not for is refused by the product, in its words.
    await page.page.getByLabel('Commit').fill('main');
    await page.page.getByRole('button', { name: 'Run pipeline' }).click();
    await page.page
      .locator('[data-run="2"]')
      .getByText(/^Refused \(invalid-field\): /)
      .waitFor();

    // Nobody else signs for those issuers meanwhile.
    const stranger = await playgroundIssuer(() => Date.parse('2030-03-05T10:00:00Z'));
    const issuer = 'https://token.actions.githubusercontent.com';
    const claims = { repository: 'acme/shop', ref: 'refs/heads/main' };
    const forged = await stranger.token({ issuer, subject: 'x', audience: 'latchkey', claims });
    const answer = await fetch(`${url()}/api/v1/requests/req_1`, { headers: { authorization: `Bearer ${forged}` } });
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'bad-token' }]);

    const listed = await latchkey(['audit', 'list', '--access', 'deploy-production'], env);
    expect(listed.out).toMatch(/was told to go ahead with deploy-production/);
    expect(await latchkey(['audit', 'verify'], env)).toMatchObject({ code: 0, err: '' });
  });

  it('asks in the form, is refused their own approval, and ends the access early', async () => {
    page = await openPlayground(browser, url());
    await page.as('Ben');
    await page.open('#access-requests');
    const modal = await page.openModal();
    await page.pick('Access', 'export', 'customer-data-export');
    await modal.getByText('Who will be asked').waitFor();
    await modal.getByRole('textbox', { name: 'Ticket' }).fill('LEGAL-4711');
    await modal.getByRole('combobox', { name: 'How many customers' }).selectOption('one');
    await modal.getByRole('textbox', { name: 'Reason' }).fill('A customer wants to know what we know');
    await page.clickButton('Ask');
    await page.message(/asks for Customer data/);
    await page.clickButton('Approve');
    await page.message(/nobody approves for themselves/);

    for (const name of ['Fay', 'Hal']) {
      await page.as(name);
      await page.clickButton('Approve');
      await page.message(new RegExp(`@${name} approved`));
    }
    await page.directoryShows('data-exporters', ['Ben']);
    await page.as('Ben');
    await page.open('Latchkey');
    await page.clickButton('End now');
    await page.directoryShows('data-exporters', []);
    await page.message(/Given back early/);
  });

  it('who is on call asks a colleague in office hours, and has it at once in the evening', async () => {
    page = await openPlayground(browser, url());
    await page.as('Ben');
    const ask = '/access prod-servers 1h incident=INC-42 disk full';
    await page.command(ask);
    await page.message(/Asked in #access-requests/);
    // From eleven in the morning to seven in the evening: it lapsed long ago, and the rota was read again meanwhile.
    for (let hour = 0; hour < 8; hour += 1) await page.advance('+1 h');
    await page.command(ask);
    await page.message(/prod-servers is approved automatically/);
    await page.directoryShows('prod-operators', ['Ben']);
  });
});
