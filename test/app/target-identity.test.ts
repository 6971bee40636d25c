import { openTarget } from '../../src/app/open-target.ts';
import { ProviderError } from '../../src/app/ports/provider.ts';
import { apps } from '../support/app.ts';
import { HOUR, MINUTE } from '../support/clock.ts';
import { systemNamed } from '../support/fake-target.ts';
import { changed, usual, type World } from '../support/world.ts';

const { start } = apps();

/** The usual policies, with the settings of the target `db` changed to point at the system `new-db`. */
const moved: World = { ...usual, targets: { ...usual.targets, db: { provider: 'fake', system: 'new-db' } } };

describe('a target that is pointed at another system while a grant runs', () => {
  it('touches neither system and says nothing is gone: it alarms until it is pointed back, and then takes ours away', async () => {
    const app = await start();
    app.target('new-db').permissions.add('ana reader');
    const grant = await app.granted('ana');
    app.reload(moved);
    await app.pass(HOUR);
    await app.pass(10 * MINUTE, MINUTE);
    expect([...app.target('db').permissions]).toEqual(['ana reader']);
    expect([...app.target('new-db').permissions]).toEqual(['ana reader']);
    expect(app.target('new-db').calls).toEqual([]);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'revoking', holds: [{ status: 'given' }] });
    expect(await app.events('EntitlementTaken')).toEqual([]);
    expect(await app.store.failingEffects(5)).toMatchObject([
      {
        effect: { kind: 'revoke' },
        lastCode: 'target-changed',
        lastSentence: expect.stringContaining('point it back'),
      },
    ]);
    expect(app.messenger.of('alarm').length).toBeGreaterThan(0);

    app.reload(usual);
    await app.quiesce();
    expect(await app.grant(grant.id)).toMatchObject({ status: 'ended', holds: [{ status: 'taken' }] });
    expect([...app.target('db').permissions]).toEqual([]);
    expect([...app.target('new-db').permissions]).toEqual(['ana reader']);
  });

  it('gives and takes new grants at the new system, beside the old one that waits', async () => {
    const app = await start();
    const old = await app.granted('ana');
    app.reload(moved);
    const next = await app.granted('ana');
    expect([...app.target('new-db').permissions]).toEqual(['ana reader']);
    await app.end('ana', next.id);
    await app.work();
    expect(await app.grant(next.id)).toMatchObject({ status: 'ended', holds: [{ status: 'taken' }] });
    expect([...app.target('new-db').permissions]).toEqual([]);
    expect([...app.target('db').permissions]).toEqual(['ana reader']);

    app.reload(usual);
    await app.quiesce();
    expect(await app.grant(old.id)).toMatchObject({ status: 'ended', holds: [{ status: 'taken' }] });
    expect([...app.target('db').permissions]).toEqual([]);
  });

  it('between approval and giving: nothing is given, anywhere', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    await app.approve('dee', id);
    app.reload(moved);
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'revoking', endReason: 'policy' });
    app.reload(usual);
    await app.quiesce();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended' });
    for (const name of ['db', 'new-db']) {
      expect(app.target(name).calls.filter((call) => !call.startsWith('inspect'))).toEqual([]);
      expect([...app.target(name).permissions]).toEqual([]);
    }
  });

  it('is not opened for what was granted before, whatever is to be done there', async () => {
    const app = await start({ world: moved });
    const open = (system: string) => openTarget(app.ports, { target: 'db', system: systemNamed(system) });
    expect(() => open('db')).toThrow(
      new ProviderError(
        'retry',
        'target-changed',
        'the target db points at another system now than when this was granted; point it back so that it can be taken away',
      ),
    );
    expect(open('new-db').provider.name).toBe('fake');
  });
});

describe('two target names of one system', () => {
  const replica = { provider: 'fake', system: 'db' };
  const grants = [{ target: 'replica', role: 'reader' }];
  const world = changed({ ...usual, targets: { ...usual.targets, replica } }, { auto: { grants }, direct: { grants } });

  it.each([
    ['the first outlives the second', '2h', '1h'],
    ['the second outlives the first', '1h', '2h'],
  ])('hold one permission: it is ours, and goes with the last grant (%s)', async (_what, first, second) => {
    const app = await start({ world });
    const one = await app.granted('ana', 'read', { duration: first });
    const other = await app.granted('ana', 'auto', { duration: second, by: [] });
    expect(one.holds[0]?.key).toBe(other.holds[0]?.key);
    expect(other.holds).toMatchObject([{ target: 'replica', system: systemNamed('db'), status: 'given' }]);
    expect(other.holds[0]?.standing).toBeUndefined();
    await app.pass(HOUR);
    expect([...app.target('db').permissions]).toEqual(['ana reader']);
    await app.pass(HOUR);
    expect([...app.target('db').permissions]).toEqual([]);
    const [earlier, later] = first === '1h' ? [one, other] : [other, one];
    expect(await app.grant(earlier.id)).toMatchObject({ holds: [{ status: 'kept', keptBecause: 'other-grant' }] });
    expect(await app.grant(later.id)).toMatchObject({ holds: [{ status: 'taken' }] });
  });

  it('in one access give it once, and take it once', async () => {
    const both = [...grants, { target: 'db', role: 'reader' }, { target: 'ci', role: 'deployer' }];
    const app = await start({ world: changed(world, { auto: { grants: both } }) });
    const grant = await app.granted('ana', 'auto', { by: [] });
    expect(grant.holds).toMatchObject([
      { target: 'replica', status: 'given' },
      { target: 'ci', status: 'given' },
    ]);
    await app.quiesce();
    expect(await app.grant(grant.id)).toMatchObject({ status: 'ended' });
    expect([...app.target('db').permissions]).toEqual([]);
  });
});
