import { formatDuration } from '../../domain/duration.ts';
import type { Instant, Milliseconds } from '../../domain/instant.ts';
import { type Condition, ConditionFailed, compileCondition } from '../../policy/conditions/condition.ts';
import { ConditionValues } from '../../policy/conditions/facts.ts';
import { conditionFacts } from '../../policy/evaluation/condition-facts.ts';
import type { AccessPolicy, Person, Place, PolicySet } from '../../policy/index.ts';
import { Names } from '../../policy/names.ts';
import type { Path } from '../../policy/positions.ts';
import { type Problem, problem } from '../../policy/problems.ts';
import type { YamlDocument } from '../../policy/yaml/read-yaml.ts';
import { NO_TIME } from '../question.ts';
import type { Failure, Setting, Test } from '../test.ts';
import { factsOf, inCel, KINDS, type Kind, STATEMENTS } from './language.ts';
import { type Way, Ways } from './ways.ts';

export interface Statement {
  name?: string | undefined;
  text: string;
}

/** A statement of a document as a test, or what is wrong with it. */
export function neverTest(
  { positions }: YamlDocument,
  path: Path,
  { name, text }: Statement,
  { now, policies }: { now: Instant | undefined; policies: PolicySet },
): { test?: Test; problems: Problem[] } {
  const place = positions.value(path);
  const compiled = compileCondition(inCel(text), scopeOf(policies), STATEMENTS);
  if (!compiled.ok) {
    const problems = compiled.problems.map(({ code, sentence, offset }) =>
      problem(positions.within(path, offset), code, sentence),
    );
    return { problems };
  }
  const { condition } = compiled;
  const free = ['request.reason', 'request.fields'].find((read) => condition.reads.has(read));
  if (free !== undefined) {
    const sentence = `\`${free}\` is whatever somebody writes, so nothing can be said of all of it: say it of the access, the person or the duration.`;
    return { problems: [problem(place, 'bad-statement', sentence)] };
  }
  const timed = condition.reads.has('now');
  if (timed && now === undefined) {
    const sentence = 'This reads time, and nothing says when it is: add `now:` with an instant to the document.';
    return { problems: [problem(place, 'missing-now', sentence)] };
  }
  const run = async (setting: Setting) => check({ text, condition, place, now: timed ? now : undefined }, setting);
  const scope = `of ${kindsOf(condition)
    .map((kind) => PLURAL[kind])
    .join(', ')}`;
  return { test: { kind: 'never', name: name ?? `never: ${text}`, place, scope, run }, problems: [] };
}

/** Requests, and what else the statement names. NB. so one that was written before there were others means what it meant. */
const kindsOf = ({ reads }: Condition): Kind[] => KINDS.filter((kind) => kind === 'request' || reads.has(kind));

const PLURAL: Readonly<Record<Kind, string>> = {
  request: 'requests',
  extension: 'extensions',
  emergency: 'emergencies',
};

/** Labels, fields and groups of any access: a name that none has is a slip, and the statement would say nothing. */
const scopeOf = (policies: PolicySet) => ({
  labels: new Names(labelsOf(policies)),
  fields: new Names([...policies.accesses.values()].flatMap(({ fields }) => fields.map(({ name }) => name))),
  groups: new Names(policies.directory.groups),
  schedules: new Names(policies.settings.schedules.keys()),
});

const labelsOf = (policies: PolicySet): Set<string> =>
  new Set([...policies.accesses.values()].flatMap(({ labels }) => Object.keys(labels)));

interface Checked {
  text: string;
  condition: Condition;
  place: Place;
  /** Absent: at any time. */
  now: Instant | undefined;
}

/** The first counterexample of each access. */
function check({ text, condition, place, now }: Checked, setting: Setting): Failure[] {
  const { policies, witness, only } = setting;
  // A label that an access does not have is empty: not having it is no reason for having no answer.
  const blank = Object.fromEntries([...labelsOf(policies)].map((label) => [label, '']));
  const failures: Failure[] = [];
  for (const access of policies.accesses.values()) {
    if ((only ?? access.name) !== access.name) continue;
    witness.looked(access.name);
    const labels = Object.assign(Object.create(null), blank, access.labels);
    const found = counterexample(policies, { ...access, labels }, { condition, now });
    if (!found) continue;
    const { way, person, durationMs } = found;
    failures.push({
      place,
      what: `${person.email}, ${access.name} ${WHAT[way.kind]} ${formatDuration(durationMs)}`,
      expected: `never: ${text}`,
      got: `${wayText(way)}${found.why === undefined ? '' : `, and the statement has no answer: ${found.why}`}`,
      trace: way.decision.trace,
    });
  }
  return failures;
}

const WHAT: Readonly<Record<Kind, string>> = {
  request: 'for',
  extension: 'extended to',
  emergency: 'in an emergency for',
};

interface Counterexample {
  person: Person;
  durationMs: Milliseconds;
  way: Way;
  /** The statement could not be judged. */
  why?: string;
}

function counterexample(
  policies: PolicySet,
  access: AccessPolicy,
  { condition, now }: Pick<Checked, 'condition' | 'now'>,
): Counterexample | undefined {
  const ways = new Ways(policies, access);
  const durations = durationClasses(access, condition);
  for (const { kind, durationMs } of kindsOf(condition).flatMap((kind) => timed(kind, access, durations))) {
    for (const person of policies.directory.people) {
      for (const way of ways.of({ kind, email: person.email, durationMs, now })) {
        const facts = conditionFacts(policies, {
          access,
          person,
          durationMs,
          fields: {},
          question: { reason: '', now: now ?? NO_TIME },
        });
        try {
          if (condition.holds(new ConditionValues(facts), factsOf(kind, way.decision.flow)))
            return { person, durationMs, way };
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
          // Closed by default: what cannot be judged is not proven.
          return { person, durationMs, way, why: error.message };
        }
      }
    }
  }
  return undefined;
}

const SECOND: Milliseconds = 1_000;

/** The shortest, the default, the longest, and both sides of every duration at which a decision or the statement turns. */
function durationClasses({ duration, flows }: AccessPolicy, statement: Condition): Milliseconds[] {
  const turns = [...flows.flatMap(({ when }) => when?.durations ?? []), ...statement.durations];
  const classes = [
    SECOND,
    duration.defaultMs,
    duration.maxMs,
    ...turns.flatMap((ms) => [ms - SECOND, ms, ms + SECOND]),
  ].filter((ms) => ms >= SECOND && ms <= duration.maxMs);
  return [...new Set(classes)].sort((a, b) => a - b);
}

/** The durations of a kind of decision; an extended grant is held longer than its extension alone. */
function timed(
  kind: Kind,
  { duration: { extend, maxMs } }: AccessPolicy,
  durations: readonly Milliseconds[],
): { kind: Kind; durationMs: Milliseconds }[] {
  if (kind !== 'extension') return durations.map((durationMs) => ({ kind, durationMs }));
  if (!extend) return [];
  const shortest = Math.min(extend.byMs + SECOND, maxMs);
  const longer = durations.filter((ms) => ms > shortest);
  return [shortest, ...longer].map((durationMs) => ({ kind, durationMs }));
}

function wayText({ kind, decision: { flow }, assuming }: Way): string {
  if (kind === 'emergency') return 'taken at once, and reviewed afterwards';
  const how = flow.autoApprove ? 'approved automatically' : 'decided';
  const conditions = assuming.map(({ flow: name, holds }) => `of “${name}” ${holds ? 'holds' : 'does not hold'}`);
  const when = conditions.length === 0 ? '' : `, when the condition ${conditions.join(' and the one ')}`;
  return `${how} by the flow “${flow.name}”${when}`;
}
