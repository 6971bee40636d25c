import type { ActionsBlock, Button, ContextBlock, KnownBlock, RichTextBlock, SectionBlock } from '@slack/types';
import { shorten, visible } from './escape.ts';

/** Slack's limits that our messages could meet (https://docs.slack.dev/reference/block-kit). Characters are code points. */
export const LIMITS = { section: 3_000, blocks: 50, buttonText: 75, optionText: 75, options: 100 } as const;

export const section = (mrkdwn: string): SectionBlock => ({ type: 'section', text: { type: 'mrkdwn', text: mrkdwn } });

/** What belongs together: in one section when it fits, else in one each. Nothing is cut. */
export const together = (...parts: readonly string[]): SectionBlock[] => {
  const whole = parts.join(' ');
  return [...whole].length <= LIMITS.section ? [section(whole)] : parts.map(section);
};

/** As many of the lines as a section holds under its head; the others are counted, never dropped silently. */
export function fitted(
  head: string,
  lines: readonly string[],
  total = lines.length,
  most: number = LIMITS.section,
): string {
  let text = head;
  let shown = 0;
  for (const line of lines) {
    const next = text === '' ? line : `${text}\n${line}`;
    if ([...next].length > most - 40) break;
    text = next;
    shown += 1;
  }
  if (total === shown) return text;
  return `${text}${text === '' ? '' : '\n'}… and ${total - shown} more`;
}

export const context = (mrkdwn: string): ContextBlock => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: mrkdwn }],
});

/** Untrusted words, drawn literally as a quotation: rich text knows no markup, so nothing in them can take effect. */
export const quotation = (words: string): RichTextBlock => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_quote', elements: [{ type: 'text', text: shorten(visible(words), LIMITS.section) }] }],
});

/**
 * Untrusted values under their labels, a line each, all of them and whole. Rich text knows no markup, so they stand there as
 * they are: nobody has to wonder which characters were escaped.
 */
export const labelledTexts = (lines: readonly { label: string; value: string }[]): RichTextBlock => ({
  type: 'rich_text',
  elements: lines.map(({ label, value }) => ({
    type: 'rich_text_section',
    elements: [
      { type: 'text', text: `${shorten(visible(label), LIMITS.section - 2)}: `, style: { bold: true } },
      ...parts(visible(value)).map((text) => ({ type: 'text' as const, text, style: { code: true } })),
    ],
  })),
});

/** Never empty: Slack takes no empty text. */
function parts(text: string): string[] {
  const points = [...text];
  if (points.length <= LIMITS.section) return [text === '' ? ' ' : text];
  return [points.slice(0, LIMITS.section).join(''), ...parts(points.slice(LIMITS.section).join(''))];
}

export const actions = (...elements: Button[]): ActionsBlock => ({ type: 'actions', elements });

export function button(id: string, label: string, value: string, style?: 'primary' | 'danger'): Button {
  return {
    type: 'button',
    action_id: id,
    text: { type: 'plain_text', text: label },
    value,
    ...(style === undefined ? {} : { style }),
  };
}

/** A message as Slack takes it: `text` is what notifications and screen readers say, one full sentence. */
export interface Rendered {
  text: string;
  blocks?: KnownBlock[];
}
