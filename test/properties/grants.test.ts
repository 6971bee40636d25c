import fc from 'fast-check';
import * as decide from '../../src/domain/decide-grant.ts';
import type { Outcome } from '../../src/domain/decision.ts';
import { emptyWorld, fold } from '../../src/domain/fold.ts';
import type { GrantState, Hold } from '../../src/domain/grant.ts';
import { plus } from '../../src/domain/instant.ts';
import { aGrant, aHold, approved, aRequest, NOON } from '../support/samples.ts';
import { holds } from './holds.ts';

const LASTS = 10;
const ANA = { email: 'ana@example.com', slack: 'U0ANA' };
const BO = { email: 'bo@example.com', slack: 'U0BO' };

const command = fc.record({
  passes: fc.constantFrom(0, 0, 1, 4, 5),
  hold: fc.nat(2),
  what: fc.constantFrom(
    'give',
    'give',
    'expire',
    'expire',
    'release',
    'steal',
    'fail',
    'take',
    'take',
    'keep' as const,
  ),
});
type Decisions = typeof decide;

const OVER = ['taken', 'kept'];

// Many thousand times a run, where `expect` would take most of the time.
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken: ${what}`);
}

function outcomeOf(
  { decideExpire, decideFailure, decideGiven, decideHoldEnd, decideRelease }: Decisions,
  grant: GrantState,
  what: string,
  hold: Hold,
  now: string,
): Outcome {
  switch (what) {
    case 'give':
      return decideGiven(grant, hold, false, now);
    case 'expire':
      return decideExpire(grant, now);
    case 'fail':
      return decideFailure(grant, 'failed', 'no such role', now);
    case 'take':
      return decideHoldEnd(grant, hold, 'taken', now);
    case 'keep':
      return decideHoldEnd(grant, hold, 'kept-for-other-grant', now);
    default: {
      const decided = decideRelease(grant, what === 'release' ? ANA : BO, now);
      return decided.ok ? decided : { events: [], effects: [] };
    }
  }
}

holds<Decisions>(
  'in whatever order things happen, a grant begins once, ends once, and is over in time (invariants 4 to 6)',
  (decisions) =>
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(command, { maxLength: 25 }), (count, commands) => {
      const targets = Array.from({ length: count }, (_, index) => aHold({ target: `target-${index}` }));
      const request = aRequest({ id: 'req_1', entitlements: targets });
      const first = aGrant({ id: 'grt_1', requestId: 'req_1', holds: targets, endsAt: plus(NOON, LASTS) });
      const world = emptyWorld();
      const keys = targets.map(({ key }) => key);
      fold(world, approved(request, first));
      let now = NOON;
      const happened: string[] = [];
      for (const { passes, hold: index, what } of commands) {
        now = plus(now, passes);
        const before = world.grants.get('grt_1') as GrantState;
        const hold = before.holds[index % count] as Hold;
        const { events, effects } = outcomeOf(decisions, before, what, hold, now);
        for (const event of events) {
          fold(world, event);
          happened.push(event.type);
        }
        const after = world.grants.get('grt_1') as GrantState;
        const types = events.map(({ type }) => type);

        const is = (...statuses: string[]) => statuses.includes(before.status);
        must(after.approvedAt === first.approvedAt && after.endsAt === first.endsAt, 'the end stays as it was written');
        must(events.length > 0 || effects.length === 0, 'nothing happened, and there is no outside work either');
        must(what !== 'steal' || events.length === 0, 'only its holder gives it back');
        const due = what === 'expire' && now >= first.endsAt && is('provisioning', 'active');
        must(
          what !== 'expire' || types.join() === (due ? 'GrantEnding' : ''),
          'it expires when it is due, and only then',
        );
        must(!types.includes('GrantEnding') || is('provisioning', 'active'), 'only what runs can end');
        const revokes = effects.flatMap((effect) => (effect.kind === 'revoke' ? [effect.key] : []));
        const all = types.includes('GrantEnding') ? keys : [];
        must(revokes.join() === all.join(), 'with the end every permission is taken back, seen or not');

        must(!types.includes('EntitlementGiven') || is('provisioning'), 'nothing is given to what ends or runs');
        const given = after.holds.every(({ status }) => status === 'given');
        must(types.includes('GrantActivated') === (types.includes('EntitlementGiven') && given), 'active is all of it');
        const told = effects.some((effect) => effect.kind === 'tell-requester' && effect.news === 'active');
        must(told === types.includes('GrantActivated'), 'it is said only when it is seen');

        const done = types.some((type) => type === 'EntitlementTaken' || type === 'EntitlementKept');
        must(!done || (is('revoking') && !OVER.includes(hold.status)), 'a permission ends once, while its grant ends');
        const over = is('revoking') && after.holds.every(({ status }) => OVER.includes(status));
        must(types.includes('GrantEnded') === over, 'it has ended when nothing of it is left');
        for (const event of events) {
          if (event.type !== 'GrantEnded') continue;
          const [dueAt] = [after.endingAt ?? '', first.endsAt].sort();
          must(event.dueAt === dueAt, 'late is later than its end, or than the moment it was ended before that');
          must(event.reason === after.endReason, 'it ends for the reason that it began to end for');
        }
      }
      const order = ['GrantActivated', 'GrantEnding', 'GrantEnded'];
      const reached = happened.filter((type) => order.includes(type));
      must(reached.join() === order.filter((type) => reached.includes(type)).join(), 'each comes once, in this order');
    }),
  decide,
  {
    'one that expires a moment late': {
      ...decide,
      decideExpire: (grant, now) => decide.decideExpire(grant, plus(now, -1)),
    },
    'one that expires a moment early': {
      ...decide,
      decideExpire: (grant, now) => decide.decideExpire(grant, plus(now, 1)),
    },
    'one that expires what is ending already': {
      ...decide,
      decideExpire: (grant, now) => decide.decideExpire({ ...grant, status: 'active' }, now),
    },
    'one that anybody may give back': {
      ...decide,
      decideRelease: (grant, _by, now) => decide.decideRelease(grant, grant.person, now),
    },
    'one that is active with its first permission': {
      ...decide,
      decideGiven: (grant, hold, ...rest) => decide.decideGiven({ ...grant, holds: [hold] }, hold, ...rest),
    },
    'one that is given while it ends': {
      ...decide,
      decideGiven: (grant, ...rest) =>
        decide.decideGiven({ ...grant, status: grant.status === 'revoking' ? 'provisioning' : grant.status }, ...rest),
    },
    'one that has ended with its first permission': {
      ...decide,
      decideHoldEnd: (grant, hold, ...rest) => decide.decideHoldEnd({ ...grant, holds: [hold] }, hold, ...rest),
    },
    'one that ends a permission twice': {
      ...decide,
      decideHoldEnd: (grant, hold, ...rest) => decide.decideHoldEnd(grant, { ...hold, status: 'given' }, ...rest),
    },
    'one that takes back only what it saw given': {
      ...decide,
      decideFailure: (grant, ...rest) =>
        decide.decideFailure({ ...grant, holds: grant.holds.filter(({ status }) => status === 'given') }, ...rest),
    },
    'one whose lateness begins when it was noticed': {
      ...decide,
      decideHoldEnd: (grant, ...rest) => {
        const outcome = decide.decideHoldEnd(grant, ...rest);
        const events = outcome.events.map((event) =>
          event.type === 'GrantEnded' ? { ...event, dueAt: grant.endingAt ?? grant.endsAt } : event,
        );
        return { ...outcome, events };
      },
    },
  },
  2_000,
);
