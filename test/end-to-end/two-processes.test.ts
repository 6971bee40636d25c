import type { FakeMessage } from '../../src/playground/slack/types.ts';
import type { RolesServer } from '../support/postgres-roles.ts';
import type { Product } from '../support/product.ts';
import { RoundRobin } from './round-robin.ts';
import { buttons, HOUR, startServer, World, words } from './world.ts';

let server: RolesServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const COUNT = 20;
const numbers = Array.from({ length: COUNT }, (_, index) => index);
const asker = (index: number) => `U02P${index % COUNT}`;
const email = (index: number) => `p${index % COUNT}@example.com`;
const APPROVERS = ['U03X', 'U03Y', 'U03Z'] as const;
const accessOf = (index: number) => `access-${index % COUNT}`;
/** Every fifth access is a role of the Postgres, the others are groups of the directory. */
const isRole = (index: number) => (index % COUNT) % 5 === 0;

const POLICIES = {
  'read.yaml': undefined,
  'write.yaml': undefined,
  'staging.yaml': undefined,
  'export.yaml': undefined,
  'directory.yaml': `version: 1
kind: directory
people:
${numbers.map((index) => `  - {email: ${email(index)}, slack: ${asker(index)}}`).join('\n')}
${APPROVERS.map((slack) => `  - {email: ${slack.slice(3).toLowerCase()}@example.com, slack: ${slack}}`).join('\n')}
groups:
  askers: [${numbers.map(email).join(', ')}]
  approvers: [x@example.com, y@example.com, z@example.com]
  lead: [z@example.com]
  security: [z@example.com]
  dba: [z@example.com]
`,
  'accesses.yaml': numbers
    .map((index) => {
      const steps = [
        '[{approvers: [group:approvers], need: 1}]',
        '[{approvers: [group:approvers], need: 2}]',
        '[{approvers: [group:approvers], need: 1}, {approvers: [group:lead], need: 1}]',
      ];
      return `version: 1
kind: access
name: ${accessOf(index)}
title: Access ${index}
grants: [${isRole(index) ? `{target: prod-postgres, role: role_${index}}` : `{target: directory, group: group-${index}}`}]
requesters: [group:askers]
duration: {default: 1h, max: 2h}
flows: [{name: normal, steps: ${steps[index % 3]}, timeout: 30m}]
channel: '#channel-${index}'
`;
    })
    .join('---\n'),
};

/** Numbers that look random and are the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Fate = 'approved' | 'denied' | 'withdrawn' | 'lapsed';

/** One request of the round: who asks for what, and what people will do with it. */
interface Story {
  person: number;
  access: number;
  fate: Fate;
  /** Given back before its time. */
  early: boolean;
}

class Round {
  readonly world: World;
  readonly balancer = new RoundRobin();
  readonly next: () => number;
  readonly stories: readonly Story[];

  constructor(world: World, seed: number) {
    this.world = world;
    this.next = random(seed);
    this.stories = numbers.flatMap((person) =>
      [person, person + 1].map((access): Story => {
        const draw = this.next();
        const fate = draw < 0.7 ? 'approved' : draw < 0.8 ? 'denied' : draw < 0.9 ? 'withdrawn' : 'lapsed';
        return { person, access, fate, early: this.next() < 0.3 };
      }),
    );
  }

  get running(): Product[] {
    return this.world.products.filter((product) => product.running);
  }

  readonly #ready: Product[] = [];

  async startOne(): Promise<void> {
    this.#ready.push(await this.world.launch().ready());
    this.balance();
  }

  balance(): void {
    this.balancer.use(this.#ready.filter(({ running }) => running).map(({ url }) => url));
  }

  #kills = 0;

  /** kill -9 after a random number of calls to Slack from now; another process takes its place. */
  async killInTheMiddle(): Promise<void> {
    const calls = this.world.slack.calls.length + 1 + Math.floor(this.next() * 60);
    const victim = this.running[Math.floor(this.next() * this.running.length)];
    await this.world.see(() => this.world.slack.calls.length >= calls);
    await victim?.kill();
    this.#kills += 1;
    this.balance();
    await this.startOne();
    // What it had claimed is free when its lease is over.
    await this.world.clock.move(31_000);
  }

  message({ person, access }: Story): FakeMessage | undefined {
    const asks = `<@${asker(person)}> asks for`;
    return this.world.parents(`channel-${access % COUNT}`).find(({ text }) => text.startsWith(asks));
  }

  /**
   * A person does it again when nothing comes of it: a process that is killed may have taken the click with it. NB. not while
   * a process that lives may still be at it, however busy the machine: who asks again too early asks twice.
   */
  async insist(what: string, act: () => Promise<unknown>, done: () => boolean): Promise<void> {
    for (let tries = 0; tries < 12; tries++) {
      if (done()) return;
      const kills = this.#kills;
      await act();
      for (let waits = 0; waits < 6; waits++) {
        const happened = await this.world.seeQuietly(done, 10_000).catch(() => false);
        if (happened) return;
        if (this.#kills > kills) break;
      }
    }
    await this.world
      .see(() => done() || undefined, 1)
      .catch((error: Error) => {
        throw new Error(`In the end, ${what} did not happen.\n${error.message}`);
      });
  }

  async live(story: Story): Promise<void> {
    const { world } = this;
    const { person, access, fate } = story;
    const who = asker(person);
    const name = `${who}’s request for ${accessOf(access)}`;
    await this.insist(
      name,
      () => world.slack.command(who, 'general', `/access ${accessOf(access)} 1h because`),
      () => this.message(story) !== undefined,
    );
    const message = this.message(story) as FakeMessage;
    const over = (): boolean => buttons(world.now(message)).length === 0;
    if (fate === 'lapsed') return;
    if (fate === 'withdrawn')
      return this.insist(
        `${name} withdrawn`,
        () => world.slack.command(who, 'general', `/access revoke ${accessOf(access)}`),
        over,
      );
    if (fate === 'denied') {
      const deny = async () => {
        for (const view of world.slack.views('U03X')) await world.slack.closeView('U03X', view.id, true);
        await world.slack.click('U03X', message, 'deny');
        const form = await world.seeQuietly(() => world.slack.views('U03X')[0], 5_000);
        await world.slack.submitView('U03X', form.id, { 'reason-text': 'no' });
      };
      return this.insist(
        `${name} denied`,
        () => this.one(() => (over() ? Promise.resolve() : deny().catch(() => {}))),
        over,
      );
    }
    // The second person is somebody who may fill any step, so not before the first one's vote is seen.
    const first = this.next() < 0.5 ? 'U03X' : 'U03Y';
    const seen = () => over() || words(world.now(message)).includes(`approved by <@${first}>`);
    await this.insist(`a first vote on ${name}`, () => world.slack.click(first, message, 'approve'), seen);
    await this.insist(`${name} approved`, () => world.slack.click('U03Z', message, 'approve'), over);
  }

  /** One person has one form open at a time. */
  #last: Promise<unknown> = Promise.resolve();
  one<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }

  /**
   * Until nothing is left in the outbox. What waits for its next attempt is brought nearer, but not while something is under
   * way: its deadline is of the same clock.
   */
  async settle(): Promise<void> {
    await this.world.eventually(async () => {
      // What comes first of each order; the rest waits for it.
      const heads = await this.world.sql<{ runAt: Date; leaseUntil: Date | null }>(
        `SELECT DISTINCT ON ("orderKey") "runAt", "leaseUntil" FROM "Effect" WHERE "status" = 'pending'
         ORDER BY "orderKey", "claim" IS NULL, "createdAt", "id"`,
      );
      if (heads.length === 0) return true;
      const now = this.world.clock.now();
      const next = Math.min(...heads.map(({ runAt }) => runAt.getTime()));
      const underWay = heads.some(({ leaseUntil }) => leaseUntil !== null && leaseUntil.getTime() > now);
      if (!underWay && next > now) await this.world.clock.move(next - now);
      return false;
    });
  }

  /** `email thing` of everything that anybody has at the targets. */
  async atTargets(): Promise<string[]> {
    const groups = this.world.directory
      .groups()
      .flatMap(({ name, members }) => members.map((member) => `${member} ${name}`));
    const roles = (await this.world.server.memberships()).flatMap((line) => {
      const [, role, account] = /^(role_\d+) < (p\d+) /.exec(line) ?? [];
      return role === undefined ? [] : [`${account}@example.com ${role}`];
    });
    return [...groups, ...roles].sort();
  }

  async grants(status: string): Promise<string[]> {
    const rows = await this.world.sql<{ personEmail: string; access: string }>(
      `SELECT "personEmail", "access" FROM "Grant" WHERE "status" = '${status}'`,
    );
    return rows
      .map(({ personEmail, access }) => {
        const index = Number(access.slice('access-'.length));
        return `${personEmail} ${isRole(index) ? 'role_' : 'group-'}${index}`;
      })
      .sort();
  }
}

describe('three processes that start at once on an empty Postgres', () => {
  it('all get ready: one of them makes the tables', async () => {
    const world = await World.open({ server, database: 'Postgres' });
    try {
      const products = [world.launch(), world.launch(), world.launch()];
      await Promise.all(products.map((product) => product.ready()));
      await world.auditIsIntact();
      for (const { code } of await Promise.all(products.map((product) => product.stop()))) expect(code).toBe(0);
    } finally {
      await world.close();
    }
  });
});

describe('two processes on one Postgres, each of which is killed at some moment', () => {
  beforeAll(async () => {
    for (const index of numbers) {
      if (isRole(index)) await server.admin.query(`CREATE ROLE role_${index}`);
      await server.login(`p${index}`);
    }
  });

  it.each([1, 2, 3])('forty requests end as people decided, once each, and nothing stays (seed %i)', async (seed) => {
    const world = await World.open({
      server,
      database: 'Postgres',
      policies: POLICIES,
      groups: Object.fromEntries(numbers.filter((index) => !isRole(index)).map((index) => [`group-${index}`, []])),
      people: [
        ...numbers.map((index) => [asker(index), email(index)] as const),
        ...APPROVERS.map((slack) => [slack, `${slack.slice(3).toLowerCase()}@example.com`] as const),
      ],
      channels: ['general', 'access-audit', ...numbers.map((index) => `channel-${index}`)],
      // How limits are kept to is tested elsewhere; here it would only take its time.
      slack: { enforceRateLimits: false },
    });
    const round = new Round(world, seed);
    try {
      await round.balancer.start().then((url) => world.slack.setRequestUrl(`${url}/slack/events`));
      await Promise.all([round.startOne(), round.startOne()]);

      await Promise.all([...round.stories.map((story) => round.live(story)), round.killInTheMiddle()]);
      await round.settle();
      expect(await round.atTargets()).toEqual(await round.grants('active'));
      const approved = round.stories.filter(({ fate }) => fate === 'approved');
      expect(await round.grants('active')).toHaveLength(approved.length);

      // Some give theirs back while the others wait for their end; and again a process goes away.
      const early = approved.filter((story) => story.early);
      const giveBack = early.map((story) =>
        round.insist(
          `${asker(story.person)} giving back ${accessOf(story.access)}`,
          () => world.slack.command(asker(story.person), 'general', `/access revoke ${accessOf(story.access)}`),
          () => !/Active until/.test(words(world.now(round.message(story) as FakeMessage))),
        ),
      );
      await Promise.all(giveBack);
      await Promise.all([world.clock.move(HOUR), round.killInTheMiddle()]);
      await round.settle();

      expect(await round.atTargets()).toEqual([]);
      expect(await round.grants('ended')).toHaveLength(approved.length);
      await expectEachOnce(round);
      await world.auditIsIntact();
    } finally {
      await round.balancer.stop();
      await world.close();
    }
  });
});

/** What the log, the rows and the channels say of each request, is what people did. */
async function expectEachOnce(round: Round): Promise<void> {
  const { world, stories } = round;
  const rows = await world.sql<{ requesterEmail: string; access: string; status: string }>(
    'SELECT "requesterEmail", "access", "status" FROM "Request"',
  );
  const told = (line: { who: string; what: string; status: string }) => `${line.who} ${line.what} ${line.status}`;
  const fates = { approved: 'approved', denied: 'denied', withdrawn: 'cancelled', lapsed: 'lapsed' };
  expect(rows.map((row) => told({ who: row.requesterEmail, what: row.access, status: row.status })).sort()).toEqual(
    stories
      .map((story) => told({ who: email(story.person), what: accessOf(story.access), status: fates[story.fate] }))
      .sort(),
  );

  const conversations = numbers.flatMap((index) => [
    ...world.slack.messages(`channel-${index}`),
    ...world.slack.directMessages(asker(index)),
  ]);
  const keys = conversations.flatMap(({ metadata }) => (metadata ? [String(metadata.event_payload.key)] : []));
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);

  for (const story of stories) {
    const message = round.message(story) as FakeMessage;
    const thread = world.thread(message);
    const copies = world
      .parents(`channel-${story.access % COUNT}`)
      .filter(({ text }) => text.startsWith(`<@${asker(story.person)}> asks for`));
    expect(copies).toHaveLength(1);
    expect(thread.filter((text, index) => thread.indexOf(text) !== index)).toEqual([]);
    const last = { approved: /seen gone/, denied: /denied/, withdrawn: /withdrew/, lapsed: /lapsed/ }[story.fate];
    expect(thread.at(-1)).toMatch(last);
    if (story.fate === 'approved') expect(thread.filter((text) => text.startsWith('Given, and seen'))).toHaveLength(1);
    expect(words(world.now(message))).toMatch(
      { approved: /seen gone/, denied: /Denied by/, withdrawn: /Withdrawn by/, lapsed: /Lapsed/ }[story.fate],
    );
  }
}
