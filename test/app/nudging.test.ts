import { flowNow } from '../../src/domain/nudge.ts';
import { apps } from '../support/app.ts';
import { HOUR, MINUTE } from '../support/clock.ts';
import { changed, step, usual, type World } from '../support/world.ts';

const { start, beside } = apps();

const refused = (code: string) => ({ kind: 'refused', refusal: { code } });
const dba = { ...step('dba'), remind_every: '10m', escalate: { after: '30m', to: ['group:leads'] } };
const flows = [{ name: 'normal', steps: [dba], timeout: '2h' }];

/** DBAs are reminded every ten minutes; after half an hour Fay and Gus may approve, too. */
const world: World = changed(
  { ...usual, groups: { ...usual.groups, leads: ['eli', 'fay', 'gus', 'ana'] } },
  { read: { flows }, direct: { flows } },
);
const texts = (app: Awaited<ReturnType<typeof start>>) =>
  app.messenger.of('story').map(({ rendered }) => rendered.text);

describe('reminders', () => {
  it('come into the thread, name who is waited for, and end with the request', async () => {
    const app = await start({ world });
    const id = await app.asked('ana', 'read');
    await app.pass(25 * MINUTE, MINUTE);
    expect(app.messenger.beats).toEqual(['reminder', 'reminder']);
    expect(texts(app)[0]).toContain('Still waiting for 1 approval from <@U0CY>, <@U0DEE> and <@U0ELI>.');
    await app.approve('cy', id);
    await app.pass(30 * MINUTE, MINUTE);
    expect((await app.events('StepReminded')).map(({ at }) => at)).toEqual([
      '2026-03-03T09:10:00.000Z',
      '2026-03-03T09:20:00.000Z',
    ]);
    expect(await app.events('StepEscalated')).toEqual([]);
    await app.quiesce();
  });

  it('come once after a long stop, and once with two processes', async () => {
    const app = await start({ world });
    const second = await beside(app, { world });
    await app.asked('ana', 'read');
    app.clock.advance(29 * MINUTE);
    await Promise.all([app.tick(), second.tick(), app.tick()]);
    await app.work();
    expect(app.messenger.beats).toEqual(['reminder']);
    app.clock.advance(-MINUTE);
    await app.tick();
    app.clock.advance(2 * HOUR);
    await app.tick();
    await app.work();
    expect(app.messenger.beats).toEqual(['reminder', 'lapsed']);
  });

  it('that come too late to be true are not posted', async () => {
    const app = await start({ world });
    const id = await app.asked('ana', 'read');
    await app.work();
    app.clock.advance(10 * MINUTE);
    await app.tick();
    await app.deny('cy', id);
    await app.work();
    expect(app.messenger.beats).toEqual(['vote']);
  });
});

describe('an escalation', () => {
  it('asks more people, who may approve from then on; the message shows whom and when', async () => {
    const app = await start({ world });
    const id = await app.asked('ana', 'read');
    expect(await app.approve('fay', id)).toMatchObject(refused('not-an-approver'));
    await app.pass(31 * MINUTE, MINUTE);
    const copies = app.messenger.of('approvers').map(({ channel }) => channel);
    // Not Eli, who was asked as a DBA, and not Ana, whose request it is.
    expect(copies).toEqual(['#approvals', 'D-U0FAY', 'D-U0GUS']);
    expect(texts(app)[2]).toContain('so group `leads` may approve now, too.');
    for (const { message, rendered } of app.messenger.of('approvers')) {
      expect(message.view.steps[0]?.escalated).toEqual({ to: ['group:leads'], at: '2026-03-03T09:30:00.000Z' });
      expect(JSON.stringify(rendered)).toContain('escalated <!date');
    }
    expect(await app.approve('ana', id)).toMatchObject(refused('own-request'));
    expect(await app.approve('fay', id)).toEqual({ kind: 'done' });
    await app.quiesce();
    expect(await app.events('GrantActivated')).toHaveLength(1);
  });

  it('asks each approver directly where there is no channel', async () => {
    const app = await start({ world });
    await app.asked('ana', 'direct');
    await app.pass(30 * MINUTE, 30 * MINUTE);
    const copies = app.messenger.of('approvers').map(({ channel }) => channel);
    expect(copies).toEqual(['D-U0CY', 'D-U0DEE', 'D-U0ELI', 'D-U0FAY', 'D-U0GUS']);
    await app.quiesce();
  });

  it('to the owner means whoever owned the target when it was asked', async () => {
    const owned = changed(world, {
      read: { flows: [{ ...flows[0], steps: [{ ...dba, escalate: { after: '30m', to: ['owner'] } }] }] },
    });
    const byGus = {
      ...owned,
      targets: { ...owned.targets, db: { ...owned.targets.db, owner: 'user:gus@example.com' } },
    };
    const byFay = {
      ...owned,
      targets: { ...owned.targets, db: { ...owned.targets.db, owner: 'user:fay@example.com' } },
    };
    const app = await start({ world: byGus });
    const id = await app.asked('ana', 'read');
    app.reload(byFay);
    await app.pass(30 * MINUTE, 30 * MINUTE);
    expect(flowNow(await app.request(id)).steps[0]?.approvers).toEqual([
      { kind: 'group', name: 'dba' },
      { kind: 'user', email: 'gus@example.com' },
    ]);
    // Gus owns it no more: the policies of now would not have asked him.
    expect(await app.approve('fay', id)).toMatchObject(refused('not-an-approver'));
    await app.approve('gus', id);
    expect(await app.request(id)).toMatchObject({ status: 'pending' });
    await app.quiesce();
  });

  it('taken back by a policy before the access was given: it is not given', async () => {
    const app = await start({ world });
    const id = await app.asked('ana', 'read');
    await app.pass(30 * MINUTE, 30 * MINUTE);
    await app.approve('gus', id);
    app.reload(changed(world, { read: { flows: [{ ...flows[0], steps: [step('dba')] }] } }));
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'policy' });
  });
});
