import fc from 'fast-check';
import { suggestionProblems, viewProblems } from '../../src/playground/slack/block-kit/index.ts';
import { refused } from '../../src/slack/answers.ts';
import { askedAnswer } from '../../src/slack/commands/asked.ts';
import { helpAnswer } from '../../src/slack/commands/help.ts';
import { listAnswer } from '../../src/slack/commands/list.ts';
import { escaped, unescaped } from '../../src/slack/escape.ts';
import { denyModal } from '../../src/slack/views/deny-modal.ts';
import { readMemo } from '../../src/slack/views/memo.ts';
import { accessOption, requestModal } from '../../src/slack/views/request-modal.ts';
import { person } from '../../src/slack/words.ts';
import { cases } from '../support/cases.ts';
import { aGrant, aRequest, HOUR, NOON } from '../support/samples.ts';
import { changed, email, policiesOf, slackOf, step, usual, type World } from '../support/world.ts';
import { everyText, HOSTILE, markup, problemsOf, withoutOurTags } from './support/drawn.ts';
import { everywhere } from './support/views.ts';

const asking = (slack: string) => ({ slack, now: NOON });
const memo = { channel: 'C0APPROVALS' };
const CROWD = Array.from({ length: 50 }, (_, index) => `p${index}`);
const mentions = ['cy', 'dee', 'eli', 'fay'].map((name) => `<@${slackOf(name)}>`);

/** As large, and as nasty, as the policies may be. */
const worldWith = (title: string): World =>
  changed(
    {
      ...usual,
      people: { ...usual.people, ...Object.fromEntries(CROWD.map((name) => [name, { slack: slackOf(name) }])) },
      groups: { ...usual.groups, crowd: CROWD },
    },
    {
      read: {
        title,
        grants: Array.from({ length: 20 }, (_, index) => ({ target: 'db', role: `role-${index}` })),
        flows: [{ name: title, steps: Array.from({ length: 10 }, () => step('crowd', 5)) }],
        reason: { required: true, min_length: 20 },
      },
    },
  );

describe('the request modal', () => {
  const policies = policiesOf(usual);

  it.each([
    ['nothing chosen', 'U0ANA', {}],
    ['an access chosen', 'U0ANA', { access: 'read' }],
    ['a duration chosen', 'U0ANA', { access: 'write', durationMs: 2 * HOUR }],
    ['a duration that is not offered', 'U0ANA', { access: 'write', durationMs: 1 }],
    ['longer than allowed', 'U0ANA', { access: 'write', durationMs: 999 * HOUR }],
    ['an access that is gone', 'U0ANA', { access: 'gone' }],
    ['an automatic one', 'U0ANA', { access: 'auto' }],
    ['one without a channel', 'U0ANA', { access: 'direct' }],
    ['one that is refused', 'U0GUS', { access: 'read' }],
    ['a stranger', 'U0NOBODY', { access: 'read' }],
  ])('%s: Slack takes it', (_what, slack, chosen) => {
    const view = requestModal(policies, asking(slack), chosen, memo);
    expect(viewProblems(view, 'modal')).toEqual([]);
    for (const text of markup(view)) expect(withoutOurTags(text, mentions)).not.toMatch(/[<>]/);
  });

  const said = (slack: string, access: string) =>
    everyText(requestModal(policies, asking(slack), { access }, memo)).join('\n');

  it('shows who will be asked, or that nobody has to be, or why not', () => {
    expect(said('U0ANA', 'write')).toContain(
      '*Who will be asked, in #approvals*\n1. 2 of group `dba` (<@U0CY>, <@U0DEE> and <@U0ELI>)\n2. 1 of group `security` (<@U0ELI> and <@U0FAY>)',
    );
    expect(said('U0ANA', 'auto')).toContain('*Nobody has to be asked:* flow `self-service` approves it automatically.');
    expect(said('U0ANA', 'direct')).toContain('*Who will be asked, directly*');
    expect(said('U0GUS', 'read')).toMatch(/🚫 You may not ask for `read`/);
  });

  it('carries only where to answer', () => {
    const view = requestModal(policies, asking('U0ANA'), { access: 'read' }, memo);
    expect(JSON.parse(view.private_metadata ?? '')).toEqual(memo);
  });

  it.each(HOSTILE)('with %s in a title as long as may be, and policies as large as may be', (_what, words) => {
    const { title } = everywhere(words);
    const large = policiesOf(worldWith(title));
    const view = requestModal(large, asking('U0ANA'), { access: 'read' }, memo);
    expect(viewProblems(view, 'modal')).toEqual([]);
    for (const text of markup(view)) expect(withoutOurTags(text, mentions)).not.toMatch(/[<>]/);
    expect(everyText(view).join('\n')).toContain('(50 people)');
    const options = [...large.accesses.values()].map(accessOption);
    expect(suggestionProblems({ options })).toEqual([]);
    // Of several lines, and without markup of anybody's.
    expect(helpAnswer(large, 'U0ANA').text).not.toMatch(/[<>]/);
    expect(problemsOf({ text: helpAnswer(large, 'U0ANA').text.replace(/\s+/g, ' ').replace(/$/, '.') })).toEqual([]);
  });

  it('offers the whole name of an access: a cut one could be another', () => {
    const name = 'n'.repeat(63);
    expect(accessOption({ name, title: 't'.repeat(100) })).toMatchObject({ value: name, text: { text: name } });
  });
});

describe('the modal of Deny', () => {
  it.each([undefined, 'C0APPROVALS'])('Slack takes it, asked in %s', (channel) => {
    const view = denyModal('req_1', channel);
    expect(viewProblems(view, 'modal')).toEqual([]);
    expect(readMemo(view.private_metadata ?? '')).toEqual({
      requestId: 'req_1',
      ...(channel === undefined ? {} : { channel }),
    });
  });

  it('whatever comes back as its memo is read without harm', () => {
    for (const text of ['', 'null', '[]', '7', '"x"', '{', '{"channel":7,"requestId":{}}'])
      expect(readMemo(text)).toEqual({});
    fc.assert(
      fc.property(fc.string(), (text) => void readMemo(text)),
      cases(100),
    );
    fc.assert(
      fc.property(fc.json(), (text) => void readMemo(text)),
      cases(100),
    );
  });
});

describe('answers for one person', () => {
  it.each(HOSTILE)('a refusal that quotes %s pings nobody', (_what, words) => {
    const { text } = refused({ code: 'unknown-access', sentence: `There is no ${words}`, rule: words });
    expect(text).not.toMatch(/[<>]/);
  });

  it('say what was asked, where, and how long it waits', () => {
    const where = (channel?: string) => {
      const { channel: _, ...request } = aRequest();
      return askedAnswer({ kind: 'opened', request: { ...request, ...(channel === undefined ? {} : { channel }) } })
        ?.text;
    };
    expect(where('#approvals')).toMatch(/^Asked in #approvals: /);
    expect(where('C0APPROVALS')).toMatch(/^Asked in <#C0APPROVALS>: /);
    expect(where()).toMatch(/^Asked directly: /);
    expect(askedAnswer({ kind: 'replayed' })).toBeUndefined();
  });

  it('of more than one step name the first as the first', () => {
    const flow = aRequest().flow;
    const request = aRequest({ flow: { ...flow, steps: [...flow.steps, ...flow.steps] } });
    expect(askedAnswer({ kind: 'opened', request })?.text).toContain('needs 1 of group `dba` first.');
  });

  it('list what is due as due', () => {
    const grants = [aGrant({ access: 'read', status: 'active', endsAt: NOON })];
    expect(listAnswer({ kind: 'mine', grants, requests: [] }, NOON).text).toContain('• `read` – due now, until');
  });

  it('help a person who may ask for many, and counts the rest', () => {
    const many = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`more-${index}`, usual.accesses.read ?? {}]),
    );
    const { text } = helpAnswer(policiesOf({ ...usual, accesses: many }), 'U0ANA');
    expect(text).toContain('• … and 5 more: `/access` lets you search them');
  });
});

describe('words', () => {
  it('name people by their Slack user where it is known', () => {
    const ids = new Map([[email('ana'), 'U0ANA']]);
    expect(
      [email('ana'), email('ben'), 'policy:read/auto', 'latchkey', undefined].map((who) => person(who, ids)),
    ).toEqual(['<@U0ANA>', 'ben@example.com', 'the policy `read/auto`', 'Latchkey', 'nobody']);
  });

  it('that were escaped come back as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expect(unescaped(escaped(text))).toBe(text)),
      cases(100),
    );
  });
});
