import { type ActionFacts, ActionValues } from '../../policy/conditions/action-facts.ts';
import type { Condition } from '../../policy/conditions/condition.ts';
import { conditionsOf } from '../../policy/diff/conditions.ts';
import { schedulesAt } from '../../policy/evaluation/condition-facts.ts';
import { type ActionPolicy, evaluateAction, type PolicySet } from '../../policy/index.ts';
import { NO_TIME } from '../question.ts';
import { claimsMayDiffer, claimsReadBy, whoCouldAsk } from './callers.ts';
import { type Checked, type Counterexample, judged } from './counterexample.ts';
import { parametersMayDiffer, whatCouldBeGiven } from './parameters.ts';
import { eachAlone, waysOf } from './ways.ts';

/** The first counterexample among all that a caller can ask for of an action. */
export function actionCounterexample(
  policies: PolicySet,
  action: ActionPolicy,
  { condition, now }: Checked,
): Counterexample | undefined {
  const conditions = conditionsOf(action.flows);
  const callers = whoCouldAsk(action, conditions, condition);
  const given = whatCouldBeGiven(action, conditions, condition);
  const flows = eachAlone(action.flows, (flow) => ({
    ...policies,
    actions: new Map([[action.name, { ...action, flows: [flow] }]]),
  }));
  const stated = claimsReadBy(condition);
  const at = { now: now ?? NO_TIME, reason: '', action: action.name };
  for (const who of callers.all) {
    for (const each of given.all) {
      const { values: parameters } = each;
      const isFree = (when: Condition): boolean =>
        when.reads.has('request.reason') ||
        (now === undefined && when.reads.has('now')) ||
        parametersMayDiffer(when, action, given, each) ||
        claimsMayDiffer(when, who, stated);
      // What is not given here is not refused: the caller will give it.
      const question = { ...at, caller: who.caller, parameters, preview: true };
      for (const way of waysOf(flows, isFree, (alone) => evaluateAction(alone, question))) {
        const what = () => `${who.text}, ${action.name}${parametersText(parameters)}`;
        const facts = { ...question, labels: action.labels, inSchedule: schedulesAt(policies, at.now) };
        const found = judged(condition, { kind: 'action', what, way }, valuesFor(condition, facts));
        if (found) return found;
      }
    }
  }
  const many = [...(callers.cut ? ['callers'] : []), ...(given.cut ? ['parameters'] : [])].join(' and ');
  if (many === '') return undefined;
  // Closed by default, as with a statement that has no answer.
  const got = `not all ${many} that it can tell apart could be looked at, so it is not proven: make it of fewer parts, or list what there is in the policy`;
  return { what: action.name, got, trace: [] };
}

const parametersText = (parameters: Readonly<Record<string, string>>): string => {
  const texts = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return texts.length === 0 ? '' : ` with ${texts.join(' ')}`;
};

/**
 * With the empty text for each parameter and claim that is not there, as with a label that an access does not have: not being
 * there is no reason for having no answer. But for those of which the statement itself asks whether they are there.
 */
function valuesFor({ fields, askedFields, claims, askedClaims }: Condition, facts: ActionFacts): ActionValues {
  const values = new ActionValues({ ...facts, parameters: { ...blank(fields, askedFields), ...facts.parameters } });
  Object.assign(values.caller.claims, { ...blank(claims, askedClaims), ...values.caller.claims });
  return values;
}

const blank = (named: ReadonlySet<string>, asked: ReadonlySet<string>): Readonly<Record<string, string>> =>
  Object.fromEntries([...named].filter((name) => !asked.has(name)).map((name) => [name, '']));
