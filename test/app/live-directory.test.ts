import { type LiveData, overlay, type Reading } from '../../src/policy/index.ts';
import { apps } from '../support/app.ts';
import { DAY, MINUTE } from '../support/clock.ts';
import { changed, slackOf, step, usual, type World } from '../support/world.ts';

const { start } = apps();

/** Who may approve `read`, Slack says; and the contractors, who are denied `auto`. */
const world: World = changed(
  {
    ...usual,
    groups: { ...usual.groups, oncall: { slack_usergroup: 'S0ONCALL' }, contractors: { slack_usergroup: 'S0TEMPS' } },
  },
  {
    read: { flows: [{ name: 'two', steps: [step('oncall', 2)], timeout: '8h' }] },
    auto: { deny: ['group:contractors'] },
  },
);

/** An app, and Slack's user groups as it knows them. */
async function live() {
  const usergroups = new Map<string, Reading<readonly string[]>>();
  const data: LiveData = { usergroups };
  const app = await start({
    world,
    wrap: (ports) => ({
      ...ports,
      policies: {
        current: () => overlay(ports.policies.current(), data, ports.clock.now()).policies,
        rejected: () => ports.policies.rejected(),
      },
    }),
  });
  const slackSays = (id: string, ...names: string[]) =>
    usergroups.set(id, { last: { asOf: app.clock.now(), value: names.map(slackOf) } });
  slackSays('S0ONCALL', 'cy', 'dee', 'eli');
  slackSays('S0TEMPS');
  return { app, slackSays };
}

describe('approvers that come from a Slack user group', () => {
  it('whoever is taken out there has voted for nothing', async () => {
    const { app, slackSays } = await live();
    const requestId = await app.asked('ana', 'read');
    expect(await app.approve('cy', requestId)).toMatchObject({ kind: 'done' });
    slackSays('S0ONCALL', 'dee', 'eli');
    expect(await app.approve('dee', requestId)).toMatchObject({ kind: 'done' });
    expect(await app.request(requestId)).toMatchObject({ status: 'pending' });
    expect(await app.approve('eli', requestId)).toMatchObject({ kind: 'done' });
    expect(await app.request(requestId)).toMatchObject({ status: 'approved' });
    await app.quiesce();
  });

  it('nothing is given when one of them was taken out between the approval and the giving', async () => {
    const { app, slackSays } = await live();
    const requestId = await app.asked('ana', 'read');
    await app.approve('cy', requestId);
    await app.approve('dee', requestId);
    slackSays('S0ONCALL', 'dee', 'eli', 'fay');
    await app.work();
    expect(await app.grantOf(requestId)).toMatchObject({ status: 'ended', endReason: 'policy' });
    expect(app.target().calls.filter((call) => call.startsWith('provision'))).toEqual([]);
  });

  it('while Slack does not tell, no vote counts and voters are told why; then they count again', async () => {
    const { app, slackSays } = await live();
    const requestId = await app.asked('ana', 'read');
    await app.approve('cy', requestId);
    app.clock.advance(15 * MINUTE);
    expect(await app.approve('dee', requestId)).toMatchObject({
      kind: 'refused',
      refusal: {
        code: 'not-an-approver',
        sentence: expect.stringMatching(
          /Who is in group:oncall is not known now: Slack user group S0ONCALL was last read/,
        ),
      },
    });
    slackSays('S0ONCALL', 'cy', 'dee', 'eli');
    slackSays('S0TEMPS');
    await app.approve('dee', requestId);
    expect(await app.request(requestId)).toMatchObject({ status: 'approved' });
    await app.quiesce();
  });

  it('a running grant ends when it was going to, whatever happens to the group', async () => {
    const { app, slackSays } = await live();
    const requestId = await app.asked('ana', 'read');
    await app.approve('cy', requestId);
    await app.approve('dee', requestId);
    await app.work();
    slackSays('S0ONCALL');
    await app.pass(30 * MINUTE, 10 * MINUTE);
    expect(await app.grantOf(requestId)).toMatchObject({ status: 'active' });
    await app.quiesce();
    expect(await app.grantOf(requestId)).toMatchObject({ status: 'ended', endReason: 'expired' });
  });
});

describe('a denied group that comes from Slack', () => {
  it('refuses everybody while it is not known, and the refusal is on record', async () => {
    const { app, slackSays } = await live();
    app.clock.advance(15 * MINUTE);
    expect(await app.ask('ana', 'auto')).toMatchObject({
      kind: 'refused',
      refusal: { code: 'directory-unavailable', rule: expect.stringMatching(/^auto: deny/) },
    });
    expect((await app.events('RequestRefused')).map(({ code }) => code)).toEqual(['directory-unavailable']);
    slackSays('S0TEMPS', 'ben');
    expect(await app.ask('ben', 'auto')).toMatchObject({ kind: 'refused', refusal: { code: 'denied-by-policy' } });
    await app.granted('ana', 'auto', { by: [] });
    await app.quiesce();
  });
});

describe('the daily digest', () => {
  it('names what is not known', async () => {
    const { app } = await live();
    await app.beginDigests();
    await app.granted('ana', 'auto', { by: [] });
    await app.quiesce();
    await app.pass(DAY);
    const digest = app.messenger.of('digest').at(-1);
    expect(digest?.message.digest.gaps).toEqual([
      expect.stringContaining('Slack user group S0TEMPS was last read at'),
      expect.stringContaining('Slack user group S0ONCALL was last read at'),
    ]);
    expect(digest?.rendered.text).not.toContain('nothing happened');
  });
});
