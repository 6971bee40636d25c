import { messageProblems } from '../../../src/playground/slack/block-kit/index.ts';
import { notificationsOf } from '../../../src/playground/slack/mentions.ts';
import type { Rendered } from '../../../src/slack/blocks.ts';
import { mention, when } from '../../../src/slack/words.ts';
import { CAST, MOMENTS } from './views.ts';

/** Fields and their texts that Slack reads as mrkdwn: what is neither plain text nor rich text. */
export function markup(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(markup);
  const part = value as Record<string, unknown>;
  if (part.type === 'rich_text' || part.type === 'plain_text') return [];
  if (part.type === 'mrkdwn') return [String(part.text)];
  return Object.values(part).flatMap(markup);
}

/** Every text in it, whatever Slack takes it for. */
export function everyText(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(everyText) : [];
}

/** `approve=req_1`: the buttons with what they carry. */
export function buttons({ blocks = [] }: Rendered): string[] {
  return blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((element) => {
          if (element.type !== 'button') throw new Error(`no button: ${element.type}`);
          return `${element.action_id}=${element.value}`;
        })
      : [],
  );
}

/** What is left of a text without the tags that we write ourselves. An angle bracket in it is somebody else's. */
export function withoutOurTags(text: string, more: readonly string[] = []): string {
  const ours = [...CAST.map(mention), ...MOMENTS.map(when), ...more];
  return ours.reduce((rest, tag) => rest.replaceAll(tag, ''), text);
}

/** What is wrong with a message: what Slack would refuse, who would be pinged, what was not escaped. */
export function problemsOf({ text, blocks = [] }: Rendered, more: readonly string[] = []): string[] {
  const markups = [text, ...markup(blocks)].map((each) => withoutOurTags(each, more));
  const known = [...CAST, ...more.map((tag) => tag.slice(2, -1))];
  return [
    ...messageProblems(blocks),
    ...(text.length > 40_000 ? ['the text is too long'] : []),
    // Whole sentences on one line, for notifications and screen readers; never the mere name of a thing.
    ...(/^\S.* .*\.$/u.test(text) ? [] : ['the text is no sentence']),
    ...markups.filter((rest) => /[<>]/.test(rest)).map((rest) => `not escaped: ${rest}`),
    ...markups.filter((rest) => /&(?!(?:amp|lt|gt);)/.test(rest)).map((rest) => `a bare ampersand: ${rest}`),
    ...everyText([text, blocks]).filter((each) => /[\u202a-\u202e\u2066-\u2069]/.test(each)),
    ...notificationsOf(text, blocks).flatMap((who) => (known.includes(who) ? [] : [`pings ${who}`])),
  ];
}

/** Words as hostile as we could think of; `limit` cuts them to what fits into their place. */
export const HOSTILE: readonly (readonly [string, string])[] = [
  ['mentions of everybody', '<!channel> <!here|here> <!everyone> @channel <@U0EVIL> <!subteam^S0EVIL> <#C0EVIL>'],
  ['a forged link', '<https://evil|click> <mailto:a@evil|b> https://evil'],
  ['a forged moment', '<!date^0^{date} {time}^https://evil|now>'],
  ['entities, escaped once and twice', '&lt;!channel&gt; &amp;lt;!channel&amp;gt; &#60;!here&#62; <&lt;!here>'],
  ['line breaks of every kind', 'a\nb\r\nc\vd\fe\u0085f\u2028g\u2029h\n\n\n*Approved by* <@U0EVIL>'],
  ['two thousand emoji', '😀'.repeat(2_000)],
  ['two thousand of what grows most when escaped', '&'.repeat(2_000)],
  ['a turned reading direction', '\u202eevorppa\u202c \u2066x\u2069 \u200f'],
  ['backticks', '``` `a` `` ` <!channel> ```<!here>```'],
  ['formatting', '*b* _i_ ~s~ *_~`x`~_* > q'],
  ['control characters', '\u0000\u0001\u001b[31m\u0007\u007f\u009f\t'],
  ['nothing but blanks', ' \t\n '],
  ['halves of surrogate pairs', '\ud83d \ude00 <\ud83d!channel>'],
];
