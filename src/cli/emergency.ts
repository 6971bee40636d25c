import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Ports } from '../app/ports/index.ts';
import { MessengerError } from '../app/ports/messenger.ts';
import type { Store } from '../app/ports/store.ts';
import { takeEmergency } from '../app/take-emergency.ts';
import { link } from '../audit/index.ts';
import { type Config, loadConfig } from '../config.ts';
import type { RequestState } from '../domain/request.ts';
import { giveNow } from '../give-now.ts';
import { OpenTargets } from '../open-targets.ts';
import { PLAYGROUND_TEAM } from '../playground/team.ts';
import { loadPolicies } from '../policy-source.ts';
import { providers } from '../providers/registry.ts';
import { sortableIds } from '../sortable-ids.ts';
import { createStore } from '../store/store.ts';
import { SystemClock } from '../system-clock.ts';
import { databaseProblem } from './database-problem.ts';
import { machineUser } from './machine-user.ts';
import { type Command, EXIT, environmentProblems, type Terminal, wrongUse } from './terminal.ts';

const USAGE = 'Usage: latchkey emergency PERSON ACCESS [--for DURATION] --reason TEXT\n';
/** Exit code: refused, or not seen given. */
const NOT_GIVEN = 3;
/** How long the command waits to see it given. */
const PATIENCE_MS = 60_000;

interface Wanted {
  email: string;
  access: string;
  duration?: string;
  reason: string;
}

/**
 * `latchkey emergency`: break glass while Slack cannot be reached, typed where Latchkey runs. The policies decide as they do
 * in Slack; what happened is recorded and waits in the outbox until Slack is back.
 */
export const emergency: Command = async (args, terminal) => {
  const wanted = readWanted(args);
  if (typeof wanted === 'string') {
    terminal.err(`${wanted}\n${USAGE}`);
    return EXIT.usage;
  }
  const loaded = loadConfig(terminal.env);
  if (!loaded.ok) {
    terminal.err(environmentProblems(loaded.problems));
    return EXIT.problems;
  }
  const { config } = loaded;
  const policies = await loadPolicies({ dir: config.policiesDir, providers, env: config.secret });
  if (!policies.ok) {
    terminal.err(
      `The policies in ${config.policiesDir} are broken, so nothing is given.\n${policies.problems.join('\n')}\n`,
    );
    return EXIT.problems;
  }
  const targets = new OpenTargets(providers, quiet);
  targets.use(policies.policies);
  // NB. idle connections hold no process: without this it could end while one of them closes, before it has said how it went.
  const alive = setInterval(() => {}, 1_000);
  try {
    return await withStore(config, terminal, (store) =>
      take(store, wanted, terminal, {
        policies: { current: () => policies.policies, rejected: () => undefined },
        targets,
        messenger: slackWaits,
        log: quiet,
        random: Math.random,
      }),
    );
  } finally {
    await targets.close();
    clearInterval(alive);
  }
};

function readWanted(args: readonly string[]): Wanted | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { for: { type: 'string' }, reason: { type: 'string' } },
      allowPositionals: true,
    });
    const [email, access, ...more] = positionals;
    if (email === undefined || access === undefined || more.length > 0) {
      return 'Name one person by their e-mail, and one access.';
    }
    const { for: duration, reason } = values;
    if (reason === undefined || reason.trim() === '')
      return 'Say why: --reason "…". Everybody who approves it reads that.';
    return {
      email: email.toLowerCase(),
      access: access.toLowerCase(),
      reason,
      ...(duration === undefined ? {} : { duration }),
    };
  } catch (error) {
    return wrongUse(error);
  }
}

async function take(
  store: Store,
  { email, ...asked }: Wanted,
  terminal: Terminal,
  parts: Omit<Ports, 'store' | 'clock' | 'ids'>,
): Promise<number> {
  const [workspace, ...others] = await store.workspaces();
  if (workspace === undefined || others.length > 0 || workspace === PLAYGROUND_TEAM) {
    terminal.err(
      'The database does not say which Slack workspace it serves: start Latchkey on it once, with Slack in reach.\n',
    );
    return EXIT.problems;
  }
  const clock = new SystemClock();
  clock.startNoEarlierThan(await store.latestInstant());
  const ports: Ports = { ...parts, store, clock, ids: sortableIds(clock) };
  const taken = await takeEmergency(ports, { workspace, email, via: `cli:${machineUser()}` }, asked);
  if (taken.kind === 'refused') {
    for (const { sentence, rule, code } of [taken.refusal, ...(taken.others ?? [])])
      terminal.err(`${sentence}${rule === undefined ? '' : `\nRule: ${rule}`}\nCode: ${code}\n`);
    return NOT_GIVEN;
  }
  if (taken.kind === 'replayed') throw new Error('the command line names no interaction');
  terminal.out(`${recorded(taken.request)}\n`);
  const grant = await giveNow(ports, taken.request.id, { patienceMs: PATIENCE_MS, pause: () => sleep(250) });
  if (grant?.status === 'active') {
    terminal.out(`Given, and seen at the target. It ends ${grant.endsAt}; the running Latchkey takes it away.\n`);
    return EXIT.ok;
  }
  if (grant?.failure !== undefined || grant?.status === 'revoking' || grant?.status === 'ended') {
    terminal.err(`It could not be given: ${grant.failure ?? 'it is over already.'}\n`);
    return NOT_GIVEN;
  }
  const failing = (await store.failingEffects(100)).find(
    ({ effect }) => 'grantId' in effect && effect.grantId === grant?.id,
  );
  const why = failing === undefined ? '' : ` The last attempt: ${failing.lastCode}, ${failing.lastSentence}`;
  terminal.err(`It is not given yet. The running Latchkey goes on trying until ${grant?.endsAt ?? 'its end'}.${why}\n`);
  return NOT_GIVEN;
}

const recorded = ({ id, access, requester, emergency: taken }: Omit<RequestState, 'version'>): string =>
  `Recorded as ${id}: ${requester.email} takes ${access} in an emergency. Its approvers and the audit channel are told as soon as Slack can be reached; a review is due by ${taken?.reviewBy ?? ''}.`;

async function withStore(config: Config, terminal: Terminal, work: (store: Store) => Promise<number>): Promise<number> {
  const { url, shown } = config.database;
  try {
    const store = await createStore({ url: url.reveal(), link });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    const problem = databaseProblem(error, shown);
    if (problem === undefined) throw error;
    terminal.err(`latchkey emergency: ${problem}\n`);
    return EXIT.problems;
  }
}

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** The command gives and says nothing: what is to be said waits for the process that serves Slack. */
const slackWaits = {
  post: () => Promise.reject(new MessengerError('retry', 'not-here', 'this command does not speak to Slack')),
  update: () => Promise.reject(new MessengerError('retry', 'not-here', 'this command does not speak to Slack')),
};
