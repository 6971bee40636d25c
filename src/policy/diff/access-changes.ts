import { formatDuration } from '../../domain/duration.ts';
import type { Instant } from '../../domain/instant.ts';
import type { AccessPolicy } from '../policy-set.ts';
import type { Place } from '../positions.ts';
import { type Change, someOf } from './change.ts';
import { circumstancesOf } from './circumstances.ts';
import { classesOf } from './classes.ts';
import { type Asker, askerOf, type Difference, differences, type Sides } from './compare.ts';
import { ruleDifferences } from './rules.ts';
import type { Outcome, Side } from './side.ts';
import {
  durationsText,
  type Situation,
  type Situations,
  situationsOf,
  usualReason,
  type Versions,
} from './situations.ts';

/** A change before it is joined with the same change of other accesses. */
export type Raw = Omit<Change, 'accesses' | 'actions' | 'who' | 'sentence' | 'places'> & {
  /** The name of the access or of the action. */
  access: string;
  isAction?: true;
  /** Of people it is worked out. */
  who?: string;
  approvers?: readonly string[];
  what?: string;
  place?: Place;
};

/** Everything that is different about one access. */
export function accessChanges(
  sides: Sides,
  basics: ReadonlyMap<string, string>,
  name: string,
  at: Instant,
  sampled: string[],
): Raw[] {
  const was = sides.was.policies.accesses.get(name);
  const now = sides.now.policies.accesses.get(name);
  const versions = [was, now].filter((each) => each !== undefined);
  const policies = { was: sides.was.policies, now: sides.now.policies };
  const circumstances = circumstancesOf({ was, now }, policies, at, usualReason(versions));
  if (circumstances.sampled) sampled.push(name);
  const situations = situationsOf({ was, now }, circumstances.all);
  const before = { side: sides.was, ...(was ? { access: was } : {}) };
  const after = { side: sides.now, ...(now ? { access: now } : {}) };
  const found = new Findings(situations, { was, now });
  const targets = { was: was?.targets ?? [], now: now?.targets ?? [] };
  const managed = [was, now].some((access) => access && namesManager(access));

  const [first] = situations.all;
  for (const alike of classesOf(before, after, 'asking', [...basics])) {
    const [email = ''] = alike[0] ?? [];
    // Most people may ask for most things under neither: then nothing else about them matters.
    if (
      first &&
      neverAsks(outcome(sides.was, email, was, 'was', first)) &&
      neverAsks(outcome(sides.now, email, now, 'now', first))
    )
      continue;
    for (const decided of classesOf(before, after, 'decided', alike)) {
      const outcomes = outcomesOf(sides, decided[0]?.[0] ?? '', { was, now }, situations);
      // One outcome, and yet different approvers: whoever has another manager is asked by another.
      for (const people of managed ? byManager(sides, decided) : [decided]) {
        const emails = people.map(([each]) => each);
        const managers = askerOf(sides, emails[0] ?? '', targets).managers;
        const nobody: Asker = { email: '', managers, targets, alone: new Set() };
        const general = byDifference(sides, nobody, outcomes, situations);
        found.add(
          general,
          emails.filter((each) => !nobody.alone.has(each)),
        );
        // NB. nobody sits in their own request: for who is all of a difference it is none.
        for (const each of emails) {
          if (!nobody.alone.has(each)) continue;
          const own: Asker = { email: each, managers, targets, alone: new Set() };
          found.add(byDifference(sides, own, outcomes, situations), [each]);
        }
      }
    }
  }
  if (was?.breakGlass || now?.breakGlass) {
    for (const alike of classesOf(before, after, 'emergency', [...basics])) {
      const emails = alike.map(([each]) => each);
      if (first) found.add(emergencyDifference(sides, emails[0] ?? '', { was, now }, first, situations), emails);
    }
  }
  const raw = found.list.map(({ difference, people, when }): Raw => {
    const place = placeOf(difference, now ?? was);
    return {
      ...difference,
      access: name,
      people: people.sort(),
      ...(when === undefined ? {} : { when }),
      ...(place === undefined ? {} : { place }),
    };
  });
  if (was && now) {
    raw.push(...ruleDifferences(was, now).map((rule): Raw => ({ ...rule, access: name, people: [] })));
  }
  return raw;
}

type Seen = readonly { difference: Difference; in: ReadonlySet<number> }[];

/** Differences with all the people for whom they are the same. */
class Findings {
  readonly #situations: Situations;
  readonly #versions: Versions;
  readonly #found = new Map<string, { difference: Difference; people: string[]; when: string | undefined }>();

  constructor(situations: Situations, versions: Versions) {
    this.#situations = situations;
    this.#versions = versions;
  }

  get list() {
    return [...this.#found.values()];
  }

  add(seen: Seen, people: readonly string[]): void {
    if (people.length === 0) return;
    for (const { difference, in: indices } of seen) {
      const when = whenText(difference, indices, this.#situations, this.#versions);
      const key = JSON.stringify([difference, when]);
      const known = this.#found.get(key);
      if (known) for (const email of people) known.people.push(email);
      else this.#found.set(key, { difference, people: [...people], when });
    }
  }
}

const namesManager = ({ flows }: AccessPolicy): boolean =>
  flows.some(({ steps }) =>
    steps.some(({ approvers, escalate }) =>
      [...approvers, ...(escalate?.to ?? [])].some(({ kind }) => kind === 'manager'),
    ),
  );

function byManager<T extends readonly [email: string, basic: string]>(
  { was, now }: Sides,
  people: readonly T[],
): T[][] {
  const groups = new Map<string, T[]>();
  for (const person of people) {
    const key = `${was.managerOf(person[0]) ?? ''}|${now.managerOf(person[0]) ?? ''}`;
    const group = groups.get(key);
    if (group) group.push(person);
    else groups.set(key, [person]);
  }
  return [...groups.values()];
}

/** How each way to ask ends under both. What one version cannot tell apart is asked once, and is the same object. */
function outcomesOf(sides: Sides, email: string, { was, now }: Versions, { all, like }: Situations): Pair[] {
  const known: { was: Outcome[]; now: Outcome[] } = { was: [], now: [] };
  const same = new Map<string, Outcome>();
  const one = (version: 'was' | 'now', index: number, situation: Situation): Outcome => {
    const at = like[version][index] ?? index;
    const before = known[version][at];
    if (before) return before;
    const found = outcome(sides[version], email, version === 'was' ? was : now, version, situation);
    // A flow has one name in its access, and everything about it but who asks is in the policy.
    const key = `${version} ${found.ok ? `flow ${found.flow.name}` : found.code}`;
    const shared = same.get(key) ?? found;
    same.set(key, shared);
    known[version][at] = shared;
    return shared;
  };
  return all.map((situation, index) => ({ was: one('was', index, situation), now: one('now', index, situation) }));
}

interface Pair {
  was: Outcome;
  now: Outcome;
}

/** The differences for one asker, each with the situations that it is seen in. */
function byDifference(sides: Sides, asker: Asker, outcomes: readonly Pair[], { all, versions }: Situations): Seen {
  const found = new Map<string, { difference: Difference; in: Set<number> }>();
  const known = new Map<Outcome, Map<Outcome, { difference: Difference; in: Set<number> }[]>>();
  for (const index of all.keys()) {
    const { was, now } = outcomes[index] ?? {};
    if (!was || !now) continue;
    const told = known.get(was) ?? new Map<Outcome, { difference: Difference; in: Set<number> }[]>();
    known.set(was, told);
    let seen = told.get(now);
    if (!seen) {
      seen = differences(sides, asker, was, now).map((difference) => {
        if (difference.kind === 'longer' || difference.kind === 'shorter') {
          difference.was = `at most ${versions.was ? longest(versions.was) : ''}`;
          difference.now = `at most ${versions.now ? longest(versions.now) : ''}`;
        }
        const key = JSON.stringify(difference);
        const one = found.get(key) ?? { difference, in: new Set<number>() };
        found.set(key, one);
        return one;
      });
      told.set(now, seen);
    }
    for (const one of seen) one.in.add(index);
  }
  return [...found.values()];
}

/** Whether somebody may take the access at once, without waiting. */
function emergencyDifference(
  sides: Sides,
  email: string,
  { was, now }: Versions,
  situation: Situation,
  { all }: Situations,
): Seen {
  const [before, after] = (['was', 'now'] as const).map((version) => {
    const access = version === 'was' ? was : now;
    return access
      ? sides[version].emergency({ email, access: access.name, ...asked(access, version, situation) })
      : ({ ok: false, code: 'unknown-access' } as const);
  });
  if (!before || !after || before.ok === after.ok) return [];
  const text = (found: Outcome) => (found.ok ? 'at once' : `refused (${found.code})`);
  const direction = after.ok ? 'wider' : 'narrower';
  const difference: Difference = { kind: 'emergency', direction, was: text(before), now: text(after) };
  return [{ difference, in: new Set(all.keys()) }];
}

/** NB. for an access that is not there `evaluate` says so, too, after it has looked for what was meant among all others. */
const outcome = (
  side: Side,
  email: string,
  access: AccessPolicy | undefined,
  version: 'was' | 'now',
  situation: Situation,
): Outcome =>
  access
    ? side.outcome({ email, access: access.name, ...asked(access, version, situation) })
    : { ok: false, code: 'unknown-access' };

/** NB. `preview`: what somebody would write is not known, so rules about missing words do not stand in the way. */
function asked({ fields: policies }: AccessPolicy, version: 'was' | 'now', situation: Situation) {
  const { durationMs, reason, now } = situation;
  // NB. no prototype: a field may be called `constructor`.
  const fields: Record<string, string> = Object.create(null);
  for (const { name } of policies) {
    const filled = situation.fields.get(name);
    const value = typeof filled === 'string' ? filled : filled?.[version];
    if (value !== undefined) fields[name] = value;
  }
  return { durationMs, reason, fields, now, preview: true };
}

/** Refused whatever is asked for: because of who it is. */
const NEVER: ReadonlySet<string> = new Set(['unknown-person', 'unknown-access', 'denied-by-policy', 'not-eligible']);
const neverAsks = (found: Outcome): boolean => !found.ok && NEVER.has(found.code);

/** For which ways to ask a difference holds; undefined when it is for all that matter to it. */
function whenText(
  { kind }: Difference,
  indices: ReadonlySet<number>,
  { all, ranges }: Situations,
  { was, now }: Versions,
): string | undefined {
  const [most, mostNow] = [was?.duration.maxMs ?? 0, now?.duration.maxMs ?? 0];
  const matters = ranges.flatMap(({ from, to }, index) => {
    if (kind === 'can-ask') return to <= mostNow ? [index] : [];
    if (kind === 'cannot-ask') return to <= most ? [index] : [];
    if (kind === 'longer' || kind === 'shorter') return from > Math.min(most, mostNow) ? [index] : [];
    return to <= Math.min(most, mostNow) ? [index] : [];
  });
  const circumstances = new Map<string, Set<number>>();
  for (const { circumstance } of all) circumstances.set(circumstance, new Set());
  for (const index of indices) {
    const situation = all[index];
    if (situation) circumstances.get(situation.circumstance)?.add(situation.range);
  }
  const texts = [...circumstances].map(([label, ranges_]) => ({
    label,
    durations: ranges_.size === 0 ? undefined : (durationsText(ranges_, ranges, matters) ?? ''),
  }));
  const [first] = texts;
  // The same whatever the circumstances are.
  if (texts.every(({ durations }) => durations === first?.durations)) return first?.durations || undefined;
  return someOf(
    texts.flatMap(({ label, durations }) => (durations === undefined ? [] : [`${label} ${durations}`.trim()])),
    MOST_CIRCUMSTANCES,
  );
}

const MOST_CIRCUMSTANCES = 4;

const longest = ({ duration }: AccessPolicy): string => formatDuration(duration.maxMs);

/** The rule that made the difference, where it stands now or, for an access that is gone, stood. */
function placeOf({ kind, now }: Difference, access: AccessPolicy | undefined): Place | undefined {
  if (!access) return undefined;
  const { places } = access;
  if (kind === 'can-ask') return places.requesters;
  if (kind === 'cannot-ask') return now.includes('denied-by-policy') ? places.deny : places.requesters;
  if (kind === 'longer' || kind === 'shorter') return places.duration;
  if (kind === 'emergency') return places.breakGlass;
  return places.flows;
}
