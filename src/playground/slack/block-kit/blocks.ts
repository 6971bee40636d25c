import {
  boolean,
  type Check,
  exactlyOne,
  isObject,
  list,
  object,
  onlyOn,
  type Report,
  type Required,
  required,
  type Surface,
  string,
  tagged,
} from './checks.ts';
import { anyText, plainText, url } from './composition.ts';
import { accessories, actionElements, image, inputElements } from './elements.ts';
import { richTextElements } from './rich-text.ts';

const BLOCKS_MAX: Record<Surface, number> = { message: 50, modal: 100, home: 100 };

const blockId: Check = (value, at, report) => {
  string(255)(value, at, report);
  if (typeof value !== 'string') return;
  if (report.blockIds.has(value)) report.add(`\`block_id\` "${value}" already exists for another block`, at);
  report.blockIds.add(value);
};

const block = (fields: Record<string, Check | Required>, ...also: Check[]): Check =>
  object({ type: string(255), block_id: blockId, ...fields }, ...also);

const sectionHasText: Check = (value, at, report) => {
  if (isObject(value) && value.text === undefined && value.fields === undefined) {
    report.add('must define either `text` or `fields`', at);
  }
};

const known: Check = tagged(
  {
    section: block(
      {
        text: anyText(3000),
        fields: list(anyText(2000), 1, 10),
        accessory: tagged(accessories, 'element'),
        expand: boolean,
      },
      sectionHasText,
    ),
    context: block({
      elements: required(list(tagged({ image, plain_text: anyText(), mrkdwn: anyText() }, 'element'), 1, 10)),
    }),
    actions: block({ elements: required(list(tagged(actionElements, 'element'), 1, 25)) }),
    header: block({ text: required(plainText(150)) }),
    divider: block({}),
    input: block({
      label: required(plainText(2000)),
      element: required(tagged(inputElements, 'element')),
      hint: plainText(2000),
      optional: boolean,
      dispatch_action: boolean,
    }),
    image: block(
      {
        image_url: url,
        slack_file: object({ id: string(255), url }),
        alt_text: required(string(2000)),
        title: plainText(2000),
      },
      exactlyOne('image_url', 'slack_file'),
    ),
    rich_text: block({ elements: required(richTextElements) }),
    markdown: onlyOn(['message'], block({ text: required(string(12_000)) })),
  },
  'block type',
);

const oneBlock: Check = (value, at, report) => {
  report.actionIds = new Set();
  known(value, at, report);
};

export const newReport = (surface: Surface, add: (problem: string) => void): Report => ({
  surface,
  blockIds: new Set(),
  actionIds: new Set(),
  focused: 0,
  add: (message, at) => add(`${message} [json-pointer:${at}]`),
});

/** The blocks of a surface: at most 50 for a message, 100 for a modal or Home. */
export const blocksOf =
  (surface: Surface): Check =>
  (value, at, report) =>
    list(oneBlock, 0, BLOCKS_MAX[surface])(value, at, report);
