import type { Browser } from 'playwright-core';
import { chromiumOrSkip, launchBrowser, openPlayground, type PlaygroundPage } from '../../support/browser.ts';
import { type ScriptedApp, startScriptedApp } from './scripted-app.ts';

const ask = '/access prod-db-read 30m INC-42 slow queries';

chromiumOrSkip('the playground in a real browser', () => {
  let browser: Browser;
  let app: ScriptedApp;
  const open: PlaygroundPage[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    app = await startScriptedApp();
  });
  afterEach(async () => {
    const errors = open.flatMap((page) => page.errors);
    for (const page of open.splice(0)) await page.close();
    await app.stop();
    expect(errors).toEqual([]);
  });
  const visit = async (options?: Parameters<typeof openPlayground>[2]) => {
    const page = await openPlayground(browser, app.url, options);
    open.push(page);
    return page;
  };
  const focused = (page: PlaygroundPage) =>
    page.page.evaluate(() => {
      const active = document.activeElement;
      const words = [...(active?.childNodes ?? [])]
        .filter(
          (node) =>
            !(node instanceof Element && (node.getAttribute('aria-hidden') || node.querySelector('[aria-hidden]'))),
        )
        .map((node) => node.textContent);
      return active?.getAttribute('aria-label') ?? words.join('').trim();
    });

  it('shows the workspace, the directory and the time, and asks nobody else for anything', async () => {
    const context = await browser.newContext({ timezoneId: 'Europe/Berlin' });
    const bare = await context.newPage();
    const asked = new Set<string>();
    bare.on('request', (request) => asked.add(new URL(request.url()).origin));
    await bare.goto(app.url);
    await bare.getByRole('heading', { level: 1, name: 'general' }).waitFor();
    expect([...asked]).toEqual([app.url]);
    await context.close();

    const page = await visit();
    expect(await page.directoryMembers('prod-db-readers')).toEqual(['Dee']);
    expect(await page.directoryMembers('prod-db-writers')).toEqual([]);
    expect(await page.clockTime()).toBe('15:05');
    expect(await page.page.locator('.clock-utc').textContent()).toBe('2026-03-03 14:05 UTC');
  });

  it('takes a request from one line to its approval, each person seeing what is theirs', async () => {
    const page = await visit();
    await page.command(ask);
    const answer = await page.message('Your request for prod-db-read');
    expect(await answer.textContent()).toContain('Only visible to you');

    await page.as('Dee');
    expect(await page.messages()).toEqual([]);
    const channel = page.page.getByRole('button', { name: /^db-access.*1 new$/ });
    await channel.click();
    const card = await page.message('@Ana asks for prod-db-read for 30m');
    expect(await card.textContent()).toContain('INC-42 slow queries');
    await page.clickButton('Approve');

    const decided = await page.message('Approved by');
    expect(await decided.textContent()).toMatch(/Approved by @Dee/);
    await page.message('Granted. @Ana is in prod-db-readers until today at 15:35');
    expect(await page.page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);
    // The button is gone; the focus stays at the message instead of falling off the page.
    expect(await focused(page)).toMatch(/^Latchkey, 15:05/);

    await page.as('Ana');
    await page.open('Latchkey');
    await page.message('You have prod-db-read until today at 15:35');
  });

  it('asks before what can not be undone; Esc is a no', async () => {
    const page = await visit();
    await page.command(ask);
    await page.as('Dee');
    await page.open('#db-access');
    await page.clickButton('Approve');
    await page.message('Granted');
    await page.as('Ana');
    await page.open('Latchkey');
    await page.clickButton('End now');
    expect(await page.modal.getAttribute('aria-labelledby')).not.toBeNull();
    await page.page.keyboard.press('Escape');
    await page.modal.waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('End now');
    await page.clickButton('End now');
    await page.clickButton('End it');
    await page.message('Ended.');
  });

  it('keeps what was typed in a form while the world changes, shows what is wrong, and sends it all', async () => {
    const page = await visit();
    const modal = await page.openModal();
    await modal.getByRole('textbox', { name: 'Reason' }).fill('INC-42');
    await page.pick('Access', 'prod', 'Production database, read');
    // The app updates the view: who will be asked is new, what was typed is still there.
    await modal.getByText('prod-db-read: @Dee or @Cy will be asked in #db-access.').waitFor();
    await app.api('chat.postMessage', { channel: 'C01GENERAL', text: 'something else happens' });
    await app.act('clock', { advance: 15 * 60_000 });
    await page.page.locator('.clock-time', { hasText: '15:20' }).waitFor();
    expect(await modal.getByRole('textbox', { name: 'Reason' }).inputValue()).toBe('INC-42');
    expect(await modal.getByRole('combobox', { name: 'Access' }).inputValue()).toBe('Production database, read');

    await page.clickButton('Send request');
    await modal.getByText('At least 10 characters').waitFor();
    const reason = modal.getByRole('textbox', { name: 'Reason' });
    expect(await reason.getAttribute('aria-invalid')).toBe('true');
    expect(await reason.inputValue()).toBe('INC-42');
    await page.page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');

    await reason.fill('INC-42 slow queries');
    await modal.getByRole('combobox', { name: 'For how long' }).selectOption('1 hour');
    await modal.getByRole('radio', { name: /Now, something is broken/ }).check();
    await page.clickButton('Send request');
    await page.modal.waitFor({ state: 'hidden' });
    expect(app.submitted).toMatchObject([
      {
        access: { access: { selected_option: { value: 'prod-db-read' } } },
        duration: { duration: { selected_option: { value: '1h' } } },
        reason: { reason: { value: 'INC-42 slow queries' } },
        urgency: { urgency: { selected_option: { value: 'now' } } },
      },
    ]);
    await page.open('#db-access');
    await page.message('asks for prod-db-read for 1h');
  });

  it('can be used from the beginning to the end with the keyboard alone', async () => {
    const page = await visit();
    const { keyboard } = page.page;
    await keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the message box');
    await keyboard.press('Enter');
    await keyboard.type('/acc');
    await page.page.getByRole('listbox', { name: 'Commands' }).waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    expect(await page.composer.inputValue()).toBe('/access ');
    await keyboard.press('Escape');
    await keyboard.press('Enter');
    await page.modal.waitFor();

    await keyboard.type('prod');
    await page.modal.getByRole('option', { name: /write/ }).waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    const access = page.modal.getByRole('combobox', { name: 'Access' });
    expect(await access.inputValue()).toBe('Production database, write');
    expect(await access.getAttribute('aria-expanded')).toBe('false');
    // Esc closes the list first, the form only then.
    await keyboard.press('ArrowDown');
    await page.modal.getByRole('option').first().waitFor();
    await keyboard.press('Escape');
    expect(await page.modal.isVisible()).toBe(true);
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.type('INC-42 slow queries');
    for (let step = 0; step < 3; step++) await keyboard.press('Tab');
    expect(await focused(page)).toBe('Send request');
    await keyboard.press('Enter');
    await page.modal.waitFor({ state: 'hidden' });
    expect(await page.page.evaluate(() => document.activeElement?.id)).toBe('composer-input');

    await page.page.getByRole('button', { name: /^You are Ana/ }).focus();
    await keyboard.press('Enter');
    await keyboard.press('d');
    await keyboard.press('Enter');
    await page.page.getByRole('button', { name: /^You are Dee/ }).waitFor();
    expect(await focused(page)).toMatch(/^You are Dee/);

    await page.page
      .getByRole('button', { name: /db-access/ })
      .first()
      .focus();
    await keyboard.press('Enter');
    await page.message('asks for prod-db-write');
    await page.page.getByRole('button', { name: 'Approve', exact: true }).focus();
    await keyboard.press('Enter');
    await page.message('Approved by @Dee');
  });

  it('gives the focus back when a form is closed with Esc', async () => {
    const page = await visit();
    await page.openModal();
    await page.page.keyboard.press('Escape');
    await page.modal.waitFor({ state: 'hidden' });
    expect(await page.page.evaluate(() => document.activeElement?.id)).toBe('composer-input');
  });

  it('brings back what was sent, and keeps a draft per person and conversation', async () => {
    const page = await visit();
    await page.command('/access list');
    await page.message('You have nothing');
    await page.composer.press('ArrowUp');
    expect(await page.composer.inputValue()).toBe('/access list');
    await page.composer.fill('half a thought');
    await page.open('#deploys');
    expect(await page.composer.inputValue()).toBe('');
    await page.as('Ben');
    await page.open('#general');
    expect(await page.composer.inputValue()).toBe('');
    await page.as('Ana');
    expect(await page.composer.inputValue()).toBe('half a thought');
  });

  it('draws hostile text as text', async () => {
    const page = await visit();
    const text = [
      '<img src=x onerror="document.title=1"> &lt;script&gt;alert(1)&lt;/script&gt;',
      '<javascript:alert(1)|press me> <https://example.com/a|a link>',
      '<!channel> and &lt;!channel&gt;',
    ].join('\n');
    await app.api('chat.postMessage', { channel: 'C01GENERAL', text });
    const message = await page.message('press me');
    expect(await message.locator('img, script, [onerror]').count()).toBe(0);
    expect(await message.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
      'https://example.com/a',
    ]);
    expect(await message.locator('a').getAttribute('rel')).toContain('noopener');
    expect(await message.textContent()).toContain('<script>alert(1)</script>');
    // A live @channel is drawn as one, an escaped one is not.
    expect(await message.locator('.mention').allInnerTexts()).toEqual(['@channel']);
    expect(await message.textContent()).toContain('and <!channel>');
  });

  it('shows a change of the directory at once, whoever made it', async () => {
    const page = await visit();
    await page
      .group('prod-db-writers')
      .getByRole('button', { name: /Put somebody into/ })
      .click();
    await page.page.getByRole('menuitem', { name: 'Eli' }).click();
    await page.directoryShows('prod-db-writers', ['Eli']);
    await page.page.locator('#live', { hasText: 'Eli is now in prod-db-writers' }).waitFor();
    await page.page.getByRole('button', { name: 'Take Eli out of prod-db-writers by hand' }).click();
    await page.directoryShows('prod-db-writers', []);
  });

  it('moves the clock, and shows relative days by it', async () => {
    const page = await visit();
    await app.api('chat.postMessage', { channel: 'C01GENERAL', text: 'said on Tuesday' });
    await page.message('said on Tuesday');
    await page.page.getByRole('heading', { name: 'Today' }).waitFor();
    await page.advance('+1 h');
    await page.page.locator('.clock-time', { hasText: '16:05' }).waitFor();
    await page.advance('+1 d');
    await page.page.locator('.clock-date', { hasText: /Wednesday,? 4 March 2026/ }).waitFor();
    await page.page.getByRole('heading', { name: 'Yesterday' }).waitFor();
  });

  it('leads a newcomer through the three steps, and stays away once dismissed', async () => {
    const page = await visit();
    await page.as('Eli');
    await page.page.getByRole('button', { name: /Ask, as Ana/ }).click();
    await page.page.getByRole('button', { name: /^You are Ana/ }).waitFor();
    expect(await page.composer.inputValue()).toBe(ask);
    await page.composer.press('Enter');
    await page.message('Your request for prod-db-read');
    await page.page.getByRole('button', { name: /Approve, as Dee/ }).click();
    await page.message('@Ana asks for');
    expect(await focused(page)).toBe('Approve');
    await page.page.keyboard.press('Enter');
    await page.message('Approved by');
    await page.page.getByRole('button', { name: /Move the clock on 1\sh/ }).click();
    await page.page.getByRole('heading', { name: 'That was one whole request' }).waitFor();
    await page.page.getByRole('button', { name: /Dismiss/ }).click();
    await page.page.reload();
    await page.page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.page.getByRole('heading', { name: 'Try this' }).isVisible()).toBe(false);
    await page.page.getByRole('button', { name: /Show .Try this. again/ }).click();
    await page.page.getByRole('heading', { name: 'Try this' }).waitFor();
  });

  it('marks what is new, and nothing else', async () => {
    const page = await visit();
    await app.api('chat.postMessage', { channel: 'C01GENERAL', text: 'first' });
    const { ts } = await app.api('chat.postMessage', { channel: 'C01GENERAL', text: 'second' });
    await app.api('chat.postMessage', { channel: 'C01GENERAL', text: 'a reply', thread_ts: ts });
    await page.message('a reply');
    await page.page.reload();
    await page.message('a reply');
    const marked = () => page.page.locator('.messages > .is-new').count();
    expect(await marked()).toBe(0);
    await page.page.getByRole('button', { name: '1 reply' }).click();
    await page.page.getByRole('button', { name: '1 reply', expanded: false }).waitFor();
    expect(await focused(page)).toMatch(/^1 reply/);
    expect(await marked()).toBe(0);
    // Slack takes one message a second and channel; the workspace's second is the clock's.
    app.clock.advance(5_000);
    await app.api('chat.postMessage', { channel: 'C01GENERAL', text: 'another *reply*', thread_ts: ts });
    // A closed thread says how many there are; who listens hears the words.
    await page.page.locator('#live', { hasText: 'Latchkey: another reply' }).waitFor();
    await page.page.getByRole('button', { name: '2 replies', expanded: false }).waitFor();
    await app.api('chat.update', { channel: 'C01GENERAL', ts, text: 'second, edited' });
    await page.message('second, edited');
    expect(await marked()).toBe(1);
  });

  it('leaves the reader alone who reads further up, and says that there is more', async () => {
    const page = await visit({ viewport: { width: 1360, height: 500 } });
    for (let line = 1; line <= 30; line++) {
      await page.command(`line ${line}`);
      await page.message(new RegExp(`line ${line}$`));
    }
    const log = page.page.getByRole('region', { name: 'Messages' });
    await log.evaluate((element) => element.scrollTo({ top: 0 }));
    await page.page.waitForFunction(() => document.querySelector('.log')?.scrollTop === 0);
    await app.api('chat.postMessage', { channel: 'C01GENERAL', text: 'news' });
    await page.page.getByRole('button', { name: /New messages/ }).waitFor();
    expect(await log.evaluate((element) => element.scrollTop)).toBe(0);
    await page.page.getByRole('button', { name: /New messages/ }).click();
    await page.page.getByRole('button', { name: /New messages/ }).waitFor({ state: 'hidden' });
  });

  it('tells what Slack tells when the app does not answer', async () => {
    app.playground.setRequestUrl('http://127.0.0.1:9/slack/events');
    const page = await visit();
    await page.command('/access list');
    await page.message(/\/access failed with the error .dispatch_failed/);
  });

  it('fits a phone of 360 pixels: columns become drawers', async () => {
    const page = await visit({ viewport: { width: 360, height: 740 } });
    const wide = () => page.page.evaluate(() => document.documentElement.scrollWidth);
    expect(await wide()).toBe(360);
    const panel = page.page.getByRole('complementary', { name: 'Clock, pipelines and directory' });
    expect(await panel.isVisible()).toBe(false);
    await page.page.getByRole('button', { name: 'Clock, pipelines and directory' }).click();
    expect(await panel.isVisible()).toBe(true);
    expect(await focused(page)).toMatch(/^\+1 min/);
    await page.page.keyboard.press('Escape');
    expect(await panel.isVisible()).toBe(false);
    expect(await focused(page)).toBe('Clock, pipelines and directory');
    await page.page.getByRole('button', { name: 'Conversations' }).click();
    await page.open('#deploys');
    expect(await page.page.getByRole('navigation', { name: 'Conversations' }).isVisible()).toBe(false);
    await page.openModal();
    expect(await wide()).toBe(360);
    expect((await page.modal.boundingBox())?.width).toBeLessThanOrEqual(360);
  });
});
