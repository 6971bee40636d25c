import type { Message, RequestView } from '../../src/app/messages.ts';
import type { ActionAsked } from '../../src/domain/action.ts';
import { type CallerRef, callerName } from '../../src/domain/caller.ts';
import { plus } from '../../src/domain/instant.ts';
import type { RequestState } from '../../src/domain/request.ts';
import { notificationsOf } from '../../src/playground/slack/mentions.ts';
import { render } from '../../src/slack/messages/render.ts';
import { aRequest, aVote, MINUTE, NOON } from '../support/samples.ts';
import { buttons, everyText, HOSTILE, problemsOf } from './support/drawn.ts';
import { aDigest, aStep, aView, everywhere } from './support/views.ts';

const GITHUB: CallerRef = {
  kind: 'oidc',
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'repo:acme/api:ref:refs/heads/main',
  claims: { repository: 'acme/api', ref: 'refs/heads/main', actor: 'octo', run_id: '42', jti_like: 'x' },
};
const JENKINS: CallerRef = { kind: 'api-key', name: 'jenkins' };
const CLAIMS = [
  { name: 'repository', value: 'acme/api', decides: true },
  { name: 'ref', value: 'refs/heads/main', decides: true },
  { name: 'actor', value: 'octo', decides: false },
  { name: 'run_id', value: '42', decides: false },
  { name: 'enterprise_id', value: '7', decides: false },
];
const SHA = '4f2a9c1e0b7d6a5f4e3d2c1b0a9f8e7d6c5b4a39';

function anAction(
  values: Partial<RequestState> = {},
  {
    caller = GITHUB,
    became = {},
    ...view
  }: Partial<RequestView> & { caller?: CallerRef; became?: Partial<ActionAsked> } = {},
): RequestView {
  return aView({
    request: aRequest({
      id: 'req_1',
      access: 'deploy-production',
      title: 'Deploy to production',
      requester: { email: callerName(caller), slack: '' },
      durationMs: 15 * MINUTE,
      reason: 'Release 1.2',
      fields: { sha: SHA, environment: 'production' },
      entitlements: [],
      action: { caller, ...became },
      ...values,
    }),
    fields: [
      { label: 'Commit', value: SHA },
      { label: 'environment', value: 'production' },
    ],
    ...(caller.kind === 'oidc' ? { claims: CLAIMS } : {}),
    howToUse: [],
    slackIds: new Map([['bo@example.com', 'U0BO']]),
    ...view,
  });
}

const drawn = (view: RequestView) => {
  const rendered = render({ kind: 'approvers', view });
  return { rendered, all: everyText(rendered).join('\n') };
};
const approved = { status: 'approved', decidedBy: 'bo@example.com', decidedAt: NOON, votes: [aVote()] } as const;
const USABLE = { usableUntil: plus(NOON, 15 * MINUTE) };

describe('the approver message of an action', () => {
  it('says which caller asks to do what, with which parameters and why, in one sentence', () => {
    expect(drawn(anAction()).rendered.text).toMatch(
      /^Pipeline repo:acme\/api:ref:refs\/heads\/main \(token\.actions\.githubusercontent\.com\) asks to Deploy to production \(deploy-production\) with Commit 4f2a9c1e0b7d6a5f4e3d2c1b0a9f8e7d6c5b4a39, environment production: Release 1\.2\. Waiting for approval\. It lapses .* if nobody answers\.$/,
    );
    expect(drawn(anAction({}, { caller: JENKINS })).rendered.text).toMatch(
      /^The API key jenkins asks to Deploy to production \(deploy-production\) with /,
    );
  });

  it('shows every parameter on a line of its own, literally', () => {
    const { rendered } = drawn(anAction({}, { fields: [{ label: 'note', value: '*not bold* <!channel> a  b_c' }] }));
    const [lines] = (rendered.blocks ?? []).filter((block) => block.type === 'rich_text');
    expect(lines).toEqual({
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: 'note: ', style: { bold: true } },
            { type: 'text', text: '*not bold* <!channel> a  b_c', style: { code: true } },
          ],
        },
      ],
    });
  });

  it('hides nothing of what is approved, however many parameters there are and however long they are', () => {
    const fields = Array.from({ length: 10 }, (_, index) => ({
      label: `p${index}`,
      value: `${index}`.repeat(10_000),
    }));
    const { rendered } = drawn(anAction({}, { fields }));
    expect(problemsOf(rendered)).toEqual([]);
    const values = everyText(rendered.blocks).filter((text) => /^(\d)\1+$/.test(text));
    expect(values.join('')).toBe(fields.map(({ value }) => value).join(''));
  });

  it('an action without parameters has no line for them', () => {
    const { rendered } = drawn(anAction({ fields: {}, reason: '' }, { fields: [] }));
    expect(rendered.blocks?.some(({ type }) => type === 'rich_text')).toBe(false);
    expect(rendered.text).toContain('asks to Deploy to production (deploy-production). Waiting');
  });

  it('tells what the token says: what rules look at, then who started it; the rest is in the audit log', () => {
    const { all } = drawn(anAction());
    expect(all).toContain(
      '*The caller’s token says*\nwhat the policy looks at: repository `acme/api`, ref `refs/heads/main`\nalso: actor `octo`, run_\u200bid `42`',
    );
    expect(all).not.toContain('enterprise');
  });

  it('counts the claims for which there is no room', () => {
    const claims = Array.from({ length: 60 }, (_, index) => ({
      name: `c${index}`,
      value: 'x'.repeat(100),
      decides: true,
    }));
    const { rendered, all } = drawn(anAction({}, { claims }));
    expect(all).toMatch(/ … and \d+ more in the audit log/);
    expect(problemsOf(rendered)).toEqual([]);
  });

  it('says of an API key that it tells nothing about who uses it', () => {
    expect(drawn(anAction({}, { caller: JENKINS })).all).toContain('whoever has this one can ask');
  });

  it('says how long the approval may be used, and that it is used once', () => {
    expect(drawn(anAction()).all).toContain(
      'If approved, it may be done *once*, within *15m* of the last approval, with exactly these parameters.',
    );
    expect(drawn(anAction(approved, { became: USABLE })).all).not.toContain('If approved');
  });

  it('asks with the same buttons as an access, and pings its approvers alone', () => {
    const { rendered } = drawn(anAction({}, { steps: [aStep()] }));
    expect(buttons(rendered)).toEqual(['approve=req_1', 'deny=req_1']);
    expect(notificationsOf(rendered.text, rendered.blocks ?? [])).toEqual(['U0BO']);
  });

  it.each([
    ['may be used', approved, USABLE, /Approved by <@U0BO>\. It may be used once until <!date.*12:15 UTC>\.$/],
    [
      'was used',
      approved,
      { ...USABLE, usedAt: plus(NOON, MINUTE) },
      /Used <!date.*12:01 UTC>: the caller was told to go ahead, once\.$/,
    ],
    [
      'was not used',
      approved,
      { ...USABLE, unusedAt: plus(NOON, 15 * MINUTE) },
      /Not used in time, so it is worth nothing any more\.$/,
    ],
    ['was denied', { status: 'denied', decidedBy: 'bo@example.com' }, {}, /Denied by <@U0BO>\.$/],
    ['was withdrawn', { status: 'cancelled', decidedBy: callerName(GITHUB) }, {}, /Withdrawn by its caller\.$/],
    ['lapsed', { status: 'lapsed' }, {}, /Lapsed: it was not approved in time\.$/],
  ] as const)('%s: the status says so', (_what, values, became, sentence) => {
    expect(drawn(anAction(values, { became })).rendered.text).toMatch(sentence);
  });
});

describe('the story of an action', () => {
  const line = (view: RequestView, beat: 'cancelled' | 'lapsed' | 'used' | 'unused') =>
    render({ kind: 'story', view, line: { beat } }).text;

  it('tells the last approval, and until when it may be used', () => {
    const view = anAction(approved, { became: USABLE });
    expect(render({ kind: 'story', view, line: { beat: 'vote', vote: aVote(), steps: 1 } }).text).toMatch(
      /^<@U0BO> approved\. That was the last approval\. It may be used once until <!date.*12:15 UTC>\.$/,
    );
  });

  it('speaks of the caller, not of somebody in Slack, and of no access that was given', () => {
    expect(line(anAction({ status: 'cancelled' }), 'cancelled')).toBe('The caller withdrew this request.');
    expect(line(anAction({ status: 'lapsed' }), 'lapsed')).toBe(
      'Nobody answered in time, so this request lapsed. The caller may not go ahead.',
    );
    expect(line(anAction(approved), 'used')).toContain('told to go ahead');
    expect(line(anAction(approved), 'unused')).toContain('worth nothing any more');
  });
});

describe('whatever a token and its parameters say', () => {
  it.each(HOSTILE)('%s takes no effect, and Slack takes the message', (_what, words) => {
    const { reason, title } = everywhere(words);
    const caller: CallerRef = { kind: 'oidc', issuer: `https://ci.example.com/${title}`, subject: words, claims: {} };
    const view = anAction(
      { title, reason },
      {
        caller,
        fields: [{ label: title, value: words }],
        claims: ['actor', 'repository', words].map((name) => ({ name, value: words, decides: name !== 'actor' })),
      },
    );
    const messages: Message[] = [
      { kind: 'approvers', view },
      { kind: 'story', view, line: { beat: 'cancelled' } },
    ];
    for (const message of messages) expect(problemsOf(render(message))).toEqual([]);
  });
});

describe('the digest', () => {
  it('counts actions that were approved, used and not used in time', () => {
    const counts = { ...aDigest().counts, actionsApproved: 3, actionsUsed: 1, actionsUnused: 2 };
    expect(render({ kind: 'digest', digest: aDigest({ counts }) }).text).toContain(
      '0 granted, 3 actions approved, 1 used, 2 not used in time, 0 denied',
    );
  });

  it('says nothing of actions where there were none', () => {
    const counts = { ...aDigest().counts, granted: 1 };
    expect(render({ kind: 'digest', digest: aDigest({ counts }) }).text).not.toContain('action');
  });
});
