import { formatDuration } from '../domain/duration.ts';
import { type EntitlementRef, entitlementKey } from '../domain/entitlement.ts';
import type { Instant, Milliseconds } from '../domain/instant.ts';
import { type Principal, principalText } from '../domain/principal.ts';
import type { Refusal, RefusalCode } from '../domain/refusal.ts';
import type { FieldValues, Flow } from '../domain/request.ts';
import { type Condition, ConditionFailed } from './conditions/condition.ts';
import type { ConditionFacts } from './conditions/facts.ts';
import { inSchedule } from './conditions/schedule.ts';
import type { Directory, Person } from './directory.ts';
import { durationChoices } from './duration-choices.ts';
import { denialOf, principalFor, requestable } from './eligibility.ts';
import { filledFields } from './field-rule.ts';
import { deepFreeze } from './frozen.ts';
import { gapNote, strangerNote } from './gaps.ts';
import { nearest } from './nearest.ts';
import type { AccessPolicy, FlowPolicy, PolicySet } from './policy-set.ts';
import type { Place } from './positions.ts';
import { reasonProblem } from './reason-rule.ts';
import { unfillable } from './seats.ts';

/** Somebody asks for an access. */
export interface Question {
  /** Who asks: by e-mail, by Slack id, or by both, which must then be the same person's. */
  email?: string;
  slack?: string;
  access: string;
  /** Absent: the access's default. */
  durationMs?: Milliseconds;
  reason?: string;
  /** As they were typed; a blank one was not filled in. */
  fields?: FieldValues;
  /** The moment of the decision, for conditions. */
  now: Instant;
  /** Not everything is filled in yet: what is missing is not refused. For showing what would come of it. */
  preview?: boolean;
}

/** What was looked at, in this order. */
export type Check =
  | 'person'
  | 'access'
  | 'deny'
  | 'requesters'
  | 'duration'
  | 'reason'
  | 'field'
  | 'when'
  | 'flow'
  | 'accounts'
  | 'approvers';

/** One rule that was looked at, and what came of it. The last one of a refusal is the one that refused. */
export interface TraceStep {
  check: Check;
  passed: boolean;
  /** For people. */
  detail: string;
  /** As `Refusal.rule`. */
  rule?: string;
}

export type Decision =
  | {
      ok: true;
      access: AccessPolicy;
      person: Person;
      durationMs: Milliseconds;
      /** What was filled in, blanks around it removed. */
      fields: FieldValues;
      flow: Flow;
      entitlements: EntitlementRef[];
      trace: TraceStep[];
    }
  | {
      ok: false;
      refusal: Refusal;
      /** The field that was filled in wrongly. */
      field?: string;
      trace: TraceStep[];
    };

/**
 * Decides whether the policies let somebody ask for an access, and which flow then decides about the request. The order
 * is that of the section *Meaning* of the policy language, and the first rule that says no ends it. Nothing is clamped.
 * The same policies and the same question give the same decision: no clock, no chance, nothing outside.
 */
export function evaluate(policies: PolicySet, question: Question): Decision {
  const trace: TraceStep[] = [];
  const passed = (check: Check, detail: string, rule?: string): void => {
    trace.push({ check, passed: true, detail, ...(rule === undefined ? {} : { rule }) });
  };
  const refused = (check: Check, code: RefusalCode, sentence: string, rule?: string): Decision => {
    const known = rule === undefined ? {} : { rule };
    trace.push({ check, passed: false, detail: sentence, ...known });
    return { ok: false, refusal: { code, sentence, ...known }, trace };
  };

  // 1. Who?
  const person = personAsking(policies, question);
  if (!person) {
    return refused(
      'person',
      'unknown-person',
      `You are not in the directory of the policies. Ask the people who own them to add you.${strangerNote(policies.directory)}`,
    );
  }
  if (person.disabled) {
    return refused(
      'person',
      'unknown-person',
      'You are disabled in the directory of the policies. Ask the people who own them if that is a mistake.',
    );
  }
  passed('person', person.email);

  const access = policies.accesses.get(question.access);
  if (!access) return refused('access', 'unknown-access', unknownAccess(policies, question.access, person));
  passed('access', access.title, rule(access.name, '', access.places.access));

  // 2. and 3. May they ask?
  const denied = denialOf(policies, access, person.email);
  const denyRule = rule(access.name, 'deny', access.places.deny);
  if (denied?.gap) {
    const sentence = `Nobody may ask for \`${access.name}\` now: its policy denies it to ${principalText(denied.principal)}. ${denied.gap.why} Try again in a few minutes.`;
    return refused('deny', 'directory-unavailable', sentence, denyRule);
  }
  if (denied) {
    const sentence = `You may not ask for \`${access.name}\`: its policy denies it to ${principalText(denied.principal)}.`;
    return refused('deny', 'denied-by-policy', sentence, denyRule);
  }
  passed('deny', access.deny.length === 0 ? 'denies nobody' : 'does not name you', denyRule);
  const admitted = principalFor(policies, access.requesters, person.email, access);
  const requestersRule = rule(access.name, 'requesters', access.places.requesters);
  if (!admitted) {
    const sentence =
      access.requesters.length === 0
        ? `Nobody may ask for \`${access.name}\`: its policy names no requesters.`
        : `You may not ask for \`${access.name}\`. Those who may: ${principalsText(access.requesters)}.${gapNote(policies, access.requesters, access.targets)}`;
    return refused('requesters', 'not-eligible', sentence, requestersRule);
  }
  passed('requesters', principalText(admitted), requestersRule);

  // 4. What they ask for.
  const durationMs = question.durationMs ?? access.duration.defaultMs;
  const durationRule = rule(access.name, 'duration', access.places.duration);
  if (!Number.isSafeInteger(durationMs) || durationMs <= 0 || durationMs % 1000 !== 0) {
    const sentence = `A duration is a whole number of seconds, more than zero. ${choices(access)}`;
    return refused('duration', 'invalid-duration', sentence, durationRule);
  }
  if (durationMs > access.duration.maxMs) {
    const sentence = `\`${access.name}\` is given for at most ${formatDuration(access.duration.maxMs)}, and you asked for ${formatDuration(durationMs)}. ${choices(access)}`;
    return refused('duration', 'too-long', sentence, durationRule);
  }
  const byDefault = question.durationMs === undefined ? ', the default' : '';
  passed('duration', `${formatDuration(durationMs)}${byDefault}`, durationRule);
  const reasonRule = rule(access.name, 'reason', access.places.reason);
  const preview = question.preview ?? false;
  const wrong = preview ? undefined : reasonProblem(access.reason, question.reason ?? '');
  if (wrong !== undefined) return refused('reason', 'invalid-field', wrong, reasonRule);
  passed('reason', access.reason.required ? 'given as required' : 'not required', reasonRule);
  const filled = filledFields(access, question.fields ?? {}, { preview });
  const fieldsRule = rule(access.name, 'fields', access.places.fields);
  if (!filled.ok) {
    const { sentence, field } = filled;
    return { ...refused('field', 'invalid-field', sentence, fieldsRule), ...(field === undefined ? {} : { field }) };
  }
  const { fields } = filled;
  if (access.fields.length > 0) passed('field', Object.keys(fields).join(', ') || 'none filled in', fieldsRule);

  // 5. Who decides? The first flow whose condition holds.
  const facts = conditionFacts(policies, { access, person, durationMs, fields, question });
  let flowIndex = -1;
  for (const [index, { name, when }] of access.flows.entries()) {
    const whenRule = rule(access.name, `flow ${name}`, access.places.conditions[index] ?? access.places.flows);
    if (when) {
      let holds: boolean;
      try {
        // NB. a group that is not known now reads as empty, and `!("contractors" in requester.groups)` would hold.
        const gaps = groupsUnknown(policies.directory, when.groups);
        if (gaps !== '') throw new ConditionFailed(gaps);
        holds = when.holds(facts);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        // Meaning 5: not skipped. The flow behind it may ask for less than this one would have.
        const sentence = `The condition of the flow “${name}” of \`${access.name}\` has no answer for this request: ${error.message}. Ask the people who own the policies.`;
        return refused('when', 'policy-error', sentence, whenRule);
      }
      trace.push({ check: 'when', passed: holds, detail: when.source, rule: whenRule });
      if (!holds) continue;
    }
    flowIndex = index;
    break;
  }
  const flow = access.flows[flowIndex];
  const flowsRule = rule(access.name, 'flows', access.places.flows);
  if (!flow) {
    const sentence =
      access.flows.length === 0
        ? `The policy of \`${access.name}\` has no flow that could approve it. Ask the people who own the policies.`
        : `No flow of \`${access.name}\` is meant for this request: ${listed(
            access.flows.map(({ name, when }) => `“${name}” asks for ${when?.source}`),
            'and',
          )}.`;
    return refused('flow', 'no-flow', sentence, flowsRule);
  }
  passed(
    'flow',
    flow.name,
    rule(access.name, `flow ${flow.name}`, access.places.conditions[flowIndex] ?? access.places.flows),
  );

  // What it would take: an account everywhere, and enough people to approve it.
  const accounts = access.grants.map((grant) => accountAt(policies, person, grant.target));
  const missing = access.grants.find((_grant, index) => accounts[index] === undefined);
  const grantsRule = rule(access.name, 'grants', access.places.grants);
  if (missing) {
    const sentence = `You have no account at \`${missing.target}\`, which \`${access.name}\` needs. Ask the people who own the policies to name one.`;
    return refused('accounts', 'no-account', sentence, grantsRule);
  }
  const asked = access.grants.map((grant, index) => entitlementOf(policies, grant, accounts[index] ?? ''));
  // Two names of one system can name one permission twice. It is given once and taken away once, by the first name.
  const entitlements = asked.filter(({ key }, index) => asked.findIndex((one) => one.key === key) === index);
  passed('accounts', entitlements.map(({ target, account }) => `${account} at ${target}`).join(', '), grantsRule);

  if (!flow.autoApprove) {
    const short = unfillable(policies, flow.steps, { requester: person.email, targets: access.targets });
    if (short) {
      const at = access.places.steps[flowIndex]?.[short.step] ?? access.places.flows;
      const stepRule = rule(access.name, `flow ${flow.name}, step ${short.step + 1}`, at);
      const note = gapNote(policies, flow.steps[short.step]?.approvers ?? [], access.targets);
      return refused('approvers', 'no-approvers', `${noApprovers(flow, short)}${note}`, stepRule);
    }
  }
  passed('approvers', flow.autoApprove ? 'approved by the policy itself' : 'there are enough of them', flowsRule);

  return {
    ok: true,
    access,
    person,
    durationMs,
    fields,
    flow: withOwners(policies, access, flow),
    entitlements,
    trace,
  };
}

/**
 * `owner` by name. NB. a request keeps its flow: were the word kept, a later change of the owner would let somebody approve
 * whom the policies did not name when it was asked (invariant 3).
 */
function withOwners(policies: PolicySet, access: AccessPolicy, { when: _, ...flow }: FlowPolicy): Flow {
  const owners = access.targets.flatMap((name) => policies.targets.get(name)?.owner ?? []);
  const named = (principals: readonly Principal[]) =>
    principals.flatMap((one) => (one.kind === 'owner' ? owners : [one]));
  const steps = flow.steps.map(({ approvers, escalate, ...step }) => ({
    ...step,
    approvers: named(approvers),
    ...(escalate ? { escalate: { ...escalate, to: named(escalate.to) } } : {}),
  }));
  const all = flow.steps.flatMap(({ approvers, escalate }) => [...approvers, ...(escalate?.to ?? [])]);
  return all.some(({ kind }) => kind === 'owner') ? deepFreeze({ ...flow, steps }) : Object.freeze(flow);
}

/** Why the groups that a condition looks at may not be complete now; empty when they are. */
function groupsUnknown(directory: Directory, groups: Condition['groups']): string {
  if (directory.gaps.length === 0) return '';
  const gaps =
    groups === 'all'
      ? directory.gaps.filter((gap) => gap.groups.length > 0)
      : [...groups].flatMap((group) => directory.gapsOf(group));
  return [...new Set(gaps.map(({ why }) => why))].join(' ').replace(/\.$/, '');
}

/** What conditions are told. */
export function conditionFacts(
  policies: PolicySet,
  about: {
    access: AccessPolicy;
    person: Person;
    durationMs: Milliseconds;
    fields: FieldValues;
    question: Pick<Question, 'reason' | 'now'>;
  },
): ConditionFacts {
  const { access, person, durationMs, fields, question } = about;
  const { schedules, timezone } = policies.settings;
  return {
    access: access.name,
    durationMs,
    reason: (question.reason ?? '').trim(),
    fields,
    email: person.email,
    groups: policies.directory.groupsOf(person.email),
    manager: person.manager ?? '',
    labels: access.labels,
    now: question.now,
    inSchedule: (name) => {
      const schedule = schedules.get(name);
      if (!schedule) throw new ConditionFailed(`there is no schedule ${name}`);
      return inSchedule(schedule, question.now, timezone);
    },
  };
}

/** Both names given must be one person's: a Slack id with somebody else's e-mail is nobody. */
function personAsking({ directory }: PolicySet, { email, slack }: Question): Person | undefined {
  const bySlack = slack === undefined ? undefined : directory.bySlack(slack);
  if (email === undefined) return bySlack;
  const byEmail = directory.byEmail(email);
  return slack === undefined || byEmail === bySlack ? byEmail : undefined;
}

/** A person's account at a target: what the directory says, else the e-mail or the part before its `@`. */
export function accountAt(policies: Pick<PolicySet, 'targets'>, person: Person, target: string): string | undefined {
  const policy = policies.targets.get(target);
  if (!policy) return undefined;
  const named = Object.hasOwn(person.accounts, target) ? person.accounts[target] : undefined;
  if (named === null) return undefined;
  return named ?? (policy.account === 'email' ? person.email : person.email.slice(0, person.email.indexOf('@')));
}

function entitlementOf(policies: PolicySet, grant: AccessPolicy['grants'][number], account: string): EntitlementRef {
  const { target, permission, label } = grant;
  const { provider = '', system = '' } = policies.targets.get(target) ?? {};
  return { key: entitlementKey(system, permission, account), target, system, provider, permission, account, label };
}

/** `prod-db-read: requesters (policies/databases.yaml:9)`. */
const rule = (access: string, part: string, { file, line }: Place): string =>
  `${access}${part === '' ? '' : `: ${part}`} (${file}:${line})`;

const choices = (access: AccessPolicy): string =>
  `Choose up to ${formatDuration(access.duration.maxMs)}, for example ${listed(durationChoices(access).map(formatDuration), 'or')}.`;

/** Names of more than this many in a sentence are counted instead. */
const NAMED = 8;

const listed = (items: readonly string[], word: 'and' | 'or'): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;

const principalsText = (principals: readonly Principal[]): string => {
  const texts = [...new Set(principals.map(principalText))];
  if (texts.length <= NAMED) return listed(texts, 'and');
  return `${texts.slice(0, NAMED).join(', ')} and ${texts.length - NAMED} more`;
};

/** Only what the person may ask for is suggested: a list of everything would tell strangers what there is. */
function unknownAccess(policies: PolicySet, name: string, person: Person): string {
  const names = requestable(policies, person.email).map((access) => access.name);
  // An over-long name is a mistake or an attack, and either way no name of anything.
  const what = name.length <= 80 ? `There is no access \`${name}\`.` : 'There is no access of that name.';
  const near = nearest(name, names);
  if (near !== undefined) return `${what} Did you mean \`${near}\`?`;
  if (names.length === 0) return `${what} There is none that you may ask for.`;
  if (names.length <= NAMED)
    return `${what} You may ask for ${listed(
      names.map((each) => `\`${each}\``),
      'or',
    )}.`;
  return `${what} There are ${names.length} that you may ask for: search for part of a name.`;
}

function noApprovers(flow: Flow, short: { step: number; eligible: number }): string {
  const step = flow.steps[short.step];
  if (!step) return 'Nobody could approve this request.';
  const needs = `Step ${short.step + 1} of the flow “${flow.name}” needs ${step.need} of ${principalsText(step.approvers)}`;
  const are = `${short.eligible === 0 ? 'nobody' : short.eligible}${short.eligible === 0 ? '' : short.eligible === 1 ? ' person' : ' people'}`;
  const why =
    short.eligible < step.need
      ? `, and ${are} other than you can approve there`
      : ', and the people who could are needed in the other steps: one person fills one seat';
  return `${needs}${why}. So this request could never be approved. Ask the people who own the policies.`;
}
