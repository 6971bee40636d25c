import type { Effect, EffectOf, Place } from '../domain/effects.ts';
import type { DomainEvent } from '../domain/events.ts';
import { plus } from '../domain/instant.ts';
import { flowNow } from '../domain/nudge.ts';
import { tally } from '../domain/tally.ts';
import { commit } from './commit.ts';
import { readDigest } from './digest.ts';
import { type EffectRun, finish, isOwn } from './effect-run.ts';
import type { Message, RequestView } from './messages.ts';
import type { Ports } from './ports/index.ts';
import { MessengerError, type Posted } from './ports/messenger.ts';
import type { Posting } from './ports/store.ts';
import { approverPlaces, requestFacts } from './request-facts.ts';
import { requestView } from './request-view.ts';
import { isSo, storyLine } from './story.ts';

/** Slack's clock and ours may differ by this much when we look for an earlier post. */
const CLOCK_DIFFERENCE_MS = 5 * 60_000;

/** Posts the approver message at one place. A channel that cannot be posted to falls back to direct messages. */
export async function runAnnounce(ports: Ports, run: EffectRun, effect: EffectOf<'announce'>): Promise<void> {
  const view = await viewOf(ports, run, effect.requestId);
  if (!view) return finish(ports, run);
  const saved = await ports.store.postings(effect.requestId);
  // NB. a second attempt whose posting is already saved must not post again.
  if (saved.some((posting) => posting.id === postingId(run))) return finish(ports, run);
  try {
    const posted = await post(ports, run, effect.place, { kind: 'approvers', view });
    await keep(ports, run, effect.requestId, 'approvers', posted);
  } catch (error) {
    if (error instanceof MessengerError && error.kind === 'give-up' && 'channel' in effect.place) {
      await askDirectly(ports, run, effect.requestId, error.code);
    }
    throw error;
  }
}

/** NB. the new effects take the old one's place in one transaction: after a crash nobody is asked twice. */
async function askDirectly(ports: Ports, run: EffectRun, requestId: string, code: string): Promise<void> {
  await ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    if (!(await tx.finishEffect(run.stored.id, run.claim, now))) return;
    const request = await tx.request(requestId);
    if (request?.status !== 'pending' || request.channel === undefined) return;
    const { open } = tally(flowNow(request), request.votes, requestFacts(ports, request, now).eligible);
    const places = approverPlaces(ports.policies.current(), request, open);
    const { workspace, access, channel } = request;
    const base = { at: now, workspace, actor: 'latchkey', requestId, access };
    // Those of the steps behind it have the channel as little: the request itself says from now on that it has none.
    const events: DomainEvent[] = [{ ...base, type: 'ApproversAskedDirectly', channel, code }];
    const effects = places.map((place): Effect => ({ kind: 'announce', requestId, place }));
    await commit(ports, tx, { workspace, now }, { request }, { events, effects });
  });
}

/** Rebuilds every copy from the database; a copy that already shows it is left alone. */
export async function runRefresh(ports: Ports, run: EffectRun, effect: EffectOf<'refresh'>): Promise<void> {
  const view = await viewOf(ports, run, effect.requestId);
  if (!view) return finish(ports, run);
  let failure: MessengerError | undefined;
  for (const posting of await ports.store.postings(effect.requestId)) {
    // What is done is saved and costs the next attempt nothing, so that it gets on however many copies there are.
    if (run.signal.aborted) throw new MessengerError('wait', 'more-copies', 'more copies than one attempt can do', 0);
    try {
      const shown = await ports.messenger.update(posting, { kind: posting.role, view });
      if (shown === posting.shown) continue;
      await ports.store.transaction((tx) => tx.savePosting({ ...posting, shown }, ports.clock.now()));
    } catch (error) {
      // A deleted message must not keep the others from being rebuilt. What can be tried again decides in the end.
      if (!(error instanceof MessengerError)) throw error;
      if (failure === undefined || failure.kind === 'give-up') failure = error;
    }
  }
  if (failure) throw failure;
  await finish(ports, run);
}

/** Adds one line to the thread of every copy of the approver message. */
export async function runStory(ports: Ports, run: EffectRun, effect: EffectOf<'story'>): Promise<void> {
  const view = await viewOf(ports, run, effect.requestId);
  const line = view && storyLine(view, effect.beat, effect);
  if (!view || !line) return finish(ports, run);
  const copies = (await ports.store.postings(effect.requestId)).filter(({ role }) => role === 'approvers');
  if (copies.length > 1 && effect.posting === undefined) return oneStoryEach(ports, run, effect, copies);
  const copy = copies.find(({ id }) => id === (effect.posting ?? id));
  if (copy) await post(ports, run, { channel: copy.channel }, { kind: 'story', view, line }, copy.ts);
  await finish(ports, run);
}

/** An effect for each copy: however many there are, each is one post with its own deadline, key and attempts. */
async function oneStoryEach(
  ports: Ports,
  run: EffectRun,
  effect: EffectOf<'story'>,
  copies: readonly Posting[],
): Promise<void> {
  await ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    if (!(await tx.finishEffect(run.stored.id, run.claim, now))) return;
    const effects = copies.map(({ id: posting }) => ({
      id: ports.ids.next('eff'),
      effect: { ...effect, posting },
      runAt: now,
    }));
    await tx.write(run.stored.workspace, now, { events: [], effects });
  });
}

/** Tells the requester the outcome, in a direct message. The one about an active grant keeps being rebuilt. */
export async function runTellRequester(
  ports: Ports,
  run: EffectRun,
  effect: EffectOf<'tell-requester'>,
): Promise<void> {
  const view = await viewOf(ports, run, effect.requestId);
  if (!view) return finish(ports, run);
  // Invariant 6: what the state does not hold is not said.
  if (!isSo(view, effect.news)) return finish(ports, run);
  // A caller of an action is nobody in Slack: it comes for the answer itself.
  if (view.request.action) return finish(ports, run);
  const place = { person: view.request.requester.slack };
  if (effect.news === 'ending') return warn(ports, run, view);
  if (effect.news !== 'active') {
    await post(ports, run, place, { kind: 'news', view, news: effect.news });
    return finish(ports, run);
  }
  const posted = await post(ports, run, place, { kind: 'requester', view });
  await keep(ports, run, effect.requestId, 'requester', posted);
}

/** Warns of the end, unless it came or moved meanwhile: after a long silence of Slack that would be no warning. */
async function warn(ports: Ports, run: EffectRun, view: RequestView): Promise<void> {
  const { request, grant } = view;
  if (grant?.status !== 'active' || grant.warnAt !== undefined || ports.clock.now() >= grant.endsAt) {
    return finish(ports, run);
  }
  const posted = await post(ports, run, { person: grant.person.slack }, { kind: 'warning', view });
  await keep(ports, run, request.id, 'warning', posted);
}

/** Tells one of the two people of a delegation about it. */
export async function runTellDelegation(
  ports: Ports,
  run: EffectRun,
  { to, news, delegator, delegate, until }: EffectOf<'tell-delegation'>,
): Promise<void> {
  await post(ports, run, { person: to }, { kind: 'delegation', news, delegator, delegate, until });
  await finish(ports, run);
}

/** Tells the audit channel of a revocation that keeps failing. */
export async function runAlarm(ports: Ports, run: EffectRun, effect: EffectOf<'alarm'>): Promise<void> {
  const view = await viewOf(ports, run, effect.requestId);
  const channel = ports.policies.current().settings.digest?.channel;
  const line = view && storyLine(view, 'late', effect);
  if (view && line && channel !== undefined) await post(ports, run, { channel }, { kind: 'alarm', view, line });
  await finish(ports, run);
}

export async function runDigest(ports: Ports, run: EffectRun, effect: EffectOf<'digest'>): Promise<void> {
  const channel = ports.policies.current().settings.digest?.channel;
  if (channel !== undefined) {
    const digest = await readDigest(ports, run.stored.workspace, effect);
    await post(ports, run, { channel }, { kind: 'digest', digest });
  }
  await finish(ports, run);
}

/** NB. nothing is said of a request of another workspace, or what was edited in the outbox would be said in the wrong one. */
async function viewOf(ports: Ports, run: EffectRun, requestId: string): Promise<RequestView | undefined> {
  const view = await requestView(ports, requestId);
  return view && isOwn(ports, run, view.request) ? view : undefined;
}

function post(ports: Ports, run: EffectRun, place: Place, message: Message, thread?: string): Promise<Posted> {
  const { stored } = run;
  return ports.messenger.post({
    place,
    message,
    key: stored.id,
    ...(thread === undefined ? {} : { thread }),
    // The reply to an earlier attempt may have been lost after Slack had posted: look first.
    ...(stored.attempt > 1 ? { lookSince: plus(stored.createdAt, -CLOCK_DIFFERENCE_MS) } : {}),
    // NB. a process that was stopped while it waited for its turn wakes when another has looked, and posted already.
    mayPost: () => ports.clock.now() < run.until,
  });
}

const postingId = (run: EffectRun): string => run.stored.id;

/** Remembers where a copy is and ends the effect; then lets it be rebuilt, should the state have moved on meanwhile. */
async function keep(
  ports: Ports,
  run: EffectRun,
  requestId: string,
  role: Posting['role'],
  posted: Posted,
): Promise<void> {
  const { workspace } = run.stored;
  await ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    if (!(await tx.finishEffect(run.stored.id, run.claim, now))) return;
    await tx.savePosting({ id: postingId(run), workspace, requestId, role, ...posted }, now);
    if (role === 'approvers') return; // A refresh of an approver copy waits in the same order, behind this effect.
    const refresh = { id: ports.ids.next('eff'), effect: { kind: 'refresh' as const, requestId }, runAt: now };
    await tx.write(workspace, now, { events: [], effects: [refresh] });
  });
}
