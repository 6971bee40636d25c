import { readDigest } from '../../src/app/digest.ts';
import { listAudit } from '../../src/app/list-audit.ts';
import { recordedRequests } from '../../src/app/recorded-requests.ts';
import { useAction } from '../../src/app/use-action.ts';
import type { CallerRef } from '../../src/domain/caller.ts';
import { plus } from '../../src/domain/instant.ts';
import { type App, apps } from '../support/app.ts';
import { DAY, HOUR, MINUTE, START } from '../support/clock.ts';
import { step } from '../support/world.ts';
import { inTransactions } from '../support/wrapped.ts';
import {
  approved,
  ask,
  asked,
  CI,
  CI_NAME,
  cancel,
  deploying,
  ISSUER,
  JENKINS,
  of,
  refused,
  SHA,
  status,
  use,
} from './support/actions.ts';

const { start, beside } = apps();
const world = deploying();

/** Ends what the test left pending or unused, so that nothing is left undelivered. */
const settle = async (app: App) => app.pass(2 * HOUR, HOUR);

describe('a caller asks for an action', () => {
  it('people approve it in Slack, the caller uses it once, and all of it is on record', async () => {
    const app = await start({ world });
    const id = await asked(app);
    await app.work();
    expect(app.messenger.of('approvers')).toHaveLength(1);
    expect(await status(app, id)).toMatchObject({ kind: 'found', view: { request: { status: 'pending' } } });

    await app.approve('dee', id);
    expect(await app.request(id)).toMatchObject({
      status: 'approved',
      requester: { email: CI_NAME, slack: '' },
      fields: SHA,
      entitlements: [],
      action: { caller: CI, usableUntil: plus(START, 15 * MINUTE) },
    });
    expect(await use(app, id)).toMatchObject({ kind: 'used', view: { request: { action: { usedAt: START } } } });
    expect(await use(app, id)).toMatchObject(refused('already-used'));
    await app.work();

    expect(await app.eventTypes()).toEqual([
      'RequestOpened',
      'VoteCast',
      'ActionApproved',
      'ActionUsed',
      'CommandRefused',
    ]);
    // The approval and the use are said where it was asked, and nobody tries to write to a pipeline.
    expect(app.messenger.of('story').map(({ message }) => message.line.beat)).toEqual(['vote', 'used']);
    expect(app.messenger.of('news')).toEqual([]);
  });

  it('nothing is given: no grant, no work at targets', async () => {
    const app = await start({ world });
    await use(app, await approved(app));
    expect(await app.work()).not.toContain('provision');
    expect(await app.store.countOpenGrants(app.workspace)).toBe(0);
  });

  it('with an API key', async () => {
    const app = await start({ world });
    const id = await approved(app, SHA, JENKINS);
    expect(await use(app, id)).toMatchObject(refused('unknown-request'));
    expect(await use(app, id, SHA, JENKINS)).toMatchObject({ kind: 'used' });
    await app.work();
    expect(await app.events('ActionUsed')).toMatchObject([{ actor: 'api-key:jenkins' }]);
  });

  it('with a flow that approves by itself: a recorded vote of the policy', async () => {
    const app = await start({ world: deploying({ flows: [{ name: 'self-service', auto_approve: true }] }) });
    const id = await asked(app);
    expect(await use(app, id)).toMatchObject({ kind: 'used' });
    await app.work();
    expect(await app.events('VoteCast')).toMatchObject([{ actor: 'policy:deploy/self-service' }]);
  });

  it('without its answer having reached it: asking again is the same request, until it is decided', async () => {
    const app = await start({ world });
    const first = await ask(app, { sha: 'f00d', note: 'x' });
    const again = await ask(app, { note: 'x', sha: 'f00d' });
    expect(again).toMatchObject({ kind: 'already-open', request: { id: first.kind === 'opened' && first.request.id } });
    expect(await app.events('RequestOpened')).toHaveLength(1);
    // Other parameters, or another caller, are another request.
    expect(await ask(app, SHA)).toMatchObject({ kind: 'opened' });
    expect(await ask(app, { sha: 'f00d', note: 'x' }, JENKINS)).toMatchObject({ kind: 'opened' });
    await settle(app);
    expect(await ask(app, { sha: 'f00d', note: 'x' })).toMatchObject({ kind: 'opened' });
    await settle(app);
  });

  it('what its time is over for lapses there and then, and does not stand in the way', async () => {
    const app = await start({ world });
    const id = await asked(app);
    app.clock.advance(HOUR);
    expect(await ask(app)).toMatchObject({ kind: 'opened' });
    expect(await app.request(id)).toMatchObject({ status: 'lapsed' });
    await settle(app);
    expect(app.messenger.of('news')).toEqual([]);
  });

  it('at most twenty wait at once, of one caller', async () => {
    const app = await start({ world });
    for (let number = 0; number < 20; number += 1) await asked(app, { sha: `ab${String(number).padStart(2, '0')}` });
    expect(await ask(app, { sha: 'cafe' })).toMatchObject(refused('too-many-pending'));
    // The same as one of them is no further one, and another caller has its own.
    expect(await ask(app, { sha: 'ab07' })).toMatchObject({ kind: 'already-open' });
    expect(await ask(app, { sha: 'cafe' }, JENKINS)).toMatchObject({ kind: 'opened' });
    expect(await app.events('RequestRefused')).toMatchObject([{ code: 'too-many-pending', actor: CI_NAME }]);
    const [first] = await app.store.pendingRequestsOf(app.workspace, CI_NAME);
    expect(await cancel(app, first?.id ?? '')).toMatchObject({ kind: 'cancelled' });
    expect(await ask(app, { sha: 'cafe' })).toMatchObject({ kind: 'opened' });
    await settle(app);
  });

  it.each<[string, CallerRef]>([
    ['of another repository', { ...CI, claims: { ...CI.claims, repository: 'acme/web' } }],
    ['of another branch', { ...CI, claims: { ...CI.claims, ref: 'refs/heads/x' } }],
    ['without a claim that is asked for', { ...CI, claims: { repository: 'acme/api' } }],
    ['of another issuer', { ...CI, issuer: 'https://ci.example.org' }],
    ['with a key that settings know and no action names', { kind: 'api-key', name: 'gitlab' }],
  ])('a caller %s is refused, and leaves nothing in the log', async (_, caller) => {
    const app = await start({ world });
    expect(await ask(app, SHA, caller)).toMatchObject(refused('not-eligible'));
    expect(await ask(app, SHA, caller, 'depoly')).toMatchObject(refused('not-eligible'));
    for (const call of [use(app, 'req_1', SHA, caller), status(app, 'req_1', caller), cancel(app, 'req_1', caller)])
      expect(await call).toMatchObject(refused('unknown-request'));
    expect(await app.events()).toEqual([]);
  });

  it('a refusal of a known caller is recorded, with its parameters as far as they are right, and never the reason', async () => {
    const app = await start({ world });
    const parameters = { sha: 'hunter2', note: 'to try it', password: 'hunter2' };
    expect(await ask(app, parameters)).toMatchObject(refused('invalid-field'));
    expect(await ask(app, SHA, CI, 'depoly')).toMatchObject(refused('unknown-action'));
    const refusals = await app.events('RequestRefused');
    expect(refusals).toMatchObject([
      { actor: CI_NAME, access: 'deploy', code: 'invalid-field', asked: { caller: CI, fields: { note: 'to try it' } } },
      { actor: CI_NAME, access: 'depoly', code: 'unknown-action', asked: { caller: CI } },
    ]);
    expect(JSON.stringify(refusals)).not.toContain('hunter2');
  });

  it.each([
    ['blanks around it', { sha: 'f00d', note: ' x' }],
    ['nothing in it', { sha: 'f00d', note: '' }],
  ])('a parameter with %s is refused: it would be approved other than it is written', async (_, parameters) => {
    const app = await start({ world });
    expect(await ask(app, parameters)).toMatchObject(refused('invalid-field'));
  });

  it('keeps of a caller what its token says, and nothing else that came along', async () => {
    const app = await start({ world });
    const id = await asked(app, SHA, { ...CI, token: 'eyJ.secret' } as CallerRef);
    expect((await app.request(id)).action).toEqual({ caller: CI });
    expect(JSON.stringify(await app.events())).not.toContain('secret');
    await settle(app);
  });
});

describe('an approval', () => {
  it('is for its caller in its workspace: to all others the request is as unknown as none', async () => {
    const app = await start({ world });
    const id = await approved(app);
    const others: CallerRef[] = [JENKINS, { ...CI, subject: 'repo:acme/web' }];
    for (const caller of others) {
      expect(await use(app, id, SHA, caller)).toMatchObject(refused('unknown-request'));
      expect(await status(app, id, caller)).toMatchObject(refused('unknown-request'));
      expect(await cancel(app, id, caller)).toMatchObject(refused('unknown-request'));
    }
    const elsewhere = await beside(app, { world, workspace: 'T0OTHER' });
    expect(await use(elsewhere, id)).toMatchObject(refused('unknown-request'));
    for (const strange of ['', 'req\0', 'x'.repeat(1_000), '../etc'])
      expect(await use(app, strange)).toMatchObject(refused('unknown-request'));
    expect(await use(app, id)).toMatchObject({ kind: 'used' });
    await app.work();
  });

  it('that was used is told to be, though the database is gone right behind it', async () => {
    const app = await start({ world });
    const id = await approved(app);
    await app.work();
    // One call, the transaction; whatever is read next would fail.
    const { ports } = app.dyingAfter(1);
    const used = await useAction(ports, of(app), id, SHA);
    expect(used).toMatchObject({ kind: 'used', view: { request: { action: { usedAt: START } } } });
    await app.work();
  });

  it('of an access is nothing that a caller can use, whatever its id', async () => {
    const app = await start({ world });
    const id = await app.asked('ana', 'read');
    expect(await use(app, id, {})).toMatchObject(refused('unknown-request'));
    await app.deny('cy', id);
    await app.work();
  });

  it.each([
    ['others', { sha: 'beef' }],
    ['some left out', {}],
    ['one more', { sha: 'f00d', note: 'x' }],
    ['one in capitals', { sha: 'F00D' }],
  ])('is for exactly its parameters: with %s it is refused, recorded, and still there', async (_, parameters) => {
    const app = await start({ world });
    const id = await approved(app);
    expect(await use(app, id, parameters as never)).toMatchObject(refused('parameters-differ'));
    expect(await app.events('CommandRefused')).toMatchObject([
      { command: 'use', requestId: id, access: 'deploy', code: 'parameters-differ', actor: CI_NAME },
    ]);
    expect(await use(app, id)).toMatchObject({ kind: 'used' });
    await app.work();
  });

  it('is over after valid_for, by the clock and not by the tick, and a clock that steps back makes it no good again', async () => {
    const app = await start({ world });
    const id = await approved(app);
    app.clock.advance(15 * MINUTE);
    expect(await use(app, id)).toMatchObject(refused('approval-over'));
    app.clock.advance(-10 * MINUTE);
    expect(await use(app, id)).toMatchObject(refused('approval-over'));
    expect(await app.events('ActionUnused')).toHaveLength(1);
    app.clock.advance(HOUR);
    await app.work();
    expect(app.messenger.of('story').map(({ message }) => message.line.beat)).toEqual(['vote', 'unused']);
  });

  it('is over, too, when its time ends while its row is waited for', async () => {
    const app = await start({ world });
    const id = await approved(app);
    const waiting = inTransactions((tx) => ({
      request: async (wanted) => {
        const request = await tx.request(wanted);
        app.clock.advance(15 * MINUTE);
        return request;
      },
    }));
    expect(await useAction(waiting(app.ports), of(app), id, SHA)).toMatchObject(refused('approval-over'));
    await app.work();
  });

  it('that nobody used is said to be over, once', async () => {
    const app = await start({ world });
    const id = await approved(app);
    await app.pass(14 * MINUTE);
    expect(await app.events('ActionUnused')).toEqual([]);
    await app.pass(DAY, 10 * MINUTE);
    expect(await app.events('ActionUnused')).toMatchObject([{ requestId: id, usableUntil: plus(START, 15 * MINUTE) }]);
    expect(await use(app, id)).toMatchObject(refused('approval-over'));
  });

  it('that was used is used, however late its caller asks again', async () => {
    const app = await start({ world });
    const id = await approved(app);
    await use(app, id);
    await app.pass(DAY, HOUR);
    expect(await use(app, id)).toMatchObject(refused('already-used'));
    expect(await app.events('ActionUnused')).toEqual([]);
  });

  it('there is none yet, or there will be none: told apart', async () => {
    const app = await start({ world });
    const id = await asked(app);
    expect(await use(app, id)).toMatchObject(refused('not-approved'));
    await app.deny('dee', id, 'not on a Friday');
    expect(await use(app, id)).toMatchObject({
      refusal: { code: 'already-decided', sentence: 'This request was denied by dee@example.com: not on a Friday' },
    });
    const withdrawn = await asked(app);
    await cancel(app, withdrawn);
    expect(await use(app, withdrawn)).toMatchObject(refused('already-decided'));
    const lapsed = await asked(app);
    await settle(app);
    expect(await use(app, lapsed)).toMatchObject(refused('request-lapsed'));
  });

  describe('is looked at anew when it is used', () => {
    it.each<[string, ReturnType<typeof deploying>, string]>([
      ['the caller may not ask any more', deploying({ callers: [{ api_key: 'jenkins' }] }), 'policy-changed'],
      ['the action is gone', { ...world, actions: {} }, 'policy-changed'],
      [
        'another flow asks for more',
        deploying({ flows: [{ name: 'two', steps: [step('dba', 2)] }] }),
        'policy-changed',
      ],
      ['its approver left the group', { ...world, groups: { ...world.groups, dba: ['cy', 'eli'] } }, 'policy-changed'],
      [
        'its approver left the directory',
        {
          ...world,
          people: Object.fromEntries(Object.entries(world.people).filter(([name]) => name !== 'dee')),
          groups: { ...world.groups, dba: ['cy', 'eli'] },
        },
        'policy-changed',
      ],
      [
        'its parameters have other rules',
        deploying({ parameters: { sha: { pattern: '^[0-9a-f]{40}$' } } }),
        'policy-changed',
      ],
      ['valid_for is shorter now', deploying({ valid_for: '2m' }), 'approval-over'],
    ])('%s', async (_, next, code) => {
      const app = await start({ world });
      const id = await approved(app);
      app.clock.advance(5 * MINUTE);
      app.reload(next);
      expect(await use(app, id)).toMatchObject(refused(code));
      expect(await app.events('CommandRefused')).toMatchObject([{ command: 'use', requestId: id, code }]);
      // Nothing was used up by it.
      app.reload(world);
      expect(await use(app, id)).toMatchObject({ kind: 'used' });
      await app.work();
    });

    it('by what the token says now: the branch that it runs on is another', async () => {
      const app = await start({ world });
      const id = await approved(app);
      const elsewhere = { ...CI, claims: { ...CI.claims, ref: 'refs/heads/x' } };
      expect(await use(app, id, SHA, elsewhere)).toMatchObject(refused('policy-changed'));
      const nextJob = { ...CI, claims: { ...CI.claims, run: '8' } };
      expect(await use(app, id, SHA, nextJob)).toMatchObject({ kind: 'used' });
      // Which job went ahead is on record, and which had asked.
      expect(await app.events('ActionUsed')).toMatchObject([{ claims: { run: '8' } }]);
      expect((await app.request(id)).action?.caller).toEqual(CI);
      await app.work();
    });

    it('and never loosened: fewer approvals, a longer time and other callers change nothing of it', async () => {
      const two = [{ name: 'two', steps: [step('dba', 2)], timeout: '1h' }];
      const app = await start({ world: deploying({ flows: two }) });
      const id = await asked(app);
      await app.approve('dee', id);
      app.reload(deploying({ valid_for: '24h', callers: [{ issuer: ISSUER, claims: { repository: 'acme/api' } }] }));
      expect(await use(app, id)).toMatchObject(refused('not-approved'));
      await app.approve('cy', id);
      await app.pass(15 * MINUTE);
      expect(await use(app, id)).toMatchObject(refused('approval-over'));
    });

    it('a vote does not approve what the policies refuse its caller by now', async () => {
      const app = await start({ world });
      const id = await asked(app);
      app.reload(deploying({ callers: [] }));
      expect(await app.approve('dee', id)).toMatchObject(refused('policy-changed'));
      await settle(app);
    });
  });
});

describe('withdrawing', () => {
  it('is for the caller, as long as nobody has decided', async () => {
    const app = await start({ world });
    const id = await asked(app);
    expect(await cancel(app, id)).toMatchObject({ kind: 'cancelled', view: { request: { status: 'cancelled' } } });
    expect(await cancel(app, id)).toMatchObject(refused('already-decided'));
    expect(await app.approve('dee', id)).toMatchObject(refused('already-decided'));
    await app.work();
    expect(await app.events('RequestCancelled')).toMatchObject([{ actor: CI_NAME }]);
  });
});

describe('what is told of actions', () => {
  it('the digest counts them, the audit log finds them by name and by caller, and a replay asks them again', async () => {
    const app = await start({ world });
    await use(app, await approved(app));
    await approved(app, { sha: 'beef' });
    await ask(app, { sha: 'x' });
    await settle(app);
    const digest = await readDigest(app.ports, app.workspace, {
      kind: 'digest',
      date: '2026-03-03',
      from: START,
      to: plus(START, DAY),
    });
    expect(digest.counts).toMatchObject({ actionsApproved: 2, actionsUsed: 1, actionsUnused: 1, refused: 1 });

    const found = async (question: Parameters<typeof listAudit>[1]) => {
      const types: string[] = [];
      for await (const { event } of listAudit(app.ports, question)) types.push(event.type);
      return types;
    };
    const all = await app.eventTypes();
    expect(all).toEqual(expect.arrayContaining(['ActionUsed', 'ActionUnused', 'RequestRefused']));
    expect(await found({ access: 'deploy' })).toEqual(all);
    expect(await found({ person: CI_NAME })).toEqual(all);
    expect(await found({ person: 'dee@example.com' })).toEqual([
      'VoteCast',
      'ActionApproved',
      'VoteCast',
      'ActionApproved',
    ]);
    expect(await found({ access: 'deploy', person: 'api-key:jenkins' })).toEqual([]);
    // With what their tokens said, so that other policies can be asked the same, the refused one too.
    expect(await recordedRequests(app.ports, START)).toMatchObject([
      { access: 'deploy', requester: CI_NAME, caller: CI, fields: SHA, durationMs: 15 * MINUTE },
      { access: 'deploy', requester: CI_NAME, caller: CI, fields: { sha: 'beef' } },
      { access: 'deploy', requester: CI_NAME, caller: CI },
    ]);
  });
});
