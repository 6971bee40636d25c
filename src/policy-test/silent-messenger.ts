import type { Messenger, Posted } from '../app/ports/messenger.ts';

/** Slack of a timeline: it takes every message and shows it to nobody. */
export class SilentMessenger implements Messenger {
  #posted = 0;

  async post(): Promise<Posted> {
    this.#posted += 1;
    return { channel: 'C0TIMELINE', ts: `${this.#posted}.000000`, shown: '' };
  }

  async update(): Promise<string> {
    return '';
  }
}
