/**
 * Text for mrkdwn. The three characters that Slack gives a meaning are escaped, so `<!channel>` and forged links arrive
 * as the letters they are (https://docs.slack.dev/messaging/formatting-message-text, "Escaping text").
 */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * What a reader cannot see: control characters but newline and tab, the ones that turn the reading direction, and those
 * without any width. The joiner U+200D stays, which holds emoji together.
 */
const UNSEEN = /[^\P{Cc}\n\t]|[\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** NB. a turned direction shows other words than were written. Each such character is shown as `\ufffd`, never dropped. */
export const visible = (text: string): string => text.replace(UNSEEN, '\ufffd');

/** The other way, for what Slack hands us escaped: the text of a command. It is escaped again wherever it is shown. */
export const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/**
 * What somebody typed into a command, with Slack's markup taken back to the words it was made of: people and channels by
 * their names, links by what was written.
 */
export const typed = (text: string): string =>
  unescaped(
    text.replace(
      /<([@#])([A-Z0-9]+)(?:\|([^<>]*))?>|<((?:https?|mailto):[^<>|]*)(?:\|([^<>]*))?>/g,
      (...match: string[]) => {
        const [whole = '', sign, id, name, link, label] = match;
        if (sign !== undefined) return name ? `${sign}${name}` : `${sign}${id ?? ''}`;
        return label || link || whole;
      },
    ),
  );

/**
 * One line of mrkdwn from untrusted text: escaped, line breaks folded, and the formatting characters kept from pairing
 * up (a zero-width space behind each), so that nobody can make their reason look like part of the message.
 */
export const oneLine = (text: string): string =>
  escaped(visible(text.replace(/\s+/gu, ' ').trim())).replace(/([*_~`])/gu, '$1\u200b');

/** More of a permission's name than this says nothing to an approver. */
const LABEL = 300;

/**
 * What a permission is called. NB. a longer one would not fit, and would be counted instead of shown: people would approve
 * what they cannot see.
 */
export const labelled = (label: string): string => oneLine(shorten(label, LABEL));

/** As inline code. A backtick inside would end it early, so it becomes the look-alike apostrophe. */
export const code = (text: string): string =>
  `\`${escaped(visible(text.replaceAll('`', 'ˋ').replace(/\s+/gu, ' ')))}\``;

/** At most `limit` code points; a cut is shown with an ellipsis, never silent. */
export function shorten(text: string, limit: number): string {
  const points = [...text];
  return points.length <= limit ? text : `${points.slice(0, limit - 1).join('')}…`;
}
