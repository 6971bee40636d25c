import { decideBack, decideDelegate } from '../domain/decide-delegation.ts';
import { refuse } from '../domain/decision.ts';
import { type DelegationState, inForce } from '../domain/delegation.ts';
import { parseDuration } from '../domain/duration.ts';
import { type Instant, plus } from '../domain/instant.ts';
import { endOfDay, isDate } from '../domain/local-day.ts';
import type { PersonRef } from '../domain/person.ts';
import { type Directory, nearest } from '../policy/index.ts';
import { type Answered, answer } from './answer.ts';
import { commit } from './commit.ts';
import { type Caller, personOf, unknownPerson } from './people.ts';
import type { Ports } from './ports/index.ts';
import { shortened } from './shortened.ts';

/** As it was typed. */
export interface AskedAway {
  /** `until` a day, to its end, in the time zone of the settings; or `for` a duration. */
  end: { until: string } | { for: string };
  delegate: { slack: string } | { email: string };
}

export type Handed = Answered & { delegation?: Pick<DelegationState, 'delegate' | 'until'> };

/** `/access away until 2026-12-01 delegate @ben`: hands the caller's votes to one person, in the place of any other. */
export function handOver(ports: Ports, caller: Caller, asked: AskedAway): Promise<Handed> {
  return ports.store.transaction(async (tx): Promise<Handed> => {
    const now = ports.clock.now();
    const { directory, settings } = ports.policies.current();
    let delegation: Handed['delegation'];
    const answered = await answer(ports, tx, caller, { command: 'delegate', now }, async () => {
      const delegator = personOf(directory, caller.slack);
      if (!delegator) return refuse('unknown-person', unknownPerson(directory));
      const delegate = delegateIn(directory, asked.delegate);
      if (typeof delegate === 'string') return refuse('invalid-delegation', delegate);
      const until = endOf(asked.end, settings.timezone, now);
      if (!until.ok) return refuse('invalid-delegation', until.why);
      const { workspace } = caller;
      const before = await tx.delegation(workspace, delegator.email);
      const decided = decideDelegate(before, { workspace, delegator, delegate, until: until.at }, now);
      if (!decided.ok) return decided;
      await commit(ports, tx, { workspace, now }, { delegation: before }, decided);
      delegation = { delegate, until: until.at };
      return decided;
    });
    return { ...answered, ...(delegation ? { delegation } : {}) };
  });
}

/** `/access away off`: the caller is back. */
export function comeBack(ports: Ports, caller: Caller): Promise<Handed> {
  return ports.store.transaction(async (tx): Promise<Handed> => {
    const now = ports.clock.now();
    let delegation: DelegationState | undefined;
    const answered = await answer(ports, tx, caller, { command: 'delegate', now }, async () => {
      const { directory } = ports.policies.current();
      const by = personOf(directory, caller.slack);
      if (!by) return refuse('unknown-person', unknownPerson(directory));
      delegation = await tx.delegation(caller.workspace, by.email);
      const decided = decideBack(delegation, by, now);
      if (decided.ok) await commit(ports, tx, { workspace: caller.workspace, now }, { delegation }, decided);
      return decided;
    });
    return { ...answered, ...(delegation ? { delegation } : {}) };
  });
}

export type Away =
  | { kind: 'unknown-person'; sentence: string }
  /** To whom the caller handed their votes, and whose votes they have. */
  | { kind: 'away'; mine?: DelegationState; others: readonly DelegationState[] };

/** `/access away`. */
export async function showAway(ports: Ports, { workspace, slack }: Pick<Caller, 'workspace' | 'slack'>): Promise<Away> {
  const { directory } = ports.policies.current();
  const me = personOf(directory, slack);
  if (!me) return { kind: 'unknown-person', sentence: unknownPerson(directory) };
  const now = ports.clock.now();
  const [mine, others] = await Promise.all([
    ports.store.delegation(workspace, me.email),
    ports.store.delegationsInForce(workspace, now, me.email),
  ]);
  return { kind: 'away', others, ...(mine && inForce(mine, now) ? { mine } : {}) };
}

/** Somebody enabled, in the directory and in Slack, where votes are cast; or what is wrong. */
function delegateIn(directory: Directory, wanted: AskedAway['delegate']): PersonRef | string {
  const person = 'slack' in wanted ? directory.bySlack(wanted.slack) : directory.byEmail(wanted.email);
  if (person?.slack !== undefined && !person.disabled) return { email: person.email, slack: person.slack };
  if (person?.disabled) return 'That person is disabled in the directory of the policies: name somebody else.';
  if (person) return `${person.email} has no Slack user in the directory, so they could not vote: name somebody else.`;
  if ('slack' in wanted) return 'That person is not in the directory of the policies: name somebody who is.';
  const near = nearest(
    wanted.email.toLowerCase(),
    directory.people.map(({ email }) => email),
  );
  const hint = near === undefined ? 'Name somebody who is.' : `Did you mean ${near}?`;
  return `There is no ${shortened(wanted.email.toWellFormed())} in the directory of the policies. ${hint}`;
}

function endOf(
  end: AskedAway['end'],
  timezone: string,
  now: Instant,
): { ok: true; at: Instant } | { ok: false; why: string } {
  if ('for' in end) {
    const parsed = parseDuration(end.for);
    if (parsed.ok) return { ok: true, at: plus(now, parsed.ms) };
    return { ok: false, why: `I cannot read “${shortened(end.for.toWellFormed())}”: ${parsed.why}.` };
  }
  if (isDate(end.until)) return { ok: true, at: endOfDay(end.until, timezone) };
  const why = `I cannot read “${shortened(end.until.toWellFormed())}” as a date: write it like 2026-12-01.`;
  return { ok: false, why };
}
