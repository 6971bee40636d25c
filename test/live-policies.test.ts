import {
  type ScimDirectories,
  type ScimSnapshot,
  type SlackDirectory,
  SourceError,
} from '../src/app/ports/live-sources.ts';
import { LivePolicies } from '../src/live-policies.ts';
import type { PolicySet } from '../src/policy/index.ts';
import { access as accessText, DIRECTORY, documents, policiesIn, TARGETS } from './policy/support/world.ts';
import { MINUTE, SECOND, TestClock } from './support/clock.ts';
import { policiesOf, slackOf, usual, type World } from './support/world.ts';

const withLive = (groups: Record<string, string>): World => ({
  ...usual,
  groups: {
    ...usual.groups,
    ...Object.fromEntries(Object.entries(groups).map(([name, id]) => [name, { slack_usergroup: id }])),
  },
});

type Answer = readonly string[] | Error | Promise<readonly string[]>;

/** Slack, as the live policies see it: what it answers is set, what it was asked is kept. */
class ScriptedSlack implements SlackDirectory {
  readonly asked: string[] = [];
  readonly members = new Map<string, Answer>();

  addresses: ReadonlyMap<string, string> | Error = new Map();

  async emails(): Promise<ReadonlyMap<string, string>> {
    this.asked.push('e-mails');
    if (this.addresses instanceof Error) throw this.addresses;
    return this.addresses;
  }

  async usergroup(id: string, signal: AbortSignal): Promise<readonly string[]> {
    this.asked.push(id);
    const answer = await this.members.get(id);
    if (signal.aborted) throw new SourceError('stopped', 'stopped');
    if (answer instanceof Error) throw answer;
    return answer ?? [];
  }
}

let clock: TestClock;
let slack: ScriptedSlack;
let logs: string[];
let base: PolicySet;
let live: LivePolicies;

beforeEach(() => {
  clock = new TestClock();
  slack = new ScriptedSlack();
  logs = [];
});
afterEach(() => live.stop());

const start = (groups: Record<string, string> = { oncall: 'S0ONCALL' }) => startWith(policiesOf(withLive(groups)));

const startWith = (
  policies: PolicySet,
  scim: ScimDirectories = { read: () => Promise.reject(new Error('no SCIM here')) },
) => {
  base = policies;
  const log = (level: string) => (_fields: object, message: string) => void logs.push(`${level} ${message}`);
  live = new LivePolicies({
    policies: { current: () => base, rejected: () => undefined },
    clock,
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    slack,
    scim,
  });
};

/** One beat, and all that comes of it. */
const tick = async () => {
  live.tick();
  await live.idle();
};

const members = (group = 'oncall') =>
  live
    .current()
    .directory.members(group)
    .map(({ slack: id }) => id);

const passed = async (ms: number, every = SECOND) => {
  for (let left = ms; left > 0; left -= every) {
    clock.advance(Math.min(every, left));
    await tick();
  }
};

describe('policies with live groups', () => {
  it('know nobody in them until the first beat, and then who Slack says', async () => {
    start();
    slack.members.set('S0ONCALL', [slackOf('cy'), slackOf('dee')]);
    expect(members()).toEqual([]);
    await tick();
    expect(members()).toEqual([slackOf('cy'), slackOf('dee')]);
    expect(live.current()).toBe(live.current()); // The same, as long as nothing changed: evaluating stays fast.
  });

  it('without any are the policies themselves, and Slack is not asked', async () => {
    start({});
    await tick();
    expect(live.current()).toBe(base);
    expect(slack.asked).toEqual([]);
    expect(live.health()).toEqual({ current: 0, missing: 0, oldestMs: 0 });
  });

  it('ask Slack again every minute', async () => {
    start();
    slack.members.set('S0ONCALL', [slackOf('cy')]);
    await tick();
    slack.members.set('S0ONCALL', [slackOf('dee')]);
    await passed(MINUTE - 1);
    expect(members()).toEqual([slackOf('cy')]);
    await passed(1);
    expect(members()).toEqual([slackOf('dee')]);
    expect(slack.asked).toHaveLength(2);
  });

  it('with many groups ask no more than ten times a minute on the whole', async () => {
    start(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`g${index}`, `S0G${index}`])));
    await tick();
    expect(slack.asked).toHaveLength(100);
    await passed(10 * MINUTE);
    expect(slack.asked).toHaveLength(200);
    expect(live.health()).toMatchObject({ current: 100, missing: 0 });
  });

  it('ask at once when Slack says that a group changed', async () => {
    start();
    slack.members.set('S0ONCALL', [slackOf('cy'), slackOf('dee')]);
    await tick();
    slack.members.set('S0ONCALL', [slackOf('dee')]);
    live.usergroupChanged('S0ONCALL');
    await live.idle();
    expect(members()).toEqual([slackOf('dee')]);
  });

  it('ask once more when the group changed while Slack was answering', async () => {
    start();
    await tick();
    let answer: (users: string[]) => void = () => {};
    slack.members.set('S0ONCALL', new Promise((resolve) => (answer = resolve)));
    live.usergroupChanged('S0ONCALL');
    expect(slack.asked).toHaveLength(2);
    live.usergroupChanged('S0ONCALL');
    live.usergroupChanged('S0ONCALL');
    slack.members.set('S0ONCALL', [slackOf('dee')]);
    answer([slackOf('cy')]);
    await live.idle();
    expect(slack.asked).toHaveLength(3);
    expect(members()).toEqual([slackOf('dee')]);
  });

  it('do not ask about a group that no policy names', async () => {
    start();
    await tick();
    live.usergroupChanged('S0OTHER');
    await tick();
    expect(slack.asked).toEqual(['S0ONCALL']);
  });

  it('follow the files: a new group is read, one that is named no more is forgotten', async () => {
    start();
    await tick();
    base = policiesOf(withLive({ experts: 'S0EXPERTS' }));
    slack.members.set('S0EXPERTS', [slackOf('cy')]);
    expect(live.current().directory.members('experts')).toEqual([]);
    await tick();
    expect(members('experts')).toEqual([slackOf('cy')]);
    base = policiesOf(withLive({ oncall: 'S0ONCALL' }));
    // What it said before it was forgotten is not believed either.
    expect(live.current().directory.gaps.map(({ source }) => source)).toEqual(['Slack user group S0ONCALL']);
    expect(slack.asked).toEqual(['S0ONCALL', 'S0EXPERTS']);
  });
});

describe('when Slack does not tell', () => {
  const down = () => slack.members.set('S0ONCALL', new SourceError('http-500', 'Slack answered with HTTP 500'));

  it('what is known stays for fifteen minutes, then nobody is in the group, and the log and the health say so', async () => {
    start();
    slack.members.set('S0ONCALL', [slackOf('cy')]);
    await tick();
    down();
    await passed(15 * MINUTE - 1, 10 * SECOND);
    expect(members()).toEqual([slackOf('cy')]);
    await passed(1);
    expect(members()).toEqual([]);
    expect(live.health()).toEqual({ current: 0, missing: 1, oldestMs: 15 * MINUTE });
    expect(logs).toEqual([
      'warn Slack user group S0ONCALL cannot be read: Slack answered with HTTP 500',
      expect.stringMatching(/^error closed for now: Who is in group:oncall is not known now/),
    ]);
    slack.members.set('S0ONCALL', [slackOf('dee')]);
    await passed(MINUTE);
    expect(members()).toEqual([slackOf('dee')]);
    expect(live.health()).toMatchObject({ current: 1, missing: 0 });
    expect(logs.slice(2)).toEqual([
      'info Slack user group S0ONCALL can be read again',
      'info Slack user group S0ONCALL is known again',
    ]);
  });

  it('it is tried again soon, and then less and less often', async () => {
    start();
    down();
    await tick();
    const at: number[] = [];
    for (let second = 1; second <= 200; second += 1) {
      const before = slack.asked.length;
      await passed(SECOND);
      if (slack.asked.length > before) at.push(second);
    }
    expect(at).toEqual([5, 15, 35, 75, 135, 195]);
  });

  it('the time that Slack names is kept for all groups', async () => {
    start({ a: 'S0A', b: 'S0B' });
    slack.members.set('S0A', new SourceError('rate-limited', 'wait', { retryAfterMs: 30 * SECOND }));
    await tick();
    slack.members.set('S0A', [slackOf('cy')]);
    await passed(30 * SECOND - 1);
    expect(slack.asked).toEqual(['S0A']);
    await passed(1);
    expect(slack.asked.sort()).toEqual(['S0A', 'S0A', 'S0B']);
    expect(members('a')).toEqual([slackOf('cy')]);
  });

  it('a group that is gone has nobody at once', async () => {
    start();
    slack.members.set('S0ONCALL', [slackOf('cy')]);
    await tick();
    slack.members.set('S0ONCALL', new SourceError('no-such-subteam', 'no such group', { final: true }));
    await passed(MINUTE);
    expect(members()).toEqual([]);
    slack.members.set('S0ONCALL', [slackOf('cy')]);
    await passed(MINUTE);
    expect(members()).toEqual([slackOf('cy')]);
  });

  it('a change that could not be read counts against what is known after a minute', async () => {
    start();
    slack.members.set('S0ONCALL', [slackOf('cy')]);
    await tick();
    down();
    live.usergroupChanged('S0ONCALL');
    await passed(MINUTE - 1);
    // Changing again and again does not make the old members last longer.
    live.usergroupChanged('S0ONCALL');
    await passed(1);
    expect(members()).toEqual([]);
  });

  it('a failure of our own is no answer', async () => {
    start();
    slack.members.set('S0ONCALL', new TypeError('a mistake'));
    await tick();
    expect(members()).toEqual([]);
    expect(live.current().directory.gaps[0]?.detail).toMatch(/the log says why/);
    expect(logs[0]).toMatch(/^error a live source failed in an unexpected way/);
  });

  it('a leap of the clock closes them until the next beat', async () => {
    start();
    slack.members.set('S0ONCALL', [slackOf('cy')]);
    await tick();
    clock.advance(60 * MINUTE);
    expect(members()).toEqual([]);
    await tick();
    expect(members()).toEqual([slackOf('cy')]);
  });

  it('stopping waits for an answer under way and believes none after', async () => {
    start();
    let answer: (users: string[]) => void = () => {};
    slack.members.set('S0ONCALL', new Promise((resolve) => (answer = resolve)));
    live.tick();
    const stopped = live.stop();
    answer([slackOf('cy')]);
    await stopped;
    expect(members()).toEqual([]);
    live.tick();
    expect(slack.asked).toHaveLength(1);
  });
});

describe('policies with people who are found by their e-mail', () => {
  const withoutIds = () =>
    policiesOf({
      ...usual,
      people: { ...usual.people, gus: {} },
      settings: { ...usual.settings, match_slack_email: true },
    });

  it('ask Slack every two minutes who has which', async () => {
    startWith(withoutIds());
    slack.addresses = new Map([['U0GUSTAV', 'gus@example.com']]);
    expect(live.current().directory.bySlack('U0GUSTAV')).toBeUndefined();
    await tick();
    expect(live.current().directory.bySlack('U0GUSTAV')?.email).toBe('gus@example.com');
    slack.addresses = new Map();
    await passed(2 * MINUTE);
    expect(live.current().directory.bySlack('U0GUSTAV')).toBeUndefined();
    expect(slack.asked).toEqual(['e-mails', 'e-mails']);
  });

  it('say so when an e-mail belongs to another account: that is what a theft looks like, too', async () => {
    startWith(withoutIds());
    slack.addresses = new Map([['U0GUSTAV', 'gus@example.com']]);
    await tick();
    slack.addresses = new Map([['U0MALLORY', 'gus@example.com']]);
    await passed(2 * MINUTE);
    await passed(2 * MINUTE);
    expect(logs).toEqual([
      'warn the e-mail gus@example.com belongs to another Slack account now: U0MALLORY, and before U0GUSTAV',
    ]);
  });

  it('find nobody when Slack has not told for fifteen minutes', async () => {
    startWith(withoutIds());
    slack.addresses = new Map([['U0GUSTAV', 'gus@example.com']]);
    await tick();
    slack.addresses = new SourceError('http-500', 'broken');
    await passed(15 * MINUTE, 10 * SECOND);
    expect(live.current().directory.bySlack('U0GUSTAV')).toBeUndefined();
    expect(live.current().directory.bySlack(slackOf('cy'))).toBeDefined();
  });
});

describe('policies with people from a SCIM directory', () => {
  const source = (groups: string) => `version: 1
kind: directory
from: {scim: {url: '\${env:SCIM_URL}', token: '\${env:SCIM_TOKEN}', every: 2m, groups: ${groups}}}
`;
  const policiesFrom = (groups = '{platform: Platform}') =>
    policiesIn({
      'directory.yaml': DIRECTORY,
      'live.yaml': documents(source(groups)),
      'targets.yaml': TARGETS,
      'access.yaml': accessText(),
    });
  const zoe: ScimSnapshot = {
    users: [{ id: '1', email: 'zoe@example.com', active: true }],
    unreadable: 0,
    groups: [{ displayName: 'Platform', members: ['1'], nested: 0 }],
  };

  it('read it as often as they say, and ask for the groups that they name', async () => {
    const wanted: unknown[] = [];
    let answer = zoe;
    startWith(policiesFrom(), {
      read: async ({ groups, config }) => {
        wanted.push({ groups, config: 'token' in config });
        return answer;
      },
    });
    await tick();
    expect(
      live
        .current()
        .directory.members('platform')
        .map(({ email }) => email),
    ).toEqual(['zoe@example.com']);
    answer = { ...zoe, users: [] };
    await passed(2 * MINUTE - 1);
    expect(wanted).toHaveLength(1);
    await passed(1);
    expect(live.current().directory.byEmail('zoe@example.com')).toBeUndefined();
    expect(wanted).toEqual([
      { groups: ['Platform'], config: true },
      { groups: ['Platform'], config: true },
    ]);
  });

  it('ask anew when other groups are named: what was read before does not tell', async () => {
    const wanted: (readonly string[])[] = [];
    startWith(policiesFrom(), {
      read: async ({ groups }) => {
        wanted.push(groups);
        return { ...zoe, groups: groups.map((displayName) => ({ displayName, members: [], nested: 0 })) };
      },
    });
    await tick();
    base = policiesFrom('{platform: Platform, more: More}');
    await tick();
    expect(wanted).toEqual([['Platform'], ['Platform', 'More']]);
    expect(live.current().directory.gaps).toEqual([]);
  });

  it('hold nothing else up while it does not answer', async () => {
    let answer: (snapshot: ScimSnapshot) => void = () => {};
    startWith(
      policiesIn({
        'directory.yaml': DIRECTORY,
        'live.yaml': documents(
          source('{}'),
          'version: 1\nkind: directory\ngroups: {oncall: {slack_usergroup: S0ONCALL}}\n',
        ),
        'targets.yaml': TARGETS,
        'access.yaml': accessText(),
      }),
      { read: () => new Promise((resolve) => (answer = resolve)) },
    );
    slack.members.set('S0ONCALL', ['U01DEE']);
    live.tick();
    await new Promise(setImmediate);
    expect(members()).toEqual(['U01DEE']);
    answer(zoe);
    await live.idle();
    expect(live.current().directory.byEmail('zoe@example.com')).toBeDefined();
  });
});
