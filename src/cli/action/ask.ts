import { formatDuration } from '../../domain/duration.ts';
import { printable } from '../../policy/printable.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import type { Answered, ApiClient, Problem, Reply } from './api-client.ts';
import type { ActionCommand } from './read-command.ts';

/** Exit code: there is no approval. Refused, denied, withdrawn, or nobody answered in time. */
const NOT_APPROVED = 3;
/** Exit code: the approval is used up, and whether by this call cannot be told. */
const UNCERTAIN = 4;

/** Between two looks, unless Latchkey says otherwise. */
const POLL_MS = 5_000;
/** A lost answer is asked for again after this. */
const SOON_MS = 500;
/** So long without any answer, and nobody is asked any more. */
const SILENCE_MS = 5 * 60_000;

interface World {
  api: ApiClient;
  terminal: Terminal;
  /** Milliseconds of a counter that only goes forwards. */
  now(): number;
  /** Ends early when it is interrupted. */
  pause(ms: number): Promise<void>;
  interrupted: AbortSignal;
}

/** Asks, waits, and uses the approval. The number is the exit code; 0: go ahead. */
export async function ask(command: ActionCommand, world: World): Promise<number> {
  const until = world.now() + command.waitMs;
  const { action, parameters, reason } = command;
  const body = { parameters, ...(reason === undefined ? {} : { reason }) };
  // Whoever asks again for the same while it is pending is given the same request: a lost answer costs nothing.
  const asked = await insist(world, until, () => world.api.ask(action, body));
  if (asked.kind !== 'told') return end(command, world, asked);
  const waited = await waitFor(command, world, until, asked.request);
  if (waited.kind !== 'told' || waited.request.status !== 'approved') return end(command, world, waited);
  return use(command, world, waited.request);
}

type Settled = Exclude<Reply, { kind: 'silent' }> | { kind: 'silent'; why: string };

/** Calls until there is an answer, it is interrupted, or there was none for too long. */
async function insist(world: World, until: number, call: () => Promise<Reply>): Promise<Settled> {
  const late = Math.min(until, world.now() + SILENCE_MS);
  let said = '';
  // Soon at first: what is approved by the time it is asked again would be asked of people twice.
  for (let pauseMs = SOON_MS; ; pauseMs = Math.min(POLL_MS, 2 * pauseMs)) {
    const reply = await call();
    if (reply.kind !== 'silent') return reply;
    if (world.interrupted.aborted || world.now() >= late) return reply;
    if (reply.why !== said) world.terminal.err(`${ended(reply.why)} Trying again.\n`);
    said = reply.why;
    await world.pause(Math.min(reply.retryAfterMs ?? pauseMs, Math.max(0, late - world.now())));
  }
}

/** Looks until it is decided. Who gives up withdraws: an approval that nobody waits for should not be given. */
async function waitFor(command: ActionCommand, world: World, until: number, asked: Answered): Promise<Settled> {
  let request = asked;
  for (let said = ''; request.status === 'pending'; ) {
    const waiting = waitingFor(request);
    if (waiting !== said) world.terminal.err(`${waiting}\n`);
    said = waiting;
    if (world.interrupted.aborted || world.now() >= until) return withdraw(command, world, request);
    await world.pause(Math.min(POLL_MS, Math.max(0, until - world.now())));
    if (world.interrupted.aborted) continue;
    // Beyond the end of the waiting, as an answer may be lost just then.
    const looked = await insist(world, world.now() + SILENCE_MS, () => world.api.look(request.id));
    if (looked.kind !== 'told') return looked;
    request = looked.request;
  }
  return { kind: 'told', request };
}

async function withdraw(
  { waitMs }: ActionCommand,
  { api, terminal, interrupted }: World,
  { id }: Answered,
): Promise<Settled> {
  terminal.err(
    `${interrupted.aborted ? 'Interrupted' : `Nobody answered within ${formatDuration(waitMs)}`}: withdrawing the request.\n`,
  );
  return api.cancel(id);
}

/**
 * Uses the approval. NB. exactly once: an answer that was lost is looked up, and when the approval is used up by then this call
 * does not go ahead, for it may have been another one of the same caller.
 */
async function use(command: ActionCommand, world: World, approved: Answered): Promise<number> {
  const { api, terminal, interrupted } = world;
  const { id } = approved;
  for (let tries = 0; tries < 20; tries++) {
    if (interrupted.aborted) return stopped(world, 'the approval is not used');
    const used = await api.use(id, command.parameters);
    // NB. whoever pressed Ctrl-C meanwhile wants nothing of what stands behind `&&`.
    if (used.kind === 'told' && interrupted.aborted) return stopped(world, 'the approval is used up. Do not go ahead');
    if (used.kind === 'told') return goAhead(command, world, used.request);
    if (used.kind !== 'silent') {
      // Refused as used up, after a call whose answer was lost: perhaps it was that one.
      return tries > 0 && used.kind === 'refused' && used.problem.code === 'already-used'
        ? uncertain(command, world, used)
        : end(command, world, used);
    }
    terminal.err(`${ended(used.why)} Whether the approval is used is looked up.\n`);
    const looked = await insist(world, world.now() + SILENCE_MS, () => api.look(id));
    if (looked.kind !== 'told')
      return looked.kind === 'silent' ? uncertain(command, world, looked) : end(command, world, looked);
    if (looked.request.status === 'used') return uncertain(command, world, looked);
    if (looked.request.status !== 'approved') return end(command, world, looked);
    await world.pause(used.retryAfterMs ?? 1_000);
  }
  return end(command, world, { kind: 'silent', why: 'The approval could not be used' });
}

function stopped({ terminal }: World, what: string): number {
  terminal.err(`Interrupted: ${what}.\n`);
  return NOT_APPROVED;
}

function goAhead({ action, json }: ActionCommand, { terminal }: World, request: Answered): number {
  if (json) terminal.out(asJson(request));
  else terminal.out(`Go ahead, once: ${action} is approved${by(request)}, and the approval is used now.\n`);
  return EXIT.ok;
}

function uncertain({ json }: ActionCommand, { terminal }: World, reply: Settled): number {
  if (json) terminal.out(asJson(bodyOf(reply)));
  terminal.err(
    'Do not go ahead: the answer was lost, and the approval is or may be used up. Whether by this call or by another one of the same caller cannot be told. Ask anew.\n',
  );
  return UNCERTAIN;
}

/** Says why it ends without an approval. */
function end({ json }: ActionCommand, { terminal }: World, reply: Settled): number {
  if (json) terminal.out(asJson(bodyOf(reply)));
  if (reply.kind === 'told') terminal.err(`${over(reply.request)}\n`);
  else if (reply.kind === 'refused') terminal.err(refusals(reply.problem));
  else terminal.err(`${ended(reply.why)}\n`);
  return reply.kind === 'told' || reply.kind === 'refused' ? NOT_APPROVED : EXIT.problems;
}

/** Some of these are sentences of Latchkey's, and some are words of ours. */
const ended = (why: string): string => `${printable(why).replace(/\.$/, '')}.`;

/** NB. what is written out for a log is the same for whoever reads the JSON: `\u0023` there is `#`. */
const asJson = (value: object): string => `${printable(JSON.stringify(value))}\n`;

const bodyOf = (reply: Settled): object =>
  reply.kind === 'told' ? reply.request : reply.kind === 'refused' ? reply.problem : { error: reply.why };

const refusals = ({ others = [], ...first }: Problem): string =>
  [first, ...others]
    .map(
      ({ code, detail, rule }) =>
        `${printable(detail)}\n${rule === undefined ? '' : `Rule: ${printable(rule)}\n`}Code: ${printable(code)}\n`,
    )
    .join('');

function over(request: Answered): string {
  const { id, status, decision_reason: why } = request;
  switch (status) {
    case 'denied':
      return `Denied${by(request)}${why === undefined ? '.' : `: ${printable(why)}`}`;
    case 'cancelled':
      return `Request ${printable(id)} was withdrawn.`;
    case 'lapsed':
      return 'Nobody answered in time, so the request has lapsed.';
    case 'unused':
      return 'The approval was not used in time.';
    case 'used':
      return 'The approval was used by another call of the same caller.';
    default:
      return `The request is ${status}.`;
  }
}

const by = ({ decided_by: who }: Answered): string => (who === undefined ? '' : ` by ${printable(who)}`);

function waitingFor({ id, steps, lapses_at: until }: Answered): string {
  const open = steps.find(({ need, approved_by: seats }) => seats.length < need);
  const whom =
    open === undefined
      ? 'approval'
      : `${open.need} of ${open.approvers.join(', ')}${open.approved_by.length === 0 ? '' : `, ${open.approved_by.length} approved`}`;
  return printable(`Request ${id} waits for ${whom}, until ${until}.`);
}
