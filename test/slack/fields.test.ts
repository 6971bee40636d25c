import { compilePattern } from '../../src/policy/patterns.ts';
import { readFields } from '../../src/slack/commands/fields.ts';
import { fieldBlock, fieldInputs, readFieldInputs } from '../../src/slack/views/field-inputs.ts';

describe('fields in one line', () => {
  it.each([
    ['slow queries', {}, 'slow queries'],
    ['ticket=INC-42 slow queries', { ticket: 'INC-42' }, 'slow queries'],
    ['TICKET=INC-42', { ticket: 'INC-42' }, ''],
    ['ticket=INC-42 note="two \\"words\\" here" slow', { ticket: 'INC-42', note: 'two "words" here' }, 'slow'],
    ['ticket= slow', { ticket: '' }, 'slow'],
    ['a=b is wrong', {}, 'a=b is wrong'],
    ['tiket=INC-42 slow', { tiket: 'INC-42' }, 'slow'],
    ['slow ticket=INC-42', {}, 'slow ticket=INC-42'],
    ['ticket=1 ticket=2 x', { ticket: '1' }, 'ticket=2 x'],
    ['ticket="open', {}, 'ticket="open'],
    ['__proto__=x y', {}, '__proto__=x y'],
  ])('%s', (text, fields, reason) => {
    expect(readFields(['ticket', 'note'], text)).toEqual({ fields, reason });
  });

  it('are the reason’s own words where the access asks for none', () => {
    expect(readFields([], 'ticket=INC-42 slow')).toEqual({ fields: {}, reason: 'ticket=INC-42 slow' });
  });
});

describe('fields in the form', () => {
  const pattern = compilePattern('^INC-\\d+$');
  if (!pattern.ok) throw new Error(pattern.why);
  const fields = [
    { name: 'ticket', label: 'Ticket', required: true, pattern: { source: '^INC-\\d+$', test: pattern.test } },
    { name: 'area', label: 'Area', required: false, choices: ['eu', 'us'] },
  ];

  it('are lines of text and menus', () => {
    expect(fieldInputs({ name: 'db-read', fields } as never)).toMatchObject([
      { optional: false, hint: { text: 'It must match ^INC-\\d+$' }, element: { type: 'plain_text_input' } },
      { optional: true, element: { type: 'static_select', options: [{ value: 'eu' }, { value: 'us' }] } },
    ]);
  });

  it('are read back, but not those of another access', () => {
    const values = {
      [fieldBlock('db-read', 'ticket')]: { 'field-value': { type: 'plain_text_input', value: 'INC-42' } },
      [fieldBlock('db-read', 'area')]: {
        'field-value': {
          type: 'static_select',
          selected_option: { text: { type: 'plain_text', text: 'eu' }, value: 'eu' },
        },
      },
      [fieldBlock('other', 'note')]: { 'field-value': { type: 'plain_text_input', value: 'no' } },
      [fieldBlock('db-read', 'empty')]: { 'field-value': { type: 'plain_text_input', value: null } },
    };
    expect(readFieldInputs('db-read', values as never)).toEqual({ ticket: 'INC-42', area: 'eu' });
  });
});
