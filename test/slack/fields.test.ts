import { compilePattern } from '../../src/policy/patterns.ts';
import { readAsked, readFields } from '../../src/slack/commands/fields.ts';
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

  it.each([
    ['1h', 'ticket=INC-42 slow', '1h', { ticket: 'INC-42' }, 'slow'],
    ['ticket=INC-42', '1h slow', '1h', { ticket: 'INC-42' }, 'slow'],
    ['ticket=INC-42', '1h note=x slow', '1h', { ticket: 'INC-42', note: 'x' }, 'slow'],
    ['ticket=INC-42', '1h ticket=INC-43 slow', '1h', { ticket: 'INC-42' }, 'ticket=INC-43 slow'],
    ['note="two', 'words" 1h slow', '1h', { note: 'two words' }, 'slow'],
    // Whatever stands in the place of a duration is refused as one, not guessed to be something else.
    ['ticket=INC-42', 'slow queries', 'slow', { ticket: 'INC-42' }, 'queries'],
    ['ticket=INC-42', '', 'ticket=INC-42', {}, ''],
    ['soon', 'ticket=INC-42 slow', 'soon', { ticket: 'INC-42' }, 'slow'],
    // Where a duration may be left out.
    [undefined, 'ticket=INC-42 2h slow', '2h', { ticket: 'INC-42' }, 'slow'],
    [undefined, 'ticket=INC-42 the shop is down', undefined, { ticket: 'INC-42' }, 'the shop is down'],
    [undefined, '2 shops are down', undefined, {}, '2 shops are down'],
  ])('%s before %j', (before, text, duration, fields, reason) => {
    const typed = { reason: text, ...(before === undefined ? {} : { duration: before }) };
    const read = { ...(duration === undefined ? {} : { duration }), fields, reason };
    expect(readAsked(['ticket', 'note'], typed)).toEqual(read);
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

  it('say what to write in the words of the policy, where it has some', () => {
    const hinted = fields.map((field) => ({ ...field, hint: 'INC- and its number' }));
    const hint = { type: 'plain_text', text: 'INC- and its number' };
    expect(fieldInputs({ name: 'db-read', fields: hinted } as never)).toMatchObject([{ hint }, { hint }]);
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
