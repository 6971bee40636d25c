import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { ActionToRun } from '../../../src/playground/pipelines/actions.ts';
import { chromiumOrSkip, launchBrowser, openPlayground, type PlaygroundPage } from '../../support/browser.ts';
import { AUDIENCE, anAction, named, type ScriptedProduct, shown, startScriptedProduct } from '../scripted-product.ts';
import { type ScriptedApp, startScriptedApp } from './scripted-app.ts';

const APPROVED = [{ need: 1, approvers: ['group:release'], approved_by: ['gus@example.com'] }];

/** The page for itself: what the product would answer is scripted. The product behind the same page: newcomer.test.ts. */
chromiumOrSkip('the pipelines of the playground’s page', () => {
  let browser: Browser;
  let app: ScriptedApp;
  let product: ScriptedProduct;
  let page: PlaygroundPage | undefined;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    app = await startScriptedApp();
    product = await startScriptedProduct(app.playground.keys, app.clock.now);
  });
  afterEach(async () => {
    expect(page?.errors ?? []).toEqual([]);
    await page?.close();
    page = undefined;
    await app.stop();
    await product.stop();
  });

  const serve = (...actions: readonly ActionToRun[]) =>
    app.playground.servePipelines({ url: product.url, audience: AUDIENCE, actions: () => named(...actions) });
  const visit = async (options: BrowserContextOptions = {}) => {
    page = await openPlayground(browser, app.url, options);
    return page;
  };

  it('are not there while the policies have no action', async () => {
    const { page } = await visit();
    expect(await page.getByRole('heading', { name: 'Pipelines' }).isVisible()).toBe(false);
    serve(anAction());
    await page.getByRole('heading', { name: 'Pipelines' }).waitFor();
  });

  it('run with the keyboard alone, and their log says what came of it', async () => {
    serve(anAction());
    product.answers([201, shown('pending')]);
    const { page } = await visit();
    const keys = page.keyboard;
    await page.getByRole('button', { name: '+1 d:' }).focus();
    await keys.press('Tab');
    await keys.press('Enter');
    await page.getByRole('button', { name: 'Run pipeline' }).waitFor();
    await keys.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('pipeline-action');
    await keys.press('Tab');
    await keys.press('End');
    await keys.press('Backspace');
    await keys.type('0');
    await keys.press('Enter');
    const run = page.locator('[data-run="1"]');
    await run.getByText('Waiting for 1 of group:release.').waitFor();
    expect(await run.locator('.run-state').textContent()).toBe('waiting');
    expect(product.asked[0]?.body).toEqual({
      parameters: { sha: '4f2a9c1e0b7d6a5f4e3d2c1b0a9f8e7d6c5b4a30', environment: 'production' },
    });
    expect(product.asked[0]?.token.actor).toBe('ana');

    product.answers([200, shown('approved', { steps: APPROVED })], [200, shown('used')]);
    await run.getByText('Go ahead, once.').waitFor();
    await page.waitForFunction(() => document.querySelector('.run-state')?.textContent === 'go ahead');
    // What was written stays for the next run.
    expect(await page.getByLabel('Commit').inputValue()).toMatch(/a30$/);
  });

  it('show a refusal as the product words it', async () => {
    serve(anAction());
    product.answers([422, { code: 'invalid-field', detail: 'Commit (`sha`) is <b>required</b>.' }]);
    const { page } = await visit();
    await page.getByRole('heading', { name: 'Pipelines' }).click();
    await page.getByLabel('Commit').fill('');
    await page.getByRole('button', { name: 'Run pipeline' }).click();
    const run = page.locator('[data-run="1"]');
    await run.getByText('Refused (invalid-field): Commit (`sha`) is <b>required</b>.').waitFor();
    await page.waitForFunction(() => document.querySelector('.run-state')?.textContent === 'stopped');
    expect(product.asked[0]?.body).toEqual({ parameters: { environment: 'production' } });
  });

  it('can be cancelled, and leave the focus where it was', async () => {
    serve(anAction());
    product.answers([201, shown('pending')]);
    const { page } = await visit();
    await page.getByRole('heading', { name: 'Pipelines' }).click();
    await page.getByRole('button', { name: 'Run pipeline' }).click();
    const run = page.locator('[data-run="1"]');
    await run.getByText('Waiting for 1 of group:release.').waitFor();
    // It may look again before the button is pressed.
    product.answers((call) => [200, shown(call.endsWith('/cancel') ? 'cancelled' : 'pending')]);
    await run.getByRole('button', { name: 'Cancel run 1' }).focus();
    await page.keyboard.press('Enter');
    await run.getByText('Withdrawn: nobody can approve it any more.').waitFor();
    await page.waitForFunction(() => document.activeElement?.className === 'run-head');
    expect(await run.getByRole('button').count()).toBe(0);
  });

  it('cannot be a caller that has an API key, and say so', async () => {
    serve(
      anAction(),
      anAction({ name: 'delete-data', title: 'Delete', callers: [{ kind: 'api-key', name: 'jenkins' }] }),
    );
    const { page } = await visit();
    await page.getByRole('heading', { name: 'Pipelines' }).click();
    await page.getByLabel('Action').selectOption('delete-data');
    await page.getByText('Its callers have API keys (“jenkins”)').waitFor();
    expect(await page.getByRole('button', { name: 'Run pipeline' }).count()).toBe(0);
    await page.getByLabel('Action').selectOption('deploy-production');
    await page.getByRole('button', { name: 'Run pipeline' }).waitFor();
  });

  it('fit a phone of 360 pixels', async () => {
    serve(anAction());
    product.answers([201, shown('pending')]);
    const { page } = await visit({ viewport: { width: 360, height: 740 } });
    await page.getByRole('button', { name: 'Clock, pipelines and directory' }).click();
    await page.getByRole('heading', { name: 'Pipelines' }).click();
    await page.getByRole('button', { name: 'Run pipeline' }).click();
    await page.locator('[data-run="1"]').getByText('Waiting for 1 of group:release.').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(await page.locator('#panel').evaluate((panel) => panel.scrollWidth <= panel.clientWidth)).toBe(true);
  });
});
