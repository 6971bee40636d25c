import { formatDuration } from '../../domain/duration.ts';
import type { Milliseconds } from '../../domain/instant.ts';
import { principalText } from '../../domain/principal.ts';
import { EVERYONE, type Flow, isEveryone, type Step, type Weakened, without } from './mutant.ts';
import { type Asking, addsSomebody, somebodyCouldStandIn, whomItEscalatesTo } from './who.ts';

/** One step of a flow made weaker, or taken away. */
export function* mutantsOfStep(asking: Asking, { steps, timeoutMs }: Flow, index: number): Iterable<Weakened<Flow>> {
  const rule = steps[index];
  if (!rule) return;
  const which = `step ${index + 1}`;
  const changing =
    (change: (step: Step) => Step) =>
    (flow: Flow): Flow => ({ ...flow, steps: flow.steps.map((step, at) => (at === index ? change(step) : step)) });
  if (steps.length > 1)
    yield { what: `without ${which}`, change: (flow) => ({ ...flow, steps: without(flow.steps, index) }) };
  for (const { what, change } of seats(rule)) yield { what: `${what} in ${which}`, change: changing(change) };
  for (const { what, change } of escalation(asking, rule))
    yield { what: `${what} in ${which}`, change: changing(change) };
  for (const { what, change } of reminders(rule, timeoutMs))
    yield { what: `${what} in ${which}`, change: changing(change) };
  // Where everybody else approves anyway, nobody could vote for one of them.
  if (!somebodyCouldStandIn(asking, rule)) return;
  yield rule.delegation === 'allowed'
    ? {
        what: `without \`delegation: allowed\` in ${which}`,
        change: changing(({ delegation: _, ...step }) => step),
      }
    : {
        what: `with \`delegation: allowed\` in ${which}`,
        change: changing((step) => ({ ...step, delegation: 'allowed' })),
      };
}

function* seats({ need, approvers }: Step): Iterable<Weakened<Step>> {
  if (need > 1) yield { what: `with \`need: ${need - 1}\``, change: (step) => ({ ...step, need: need - 1 }) };
  for (const [at, one] of approvers.length > 1 ? approvers.entries() : []) {
    yield {
      what: `without ${principalText(one)}`,
      change: (step) => ({ ...step, approvers: without(step.approvers, at) }),
    };
  }
  if (approvers.some(isEveryone)) return;
  yield { what: 'with `everyone`', change: (step) => ({ ...step, approvers: [...step.approvers, EVERYONE] }) };
}

/** Only of an escalation that changes something when it happens. */
function* escalation(asking: Asking, step: Step): Iterable<Weakened<Step>> {
  const { escalate } = step;
  if (!escalate || !addsSomebody(asking, step)) return;
  const changing =
    (changed: Partial<typeof escalate>) =>
    (one: Step): Step => ({ ...one, escalate: { ...escalate, ...changed } });
  const { afterMs, to } = escalate;
  yield { what: 'without the escalation', change: ({ escalate: _, ...one }) => one };
  for (const other of [half(afterMs), afterMs * 2])
    yield { what: `with an escalation after ${formatDuration(other)}`, change: changing({ afterMs: other }) };
  for (const { what, change } of whomItEscalatesTo(asking, step)) yield { what, change: changing({ to: change(to) }) };
}

/** Only of a reminder that comes before the request lapses. An escalation is one, too, and begins the time anew. */
function* reminders({ remindEveryMs, escalate }: Step, timeoutMs: Milliseconds): Iterable<Weakened<Step>> {
  if (remindEveryMs === undefined) return;
  const restart = escalate && escalate.afterMs <= remindEveryMs ? escalate.afterMs : 0;
  if (restart + remindEveryMs >= timeoutMs) return;
  yield { what: 'without `remind_every`', change: ({ remindEveryMs: _, ...step }) => step };
  const other = remindEveryMs * 2;
  yield {
    what: `with \`remind_every: ${formatDuration(other)}\``,
    change: (step) => ({ ...step, remindEveryMs: other }),
  };
}

/** In whole seconds, as durations are. */
export const half = (ms: Milliseconds): Milliseconds => Math.max(1_000, Math.floor(ms / 2_000) * 1_000);
