import { isObject } from './block-kit/checks.ts';

const MENTION = /<(?:!(channel|here|everyone)|@([UW][A-Z0-9_]*)|!subteam\^(S[A-Z0-9_]*))(?:\|[^>]*)?>/g;

/** With `parse=full` or `link_names` bare names work too, so that text nobody escaped pings. */
const BARE = /(?<![\w<])@(channel|here|everyone)\b/g;

const inMarkup = (text: string, parseNames: boolean): string[] => [
  ...[...text.matchAll(MENTION)].map((match) => match[1] ?? match[2] ?? match[3] ?? ''),
  ...(parseNames ? [...text.matchAll(BARE)].map((match) => match[1] ?? '') : []),
];

const inObject = (value: unknown, parseNames: boolean): string[] => {
  if (Array.isArray(value)) return value.flatMap((each) => inObject(each, parseNames));
  if (!isObject(value)) return [];
  if (value.type === 'mrkdwn' || value.type === 'markdown') return inMarkup(String(value.text ?? ''), parseNames);
  // NB. plain_text objects ping nobody: that is what makes them safe for hostile text.
  if (value.type === 'plain_text') return [];
  if (value.type === 'broadcast') return [String(value.range)];
  if (value.type === 'user' && typeof value.user_id === 'string') return [value.user_id];
  if (value.type === 'usergroup' && typeof value.usergroup_id === 'string') return [value.usergroup_id];
  return Object.values(value).flatMap((each) => inObject(each, parseNames));
};

/**
 * Who a message would notify, each once: `channel`, `here`, `everyone`, user ids, user group ids. Text and blocks both
 * count, whichever of them Slack would show, so that hostile text is caught in either.
 */
export const notificationsOf = (
  text: string,
  blocks: readonly unknown[],
  options: { mrkdwn?: boolean; parseNames?: boolean } = {},
): string[] => {
  const parseNames = options.parseNames ?? false;
  const fromText = options.mrkdwn === false ? [] : inMarkup(text, parseNames);
  return [...new Set([...fromText, ...inObject(blocks, parseNames)])];
};
