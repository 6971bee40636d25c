import { type AskedAway, comeBack, handOver, showAway } from '../../src/app/away.ts';
import { type App, apps } from '../support/app.ts';
import { DAY, HOUR, MINUTE } from '../support/clock.ts';
import { changed, email, slackOf, step, usual, type World } from '../support/world.ts';
import { asked, deploying, use } from './support/actions.ts';

const { start } = apps();

const refused = (code: string, sentence: RegExp = /./) => ({
  kind: 'refused',
  refusal: { code, sentence: expect.stringMatching(sentence) },
});
const flows = [{ name: 'normal', steps: [{ ...step('dba', 2), delegation: 'allowed' }], timeout: '8h' }];
/** Two DBAs (Cy, Dee, Eli) approve; they may hand their votes to others. */
const world: World = changed(usual, { read: { flows }, direct: { flows } });

const hand = (app: App, who: string, to: string, end: AskedAway['end'] = { for: '2d' }) =>
  handOver(app.ports, app.caller(who), { end, delegate: { slack: slackOf(to) } });
const told = (app: App) => app.messenger.of('delegation').map(({ channel, message }) => `${channel} ${message.news}`);

describe('handing votes over', () => {
  it('tells both, lasts to the end of the day in the zone of the settings, and ends by itself', async () => {
    const app = await start({ world: { ...world, settings: { timezone: 'Europe/Berlin' } } });
    expect(await hand(app, 'cy', 'gus', { until: '2026-03-05' })).toMatchObject({
      kind: 'done',
      delegation: { delegate: { email: email('gus') }, until: '2026-03-05T23:00:00.000Z' },
    });
    await app.work();
    expect(told(app)).toEqual(['D-U0CY handed', 'D-U0GUS received']);
    const id = await app.asked('ana', 'read');
    await app.clock.set('2026-03-05T22:59:59.999Z');
    await app.tick();
    expect(await app.events('DelegationEnded')).toEqual([]);
    app.clock.advance(1);
    expect(await app.approve('gus', id)).toMatchObject(refused('request-lapsed'));
    await app.tick();
    await app.tick();
    expect(await app.events('DelegationEnded')).toMatchObject([{ because: 'time', actor: 'latchkey' }]);
    await app.work();
    expect(told(app).slice(2)).toEqual(['D-U0GUS over', 'D-U0CY returned']);
  });

  it('shows what is handed over, and to whom', async () => {
    const app = await start({ world });
    await hand(app, 'cy', 'gus');
    await hand(app, 'gus', 'fay');
    expect(await showAway(app.ports, app.caller('gus'))).toMatchObject({
      mine: { delegate: { email: email('fay') } },
      others: [{ delegator: { email: email('cy') } }],
    });
    expect(await showAway(app.ports, app.caller('dee'))).toEqual({ kind: 'away', others: [] });
    expect(await showAway(app.ports, app.caller('stranger'))).toMatchObject({ kind: 'unknown-person' });
    app.clock.advance(3 * DAY);
    expect(await showAway(app.ports, app.caller('gus'))).toEqual({ kind: 'away', others: [] });
    await app.work();
  });

  it('is one a person: a second takes the place of the first, and off ends it', async () => {
    const app = await start({ world });
    await hand(app, 'cy', 'gus');
    await hand(app, 'cy', 'fay');
    expect(await comeBack(app.ports, app.caller('cy'))).toMatchObject({ kind: 'done' });
    expect(await comeBack(app.ports, app.caller('cy'))).toMatchObject(refused('invalid-delegation', /nobody/));
    await app.work();
    expect(told(app)).toEqual([
      'D-U0CY handed',
      'D-U0GUS received',
      'D-U0GUS over',
      'D-U0CY handed',
      'D-U0FAY received',
      'D-U0FAY over',
    ]);
    expect(await app.eventTypes()).toEqual([
      'DelegationSet',
      'DelegationEnded',
      'DelegationSet',
      'DelegationEnded',
      'CommandRefused',
    ]);
  });

  it('is done once for one interaction', async () => {
    const app = await start({ world });
    const caller = app.caller('cy');
    const asked = { end: { for: '1d' }, delegate: { slack: slackOf('gus') } };
    const answers = await Promise.all([1, 2, 3].map(() => handOver(app.ports, caller, asked)));
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['done', 'replayed', 'replayed']);
    await app.work();
  });

  it.each<[string, AskedAway, RegExp]>([
    ['a stranger', { end: { for: '1d' }, delegate: { slack: 'U0STRANGER' } }, /not in the directory/],
    [
      'somebody unknown',
      { end: { for: '1d' }, delegate: { email: 'guss@example.com' } },
      /Did you mean gus@example.com/,
    ],
    ['somebody disabled', { end: { for: '1d' }, delegate: { email: 'fay@example.com' } }, /disabled/],
    ['somebody who is not in Slack', { end: { for: '1d' }, delegate: { email: 'ben@example.com' } }, /no Slack user/],
    ['no day of the calendar', { end: { until: '2026-02-30' }, delegate: { email: 'gus@example.com' } }, /2026-12-01/],
    ['yesterday', { end: { until: '2026-03-02' }, delegate: { email: 'gus@example.com' } }, /over already/],
    ['no duration', { end: { for: 'ever' }, delegate: { email: 'gus@example.com' } }, /“ever”: write a duration/],
    ['a year', { end: { for: '365d' }, delegate: { email: 'gus@example.com' } }, /at most 90 days/],
  ])('is refused, and recorded, with %s', async (_what, asked, says) => {
    const people = { ...usual.people, fay: { slack: 'U0FAY', disabled: true }, ben: {} };
    const app = await start({ world: { ...usual, people } });
    expect(await handOver(app.ports, app.caller('cy'), asked)).toMatchObject(refused('invalid-delegation', says));
    expect(await app.events()).toMatchObject([{ type: 'CommandRefused', command: 'delegate', actor: email('cy') }]);
    expect(await handOver(app.ports, app.caller('stranger'), asked)).toMatchObject(refused('unknown-person'));
  });
});

describe('a request while an approver is away', () => {
  it('can be approved for them; the message and the log say for whom', async () => {
    const app = await start({ world });
    await hand(app, 'cy', 'gus');
    const id = await app.asked('ana', 'read');
    await app.work();
    // Gus, who is in no group of the channel, is asked directly.
    expect(app.messenger.of('approvers').map(({ channel }) => channel)).toEqual(['#approvals', 'D-U0GUS']);
    const shown = () => JSON.stringify(app.messenger.of('approvers')[0]?.rendered);
    expect(shown()).toContain('<@U0CY> (away: <@U0GUS> votes for them), <@U0DEE> and <@U0ELI>');
    expect(await app.approve('gus', id)).toEqual({ kind: 'done' });
    expect(await app.approve('cy', id)).toMatchObject(refused('already-voted', /gus@example.com has voted for you/));
    await app.work();
    expect(shown()).toContain('approved by <@U0GUS> (for <@U0CY>) – waiting for 1 approval from <@U0DEE> and <@U0ELI>');
    await app.approve('dee', id);
    await app.quiesce();
    expect(app.messenger.of('story')[0]?.rendered.text).toContain('<@U0GUS> (for <@U0CY>) approved.');
    const [vote] = await app.events('VoteCast');
    expect(vote).toMatchObject({ actor: email('gus'), vote: { voter: email('gus'), onBehalfOf: email('cy') } });
    expect(await app.events('GrantActivated')).toHaveLength(1);
  });

  it('is not approved by a delegate where the policy does not allow it', async () => {
    const app = await start();
    await hand(app, 'cy', 'gus');
    const id = await app.asked('ana', 'read');
    expect(await app.approve('gus', id)).toMatchObject(refused('not-an-approver'));
    await app.work();
    expect(app.messenger.of('approvers').map(({ channel }) => channel)).toEqual(['#approvals']);
    await app.deny('cy', id);
    await app.work();
  });

  it('asks the delegates directly where there is no channel, each once', async () => {
    const app = await start({ world });
    await hand(app, 'cy', 'gus');
    await hand(app, 'dee', 'gus');
    const id = await app.asked('ana', 'direct');
    await app.work();
    expect(app.messenger.of('approvers').map(({ channel }) => channel)).toEqual([
      'D-U0CY',
      'D-U0DEE',
      'D-U0ELI',
      'D-U0GUS',
    ]);
    await app.deny('gus', id);
    await app.work();
    expect(await app.request(id)).toMatchObject({ status: 'denied', votes: [{ onBehalfOf: email('cy') }] });
  });

  it('whose requester has somebody’s votes is not approved with them, nor by whoever has the requester’s', async () => {
    const app = await start({ world: { ...world, groups: { ...world.groups, dba: ['cy', 'dee', 'ana'] } } });
    await hand(app, 'cy', 'ana');
    await hand(app, 'ana', 'gus');
    const id = await app.asked('ana', 'read');
    await app.work();
    expect(app.messenger.of('approvers').map(({ channel }) => channel)).toEqual(['#approvals']);
    expect(await app.approve('ana', id)).toMatchObject(refused('own-request'));
    expect(await app.approve('gus', id)).toMatchObject(refused('not-an-approver'));
    await app.deny('cy', id);
    await app.work();
  });

  it('keeps a vote that was cast in time when the delegation is over before the end', async () => {
    const app = await start({ world });
    await hand(app, 'cy', 'gus', { for: '1h' });
    const id = await app.asked('ana', 'read');
    await app.approve('gus', id);
    await app.pass(2 * HOUR, HOUR);
    await app.approve('dee', id);
    await app.quiesce();
    expect(await app.events('GrantActivated')).toHaveLength(1);
  });

  it.each<[string, World]>([
    ['the delegator lost their eligibility', { ...world, groups: { ...world.groups, dba: ['dee', 'eli'] } }],
    ['the delegate was disabled', { ...world, people: { ...world.people, gus: { slack: 'U0GUS', disabled: true } } }],
    [
      'the policies allow no delegation any more',
      changed(world, { read: { flows: [{ name: 'normal', steps: [step('dba', 2)] }] } }),
    ],
  ])('is not given when, after the last vote, %s', async (_what, next) => {
    const app = await start({ world });
    await hand(app, 'cy', 'gus');
    const id = await app.asked('ana', 'read');
    await app.approve('gus', id);
    await app.approve('dee', id);
    app.reload(next);
    await app.pass(MINUTE);
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'policy' });
  });
});

describe('a vote on behalf of somebody on an action', () => {
  const one = (delegation: string) => [{ name: 'normal', steps: [{ ...step('dba'), delegation }], timeout: '1h' }];

  it('is as good as theirs at the use, also when they are back by then', async () => {
    const app = await start({ world: deploying({ flows: one('allowed') }) });
    await hand(app, 'cy', 'gus');
    const id = await asked(app);
    await app.approve('gus', id);
    await comeBack(app.ports, app.caller('cy'));
    expect(await use(app, id)).toMatchObject({ kind: 'used' });
    await app.work();
  });

  it('counts no more when the step allows none by then', async () => {
    const app = await start({ world: deploying({ flows: one('allowed') }) });
    await hand(app, 'cy', 'gus');
    const id = await asked(app);
    await app.approve('gus', id);
    app.reload(deploying({ flows: one('forbidden') }));
    expect(await use(app, id)).toMatchObject({ kind: 'refused', refusal: { code: 'policy-changed' } });
    await app.pass(HOUR);
  });
});
