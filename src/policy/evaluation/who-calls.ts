import { type CallerRef, callerName } from '../../domain/caller.ts';
import { callersRule, knownCaller, mayCall, missingClaims } from '../callers.ts';
import { nearest } from '../nearest.ts';
import type { ActionPolicy, PolicySet } from '../policy-set.ts';
import { listed, NAMED } from './listed.ts';
import { type Refused, ruleText, type Trace } from './trace.ts';

/** A caller whom some action names, an action that there is, and a rule of it that names the caller. */
export function whoCalls(
  policies: PolicySet,
  { caller, action: name }: { caller: CallerRef; action: string },
  trace: Trace,
): { ok: true; action: ActionPolicy } | Refused {
  if (!knownCaller(policies, caller)) {
    const sentence = `No action names ${callerName(caller)} among its \`callers\`. Ask the people who own the policies to add you.`;
    return trace.refused('caller', 'not-eligible', sentence);
  }
  const action = policies.actions.get(name);
  if (!action) return trace.refused('action', 'unknown-action', unknownAction(policies, name, caller));
  trace.passed('action', action.title, ruleText(action.name, '', action.places.action));

  const found = callersRule(policies, action, caller);
  const rule = ruleText(action.name, 'callers', action.places.eachCaller[found] ?? action.places.callers);
  if (found < 0) return trace.refused('caller', 'not-eligible', notACaller(action, caller), rule);
  trace.passed('caller', callerName(caller), rule);
  return { ok: true, action };
}

function notACaller(action: ActionPolicy, caller: CallerRef): string {
  if (action.callers.length === 0) return `Nobody may ask for \`${action.name}\`: its policy names no callers.`;
  const missing = missingClaims(action, caller);
  const why =
    missing.length === 0
      ? ''
      : ` A token of this issuer would do with ${listed(
          missing.map(({ name, values }) => `${name} ${listed([...values], 'or')}`),
          'and',
        )}.`;
  return `${callerName(caller)} may not ask for \`${action.name}\`: its policy does not name it among the \`callers\`.${why}`;
}

/** Only what the caller may ask for is suggested, as for people. */
function unknownAction(policies: PolicySet, name: string, caller: CallerRef): string {
  const names = [...policies.actions.values()]
    .filter((action) => mayCall(policies, action, caller))
    .map((action) => action.name);
  // An over-long name is a mistake or an attack, and either way no name of anything.
  const what = name.length <= 80 ? `There is no action \`${name}\`.` : 'There is no action of that name.';
  const near = nearest(name, names);
  if (near !== undefined) return `${what} Did you mean \`${near}\`?`;
  if (names.length > NAMED) return `${what} There are ${names.length} that you may ask for.`;
  const each = names.map((one) => `\`${one}\``);
  return `${what} You may ask for ${listed(each, 'or')}.`;
}
