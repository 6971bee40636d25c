import { plus } from '../../src/domain/instant.ts';
import { type App, apps } from '../support/app.ts';
import { SECOND } from '../support/clock.ts';
import { changed, usual } from '../support/world.ts';

const { start } = apps();

describe('what changes while a target is read', () => {
  /** Does something in the moment in which the target is asked what is there, before anything was given. */
  const whileRead = (app: App, work: () => unknown) => {
    app.target().onCall = async (operation) => {
      if (operation !== 'inspect') return;
      app.target().onCall = () => {};
      await work();
    };
  };
  const given = (app: App) => app.target().calls.filter((call) => call.startsWith('provision'));

  it('an approver left the group: nothing is given', async () => {
    const app = await start();
    const id = await app.approved('ana');
    whileRead(app, () => app.reload({ ...usual, groups: { ...usual.groups, dba: ['cy', 'eli'] } }));
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'policy' });
    expect(given(app)).toEqual([]);
  });

  it('also where the person had it before: that stays, and the grant does not begin', async () => {
    const app = await start();
    app.target().permissions.add('ana reader');
    const id = await app.approved('ana');
    whileRead(app, () => app.reload(changed(usual, { read: { requesters: ['group:security'] } })));
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'policy' });
    expect(await app.events('GrantActivated')).toEqual([]);
    expect([...app.target().permissions]).toEqual(['ana reader']);
  });

  it('the requester ended it: nothing is given', async () => {
    const app = await start();
    const id = await app.approved('ana');
    const { id: grantId } = await app.grantOf(id);
    whileRead(app, () => app.end('ana', grantId));
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'released' });
    expect(given(app)).toEqual([]);
  });

  it('its time was over: nothing is given', async () => {
    const app = await start();
    const id = await app.approved('ana');
    const { endsAt } = await app.grantOf(id);
    app.clock.set(plus(endsAt, -SECOND));
    whileRead(app, () => app.clock.advance(2 * SECOND));
    await app.work();
    expect(given(app)).toEqual([]);
    await app.quiesce();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'failed' });
  });
});
