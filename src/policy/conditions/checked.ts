import { parseDuration } from '../../domain/duration.ts';
import type { Milliseconds } from '../../domain/instant.ts';
import type { Names } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import { compilePattern } from '../patterns.ts';
import { durationOf } from './facts.ts';
import { OWN, type OwnNames, Pattern } from './language.ts';
import { literalText, type Node, partsOf, pathOf } from './walk.ts';

/** The names that a condition may use beside those of the language. */
export interface ConditionScope {
  labels: Names;
  fields: Names;
  groups: Names;
  schedules: Names;
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
  /** The claims of the caller that it names, and those of them of which it asks whether the token has them. */
  claims: Set<string>;
  askedClaims: Set<string>;
  /** `request.fields`, `request.parameters` and `caller.claims`, where it looks at them otherwise than by name. */
  whole: Set<string>;
  /** Of what somebody may write, such as `request.parameters.branch`, what it looks at otherwise than for being some text. */
  inPart: Set<string>;
}

/** Parts with a problem, of which it is not known what they give (`untyped`), nor what stands in them (`foreign`). */
export interface Unclear {
  readonly untyped: readonly Node[];
  readonly foreign: readonly Node[];
}

/** What CEL has and a policy may use: enough to say who, what, how long and when; nothing that computes or converts. */
const OPERATORS: ReadonlySet<string> = new Set([
  'value', 'id', '.', '[]', 'list', 'call', 'rcall', '&&', '||', '!_', '?:', '==', '!=', '<', '<=', '>', '>=', 'in',
]); // biome-ignore format: one list
const FUNCTIONS = ['duration', 'in_schedule', 'has', 'size'] as const;
const METHODS = ['startsWith', 'endsWith', 'contains', 'matches', 'size', 'exists', 'all'] as const;
const CLAIMS = 'caller.claims';
const SUBJECT = 'caller.subject';
/** These run their argument for each entry of a list; inside one another the work multiplies. */
const LOOPS: ReadonlySet<string> = new Set(['exists', 'all']);

/**
 * Checks what types cannot, all of it: only the parts of CEL that the language has, and every name in quotes (labels, fields, groups,
 * schedules, durations, patterns) against what the files define. NB. it changes the tree: our own words are renamed to
 * the functions that do them, and the texts of durations and patterns become what they mean.
 */
export function checkParts(
  root: Node,
  scope: ConditionScope,
  language: NamesOfLanguage,
): { problems: ConditionProblem[]; unclear: Unclear; reads: ConditionReads } {
  const check = new PartsCheck(scope, language);
  check.visit(root, 0, []);
  const { problems, untyped, foreign, reads } = check;
  return { problems: problems.sort((a, b) => a.offset - b.offset), unclear: { untyped, foreign }, reads };
}

interface NamesOfLanguage {
  readonly variables: readonly string[];
  readonly own: OwnNames;
}

/** Goes through the parts of one condition, and notes what is wrong and what it reads. */
class PartsCheck {
  readonly problems: ConditionProblem[] = [];
  readonly untyped: Node[] = [];
  readonly foreign: Node[] = [];
  readonly reads: ConditionReads = {
    names: new Set(),
    groups: new Set(),
    durations: new Set(),
    fields: new Set(),
    askedFields: new Set(),
    claims: new Set(),
    askedClaims: new Set(),
    whole: new Set(),
    inPart: new Set(),
  };
  /** `requester.groups` where it stands behind `in`: what is looked for is known by name. */
  readonly #byName = new Set<unknown>();
  /** What stands where only its being some text matters, or its being there. */
  readonly #asText = new Set<unknown>();
  readonly #scope: ConditionScope;
  readonly #variables: readonly string[];
  readonly #own: OwnNames;

  constructor(scope: ConditionScope, { variables, own }: NamesOfLanguage) {
    this.#scope = scope;
    this.#variables = variables;
    this.#own = own;
  }

  /** `loops`: how many of them it stands in; `bound`: the names that loops gave to their entries. */
  visit(node: Node, loops: number, bound: readonly string[]): void {
    if (!OPERATORS.has(node.op)) {
      this.#say(node, 'condition-syntax', `\`${node.op.replace('_', '')}\` is not part of the language of conditions.`);
      // What it works on has to be written otherwise, too: `on-call` without its quotes is no difference of two names.
      this.foreign.push(node);
      return;
    }
    const parts = Array.isArray(node.args) ? node.args : [node.args];
    let inside = loops;
    let named = bound;
    const path = pathOf(node);
    if (path !== undefined) {
      for (const name of this.#namesRead(path)) this.reads.names.add(name);
      if (path === 'requester.groups' && !this.#byName.has(node)) this.reads.groups = 'all';
      if ((path === this.#own.inputs.path || path === CLAIMS) && !this.#byName.has(node)) this.reads.whole.add(path);
      if (path === SUBJECT && !this.#asText.has(node)) this.reads.inPart.add(path);
    }
    switch (node.op) {
      case 'id':
        // Here and not left to the check of types, which stops at the first: every slip of the pen is told at once.
        if (path !== undefined && !this.#variables.includes(path) && !bound.includes(path))
          this.#sayUntyped(node, 'condition-name', `There is no \`${path}\` here.${didYouMean(path, this.#variables)}`);
        break;
      case '.':
        this.#property(node, pathOf(parts[0]), String(parts[1]));
        break;
      case '[]':
        this.#property(node, pathOf(parts[0]), literalText(parts[1]));
        break;
      case '==':
      case '!=':
        for (const [at, part] of parts.entries()) if (isText(parts[1 - at])) this.#asText.add(part);
        break;
      case 'in': {
        if (partsOf(parts[1]).every(({ op, args }) => op === 'list' && partsOf(args).every(isText)))
          this.#asText.add(parts[0]);
        const list = pathOf(parts[1]);
        const name = literalText(parts[0]);
        if (list === 'requester.groups' && name !== undefined) {
          this.#known(node, 'group', name, this.#scope.groups);
          this.#byName.add(parts[1]);
          if (this.reads.groups !== 'all') this.reads.groups.add(name);
        } else this.#property(node, list, name);
        break;
      }
      case 'call':
      case 'rcall': {
        const name = String(parts[0]);
        const names: readonly string[] = node.op === 'call' ? FUNCTIONS : METHODS;
        const there = names.includes(name);
        const loop = LOOPS.has(name);
        const given = partsOf(parts[2]);
        if (!there)
          this.#sayUntyped(node, 'condition-name', `There is no function \`${name}\` here.${didYouMean(name, names)}`);
        // Whatever is called with a name and more may be meant to go through a list, as `exists` does.
        const entry = loop || (!there && given.length > 1) ? pathOf(given[0]) : undefined;
        if (entry !== undefined) named = [...bound, entry];
        if (loop) inside += 1;
        if (loop && inside > 1)
          this.#sayUntyped(node, 'condition-too-complex', '`exists` and `all` cannot stand inside one another.');
        if (there) this.#call(node, name, (node.op === 'call' ? parts[1] : parts[2]) as unknown[]);
        break;
      }
    }
    for (const part of partsOf(node.args)) this.visit(part, inside, named);
  }

  #property(node: Node, base: string | undefined, name: string | undefined): void {
    const { properties, inputs, label } = this.#own;
    const own = base === undefined || !Object.hasOwn(properties, base) ? undefined : properties[base];
    if (own && node.op === '.' && name !== undefined && !own.includes(name)) {
      const guess = didYouMean(name, own);
      const sentence = `\`${base}\` has no \`${name}\`.${guess === '' ? ` It has: ${own.join(', ')}.` : guess}`;
      this.problems.push({ code: 'condition-name', sentence, offset: node.end - name.length });
      this.untyped.push(node);
    }
    if (base === 'labels') this.#known(node, label, name, this.#scope.labels);
    if ((base === inputs.path || base === CLAIMS) && name !== undefined) {
      const parts = node.args as unknown[];
      this.#byName.add(parts[node.op === 'in' ? 1 : 0]);
      if (node.op !== 'in' && !this.#asText.has(node)) this.reads.inPart.add(`${base}.${name}`);
    }
    if (base === inputs.path) {
      this.#known(node, inputs.one, name, this.#scope.fields);
      if (name !== undefined) (node.op === 'in' ? this.reads.askedFields : this.reads.fields).add(name);
    }
    // Which claims there are only a token says.
    if (base === CLAIMS && name !== undefined)
      (node.op === 'in' ? this.reads.askedClaims : this.reads.claims).add(name);
  }

  #call(node: Node, name: string, args: readonly unknown[]): void {
    const text = literalText(args[0]);
    switch (name) {
      case 'has': {
        const path = pathOf(args[0]);
        this.#asText.add(args[0]);
        const inputs = `${this.#own.inputs.path}.`;
        if (path?.startsWith(inputs)) this.reads.askedFields.add(path.slice(inputs.length));
        if (path?.startsWith(`${CLAIMS}.`)) this.reads.askedClaims.add(path.slice(CLAIMS.length + 1));
        break;
      }
      case 'duration': {
        const parsed = text === undefined ? undefined : parseDuration(text);
        if (parsed?.ok) {
          this.reads.durations.add(parsed.ms);
          (node.args as unknown[])[0] = OWN.duration;
          replace(args[0], durationOf(parsed.ms));
        } else {
          const why = parsed?.why ?? 'write a duration like 30m, 1h30m or 2d';
          this.#say(node, 'bad-duration', `\`duration\` takes one text in quotes: ${why}.`);
        }
        break;
      }
      case 'in_schedule':
        this.reads.names.add('now');
        if (text === undefined) {
          this.#say(node, 'condition-type', '`in_schedule` takes the name of a schedule in quotes.');
        } else this.#known(node, 'schedule in the settings', text, this.#scope.schedules);
        break;
      case 'matches': {
        const compiled = text === undefined ? undefined : compilePattern(text);
        if (compiled?.ok) {
          (node.args as unknown[])[0] = OWN.matches;
          replace(args[0], new Pattern(compiled.test));
        } else this.#say(node, 'bad-pattern', compiled?.why ?? '`matches` takes one pattern in quotes.');
        break;
      }
    }
  }

  /** What reading a path reads: `request.fields.ticket` is `request.fields`, `labels.env` is `labels`. */
  #namesRead(path: string): string[] {
    const [root = '', property] = path.split('.');
    if (!this.#variables.includes(root)) return [];
    if (!Object.hasOwn(this.#own.properties, root)) return [root];
    return property === undefined ? [] : [`${root}.${property}`];
  }

  #known(node: Node, what: string, name: string | undefined, names: Names): void {
    if (name === undefined || !names.lacks(name)) return;
    this.#say(node, 'condition-name', `There is no ${what} \`${name}\`.${didYouMean(name, names)}`);
  }

  /** The same of a part of which it is not known what it gives. */
  #sayUntyped(node: Node, code: ConditionProblem['code'], sentence: string): void {
    this.untyped.push(node);
    this.#say(node, code, sentence);
  }

  #say(node: Node, code: ConditionProblem['code'], sentence: string): void {
    this.problems.push({ code, sentence, offset: node.start });
  }
}

const isText = (node: unknown): boolean => literalText(node) !== undefined;

/** Puts a value in the place of the text of a literal. */
function replace(literal: unknown, value: object): void {
  (literal as { args: unknown }).args = value;
}
