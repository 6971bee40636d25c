import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { chromiumOrSkip, launchBrowser, openPlayground, type PlaygroundPage } from '../../support/browser.ts';
import { AUDIENCE, anAction, named, type ScriptedProduct, shown, startScriptedProduct } from '../scripted-product.ts';
import { type ScriptedApp, startScriptedApp } from './scripted-app.ts';

interface AxeResults {
  violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  passes: unknown[];
}

/** axe-core reads the page for faults against WCAG 2.2 A and AA; colour contrast is one of its rules. */
chromiumOrSkip('the playground for people who see, hear or press differently', () => {
  let browser: Browser;
  let app: ScriptedApp;
  let product: ScriptedProduct;
  let axe: string;
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    browser = await launchBrowser();
    app = await startScriptedApp();
    product = await startScriptedProduct(app.playground.keys, app.clock.now);
    const actions = named(anAction());
    app.playground.servePipelines({ url: product.url, audience: AUDIENCE, actions: () => actions });
    const page = await openPlayground(browser, app.url);
    await page.command('/access prod-db-read 30m INC-42 slow queries');
    await page.message('Your request');
    await page.open('#db-access');
    await page.command('Reply with `code`, *bold* and https://example.com/');
    await app.api('chat.postMessage', {
      channel: 'C02DBACCESS',
      text: 'All at once',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'A header' } },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: '<!here> <@U01ANA> <@U01DEE> `code` ```fence``` &gt; quote' },
        },
        { type: 'divider' },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: 'Pick one' },
          accessory: {
            type: 'static_select',
            action_id: 'one',
            options: [{ text: { type: 'plain_text', text: 'One' }, value: '1' }],
          },
        },
      ],
    });
    await page.close();
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
    await product.stop();
  });

  const faults = async (page: PlaygroundPage) => {
    await page.page.addScriptTag({ content: axe });
    // Colours are judged as they stand, not halfway through a highlight.
    await page.page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
    const results = (await page.page.evaluate(() =>
      (globalThis as unknown as { axe: { run(options: unknown): Promise<unknown> } }).axe.run({
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      }),
    )) as AxeResults;
    expect(results.passes.length).toBeGreaterThan(10);
    return results.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => `${node.html} ${node.failureSummary}`) }));
  };

  const looks: [string, BrowserContextOptions][] = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['at 360 pixels', { viewport: { width: 360, height: 740 } }],
  ];
  const situations: [string, (page: PlaygroundPage, narrow: boolean) => Promise<void>][] = [
    ['as it opens', async () => {}],
    [
      'a conversation with everything in it',
      async (page, narrow) => {
        if (narrow) await page.page.getByRole('button', { name: 'Conversations' }).click();
        await page.open('#db-access');
        await page.message('A header');
      },
    ],
    [
      'a form with a mistake and an open list',
      async (page) => {
        const modal = await page.openModal();
        await modal.getByRole('textbox', { name: 'Reason' }).fill('short');
        await page.pick('Access', 'prod', 'read');
        await page.clickButton('Send request');
        await modal.getByText('At least 10 characters').waitFor();
        await modal.getByRole('combobox', { name: 'Access' }).click();
        await modal.getByRole('option').first().waitFor();
      },
    ],
    ['the menu of people', async (page) => void (await page.page.getByRole('button', { name: /^You are/ }).click())],
    [
      'the commands, and the side column',
      async (page, narrow) => {
        if (narrow) await page.page.getByRole('button', { name: 'Clock, pipelines and directory' }).click();
        else await page.composer.pressSequentially('/');
      },
    ],
    [
      'a pipeline that was denied, and one that goes ahead',
      async ({ page }, narrow) => {
        product.answers([201, shown('denied')], [201, shown('approved')], [200, shown('used')]);
        if (narrow) await page.getByRole('button', { name: 'Clock, pipelines and directory' }).click();
        await page.getByRole('heading', { name: 'Pipelines' }).click();
        for (const end of ['Stopped:', 'Go ahead, once.']) {
          await page.getByRole('button', { name: 'Run pipeline' }).click();
          await page.locator('.run').first().getByText(end).waitFor();
        }
      },
    ],
  ];

  describe.each(looks)('%s', (_look, options) => {
    it.each(situations)('has no serious fault: %s', async (_situation, reach) => {
      // The page's own policy would stop axe from being added; only here it is lifted.
      const page = await openPlayground(browser, app.url, { bypassCSP: true, ...options });
      await page.as('Cy');
      await reach(page, options.viewport != null);
      expect(await faults(page)).toEqual([]);
      if (await page.modal.count()) await page.modal.getByRole('button', { name: 'Close' }).click();
      await page.modal.waitFor({ state: 'hidden' });
      await page.close();
    });
  });

  it('does not move for those who asked for less motion', async () => {
    const page = await openPlayground(browser, app.url, { reducedMotion: 'reduce' });
    await page.command('hello');
    await page.message('hello');
    const running = await page.page.evaluate(() => document.getAnimations().length);
    expect(running).toBe(0);
    await page.close();
  });
});
