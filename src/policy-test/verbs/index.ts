import { didYouMean } from '../../policy/nearest.ts';
import type { Actor, Names } from '../grammar/names.ts';
import { NotUnderstood, type Words } from '../grammar/words.ts';
import { approves } from './approves.ts';
import { calling } from './calling.ts';
import { denies } from './denies.ts';
import { ends } from './ends.ts';
import { extending } from './extends.ts';
import { isAway } from './is-away.ts';
import { isBack } from './is-back.ts';
import { isIdle } from './is-idle.ts';
import { requests } from './requests.ts';
import { reviews } from './reviews.ts';
import { takes } from './takes.ts';
import { using } from './using.ts';
import type { Act, CallersVerb, Verb } from './verb.ts';
import { withdrawing } from './withdrawing.ts';
import { withdraws } from './withdraws.ts';

export type { Act, CallersVerb, Done, Verb } from './verb.ts';

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

/** What callers of actions can do. */
export const CALLERS_VERBS: readonly CallersVerb[] = [calling, using, withdrawing];

interface Reading {
  usage: string;
  read(words: Words, names: Names): Act;
}

/** Takes the verb of somebody, the longest that fits. @throws NotUnderstood */
export function readVerb(words: Words, { kind, who }: Actor): Reading {
  if (kind === 'person') {
    const verb = take(words, VERBS, CALLERS_VERBS, 'people');
    return { usage: verb.usage, read: (rest, names) => verb.read(rest, who, names) };
  }
  const verb = take(words, CALLERS_VERBS, VERBS, 'callers of actions');
  return { usage: verb.usage, read: (rest, names) => verb.read(rest, who, names) };
}

type Named = Pick<Verb, 'word'>;

function take<One extends Named>(words: Words, verbs: readonly One[], others: readonly Named[], whose: string): One {
  const first = words.take(`what is done: ${verbs.map(({ word }) => word).join(', ')}`);
  const candidates = verbs.filter(({ word }) => word.split(' ')[0] === first);
  for (const verb of candidates) {
    const [, ...rest] = verb.word.split(' ');
    const [second] = rest;
    if (second === undefined || words.takeIf(second)) return verb;
  }
  const all = verbs.map(({ word }) => word);
  const said = candidates.length > 0 && words.peek !== undefined ? `${first} ${words.peek}` : first;
  if (others.some(({ word }) => word.split(' ')[0] === first))
    throw new NotUnderstood(`\`${first}\` is nothing that ${whose} do. What they do: ${all.join(', ')}.`);
  const near = didYouMean(said, all);
  throw new NotUnderstood(`Nobody can do \`${said}\`.${near === '' ? ` The verbs are: ${all.join(', ')}.` : near}`);
}
