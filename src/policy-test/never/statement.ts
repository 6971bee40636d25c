import { type Condition, compileCondition } from '../../policy/conditions/condition.ts';
import type { PolicySet } from '../../policy/index.ts';
import { Names } from '../../policy/names.ts';
import type { ProblemCode } from '../../policy/problem-codes.ts';
import { ACTION_STATEMENTS, ANY_STATEMENTS, inCel, STATEMENTS } from './language.ts';

/** A statement as it is checked: of accesses, of actions, or of both. */
export interface Statement {
  accesses?: Condition;
  actions?: Condition;
}

interface StatementProblem {
  code: ProblemCode;
  sentence: string;
  /** In its text; absent: all of it. */
  offset?: number;
}

type ReadStatement = { ok: true; statement: Statement } | { ok: false; problems: readonly StatementProblem[] };

/** What only a decision about an access has; and what only one about an action has. */
const OF_ACCESS = /^(requester\b|request\.(access|duration|fields)$)/;
const OF_ACTION = /^(caller\b|request\.(action|parameters)$)/;
/** No action has them. Without a word of actions beside them they stand for all there is of accesses. */
const NEVER_OF_ACTION = /^(emergency|extension)$/;

/**
 * Reads a statement, and tells by the names that it uses of what it is: of all that can be asked for, or of one of the two. NB.
 * of everything that it can be asked of, so that nobody takes for shown what nobody looked at.
 */
export function readStatement(text: string, policies: PolicySet): ReadStatement {
  const source = inCel(text);
  const any = compileCondition(source, scopeOf(policies, 'both'), ANY_STATEMENTS);
  if (!any.ok) return any;
  const { reads } = any.condition;
  const refuse = (code: ProblemCode, sentence: string): ReadStatement => ({
    ok: false,
    problems: [{ code, sentence }],
  });
  const names = [...reads];
  const [ofAction] = names.filter((name) => OF_ACTION.test(name));
  const [ofAccess] = [
    ...names.filter((name) => OF_ACCESS.test(name)),
    ...(ofAction === undefined ? [] : names.filter((name) => NEVER_OF_ACTION.test(name))),
  ];
  if (ofAccess !== undefined && ofAction !== undefined) {
    const sentence = `\`${ofAccess}\` is there only when a person asks for an access, and \`${ofAction}\` only when a caller asks for an action. No decision is about both: make two statements of it.`;
    return refuse('mixed-statement', sentence);
  }
  const free = ['request.reason', 'request.fields'].find((read) => reads.has(read));
  if (free !== undefined) {
    const instead = ofAction === undefined ? 'the access, the person or the duration' : 'the action or the caller';
    return refuse(
      'bad-statement',
      `\`${free}\` is whatever somebody writes, so nothing can be said of all of it: say it of ${instead}.`,
    );
  }
  const [whole] = any.condition.whole;
  if (whole !== undefined)
    return refuse(
      'bad-statement',
      `All of \`${whole}\` is whatever somebody sends, so nothing can be said of it: name one, as in \`${whole}.name\`.`,
    );
  const side = ofAccess !== undefined ? 'accesses' : ofAction !== undefined ? 'actions' : 'both';
  const scope = scopeOf(policies, side);
  const accesses = side === 'actions' ? undefined : compileCondition(source, scope, STATEMENTS);
  const actions = side === 'accesses' ? undefined : compileCondition(source, scope, ACTION_STATEMENTS);
  if (accesses?.ok === false) return accesses;
  if (actions?.ok === false) return actions;
  return {
    ok: true,
    statement: {
      ...(accesses ? { accesses: accesses.condition } : {}),
      ...(actions ? { actions: actions.condition } : {}),
    },
  };
}

/** Labels, fields, parameters and groups of any access or action: a name that none has is a slip, and would say nothing. */
function scopeOf(policies: PolicySet, side: keyof Statement | 'both') {
  const accesses = side === 'actions' ? [] : [...policies.accesses.values()];
  const actions = side === 'accesses' ? [] : [...policies.actions.values()];
  const inputs = [...accesses.flatMap(({ fields }) => fields), ...actions.flatMap(({ parameters }) => parameters)];
  return {
    labels: new Names([...accesses, ...actions].flatMap(({ labels }) => Object.keys(labels))),
    fields: new Names(inputs.map(({ name }) => name)),
    groups: new Names(policies.directory.groups),
    schedules: new Names(policies.settings.schedules.keys()),
  };
}
