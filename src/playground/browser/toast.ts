import { h } from './dom.ts';
import type { Done } from './wire.ts';

/** Milliseconds a problem stays on screen: long enough to read two sentences. */
const shown = 8000;

/** Says what went wrong, over everything else, to everybody (the region is an alert). */
export function complain(answer: Done): void {
  if (answer.ok || answer.problem === undefined) return;
  const region = document.querySelector('#toasts');
  const toast = h('p', { class: 'toast' }, answer.problem);
  region?.append(toast);
  setTimeout(() => toast.remove(), shown);
}

/** Says something to screen readers only, when they have a moment. */
export function announce(text: string): void {
  const region = document.querySelector('#live');
  if (!region) return;
  const line = h('p', {}, text);
  region.append(line);
  while (region.childElementCount > 5) region.firstElementChild?.remove();
}
