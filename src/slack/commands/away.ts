import type { Away, Handed } from '../../app/away.ts';
import { refused } from '../answers.ts';
import type { Rendered } from '../blocks.ts';
import { escaped } from '../escape.ts';
import { mention, when } from '../words.ts';

/** The answer to `/access away until … delegate …`. */
export function handedAnswer(handed: Handed): Rendered | undefined {
  if (handed.kind === 'refused') return refused(handed.refusal);
  // Done: both people are told in direct messages, which a lost answer does not undo.
  if (handed.kind === 'replayed' || !handed.delegation) return undefined;
  const { delegate, until } = handed.delegation;
  return { text: `${mention(delegate.slack)} votes for you until ${when(until)}. I tell both of you.` };
}

/** The answer to `/access away off`. */
export function backAnswer(handed: Handed): Rendered | undefined {
  if (handed.kind === 'refused') return refused(handed.refusal);
  if (handed.kind === 'replayed' || !handed.delegation) return undefined;
  const { delegate } = handed.delegation;
  return { text: `Welcome back. ${mention(delegate.slack)} does not vote for you any more.` };
}

/** The answer to `/access away`. */
export function awayAnswer(away: Away): Rendered {
  if (away.kind === 'unknown-person') return { text: escaped(away.sentence) };
  const { mine, others } = away;
  const lines = [
    mine
      ? `${mention(mine.delegate.slack)} votes for you until ${when(mine.until)}. \`/access away off\` ends it.`
      : 'You vote for yourself. `/access away for 3d delegate @ben` hands your votes to somebody.',
    ...others.map(({ delegator, until }) => `• You vote for ${mention(delegator.slack)} until ${when(until)}.`),
  ];
  return { text: lines.join('\n') };
}
