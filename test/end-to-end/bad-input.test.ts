import type { Delivery, FakeMessage, SentPayload } from '../../src/playground/slack/types.ts';
import type { RolesServer } from '../support/postgres-roles.ts';
import { ANA, BEN, buttons, CY, DEE, ELI, HOUR, STRANGER, startServer, World, words } from './world.ts';

let server: RolesServer;
let world: World;

beforeAll(async () => {
  server = await startServer();
  world = await World.open({ server, database: 'SQLite' });
  await world.start();
});
afterAll(async () => {
  await world.close();
  await server.stop();
});

/** What the audit log gained while the work was done. */
async function eventsOf(work: () => Promise<unknown>) {
  const before = (await world.events()).length;
  await work();
  return (await world.events()).slice(before);
}
const typesOf = async (work: () => Promise<unknown>) => (await eventsOf(work)).map(({ type }) => type);

/** A request that is taken back afterwards, so that the next test starts with none. */
async function withRequest(
  line: string,
  channel: string,
  work: (message: FakeMessage) => Promise<unknown>,
): Promise<void> {
  const message = await world.ask(ANA, line, channel);
  try {
    await work(message);
  } finally {
    if (buttons(world.now(message)).length > 0) await world.command(ANA, `/access revoke ${line.split(' ')[0]}`);
  }
}

/** For the name of a test. */
const readable = (line: string): string => {
  const short = line.length > 50 ? `${line.slice(0, 40)}… (${line.length} characters)` : line;
  return JSON.stringify(short).slice(1, -1);
};

const lastCommand = (): SentPayload =>
  world.slack.deliveries.findLast(({ kind }) => kind === 'slash_command')?.payload as SentPayload;

const edited = (message: FakeMessage, user: string, edit: (payload: Click) => void): SentPayload =>
  world.slack.prepareClick(user, message, 'approve', { edit: (payload) => edit(payload as unknown as Click) });

interface Click {
  team: { id: string };
  user: { id: string; team_id?: string };
  actions: { value: string }[];
  trigger_id: string;
}

describe('a request that Slack did not sign', () => {
  const signatures: [string, (sent: SentPayload) => Partial<SentPayload>][] = [
    ['with a wrong signature', () => ({ signature: `v0=${'0'.repeat(64)}` })],
    ['with no signature', () => ({ signature: null })],
    ['with a signature that is no hexadecimal', () => ({ signature: 'v0=é' })],
    ['with no timestamp', () => ({ timestamp: null })],
    ['with a body that was changed', ({ body }) => ({ body: body.replace('text=list', 'text=staging-admin+1h') })],
  ];

  it.each(signatures)('%s is answered with 401 and changes nothing', async (_, change) => {
    const types = await typesOf(async () => {
      await world.command(ANA, '/access list');
      const sent = world.slack.lastPayload as SentPayload;
      expect(await world.slack.deliver({ ...sent, ...change(sent) })).toMatchObject({ status: 401 });
    });
    expect(types).toEqual([]);
  });

  it('made with another secret, or six minutes old, is answered with 401 and changes nothing', async () => {
    const types = await typesOf(async () => {
      await world.command(ANA, '/access list');
      const { body } = world.slack.lastPayload as SentPayload;
      const ask = body.replace('text=list', 'text=staging-admin+1h');
      expect(await world.slack.deliver({ body: ask, secret: 'not-the-signing-secret' })).toMatchObject({ status: 401 });
      const stale = Math.floor(world.clock.now() / 1000) - 6 * 60;
      expect(await world.slack.deliver({ body: ask, timestamp: stale })).toMatchObject({ status: 401 });
    });
    expect(types).toEqual([]);
    expect(world.members('staging-admins')).toEqual([]);
  });
});

describe('what Slack, or somebody with a copy, sends again', () => {
  it('a replayed command asks once', async () => {
    await withRequest('prod-db-read 30m', 'db-access', async () => {
      const sent = lastCommand();
      const ephemeral = world.slack.ephemerals(ANA).length;
      expect(await typesOf(() => world.slack.deliver(sent))).toEqual([]);
      expect(world.slack.ephemerals(ANA)).toHaveLength(ephemeral);
    });
  });

  it('a replayed click votes once, and is answered no second time', async () => {
    await withRequest('customer-export 1h', 'exports', async (message) => {
      const click = world.slack.prepareClick(CY, message, 'approve');
      await world.slack.deliver(click);
      await world.see(() => world.thread(message).length === 1);
      const ephemeral = world.slack.ephemerals(CY).length;
      expect(await typesOf(() => world.slack.deliver(click))).toEqual([]);
      expect(world.slack.ephemerals(CY)).toHaveLength(ephemeral);
    });
  });

  it('five identical clicks at once are one vote and one grant', async () => {
    const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    const events = await eventsOf(async () => {
      const click = world.slack.prepareClick(DEE, message, 'approve');
      for (const { ok } of await world.slack.deliverTogether(click, 5)) expect(ok).toBe(true);
      await world.given(message);
    });
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'VoteCast')).toHaveLength(1);
    expect(types.filter((type) => type === 'RequestApproved')).toHaveLength(1);
    expect(types).not.toContain('CommandRefused');
    await world.command(ANA, '/access revoke prod-db-read');
    await world.ended(message);
  });
});

describe('a click that may not count is answered to its clicker alone, with the rule, and changes nothing', () => {
  it('of a stranger', async () => {
    await withRequest('prod-db-read 30m', 'db-access', async (message) => {
      const events = await eventsOf(async () => {
        expect(await world.refusedClick(STRANGER, message, 'approve')).toMatch(/I do not know you.*`unknown-person`/s);
      });
      expect(events).toMatchObject([{ type: 'CommandRefused', actor: `slack:${STRANGER}`, code: 'unknown-person' }]);
      expect(buttons(world.now(message))).toEqual(['approve', 'deny']);
    });
  });

  it('of the requester, and of a person who may not approve', async () => {
    await withRequest('prod-db-read 30m', 'db-access', async (message) => {
      expect(await world.refusedClick(ANA, message, 'approve')).toMatch(
        /nobody approves for themselves.*`own-request`/s,
      );
      expect(await world.refusedClick(ELI, message, 'approve')).toMatch(/`not-an-approver`/);
    });
  });

  it('of an approver who asked for it themselves', async () => {
    const message = await world.ask(DEE, 'prod-db-read 30m', 'db-access');
    expect(await world.refusedClick(DEE, message, 'approve')).toMatch(/`own-request`/);
    await world.command(DEE, '/access revoke prod-db-read');
    await world.see(() => buttons(world.now(message)).length === 0);
  });

  it('of another workspace', async () => {
    await withRequest('prod-db-read 30m', 'db-access', async (message) => {
      const before = world.slack.ephemerals(DEE).length;
      const types = await typesOf(async () => {
        await world.slack.deliver(edited(message, DEE, (payload) => (payload.team.id = 'T99OTHER')));
        const answer = await world.see(() => world.slack.ephemerals(DEE)[before]);
        expect(answer.text).toMatch(/not the workspace that I serve, so nothing was changed/);
      });
      expect(types).toEqual([]);
      expect(buttons(world.now(message))).toEqual(['approve', 'deny']);
    });
  });

  it('on an unknown request, or one whose id is no id', async () => {
    await withRequest('prod-db-read 30m', 'db-access', async (message) => {
      for (const id of [
        'req_00000000-0000-7000-8000-000000000000',
        '',
        `'; DROP TABLE "Request"; --`,
        '\u0000',
        'x'.repeat(2000),
      ]) {
        const before = world.slack.ephemerals(DEE).length;
        const edit = ({ actions }: Click) => Object.assign(actions[0] as object, { value: id });
        await world.slack.deliver(edited(message, DEE, edit));
        const answer = await world.see(() => world.slack.ephemerals(DEE)[before]);
        expect([id, answer.text]).toEqual([id, expect.stringMatching(/I know no such request.*`unknown-request`/s)]);
      }
    });
  });

  it('on a decided request, from a screen that has not caught up', async () => {
    const stale = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    await world.approve(DEE, stale);
    await world.given(stale);
    await world.see(() => buttons(world.now(stale)).length === 0);
    expect(await world.refusedClick(CY, stale, 'approve')).toMatch(
      /already approved by dee@example\.com.*`already-decided`/s,
    );
    await world.command(ANA, '/access revoke prod-db-read');
    await world.ended(stale);
  });

  it('on a lapsed request', async () => {
    const stale = await world.ask(BEN, 'customer-export 1h', 'exports');
    await world.clock.move(2 * HOUR);
    await world.see(() => buttons(world.now(stale)).length === 0);
    expect(await world.refusedClick(CY, stale, 'approve')).toMatch(
      /has lapsed\. It can be asked again.*`request-lapsed`/s,
    );
    expect(await world.refusedClick(DEE, stale, 'approve')).toMatch(/`request-lapsed`/);
  });
});

describe('two approvers in the same millisecond', () => {
  it('where one is enough: one decides, the other is told so', async () => {
    const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    const before = [CY, DEE].map((user) => world.slack.ephemerals(user).length);
    const clicks = [CY, DEE].map((user) => world.slack.prepareClick(user, message, 'approve'));
    const events = await eventsOf(async () => {
      await Promise.all(clicks.map((click) => world.slack.deliver(click)));
      await world.given(message);
      const told = () => [CY, DEE].filter((user, index) => world.slack.ephemerals(user).length > (before[index] ?? 0));
      const [late] = await world.see(() => told().length === 1 && told());
      expect(world.slack.ephemerals(late as string).at(-1)?.text).toMatch(/`already-decided`/);
    });
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'VoteCast')).toHaveLength(1);
    expect(types.filter((type) => type === 'GrantActivated')).toHaveLength(1);
    await world.command(ANA, '/access revoke prod-db-read');
    await world.ended(message);
  });

  it('where two are needed: both count, and it is given once', async () => {
    const message = await world.ask(ANA, 'customer-export 1h', 'exports');
    const clicks = [CY, DEE].map((user) => world.slack.prepareClick(user, message, 'approve'));
    const types = await typesOf(async () => {
      await Promise.all(clicks.map((click) => world.slack.deliver(click)));
      await world.given(message);
    });
    expect(types.filter((type) => type === 'VoteCast')).toHaveLength(2);
    expect(types.filter((type) => type === 'RequestApproved')).toHaveLength(1);
    await world.command(ANA, '/access revoke customer-export');
    await world.ended(message);
  });
});

describe('a command that cannot be meant is answered with what would be right', () => {
  const mistakes: [string, RegExp][] = [
    ['prod-db-raed 30m why', /prod-db-raed.*prod-db-read.*`unknown-access`/s],
    ['prod-db-raed', /prod-db-raed.*prod-db-read/s],
    ['prod-db-read 0 why', /“0” as a duration.*30m.*at most 8h.*`invalid-duration`/s],
    ['prod-db-read 0m why', /longer than zero.*at most 8h.*`invalid-duration`/s],
    ['prod-db-read -1h why', /“-1h” as a duration.*at most 8h.*`invalid-duration`/s],
    ['prod-db-read 99999d why', /at most 8h.*`(too-long|invalid-duration)`/s],
    ['prod-db-read 1e9h why', /“1e9h” as a duration.*at most 8h.*`invalid-duration`/s],
    ['prod-db-read 9h why', /8h.*`too-long`/s],
    ['prod-db-write 1h', /reason.*at least 10.*`invalid-field`/is],
    ['prod-db-write 1h short', /5 characters.*at least 10.*`invalid-field`/is],
    [`prod-db-read 1h ${'long '.repeat(2_000)}`, /9999 characters.*at most 2000.*`invalid-field`/is],
    ['prod-db-read 1h bell\u0007 and \u0000 nothing', /control characters.*`invalid-field`/is],
    ['prod-db-read 1h \u202eright to left\u202c is fine\u0085', /control characters.*`invalid-field`/is],
    [`${'x'.repeat(5_000)} 1h why`, /`unknown-access`/],
    ['revoke', /Say which one/],
    ['revoke prod-db-read staging-admin', /Name one access at a time/],
  ];

  const named = mistakes.map(([line, right]): [string, string, RegExp] => [readable(line), line, right]);

  it.each(named)('/access %s', async (_, line, right) => {
    const events = await eventsOf(async () => {
      expect(await world.command(ANA, `/access ${line}`)).toMatch(right);
    });
    expect(events.filter(({ type }) => !['RequestRefused', 'CommandRefused'].includes(type))).toEqual([]);
    expect(world.slack.views(ANA)).toEqual([]);
  });

  it('of somebody whom the policy denies, or the directory does not know', async () => {
    expect(await world.command(ELI, '/access prod-db-write 1h I would like to')).toMatch(
      /denies it to group:contractors.*`denied-by-policy`/s,
    );
    expect(await world.command(STRANGER, '/access prod-db-read 30m')).toMatch(/`unknown-person`/);
    expect(await world.command(CY, '/access prod-db-write 1h I would like to')).toMatch(/`not-eligible`/);
  });
});

describe('a reason is hostile input', () => {
  it('arrives as the letters it is: no mention, no link, no forged line of the message', async () => {
    const reason =
      '<!channel> <https://evil.example|Approved by security> *bold* `code`\n*Approved by* <@U01CY> & more';
    const before = world.parents('db-access').length;
    await world.slack.command(ANA, 'general', '/access');
    const form = await world.see(() => world.slack.views(ANA)[0]);
    await world.slack.options(ANA, form.id, 'choose-access', 'read');
    await world.slack.clickInView(ANA, form.id, 'choose-access', 'prod-db-read');
    await world.see(() =>
      world.slack.views(ANA)[0]?.blocks.some(({ block_id }) => block_id === 'duration:prod-db-read'),
    );
    await world.slack.submitView(ANA, form.id, { 'reason-text': reason });
    const message = await world.see(() => world.parents('db-access')[before]);
    expect(message.notifications.filter((who) => who !== ANA && who !== CY && who !== DEE)).toEqual([]);
    expect(message.text).toContain('&lt;!channel&gt; &lt;https://evil.example|Approved by security&gt;');
    expect(message.text).not.toContain('\n');
    expect(words(message)).toContain(reason);
    const quoted = message.blocks.filter(({ type }) => type === 'rich_text');
    expect(JSON.stringify(quoted)).toContain('"type":"rich_text_quote"');
    await world.command(ANA, '/access revoke prod-db-read');
    await world.see(() => buttons(world.now(message)).length === 0);
  });

  it('with lone surrogates, sent by a form, is refused beside the input, and the audit log stays whole', async () => {
    await world.slack.command(BEN, 'general', '/access prod-db-read');
    const form = await world.see(() => world.slack.views(BEN)[0]);
    const from = world.product.logs.length;
    const events = await eventsOf(async () => {
      await world.slack.submitView(BEN, form.id, { 'reason-text': 'half a \ud83d smile' });
      await world.see(() => world.slack.views(BEN)[0]?.errors.reason);
      await world.product.log('RequestRefused', from);
    });
    expect(world.slack.views(BEN)[0]?.errors.reason).toMatch(/control characters/);
    expect(events).toMatchObject([{ type: 'RequestRefused', actor: 'ben@example.com', code: 'invalid-field' }]);
    await world.slack.closeView(BEN, form.id);
    await world.auditIsIntact();
  });

  it('never appears in the log', async () => {
    const secret = 'the-launch-code-is-0000';
    await withRequest(`prod-db-read 30m ${secret}`, 'db-access', async (message) => {
      await world.slack.click(DEE, message, 'deny');
      const form = await world.see(() => world.slack.views(DEE)[0]);
      await world.slack.submitView(DEE, form.id, { 'reason-text': `no: ${secret}` });
      await world.see(() => buttons(world.now(message)).length === 0);
    });
    expect(JSON.stringify(world.product.logs)).not.toContain(secret);
    for (const hidden of [world.env.SLACK_BOT_TOKEN, world.env.SLACK_SIGNING_SECRET, world.env.SCIM_TOKEN])
      expect(world.product.output()).not.toContain(hidden);
  });
});

describe('payloads that no version of Latchkey asked for', () => {
  it('are acknowledged, answered where a person waits, and change nothing', async () => {
    const types = await typesOf(async () => {
      const answers: Delivery[] = [];
      const { body } = lastCommand();
      answers.push(await world.slack.deliver({ body: body.replace('command=%2Faccess', 'command=%2Fother') }));
      expect(answers[0]?.body).toContain('/access help');
      const action = {
        type: 'block_actions',
        team: { id: 'T01ACME' },
        user: { id: ANA },
        actions: [{ type: 'button', action_id: 'gone', block_id: 'b', action_ts: '1.1', value: 'x' }],
      };
      answers.push(await world.slack.deliver({ body: { payload: action } }));
      const view = {
        id: 'V1',
        type: 'modal',
        callback_id: 'gone',
        hash: '1',
        state: { values: {} },
        private_metadata: '',
      };
      answers.push(
        await world.slack.deliver({
          body: { payload: { type: 'view_submission', team: { id: 'T01ACME' }, user: { id: ANA }, view } },
        }),
      );
      const event = {
        type: 'event_callback',
        team_id: 'T01ACME',
        event: { type: 'message', text: 'hello', user: ANA, channel: 'C01', ts: '1.1' },
      };
      answers.push(await world.slack.deliver({ body: JSON.stringify(event), contentType: 'application/json' }));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      const broken = await world.slack.deliver({ body: 'payload=%7Bnot json' });
      expect(broken.status).toBeGreaterThanOrEqual(400);
      expect(broken.status).toBeLessThan(500);
    });
    expect(types).toEqual([]);
    expect((await world.product.readiness()).status).toBe(200);
  });
});
