import { formatDuration } from '../domain/duration.ts';
import { between, epochMs, type Instant } from '../domain/instant.ts';
import type { Vote } from '../domain/request.ts';
import { code, escaped, shorten } from './escape.ts';

/** A moment in the reader's own time zone; UTC where Slack cannot show it (notifications, exports). */
export function when(instant: Instant): string {
  return `<!date^${Math.floor(epochMs(instant) / 1000)}^{date_short_pretty} {time}|${utc(instant)}>`;
}

/** `2026-03-03 09:00 UTC`: for text that Slack does not format. */
export const utc = (instant: Instant): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;

export const mention = (slack: string): string => `<@${slack}>`;

/** A person, as a mention where we know their Slack user. */
export function person(email: string | undefined, slackIds: ReadonlyMap<string, string>): string {
  if (email === undefined) return 'nobody';
  const slack = slackIds.get(email);
  if (slack !== undefined) return mention(slack);
  if (email.startsWith('policy:')) return `the policy ${code(email.slice('policy:'.length))}`;
  if (/^(oidc|api-key):/.test(email)) return `the caller ${code(shorten(email, 300))}`;
  return email === 'latchkey' ? 'Latchkey' : escaped(email);
}

/** Who cast a vote, and for whom: `@ben (for @ana)`. */
export function voterName({ voter, onBehalfOf }: Vote, slackIds: ReadonlyMap<string, string>): string {
  const who = person(voter, slackIds);
  return onBehalfOf === undefined ? who : `${who} (for ${person(onBehalfOf, slackIds)})`;
}

/** The beginning of a sentence as its middle. NB. the first letter alone: dates and names behind it stay what they are. */
export const withinSentence = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;

/** `group:dba` → `group dba`, `manager` → `the requester’s manager`. */
export function principal(text: string): string {
  if (text === 'manager') return 'the requester’s manager';
  if (text === 'owner') return 'the target’s owner';
  if (text === 'everyone') return 'everyone';
  const [kind, name = ''] = text.split(/:(.*)/s);
  return kind === 'group' ? `group ${code(name)}` : escaped(name);
}

/** Of many, the first few: a message is no address book. With `or` where any of them will do. */
export function principals(texts: readonly string[], word: 'and' | 'or' = 'and'): string {
  return firstOf(texts.map(principal), 8, word);
}

/** `a, b and 3 more` */
export function firstOf(items: readonly string[], most: number, word: 'and' | 'or' = 'and'): string {
  if (items.length <= most) return list(items, word);
  return list([...items.slice(0, most), `${items.length - most} more`], word);
}

/** Time left, `30m left`, in steps a person cares about: exact under an hour, minutes above. */
export function left(now: Instant, end: Instant): string {
  const ms = between(now, end);
  if (ms <= 0) return 'due now';
  return `${formatDuration(ms < 60_000 ? ms : Math.floor(ms / 60_000) * 60_000)} left`;
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `a, b and c` */
export function list(items: readonly string[], word: 'and' | 'or' = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}
