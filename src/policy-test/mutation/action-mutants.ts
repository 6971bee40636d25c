import { formatDuration } from '../../domain/duration.ts';
import type { PolicySet } from '../../policy/index.ts';
import type { ActionPolicy } from '../../policy/policy-set.ts';
import { mutantsOfCallers } from './caller-mutants.ts';
import { mutantsOfFlow } from './flow-mutants.ts';
import { mutantsOfFields, mutantsOfReason } from './limit-mutants.ts';
import type { WeakenedAt } from './mutant.ts';

/** Who may ask for an action, what exactly is approved, by whom, and for how long. */
export function* mutantsOfAction(policies: PolicySet, action: ActionPolicy): Iterable<WeakenedAt<ActionPolicy>> {
  const { places, callers, parameters, validForMs } = action;
  for (const { index, what, change } of mutantsOfCallers(callers)) {
    yield {
      place: places.eachCaller[index] ?? places.callers,
      what,
      change: (each) => ({ ...each, callers: change(each.callers) }),
    };
  }
  yield* mutantsOfReason(action);
  for (const { what, change } of mutantsOfFields(parameters))
    yield { place: places.parameters, what, change: (each) => ({ ...each, parameters: change(each.parameters) }) };
  // A caller is nobody in the directory: it is no approver, and has neither a manager nor targets.
  const asking = { policies, contexts: callers.length === 0 ? [] : [{ requester: '', targets: [] }] };
  for (const index of action.flows.keys()) yield* mutantsOfFlow(asking, action, index);
  yield {
    place: places.validFor,
    what: `with \`valid_for: ${formatDuration(validForMs * 2)}\``,
    change: (each) => ({ ...each, validForMs: validForMs * 2 }),
  };
}
