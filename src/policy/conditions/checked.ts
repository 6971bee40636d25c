import { parseDuration } from '../../domain/duration.ts';
import type { Milliseconds } from '../../domain/instant.ts';
import { didYouMean } from '../nearest.ts';
import { compilePattern } from '../patterns.ts';
import { durationOf } from './facts.ts';
import { OWN, Pattern, PROPERTIES, VARIABLES } from './language.ts';
import { literalText, type Node, partsOf, pathOf } from './walk.ts';

/** The names that a condition may use beside those of the language. */
export interface ConditionScope {
  labels: ReadonlySet<string>;
  fields: ReadonlySet<string>;
  /** Absent: not known, and every name is taken as good. */
  groups: ReadonlySet<string> | undefined;
  schedules: ReadonlySet<string> | undefined;
}

export interface ConditionProblem {
  code:
    | 'condition-syntax'
    | 'condition-name'
    | 'condition-type'
    | 'condition-too-complex'
    | 'bad-pattern'
    | 'bad-duration';
  sentence: string;
  /** In the condition's text, in UTF-16 code units. */
  offset: number;
}

/** What a condition's answer hangs on. */
export interface ConditionReads {
  /** `request.duration`, `requester.groups`, `labels`, `now`, … */
  names: Set<string>;
  /** The groups it names; `all` when it looks at them otherwise than by name. */
  groups: Set<string> | 'all';
  /** The durations it mentions: the answer can change at each. */
  durations: Set<Milliseconds>;
  /** The fields it names, and those of them of which it asks whether they were filled in. */
  fields: Set<string>;
  askedFields: Set<string>;
}

/** What CEL has and a policy may use: enough to say who, what, how long and when; nothing that computes or converts. */
const OPERATORS: ReadonlySet<string> = new Set([
  'value', 'id', '.', '[]', 'list', 'call', 'rcall', '&&', '||', '!_', '?:', '==', '!=', '<', '<=', '>', '>=', 'in',
]); // biome-ignore format: one list
const FUNCTIONS = ['duration', 'in_schedule', 'has', 'size'] as const;
const METHODS = ['startsWith', 'endsWith', 'contains', 'matches', 'size', 'exists', 'all'] as const;
const FIELDS = 'request.fields.';
/** These run their argument for each entry of a list; inside one another the work multiplies. */
const LOOPS: ReadonlySet<string> = new Set(['exists', 'all']);

/**
 * Checks what types cannot: only the parts of CEL that the language has, and every name in quotes (labels, fields, groups,
 * schedules, durations, patterns) against what the files define. NB. it changes the tree: our own words are renamed to
 * the functions that do them, and the texts of durations and patterns become what they mean.
 */
export function checkParts(
  root: Node,
  scope: ConditionScope,
  variables: readonly string[] = VARIABLES,
): { problems: ConditionProblem[]; reads: ConditionReads } {
  const problems: ConditionProblem[] = [];
  const reads: ConditionReads = {
    names: new Set(),
    groups: new Set(),
    durations: new Set(),
    fields: new Set(),
    askedFields: new Set(),
  };
  /** `requester.groups` where it stands behind `in`: what is looked for is known by name. */
  const byName = new Set<unknown>();
  const say = (node: Node, code: ConditionProblem['code'], sentence: string): void => {
    problems.push({ code, sentence, offset: node.start });
  };
  const known = (node: Node, what: string, name: string | undefined, names: ReadonlySet<string> | undefined) => {
    if (name === undefined || !names || names.has(name)) return;
    say(node, 'condition-name', `There is no ${what} \`${name}\`.${didYouMean(name, names)}`);
  };

  const property = (node: Node, base: string | undefined, name: string | undefined): void => {
    const own = base === undefined || !Object.hasOwn(PROPERTIES, base) ? undefined : PROPERTIES[base];
    if (own && node.op === '.' && name !== undefined && !own.includes(name)) {
      const guess = didYouMean(name, own);
      const sentence = `\`${base}\` has no \`${name}\`.${guess === '' ? ` It has: ${own.join(', ')}.` : guess}`;
      problems.push({ code: 'condition-name', sentence, offset: node.end - name.length });
    }
    if (base === 'labels') known(node, 'label of this access', name, scope.labels);
    if (base === 'request.fields') {
      known(node, 'field of this access', name, scope.fields);
      if (name !== undefined) (node.op === 'in' ? reads.askedFields : reads.fields).add(name);
    }
  };

  const call = (node: Node, name: string, args: readonly unknown[]): void => {
    const text = literalText(args[0]);
    switch (name) {
      case 'has': {
        const path = pathOf(args[0]);
        if (path?.startsWith(FIELDS)) reads.askedFields.add(path.slice(FIELDS.length));
        break;
      }
      case 'duration': {
        const parsed = text === undefined ? undefined : parseDuration(text);
        if (parsed?.ok) {
          reads.durations.add(parsed.ms);
          (node.args as unknown[])[0] = OWN.duration;
          replace(args[0], durationOf(parsed.ms));
        } else {
          const why = parsed?.why ?? 'write a duration like 30m, 1h30m or 2d';
          say(node, 'bad-duration', `\`duration\` takes one text in quotes: ${why}.`);
        }
        break;
      }
      case 'in_schedule':
        reads.names.add('now');
        if (text === undefined) {
          say(node, 'condition-type', '`in_schedule` takes the name of a schedule in quotes.');
        } else known(node, 'schedule in the settings', text, scope.schedules);
        break;
      case 'matches': {
        const compiled = text === undefined ? undefined : compilePattern(text);
        if (compiled?.ok) {
          (node.args as unknown[])[0] = OWN.matches;
          replace(args[0], new Pattern(compiled.test));
        } else say(node, 'bad-pattern', compiled?.why ?? '`matches` takes one pattern in quotes.');
        break;
      }
    }
  };

  const visit = (node: Node, loops: number, bound: readonly string[]): void => {
    if (!OPERATORS.has(node.op)) {
      say(node, 'condition-syntax', `\`${node.op.replace('_', '')}\` is not part of the language of conditions.`);
      return;
    }
    const parts = Array.isArray(node.args) ? node.args : [node.args];
    let inside = loops;
    let named = bound;
    const path = pathOf(node);
    if (path !== undefined) {
      for (const name of namesRead(path, variables)) reads.names.add(name);
      if (path === 'requester.groups' && !byName.has(node)) reads.groups = 'all';
    }
    switch (node.op) {
      case 'id':
        // Here and not left to the check of types, which stops at the first: every slip of the pen is told at once.
        if (path !== undefined && !variables.includes(path) && !bound.includes(path))
          say(node, 'condition-name', `There is no \`${path}\` here.${didYouMean(path, variables)}`);
        break;
      case '.':
        property(node, pathOf(parts[0]), String(parts[1]));
        break;
      case '[]':
        property(node, pathOf(parts[0]), literalText(parts[1]));
        break;
      case 'in': {
        const list = pathOf(parts[1]);
        const name = literalText(parts[0]);
        if (list === 'requester.groups' && name !== undefined) {
          known(node, 'group', name, scope.groups);
          byName.add(parts[1]);
          if (reads.groups !== 'all') reads.groups.add(name);
        } else property(node, list, name);
        break;
      }
      case 'call':
      case 'rcall': {
        const name = String(parts[0]);
        const names: readonly string[] = node.op === 'call' ? FUNCTIONS : METHODS;
        if (!names.includes(name)) {
          say(node, 'condition-name', `There is no function \`${name}\` here.${didYouMean(name, names)}`);
          return;
        }
        if (LOOPS.has(name)) {
          inside += 1;
          const entry = pathOf(partsOf(parts[2])[0]);
          if (entry !== undefined) named = [...bound, entry];
        }
        if (inside > 1) {
          say(node, 'condition-too-complex', '`exists` and `all` cannot stand inside one another.');
          return;
        }
        call(node, name, (node.op === 'call' ? parts[1] : parts[2]) as unknown[]);
        break;
      }
    }
    for (const part of partsOf(node.args)) visit(part, inside, named);
  };
  visit(root, 0, []);
  return { problems: problems.sort((a, b) => a.offset - b.offset), reads };
}

/** What reading a path reads: `request.fields.ticket` is `request.fields`, `labels.env` is `labels`. */
function namesRead(path: string, variables: readonly string[]): string[] {
  const [root = '', property] = path.split('.');
  if (!variables.includes(root)) return [];
  return root in PROPERTIES ? (property === undefined ? [] : [`${root}.${property}`]) : [root];
}

/** Puts a value in the place of the text of a literal. */
function replace(literal: unknown, value: object): void {
  (literal as { args: unknown }).args = value;
}
