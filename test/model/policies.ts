import { stringify } from 'yaml';
import { formatDuration } from '../../src/domain/duration.ts';
import { formatProblem, type ParsedPolicies, type PolicySet, parsePolicies } from '../../src/policy/index.ts';
import { MINUTE } from '../support/clock.ts';
import { email, fakeProviders, slackOf } from '../support/world.ts';

// Policies as the model sees them: what somebody could have written, as plain data, and as the YAML that the product reads.
// Durations are whole minutes.

/** `user:<name>`, `group:<name>`, `everyone`, `manager` or `owner`. */
export type Principal = string;

export type Condition =
  | { is: 'at most'; minutes: number }
  | { is: 'in group'; group: string }
  | { is: 'labelled'; risk: string }
  | { is: 'managed' }
  | { is: 'office hours' }
  /** Has no answer when no ticket was filled in. */
  | { is: 'ticket'; value: string }
  | { is: 'not'; of: Condition }
  | { is: 'both' | 'either'; of: readonly [Condition, Condition] };

export interface Step {
  readonly approvers: readonly Principal[];
  readonly need: number;
  readonly delegation: boolean;
  readonly remindEvery?: number | undefined;
  readonly escalate?: { readonly after: number; readonly to: readonly Principal[] } | undefined;
}

export interface Flow {
  readonly name: string;
  readonly when?: Condition | undefined;
  /** None: it approves by itself. */
  readonly steps: readonly Step[];
  readonly timeout: number;
}

export interface Access {
  readonly risk: string;
  readonly grants: readonly { readonly target: string; readonly role: string }[];
  readonly requesters: readonly Principal[];
  readonly deny: readonly Principal[];
  readonly default: number;
  readonly max: number;
  readonly extend?: { readonly times: number; readonly by: number; readonly approval: string } | undefined;
  readonly reason: { readonly required: boolean; readonly minLength: number };
  readonly ticket?: { readonly required: boolean } | undefined;
  readonly flows: readonly Flow[];
  readonly breakGlass?:
    | {
        readonly allow: readonly Principal[];
        readonly reviewWithin: number;
        readonly quota?: { readonly times: number; readonly per: number } | undefined;
      }
    | undefined;
}

export interface Person {
  readonly name: string;
  /** Without it they can neither ask nor vote. */
  readonly inSlack: boolean;
  readonly disabled: boolean;
  readonly manager?: string | undefined;
  /** Has no account at `db`. */
  readonly noAccount: boolean;
}

export interface Policies {
  readonly people: readonly Person[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** Targets, and who owns them. */
  readonly targets: Readonly<Record<string, Principal | undefined>>;
  readonly accesses: Readonly<Record<string, Access>>;
}

const TICKET_SHAPE = '^INC-[0-9]+$';
/** UTC, every day. */
export const OFFICE_HOURS = { from: 9, to: 17 };

const hour = (of: number): string => `${String(of).padStart(2, '0')}:00`;
const minutes = (count: number): string => formatDuration(count * MINUTE);
const principals = (all: readonly Principal[]): string[] =>
  all.map((one) => (one.startsWith('user:') ? `user:${email(one.slice('user:'.length))}` : one));

/** In CEL. */
function celOf(condition: Condition): string {
  switch (condition.is) {
    case 'at most':
      return `request.duration <= duration("${minutes(condition.minutes)}")`;
    case 'in group':
      return `"${condition.group}" in requester.groups`;
    case 'labelled':
      return `labels.risk == "${condition.risk}"`;
    case 'managed':
      return 'requester.manager != ""';
    case 'office hours':
      return 'in_schedule("office-hours")';
    case 'ticket':
      return `request.fields.ticket == "${condition.value}"`;
    case 'not':
      return `!(${celOf(condition.of)})`;
    default:
      return `(${celOf(condition.of[0])}) ${condition.is === 'both' ? '&&' : '||'} (${celOf(condition.of[1])})`;
  }
}

const stepDocument = ({ approvers, need, delegation, remindEvery, escalate }: Step) => ({
  approvers: principals(approvers),
  need,
  ...(delegation ? { delegation: 'allowed' } : {}),
  ...(remindEvery === undefined ? {} : { remind_every: minutes(remindEvery) }),
  ...(escalate ? { escalate: { after: minutes(escalate.after), to: principals(escalate.to) } } : {}),
});

const flowDocument = ({ name, when, steps, timeout }: Flow) => ({
  name,
  ...(when ? { when: celOf(when) } : {}),
  ...(steps.length === 0 ? { auto_approve: true } : { steps: steps.map(stepDocument) }),
  timeout: minutes(timeout),
});

function accessDocument(name: string, access: Access) {
  const { risk, grants, requesters, deny, extend, reason, ticket, flows, breakGlass } = access;
  return {
    version: 1,
    kind: 'access',
    name,
    labels: { risk },
    grants,
    requesters: principals(requesters),
    deny: principals(deny),
    duration: {
      default: minutes(access.default),
      max: minutes(access.max),
      ...(extend ? { extend: { ...extend, by: minutes(extend.by) } } : {}),
    },
    reason: { required: reason.required, min_length: reason.minLength },
    ...(ticket ? { fields: { ticket: { label: 'Ticket', pattern: TICKET_SHAPE, required: ticket.required } } } : {}),
    flows: flows.map(flowDocument),
    ...(breakGlass
      ? {
          break_glass: {
            allow: principals(breakGlass.allow),
            review_within: minutes(breakGlass.reviewWithin),
            ...(breakGlass.quota
              ? { quota: { times: breakGlass.quota.times, per: minutes(breakGlass.quota.per) } }
              : {}),
          },
        }
      : {}),
  };
}

function documents({ people, groups, targets, accesses }: Policies): object[] {
  return [
    {
      version: 1,
      kind: 'settings',
      timezone: 'UTC',
      schedules: { 'office-hours': { from: hour(OFFICE_HOURS.from), to: hour(OFFICE_HOURS.to) } },
    },
    {
      version: 1,
      kind: 'targets',
      targets: Object.fromEntries(
        Object.entries(targets).map(([name, owner]) => [
          name,
          { provider: 'fake', system: name, ...(owner ? { owner: principals([owner])[0] } : {}) },
        ]),
      ),
    },
    {
      version: 1,
      kind: 'directory',
      people: people.map(({ name, inSlack, disabled, manager, noAccount }) => ({
        email: email(name),
        ...(inSlack ? { slack: slackOf(name) } : {}),
        ...(disabled ? { disabled } : {}),
        ...(manager ? { manager: email(manager) } : {}),
        ...(noAccount ? { accounts: { db: null } } : {}),
      })),
      groups: Object.fromEntries(Object.entries(groups).map(([name, members]) => [name, members.map(email)])),
    },
    ...Object.entries(accesses).map(([name, access]) => accessDocument(name, access)),
  ];
}

/** As somebody would write it; only the version, which every document has, is left out for readers. */
export const yamlOf = (policies: Policies): string =>
  documents(policies)
    .map((one) => stringify({ ...one, version: undefined }, { lineWidth: 0, collectionStyle: 'any' }))
    .join('---\n');

const parsed = new WeakMap<Policies, ParsedPolicies>();
/** Twins meet the same sets, one after another. */
const byText = new Map<string, ParsedPolicies>();
const MOST_KEPT = 1_000;

/** Read by the product, as from a file; once. JSON is YAML, and read in half the time. */
export function read(policies: Policies): ParsedPolicies {
  const known = parsed.get(policies);
  if (known) return known;
  const text = documents(policies)
    .map((one) => JSON.stringify(one))
    .join('\n---\n');
  const result = byText.get(text) ?? parsePolicies([{ path: 'policies.yaml', text }], fakeProviders, () => undefined);
  parsed.set(policies, result);
  if (byText.size < MOST_KEPT) byText.set(text, result);
  return result;
}

/** @throws what is wrong with a set that does not load. */
export function loaded(policies: Policies): PolicySet {
  const result = read(policies);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.policies;
}
