import { h, icon } from './dom.ts';
import type { Person } from './wire.ts';

/** Initials on a colour of one's own; the app has its key. Decorative: the name always stands beside it. */
export function avatar(person: Pick<Person, 'id' | 'name' | 'bot'> | undefined): HTMLElement {
  if (!person) return h('span', { class: 'avatar tone-0', 'aria-hidden': 'true' }, 'i');
  if (person.bot) return h('span', { class: 'avatar avatar-app', 'aria-hidden': 'true' }, icon('key'));
  return h('span', { class: `avatar tone-${tone(person.id)}`, 'aria-hidden': 'true' }, initials(person.name));
}

export const initials = (name: string): string =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase() ?? '')
    .join('');

/** One of six colours, the same for the same person every time. */
export const tone = (id: string): number => {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return 1 + (sum % 6);
};
