import { boolean, type Check, integer, list, object, oneOf, required, string, tagged } from './checks.ts';

const style: Check = object({ bold: boolean, italic: boolean, strike: boolean, code: boolean, underline: boolean });
const type = string(255);
const id = required(string(255));

const inline: Check = tagged(
  {
    text: object({ type, text: required(string(3000)), style }),
    link: object({ type, url: required(string(3000)), text: string(3000), unsafe: boolean, style }),
    user: object({ type, user_id: id, style }),
    usergroup: object({ type, usergroup_id: id, style }),
    channel: object({ type, channel_id: id, style }),
    team: object({ type, team_id: id, style }),
    broadcast: object({ type, range: required(oneOf('here', 'channel', 'everyone')), style }),
    emoji: object({ type, name: required(string(255)), unicode: string(255), style }),
    color: object({ type, value: required(string(7)) }),
    date: object({
      type,
      timestamp: required(integer(0, 9_999_999_999)),
      format: required(string(255)),
      url: string(3000),
      fallback: string(3000),
      style,
    }),
  },
  'rich text element',
);

const border = integer(0, 1);
const section: Check = object({ type, elements: required(list(inline, 0, 10_000)) });

/** A rich text block without its `block_id`. */
export const richTextElements: Check = list(
  tagged(
    {
      rich_text_section: section,
      rich_text_list: object({
        type,
        style: required(oneOf('bullet', 'ordered')),
        elements: required(list(tagged({ rich_text_section: section }, 'list item'), 1, 10_000)),
        indent: integer(0, 8),
        offset: integer(0, 1_000_000),
        border,
      }),
      rich_text_preformatted: object({
        type,
        elements: required(list(inline, 0, 10_000)),
        border,
        language: string(255),
      }),
      rich_text_quote: object({ type, elements: required(list(inline, 0, 10_000)), border }),
    },
    'rich text element',
  ),
  1,
  10_000,
);
