import { apps } from '../support/app.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../support/clock.ts';
import { changed, usual, type World } from '../support/world.ts';

const { start, beside, leaveUndelivered } = apps();

describe('asking the approvers', () => {
  it('in the channel; when it is gone, each of them directly, once, even when the process dies in between', async () => {
    for (let calls = 0; ; calls += 1) {
      const app = await start();
      app.messenger.fail({ on: 'post', when: (_message, where) => where === '#approvals', kind: 'give-up', times: 9 });
      const id = await app.asked('ana', 'read');
      const { ports, died } = app.dyingAfter(calls);
      await app.work(ports).catch(() => {});
      app.clock.advance(31 * SECOND);
      await app.work();
      expect(app.messenger.of('approvers').map(({ channel }) => channel)).toEqual(['D-U0CY', 'D-U0DEE', 'D-U0ELI']);
      if (!died()) expect(await app.events('EffectFailed')).toMatchObject([{ kind: 'announce', code: 'scripted' }]);
      await app.deny('dee', id);
      await app.work();
      if (!died()) return;
    }
  });

  it('directly, step by step, when the access has no channel', async () => {
    const app = await start();
    const id = await app.asked('ana', 'direct');
    await app.work();
    expect(app.messenger.of('approvers').map(({ channel }) => channel)).toEqual(['D-U0CY', 'D-U0DEE', 'D-U0ELI']);
    await app.approve('cy', id);
    await app.work();
    expect(
      app.messenger
        .of('approvers')
        .map(({ channel }) => channel)
        .slice(3),
    ).toEqual(['D-U0ELI', 'D-U0FAY']);
    await app.deny('fay', id);
    await app.work();
  });

  it('a post whose reply was lost is looked for and not made again', async () => {
    const app = await start();
    app.messenger.fail({ on: 'post', kind: 'retry', done: true });
    const id = await app.asked('ana', 'read');
    await app.work();
    await app.pass(5 * SECOND, SECOND);
    expect(app.messenger.of('approvers')).toHaveLength(1);
    expect(app.messenger.looks).toHaveLength(1);
    await app.approve('dee', id);
    await app.quiesce();
    // What was found is kept up to date like any other copy.
    expect(app.messenger.of('approvers')[0]?.message.view.grant?.status).toBe('ended');
  });

  it('in the channel; when it is gone, those of later steps directly, too, and the log tells of it', async () => {
    const app = await start({ world: changed(usual, { direct: { channel: '#approvals' } }) });
    app.messenger.fail({ on: 'post', when: (_message, where) => where === '#approvals', kind: 'give-up', times: 9 });
    const id = await app.asked('ana', 'direct');
    await app.work();
    const asked = () => app.messenger.of('approvers').map(({ channel }) => channel);
    expect(asked()).toEqual(['D-U0CY', 'D-U0DEE', 'D-U0ELI']);
    expect(await app.events('ApproversAskedDirectly')).toMatchObject([{ channel: '#approvals', code: 'scripted' }]);
    await app.approve('cy', id);
    await app.work();
    expect(asked().slice(3)).toEqual(['D-U0ELI', 'D-U0FAY']);
    await app.approve('fay', id);
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    await app.quiesce();
  });

  it('a first post does not look: there is nothing to find', async () => {
    const app = await start();
    await app.deny('dee', await app.asked('ana', 'read'));
    await app.work();
    expect(app.messenger.looks).toEqual([]);
  });
});

describe('copies', () => {
  it('all show the same in the end, whichever failed on the way', async () => {
    const app = await start();
    const id = await app.asked('ana', 'direct');
    await app.work();
    app.messenger.fail({ on: 'update', when: (_message, where) => where === 'D-U0DEE', kind: 'retry', times: 3 });
    await app.approve('cy', id);
    await app.approve('fay', id);
    await app.quiesce();
    const shown = new Set(app.messenger.of('approvers').map(({ rendered }) => JSON.stringify(rendered)));
    expect(shown.size).toBe(1);
  });

  it('one that was deleted in Slack does not keep the others from being told', async () => {
    const app = await start();
    const id = await app.asked('ana', 'direct');
    await app.work();
    app.messenger.fail({
      on: 'update',
      when: (_message, where) => where === 'D-U0CY',
      kind: 'give-up',
      code: 'message-not-found',
      times: 99,
    });
    app.messenger.fail({
      on: 'post',
      when: ({ kind }, where) => kind === 'story' && where === 'D-U0CY',
      kind: 'give-up',
      code: 'thread-not-found',
      times: 99,
    });
    await app.deny('dee', id);
    await app.work();
    const [cy, dee, eli] = app.messenger.of('approvers');
    expect(cy?.message.view.request.status).toBe('pending');
    expect(dee?.message.view.request.status).toBe('denied');
    expect(eli?.message.view.request.status).toBe('denied');
    expect(app.messenger.of('story').map(({ channel }) => channel)).toEqual(['D-U0DEE', 'D-U0ELI']);
    expect((await app.events('EffectFailed')).map(({ code }) => code)).toEqual([
      'message-not-found',
      'thread-not-found',
    ]);
  });

  it('that already show it are left alone', async () => {
    const app = await start();
    const id = await app.asked('ana', 'write');
    await app.work();
    await app.approve('fay', id); // Refused: nothing to show.
    await app.work();
    expect(app.messenger.of('approvers')[0]?.updates).toBe(0);
    await app.deny('dee', id);
    await app.work();
    expect(app.messenger.of('approvers')[0]?.updates).toBe(1);
  });

  it('lose their buttons when it is decided', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    await app.work();
    const buttons = () =>
      app.messenger.of('approvers')[0]?.rendered.blocks?.filter(({ type }) => type === 'actions').length;
    expect(buttons()).toBe(1);
    await app.deny('dee', id);
    await app.work();
    expect(buttons()).toBe(0);
  });
});

describe('the requester', () => {
  it('is told even while the channel cannot be posted to', async () => {
    const app = await start();
    app.messenger.fail({ on: 'post', when: (_message, where) => where === '#approvals', kind: 'retry', times: 40 });
    const id = await app.asked('ana', 'auto');
    await app.work();
    expect(app.messenger.of('requester')).toMatchObject([{ channel: 'D-U0ANA' }]);
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    await app.quiesce();
  });

  it('has one card with the end time, how to use it and End now, which goes when it is over', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    const card = () => app.messenger.of('requester')[0];
    expect(JSON.stringify(card()?.rendered)).toContain('Log in to db as ana');
    expect(JSON.stringify(card()?.rendered)).toContain(grant.id);
    await app.end('ana', grant.id);
    await app.work();
    expect(card()?.rendered.blocks?.some(({ type }) => type === 'actions')).toBe(false);
    expect(app.messenger.of('requester')).toHaveLength(1);
  });
});

describe('the daily digest', () => {
  // Tuesday 3 March, nine o'clock, is when the apps start.
  const digests = (app: Awaited<ReturnType<typeof start>>) =>
    app.messenger.of('digest').map(({ message }) => message.digest);

  it('counts, and names what somebody may have to look at', async () => {
    const app = await start();
    await app.beginDigests();
    await app.granted('ana', 'read', { duration: '4h' });
    await app.deny('cy', await app.asked('ben', 'write'));
    await app.ask('fay', 'read');
    await app.asked('ben', 'read');
    await app.pass(8 * HOUR);
    await app.granted('ben', 'auto', { duration: '4h', by: [] });
    app.target().down = true;
    await app.pass(4 * HOUR);
    app.reject('policies.yaml:1:1 unknown-key “acess”', 'another');
    await app.pass(12 * HOUR, 10 * MINUTE);
    app.clock.set('2026-03-04T09:00:00.000Z');
    await app.tick();
    await app.work();
    const [digest] = digests(app);
    expect(digest).toMatchObject({
      date: '2026-03-04',
      counts: { granted: 2, denied: 1, lapsed: 1, ended: 1, refused: 1, active: 1, late: 1 },
      active: [{ access: 'auto', email: 'ben@example.com' }],
      failing: [{ kind: 'revoke', access: 'auto', code: 'unreachable' }],
      rejected: { problems: 2, first: 'policies.yaml:1:1 unknown-key “acess”' },
    });
    app.target().down = false;
    await app.quiesce();
    app.reload(usual);
    app.clock.set('2026-03-05T09:00:00.000Z');
    await app.tick();
    await app.work();
    expect(digests(app)[1]).toMatchObject({ counts: { ended: 1 }, late: [{ access: 'auto' }], failing: [] });
    expect(digests(app)[1]?.rejected).toBeUndefined();
  });

  it('says in one line that nothing happened', async () => {
    const app = await start();
    await app.beginDigests();
    await app.events();
    await app.granted('ana', 'auto', { by: [] });
    await app.quiesce();
    await app.pass(DAY);
    await app.pass(DAY);
    const last = app.messenger.of('digest').at(-1);
    expect(last?.rendered).toEqual({ text: 'Access digest 2026-03-05: nothing happened, and nothing is active.' });
  });

  it('comes once a date, whatever the number of processes, and once for a stop of days', async () => {
    const app = await start();
    const second = await beside(app);
    await app.granted('ana', 'auto', { by: [] });
    await app.beginDigests();
    await app.quiesce();
    app.clock.set('2026-03-04T09:00:00.000Z');
    await Promise.allSettled([app.tick(), second.tick(), app.tick(), second.tick()]);
    app.clock.advance(MINUTE);
    await Promise.allSettled([app.tick(), second.tick()]);
    await app.work();
    expect(digests(app)).toHaveLength(1);
    app.clock.set('2026-03-10T12:00:00.000Z');
    await app.tick();
    await app.work();
    expect(digests(app).map(({ date }) => date)).toEqual(['2026-03-04', '2026-03-10']);
    expect(digests(app)[1]?.from).toBe(digests(app)[0]?.to);
  });

  it('keeps to its days, and begins with the next date', async () => {
    const app = await start();
    await app.granted('ana', 'auto', { by: [] });
    await app.beginDigests();
    await app.pass(2 * HOUR);
    expect(digests(app)).toEqual([]);
    for (let day = 0; day < 7; day += 1) await app.pass(DAY);
    expect(digests(app).map(({ date }) => date)).toEqual([
      '2026-03-04',
      '2026-03-05',
      '2026-03-06',
      '2026-03-09',
      '2026-03-10',
    ]);
  });

  it('comes when its time is skipped in spring and once when it comes twice in autumn', async () => {
    const world: World = {
      ...usual,
      settings: {
        timezone: 'Europe/Berlin',
        digest: { channel: '#audit', at: '02:30', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
      },
    };
    for (const [before, expected] of [
      ['2026-03-28T12:00:00.000Z', { date: '2026-03-29', to: '2026-03-29T01:00:00.000Z' }],
      ['2026-10-24T12:00:00.000Z', { date: '2026-10-25', to: '2026-10-25T00:30:00.000Z' }],
    ] as const) {
      const app = await start({ world });
      app.clock.set(before);
      await app.ask('olga', 'read');
      await app.beginDigests();
      for (let half = 0; half < 32; half += 1) {
        app.clock.advance(30 * MINUTE);
        await app.tick();
      }
      await app.work();
      expect(digests(app)).toMatchObject([expected]);
    }
  });

  it('is not repeated when the clock or the zone moves back', async () => {
    const app = await start();
    await app.ask('olga', 'read');
    await app.beginDigests();
    await app.pass(DAY);
    app.reload({ ...usual, settings: { ...usual.settings, timezone: 'Pacific/Honolulu' } });
    await app.pass(9 * HOUR, HOUR);
    app.clock.advance(-DAY);
    await app.tick();
    await app.work();
    expect(digests(app).map(({ date }) => date)).toEqual(['2026-03-04']);
  });

  it('nothing is lost when Slack is away: it waits in the outbox', async () => {
    const app = await start();
    app.messenger.fail({ on: 'post', kind: 'retry', times: 3 });
    await app.asked('ana', 'read');
    await app.work();
    expect(await app.undelivered()).toBe(1);
    leaveUndelivered();
  });
});

describe('what many permissions and long lists look like', () => {
  it('a hundred permissions, ten steps and hostile names stay within Slack’s limits', async () => {
    const many = Array.from({ length: 100 }, (_, index) => ({
      target: 'db',
      role: `role ${index} ${'<&>*_`'.repeat(20)}`,
    }));
    const steps = Array.from({ length: 7 }, (_, index) => ({
      approvers: PEOPLE.slice(index, index + 1).concat('group:dba'),
    }));
    const people = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`p${index}`, { slack: `U0P${index}` }]),
    );
    const PEOPLE_OF_A_STEP = Object.keys(people).map((name) => `user:${name}@example.com`);
    const world: World = changed(
      { ...usual, people: { ...usual.people, ...people }, groups: { ...usual.groups, backend: ['ana', 'ben'] } },
      {
        read: {
          title: '<!channel> & *x*'.repeat(6),
          grants: many,
          flows: [{ name: 'long', steps: steps.map(() => ({ approvers: PEOPLE_OF_A_STEP })) }],
        },
      },
    );
    const app = await start({ world });
    const id = await app.asked('ana', 'read');
    await app.work();
    for (let index = 0; index < 7; index += 1) expect(await app.approve(`p${index}`, id)).toEqual({ kind: 'done' });
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    await app.quiesce({ every: HOUR });
    // The harness checks every message against Slack's limits.
    expect(app.messenger.of('approvers')[0]?.updates).toBeGreaterThan(1);
  }, 300_000);
});

const PEOPLE = ['user:cy@example.com', 'user:dee@example.com', 'user:eli@example.com', 'user:fay@example.com'];
