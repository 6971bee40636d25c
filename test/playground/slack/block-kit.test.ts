import { messageProblems, suggestionProblems, viewProblems } from '../../../src/playground/slack/block-kit/index.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const option = (value: string, text = value) => ({ text: plain(text), value });
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const x = (count: number): string => 'x'.repeat(count);

const section = (fields: object = {}) => ({ type: 'section', text: mrkdwn('hello'), ...fields });
const button = (fields: object = {}) => ({ type: 'button', text: plain('Go'), action_id: 'go', ...fields });
const actions = (...elements: unknown[]) => ({ type: 'actions', elements });
const input = (element: object, fields: object = {}) => ({ type: 'input', label: plain('Label'), element, ...fields });
const select = (fields: object = {}) => ({ type: 'static_select', action_id: 's', options: [option('a')], ...fields });
const modal = (fields: object = {}) => ({ type: 'modal', title: plain('Title'), blocks: [], ...fields });

describe('blocks of a message', () => {
  const right: [string, unknown][] = [
    ['a section', section()],
    ['a section with fields only', { type: 'section', fields: [mrkdwn('a'), plain('b')] }],
    ['a section with a button', section({ accessory: button() })],
    ['a section with an image', section({ accessory: { type: 'image', image_url: 'https://x/y.png', alt_text: 'y' } })],
    ['a header', { type: 'header', text: plain('Hello') }],
    ['a divider', { type: 'divider', block_id: 'd' }],
    [
      'a context',
      { type: 'context', elements: [mrkdwn('a'), { type: 'image', image_url: 'https://x', alt_text: 'x' }] },
    ],
    ['an image', { type: 'image', image_url: 'https://x/y.png', alt_text: 'y', title: plain('t') }],
    [
      'buttons with confirmation',
      actions(
        button({
          style: 'danger',
          confirm: { title: plain('Sure?'), text: plain('Really'), confirm: plain('Yes'), deny: plain('No') },
        }),
      ),
    ],
    ['an overflow menu', actions({ type: 'overflow', action_id: 'o', options: [option('a')] })],
    [
      'selects',
      actions(
        select(),
        { type: 'users_select', action_id: 'u' },
        { type: 'external_select', action_id: 'e', min_query_length: 0 },
      ),
    ],
    [
      'a date and a time',
      actions(
        { type: 'datepicker', action_id: 'd', initial_date: '2026-01-31' },
        { type: 'timepicker', action_id: 't', initial_time: '09:05' },
      ),
    ],
    [
      'radio buttons and checkboxes',
      actions(
        { type: 'radio_buttons', action_id: 'r', options: [{ text: mrkdwn('*a*'), value: 'a' }] },
        { type: 'checkboxes', action_id: 'c', options: [option('a')] },
      ),
    ],
    [
      'rich text',
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: 'a', style: { bold: true } },
              { type: 'user', user_id: 'U1' },
            ],
          },
          { type: 'rich_text_list', style: 'bullet', elements: [{ type: 'rich_text_section', elements: [] }] },
        ],
      },
    ],
    ['a section text of 3,000 characters', section({ text: mrkdwn(x(3000)) })],
    ['3,000 emoji, which are 6,000 UTF-16 units', section({ text: mrkdwn('🔑'.repeat(3000)) })],
    ['25 buttons', actions(...many(25, (i) => button({ action_id: `b${i}` })))],
    ['100 options', actions(select({ options: many(100, (i) => option(`${i}`)) }))],
  ];
  it.each(right)('accepts %s', (_name, block) => {
    expect(messageProblems([block])).toEqual([]);
  });

  const wrong: [string, unknown, string][] = [
    ['an unknown block', { type: 'sectoin' }, 'unsupported block type: sectoin [json-pointer:/blocks/0/type]'],
    ['a block without a type', {}, 'missing required field: type [json-pointer:/blocks/0]'],
    ['something that is no block', 'hello', 'must be an object [json-pointer:/blocks/0]'],
    ['an unknown field', section({ txt: 1 }), 'invalid additional property: txt [json-pointer:/blocks/0]'],
    ['a section of nothing', { type: 'section' }, 'must define either `text` or `fields` [json-pointer:/blocks/0]'],
    [
      'an empty text',
      section({ text: mrkdwn('') }),
      'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a section text of 3,001 characters',
      section({ text: mrkdwn(x(3001)) }),
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a text object of another type',
      section({ text: { type: 'markdown', text: 'a' } }),
      'must be a valid enum value: plain_text, mrkdwn [json-pointer:/blocks/0/text/type]',
    ],
    [
      'emoji on mrkdwn',
      section({ text: { ...mrkdwn('a'), emoji: true } }),
      'invalid additional property: emoji [json-pointer:/blocks/0/text]',
    ],
    [
      '11 fields',
      { type: 'section', fields: many(11, () => mrkdwn('a')) },
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a field of 2,001 characters',
      { type: 'section', fields: [mrkdwn(x(2001))] },
      'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    ],
    [
      'a header of 151 characters',
      { type: 'header', text: plain(x(151)) },
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a header in mrkdwn',
      { type: 'header', text: mrkdwn('a') },
      'must be a valid enum value: plain_text [json-pointer:/blocks/0/text/type]',
    ],
    [
      '11 context elements',
      { type: 'context', elements: many(11, () => mrkdwn('a')) },
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'a button in a context',
      { type: 'context', elements: [button()] },
      'unsupported element: button [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      '26 buttons',
      actions(...many(26, (i) => button({ action_id: `b${i}` }))),
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    ['actions of nothing', actions(), 'no fewer than 1 items allowed [json-pointer:/blocks/0/elements]'],
    [
      'a text input among actions',
      actions({ type: 'plain_text_input', action_id: 'a' }),
      'unsupported element: plain_text_input [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      'a button of 76 characters',
      actions(button({ text: plain(x(76)) })),
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a button without text',
      actions({ type: 'button', action_id: 'a' }),
      'missing required field: text [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'a button value of 2,001 characters',
      actions(button({ value: x(2001) })),
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'a button of an unknown style',
      actions(button({ style: 'warning' })),
      'must be a valid enum value: primary, danger [json-pointer:/blocks/0/elements/0/style]',
    ],
    [
      'an action_id of 256 characters',
      actions(button({ action_id: x(256) })),
      'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
    ],
    [
      'a block_id of 256 characters',
      section({ block_id: x(256) }),
      'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
    ],
    [
      'one action_id twice in a block',
      actions(button(), button()),
      '`action_id` "go" already exists for another element [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    [
      '101 options',
      actions(select({ options: many(101, (i) => option(`${i}`)) })),
      'no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'an option label of 76 characters',
      actions(select({ options: [option('a', x(76))] })),
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]',
    ],
    [
      'an option value of 151 characters',
      actions(select({ options: [option(x(151), 'a')] })),
      'must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]',
    ],
    [
      'one option value twice',
      actions(select({ options: [option('a'), option('a')] })),
      'duplicate option value: a [json-pointer:/blocks/0/elements/0/options/1/value]',
    ],
    [
      'a select without options',
      actions({ type: 'static_select', action_id: 's' }),
      'must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'options and groups at once',
      actions(select({ option_groups: [{ label: plain('g'), options: [option('b')] }] })),
      'must define only one of `options` or `option_groups` [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'a first choice that is not offered',
      actions(select({ initial_option: option('z') })),
      'must be one of the provided options [json-pointer:/blocks/0/elements/0/initial_option]',
    ],
    [
      'a placeholder of 151 characters',
      actions(select({ placeholder: plain(x(151)) })),
      'must be less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]',
    ],
    [
      '6 overflow options',
      actions({ type: 'overflow', action_id: 'o', options: many(6, (i) => option(`${i}`)) }),
      'no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      '11 radio buttons',
      actions({ type: 'radio_buttons', action_id: 'o', options: many(11, (i) => option(`${i}`)) }),
      'no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      '11 checkboxes',
      actions({ type: 'checkboxes', action_id: 'o', options: many(11, (i) => option(`${i}`)) }),
      'no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'a min_query_length of -1',
      actions({ type: 'external_select', action_id: 'e', min_query_length: -1 }),
      'must be from 0 to 1000 [json-pointer:/blocks/0/elements/0/min_query_length]',
    ],
    [
      'a date that is none',
      actions({ type: 'datepicker', action_id: 'd', initial_date: '31.1.2026' }),
      'must be a date like 2026-01-31 [json-pointer:/blocks/0/elements/0/initial_date]',
    ],
    [
      'a confirmation without a question',
      actions(button({ confirm: { title: plain('t'), confirm: plain('y'), deny: plain('n') } })),
      'missing required field: text [json-pointer:/blocks/0/elements/0/confirm]',
    ],
    [
      'an image without a description',
      { type: 'image', image_url: 'https://x' },
      'missing required field: alt_text [json-pointer:/blocks/0]',
    ],
    [
      'an image of nothing',
      { type: 'image', alt_text: 'x' },
      'must define either `image_url` or `slack_file` [json-pointer:/blocks/0]',
    ],
    [
      'an unknown rich text element',
      { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'bold', text: 'a' }] }] },
      'unsupported rich text element: bold [json-pointer:/blocks/0/elements/0/elements/0/type]',
    ],
  ];
  it.each(wrong)('refuses %s', (_name, block, problem) => {
    expect(messageProblems([block])).toContain(problem);
  });

  it('takes 50 blocks and no more', () => {
    expect(messageProblems(many(50, () => ({ type: 'divider' })))).toEqual([]);
    expect(messageProblems(many(51, () => ({ type: 'divider' })))).toEqual([
      'no more than 50 items allowed [json-pointer:/blocks]',
    ]);
  });

  it('wants every block_id once, and lets an action_id come again in another block', () => {
    expect(messageProblems([section({ block_id: 'a' }), section({ block_id: 'a' })])).toEqual([
      '`block_id` "a" already exists for another block [json-pointer:/blocks/1/block_id]',
    ]);
    expect(messageProblems([actions(button()), actions(button())])).toEqual([]);
  });

  it('reports every problem at once', () => {
    expect(messageProblems([{ type: 'header' }, { type: 'nope' }, section({ x: 1, y: 2 })])).toHaveLength(4);
  });
});

describe('views', () => {
  it.each([
    [
      'a modal',
      modal({
        blocks: [section()],
        submit: plain('Send'),
        close: plain('Back'),
        callback_id: 'c',
        private_metadata: x(3000),
      }),
      'modal',
    ],
    ['a modal of 100 blocks', modal({ blocks: many(100, () => ({ type: 'divider' })) }), 'modal'],
    ['a title of 24 characters', modal({ title: plain(x(24)) }), 'modal'],
    ['a Home', { type: 'home', blocks: [section()] }, 'home'],
    [
      'a text input',
      modal({
        submit: plain('Send'),
        blocks: [input({ type: 'plain_text_input', action_id: 'a', max_length: 3000, focus_on_load: true })],
      }),
      'modal',
    ],
  ] as [string, unknown, 'modal' | 'home'][])('accepts %s', (_name, view, type) => {
    expect(viewProblems(view, type)).toEqual([]);
  });

  it.each([
    ['a modal without a title', { type: 'modal', blocks: [] }, 'missing required field: title [json-pointer:/view]'],
    [
      'a title of 25 characters',
      modal({ title: plain(x(25)) }),
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    [
      'a submit button of 25',
      modal({ submit: plain(x(25)) }),
      'must be less than 25 characters [json-pointer:/view/submit/text]',
    ],
    [
      'a close button of 25',
      modal({ close: plain(x(25)) }),
      'must be less than 25 characters [json-pointer:/view/close/text]',
    ],
    [
      '101 blocks',
      modal({ blocks: many(101, () => ({ type: 'divider' })) }),
      'no more than 100 items allowed [json-pointer:/view/blocks]',
    ],
    [
      'private_metadata of 3,001',
      modal({ private_metadata: x(3001) }),
      'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    ],
    [
      'a callback_id of 256',
      modal({ callback_id: x(256) }),
      'must be less than 256 characters [json-pointer:/view/callback_id]',
    ],
    [
      'inputs without a submit button',
      modal({ blocks: [input({ type: 'plain_text_input' })] }),
      '`submit` is required when an input block is within the view [json-pointer:/view]',
    ],
    [
      'two elements with the focus',
      modal({ submit: plain('Go'), blocks: many(2, () => input({ type: 'plain_text_input', focus_on_load: true })) }),
      'only one element can have `focus_on_load` [json-pointer:/view/blocks/1/element/focus_on_load]',
    ],
    [
      'a button as an input',
      modal({ submit: plain('Go'), blocks: [input(button())] }),
      'unsupported element: button [json-pointer:/view/blocks/0/element/type]',
    ],
    [
      'an input without a label',
      modal({ submit: plain('Go'), blocks: [{ type: 'input', element: { type: 'plain_text_input' } }] }),
      'missing required field: label [json-pointer:/view/blocks/0]',
    ],
    [
      'a max_length of 3,001',
      modal({ submit: plain('Go'), blocks: [input({ type: 'plain_text_input', max_length: 3001 })] }),
      'must be from 1 to 3000 [json-pointer:/view/blocks/0/element/max_length]',
    ],
    [
      'min_length over max_length',
      modal({ submit: plain('Go'), blocks: [input({ type: 'plain_text_input', min_length: 5, max_length: 4 })] }),
      'must not be more than `max_length` [json-pointer:/view/blocks/0/element/min_length]',
    ],
    ['an unknown field', modal({ sumbit: plain('Go') }), 'invalid additional property: sumbit [json-pointer:/view]'],
    [
      'a markdown block',
      modal({ blocks: [{ type: 'markdown', text: 'a' }] }),
      'not supported in a modal [json-pointer:/view/blocks/0]',
    ],
  ])('refuses %s', (_name, view, problem) => {
    expect(viewProblems(view, 'modal')).toContain(problem);
  });

  it('gives the Home no title and no buttons', () => {
    expect(viewProblems({ type: 'home', blocks: [], title: plain('a') }, 'home')).toEqual([
      'invalid additional property: title [json-pointer:/view]',
    ]);
  });
});

describe('options that an app offers', () => {
  it('may be none, up to 100, or groups', () => {
    expect(suggestionProblems({ options: [] })).toEqual([]);
    expect(suggestionProblems({ option_groups: [{ label: plain('g'), options: [option('a')] }] })).toEqual([]);
    expect(suggestionProblems({ options: many(101, (i) => option(`${i}`)) })).toEqual([
      'no more than 100 items allowed [json-pointer:/options]',
    ]);
    expect(suggestionProblems({})).toHaveLength(1);
  });
});
