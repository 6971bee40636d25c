import type { RolesServer } from '../support/postgres-roles.ts';
import { POLICIES } from './policies.ts';
import { ANA, BEN, buttons, CY, DEE, ELI, MINUTE, STRANGER, startServer, World, words } from './world.ts';

const ONCALL = 'S01ONCALL';

/** Two of the people on call must agree; who is on call, Slack says. */
const LIVE = `version: 1
kind: directory
groups: {oncall: {slack_usergroup: ${ONCALL}}}
---
version: 1
kind: access
name: oncall-read
title: Production database, read only
grants: [{target: directory, group: prod-db-readers}]
requesters: [group:backend]
duration: {default: 30m, max: 8h}
flows: [{name: two on call, steps: [{approvers: [group:oncall], need: 2}], timeout: 8h}]
channel: '#db-access'
`;

/** Nobody in the files: people and groups come from SCIM, and who they are in Slack, from their e-mail there. */
const FROM_SCIM = `version: 1
kind: directory
from:
  scim:
    url: '\${env:SCIM_URL}'
    token: '\${env:SCIM_TOKEN}'
    every: 1m
    groups: {backend: Backend, dba: DBAs, security: Security, contractors: Contractors}
`;

let server: RolesServer;
let world: World;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
afterEach(async () => {
  await world.auditIsIntact();
  await world.close();
});

const openOnCall = async () => {
  world = await World.open({
    server,
    database: 'SQLite',
    policies: { 'live.yaml': LIVE },
    slack: {
      usergroups: [{ id: ONCALL, handle: 'oncall', users: [CY, DEE] }],
      events: ['subteam_members_changed'],
    },
  });
};

const asked = () => world.slack.calls.filter(({ method }) => method === 'usergroups.users.list');
/** Ready, and told by Slack who is on call. */
const started = async () => {
  await world.start();
  await world.see(() => asked().some(({ ok }) => ok));
  // That Slack has answered is not yet that the answer was heard.
  await world.eventually(async () => (await directoryCheck())?.ok);
};
const changed = async (...users: string[]) => {
  const before = asked().length;
  await world.slack.setUsergroup(ONCALL, users);
  await world.see(() => asked().length > before);
};
const directoryCheck = async () => (await world.product.readiness()).body.checks.directory;

describe('a group that comes from a Slack user group', () => {
  beforeEach(openOnCall);

  it('a member approves, is taken out in Slack, and their vote counts no more', async () => {
    await started();
    const message = await world.ask(ANA, 'oncall-read 30m INC-42', 'db-access');
    expect(await world.refusedClick(BEN, message, 'approve')).toContain('not-an-approver');
    await world.approve(CY, message);
    await changed(DEE, BEN);
    expect(await world.refusedClick(CY, message, 'approve')).toContain('already-voted');
    // The second of two votes, were the first one still one.
    await world.approve(DEE, message);
    expect(buttons(world.now(message))).toContain('approve');
    expect(words(world.now(message))).toContain('waiting for 1 approval from');
    await world.approve(BEN, message);
    await world.given(message);
    expect(world.members('prod-db-readers')).toEqual(['ana@example.com']);
  });

  it('has nobody while Slack does not say who is in it, and refusals, readiness and the log say so by name', async () => {
    await started();
    const message = await world.ask(ANA, 'oncall-read 30m', 'db-access');
    world.slack.failNext('usergroups.users.list', { status: 500 }, 100_000);
    await world.clock.move(16 * MINUTE);
    expect(await world.refusedClick(CY, message, 'approve')).toMatch(/not-an-approver/);
    expect(await world.refusedClick(CY, message, 'approve')).toMatch(/Slack user group S01ONCALL was last read at/);
    expect(await world.command(BEN, '/access oncall-read 30m')).toMatch(
      /S01ONCALL was last read at[\s\S]*no-approvers/,
    );
    await world.product.log('closed for now');
    expect(await directoryCheck()).toEqual({ ok: false, detail: expect.stringContaining(ONCALL) });
    const metrics = await (await fetch(`${world.product.url}/metrics`, { headers: { connection: 'close' } })).text();
    expect(metrics).toMatch(/latchkey_directory_sources\{state="missing"\} 1/);
    world.slack.clearFaults();
    await world.clock.move(MINUTE);
    await world.product.log('is known again');
    await world.approve(CY, message);
    expect(await directoryCheck()).toEqual({ ok: true });
  });

  it('a burst of changes stays within what Slack allows', async () => {
    await started();
    for (let round = 0; round < 60; round += 1) await world.slack.setUsergroup(ONCALL, round % 2 === 0 ? [CY] : [DEE]);
    await world.product.log('usergroups.users.list at most 20 times a minute');
    expect(asked().length).toBeLessThanOrEqual(20);
    expect(asked().filter(({ status }) => status === 429)).toEqual([]);
    // People are not held up by it.
    const message = await world.ask(ANA, 'prod-db-read 30m', 'db-access');
    await world.approve(DEE, message);
  });
});

describe('people who come from a SCIM directory, and are known in Slack by their e-mail', () => {
  const email = (id: string) => `${id.slice('U01'.length).toLowerCase()}@example.com`;
  beforeEach(async () => {
    world = await World.open({
      server,
      database: 'SQLite',
      policies: {
        'directory.yaml': FROM_SCIM,
        'settings.yaml': `${POLICIES['settings.yaml']}match_slack_email: true\n`,
      },
      groups: {
        'prod-db-readers': [],
        'staging-admins': [],
        'data-exporters': [],
        Backend: [ANA, BEN, ELI].map(email),
        DBAs: [CY, DEE].map(email),
        Security: [DEE].map(email),
        Contractors: [ELI].map(email),
      },
    });
    await world.start();
    await world.see(() => world.slack.calls.some(({ method, ok }) => method === 'users.list' && ok));
    await world.eventually(async () => (await directoryCheck())?.ok);
  });

  it('ask and approve; who is deactivated at the source can do neither, and a vote of theirs counts no more', async () => {
    const message = await world.ask(ANA, 'prod-db-read 30m INC-42', 'db-access');
    await world.approve(CY, message);
    await world.given(message);
    await world.command(ANA, '/access revoke prod-db-read');
    await world.ended(message);

    world.directory.setUser(email(ANA), { active: false });
    world.directory.setUser(email(CY), { active: false });
    const waiting = await world.ask(BEN, 'prod-db-read 30m', 'db-access');
    await world.clock.move(MINUTE);
    await world.eventually(async () => /unknown-person/.test(await world.command(ANA, '/access prod-db-read 30m')));
    expect(await world.refusedClick(CY, waiting, 'approve')).toContain('unknown-person');
    await world.approve(DEE, waiting);
    await world.given(waiting);
  });

  it('nobody of them is known while the directory does not answer, and the refusal names it', async () => {
    world.directory.setFault((_request, response) => void response.status(503).end());
    await world.clock.move(16 * MINUTE);
    expect(await world.command(ANA, '/access prod-db-read 30m')).toMatch(
      /SCIM directory [\s\S]* was last read at[\s\S]*unknown-person/,
    );
    await world.product.log('closed for now');
    await world.eventually(async () => (await directoryCheck())?.detail?.includes('HTTP 503'));
    expect(await directoryCheck()).toMatchObject({ ok: false });
    world.directory.setFault(undefined);
    await world.clock.move(MINUTE);
    await world.product.log(/^SCIM directory \S+ is known again/);
    await world.ask(ANA, 'prod-db-read 30m', 'db-access');
  });

  it('somebody who only shows their e-mail is nobody: a guest, a stranger, an e-mail nobody confirmed', async () => {
    // The stranger is in Slack and in SCIM; nobody else is to pass for Ana.
    expect(await world.command(STRANGER, '/access prod-db-read 30m')).toContain('not-eligible');
    const reads = () => world.slack.calls.filter(({ method }) => method === 'users.list').length;
    world.slack.setUser(ANA, { emailConfirmed: false });
    const count = reads();
    await world.clock.move(2 * MINUTE);
    await world.see(() => reads() > count);
    await world.eventually(async () => /unknown-person/.test(await world.command(ANA, '/access prod-db-read 30m')));
  });
});
