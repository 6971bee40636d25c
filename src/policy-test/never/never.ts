import type { Instant } from '../../domain/instant.ts';
import type { Condition } from '../../policy/conditions/condition.ts';
import type { Place, PolicySet } from '../../policy/index.ts';
import type { Path } from '../../policy/positions.ts';
import { type Problem, problem } from '../../policy/problems.ts';
import type { YamlDocument } from '../../policy/yaml/read-yaml.ts';
import type { Failure, Setting, Test } from '../test.ts';
import { accessCounterexample, kindsOf } from './accesses.ts';
import { actionCounterexample } from './actions.ts';
import type { Counterexample } from './counterexample.ts';
import type { Kind } from './language.ts';
import { readStatement, type Statement } from './statement.ts';

export interface WrittenStatement {
  name?: string | undefined;
  text: string;
}

/** A statement of a document as a test, or what is wrong with it. */
export function neverTest(
  { positions }: YamlDocument,
  path: Path,
  { name, text }: WrittenStatement,
  { now, policies }: { now: Instant | undefined; policies: PolicySet },
): { test?: Test; problems: Problem[] } {
  const place = positions.value(path);
  const read = readStatement(text, policies);
  if (!read.ok) {
    const problems = read.problems.map(({ code, sentence, offset }) =>
      problem(offset === undefined ? place : positions.within(path, offset), code, sentence),
    );
    return { problems };
  }
  const { accesses, actions } = read.statement;
  const timed = (accesses ?? actions)?.reads.has('now') ?? false;
  if (timed && now === undefined) {
    const sentence = 'This reads time, and nothing says when it is: add `now:` with an instant to the document.';
    return { problems: [problem(place, 'missing-now', sentence)] };
  }
  const run = async (setting: Setting) =>
    check({ text, statement: read.statement, place, now: timed ? now : undefined }, setting);
  const kinds: Kind[] = [
    ...(accesses ? kindsOf(accesses) : []),
    // Where there are none, a statement that could be of them says no less than it did before there could be any.
    ...(actions && (!accesses || policies.actions.size > 0) ? (['action'] as const) : []),
  ];
  const scope = `of ${kinds.map((kind) => PLURAL[kind]).join(', ')}`;
  return { test: { kind: 'never', name: name ?? `never: ${text}`, place, scope, run }, problems: [] };
}

const PLURAL: Readonly<Record<Kind, string>> = {
  request: 'requests',
  extension: 'extensions',
  emergency: 'emergencies',
  action: 'actions',
};

interface Checked {
  text: string;
  statement: Statement;
  place: Place;
  /** Absent: at any time. */
  now: Instant | undefined;
}

/** The first counterexample of each access and action. */
function check({ text, statement, place, now }: Checked, { policies, witness, only }: Setting): Failure[] {
  // A label that is not there is empty: not having it is no reason for having no answer.
  const each = [...policies.accesses.values(), ...policies.actions.values()];
  const blank = Object.fromEntries(each.flatMap(({ labels }) => Object.keys(labels)).map((label) => [label, '']));
  const failuresOf = <Policy extends Labelled>(
    those: ReadonlyMap<string, Policy>,
    condition: Condition | undefined,
    find: (policy: Policy, condition: Condition) => Counterexample | undefined,
  ): Failure[] =>
    [...(condition ? those.values() : [])].flatMap((policy) => {
      if (!condition || (only ?? policy.name) !== policy.name) return [];
      witness.looked(policy.name);
      const found = find({ ...policy, labels: Object.assign(Object.create(null), blank, policy.labels) }, condition);
      return found ? [{ place, expected: `never: ${text}`, ...found }] : [];
    });
  return [
    ...failuresOf(policies.accesses, statement.accesses, (access, condition) =>
      accessCounterexample(policies, access, { condition, now }),
    ),
    ...failuresOf(policies.actions, statement.actions, (action, condition) =>
      actionCounterexample(policies, action, { condition, now }),
    ),
  ];
}

interface Labelled {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}
