import { formatDuration } from '../../domain/duration.ts';
import type { Instant } from '../../domain/instant.ts';
import type { Person } from '../directory.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';
import type { Place } from '../positions.ts';
import { type Change, DIRECTIONS, type PolicyDiff, someOf } from './change.ts';
import { circumstancesOf } from './circumstances.ts';
import { basicsOf, classesOf } from './classes.ts';
import { type Asker, type Difference, differences } from './compare.ts';
import { comparable, isStandIn } from './live.ts';
import { Crowds } from './people.ts';
import { ruleDifferences, whoDifferences } from './rules.ts';
import { sentenceOf } from './sentences.ts';
import { type Outcome, Side } from './side.ts';
import { durationsText, type Situation, type Situations, situationsOf, usualReason } from './situations.ts';

/** A change before it is joined with the same change of other accesses. */
type Raw = Omit<Change, 'accesses' | 'who' | 'sentence' | 'places'> & {
  access: string;
  approvers?: readonly string[];
  what?: string;
  place?: Place;
};

/**
 * What is decided differently under `now` than under `was`, over all people, all accesses, and every way to ask that the
 * rules can tell apart. Text that decides nothing makes no difference.
 *
 * @param at the moment at which conditions that ask for the time are judged
 */
export function diffPolicies(wasInFiles: PolicySet, nowInFiles: PolicySet, at: Instant): PolicyDiff {
  const { was, now, live } = comparable(wasInFiles, nowInFiles);
  const sides = { was: new Side(was), now: new Side(now) };
  const basics = basicsOf(was.directory, now.directory);
  const names = [...new Set([...was.accesses.keys(), ...now.accesses.keys()])].sort();
  const sampled: string[] = [];
  const raw = names.flatMap((name) => accessChanges(sides, basics, name, at, sampled));
  const crowds = crowdsOf(was, now, basics);
  const who = whoDifferences(wasInFiles, nowInFiles).map(
    ({ people, ...change }): Change => ({ ...change, accesses: [], people, who: people.join(', '), places: [] }),
  );
  const changes = [...joined(raw, crowds), ...who].sort(inOrder);
  return {
    changes,
    compared: { accesses: names.length, people: [...basics.keys()].filter((email) => !isStandIn(email)).length },
    notes: notesOf(live, sampled),
  };
}

/** Groups as a reader thinks of them: of people who can ask, and of people who can approve. */
function crowdsOf(
  was: PolicySet,
  now: PolicySet,
  basics: ReadonlyMap<string, string>,
): { asking: Crowds; approving: Crowds } {
  const both = [now.directory, was.directory];
  const some = (may: (person: Person) => boolean): Set<string> =>
    new Set(
      [...basics.keys()].filter((email) =>
        both.some((directory) => {
          const person = directory.byEmail(email);
          return person !== undefined && may(person);
        }),
      ),
    );
  return {
    asking: new Crowds(
      both,
      some(({ disabled }) => !disabled),
    ),
    approving: new Crowds(
      both,
      some(({ disabled, slack }) => !disabled && slack !== undefined),
    ),
  };
}

/** What a reader must know of what was not looked at. */
function notesOf(live: readonly string[], sampled: readonly string[]): string[] {
  return [
    ...(sampled.length === 0
      ? []
      : [
          `Conditions of ${someOf(sampled, 5)} ask for what people write, which can be anything: compared for the words that the conditions mention and for usual ones.`,
        ]),
    ...(live.length === 0
      ? []
      : [
          `Who is in ${someOf(
            live.map((name) => `group:${name}`),
            5,
          )} is known to Slack or a directory, not to the files: members are compared as people in no other group, and changes among them are not seen.`,
        ]),
  ];
}

type AllCrowds = ReturnType<typeof crowdsOf>;
type Sides = { was: Side; now: Side };

function accessChanges(
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
  const found = new Map<string, { difference: Difference; people: string[]; when: string | undefined }>();
  const look = (people: readonly string[]): void => {
    const asker: Asker = { email: people[0] ?? '', targets: { was: was?.targets ?? [], now: now?.targets ?? [] } };
    for (const { difference, in: indices } of byDifference(sides, asker, { was, now }, situations)) {
      const when = whenText(difference, indices, situations, { was, now });
      const key = JSON.stringify([difference, when]);
      const known = found.get(key);
      if (known) for (const email of people) known.people.push(email);
      else found.set(key, { difference, people: [...people], when });
    }
  };
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
    for (const people of classesOf(before, after, 'all', alike)) look(people.map(([each]) => each));
  }
  const raw = [...found.values()].map(({ difference, people, when }): Raw => {
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
    raw.push(...ruleDifferences(was, now, policies).map((rule): Raw => ({ ...rule, access: name, people: [] })));
  }
  return raw;
}

/** The differences for one person, each with the situations that it is seen in. */
function byDifference(
  sides: Sides,
  asker: Asker,
  { was, now }: { was: AccessPolicy | undefined; now: AccessPolicy | undefined },
  { all, like }: Situations,
): { difference: Difference; in: Set<number> }[] {
  const found = new Map<string, { difference: Difference; in: Set<number> }>();
  const outcomes: { was: Outcome[]; now: Outcome[] } = { was: [], now: [] };
  for (const [index, situation] of all.entries()) {
    const [sameWas, sameNow] = [like.was[index] ?? index, like.now[index] ?? index];
    const before = outcomes.was[sameWas] ?? outcome(sides.was, asker.email, was, 'was', situation);
    const after = outcomes.now[sameNow] ?? outcome(sides.now, asker.email, now, 'now', situation);
    outcomes.was[sameWas] = before;
    outcomes.now[sameNow] = after;
    for (const difference of differences(sides, asker, before, after)) {
      if (difference.kind === 'longer' || difference.kind === 'shorter') {
        difference.was = `at most ${was ? longest(was) : ''}`;
        difference.now = `at most ${now ? longest(now) : ''}`;
      }
      const key = JSON.stringify(difference);
      const known = found.get(key);
      if (known) known.in.add(index);
      else found.set(key, { difference, in: new Set([index]) });
    }
  }
  return [...found.values()];
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

type Versions = { was: AccessPolicy | undefined; now: AccessPolicy | undefined };

/** For which ways to ask a difference holds; undefined when it is for all that matter to it. */
function whenText(
  { kind }: Difference,
  indices: ReadonlySet<number>,
  { all, ranges }: Situations,
  { was, now }: Versions,
) {
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
  return places.flows;
}

/** One line for what is the same for the same people at several accesses. */
function joined(raw: readonly Raw[], crowds: AllCrowds): Change[] {
  const lines = new Map<string, Raw[]>();
  for (const one of raw) {
    const { access: _access, place: _place, ...same } = one;
    const key = JSON.stringify(same);
    const line = lines.get(key);
    if (line) line.push(one);
    else lines.set(key, [one]);
  }
  return [...lines.values()].flatMap((line) => {
    const [one] = line;
    if (!one) return [];
    const { direction, kind, people, when, was, now, approvers, what } = one;
    const accesses = line.map(({ access }) => access);
    const who = people.length === 0 ? '' : crowds.asking.name(people);
    const words = {
      kind,
      who,
      accesses,
      when,
      was,
      now,
      what,
      approvers: approvers && approversText(approvers, crowds.approving),
    };
    return [
      {
        direction,
        kind,
        accesses,
        people,
        who,
        ...(when === undefined ? {} : { when }),
        ...(was === undefined ? {} : { was }),
        ...(now === undefined ? {} : { now }),
        ...(approvers === undefined ? {} : { approvers }),
        sentence: sentenceOf(words),
        places: line.flatMap(({ place }) => place ?? []),
      },
    ];
  });
}

function approversText(approvers: readonly string[], crowds: Crowds): string {
  if (!approvers.includes('manager')) return crowds.name(approvers);
  const others = approvers.filter((each) => each !== 'manager');
  return others.length === 0 ? 'the requester’s manager' : `the requester’s manager and ${crowds.name(others)}`;
}

const inOrder = (a: Change, b: Change): number =>
  DIRECTIONS.indexOf(a.direction) - DIRECTIONS.indexOf(b.direction) ||
  compareText(a.accesses[0] ?? '', b.accesses[0] ?? '') ||
  compareText(a.kind, b.kind) ||
  compareText(a.sentence, b.sentence);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
