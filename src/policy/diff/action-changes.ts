import type { CallerRef } from '../../domain/caller.ts';
import type { Instant } from '../../domain/instant.ts';
import { callersRule } from '../callers.ts';
import type { ActionPolicy, PolicySet } from '../policy-set.ts';
import type { Place } from '../positions.ts';
import type { Raw } from './access-changes.ts';
import { actionRuleDifferences } from './action-rules.ts';
import { callersOf, type Representative } from './callers.ts';
import { someOf } from './change.ts';
import { type Askable, type Circumstance, circumstancesOf } from './circumstances.ts';
import { type Asker, type Difference, differences, type Sides } from './compare.ts';
import { conditionsOf } from './conditions.ts';
import type { RuleDifference } from './rules.ts';
import type { Outcome } from './side.ts';
import { usualReason } from './situations.ts';

interface Versions {
  was: ActionPolicy | undefined;
  now: ActionPolicy | undefined;
}

/** What of an action could not be looked at in full. */
export interface Sampled {
  /** By name: actions whose conditions ask for what is written. */
  words: string[];
  /** By name: actions whose conditions ask for what tokens say. */
  tokens: string[];
}

/**
 * Everything that is different about one action, over the callers that its rules can tell apart and every way to ask that its
 * conditions can.
 */
export function actionChanges(sides: Sides, name: string, at: Instant, sampled: Sampled): Raw[] {
  const was = sides.was.policies.actions.get(name);
  const now = sides.now.policies.actions.get(name);
  const versions = [was, now].filter((each) => each !== undefined);
  const policies = { was: sides.was.policies, now: sides.now.policies };
  const asked = { was: askable(was), now: askable(now) };
  const circumstances = circumstancesOf(asked, policies, at, usualReason(versions));
  if (circumstances.sampled) sampled.words.push(name);
  const conditions = versions.flatMap(({ flows }) => conditionsOf(flows));
  const callers = callersOf(
    versions.flatMap((each) => each.callers),
    conditions,
  );
  if (callers.sampled) sampled.tokens.push(name);

  const found = new Map<string, { difference: Difference; callers: Representative[]; when: string | undefined }>();
  const asking: Representative[] = [];
  for (const representative of callers.all) {
    const seen = byDifference(sides, representative.caller, { was, now }, circumstances.all);
    if (seen.both) asking.push(representative);
    for (const { difference, labels } of seen.found) {
      const when = whenText(labels, circumstances.all);
      const key = JSON.stringify([difference, when]);
      const known = found.get(key);
      if (known) known.callers.push(representative);
      else found.set(key, { difference, callers: [representative], when });
    }
  }
  const raw = [...found.values()].map(({ difference, callers: who, when }): Raw => {
    const place = now
      ? placeOf(difference, sides.now.policies, now, who[0]?.caller)
      : was && placeOf(difference, sides.was.policies, was, who[0]?.caller);
    return {
      ...difference,
      access: name,
      isAction: true,
      people: [],
      callers: who.map(({ text }) => text),
      who: whoText(difference, who, asking),
      ...(when === undefined ? {} : { when }),
      ...(place === undefined ? {} : { place }),
    };
  });
  if (was && now) {
    const rules = [
      ...actionRuleDifferences(was, now),
      ...(callers.cut && JSON.stringify(was.callers) !== JSON.stringify(now.callers) ? [tooMany(was, now)] : []),
    ];
    raw.push(...rules.map((rule): Raw => ({ ...rule, access: name, isAction: true, people: [] })));
  }
  return raw;
}

/** NB. what was not compared may be anything: a change that we cannot prove harmless is called wider. */
const tooMany = (was: ActionPolicy, now: ActionPolicy): RuleDifference => ({
  kind: 'rule',
  direction: 'wider',
  what: 'the list of callers',
  was: `another list of ${was.callers.length}`,
  now: `a list of ${now.callers.length} with too many claims and values to compare them all`,
  place: now.places.callers,
});

const askable = (action: ActionPolicy | undefined): Askable | undefined =>
  action && { flows: action.flows, fields: action.parameters };

/** The differences for one caller, each with the circumstances that it is seen in, and whether both sides let them ask. */
function byDifference(
  sides: Sides,
  caller: CallerRef,
  { was, now }: Versions,
  circumstances: readonly Circumstance[],
): { both: boolean; found: { difference: Difference; labels: Set<string> }[] } {
  // `manager` and `owner` mean nothing in an action.
  const asker: Asker = {
    email: '',
    managers: { was: undefined, now: undefined },
    targets: { was: [], now: [] },
    alone: new Set(),
  };
  const found = new Map<string, { difference: Difference; labels: Set<string> }>();
  let both = false;
  for (const circumstance of circumstances) {
    const before = outcome(sides, caller, was, 'was', circumstance);
    const after = outcome(sides, caller, now, 'now', circumstance);
    both ||= before.ok && after.ok;
    for (const difference of differences(sides, asker, before, after)) {
      const key = JSON.stringify(difference);
      const one = found.get(key) ?? { difference, labels: new Set<string>() };
      found.set(key, one);
      one.labels.add(circumstance.label);
    }
  }
  return { both, found: [...found.values()] };
}

/** NB. `preview`: what a caller would send is not known, so rules about missing parameters do not stand in the way. */
function outcome(
  sides: Sides,
  caller: CallerRef,
  action: ActionPolicy | undefined,
  version: 'was' | 'now',
  { fields, reason, now }: Circumstance,
): Outcome {
  if (!action) return { ok: false, code: 'unknown-action' };
  // NB. no prototype: a parameter may be called `constructor`.
  const parameters: Record<string, string> = Object.create(null);
  for (const { name } of action.parameters) {
    const filled = fields.get(name);
    const value = typeof filled === 'string' ? filled : filled?.[version];
    if (value !== undefined) parameters[name] = value;
  }
  return sides[version].actionOutcome({ caller, action: action.name, parameters, reason, now, preview: true });
}

const MOST_CIRCUMSTANCES = 4;

/** For which ways to ask a difference holds; undefined when it is for all of them. */
function whenText(labels: ReadonlySet<string>, all: readonly Circumstance[]): string | undefined {
  if (all.every(({ label }) => labels.has(label))) return undefined;
  return someOf(
    [...labels].map((label) => (label === '' ? 'as it is usually asked for' : label)),
    MOST_CIRCUMSTANCES,
  );
}

const MOST_CALLERS = 3;

/** Who may ask is named in full; of what it takes, it matters more that it is so for everybody. */
function whoText({ kind }: Difference, callers: readonly Representative[], asking: readonly Representative[]): string {
  const all = kind !== 'can-ask' && kind !== 'cannot-ask' && asking.every((each) => callers.includes(each));
  if (all && asking.length > 1) return 'every caller';
  return someOf(
    callers.map(({ text }) => text),
    MOST_CALLERS,
  );
}

/** The rule that made the difference, where it stands now or, for an action that is gone, stood. */
function placeOf(
  { kind }: Difference,
  policies: PolicySet,
  action: ActionPolicy,
  caller: CallerRef | undefined,
): Place {
  const { places } = action;
  if (kind !== 'can-ask' && kind !== 'cannot-ask') return places.flows;
  const rule = caller === undefined ? -1 : callersRule(policies, action, caller);
  return places.eachCaller[rule] ?? places.callers;
}
