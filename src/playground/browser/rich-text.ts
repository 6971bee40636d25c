import { formatSlackDate } from './dates.ts';
import { h } from './dom.ts';
import { emojiOf } from './emoji.ts';
import { safeUrl } from './mrkdwn.ts';
import { drawInline, link, type Names } from './mrkdwn-dom.ts';
import type { Block } from './wire.ts';

interface Style {
  bold?: boolean;
  italic?: boolean;
  strike?: boolean;
  code?: boolean;
}

interface Element {
  type: string;
  elements?: Element[];
  text?: string;
  url?: string;
  name?: string;
  user_id?: string;
  channel_id?: string;
  usergroup_id?: string;
  range?: string;
  style?: Style | string;
  indent?: number;
  timestamp?: number;
  format?: string;
  fallback?: string;
}

/** A `rich_text` block: sections, lists, quotes and preformatted text. */
export function drawRichText(block: Block, names: Names): HTMLElement {
  const elements = (block.elements ?? []) as Element[];
  return h('div', { class: 'block text' }, ...elements.map((element) => drawPart(element, names)));
}

function drawPart(element: Element, names: Names): HTMLElement {
  const children = element.elements ?? [];
  switch (element.type) {
    case 'rich_text_list':
      return h(
        element.style === 'ordered' ? 'ol' : 'ul',
        { class: element.indent ? `indent-${Math.min(element.indent, 4)}` : undefined },
        ...children.map((item) => h('li', {}, ...drawPieces(item.elements ?? [], names))),
      );
    case 'rich_text_quote':
      return h('blockquote', {}, ...drawPieces(children, names));
    case 'rich_text_preformatted':
      return h('pre', {}, ...drawPieces(children, names));
    default:
      return h('p', {}, ...drawPieces(children, names));
  }
}

const drawPieces = (elements: Element[], names: Names): Node[] =>
  elements.flatMap((element) => drawPiece(element, names));

function drawPiece(element: Element, names: Names): Node[] {
  const style: Style = typeof element.style === 'object' ? element.style : {};
  let nodes = drawBare(element, names);
  if (style.code) nodes = [h('code', {}, ...nodes)];
  if (style.bold) nodes = [h('strong', {}, ...nodes)];
  if (style.italic) nodes = [h('em', {}, ...nodes)];
  if (style.strike) nodes = [h('s', {}, ...nodes)];
  return nodes;
}

function drawBare(element: Element, names: Names): Node[] {
  switch (element.type) {
    case 'text':
      return (element.text ?? '')
        .split('\n')
        .flatMap((line, index) =>
          index === 0 ? [document.createTextNode(line)] : [h('br'), document.createTextNode(line)],
        );
    case 'link': {
      const url = safeUrl(element.url ?? '');
      const label = document.createTextNode(element.text ?? element.url ?? '');
      return [url === undefined ? label : link(url, [label])];
    }
    case 'emoji': {
      const name = element.name ?? '';
      const glyph = emojiOf(name);
      return glyph === undefined
        ? [document.createTextNode(`:${name}:`)]
        : drawInline([{ type: 'emoji', name, glyph }], names);
    }
    case 'user':
      return drawInline([{ type: 'user', id: element.user_id ?? '' }], names);
    case 'channel':
      return drawInline([{ type: 'channel', id: element.channel_id ?? '' }], names);
    case 'usergroup':
      return drawInline([{ type: 'usergroup', id: element.usergroup_id ?? '' }], names);
    case 'broadcast':
      return drawInline([{ type: 'broadcast', range: element.range ?? 'channel' }], names);
    case 'date':
      return [
        document.createTextNode(
          formatSlackDate(element.timestamp ?? 0, element.format ?? '{date}', element.fallback ?? '', names.dates),
        ),
      ];
    default:
      return [document.createTextNode(`[${element.type}]`)];
  }
}
