import { jwtVerify } from 'jose';
import type { PipelineRun } from '../../src/playground/browser/wire.ts';
import { offered } from '../../src/playground/pipelines/actions.ts';
import { playgroundIssuer } from '../../src/playground/pipelines/issuer.ts';
import { Pipelines } from '../../src/playground/pipelines/pipelines.ts';
import { Watch } from '../../src/playground/slack/watch.ts';
import {
  AUDIENCE,
  anAction,
  ISSUER,
  named,
  type ScriptedProduct,
  shown,
  startScriptedProduct,
} from './scripted-product.ts';

const SHA = '4f2a9c1e0b7d6a5f4e3d2c1b0a9f8e7d6c5b4a39';
const APPROVED = [{ need: 1, approvers: ['group:release'], approved_by: ['gus@example.com'] }];
const DENIED = { decided_by: 'gus@example.com', decision_reason: 'Not today' };

describe('a pipeline of the playground', () => {
  let now = Date.parse('2026-03-03T14:05:09Z');
  let product: ScriptedProduct;
  let pipelines: Pipelines;
  const watch = new Watch(() => JSON.stringify(pipelines.view().runs, null, 2));

  beforeEach(async () => {
    const issuer = await playgroundIssuer(() => now);
    product = await startScriptedProduct(issuer.keys, () => now);
    // It asks again as soon as it may: no test waits for a time.
    pipelines = new Pipelines({ issuer, now: () => now, changed: watch.changed, pollMs: 1 });
    pipelines.serve({ url: product.url, audience: AUDIENCE, actions: () => named(anAction()) });
  });
  afterEach(async () => {
    await pipelines.stop();
    await product.stop();
  });

  const start = (parameters: Record<string, string> = { sha: SHA, environment: 'production' }, reason = '') =>
    pipelines.start({ by: 'Ana', action: 'deploy-production', parameters, reason });
  const over = (): Promise<PipelineRun> =>
    watch.waitFor(() => pipelines.view().runs.find(({ state }) => state !== 'running'), 20_000);
  const log = (run: PipelineRun) => run.lines.map(({ kind, text }) => `${kind}: ${text}`);
  const calls = () => product.asked.map(({ call }) => call);

  it('asks, waits, uses the approval once and tells each step', async () => {
    product.answers(
      [201, shown('pending')],
      [200, shown('pending')],
      [200, shown('approved', { steps: APPROVED, usable_until: '2026-03-03T14:25:00.000Z' })],
      [200, shown('used', { steps: APPROVED })],
    );
    start({ sha: SHA, environment: 'production', note: ' ' }, "It's time");
    const run = await over();
    expect(run).toMatchObject({ number: 1, action: 'deploy-production', by: 'Ana', state: 'passed' });
    expect(log(run)).toEqual([
      'say: A job of repo:acme/api:ref:refs/heads/main, with a token such as token.actions.githubusercontent.com signs.',
      `command: npx latchkey action deploy-production sha=${SHA} environment=production --reason 'It'\\''s time' --wait 1h`,
      'say: Asked: req_1',
      'say: Waiting for 1 of group:release. It lapses at 15:05 UTC if nobody answers.',
      'good: Approved by gus@example.com, to be used by 14:25 UTC.',
      'good: Go ahead, once. This approval is used up now.',
      'say: A real pipeline would do its work here. This one does nothing but ask.',
    ]);
    expect(calls()).toEqual([
      'POST /api/v1/actions/deploy-production/requests',
      'GET /api/v1/requests/req_1',
      'GET /api/v1/requests/req_1',
      'POST /api/v1/requests/req_1/use',
    ]);
    const parameters = { sha: SHA, environment: 'production' };
    expect(product.asked[0]?.body).toEqual({ parameters, reason: "It's time" });
    expect(product.asked[3]?.body).toEqual({ parameters });
  });

  it('is who the first rule about tokens asks for, with what CI tells beside it', async () => {
    product.answers([201, shown('denied', DENIED)]);
    start();
    await over();
    expect(product.asked[0]?.token).toMatchObject({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'repo:acme/api:ref:refs/heads/main',
      repository: 'acme/api',
      ref: 'refs/heads/main',
      actor: 'ana',
      run_id: '1',
      exp: now / 1000 + 300,
    });
  });

  it('has a new token for each call, so that the clock may be moved on while it waits', async () => {
    product.answers([201, shown('pending')]);
    start();
    await product.wasAsked(2);
    now += 3_600_000;
    product.answers([200, shown('lapsed')]);
    expect(log(await over()).slice(-2)).toEqual([
      'bad: Lapsed: nobody answered in time.',
      'bad: Stopped: the pipeline may not go ahead.',
    ]);
  });

  it.each([
    ['denied', shown('denied', DENIED), 'Denied by gus@example.com: Not today.'],
    ['withdrawn', shown('cancelled'), 'Withdrawn: nobody can approve it any more.'],
    ['used by somebody else', shown('used'), 'It is used, so there is nothing to use.'],
    ['not used in time', shown('unused'), 'The approval was not used in time, and is worth nothing any more.'],
  ])('does not go ahead when it was %s', async (_what, body, sentence) => {
    product.answers([201, body]);
    start();
    const run = await over();
    expect(run.state).toBe('failed');
    expect(log(run)).toContain(`bad: ${sentence}`);
    expect(calls()).toHaveLength(1);
  });

  it('gives up when its tokens are refused', async () => {
    product.answers([401, { code: 'bad-token', detail: 'The token has expired.' }]);
    start();
    expect(log(await over()).at(-1)).toBe('bad: Refused (bad-token): The token has expired.');
    expect(calls()).toHaveLength(3);
  });

  it('shows a refusal with its code, and everything else that is wrong', async () => {
    const others = [{ code: 'invalid-field', detail: 'Commit (`sha`) is required.' }];
    product.answers([422, { code: 'invalid-field', detail: 'A reason is required.', others }]);
    start({});
    expect(log(await over()).slice(-2)).toEqual([
      'bad: Refused (invalid-field): A reason is required.',
      'bad: Refused (invalid-field): Commit (`sha`) is required.',
    ]);
  });

  it('does not go ahead when the use is refused', async () => {
    product.answers(
      [201, shown('approved', { steps: APPROVED })],
      [409, { code: 'already-used', detail: 'This approval was used before.' }],
    );
    start();
    const run = await over();
    expect(run.state).toBe('failed');
    expect(log(run).at(-1)).toBe('bad: Refused (already-used): This approval was used before.');
  });

  it('asks again while the product cannot answer, and says so once', async () => {
    const notReady = [503, { code: 'not-ready', detail: 'The policies are broken.' }] as const;
    product.answers('hangs up', notReady, notReady, [201, shown('denied', DENIED)]);
    start();
    const said = log(await over());
    expect(said.filter((line) => line.includes('Trying again'))).toEqual([
      'say: Latchkey does not answer. Trying again.',
      'say: The policies are broken. Trying again.',
    ]);
    expect(said.at(-1)).toBe('bad: Stopped: the pipeline may not go ahead.');
  });

  it('tells the day of what is not over on the day of the question', async () => {
    product.answers(
      [201, shown('pending', { asked_at: '2026-03-03T14:05:09.000Z', lapses_at: '2026-03-04T14:05:09.000Z' })],
      [200, shown('approved', { steps: APPROVED, usable_until: '2026-03-04T00:01:00.000Z' })],
      [200, shown('used', { steps: APPROVED })],
    );
    start();
    expect(log(await over())).toEqual(
      expect.arrayContaining([
        'say: Waiting for 1 of group:release. It lapses at 14:05 UTC on 2026-03-04 if nobody answers.',
        'good: Approved by gus@example.com, to be used by 00:01 UTC on 2026-03-04.',
      ]),
    );
  });

  it('tells who has approved, and who is waited for next', async () => {
    const two = (...by: string[]) => [
      { need: 1, approvers: ['group:release'], approved_by: by },
      { need: 2, approvers: ['group:security', 'group:leads'], approved_by: [] },
    ];
    product.answers(
      [201, shown('pending', { steps: two() })],
      [200, shown('pending', { steps: two('gus@example.com') })],
      [200, shown('denied', DENIED)],
    );
    start();
    expect(log(await over()).filter((line) => line.includes('Waiting'))).toEqual([
      'say: Waiting for 1 of group:release (step 1 of 2). It lapses at 15:05 UTC if nobody answers.',
      'say: Approved by gus@example.com. Waiting for 2 of group:security, group:leads (step 2 of 2). It lapses at 15:05 UTC if nobody answers.',
    ]);
  });

  it('keeps the last ten runs that are over, the newest first', async () => {
    product.answers([201, shown('denied', DENIED)]);
    for (let run = 0; run < 12; run += 1) start();
    const done = () => pipelines.view().runs.every(({ state }) => state === 'failed') && pipelines.view().runs;
    const runs = await watch.waitFor(done, 20_000);
    expect(runs).toHaveLength(10);
    expect(runs.map(({ number }) => number)).toEqual(runs.map(({ number }) => number).sort((a, b) => b - a));
  });

  describe('that would not ask again by itself', () => {
    let run: PipelineRun | undefined;
    beforeEach(async () => {
      await pipelines.stop();
      await product.stop();
      const issuer = await playgroundIssuer(() => now);
      product = await startScriptedProduct(issuer.keys, () => now);
      pipelines = new Pipelines({ issuer, now: () => now, changed: watch.changed, pollMs: 2 ** 30 });
      pipelines.serve({ url: product.url, audience: AUDIENCE, actions: () => named(anAction()) });
      product.answers([201, shown('pending')]);
      start();
      [run] = pipelines.view().runs;
      await watch.waitFor(() => run?.lines.at(-1)?.text.startsWith('Waiting'), 20_000);
    });

    it('asks at once when something happens in the workspace', async () => {
      product.answers([200, shown('denied', DENIED)]);
      pipelines.wake();
      expect(await over()).toMatchObject({ state: 'failed' });
      expect(calls().at(-1)).toBe('GET /api/v1/requests/req_1');
    });

    it('takes its question back when it is cancelled', async () => {
      product.answers([200, shown('cancelled')]);
      pipelines.cancel(1);
      expect(await over()).toMatchObject({ state: 'failed' });
      expect(calls().at(-1)).toBe('POST /api/v1/requests/req_1/cancel');
      expect(() => pipelines.cancel(2)).toThrow('There is no run 2 any more.');
    });
  });

  it('ends with the playground, in the middle of waiting', async () => {
    product.answers([201, shown('pending')]);
    start();
    await product.wasAsked(1);
    await pipelines.stop();
    expect(pipelines.view().runs[0]?.state).toBe('failed');
  });

  it('runs no action that the policies do not have, and none that takes API keys only', () => {
    const onlyKeys = anAction({ name: 'delete-data', callers: [{ kind: 'api-key', name: 'jenkins' }] });
    pipelines.serve({ url: product.url, audience: AUDIENCE, actions: () => named(onlyKeys) });
    const run = (action: string) => () => pipelines.start({ by: 'Ana', action, parameters: {}, reason: '' });
    expect(run('constructor')).toThrow('The policies in force have no action constructor.');
    expect(run('delete-data')).toThrow('Its callers have API keys (“jenkins”)');
    expect(pipelines.view().runs).toEqual([]);
  });
});

describe('what the page is offered of an action', () => {
  it('is its parameters with something that they take, and who the job will be', () => {
    expect(offered(anAction())).toEqual({
      name: 'deploy-production',
      title: 'Deploy to production',
      reasonRequired: false,
      caller: 'repo:acme/api:ref:refs/heads/main, as a token of token.actions.githubusercontent.com would name it',
      inputs: [
        { name: 'sha', label: 'Commit', required: true, example: SHA, hint: 'Has to match ^[0-9a-f]{40}$' },
        {
          name: 'environment',
          label: 'environment',
          required: true,
          example: 'production',
          choices: ['production', 'canary'],
        },
        { name: 'note', label: 'Note', required: false, example: '' },
      ],
    });
  });

  it.each([
    ['GitHub, an environment', { repository: ['a/b'], environment: ['prod'] }, 'repo:a/b:environment:prod'],
    ['GitLab', { project_path: ['a/b'], ref: ['main'] }, 'project_path:a/b:ref_type:branch:ref:main'],
    ['a rule about the subject', { sub: ['system:agent'] }, 'system:agent'],
    ['anything else', { team: ['x'] }, 'playground-pipeline'],
  ])('%s: the subject is as its provider writes it', (_who, claims, subject) => {
    const { caller } = offered(anAction({ callers: [{ kind: 'oidc', issuer: ISSUER, claims }] }));
    expect(caller).toBe(`${subject}, as a token of token.actions.githubusercontent.com would name it`);
  });

  it('says when nobody may ask', () => {
    expect(offered(anAction({ callers: [] })).notHere).toBe('Its policy names no callers, so nobody may ask for it.');
  });
});

describe('the playground’s issuer', () => {
  it('signs with a key of its own at every start', async () => {
    const [one, other] = [await playgroundIssuer(Date.now), await playgroundIssuer(Date.now)];
    const token = await one.token({ issuer: ISSUER, subject: 'x', audience: AUDIENCE, claims: {} });
    await expect(jwtVerify(token, await other.keys.of(ISSUER))).rejects.toThrow();
    await expect(jwtVerify(token, await one.keys.of(ISSUER))).resolves.toMatchObject({ payload: { sub: 'x' } });
  });
});
