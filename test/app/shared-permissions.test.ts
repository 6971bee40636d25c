import { apps } from '../support/app.ts';
import { HOUR, MINUTE } from '../support/clock.ts';
import { changed, usual } from '../support/world.ts';

const { start } = apps();

describe('what was there before', () => {
  it('is written down before the first change, and stays when the grant ends', async () => {
    const app = await start();
    app.target().permissions.add('ana reader');
    const grant = await app.granted('ana');
    expect(grant).toMatchObject({ status: 'active', holds: [{ status: 'given', standing: true }] });
    expect(app.target().calls).toEqual(['inspect ana reader']);
    await app.pass(HOUR);
    expect([...app.target().permissions]).toEqual(['ana reader']);
    expect(await app.grant(grant.id)).toMatchObject({
      status: 'ended',
      holds: [{ status: 'kept', keptBecause: 'standing' }],
    });
    expect(app.target().calls.filter((call) => call.startsWith('revoke'))).toEqual([]);
  });

  it('is looked at anew for the next grant: what was standing once may be ours the next time', async () => {
    const app = await start();
    app.target().permissions.add('ana reader');
    await app.granted('ana');
    await app.pass(HOUR);
    app.target().permissions.clear();
    await app.granted('ana');
    await app.pass(HOUR);
    expect([...app.target().permissions]).toEqual([]);
  });

  it('and was taken away by somebody else meanwhile: a second grant gives it, and it is taken away with the last', async () => {
    const app = await start();
    app.target().permissions.add('ana reader');
    await app.granted('ana');
    app.target().permissions.clear();
    app.clock.advance(10 * MINUTE);
    await app.granted('ana');
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
  });
});

describe('overlapping grants of one permission', () => {
  it('the second outlives the first: it goes with the second', async () => {
    const app = await start();
    const first = await app.granted('ana');
    app.clock.advance(30 * MINUTE);
    const second = await app.granted('ana');
    await app.pass(30 * MINUTE);
    expect(await app.grant(first.id)).toMatchObject({ status: 'ended', holds: [{ keptBecause: 'other-grant' }] });
    expect(await app.grant(second.id)).toMatchObject({ status: 'active' });
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.pass(30 * MINUTE);
    expect(await app.grant(second.id)).toMatchObject({ status: 'ended', holds: [{ status: 'taken' }] });
    expect([...app.target().permissions]).toEqual([]);
  });

  it('the first outlives the second: it goes with the first', async () => {
    const app = await start();
    const first = await app.granted('ana');
    const second = await app.granted('ana', 'read', { duration: '10m' });
    await app.pass(10 * MINUTE);
    expect(await app.grant(second.id)).toMatchObject({ status: 'ended', holds: [{ keptBecause: 'other-grant' }] });
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.end('ana', first.id);
    await app.work();
    expect([...app.target().permissions]).toEqual([]);
  });

  it('both over in the same second: one takes it, the other sees it gone', async () => {
    const app = await start();
    await app.granted('ana');
    await app.granted('ana');
    await app.pass(HOUR);
    expect([...app.target().permissions]).toEqual([]);
    expect(await app.events('GrantEnded')).toHaveLength(2);
  });

  it('by way of two accesses and both targets: each permission ends with its own last grant', async () => {
    const world = changed(usual, { read: { grants: [{ target: 'db', role: 'writer' }] } });
    const app = await start({ world });
    const bundle = await app.granted('ana', 'both');
    await app.granted('ana', 'read', { duration: '2h' });
    await app.end('ana', bundle.id);
    await app.work();
    expect([...app.target('db').permissions]).toEqual(['ana writer']);
    expect([...app.target('ci').permissions]).toEqual([]);
    await app.pass(2 * HOUR);
    expect([...app.target('db').permissions]).toEqual([]);
  });

  it('asked again while the first is being taken away: it is given again, and taken away again', async () => {
    const app = await start();
    const first = await app.granted('ana');
    await app.end('ana', first.id);
    const id = await app.approved('ana');
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
  });

  it('approved in the middle of the taking away: the new grant has it, and it ends with that one', async () => {
    const app = await start();
    const first = await app.granted('ana');
    await app.end('ana', first.id);
    let id: string | undefined;
    app.target().onCall = async (operation) => {
      if (operation !== 'revoke' || id !== undefined) return;
      id = 'asking';
      id = await app.approved('ana');
    };
    await app.work();
    expect(await app.grantOf(id ?? '')).toMatchObject({ status: 'active' });
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
  });
});
