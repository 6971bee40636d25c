import { accessSync, constants } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { describeUnless } from './left-out.ts';

/** A real Chromium for tests, and the playground as a person uses it: by names, labels and the keyboard. */

/** Where Chromium is: `CHROMIUM_PATH`, else where Debian's package puts it. */
const executable = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Why the browser's tests can not run here; undefined if they can. */
const chromiumMissing: string | undefined = (() => {
  try {
    accessSync(executable, constants.X_OK);
    return undefined;
  } catch {
    return `no Chromium at ${executable} (install it, or set CHROMIUM_PATH)`;
  }
})();

/** `describe` where there is a Chromium; elsewhere the suite is reported as left out, with the reason. */
export const chromiumOrSkip = (name: string, suite: () => void): void => describeUnless(chromiumMissing, name, suite);

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executable,
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** A new window of its own (no shared storage) with the playground in it, connected and drawn. */
export async function openPlayground(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<PlaygroundPage> {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    ...options,
  });
  // Reached only when something is wrong.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const playground = new PlaygroundPage(page);
  page.on('pageerror', (error) => playground.errors.push(error.message));
  page.on('console', (message) => {
    // A refused request (409) is told to the person; Chromium writes it to the console as well.
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) {
      playground.errors.push(message.text());
    }
  });
  await page.goto(`${url}/`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return playground;
}

export type Step = '+1 min' | '+15 min' | '+1 h' | '+1 d';

export class PlaygroundPage {
  readonly page: Page;
  /** What the page's scripts complained about. A test that leaves one behind should fail. */
  readonly errors: string[] = [];

  constructor(page: Page) {
    this.page = page;
  }

  /** Become somebody: `Dee`. */
  async as(name: string): Promise<void> {
    const button = this.page.getByRole('button', { name: /^You are / });
    if (await this.you(name).count()) return;
    await button.click();
    await this.page.getByRole('menuitemradio', { name: new RegExp(`${name}\\b`) }).click();
    await this.you(name).waitFor();
  }

  /** The switch "You are", while one is this person. */
  you(name: string): Locator {
    return this.page.getByRole('button', { name: new RegExp(`^You are ${name}\\b`) });
  }

  /** Shows a channel (`#db-access`) or a direct message (`Latchkey`). */
  async open(name: string): Promise<void> {
    const words = name.replace(/^#/, '');
    await this.page
      .getByRole('navigation', { name: 'Conversations' })
      .getByRole('button', { name: new RegExp(`^#?\\s*${words}\\b`, 'i') })
      .click();
    await this.page.getByRole('heading', { level: 1, name: words }).waitFor();
  }

  get composer(): Locator {
    return this.page.getByRole('combobox', { name: /^Message / });
  }

  /** Types a line into the composer and sends it. */
  async command(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Presses a button of the open modal, or of the newest message that has it, as soon as there is one. */
  async clickButton(label: string): Promise<void> {
    const within = (scope: Locator) => scope.getByRole('button', { name: label, exact: true }).last();
    const [modal, message] = [
      within(this.modal.last()),
      within(this.page.getByRole('region', { name: 'Messages' })),
    ] as const;
    await modal.or(message).first().waitFor();
    await ((await modal.count()) > 0 ? modal : message).click();
  }

  /** The open modals and questions; the topmost last. */
  get modal(): Locator {
    return this.page.getByRole('dialog');
  }

  /** Runs `/access` and waits for the form. */
  async openModal(command = '/access'): Promise<Locator> {
    await this.command(command);
    await this.modal.waitFor();
    return this.modal;
  }

  /** Types into a search field of the modal and takes the first choice that has `choice` in its words. */
  async pick(label: string, query: string, choice: string): Promise<void> {
    await this.modal.getByRole('combobox', { name: label }).fill(query);
    await this.modal.getByRole('option', { name: choice }).first().click();
  }

  /** Every message on screen, oldest first, as its text; thread replies too. */
  async messages(): Promise<string[]> {
    const texts = await this.page.locator('.message-body').allInnerTexts();
    return texts.map((text) => text.trim());
  }

  /** Waits for a message with these words and gives its element. */
  async message(words: string | RegExp): Promise<Locator> {
    const found = this.page.getByRole('article').filter({ hasText: words }).last();
    await found.waitFor();
    return found;
  }

  /** Who is in a group of the directory now, by name, in the directory's order. */
  async directoryMembers(group: string): Promise<string[]> {
    return this.group(group).locator('.member:not(.is-leaving) .member-name').allInnerTexts();
  }

  /** Waits until the group has exactly these members, in any order. */
  async directoryShows(group: string, names: readonly string[]): Promise<void> {
    await this.page.waitForFunction(
      ([wanted, expected]) => {
        const root = document.querySelector(`[data-group="${wanted}"]`);
        const shown = [...(root?.querySelectorAll('.member:not(.is-leaving) .member-name') ?? [])];
        return (
          shown
            .map((node) => node.textContent)
            .sort()
            .join() === expected
        );
      },
      [group, [...names].sort().join()] as const,
    );
  }

  group(name: string): Locator {
    return this.page.locator(`[data-group="${name}"]`);
  }

  /** Moves the clock with its button and waits until the page shows the new time. */
  async advance(step: Step): Promise<void> {
    const answered = this.page.waitForResponse((response) => response.url().endsWith('/playground/clock'));
    await this.page.getByRole('button', { name: `${step}: ` }).click();
    await answered;
  }

  /** What the clock shows, `15:05`. */
  async clockTime(): Promise<string> {
    return (await this.page.locator('.clock-time').textContent()) ?? '';
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
