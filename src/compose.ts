import type { Logger } from 'pino';
import { mendOutbox } from './app/mend-outbox.ts';
import type { Ports } from './app/ports/index.ts';
import type { NewEffect, Store } from './app/ports/store.ts';
import { recordPolicies } from './app/record-policies.ts';
import { runEffect } from './app/run-effect.ts';
import { beginDigests } from './app/schedule-digest.ts';
import { tick, tidy } from './app/tick.ts';
import { useCases } from './app/use-cases.ts';
import { link } from './audit/index.ts';
import { callerApi } from './caller-api.ts';
import type { Config } from './config.ts';
import { connectSlack } from './connect-slack.ts';
import { createMetrics } from './http/metrics.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { LivePolicies } from './live-policies.ts';
import { OpenTargets } from './open-targets.ts';
import type { Playground } from './playground/playground.ts';
import { PLAYGROUND_TEAM } from './playground/team.ts';
import { type LoadedPolicies, loadPolicies, PolicySource } from './policy-source.ts';
import { providers } from './providers/registry.ts';
import { scimDirectories } from './providers/scim-group/people.ts';
import { readiness } from './readiness.ts';
import { startHeartbeat } from './scheduler/heartbeat.ts';
import { Worker, wakeFor } from './scheduler/worker.ts';
import { SlackApp, type SlackSettings } from './slack/slack-app.ts';
import { sortableIds } from './sortable-ids.ts';
import { createStore, mayHoldSomething } from './store/store.ts';
import { SystemClock } from './system-clock.ts';

/** How long requests in hand may take when stopping. */
const GRACE_MS = 5_000;
/** Housekeeping comes round this often, in ticks. */
const TIDY_EVERY = 600;
/** Ticks between looks for what was changed in the outbox. */
const MEND_EVERY = 60;
/** The time is written down this often, in ticks. */
const REMEMBER_TIME_EVERY = 5;

/** What people are told in Slack while the policies have been broken since the start. */
const POLICIES_BROKEN =
  'My policies are broken, so nothing can be asked or approved, and nothing was changed. What was given is still taken away on time. Whoever looks after the policies finds every problem in my log.';

/** The running product. */
export interface Product {
  /** Where it listens. */
  readonly url: string;
  readonly playground: boolean;
  /** Why nothing is served; none while something is. */
  problems(): readonly string[];
  /** Reads the policies again. */
  reload(): Promise<void>;
  /** Readiness off, nothing new, what is in hand finished, everything closed. */
  stop(): Promise<void>;
}

/** The policies on disk cannot be used, and the database is new: there is nothing to serve and nothing to take away. */
export class BrokenPolicies extends Error {
  override readonly name = 'BrokenPolicies';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in the policies`);
    this.problems = problems;
  }
}

/**
 * The database belongs to another Slack workspace. NB. what it holds would be posted to this one's channels and given in
 * this one's systems; and the playground's clock runs ahead of the real one.
 */
export class OtherWorkspace extends Error {
  override readonly name = 'OtherWorkspace';
  constructor(found: string, others: readonly string[]) {
    const whose = others.includes(PLAYGROUND_TEAM) ? 'the playground' : `workspace ${others.join(', ')}`;
    const who = found === PLAYGROUND_TEAM ? 'the playground' : `workspace ${found}`;
    super(`The database was used by ${whose}, and this is ${who}. Set DATABASE_URL to a database of its own.`);
  }
}

/**
 * Joins the adapters to the core, and starts them in the order of their needs: what fails, fails before anything is
 * served, and what was opened by then is closed again.
 */
export async function compose(config: Config, log: Logger): Promise<Product> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await assemble(config, log, closers);
  } catch (error) {
    for (const close of closers.reverse()) await close().catch(() => {});
    throw error;
  }
}

async function assemble(config: Config, log: Logger, closers: (() => Promise<unknown>)[]): Promise<Product> {
  const clock = new SystemClock();
  const playground = config.slack.mode === 'playground' ? await startLocalSlack(clock, () => live.tick()) : undefined;
  if (playground) closers.push(() => playground.stop());
  const env = (name: string): string | undefined =>
    (playground?.environment as Record<string, string> | undefined)?.[name] ?? config.secret(name);

  const source = { dir: config.policiesDir, providers, env };
  const loaded = await loadPolicies(source);
  const database = config.database.url.reveal();
  if (!loaded.ok && !(await mayHoldSomething(database))) throw new BrokenPolicies(loaded.problems);
  // NB. before anything else can fail: whoever mends the database is to see that the policies are broken, too.
  if (!loaded.ok) log.error({ problems: loaded.problems }, 'the policies are broken: nothing is served');

  const store = await createStore({
    url: database,
    link,
    onUnreadable: ({ table, id, message }) => log.error({ table, id }, `set aside: ${message}`),
  });
  closers.push(() => store.close());
  if (!loaded.ok && (await store.workspaces()).length === 0) throw new BrokenPolicies(loaded.problems);
  clock.startNoEarlierThan(await store.latestInstant());

  const metrics = createMetrics();
  metrics.collectSetAside(async () => (await store.setAside(0)).count);
  metrics.collectOutbox(
    () => store.outbox(clock.now()),
    () => clock.now(),
  );
  const targets = new OpenTargets(providers, log);
  closers.push(() => targets.close());

  let workspace: string | undefined;
  const notTakenOver = (error: unknown) => log.error({ err: error }, 'a change of the policies was not taken over');
  const onChange = async (change: LoadedPolicies) => {
    policiesChanged(log, policies, targets, change);
    playground?.changed();
    if (workspace === undefined) return;
    await recordPolicies(ports, workspace, change).catch((error: unknown) =>
      log.error(
        { err: error },
        'the change of the policies could not be recorded; every decision names its policies itself',
      ),
    );
  };
  const policies = new PolicySource(source, loaded, clock, onChange, notTakenOver);
  targets.use(policies.current());
  const slack = new SlackApp({
    settings: slackSettings(config, playground),
    log,
    onError: metrics.slackError,
    onUsergroupChanged: (id) => live.usergroupChanged(id),
    closed: () => (policies.rejected()?.nothingServed ? POLICIES_BROKEN : undefined),
  });
  const live = new LivePolicies({ policies, clock, log, slack: slack.directory, scim: scimDirectories });
  closers.push(() => live.stop());
  metrics.collectDirectory(() => live.health());
  const ports: Ports = {
    clock,
    ids: sortableIds(clock),
    store,
    policies: live,
    targets,
    messenger: slack.messenger,
    log,
    random: Math.random,
  };

  const workers = [
    new Worker(ports, { lane: 'target', concurrency: 32 }, (run) => runEffect(ports, run)),
    new Worker(ports, { lane: 'slack', concurrency: 8 }, (run) => runEffect(ports, run)),
    new Worker(ports, { lane: 'watch', concurrency: 4 }, (run) => runEffect(ports, run)),
  ];
  const wake = () => {
    for (const worker of workers) worker.wake();
  };
  observe(store, log, metrics.observe, (effects) => wakeFor(effects, workers));

  const cases = useCases(ports);
  const { audience } = config;
  const more = { answered: metrics.apiAnswer, ...(playground ? { keys: playground.keys } : {}) };
  const api = callerApi({ ports, useCases: cases, audience, workspace: () => workspace, ...more });
  let stopping = false;
  let lastTick = clock.now();
  const http: HttpServer = createHttpServer({
    logger: log,
    registry: metrics.registry,
    readiness: () => readiness({ ports, slack, stopping: () => stopping, lastTick: () => lastTick }),
    api,
    ...(slack.requestListener ? { slack: slack.requestListener } : {}),
    ...(playground ? { fallback: playground.handler } : {}),
  });
  // Socket Mode: before the first connection, for one that is left open keeps a process alive that could not start.
  closers.push(() => slack.stop());
  await slack.start(cases);
  const address = await http.start(config.port, config.host);
  closers.push(() => http.stop({ graceMs: 0 }));
  const url = `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
  playground?.setRequestUrl(`${url}/slack/events`);
  playground?.servePipelines({ url, audience, actions: () => live.current().actions });

  const connection = await connectSlack(slack, log, async (found) => {
    const others = (await store.workspaces()).filter((one) => one !== found);
    if (others.length > 0) throw new OtherWorkspace(found, others);
    workspace = found;
    const problems = policies.rejected()?.problems;
    await recordPolicies(ports, found, problems ? { ok: false, problems } : { ok: true });
    await beginDigests(ports, found);
  });
  policies.watch();
  let ticks = 0;
  const heartbeat = startHeartbeat(async () => {
    live.tick();
    await tick(ports);
    wake();
    lastTick = clock.now();
    ticks += 1;
    if (ticks % REMEMBER_TIME_EVERY === 1) await store.rememberTime(clock.now());
    if (ticks % MEND_EVERY === 1) await mendOutbox(ports);
    if (ticks % TIDY_EVERY === 1) await tidy(ports);
  }, log);

  return {
    url,
    playground: playground !== undefined,
    problems: () => (policies.rejected()?.nothingServed ? (policies.rejected()?.problems ?? []) : []),
    // NB. a signal waits for nobody: what fails is logged here, or it would be a rejection that nobody handles.
    reload: () => policies.reload().catch(notTakenOver),
    stop: async () => {
      stopping = true;
      connection.stop();
      await heartbeat.stop();
      await http.stop({ graceMs: GRACE_MS });
      await slack.stop();
      await Promise.all(workers.map((worker) => worker.stop()));
      await policies.stop();
      await live.stop();
      await targets.close();
      await playground?.stop();
      // Everything is committed by now: a database that went away is no reason to stop otherwise.
      await store
        .rememberTime(clock.now())
        .catch((error: unknown) => log.warn({ err: error }, 'the time could not be written down'));
      await store.close();
    },
  };
}

/** @param advanced is called when the clock was moved: what was read a moment ago is old then, and is read again. */
async function startLocalSlack(clock: SystemClock, advanced: () => void): Promise<Playground> {
  // NB. loaded here: who serves a real workspace pays no memory for a Slack and a directory to play in.
  const { startPlayground } = await import('./playground/playground.ts');
  return startPlayground({
    clock: {
      now: () => clock.epochMs(),
      advance(ms) {
        clock.advance(ms);
        advanced();
      },
    },
  });
}

function slackSettings(config: Config, playground: Playground | undefined): SlackSettings {
  if (playground) {
    const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_API_URL } = playground.environment;
    return { botToken: SLACK_BOT_TOKEN, signingSecret: SLACK_SIGNING_SECRET, apiUrl: SLACK_API_URL };
  }
  if (config.slack.mode === 'playground') throw new Error('no Slack is configured');
  const { slack, slackApiUrl: apiUrl } = config;
  const botToken = slack.botToken.reveal();
  return slack.mode === 'socket'
    ? { botToken, apiUrl, appToken: slack.appToken.reveal() }
    : { botToken, apiUrl, signingSecret: slack.signingSecret.reveal() };
}

/** What happened, for metrics and the log; and new effects wake the workers. All of it only after the commit. */
function observe(
  store: Store,
  log: Logger,
  count: (events: Parameters<ReturnType<typeof createMetrics>['observe']>[0]) => void,
  wake: (effects: readonly NewEffect[]) => void,
): void {
  store.onCommitted((commits) => {
    for (const { workspace, events, effects } of commits) {
      count(events);
      for (const event of events) {
        const { type, actor } = event;
        const about = {
          ...('requestId' in event ? { requestId: event.requestId } : {}),
          ...('grantId' in event ? { grantId: event.grantId } : {}),
          ...('access' in event ? { access: event.access } : {}),
          ...('code' in event ? { code: event.code } : {}),
        };
        log.info({ workspace, event: type, actor, ...about }, type);
      }
      wake(effects);
    }
  });
}

function policiesChanged(log: Logger, policies: PolicySource, targets: OpenTargets, change: LoadedPolicies): void {
  if (!change.ok) {
    const { problems } = change;
    if (policies.rejected()?.nothingServed) {
      targets.use(policies.current());
      log.error({ problems }, 'the policies are still broken: nothing is served');
    } else log.error({ problems }, 'the changed policies are broken; the last good ones stay in force');
    return;
  }
  targets.use(change.policies);
  const { revision, accesses, actions } = change.policies;
  const counts = { accesses: accesses.size, actions: actions.size };
  log.info({ digest: revision.digest, commit: revision.commit, ...counts }, 'new policies are in force');
}
