import type { Ports } from '../../src/app/ports/index.ts';
import { apps } from '../support/app.ts';
import { HOUR, MINUTE } from '../support/clock.ts';
import { policiesOf, usual } from '../support/world.ts';

const { start } = apps();

/** What of the usual policies is left when an access of them is broken: the targets, the directory and the settings. */
const salvaged = policiesOf({ ...usual, accesses: {} });

/** A process beside `app` that was started with broken policies, until they are mended. */
function restarted(ports: Ports): { ports: Ports; mend(): void } {
  let broken = true;
  const rejected = { at: ports.clock.now(), problems: ['access.yaml:1:1 unknown-key'], nothingServed: true as const };
  const policies = {
    current: () => (broken ? salvaged : ports.policies.current()),
    rejected: () => (broken ? rejected : undefined),
  };
  return {
    ports: { ...ports, policies },
    mend: () => {
      broken = false;
    },
  };
}

describe('a process that was started with broken policies', () => {
  it('takes away what is due, and tells of it', async () => {
    const app = await start();
    const grant = await app.granted('ana', 'both', { duration: '1h' });
    const { ports } = restarted(app.ports);
    app.clock.advance(HOUR);
    await app.tick();
    await app.work(ports);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'ended', endReason: 'expired' });
    expect([...app.target('db').permissions]).toEqual([]);
    expect([...app.target('ci').permissions]).toEqual([]);
    expect(await app.undelivered()).toBe(0);
  });

  it('lets pending requests lapse, asks nobody meanwhile, and tells their requesters', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    const { ports } = restarted(app.ports);
    await app.work(ports);
    expect(app.messenger.of('approvers')).toEqual([]);
    app.clock.advance(9 * HOUR);
    await app.tick();
    await app.work(ports);
    expect(await app.request(id)).toMatchObject({ status: 'lapsed' });
    expect(app.messenger.of('news')).toHaveLength(1);
    expect(await app.undelivered()).toBe(0);
  });

  it('gives nothing that was approved before, does not end it either, and gives it once they are mended', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    await app.approve('dee', id);
    const { ports, mend } = restarted(app.ports);
    await app.work(ports);
    expect([...app.target('db').permissions]).toEqual([]);
    expect(await app.grantOf(id)).toMatchObject({ status: 'provisioning' });
    expect(await app.events('EffectFailed')).toEqual([]);
    mend();
    app.clock.advance(MINUTE);
    await app.work(ports);
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
  });

  it('ends what was approved and never given when its time is over', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read', { duration: '30m' });
    await app.approve('dee', id);
    const { ports } = restarted(app.ports);
    await app.work(ports);
    app.clock.advance(HOUR);
    await app.tick();
    await app.work(ports);
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended' });
    expect([...app.target('db').permissions]).toEqual([]);
  });

  it('alarms about what it cannot take away because the target is among what is broken', async () => {
    const app = await start();
    await app.granted('ana', 'read', { duration: '1h' });
    const { ports, mend } = restarted(app.ports);
    const blind: Ports = { ...ports, targets: { find: () => undefined } };
    app.clock.advance(HOUR);
    await app.tick();
    for (let minute = 0; minute < 15; minute += 1) {
      await app.work(blind);
      app.clock.advance(MINUTE);
    }
    expect(await app.store.failingEffects(5)).toMatchObject([
      { lastCode: 'unknown-target', lastSentence: expect.stringMatching(/policies are broken.*target db/) },
    ]);
    expect(app.messenger.of('alarm').length).toBeGreaterThan(0);
    mend();
    await app.quiesce();
    expect([...app.target('db').permissions]).toEqual([]);
  });
});
