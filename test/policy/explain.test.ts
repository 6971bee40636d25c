import { assumingReason, explained } from '../../src/policy/index.ts';
import { type Asked, access, ask, policiesWith } from './support/world.ts';

const set = policiesWith(
  access(),
  access({
    name: 'db-write',
    reason: '{required: true, min_length: 10}',
    flows:
      "\n  - name: two people\n    steps:\n      - {approvers: ['group:dba'], need: 1}\n      - {approvers: [manager, owner], need: 1}\n    timeout: 2h",
  }),
  access({ name: 'open', flows: '[{name: open to all, auto_approve: true}]' }),
);
const why = (question: Partial<Asked>) =>
  explained(set, ask(set, { email: 'ana@example.com', access: 'db-read', ...question }));

describe('an explanation', () => {
  it('tells what the evaluation looked at, in its order, and who may approve each step, by name', () => {
    const told = why({ access: 'db-write', reason: 'INC-42 slow queries', durationMs: 7_200_000 });
    expect(told).toMatchObject({
      outcome: 'needs-approval',
      person: 'ana@example.com',
      access: 'db-write',
      flow: 'two people',
      durationMs: 7_200_000,
      timeoutMs: 7_200_000,
      steps: [
        { step: 1, need: 1, approvers: ['group:dba'], people: ['cy@example.com', 'dee@example.com'] },
        { step: 2, need: 1, approvers: ['manager', 'group:dba'], people: ['cy@example.com', 'dee@example.com'] },
      ],
    });
    const decision = ask(set, {
      email: 'ana@example.com',
      access: 'db-write',
      reason: 'INC-42 slow queries',
      durationMs: 7_200_000,
    });
    expect(told.checks).toEqual(decision.trace);
  });

  it('points each step at its own line', () => {
    const lines = why({ access: 'db-write', reason: 'INC-42 slow queries' }).steps.map(({ place }) => place);
    expect(lines).toMatchObject([{ file: 'access.yaml' }, { file: 'access.yaml' }]);
    expect((lines[1]?.line ?? 0) - (lines[0]?.line ?? 0)).toBe(1);
  });

  it('of a refusal ends with the rule that refused, and names nobody', () => {
    const told = why({ durationMs: 360_000_000 });
    expect(told).toMatchObject({ outcome: 'refused', refusal: { code: 'too-long' }, steps: [], entitlements: [] });
    expect(told.checks.at(-1)).toMatchObject({ check: 'duration', passed: false });
  });

  it('of an automatic approval has no steps', () => {
    expect(why({ access: 'open' })).toMatchObject({ outcome: 'automatic', flow: 'open to all', steps: [] });
  });
});

describe('a question without a reason', () => {
  const judge = (question: Asked) => ask(set, question);
  const ana = { email: 'ana@example.com' };

  it('is judged as if there were one, and says what was taken for granted', () => {
    const { decision, assumed } = assumingReason(set, { ...ana, access: 'db-write' }, judge);
    expect(decision.ok).toBe(true);
    expect(assumed).toBe('A reason of at least 10 characters is required.');
  });

  it('takes nothing for granted where none is required, where a bad one was given, or where another rule says no', () => {
    expect(assumingReason(set, { ...ana, access: 'db-read' }, judge).assumed).toBeUndefined();
    const short = assumingReason(set, { ...ana, access: 'db-write', reason: 'short' }, judge);
    expect(short).toMatchObject({ decision: { ok: false, refusal: { code: 'invalid-field' } } });
    expect(short.assumed).toBeUndefined();
    const stranger = assumingReason(set, { email: 'dee@example.com', access: 'db-write' }, judge);
    expect(stranger).toMatchObject({ decision: { ok: false, refusal: { code: 'not-eligible' } } });
    expect(stranger.assumed).toBeUndefined();
  });
});
