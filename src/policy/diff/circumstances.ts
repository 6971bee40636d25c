import { type Instant, type Milliseconds, plus } from '../../domain/instant.ts';
import { inSchedule } from '../conditions/schedule.ts';
import type { FieldPolicy, FlowPolicy, PolicySet } from '../policy-set.ts';
import { someOf } from './change.ts';
import { conditionsOf } from './conditions.ts';
import { sampleText } from './sample-text.ts';

/** When, and with which words, somebody asks: as far as conditions can tell it apart. */
export interface Circumstance {
  /** `during office-hours`, `with ticket=INC-4`; empty for the usual one. */
  label: string;
  now: Instant;
  reason: string;
  /** What is filled in; one value for both versions, or one that each takes. */
  fields: ReadonlyMap<string, string | { was: string | undefined; now: string | undefined }>;
}

type Fields = Circumstance['fields'];

/** What is asked for, as far as circumstances matter to it: an access, or an action with its parameters. */
export interface Askable {
  readonly flows: readonly FlowPolicy[];
  readonly fields: readonly FieldPolicy[];
}

export interface Circumstances {
  all: readonly Circumstance[];
  /** Not all could be looked at: what people write can be anything. */
  sampled: boolean;
}

/** More ways to ask than these are one access with too many conditions: the first are looked at, and that is said. */
const MOST = 48;
const MINUTE: Milliseconds = 60_000;
const WEEK_MINUTES = 7 * 24 * 60;

/** The circumstances that the conditions of an access or an action can tell apart, in either of its versions. */
export function circumstancesOf(
  versions: { was: Askable | undefined; now: Askable | undefined },
  sides: { was: PolicySet; now: PolicySet },
  at: Instant,
  reason: string,
): Circumstances {
  const conditions = [versions.was, versions.now].flatMap((each) => (each ? conditionsOf(each.flows) : []));
  const reads = (...names: string[]) => conditions.some((condition) => names.some((name) => condition.reads.has(name)));
  const words = conditions.flatMap(({ source }) => literalsOf(source));
  const moments = reads('now')
    ? momentsOf(
        conditions.map(({ source }) => source),
        sides,
        at,
      )
    : [{ label: '', now: at }];
  const readsFields = reads('request.fields', 'request.parameters', 'request');
  const readsReason = reads('request.reason', 'request');
  const filled = readsFields ? fieldsOf(versions, words) : [{ label: '', fields: new Map() }];
  const reasons = readsReason
    ? [{ label: '', reason }, ...words.map((word) => ({ label: `with the reason “${word}”`, reason: word }))]
    : [{ label: '', reason }];
  const all = moments.flatMap((moment) =>
    // One thing after another, not everything with everything: conditions rarely ask for two texts at once.
    [
      ...filled.map((each) => ({ ...each, reason })),
      ...reasons.slice(1).map((each) => ({ ...each, fields: filled[0]?.fields ?? new Map() })),
    ].map((each): Circumstance => ({ ...each, now: moment.now, label: `${moment.label} ${each.label}`.trim() })),
  );
  return { all: all.slice(0, MOST), sampled: readsFields || readsReason || all.length > MOST };
}

/** The texts in quotes, and for each a text that it matches as a pattern. */
export function literalsOf(source: string): string[] {
  const found = new Set<string>();
  for (const [, double, single] of source.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g)) {
    const text = (double ?? single ?? '').replace(/\\(.)/g, '$1');
    found.add(text);
    const matched = /[\\^$.*+?()[\]{}|]/.test(text)
      ? sampleText((double ?? single ?? '').replaceAll('\\\\', '\\'))
      : undefined;
    if (matched !== undefined) found.add(matched);
  }
  return [...found].filter((text) => text.trim() !== '');
}

/** A moment for each way in which the schedules that conditions mention can hold or not, within a week. */
function momentsOf(sources: readonly string[], { was, now }: { was: PolicySet; now: PolicySet }, at: Instant) {
  const schedules = [was, now].flatMap(({ settings }, side) =>
    [...settings.schedules]
      .filter(([name]) => sources.some((source) => source.includes(name)))
      .map(([name, schedule]) => ({ name, schedule, timezone: settings.timezone, side })),
  );
  // Time zones are whole quarters of an hour apart: the minutes at which schedules begin and end are enough.
  const minutes = new Set([0]);
  for (const { schedule } of schedules) {
    for (const time of [schedule.from, schedule.to]) {
      const minute = Number(time.slice(3)) % 15;
      minutes.add(minute).add((minute + 14) % 15);
    }
  }
  const start = plus(at, -(Date.parse(at) % (15 * MINUTE)));
  const found = new Map<string, { label: string; now: Instant }>();
  for (let minute = 0; minute < WEEK_MINUTES; minute += 1) {
    if (!minutes.has(minute % 15)) continue;
    const moment = plus(start, minute * MINUTE);
    const holds = schedules.map(({ schedule, timezone }) => inSchedule(schedule, moment, timezone));
    const key = holds.join();
    if (!found.has(key)) found.set(key, { label: momentText(schedules, holds, moment), now: moment });
  }
  return [...found.values()];
}

function momentText(
  schedules: readonly { name: string; side: number }[],
  holds: readonly boolean[],
  moment: Instant,
): string {
  const names = [...new Set(schedules.map(({ name }) => name))];
  const [during, outside, differs]: string[][] = [[], [], []];
  for (const name of names) {
    const answers = new Set(schedules.flatMap((each, index) => (each.name === name ? [holds[index]] : [])));
    (answers.size > 1 ? differs : answers.has(true) ? during : outside)?.push(name);
  }
  const parts = [
    ...(during?.length ? [`during ${someOf(during, 5)}`] : []),
    ...(outside?.length ? [`outside ${someOf(outside, 5)}`] : []),
    ...(differs?.length ? [`where ${someOf(differs, 5)} changed, such as ${moment.slice(0, 16)}Z`] : []),
  ];
  return parts.join(', ');
}

/** Everything filled in as usual; and then each word that conditions mention in each field, and each field left empty. */
function fieldsOf(
  { was, now }: { was: Askable | undefined; now: Askable | undefined },
  words: readonly string[],
): { label: string; fields: Fields }[] {
  const policies = [...(was?.fields ?? []), ...(now?.fields ?? [])];
  const names = [...new Set(policies.map(({ name }) => name))];
  const usual: Map<string, string | { was: string | undefined; now: string | undefined }> = new Map();
  for (const name of names) {
    const [before, after] = [was, now].map((access) => access?.fields.find((field) => field.name === name));
    usual.set(name, { was: before && sampleOf(before, words), now: after && sampleOf(after, words) });
  }
  const found: { label: string; fields: Fields }[] = [{ label: '', fields: usual }];
  for (const name of names) {
    const same = policies.filter((field) => field.name === name);
    const choices = [...new Set(same.flatMap((field) => field.choices ?? []))];
    for (const value of choices.length > 0 ? choices : words) {
      if (same.some((field) => fits(field, value))) {
        found.push({ label: `with ${name}=${value}`, fields: new Map([...usual, [name, value]]) });
      }
    }
    if (same.some(({ required }) => !required)) {
      const { [name]: _, ...rest } = Object.fromEntries(usual);
      found.push({ label: `without ${name}`, fields: new Map(Object.entries(rest)) });
    }
  }
  return found;
}

/** Whether a field takes a value. */
export const fits = ({ pattern, choices }: FieldPolicy, value: string): boolean =>
  (choices === undefined || choices.includes(value)) && (pattern === undefined || pattern.test(value));

/** What somebody could write; undefined when we know nothing that the field takes. */
export function sampleOf(field: FieldPolicy, words: readonly string[]): string | undefined {
  const matched = field.pattern === undefined ? undefined : sampleText(field.pattern.source);
  const tried = [...(field.choices ?? []), ...(matched === undefined ? [] : [matched]), 'x', '1', ...words];
  return tried.find((value) => fits(field, value));
}
