import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import type { FakeMessage } from '../../src/playground/slack/types.ts';
import { CiProvider } from '../support/ci-provider.ts';
import { LosingProxy } from '../support/losing-proxy.ts';
import type { RolesServer } from '../support/postgres-roles.ts';
import { type Finished, latchkey, type Running, startLatchkey } from '../support/product.ts';
import { buttons, CY, DEE, MINUTE, startServer, World, words } from './world.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const SHA = '4f2a9c1e0b7d6a5f4e3d2c1b0a9f8e7d6c5b4a39';
/** What the workflow of the documentation says of itself. */
const JOB = {
  sub: 'repo:acme/api:environment:production',
  repository: 'acme/api',
  environment: 'production',
  ref: 'refs/heads/main',
  ref_protected: 'true',
  actor: 'ana',
};

let server: RolesServer;
let ci: CiProvider;
let jenkins: string;
let policies: Record<string, string>;
let runs = 0;

beforeAll(async () => {
  server = await startServer();
  ci = await CiProvider.start();
  const made = await latchkey(['api-key', 'jenkins'], {});
  jenkins = made.out.trim();
  const line = made.err.trim().split('\n').at(-1) ?? '';
  const [, policy = ''] =
    /```yaml\n(version: 1\nkind: action\n[\s\S]*?)```/.exec(await readFile(file('docs/actions.md'), 'utf8')) ?? [];
  policies = {
    'settings.yaml': `version: 1\nkind: settings\n${line.trim()}\n`,
    // The policy of the documentation, for the provider and the people that are here.
    'deploy.yaml': policy
      .replace('https://token.actions.githubusercontent.com', ci.url)
      .replace('group:release', 'group:dba'),
  };
});
afterAll(async () => {
  await ci.stop();
  await server.stop();
});

const channels = ['general', 'deploys', 'db-access', 'writes', 'exports', 'access-audit'];
const openWorld = (database: 'SQLite' | 'Postgres') => World.open({ server, database, policies, channels });

/** No two tests ask for the same. */
const parameters = () => ({ sha: SHA, run: `run-${++runs}` });
type Parameters = ReturnType<typeof parameters>;

async function call(url: string, token: string, method: 'GET' | 'POST', path: string, body?: object) {
  const reply = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: { connection: 'close', authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, string> };
}

/** The message that asks about these parameters. */
const asked = (world: World, { run }: Parameters): Promise<FakeMessage> =>
  world.see(() => world.parents('deploys').find((message) => words(message).includes(run)));

const commands: Running[] = [];
afterEach(async () => {
  // One that a failed test left waiting.
  for (const one of commands) one.signal('SIGKILL');
  await Promise.all(commands.splice(0).map(({ finished }) => finished));
});

function command(world: World, given: Parameters, env: Readonly<Record<string, string>>, ...more: string[]): Running {
  const words = ['action', 'deploy-production', `sha=${given.sha}`, `run=${given.run}`, ...more];
  const started = startLatchkey(words, { LATCHKEY_URL: world.product.url, ...env }, world.clock);
  commands.push(started);
  return started;
}

const eventTypes = async (world: World, id: string): Promise<string[]> =>
  (await world.events())
    .filter(({ requestId, request }) => requestId === id || (request as { id?: string })?.id === id)
    .map(({ type }) => type);

describe('a deploy waits for people', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld('SQLite');
    await ci.follow(world.clock);
    await world.start();
  });
  afterAll(async () => {
    await world.auditIsIntact();
    await world.close();
  });

  it('a job of GitHub asks by the command, is approved with a button, and goes ahead once', async () => {
    const given = parameters();
    const running = command(world, given, ci.github(JOB), '--reason', 'Release 1.4.2', '--json');
    const message = await asked(world, given);
    expect(words(message)).toContain('Release 1.4.2');
    expect(words(message)).toContain(SHA);
    expect(buttons(message)).toEqual(['approve', 'deny']);
    await world.approve(DEE, message);
    const { code, out, err } = await running.finished;
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(/^Request req\S+ waits for 1 of group:dba, until /),
    });
    const told = JSON.parse(out);
    expect(told).toMatchObject({ status: 'used', parameters: given, decided_by: 'dee@example.com' });
    expect(await eventTypes(world, told.id)).toEqual(['RequestOpened', 'VoteCast', 'ActionApproved', 'ActionUsed']);
    await world.see(() => buttons(world.now(message)).length === 0);
  });

  it('the workflow of the examples does just that, with the policy of the documentation', async () => {
    const workflow = parse(await readFile(file('examples/ci/github-deploy.yml'), 'utf8'));
    const step = workflow.jobs.deploy.steps.find(({ name }: { name?: string }) => name === 'Approval') as {
      run: string;
    };
    const bin = join(world.folder, 'bin');
    await mkdir(bin);
    await writeFile(
      join(bin, 'npx'),
      `#!/bin/sh\nshift\nexec "${process.execPath}" --import "${file('test/support/machine-clock.js')}" "${file('bin/latchkey.js')}" "$@"\n`,
    );
    await chmod(join(bin, 'npx'), 0o755);
    const given = parameters();
    const finished = promisify(execFile)(
      'bash',
      ['-eo', 'pipefail', '-c', `${step.run}\necho deployed "$GITHUB_SHA"`],
      {
        env: {
          ...ci.github(JOB),
          PATH: `${bin}:${process.env.PATH}`,
          LATCHKEY_URL: world.product.url,
          GITHUB_SHA: given.sha,
          GITHUB_RUN_ID: given.run,
          TEST_CLOCK_AHEAD_MS: String(world.clock.ahead),
        },
      },
    );
    await world.approve(CY, await asked(world, given));
    expect((await finished).stdout).toMatch(
      /^Go ahead, once: deploy-production is approved by cy@example\.com, .*\ndeployed 4f2a/,
    );
  });

  it('a script uses its approval once, for what was approved and nothing else', async () => {
    const { url } = world.product;
    const token = await ci.token(JOB);
    const given = parameters();
    const { status, body } = await call(url, token, 'POST', 'actions/deploy-production/requests', {
      parameters: given,
    });
    expect({ status, body }).toMatchObject({ status: 201, body: { status: 'pending' } });
    const again = await call(url, token, 'POST', 'actions/deploy-production/requests', { parameters: given });
    expect(again).toMatchObject({ status: 200, body: { id: body.id } });
    const use = (by: string, what: Parameters) =>
      call(url, by, 'POST', `requests/${body.id}/use`, { parameters: what });
    expect(await use(token, given)).toMatchObject({ status: 409, body: { code: 'not-approved' } });
    await world.approve(DEE, await asked(world, given));
    expect((await call(url, token, 'GET', `requests/${body.id}`)).body).toMatchObject({ status: 'approved' });
    // Not for another caller, another run, or the same job on a branch that nobody protects.
    expect(await use(jenkins, given)).toMatchObject({ status: 404, body: { code: 'unknown-request' } });
    expect(await use(token, parameters())).toMatchObject({ status: 409, body: { code: 'parameters-differ' } });
    const unprotected = await ci.token({ ...JOB, ref_protected: 'false' });
    expect(await use(unprotected, given)).toMatchObject({ status: 403, body: { code: 'policy-changed' } });
    expect(await use(token, given)).toMatchObject({ status: 200, body: { status: 'used' } });
    expect(await use(token, given)).toMatchObject({ status: 409, body: { code: 'already-used' } });
  });

  it('a key says who calls where there are no tokens; who is denied is told why', async () => {
    const given = parameters();
    const running = command(world, given, { LATCHKEY_TOKEN: jenkins });
    const message = await asked(world, given);
    expect(words(message)).toContain('jenkins');
    await world.slack.click(DEE, message, 'deny');
    const view = await world.see(() => world.slack.views(DEE)[0]);
    await world.slack.submitView(DEE, view.id, { 'reason-text': 'not on a Friday' });
    expect(await running.finished).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringMatching(/\nDenied by dee@example\.com: not on a Friday\n$/),
    });
  });

  it('who gives up withdraws: at the end of its patience, and when it is interrupted', async () => {
    const [late, stopped] = [parameters(), parameters()];
    const impatient = await command(world, late, { LATCHKEY_TOKEN: jenkins }, '--wait', '1s').finished;
    expect(impatient).toMatchObject({
      code: 3,
      err: expect.stringMatching(
        /Nobody answered within 1s: withdrawing the request\.\nRequest \w+ was withdrawn\.\n$/,
      ),
    });
    const running = command(world, stopped, { LATCHKEY_TOKEN: jenkins });
    const message = await asked(world, stopped);
    running.signal('SIGINT');
    expect(await running.finished).toMatchObject({
      code: 3,
      err: expect.stringMatching(/Interrupted: withdrawing the request\.\nRequest \w+ was withdrawn\.\n$/),
    });
    await world.see(() => buttons(world.now(message)).length === 0);
    expect(await world.refusedClick(DEE, message, 'approve')).toContain('`already-decided`');
  });

  it.each([
    ['an action that there is not', ['deploy-prodution', `sha=${SHA}`], 3, /Code: unknown-action\n$/],
    [
      'what its policy does not take',
      ['deploy-production', 'sha=main', 'colour=red'],
      3,
      /sha[\s\S]*Code: invalid-field\n/,
    ],
    ['nothing', [], 1, /^Name the action first/],
    ['a value twice', ['deploy-production', 'sha=a', 'sha=b'], 1, /^sha is given twice\.\nUsage: latchkey action/],
    ['a word', ['deploy-production', 'now'], 1, /^now: write a parameter as name=value/],
    ['a patience without a unit', ['deploy-production', '--wait', '60'], 1, /^--wait 60: write a duration/],
  ])('who asks for %s is told so', async (_, args, code, err) => {
    const finished = await latchkey(
      ['action', ...args],
      { LATCHKEY_URL: world.product.url, LATCHKEY_TOKEN: jenkins },
      world.clock,
    );
    expect(finished).toMatchObject({ code, out: '', err: expect.stringMatching(err) });
  });

  it('a bad credential, a wrong address and a broken environment end it at once', async () => {
    const { url } = world.product;
    const ended = (env: Readonly<Record<string, string>>): Promise<Finished> =>
      latchkey(['action', 'deploy-production', `sha=${SHA}`, 'run=1'], env, world.clock);
    expect(await ended({ LATCHKEY_URL: url, LATCHKEY_TOKEN: `lk_${'x'.repeat(43)}` })).toMatchObject({
      code: 2,
      err: 'There is no such API key in the settings of the policies.\n',
    });
    expect(await ended({ LATCHKEY_URL: `${url}/latchkey`, LATCHKEY_TOKEN: jenkins })).toMatchObject({
      code: 2,
      err: expect.stringContaining('LATCHKEY_URL: HTTP 404; is it Latchkey that answers there?'),
    });
    expect(await ended({ LATCHKEY_TOKEN: jenkins })).toMatchObject({
      code: 2,
      err: expect.stringContaining('LATCHKEY_URL is missing'),
    });
    const stranger = await ci.token({ ...JOB, repository: 'evil/api' });
    expect(await ended({ LATCHKEY_URL: url, LATCHKEY_TOKEN: stranger })).toMatchObject({
      code: 3,
      err: expect.stringContaining('Code: not-eligible'),
    });
    for (const product of world.products)
      for (const secret of [jenkins, stranger]) expect(product.output()).not.toContain(secret);
  });

  describe('while calls and answers are lost', () => {
    let proxy: LosingProxy;
    beforeEach(async () => {
      proxy = await LosingProxy.before(world.product.url);
    });
    afterEach(() => proxy.stop());

    /** Loses the first call of this kind. */
    const loseOne = (suffix: string, how: 'before' | 'after') => {
      let left = 1;
      proxy.lose = ({ url = '' }) => (url.endsWith(suffix) && left-- > 0 ? how : undefined);
    };
    const through = (given: Parameters) => command(world, given, { LATCHKEY_URL: proxy.url, LATCHKEY_TOKEN: jenkins });

    it('nobody is asked twice', async () => {
      const given = parameters();
      loseOne('/requests', 'after');
      const running = through(given);
      const message = await asked(world, given);
      // It has been told of the request by then.
      await world.eventually(async () => proxy.calls.some((one) => one.startsWith('GET ')));
      await world.approve(DEE, message);
      expect(await running.finished).toMatchObject({
        code: 0,
        err: expect.stringMatching(/^Latchkey does not answer \(.*\)\. Trying again\.\n/),
      });
      expect(world.parents('deploys').filter((message) => words(message).includes(given.run))).toHaveLength(1);
    });

    it('a use that did not arrive is looked up and done', async () => {
      const given = parameters();
      loseOne('/use', 'before');
      const running = through(given);
      await world.approve(DEE, await asked(world, given));
      expect(await running.finished).toMatchObject({
        code: 0,
        err: expect.stringContaining('Whether the approval is used is looked up.'),
      });
      expect(proxy.calls.filter((one) => one.endsWith('/use'))).toHaveLength(2);
    });

    it('a use whose answer is lost is no reason to go ahead', async () => {
      const given = parameters();
      loseOne('/use', 'after');
      const running = through(given);
      await world.approve(DEE, await asked(world, given));
      expect(await running.finished).toMatchObject({
        code: 4,
        out: '',
        err: expect.stringContaining('Do not go ahead: the answer was lost'),
      });
    });
  });

  // The last one, as the tokens of before are over by then.
  it('an approval that nobody uses is worth nothing after its time', async () => {
    const { url } = world.product;
    const given = parameters();
    const { body } = await call(url, jenkins, 'POST', 'actions/deploy-production/requests', { parameters: given });
    await world.approve(DEE, await asked(world, given));
    await world.clock.move(15 * MINUTE);
    expect(await call(url, jenkins, 'POST', `requests/${body.id}/use`, { parameters: given })).toMatchObject({
      status: 410,
      body: { code: 'approval-over' },
    });
    await world.eventually(async () => (await eventTypes(world, body.id ?? '')).includes('ActionUnused'));
  });
});

describe('two processes on one Postgres', () => {
  it('tell exactly one of many to go ahead', async () => {
    const world = await openWorld('Postgres');
    try {
      await ci.follow(world.clock);
      await world.start();
      await world.start();
      const urls = world.products.map(({ url }) => url);
      const token = await ci.token(JOB);
      for (let round = 0; round < 3; round++) {
        const given = parameters();
        const opened = await Promise.all(
          urls.map((url) => call(url, token, 'POST', 'actions/deploy-production/requests', { parameters: given })),
        );
        expect(opened.map(({ status }) => status).sort()).toEqual([200, 201]);
        const id = opened[0]?.body.id;
        expect(opened[1]?.body.id).toBe(id);
        await world.approve(DEE, await asked(world, given));
        const used = await Promise.all(
          Array.from({ length: 16 }, (_, index) =>
            call(urls[index % 2] ?? '', token, 'POST', `requests/${id}/use`, { parameters: given }),
          ),
        );
        const statuses = used.map(({ status, body }) => (status === 200 ? 'go ahead' : body.code)).sort();
        expect(statuses).toEqual([...Array<string>(15).fill('already-used'), 'go ahead']);
        expect((await eventTypes(world, id ?? '')).filter((type) => type === 'ActionUsed')).toHaveLength(1);
      }
      await world.auditIsIntact();
    } finally {
      await world.close();
    }
  });
});
