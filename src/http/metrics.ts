import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OutboxSummary } from '../app/ports/store.ts';
import { LANES } from '../domain/effects.ts';
import type { DomainEvent } from '../domain/events.ts';
import { between, type Instant } from '../domain/instant.ts';

export interface Metrics {
  registry: Registry;
  /** Counts events that are committed, each exactly once. */
  observe(events: readonly DomainEvent[]): void;
  /** One failed call to Slack: the Web API's method and its error code (`channel_not_found`). */
  slackError(method: string, code: string): void;
  /** One answer of the API for callers of actions. */
  apiAnswer(status: number): void;
  /** From now on, every scrape reads the outbox once. */
  collectOutbox(read: () => Promise<readonly OutboxSummary[]>, now: () => Instant): void;
  /** From now on, every scrape tells how the live sources of the directory are. */
  collectDirectory(read: () => DirectoryHealth): void;
  /** Reads how many rows were set aside at each scrape. */
  collectSetAside(read: () => Promise<number>): void;
}

/** Live sources of the directory: how many are relied on, how many not, and the age of the oldest reading. */
export interface DirectoryHealth {
  current: number;
  missing: number;
  oldestMs: number;
}

/** NB. Labels come from a few fixed words, never from people or policies, so their number is bounded; so are these. */
const MOST_SLACK_ERRORS = 500;

const MINUTES_TO_DAYS = [10, 30, 60, 300, 900, 1_800, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800];
const LATENESS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 1_800, 3_600, 86_400];

/** What Prometheus sees. A registry of its own, so that two servers in one process do not count into one another. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `latchkey_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `latchkey_${name}`, help, buckets, registers });
  const gauge = (name: string, help: string, collect: () => Promise<void>) =>
    new Gauge({ name: `latchkey_${name}`, help, labelNames: ['lane'], registers, collect });

  const requests = counter('requests_total', 'Requests, by what became of them.', ['outcome']);
  const refusals = counter('refusals_total', 'Refused requests and commands, by the refusal code.', ['code']);
  const votes = counter('votes_total', 'Recorded votes, those of policies included.', ['verdict']);
  const nudges = counter('nudges_total', 'Steps that were not filled in time, by what came of it.', ['kind']);
  const delegations = counter('delegations_total', 'Votes that were handed over, and why that ended.', ['change']);
  const decision = histogram(
    'time_to_decision_seconds',
    'From the request to its approval or denial.',
    MINUTES_TO_DAYS,
  );
  const granting = histogram('grant_lateness_seconds', 'From the approval to access seen at every target.', LATENESS);
  const revoking = histogram(
    'revocation_lateness_seconds',
    'From the moment a grant was due to end to its permissions seen gone at every target.',
    LATENESS,
  );
  const failures = counter(
    'effect_failures_total',
    'Failed attempts at outside work as the audit log has them: the first, each new code, each doubling.',
    ['kind'],
  );
  const apiAnswers = counter('api_answers_total', 'Answers of the API for callers of actions.', ['status']);
  const slackErrors = counter('slack_errors_total', 'Failed calls to Slack.', ['method', 'code']);
  for (const outcome of ['opened', 'refused', 'approved', 'denied', 'cancelled', 'lapsed', 'used', 'unused'])
    requests.inc({ outcome }, 0);
  for (const verdict of ['approve', 'deny']) votes.inc({ verdict }, 0);
  for (const kind of ['reminder', 'escalation']) nudges.inc({ kind }, 0);
  for (const change of ['handed', 'time', 'person', 'replaced']) delegations.inc({ change }, 0);

  function observe(event: DomainEvent): void {
    switch (event.type) {
      case 'RequestOpened':
        requests.inc({ outcome: 'opened' });
        break;
      case 'EmergencyTaken':
        requests.inc({ outcome: 'emergency' });
        break;
      case 'RequestRefused':
        requests.inc({ outcome: 'refused' });
        refusals.inc({ code: event.code });
        break;
      case 'CommandRefused':
        refusals.inc({ code: event.code });
        break;
      case 'VoteCast':
        votes.inc({ verdict: event.vote.verdict });
        break;
      case 'StepReminded':
        nudges.inc({ kind: 'reminder' });
        break;
      case 'StepEscalated':
        nudges.inc({ kind: 'escalation' });
        break;
      case 'DelegationSet':
        delegations.inc({ change: 'handed' });
        break;
      case 'DelegationEnded':
        delegations.inc({ change: event.because });
        break;
      case 'RequestApproved':
        requests.inc({ outcome: 'approved' });
        decision.observe(secondsBetween(event.openedAt, event.at));
        break;
      case 'ActionApproved':
        requests.inc({ outcome: 'approved' });
        decision.observe(secondsBetween(event.openedAt, event.at));
        break;
      case 'ActionUsed':
        requests.inc({ outcome: 'used' });
        break;
      case 'ActionUnused':
        requests.inc({ outcome: 'unused' });
        break;
      case 'GrantExtended':
        requests.inc({ outcome: 'extended' });
        decision.observe(secondsBetween(event.openedAt, event.at));
        break;
      case 'RequestDenied':
        requests.inc({ outcome: 'denied' });
        decision.observe(secondsBetween(event.openedAt, event.at));
        break;
      case 'RequestCancelled':
        requests.inc({ outcome: 'cancelled' });
        break;
      case 'RequestLapsed':
        requests.inc({ outcome: 'lapsed' });
        break;
      case 'GrantActivated':
        granting.observe(secondsBetween(event.approvedAt, event.at));
        break;
      case 'GrantEnded':
        revoking.observe(secondsBetween(event.dueAt, event.at));
        break;
      case 'EffectFailed':
        failures.inc({ kind: event.kind });
        break;
      default:
        break;
    }
  }

  const seenSlackErrors = new Set<string>();
  function slackError(method: string, code: string): void {
    const labels = { method: word(method), code: word(code) };
    const key = `${labels.method} ${labels.code}`;
    if (seenSlackErrors.size < MOST_SLACK_ERRORS) seenSlackErrors.add(key);
    slackErrors.inc(seenSlackErrors.has(key) ? labels : { method: 'other', code: 'other' });
  }

  function collectOutbox(read: () => Promise<readonly OutboxSummary[]>, now: () => Instant): void {
    // The three gauges are collected at the same time and share one reading.
    let reading: Promise<void> | undefined;
    const collect = () => {
      reading ??= refresh().finally(() => {
        reading = undefined;
      });
      return reading;
    };
    const depth = gauge('outbox_depth', 'Effects not finished.', collect);
    const oldest = gauge('outbox_oldest_seconds', 'For how long the oldest unfinished effect has been due.', collect);
    const failing = gauge('outbox_failing', 'Unfinished effects that have failed at least once.', collect);
    const unread = new Counter({
      name: 'latchkey_outbox_read_failures_total',
      help: 'Scrapes at which the outbox could not be read; its gauges are absent then.',
      registers,
    });

    async function refresh(): Promise<void> {
      let summaries: readonly OutboxSummary[];
      try {
        summaries = await read();
      } catch {
        // Absent, not 0: nobody knows. The other metrics are still served, and this one is counted.
        for (const each of [depth, oldest, failing]) each.reset();
        unread.inc();
        return;
      }
      for (const lane of LANES) {
        const summary = summaries.find((one) => one.lane === lane);
        depth.set({ lane }, summary?.depth ?? 0);
        oldest.set({ lane }, summary?.oldest === undefined ? 0 : secondsBetween(summary.oldest, now()));
        failing.set({ lane }, summary?.failing ?? 0);
      }
    }
  }

  function collectDirectory(read: () => DirectoryHealth): void {
    new Gauge({
      name: 'latchkey_directory_sources',
      help: 'Live sources of the directory; for what only a missing one knows, everybody is refused.',
      labelNames: ['state'],
      registers,
      collect() {
        const { current, missing } = read();
        this.set({ state: 'current' }, current);
        this.set({ state: 'missing' }, missing);
      },
    });
    new Gauge({
      name: 'latchkey_directory_oldest_seconds',
      help: 'The age of the oldest reading of a live source of the directory.',
      registers,
      collect() {
        this.set(read().oldestMs / 1_000);
      },
    });
  }

  function collectSetAside(read: () => Promise<number>): void {
    new Gauge({
      name: 'latchkey_rows_set_aside',
      help: 'Rows that cannot be read and were set aside.',
      registers,
      async collect() {
        // Absent, not 0: nobody knows.
        const count = await read().catch(() => undefined);
        if (count === undefined) this.remove();
        else this.set(count);
      },
    });
  }

  return {
    registry,
    observe: (events) => events.forEach(observe),
    slackError,
    apiAnswer: (status) => apiAnswers.inc({ status: String(status) }),
    collectOutbox,
    collectDirectory,
    collectSetAside,
  };
}

/** Never below 0: clocks of two replicas differ by a little, and a sum that falls looks like a restart to Prometheus. */
const secondsBetween = (from: Instant, to: Instant): number => Math.max(0, between(from, to) / 1_000);

const word = (text: string): string => (/^[\w.-]{1,64}$/.test(text) ? text : 'other');
