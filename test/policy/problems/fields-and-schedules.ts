import { access } from '../support/world.ts';
import { type Case, settings } from './case.ts';

/** The inputs of an access, and the times of the settings. */
export const FIELDS_AND_SCHEDULES: readonly Case[] = [
  {
    what: 'a field with capitals',
    file: access({ fields: '{▶Ticket: {label: Ticket}}' }),
    code: 'bad-name',
    says: /a-z, 0-9 and _/,
  },
  { what: 'a field without a label', file: access({ fields: '{▶ticket: {}}' }), code: 'missing-key', says: /`label`/ },
  {
    what: 'a field with two rules',
    file: access({ fields: '{ticket: {label: T, pattern: x, ▶enum: [x]}}' }),
    code: 'field-rule',
    says: /not both/,
  },
  {
    what: 'a choice twice',
    file: access({ fields: '{ticket: {label: T, ▶enum: [x, x]}}' }),
    code: 'field-rule',
    says: /twice/,
  },
  {
    what: 'a pattern with a back-reference',
    file: access({ fields: "{ticket: {label: T, pattern: ▶'(a)\\1'}}" }),
    code: 'bad-pattern',
    says: /RE2/,
  },
  {
    what: 'a pattern that is written in few characters and large',
    file: access({ fields: "{ticket: {label: T, pattern: ▶'(.?){1000}'}}" }),
    code: 'bad-pattern',
    says: /smaller counts/,
  },
  {
    what: 'eleven fields',
    file: access({ '▶fields': `{${Array.from({ length: 11 }, (_, n) => `f${n}: {label: L}`).join(', ')}}` }),
    code: 'out-of-range',
    says: /at most 10/,
  },
  {
    what: 'a schedule of no time',
    file: settings("schedules: {office: {from: '09:00', to: ▶'09:00'}}"),
    code: 'empty-schedule',
    says: /begins when it ends/,
  },
  {
    what: 'a schedule with a time of day that is none',
    file: settings("schedules: {office: {from: ▶'9:00', to: '18:00'}}"),
    code: 'bad-time',
    says: /quoted/,
  },
];
