import fc from 'fast-check';
import type { CallerRef } from '../../src/domain/caller.ts';
import type { FieldValues, Flow } from '../../src/domain/request.ts';
import { conditionsOf } from '../../src/policy/diff/conditions.ts';
import { type ActionPolicy, evaluateAction, type PolicySet } from '../../src/policy/index.ts';
import { actionCounterexample } from '../../src/policy-test/never/actions.ts';
import { whoCouldAsk } from '../../src/policy-test/never/callers.ts';
import { whatCouldBeGiven } from '../../src/policy-test/never/parameters.ts';
import { readStatement } from '../../src/policy-test/never/statement.ts';
import { policiesOf, step, usual } from '../support/world.ts';
import { holds } from './holds.ts';

const ISSUER = 'https://ci.example.com';
const HASH = `sha256:${'a'.repeat(64)}`;
const NOW = '2026-03-03T09:00:00.000Z';

/** One way to ask for the action, of which there are more than a policy or a statement mentions. */
interface Asking {
  caller: CallerRef;
  parameters: FieldValues;
  reason: string;
}

type Said = string | readonly string[] | undefined;
const saying = <T extends Record<string, Said>>(said: T) =>
  Object.fromEntries(Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
const asking = fc.record({
  caller: fc.oneof(
    fc.constant<CallerRef>({ kind: 'api-key', name: 'jenkins' }),
    fc
      .record({
        subject: fc.constantFrom('a', 'b', 'ab', 'other'),
        ref: fc.constantFrom<Said[]>(undefined, 'a', 'a', 'b', 'ab', 'other'),
        env: fc.constantFrom<Said[]>(undefined, 'a', 'b', 'other', ['a', 'other']),
      })
      .map(({ subject, ...said }): CallerRef => ({ kind: 'oidc', issuer: ISSUER, subject, claims: saying(said) })),
  ),
  parameters: fc
    .record({ p: fc.constantFrom('a', 'b'), q: fc.constantFrom(undefined, 'a', 'ab', 'other') })
    .map((said): FieldValues => saying(said) as FieldValues),
  reason: fc.constantFrom('a', 'other'),
});

/** A statement, and whether it is true of a request and the flow that decides. */
interface Statement {
  text: string;
  holds(asked: Asking, flow: Flow): boolean;
}
const claim = ({ caller }: Asking, name: string): string => {
  const value = caller.kind === 'oidc' ? caller.claims[name] : undefined;
  return typeof value === 'string' ? value : '';
};
const subject = ({ caller }: Asking): string => (caller.kind === 'oidc' ? caller.subject : '');
const ATOMS: readonly Statement[] = [
  { text: 'auto-approved', holds: (_, flow) => flow.autoApprove },
  { text: 'approvals == 1', holds: (_, flow) => !flow.autoApprove },
  { text: 'caller.kind == "oidc"', holds: ({ caller }) => caller.kind === 'oidc' },
  { text: 'caller.claims.ref == "a"', holds: (asked) => claim(asked, 'ref') === 'a' },
  { text: 'caller.claims.ref in ["b", "c"]', holds: (asked) => claim(asked, 'ref') === 'b' },
  { text: 'not has(caller.claims.env)', holds: (asked) => claim(asked, 'env') === '' },
  { text: 'caller.subject != "a"', holds: (asked) => subject(asked) !== 'a' },
  { text: 'request.parameters.p == "b"', holds: ({ parameters }) => parameters.p === 'b' },
  { text: 'request.parameters.q != "a"', holds: ({ parameters }) => parameters.q !== 'a' },
];
const atom = fc.constantFrom(...ATOMS);
const statement = fc.oneof(
  atom,
  fc.tuple(atom, atom).map(
    ([one, other]): Statement => ({
      text: `(${one.text}) and (${other.text})`,
      holds: (...about) => one.holds(...about) && other.holds(...about),
    }),
  ),
  fc.tuple(atom, atom, atom).map(
    ([one, other, third]): Statement => ({
      text: `(${one.text}) and (${other.text}) and not (${third.text})`,
      holds: (...about) => one.holds(...about) && other.holds(...about) && !third.holds(...about),
    }),
  ),
);

const condition = fc.constantFrom(
  ...['caller.claims["ref"] == "a"', 'caller.claims.ref.startsWith("a") && caller.claims.ref.endsWith("b")'],
  ...['"env" in caller.claims', 'has(caller.claims.env) && caller.claims.env != "b"', 'size(caller.claims) > 1'],
  ...[
    'caller.subject == "a"',
    'caller.subject.startsWith("a") && size(caller.subject) == 2',
    'caller.kind == "api-key"',
  ],
  ...['request.parameters.p == "a"', 'has(request.parameters.q)', 'size(request.parameters) == 2'],
  ...['has(request.parameters.q) && request.parameters.q.startsWith("a")', 'request.reason == "a"'],
  ...['has(request.parameters.q) && request.parameters.q in ["b", "other"]', 'in_schedule("office")'],
);
const flow = fc.record({ when: fc.option(condition, { nil: undefined }), auto: fc.boolean() });
const claims = fc.dictionary(fc.constantFrom('ref', 'env', 'sub'), fc.subarray(['a', 'b'], { minLength: 1 }), {
  minKeys: 1,
  noNullPrototype: true,
});
const action = fc.record({
  callers: fc.array(
    fc.oneof(
      fc.constant({ api_key: 'jenkins' }),
      claims.map((each) => ({ issuer: ISSUER, claims: each })),
    ),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
  flows: fc.array(flow, { minLength: 1, maxLength: 3 }),
});

function policiesWith({
  callers,
  flows,
}: {
  callers: unknown[];
  flows: { when?: string | undefined; auto: boolean }[];
}) {
  return policiesOf({
    ...usual,
    accesses: {},
    settings: {
      api_keys: { jenkins: HASH },
      schedules: { office: { days: ['mon', 'tue'], from: '08:00', to: '18:00' } },
    },
    actions: {
      it: {
        callers,
        parameters: { p: { enum: ['a', 'b'], required: true }, q: {} },
        flows: flows.map(({ when, auto }, index) => ({
          name: `flow ${index}`,
          ...(when === undefined ? {} : { when }),
          ...(auto ? { auto_approve: true } : { steps: [step('dba')] }),
        })),
      },
    },
  });
}

/** Whether the statement, at any time, is said to be true of something. */
type Check = (policies: PolicySet, action: ActionPolicy, said: Statement) => boolean;

function conditionOf(policies: PolicySet, text: string) {
  const read = readStatement(text, policies);
  if (!read.ok || !read.statement.actions) throw new Error(`${text}: ${JSON.stringify(read)}`);
  return read.statement.actions;
}

const check: Check = (policies, one, { text }) =>
  actionCounterexample(policies, one, { condition: conditionOf(policies, text), now: undefined }) !== undefined;

const changed =
  (change: (action: ActionPolicy) => Partial<ActionPolicy>): Check =>
  (policies, one, said) => {
    const other = { ...one, ...change(one) };
    return check({ ...policies, actions: new Map([[other.name, other]]) }, other, said);
  };

holds<Check>(
  'what is true of one decision about an action has a counterexample',
  (found) =>
    fc.property(action, statement, fc.array(asking, { minLength: 30, maxLength: 30 }), (written, said, asked) => {
      const policies = policiesWith(written);
      const one = policies.actions.get('it');
      if (!one) throw new Error('there is no action');
      const real = asked.some((each) => {
        const decision = evaluateAction(policies, { ...each, action: 'it', now: NOW });
        return decision.ok && said.holds(each, decision.flow);
      });
      if (real) expect(found(policies, one, said)).toBe(true);
    }),
  check,
  {
    'looking at one rule for callers': changed(({ callers }) => ({ callers: callers.slice(0, 1) })),
    'looking at one flow': changed(({ flows }) => ({ flows: flows.slice(0, 1) })),
    'looking at one value of a parameter': changed(({ parameters }) => ({
      parameters: parameters.map(({ choices, ...each }) => ({ ...each, ...(choices ? { choices: ['a'] } : {}) })),
    })),
    'taking what nobody said for what nobody says': (policies, one, said) => {
      const condition = conditionOf(policies, said.text);
      const conditions = conditionsOf(one.flows);
      return whoCouldAsk(one, conditions, condition).all.some(({ caller }) =>
        whatCouldBeGiven(one, conditions, condition).all.some(({ values }) => {
          const asked = { caller, parameters: values, reason: '' };
          const decision = evaluateAction(policies, { ...asked, action: 'it', now: NOW, preview: true });
          return decision.ok && said.holds(asked, decision.flow);
        }),
      );
    },
  },
  400,
);
