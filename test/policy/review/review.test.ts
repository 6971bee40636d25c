import { formatProblem } from '../../../src/policy/index.ts';
import { review } from '../../../src/policy/review/review.ts';
import { WARNING_CODES, type WarningCode } from '../../../src/policy/review/warnings.ts';
import { cpuMs } from '../../support/cpu-time.ts';
import { access, DIRECTORY, documents, HERE, policiesIn, TARGETS, unmark } from '../support/world.ts';
import { ACTION_CASES } from './action-cases.ts';
import type { Case } from './case.ts';

const one = (approvers: string, more = ''): string => `{name: one, steps: [{approvers: ${approvers}${more}}]}`;
const flows = (...each: string[]): string => `[${each.join(', ')}]`;

/** The warnings of one code, in the given file beside the usual directory and targets. */
function warned(text: string, code: WarningCode): string[] {
  const files = { 'a.yaml': text, 'directory.yaml': DIRECTORY, 'targets.yaml': TARGETS };
  return review(policiesIn(files))
    .filter((each) => each.code === code && each.file === 'a.yaml')
    .map(formatProblem);
}

const CASES: readonly Case[] = [
  ...ACTION_CASES,
  {
    what: 'a flow behind one that decides every request',
    code: 'unreachable-flow',
    file: access({ flows: flows(one('[group:dba]'), '{name: ▶two, steps: [{approvers: [group:security]}]}') }),
    says: /“two”: “one” before it decides every one/,
  },
  { what: 'one flow alone', code: 'unreachable-flow', file: access() },
  ...(
    [
      ['request.duration <= duration("1h")', 'request.duration<=duration("1h")', true],
      ['request.duration <= duration("4h")', 'request.duration <= duration("1h") && labels.env == "x"', true],
      ['request.duration <= duration("4h")', 'duration("1h") > request.duration', true],
      ['labels.env == "x"', 'request.reason != "" && labels.env == "x"', true],
      ['true', 'request.reason != ""', true],
      ['request.reason != ""', 'false', true],
      ['request.reason != ""', 'request.duration > duration("4h")', true],
      ['request.reason != ""', 'request.duration > duration("2h") && request.duration <= duration("1h")', true],
      ['request.duration <= duration("1h")', 'request.duration <= duration("4h")', false],
      ['request.duration < duration("1h")', 'request.duration <= duration("1h")', false],
      ['request.duration == duration("1h")', 'request.duration <= duration("30m")', false],
      ['labels.env == "x" && request.reason != ""', 'labels.env == "x"', false],
      ['labels.env == "x" || request.reason != ""', 'labels.env == "x"', false],
      ['request.duration < duration("2h") || request.reason != ""', 'request.duration < duration("1h")', false],
      ['request.reason != ""', 'request.duration >= duration("4h")', false],
    ] as const
  ).map(
    ([first, second, unreachable]): Case => ({
      what: `${second} behind ${first}`,
      code: 'unreachable-flow',
      file: access({
        labels: '{env: x}',
        flows: flows(
          one('[group:dba]').replace('{name: one', `{name: one, when: '${first}'`),
          `{name: ${unreachable ? '▶' : ''}two, when: '${second}', steps: [{approvers: [group:dba]}]}`,
        ),
      }),
    }),
  ),
  {
    what: 'no flow at all',
    code: 'no-flows',
    file: access({ flows: null, '▶flows': '[]' }),
    says: /every request for it is refused/,
  },
  {
    what: 'an access without requesters',
    code: 'nobody-may-request',
    file: access({ name: '▶db-read', requesters: null }),
    says: /names no `requesters`/,
  },
  {
    what: 'requesters who are all denied',
    code: 'nobody-may-request',
    file: access({ requesters: null, '▶requesters': '[group:contractors]', deny: "['user:eli@example.com']" }),
    says: /disabled or denied/,
  },
  {
    what: 'requesters who are all disabled',
    code: 'nobody-may-request',
    file: access({ requesters: null, '▶requesters': "['user:fay@example.com']" }),
  },
  {
    what: 'requesters of whom one is not denied',
    code: 'nobody-may-request',
    file: access({ deny: '[group:contractors]' }),
  },
  {
    what: 'a step of which the requester is the only approver',
    code: 'unfillable-step',
    file: access({ requesters: '[everyone]', flows: flows(one('[group:security]').replace('{app', '▶{app')) }),
    says: /for dee@example\.com: it needs 1 of group:security, and nobody is left/,
  },
  {
    what: 'the manager of somebody who has none',
    code: 'unfillable-step',
    file: access({ requesters: '[group:backend, group:dba]', flows: flows(one('[manager]').replace('{app', '▶{app')) }),
    says: /for .*: it needs 1 of manager/,
  },
  {
    what: 'one person in two steps, for whoever asks',
    code: 'unfillable-step',
    file: access({
      requesters: '[group:dba]',
      flows: '[{name: x, steps: [{approvers: [group:dba]}, ▶{approvers: [group:dba]}]}]',
    }),
    says: /cannot be filled for /,
  },
  { what: 'approvers who do not ask', code: 'unfillable-step', file: access() },
  {
    what: 'peers who approve one another',
    code: 'approvers-include-requesters',
    file: access({ flows: flows(one('[group:backend]').replace('{app', '▶{app')) }),
    says: /Everybody who may ask for `db-read` may also approve it/,
  },
  {
    what: 'everyone as an approver',
    code: 'approvers-include-requesters',
    file: access({ flows: flows(one('[everyone]').replace('{app', '▶{app')) }),
  },
  {
    what: 'peers, and then somebody else',
    code: 'approvers-include-requesters',
    file: access({ flows: '[{name: x, steps: [{approvers: [group:backend]}, {approvers: [group:dba]}]}]' }),
  },
  {
    what: 'only one who may ask, and nobody to return the favour',
    code: 'approvers-include-requesters',
    file: access({ requesters: "['user:ana@example.com']", flows: flows(one('[group:backend]')) }),
  },
  {
    what: 'an automatic approval',
    code: 'unlimited-auto-approval',
    file: access({ flows: '[{name: ▶open, auto_approve: true}]' }),
    says: /for as long as `max` allows/,
  },
  { what: 'an approval by people', code: 'unlimited-auto-approval', file: access() },
  ...(
    [
      ['request.duration <= duration("1h")', true],
      ['request.duration < duration("1h") && request.reason != ""', true],
      ['duration("1h") >= request.duration', true],
      ['request.duration <= duration("1h") || request.duration < duration("2h")', true],
      ['request.duration >= duration("1h")', false],
      ['request.duration <= duration("1h") || request.reason != ""', false],
      ['request.reason != ""', false],
    ] as const
  ).map(
    ([when, limited]): Case => ({
      what: `an automatic approval when ${when}`,
      code: 'unlimited-auto-approval',
      file: access({ flows: `[{name: ${limited ? '' : '▶'}open, when: '${when}', auto_approve: true}]` }),
    }),
  ),
  {
    what: 'a high risk for more than a day',
    code: 'long-high-risk',
    file: access({ labels: '{risk: high}', duration: null, '▶duration': '{default: 1h, max: 25h}' }),
    says: /held for 1d1h: lower `max` to 24h/,
  },
  {
    what: 'a high risk for a day',
    code: 'long-high-risk',
    file: access({ labels: '{risk: high}', duration: '{default: 1h, max: 24h}' }),
  },
  {
    what: 'a low risk for a week',
    code: 'long-high-risk',
    file: access({ labels: '{risk: low}', duration: '{default: 1h, max: 7d}' }),
  },
  ...(
    [
      ['request.fields.ticket == "x"', 'required: true', false],
      ['request.fields.ticket == "x"', 'required: false', true],
      ['request.fields["ticket"] == "x"', 'required: false', true],
      ['request.reason != "" && request.fields.ticket.startsWith("x")', 'required: false', true],
      ['has(request.fields.ticket) && request.fields.ticket == "x"', 'required: false', false],
      ['!has(request.fields.ticket) || request.fields.ticket == "x"', 'required: false', false],
      ['"ticket" in request.fields && request.fields.ticket == "x"', 'required: false', false],
      ['has(request.fields.ticket)', 'required: false', false],
      ['request.reason != ""', 'required: false', false],
    ] as const
  ).map(
    ([when, rule, told]): Case => ({
      what: `${when} where ${rule}`,
      code: 'optional-field-read',
      file: access({
        fields: `{ticket: {label: Ticket, ${rule}}}`,
        flows: flows(
          `{name: one, when: ${told ? HERE : ''}'${when}', steps: [{approvers: [group:dba]}]}`,
          one('[group:dba]').replace('name: one', 'name: two'),
        ),
      }),
      ...(told ? { says: /“one” reads the field `ticket`.*has\(request\.fields\.ticket\)/ } : {}),
    }),
  ),
  {
    what: 'an optional field that an earlier flow asks for',
    code: 'optional-field-read',
    file: access({
      fields: '{ticket: {label: Ticket}}',
      flows: flows(
        "{name: none, when: '!has(request.fields.ticket)', steps: [{approvers: [group:dba]}]}",
        `{name: some, when: 'request.fields.ticket == "x"', steps: [{approvers: [group:dba]}]}`,
      ),
    }),
  },
  {
    what: 'a group that no rule names',
    code: 'unused-group',
    file: 'version: 1\nkind: directory\ngroups:\n  ▶left-over: [ana@example.com]\n',
    says: /`left-over`/,
  },
  {
    what: 'a group that only denies',
    code: 'unused-group',
    file: documents(access({ deny: '[group:x]' }), 'version: 1\nkind: directory\ngroups:\n  x: [ana@example.com]\n'),
  },
  {
    what: 'emergency access without a quota',
    code: 'break-glass-without-quota',
    file: access({ '▶break_glass': '{allow: [group:dba]}' }),
    says: /any number of times: add a quota/,
  },
  {
    what: 'emergency access with one',
    code: 'break-glass-without-quota',
    file: access({ break_glass: '{allow: [group:dba], quota: {times: 2, per: 30d}}' }),
  },
  {
    what: 'emergency access that nobody may take',
    code: 'break-glass-without-quota',
    file: access({ break_glass: '{allow: []}' }),
  },
  {
    what: 'a group that only a condition names',
    code: 'unused-group',
    file: documents(
      access({ flows: `[{name: x, when: '"x" in requester.groups', steps: [{approvers: [group:dba]}]}]` }),
      'version: 1\nkind: directory\ngroups:\n  x: [ana@example.com]\n',
    ),
  },
  {
    what: 'two accesses that differ in b and 6',
    code: 'look-alike-names',
    file: documents(access({ name: 'prod-db' }), access({ name: '▶prod-d6' })),
    says: /`prod-db` \(a\.yaml:3:7\) and `prod-d6` look almost the same/,
  },
  {
    what: 'two groups that differ in l and 1',
    code: 'look-alike-names',
    file: 'version: 1\nkind: directory\ngroups:\n  pool: []\n  ▶poo1: []\n',
  },
  {
    what: 'two people who differ in m and rn',
    code: 'look-alike-names',
    file: 'version: 1\nkind: directory\npeople:\n  - {email: tom@example.com}\n  - {email: ▶torn@example.com}\n',
  },
  {
    what: 'names that are numbered',
    code: 'look-alike-names',
    file: documents(...[1, 2, 5, 6, 8, 9, 10, 16].map((n) => access({ name: `db-${n}` }))),
  },
];

describe('what a reviewer would ask', () => {
  it.each(CASES.filter(({ file }) => file.includes(HERE)))('$code: $what', ({ file, code, says }) => {
    const { text, line, col } = unmark(file);
    expect(warned(text, code)).toEqual([expect.stringMatching(new RegExp(`^a\\.yaml:${line}:${col} ${code} `))]);
    if (says) expect(warned(text, code)[0]).toMatch(says);
  });

  it.each(CASES.filter(({ file }) => !file.includes(HERE)))('not $code: $what', ({ file, code }) => {
    expect(warned(file, code)).toEqual([]);
  });

  it('has a case for each code', () => {
    const cases = new Set(CASES.filter(({ file }) => file.includes(HERE)).map(({ code }) => code));
    expect([...cases].sort()).toEqual(Object.keys(WARNING_CODES).sort());
  });

  it('is asked for each of those who are shut out, three of them by name', () => {
    const people = 'version: 1\nkind: directory\npeople:\n'.concat(
      ...Array.from({ length: 6 }, (_, n) => `  - {email: new${n}@example.com, slack: U0NEW${n}}\n`),
    );
    const text = documents(access({ requesters: '[everyone]', flows: flows(one('[manager]')) }), people);
    expect(warned(text, 'unfillable-step')).toEqual([
      expect.stringMatching(/for new0@example\.com, new1@example\.com, new2@example\.com and 7 more: /),
    ]);
  });

  it('takes moments, however many may ask', () => {
    const many = Array.from({ length: 3000 }, (_, n) => `  - {email: p${n}@example.com, manager: cy@example.com}\n`);
    const text = documents(
      ...Array.from({ length: 200 }, (_, n) =>
        access({
          name: `access-${n}`,
          requesters: '[everyone]',
          flows: flows(one('[manager, group:security]'), '{name: two, steps: [{approvers: [everyone], need: 3}]}'),
        }),
      ),
      `version: 1\nkind: directory\npeople:\n${many.join('')}`,
    );
    const cost = cpuMs(() => expect(warned(text, 'unfillable-step')).toHaveLength(200));
    expect(cost).toBeLessThan(20_000);
  });
});
