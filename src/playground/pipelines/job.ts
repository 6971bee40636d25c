import type { PipelineLine } from '../browser/wire.ts';
import { type Answered, type Call, call, type Problem, type Reply } from './api-client.ts';

export interface Job {
  /** Where the product listens. */
  url: string;
  action: string;
  parameters: Readonly<Record<string, string>>;
  reason: string;
  /** A new one for each call: the clock may be moved ahead, and they do not last. */
  token(): Promise<string>;
  say(kind: PipelineLine['kind'], text: string): void;
  /** Whether somebody has pressed Cancel. */
  cancelled(): boolean;
  /** Resolves when it may be time to ask again. */
  turn(): Promise<void>;
  signal: AbortSignal;
}

/** Asks for the action, waits for the answer and uses it, as a job in CI does. True: it was told to go ahead. */
export async function runJob(job: Job): Promise<boolean> {
  const { action, parameters, reason, say } = job;
  say('command', commandLine(job));
  const path = `/api/v1/actions/${encodeURIComponent(action)}/requests`;
  const asked = await patiently(job, 'POST', path, { parameters, ...(reason === '' ? {} : { reason }) });
  if (asked === undefined) return false;
  const here = `/api/v1/requests/${encodeURIComponent(asked.id)}`;
  say('say', `Asked: ${asked.id}`);
  let now: Answered | undefined = asked;
  let told = '';
  while (now?.status === 'pending') {
    const waiting = waitingFor(now);
    if (waiting !== told) say('say', waiting);
    told = waiting;
    await job.turn();
    if (job.signal.aborted) return false;
    now = await (job.cancelled() ? patiently(job, 'POST', `${here}/cancel`) : patiently(job, 'GET', here));
  }
  if (now === undefined) return false;
  if (now.status !== 'approved') return over(job, now);
  say('good', approved(now));
  const used = await patiently(job, 'POST', `${here}/use`, { parameters });
  if (used === undefined) return false;
  say('good', 'Go ahead, once. This approval is used up now.');
  say('say', `A real pipeline would do its work here. This one does nothing but ask.`);
  return true;
}

/** The same in a terminal. NB. only shown, never run: it is quoted so that it could be. */
function commandLine({ action, parameters, reason }: Pick<Job, 'action' | 'parameters' | 'reason'>): string {
  const words = [
    ...Object.entries(parameters).map(([name, value]) => shellWord(`${name}=${value}`)),
    ...(reason === '' ? [] : ['--reason', shellWord(reason)]),
  ];
  return ['npx latchkey action', action, ...words, '--wait 1h'].join(' ');
}

const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** Asks until there is an answer. Undefined: it was refused, and the log says why; or the playground stops. */
async function patiently(
  job: Job,
  method: Call['method'],
  path: string,
  body?: unknown,
): Promise<Answered | undefined> {
  let told = '';
  let refusedTokens = 0;
  for (;;) {
    const reply: Reply = await call({
      url: `${job.url}${path}`,
      token: await job.token(),
      method,
      ...(body === undefined ? {} : { body }),
      signal: job.signal,
    });
    if (job.signal.aborted) return undefined;
    if (reply.kind === 'ok') return reply.body;
    // Somebody may have moved the clock on while the token was on its way: another is fresh.
    if (reply.kind === 'refused' && reply.problem.code === 'bad-token' && ++refusedTokens < 3) continue;
    if (reply.kind === 'refused') {
      for (const line of refusals(reply.problem)) job.say('bad', line);
      return undefined;
    }
    if (reply.why !== told) job.say('say', `${reply.why.replace(/\.$/, '')}. Trying again.`);
    told = reply.why;
    await job.turn();
    if (job.signal.aborted) return undefined;
  }
}

/** `others` are what else is wrong; what the first says is among them in some answers. */
function refusals({ code, detail, others }: Problem): string[] {
  return [...new Set([{ code, detail }, ...others].map((one) => `Refused (${one.code}): ${one.detail}`))];
}

/** `12:15 UTC`, with its day when it was not asked on that: jobs run on machines that are nowhere in particular. */
function utc(instant: string, { asked_at: asked = instant }: Answered): string {
  const day = instant.slice(0, 10);
  return `${instant.slice(11, 16)} UTC${day === asked.slice(0, 10) ? '' : ` on ${day}`}`;
}

function waitingFor(request: Answered): string {
  const { steps, lapses_at: lapsesAt } = request;
  const lapses = lapsesAt === undefined ? '' : ` It lapses at ${utc(lapsesAt, request)} if nobody answers.`;
  const index = steps.findIndex(({ need, approved_by: by }) => by.length < need);
  const step = steps[index];
  if (!step) return `Waiting for approval.${lapses}`;
  const by = steps.flatMap((one) => one.approved_by);
  const already = by.length === 0 ? '' : `Approved by ${by.join(', ')}. `;
  const where = steps.length > 1 ? ` (step ${index + 1} of ${steps.length})` : '';
  return `${already}Waiting for ${step.need - step.approved_by.length} of ${step.approvers.join(', ')}${where}.${lapses}`;
}

function approved(request: Answered): string {
  const { steps, decided_by: by, usable_until: until } = request;
  const people = [...new Set(steps.flatMap(({ approved_by }) => approved_by))];
  const who = people.length > 0 ? people.join(', ') : (by ?? 'its policy');
  return `Approved by ${who}${until === undefined ? '' : `, to be used by ${utc(until, request)}`}.`;
}

/** It came to an end without an approval. */
function over({ say }: Job, { status, decided_by: by, decision_reason: reason }: Answered): false {
  const why = reason === undefined || reason === '' ? '' : `: ${reason}`;
  if (status === 'denied') say('bad', `Denied${by === undefined ? '' : ` by ${by}`}${why}.`);
  else if (status === 'cancelled') say('bad', 'Withdrawn: nobody can approve it any more.');
  else if (status === 'lapsed') say('bad', 'Lapsed: nobody answered in time.');
  else if (status === 'unused') say('bad', 'The approval was not used in time, and is worth nothing any more.');
  else say('bad', `It is ${status}, so there is nothing to use.`);
  say('bad', 'Stopped: the pipeline may not go ahead.');
  return false;
}
