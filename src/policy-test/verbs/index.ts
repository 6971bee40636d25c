import { didYouMean } from '../../policy/nearest.ts';
import { NotUnderstood, type Words } from '../grammar/words.ts';
import { approves } from './approves.ts';
import { denies } from './denies.ts';
import { ends } from './ends.ts';
import { extending } from './extends.ts';
import { isAway } from './is-away.ts';
import { isBack } from './is-back.ts';
import { isIdle } from './is-idle.ts';
import { requests } from './requests.ts';
import { reviews } from './reviews.ts';
import { takes } from './takes.ts';
import type { Verb } from './verb.ts';
import { withdraws } from './withdraws.ts';

export type { Act, Done, Verb } from './verb.ts';

/** What people can do in a timeline, in the order in which the documentation lists it. */
export const VERBS: readonly Verb[] = [
  requests,
  takes,
  approves,
  denies,
  extending,
  withdraws,
  ends,
  reviews,
  isAway,
  isBack,
  isIdle,
];

/** Takes the verb, the longest that fits. @throws NotUnderstood */
export function readVerb(words: Words): Verb {
  const first = words.take(`what is done: ${VERBS.map(({ word }) => word).join(', ')}`);
  const candidates = VERBS.filter(({ word }) => word.split(' ')[0] === first);
  for (const verb of candidates) {
    const [, ...rest] = verb.word.split(' ');
    const [second] = rest;
    if (second === undefined || words.takeIf(second)) return verb;
  }
  const all = VERBS.map(({ word }) => word);
  const said = candidates.length > 0 && words.peek !== undefined ? `${first} ${words.peek}` : first;
  const near = didYouMean(said, all);
  throw new NotUnderstood(`Nobody can do \`${said}\`.${near === '' ? ` The verbs are: ${all.join(', ')}.` : near}`);
}
