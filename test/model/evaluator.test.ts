import fc from 'fast-check';
import { directoryOf, type Person } from '../../src/policy/directory.ts';
import { type ApprovalContext, approvers, isApprover, mayRequest } from '../../src/policy/eligibility.ts';
import {
  type AccessPolicy,
  type Decision,
  evaluate,
  evaluateEmergency,
  evaluateExtension,
  type ParsedPolicies,
  type PolicySet,
} from '../../src/policy/index.ts';
import { holds } from '../properties/holds.ts';
import { exactly } from '../support/cases.ts';
import { MINUTE } from '../support/clock.ts';
import { email, slackOf } from '../support/world.ts';
import { loaded, type Policies, read } from './policies.ts';
import * as rules from './rules.ts';
import { PEOPLE, somePolicies, written } from './some-policies.ts';

// The evaluator against the model: who may ask for what, why not, which flow decides, and who fills its steps.

const QUESTIONS = 10;
type Kind = 'request' | 'emergency' | 'extension';
type Asked = rules.Question & { kind: Kind };

const question: fc.Arbitrary<Asked> = fc
  .record({
    kind: fc.constantFrom<Kind>('request', 'request', 'request', 'emergency', 'emergency', 'extension'),
    who: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...PEOPLE) },
      { weight: 1, arbitrary: fc.constant('stranger') },
    ),
    access: fc.constantFrom('read', 'read', 'read', 'write', 'write', 'write', 'nothing'),
    minutes: fc.constantFrom(undefined, 10, 11, 30, 31, 60, 61),
    reason: fc.constantFrom('', 'abc', '  abc  ', 'slow queries', 'slow queries', 'slow queries'),
    ticket: fc.constantFrom(undefined, undefined, '  ', 'INC-1', 'INC-1', 'INC-2', 'nonsense'),
    time: fc.constantFrom('00:00', '08:59', '09:00', '16:59', '17:00'),
  })
  .map(({ time, ...rest }) => {
    const asked = { ...rest, now: new Date(`2026-03-03T${time}:30.000Z`) };
    const { kind, who, access, minutes, reason, ticket } = asked;
    const text = `${who} asks (${kind}) for ${access}, ${minutes === undefined ? 'the usual time' : `${minutes}m`}, because “${reason}”, ticket ${ticket ?? 'left out'}, at ${time}`;
    Object.defineProperty(asked, fc.toStringMethod, { value: () => `\n${text}`, enumerable: false });
    return asked;
  });

interface Evaluator {
  evaluate: typeof evaluate;
  evaluateEmergency: typeof evaluateEmergency;
  evaluateExtension: typeof evaluateExtension;
  approvers: typeof approvers;
  isApprover: typeof isApprover;
  mayRequest: typeof mayRequest;
}
const real: Evaluator = { evaluate, evaluateEmergency, evaluateExtension, approvers, isApprover, mayRequest };

function decided(evaluator: Evaluator, set: PolicySet, asked: Asked): Decision {
  const { kind, who, access, minutes, reason, ticket, now } = asked;
  const question = {
    slack: slackOf(who),
    access,
    reason,
    fields: ticket === undefined ? {} : { ticket },
    now: now.toISOString(),
  };
  if (kind === 'extension') return evaluator.evaluateExtension(set, { ...question, wholeMs: (minutes ?? 30) * MINUTE });
  const whole = minutes === undefined ? question : { ...question, durationMs: minutes * MINUTE };
  return kind === 'emergency' ? evaluator.evaluateEmergency(set, whole) : evaluator.evaluate(set, whole);
}

function expected(policies: Policies, asked: Asked): rules.Answer {
  if (asked.kind === 'extension') return rules.extensionAnswer(policies, { ...asked, minutes: asked.minutes ?? 30 });
  return asked.kind === 'emergency' ? rules.emergencyAnswer(policies, asked) : rules.answer(policies, asked);
}

/** What both say, in the same words: the flow, and by step how many of whom. */
function saidByModel(policies: Policies, asked: Asked) {
  const said = expected(policies, asked);
  if ('refused' in said) return said.refused;
  const about = { requester: asked.who, targets: rules.targetsOf(policies, asked.access) };
  return {
    flow: said.flow,
    automatic: said.steps.length === 0,
    minutes: said.minutes,
    timeout: said.timeout,
    gives: policies.accesses[asked.access]?.grants.map(({ target, role }) => `${role} at ${target} to ${asked.who}`),
    steps: said.steps.map((step) => ({
      need: step.need,
      delegation: step.delegation,
      who: PEOPLE.filter((who) => rules.isApprover(policies, step, who, about)),
      later: PEOPLE.filter((who) => rules.isApprover(policies, { approvers: step.escalate?.to ?? [] }, who, about)),
    })),
  };
}

function saidByProduct(evaluator: Evaluator, set: PolicySet, asked: Asked) {
  const decision = decided(evaluator, set, asked);
  if (!decision.ok) return decision.refusal.code;
  const { flow, entitlements, access, durationMs } = decision;
  const context: ApprovalContext = { requester: email(asked.who), targets: access.targets };
  return {
    flow: flow.name,
    automatic: flow.autoApprove,
    minutes: durationMs / MINUTE,
    timeout: flow.timeoutMs / MINUTE,
    gives: entitlements.map(({ target, permission, account }) => `${permission.role} at ${target} to ${account}`),
    steps: flow.steps.map((step) => {
      const later = { approvers: step.escalate?.to ?? [], need: 1 };
      const list = evaluator.approvers(set, step, context).map((one) => one.email);
      const who = PEOPLE.filter((one) => evaluator.isApprover(set, step, email(one), context));
      // Two ways to the same people: the list that is asked, and the question whether somebody may.
      if (list.slice().sort().join() !== who.map(email).sort().join())
        throw new Error(`asked are ${list}, and ${who} may answer`);
      return {
        need: step.need,
        delegation: step.delegation === 'allowed',
        who,
        later: PEOPLE.filter((one) => evaluator.isApprover(set, later, email(one), context)),
      };
    }),
  };
}

const changedAccesses = (set: PolicySet, change: (access: AccessPolicy) => AccessPolicy): PolicySet => ({
  ...set,
  accesses: new Map([...set.accesses].map(([name, access]) => [name, change(access)])),
});

const changedPeople = (set: PolicySet, change: (person: Person) => Person): PolicySet => {
  const { people, groups, members } = set.directory;
  const lists = groups.map((name) => [name, members(name).map((one) => one.email)] as const);
  return { ...set, directory: directoryOf(people.map(change), new Map(lists)) };
};

/** Asks everything of changed policies. */
const of = (change: (set: PolicySet) => PolicySet): Evaluator => ({
  evaluate: (set, asked) => evaluate(change(set), asked),
  evaluateEmergency: (set, asked) => evaluateEmergency(change(set), asked),
  evaluateExtension: (set, asked) => evaluateExtension(change(set), asked),
  approvers: (who, ...rest) => approvers(change(who as PolicySet), ...rest),
  isApprover: (who, ...rest) => isApprover(change(who as PolicySet), ...rest),
  mayRequest: (who, { name }, person) => {
    const set = change(who as PolicySet);
    const access = set.accesses.get(name);
    return access !== undefined && mayRequest(set, access, person);
  },
});
const ofAccesses = (change: (access: AccessPolicy) => AccessPolicy) => of((set) => changedAccesses(set, change));

const inContext = (change: (context: ApprovalContext) => ApprovalContext): Evaluator => ({
  ...real,
  approvers: (who, step, context) => approvers(who, step, change(context)),
  isApprover: (who, step, person, context) => isApprover(who, step, person, change(context)),
});

holds<Evaluator>(
  `the evaluator decides as the documentation says, ${QUESTIONS} questions to each set of policies (invariants 2 and 3)`,
  (evaluator) =>
    fc.property(somePolicies, exactly(QUESTIONS, question), (policies, questions) => {
      const set = loaded(policies);
      for (const asked of questions)
        expect({ asked, said: saidByProduct(evaluator, set, asked) }).toEqual({
          asked,
          said: saidByModel(policies, asked),
        });
      for (const [name, access] of set.accesses) {
        const { requesters = [], deny = [] } = policies.accesses[name] ?? {};
        const may = policies.people.filter(({ name: requester, disabled }) => {
          const about = { requester, targets: rules.targetsOf(policies, name) };
          const denied = rules.namesAny(policies, deny, requester, about);
          return !disabled && !denied && rules.namesAny(policies, requesters, requester, about);
        });
        const said = PEOPLE.filter((who) => evaluator.mayRequest(set, access, email(who)));
        expect({ name, said }).toEqual({ name, said: may.map((one) => one.name) });
      }
    }),
  real,
  {
    'one that denies nobody': ofAccesses((access) => ({ ...access, deny: [] })),
    'one for which whoever is denied must also be no requester': ofAccesses((access) => ({
      ...access,
      deny: access.deny.filter(
        (one) => !access.requesters.some((other) => JSON.stringify(one) === JSON.stringify(other)),
      ),
    })),
    'one in which everybody may ask': ofAccesses((access) => ({ ...access, requesters: [{ kind: 'everyone' }] })),
    'one in which nobody stands for everybody': ofAccesses((access) =>
      access.requesters.length === 0 ? { ...access, requesters: [{ kind: 'everyone' }] } : access,
    ),
    'one that knows no disabled people': of((set) => changedPeople(set, (one) => ({ ...one, disabled: false }))),
    'one that cuts what is too long': {
      ...real,
      evaluate: (set, asked) => {
        const most = set.accesses.get(asked.access)?.duration.maxMs ?? Number.POSITIVE_INFINITY;
        const durationMs = Math.min(asked.durationMs ?? most, most);
        return evaluate(set, asked.durationMs === undefined ? asked : { ...asked, durationMs });
      },
    },
    'one that asks for no reason': ofAccesses((access) => ({ ...access, reason: { required: false, minLength: 0 } })),
    'one that asks for no ticket': ofAccesses((access) => ({
      ...access,
      fields: access.fields.map((field) => ({ ...field, required: false })),
    })),
    'one that takes any ticket': ofAccesses((access) => ({
      ...access,
      fields: access.fields.map(({ pattern: _, ...field }) => field),
    })),
    'one that reads no condition': ofAccesses((access) => ({
      ...access,
      flows: access.flows.map(({ when: _, ...flow }) => flow),
    })),
    'one that takes the last flow that fits': ofAccesses((access) => ({ ...access, flows: access.flows.toReversed() })),
    'one that passes over a condition without an answer': ofAccesses((access) => ({
      ...access,
      flows: access.flows.map((flow) => {
        const { when } = flow;
        if (!when) return flow;
        const passing = (facts: Parameters<typeof when.holds>[0]) => {
          try {
            return when.holds(facts);
          } catch {
            return false;
          }
        };
        return { ...flow, when: { ...when, holds: passing } };
      }),
    })),
    'one that reads the clock an hour late': {
      ...real,
      evaluate: (set, asked) =>
        evaluate(set, { ...asked, now: new Date(Date.parse(asked.now) + 60 * MINUTE).toISOString() }),
    },
    'one that does not count who could approve': {
      ...real,
      evaluate: (set, asked) => {
        const decision = evaluate(set, asked);
        if (decision.ok || decision.refusal.code !== 'no-approvers') return decision;
        const free = changedAccesses(set, (access) => ({
          ...access,
          flows: access.flows.map((flow) => ({ ...flow, autoApprove: true })),
        }));
        return evaluate(free, asked);
      },
    },
    'one that needs no account': of((set) => changedPeople(set, (one) => ({ ...one, accounts: {} }))),
    'one in which the requester may approve': inContext((context) => ({ ...context, requester: 'nobody@example.com' })),
    'one that knows the owner of the first target only': ofAccesses((access) => ({
      ...access,
      targets: access.targets.slice(0, 1),
    })),
    'one in which whoever is not in Slack approves': of((set) =>
      changedPeople(set, (one) => ({ ...one, slack: one.slack ?? slackOf(one.email.split('@')[0] ?? '') })),
    ),
    'one in which managers have no say': of((set) => changedPeople(set, ({ manager: _, ...one }) => one)),
    'one in which whoever may ask may take it in an emergency': {
      ...real,
      evaluateEmergency: (set, asked) =>
        evaluateEmergency(
          changedAccesses(set, (access) =>
            access.breakGlass ? { ...access, breakGlass: { ...access.breakGlass, allow: access.requesters } } : access,
          ),
          asked,
        ),
    },
    'one whose emergencies nobody is denied': {
      ...real,
      evaluateEmergency: (set, asked) =>
        evaluateEmergency(
          changedAccesses(set, (access) => ({ ...access, deny: [] })),
          asked,
        ),
    },
    'one whose emergencies need no reason': {
      ...real,
      evaluateEmergency: (set, asked) =>
        evaluateEmergency(set, {
          ...asked,
          reason: asked.reason?.trim() === '' ? 'an emergency' : (asked.reason ?? ''),
        }),
    },
    'one that judges an extension by its own length': {
      ...real,
      evaluateExtension: (set, asked) => {
        const by = set.accesses.get(asked.access)?.duration.extend?.byMs;
        return evaluateExtension(set, { ...asked, wholeMs: by ?? asked.wholeMs });
      },
    },
    'one in which the policy extends by itself': {
      ...real,
      evaluateExtension: (set, asked) => {
        const decision = evaluateExtension(set, asked);
        return decision.ok ? { ...decision, flow: { ...decision.flow, autoApprove: true, steps: [] } } : decision;
      },
    },
    'one that always asks the whole flow again': {
      ...real,
      evaluateExtension: (set, asked) => {
        const whole = changedAccesses(set, (access) => {
          const { extend } = access.duration;
          if (!extend) return access;
          return { ...access, duration: { ...access.duration, extend: { ...extend, approval: 'all-steps' } } };
        });
        return evaluateExtension(whole, asked);
      },
    },
  },
  500,
);

type Load = (policies: Policies) => Pick<ParsedPolicies, 'ok'>;

const CODES = ['empty-group', 'no-owner', 'no-reviewers', 'too-few-approvers'];
const without =
  (code: string): Load =>
  (policies) => {
    const result = read(policies);
    return { ok: result.ok || result.problems.every((one) => one.code === code) };
  };

holds<Load>(
  'a set loads when each of its flows could be filled for somebody, and else it does not (invariant 3)',
  (load) =>
    fc.property(written, (policies) => {
      const result = read(policies);
      if (!result.ok) expect(CODES).toEqual(expect.arrayContaining(result.problems.map(({ code }) => code)));
      expect(load(policies).ok).toBe(rules.loads(policies));
    }),
  read,
  Object.fromEntries(CODES.map((code) => [`one that lets ${code} pass`, without(code)])),
  400,
);
