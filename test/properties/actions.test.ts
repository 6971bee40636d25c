import fc from 'fast-check';
import { cancelAction } from '../../src/app/cancel-action.ts';
import type { Ports } from '../../src/app/ports/index.ts';
import { requestAction } from '../../src/app/request-action.ts';
import { tick } from '../../src/app/tick.ts';
import { useAction } from '../../src/app/use-action.ts';
import { verifyAudit } from '../../src/app/verify-audit.ts';
import { vote } from '../../src/app/vote.ts';
import type { CallerRef } from '../../src/domain/caller.ts';
import type { FieldValues, RequestState } from '../../src/domain/request.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import { MemoryStore } from '../../src/policy-test/memory-store.ts';
import { CI, deploying, JENKINS, SHA } from '../app/support/actions.ts';
import { App, WORKSPACE } from '../support/app.ts';
import { HOUR, MINUTE, START } from '../support/clock.ts';
import { policiesOf, step, type World } from '../support/world.ts';
import { inTransactions, replaced } from '../support/wrapped.ts';
import { holds } from './holds.ts';

// The life of one action after another, said once more in a few lines and held against the use cases: who approves, leaves
// and comes back, policies that change while it waits and after it was approved, a clock that goes both ways.

const PEOPLE = ['cy', 'dee', 'eli'] as const;
type Person = (typeof PEOPLE)[number];
/** How long its flow waits, in minutes, and how long its approval holds where policies do not say otherwise. */
const WAITS = 30;
const OTHER_BRANCH: CallerRef = { ...CI, claims: { ...CI.claims, ref: 'refs/heads/x' } };

interface Rules {
  /** Who may approve now, how many have to, how long it may be used, and whether the pipeline may ask at all. */
  approvers: readonly Person[];
  need: 1 | 2;
  validFor: 5 | 15 | 20;
  names: boolean;
}
const FIRST: Rules = { approvers: PEOPLE, need: 1, validFor: 15, names: true };

const parsed = new Map<string, PolicySet>();
function policiesFor({ approvers, need, validFor, names }: Rules): PolicySet {
  const name = JSON.stringify([approvers, need, validFor, names]);
  const world: World = deploying({
    flows: [{ name: 'normal', steps: [step('dba', need)], timeout: `${WAITS}m` }],
    valid_for: `${validFor}m`,
    ...(names ? {} : { callers: [{ api_key: 'jenkins' }] }),
  });
  const set = parsed.get(name) ?? policiesOf({ ...world, groups: { ...world.groups, dba: [...approvers] } });
  parsed.set(name, set);
  return set;
}

const rules = fc
  .record({
    approvers: fc.subarray([...PEOPLE], { minLength: 2 }),
    need: fc.constantFrom(1, 1, 2 as const),
    validFor: fc.constantFrom(5, 15, 15, 20 as const),
    names: fc.constantFrom(true, true, true, false),
  })
  .map((some): Rules => some);

type Use = { as?: CallerRef; parameters?: FieldValues };
type Command =
  | { do: 'ask' | 'cancel' | 'tick' }
  | { do: 'approve'; who: Person }
  | { do: 'use'; how: Use }
  | { do: 'pass'; minutes: number }
  | { do: 'reload'; rules: Rules };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ do: 'ask' as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ do: 'cancel' as const }, { do: 'tick' as const }, { do: 'tick' as const }),
  },
  { weight: 4, arbitrary: fc.constantFrom(...PEOPLE).map((who) => ({ do: 'approve' as const, who })) },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom<Use>(
        {},
        {},
        {},
        { as: OTHER_BRANCH },
        { as: JENKINS },
        { parameters: { sha: 'beef' } },
        { parameters: {} },
      )
      .map((how) => ({ do: 'use' as const, how })),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(1, 4, 5, 10, 15, 30, -5, -15).map((minutes) => ({ do: 'pass' as const, minutes })),
  },
  { weight: 2, arbitrary: rules.map((some) => ({ do: 'reload' as const, rules: some })) },
);

/** One request, as the documentation tells it. Times in minutes since the start. */
class Life {
  readonly lapses: number;
  stands: RequestState['status'] | 'used' | 'unused' = 'pending';
  approvedAt = 0;
  end = 0;
  /** Who approved, and whether in the step that it was opened with or in what tightened policies asked for besides. */
  readonly #votes: { who: Person; own: boolean }[] = [];
  readonly #asked: Rules;

  constructor(now: number, asked: Rules) {
    this.lapses = now + WAITS;
    this.#asked = asked;
  }

  #enough({ approvers, need, names }: Rules): boolean {
    const counted = this.#votes.filter(({ who }) => approvers.includes(who));
    const own = counted.filter((one) => one.own).length;
    return names && own >= this.#asked.need && counted.length >= need;
  }

  approve(now: number, who: Person, current: Rules): boolean {
    const { approvers, names, validFor } = current;
    if (this.stands !== 'pending' || now >= this.lapses || !names || !approvers.includes(who)) return false;
    if (this.#votes.some((one) => one.who === who)) return false;
    const own = this.#votes.filter((one) => one.own && approvers.includes(one.who)).length < this.#asked.need;
    this.#votes.push({ who, own });
    if (!this.#enough(current)) return true;
    this.stands = 'approved';
    this.approvedAt = now;
    this.end = now + Math.min(validFor, this.#asked.validFor);
    return true;
  }

  use(now: number, { as = CI, parameters = SHA }: Use, current: Rules): boolean {
    // To all others it is not there, so they do not even bring its end about.
    if (as === JENKINS) return false;
    if (this.stands === 'approved' && now >= this.end) this.stands = 'unused';
    const inTime = now < this.end && now < this.approvedAt + current.validFor;
    const mayGo = this.stands === 'approved' && inTime && as === CI && parameters === SHA && this.#enough(current);
    if (mayGo) this.stands = 'used';
    return mayGo;
  }

  tick(now: number): void {
    if (this.stands === 'pending' && now >= this.lapses) this.stands = 'lapsed';
    if (this.stands === 'approved' && now >= this.end) this.stands = 'unused';
  }

  cancel(now: number): boolean {
    if (this.stands !== 'pending' || now >= this.lapses) return false;
    this.stands = 'cancelled';
    return true;
  }
}

const standing = ({ status, action }: RequestState): string => {
  if (action?.usedAt !== undefined) return 'used';
  return action?.unusedAt === undefined ? status : 'unused';
};

interface Product {
  use: typeof useAction;
  /** Changes what the use is given: how its twins are made. */
  wrap?: (ports: Ports) => Ports;
}

const without = (field: 'usedAt' | 'unusedAt') =>
  inTransactions((tx) => ({
    request: async (id) => {
      const request = await tx.request(id);
      if (!request?.action) return request;
      const { [field]: _, ...action } = request.action;
      return { ...request, action };
    },
  }));

holds<Product>(
  'an approval is used once, in time, by its caller, for what was approved, while all that allowed it still does (invariants 1, 3, 7 and 11)',
  ({ use, wrap = (ports) => ports }) =>
    fc.asyncProperty(fc.array(command, { minLength: 4, maxLength: 16 }), async (commands) => {
      const app = new App(new MemoryStore(WORKSPACE), {});
      let current = FIRST;
      const ports: Ports = {
        ...app.ports,
        policies: { current: () => policiesFor(current), rejected: () => undefined },
      };
      const by = { workspace: WORKSPACE, caller: CI };
      const now = () => (Date.parse(app.clock.now()) - Date.parse(START)) / MINUTE;
      let id: string | undefined;
      let life: Life | undefined;
      for (const one of [{ do: 'ask' } as Command, ...commands]) {
        switch (one.do) {
          case 'ask': {
            const answer = await requestAction(ports, by, { action: 'deploy', parameters: SHA });
            // What its time is over for lapses, and makes room.
            if (current.names && life?.stands === 'pending' && now() >= life.lapses) life.stands = 'lapsed';
            if (!current.names) expect(answer.kind).toBe('refused');
            else if (life?.stands === 'pending')
              expect(answer).toMatchObject({ kind: 'already-open', request: { id } });
            else {
              if (answer.kind !== 'opened') throw new Error(`not opened: ${answer.kind}`);
              id = answer.request.id;
              life = new Life(now(), current);
            }
            break;
          }
          case 'approve': {
            const answer = await vote(ports, app.caller(one.who), { requestId: id ?? '', verdict: 'approve' });
            expect(answer.kind).toBe(life?.approve(now(), one.who, current) ? 'done' : 'refused');
            break;
          }
          case 'use': {
            const { as: caller = CI, parameters = SHA } = one.how;
            const answer = await use(wrap(ports), { ...by, caller }, id ?? '', parameters);
            expect(answer.kind).toBe(life?.use(now(), one.how, current) ? 'used' : 'refused');
            break;
          }
          case 'cancel':
            expect((await cancelAction(ports, by, id ?? '')).kind).toBe(life?.cancel(now()) ? 'cancelled' : 'refused');
            break;
          case 'tick':
            await tick(ports);
            life?.tick(now());
            break;
          case 'pass':
            app.clock.advance(one.minutes * MINUTE);
            break;
          case 'reload':
            current = one.rules;
            break;
        }
        const request = id === undefined ? undefined : await app.store.request(id);
        expect(request && standing(request)).toBe(life?.stands);
      }
      const uses = (await app.events('ActionUsed')).map(({ requestId }) => requestId);
      expect(new Set(uses).size).toBe(uses.length);
      // A clock that steps back further than clocks differ is seen in the log, which is another matter.
      const findings = (await verifyAudit(app.ports)).flatMap((report) => report.findings);
      expect(findings.filter(({ problem }) => !problem.includes('before that of the entry before'))).toEqual([]);
    }),
  { use: useAction },
  {
    'one that does not see that it was used': { use: useAction, wrap: without('usedAt') },
    'one that believes a clock that steps back': { use: useAction, wrap: without('unusedAt') },
    'one that does not look at the parameters': { use: (ports, by, id) => useAction(ports, by, id, SHA) },
    'one that takes any caller for the one that asked': {
      use: (ports, by, id, parameters) => useAction(ports, { ...by, caller: CI }, id, parameters),
    },
    'one that goes by the policies of the beginning': {
      use: useAction,
      wrap: (ports) => ({ ...ports, policies: replaced(ports.policies, { current: () => policiesFor(FIRST) }) }),
    },
    'one whose approvals last an hour': {
      use: useAction,
      wrap: inTransactions((tx) => ({
        request: async (id) => {
          const request = await tx.request(id);
          if (request?.action?.usableUntil === undefined) return request;
          const usableUntil = new Date(Date.parse(request.action.usableUntil) + HOUR).toISOString();
          return { ...request, action: { ...request.action, usableUntil } };
        },
      })),
    },
  },
  500,
);
