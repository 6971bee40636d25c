import { formatDuration } from '../../domain/duration.ts';
import { type Principal, principalText } from '../../domain/principal.ts';
import type { AccessPolicy, Place, PolicySet } from '../../policy/index.ts';

type Flow = AccessPolicy['flows'][number];
type Field = AccessPolicy['fields'][number];
type Step = Flow['steps'][number];

/** One rule made weaker, or taken away: a test must notice. */
export interface Mutant {
  access: string;
  /** What it does, for people. */
  what: string;
  place: Place;
  change(access: AccessPolicy): AccessPolicy;
}

/** All mutants of the policies, in the order of the accesses. */
export const mutantsOf = (policies: PolicySet): Mutant[] => [...policies.accesses.values()].flatMap(mutantsOfAccess);

const EVERYONE: Principal = { kind: 'everyone' };
const isEveryone = ({ kind }: Principal): boolean => kind === 'everyone';
const without = <T>(items: readonly T[], index: number): T[] => items.toSpliced(index, 1);

function mutantsOfAccess(access: AccessPolicy): Mutant[] {
  const { name, places, requesters, deny, duration, reason, flows } = access;
  const mutants: Mutant[] = [];
  const add = (place: Place, what: string, change: Mutant['change']): void => {
    mutants.push({ access: name, what, place, change });
  };
  for (const [index, one] of requesters.entries()) {
    add(places.requesters, `without ${principalText(one)} among \`requesters\``, (each) => ({
      ...each,
      requesters: without(each.requesters, index),
    }));
  }
  if (!requesters.some(isEveryone)) {
    add(places.requesters, 'with `everyone` among `requesters`', (each) => ({
      ...each,
      requesters: [...each.requesters, EVERYONE],
    }));
  }
  for (const [index, one] of deny.entries()) {
    add(places.deny, `without ${principalText(one)} in \`deny\``, (each) => ({
      ...each,
      deny: without(each.deny, index),
    }));
  }
  add(places.duration, `with a \`max\` of ${formatDuration(duration.maxMs * 2)}`, (each) => ({
    ...each,
    duration: { ...each.duration, maxMs: each.duration.maxMs * 2 },
  }));
  if (duration.defaultMs !== duration.maxMs) {
    add(places.duration, `with a \`default\` of ${formatDuration(duration.maxMs)}`, (each) => ({
      ...each,
      duration: { ...each.duration, defaultMs: each.duration.maxMs },
    }));
  }
  if (reason.required || reason.minLength > 0) {
    add(places.reason, 'without a required `reason`', (each) => ({
      ...each,
      reason: { required: false, minLength: 0 },
    }));
  }
  for (const { name: field, required, pattern, choices } of access.fields) {
    const changing =
      (change: (field: Field) => Field): Mutant['change'] =>
      (each) => ({ ...each, fields: each.fields.map((one) => (one.name === field ? change(one) : one)) });
    if (required)
      add(
        places.fields,
        `without a required \`${field}\``,
        changing((one) => ({ ...one, required: false })),
      );
    if (pattern || choices) {
      add(
        places.fields,
        `with anything as \`${field}\``,
        changing(({ pattern: _, choices: __, ...one }) => one),
      );
    }
  }
  const { extend } = duration;
  if (extend) {
    const changing =
      (changed: typeof extend): Mutant['change'] =>
      (each) => ({
        ...each,
        duration: { ...each.duration, extend: changed },
      });
    add(
      places.duration,
      `with \`extend\` by ${formatDuration(extend.byMs * 2)}`,
      changing({ ...extend, byMs: extend.byMs * 2 }),
    );
    add(places.duration, `with \`extend\` ${extend.times + 1} times`, changing({ ...extend, times: extend.times + 1 }));
  }
  for (const [index, flow] of flows.entries()) {
    const place = places.eachFlow[index] ?? places.flows;
    add(place, `without the flow “${flow.name}”`, (each) => ({ ...each, flows: without(each.flows, index) }));
    if (flow.when) {
      add(places.conditions[index] ?? place, `without the condition of the flow “${flow.name}”`, (each) => ({
        ...each,
        flows: each.flows.map(({ when, ...one }, at) => (at === index || !when ? one : { ...one, when })),
      }));
    }
    const inFlow = (change: (flow: Flow) => Flow): Mutant['change'] => changingFlow(index, change);
    for (const [step, rule] of flow.steps.entries()) {
      const at = places.steps[index]?.[step] ?? place;
      for (const { what, change } of mutantsOfStep(flow, step, rule))
        add(at, `${what} of the flow “${flow.name}”`, inFlow(change));
    }
  }
  return mutants;
}

const changingFlow =
  (index: number, change: (flow: Flow) => Flow): Mutant['change'] =>
  (access) => ({ ...access, flows: access.flows.map((flow, at) => (at === index ? change(flow) : flow)) });

function* mutantsOfStep(
  { steps }: Flow,
  index: number,
  { approvers, need, escalate }: Step,
): Iterable<{ what: string; change(flow: Flow): Flow }> {
  const which = `step ${index + 1}`;
  const changing =
    (change: (step: Step) => Step) =>
    (flow: Flow): Flow => ({ ...flow, steps: flow.steps.map((step, at) => (at === index ? change(step) : step)) });
  if (steps.length > 1)
    yield { what: `without ${which}`, change: (flow) => ({ ...flow, steps: without(flow.steps, index) }) };
  if (need > 1)
    yield { what: `with \`need: ${need - 1}\` in ${which}`, change: changing((step) => ({ ...step, need: need - 1 })) };
  if (approvers.length > 1) {
    for (const [at, one] of approvers.entries()) {
      yield {
        what: `without ${principalText(one)} in ${which}`,
        change: changing((step) => ({ ...step, approvers: without(step.approvers, at) })),
      };
    }
  }
  if (!approvers.some(isEveryone)) {
    yield {
      what: `with \`everyone\` in ${which}`,
      change: changing((step) => ({ ...step, approvers: [...step.approvers, EVERYONE] })),
    };
  }
  if (escalate) {
    yield {
      what: `without the escalation in ${which}`,
      change: changing(({ escalate: _, ...step }) => step),
    };
  }
}
