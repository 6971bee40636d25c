import { h, uniqueId } from './dom.ts';
import type { ElementJson, Place, Surroundings } from './elements/context.ts';
import { drawElement, unknown } from './elements/element.ts';
import { drawPlain, drawText } from './mrkdwn-dom.ts';
import { drawRichText } from './rich-text.ts';
import type { Block, TextObject } from './wire.ts';

/** What is wrong with an input, by block id. */
export type BlockErrors = Readonly<Record<string, string>>;

/** One block of a message or a view. `errors` are shown under the inputs they belong to. */
export function drawBlock(block: Block, around: Surroundings, errors: BlockErrors = {}): HTMLElement {
  const id = block.block_id ?? '';
  switch (block.type) {
    case 'section':
      return drawSection(block, id, around);
    case 'header':
      return h('h3', { class: 'block block-header' }, ...drawPlain((block.text as TextObject).text, around.names));
    case 'divider':
      return h('hr', { class: 'block' });
    case 'context':
      return drawContext(block, around);
    case 'actions':
      return h(
        'div',
        { class: 'block block-actions' },
        ...((block.elements ?? []) as ElementJson[]).map((element) =>
          drawElement({ block: id, element, around, dispatches: true }),
        ),
      );
    case 'input':
      return drawInput(block, id, around, errors[id]);
    case 'rich_text':
      return drawRichText(block, around.names);
    case 'markdown':
      // The block's own text, as written: the playground draws mrkdwn, not Markdown.
      return h('pre', { class: 'block' }, String(block.text ?? ''));
    case 'image':
      return drawImage(block);
    default:
      return h('p', { class: 'block' }, unknown(`block “${block.type}”`));
  }
}

function drawSection(block: Block, id: string, around: Surroundings): HTMLElement {
  const text = block.text as TextObject | undefined;
  const fields = (block.fields ?? []) as TextObject[];
  const accessory = block.accessory as ElementJson | undefined;
  const textId = uniqueId('section');
  const body = h(
    'div',
    { class: 'section-text' },
    text && h('div', { class: 'text', id: textId }, ...drawText(text, around.names)),
    fields.length > 0 &&
      h(
        'div',
        { class: 'fields' },
        ...fields.map((field) => h('div', { class: 'text' }, ...drawText(field, around.names))),
      ),
  );
  if (!accessory) return h('div', { class: 'block block-section' }, body);
  const drawn =
    accessory.type === 'image'
      ? drawImage(accessory as unknown as Block)
      : drawElement({
          block: id,
          element: accessory,
          around,
          dispatches: true,
          // A button is labelled by its own words; a select by the sentence beside it.
          ...(text && accessory.type !== 'button' && accessory.type !== 'overflow' ? { labelledBy: textId } : {}),
        });
  return h('div', { class: 'block block-section has-accessory' }, body, h('div', { class: 'accessory' }, drawn));
}

function drawContext(block: Block, around: Surroundings): HTMLElement {
  const elements = (block.elements ?? []) as (TextObject & Block)[];
  return h(
    'div',
    { class: 'block block-context' },
    ...elements.map((element) =>
      (element.type as string) === 'image'
        ? drawImage(element)
        : h('div', { class: 'text' }, ...drawText(element, around.names)),
    ),
  );
}

/** NB. Pictures would be fetched from elsewhere, which tells others that somebody looks: only their description is shown. */
const drawImage = (block: Block): HTMLElement =>
  h('span', { class: 'image-alt' }, `Image: ${String(block.alt_text ?? 'without a description')}`);

function drawInput(block: Block, id: string, around: Surroundings, error: string | undefined): HTMLElement {
  const element = (block.element ?? { type: 'nothing' }) as ElementJson;
  const label = block.label as TextObject | undefined;
  const hint = block.hint as TextObject | undefined;
  const optional = block.optional === true;
  const labelId = uniqueId('label');
  const hintId = uniqueId('hint');
  const errorId = uniqueId('error');
  const described = [error && errorId, hint && hintId].filter(Boolean).join(' ');
  const place: Place = {
    block: id,
    element,
    around,
    dispatches: block.dispatch_action === true,
    labelledBy: labelId,
    required: !optional,
    invalid: error !== undefined,
    ...(described === '' ? {} : { describedBy: described }),
  };
  const control = drawElement(place);
  return h(
    'div',
    { class: error ? 'block block-input has-error' : 'block block-input' },
    h(
      'div',
      {
        class: 'label',
        id: labelId,
        on: { click: () => control.querySelector<HTMLElement>('input, select, textarea')?.focus() ?? control.focus() },
      },
      ...drawPlain(label?.text ?? '', around.names),
      optional && h('span', { class: 'optional' }, ' (optional)'),
    ),
    control,
    error !== undefined && h('div', { class: 'error', id: errorId, role: 'alert' }, error),
    hint && h('div', { class: 'hint', id: hintId }, ...drawPlain(hint.text, around.names)),
  );
}
