import { type Asked, access, ask, policiesWith } from './support/world.ts';

const policies = policiesWith(
  access({
    fields:
      "{ticket: {label: Ticket, pattern: '^INC-\\d+$', required: true}, area: {label: Area, enum: [eu, us]}, note: {label: Note}}",
  }),
);

const asked = (fields: Asked['fields'], more: Partial<Asked> = {}) =>
  ask(policies, { email: 'ana@example.com', access: 'db-read', ...(fields ? { fields } : {}), ...more });

describe('the fields of an access', () => {
  it('are kept as they were filled in, without the blanks around them and without the empty ones', () => {
    expect(asked({ ticket: ' INC-42 ', area: 'eu', note: ' ' })).toMatchObject({
      ok: true,
      fields: { ticket: 'INC-42', area: 'eu' },
    });
  });

  it.each<[string, Asked['fields'], string, RegExp]>([
    ['a required one is missing', {}, 'ticket', /Ticket \(`ticket`\) is required/],
    ['a required one is blank', { ticket: ' \t' }, 'ticket', /required/],
    ['the pattern does not match', { ticket: 'INC-' }, 'ticket', /\^INC-\\d\+\$/],
    ['the pattern matches a part only', { ticket: 'see INC-42' }, 'ticket', /form/],
    ['it is not among the choices', { ticket: 'INC-1', area: 'uss' }, 'area', /did you mean us\?/],
    ['it is very long', { ticket: 'INC-1', note: 'x'.repeat(201) }, 'note', /201 characters.*200/],
    ['it holds a line break', { ticket: 'INC-1', note: 'a\nb' }, 'note', /line breaks/],
    ['it holds half a surrogate pair', { ticket: 'INC-1', note: '\ud800' }, 'note', /control/],
  ])('refused invalid-field: %s', (_what, fields, field, sentence) => {
    expect(asked(fields)).toMatchObject({
      ok: false,
      field,
      refusal: {
        code: 'invalid-field',
        sentence: expect.stringMatching(sentence),
        rule: expect.stringMatching(/^db-read: fields \(access\.yaml:\d+\)$/),
      },
    });
  });

  it('refused invalid-field: one that the access does not have, with the nearest', () => {
    expect(asked({ tiket: 'INC-1' })).toMatchObject({
      refusal: { code: 'invalid-field', sentence: expect.stringContaining('`ticket`?') },
    });
    expect(
      ask(policiesWith(access()), { email: 'ana@example.com', access: 'db-read', fields: { x: 'y' } }),
    ).toMatchObject({
      refusal: { code: 'invalid-field' },
    });
  });

  it('are told of together, with the duration and the reason; the first in the order of Meaning refuses', () => {
    const wrong = {
      durationMs: 99 * 86_400_000,
      reason: 'a\u0007b',
      fields: { ticket: 'x', tikcet: 'y', other: 'z', area: 'eu' },
    };
    const refused = asked(wrong.fields, wrong);
    if (refused.ok) throw new Error('it was not refused');
    const { refusal, field, others = [], trace } = refused;
    expect({ code: refusal.code, field }).toEqual({ code: 'too-long', field: undefined });
    expect(trace.at(-1)).toMatchObject({ check: 'duration', passed: false, detail: refusal.sentence });
    expect(others.map((one) => [one.code, one.field, one.sentence])).toEqual([
      ['invalid-field', undefined, expect.stringContaining('control characters')],
      ['invalid-field', undefined, expect.stringContaining('Did you mean `ticket`?')],
      ['invalid-field', undefined, expect.stringContaining('It has: ticket, area, note.')],
      ['invalid-field', 'ticket', expect.stringContaining('does not have the form')],
    ]);
    for (const { rule } of others) expect(rule).toMatch(/^db-read: (reason|fields) \(access\.yaml:\d+\)$/);
  });

  it('say a wrong name once, and do not call what was meant by it missing', () => {
    const refused = asked({ tiket: 'INC-1', tikket: 'INC-2' });
    expect(refused).toMatchObject({ refusal: { sentence: expect.stringContaining('`ticket`?') } });
    expect(refused).not.toHaveProperty('others');
  });

  it('are not looked at for somebody who may not ask at all', () => {
    const refused = asked({ ticket: 'x' }, { email: 'cy@example.com', durationMs: 1 });
    expect(refused).toMatchObject({ refusal: { code: 'not-eligible' } });
    expect(refused).not.toHaveProperty('others');
  });

  it('are not missed while the form is still being filled in', () => {
    expect(asked(undefined, { preview: true }).ok).toBe(true);
    expect(asked({ ticket: 'nonsense' }, { preview: true }).ok).toBe(false);
  });
});
