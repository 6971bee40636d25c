import type { OutboxSummary } from '../../src/app/ports/store.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import type { RequestState } from '../../src/domain/request.ts';
import { createMetrics, type Metrics } from '../../src/http/metrics.ts';

const base = { at: '2026-03-03T10:00:00.000Z', workspace: 'T1', actor: 'ada@example.com' };
const policy = { digest: 'd' };
const of = { requestId: 'req_1', access: 'prod-db-write' };
const ofGrant = { ...of, grantId: 'grt_1' };

const opened: DomainEvent = { ...base, type: 'RequestOpened', request: { id: 'req_1' } as RequestState };
const refused: DomainEvent = {
  ...base,
  type: 'RequestRefused',
  access: 'x',
  asked: {},
  code: 'not-eligible',
  sentence: 's',
  policy,
};
const vote: DomainEvent = {
  ...base,
  ...of,
  type: 'VoteCast',
  policy,
  vote: { voter: 'v', verdict: 'approve', step: 0, at: base.at },
};

async function lines(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(`latchkey_${name}`));
}

describe('metrics of committed events', () => {
  it('begin at 0, so that the first event is a rise', async () => {
    expect(await lines(createMetrics(), 'requests_total')).toEqual([
      'latchkey_requests_total{outcome="opened"} 0',
      'latchkey_requests_total{outcome="refused"} 0',
      'latchkey_requests_total{outcome="approved"} 0',
      'latchkey_requests_total{outcome="denied"} 0',
      'latchkey_requests_total{outcome="cancelled"} 0',
      'latchkey_requests_total{outcome="lapsed"} 0',
      'latchkey_requests_total{outcome="used"} 0',
      'latchkey_requests_total{outcome="unused"} 0',
    ]);
  });

  it('count requests by outcome, refusals by code and votes by verdict', async () => {
    const metrics = createMetrics();
    const grant = {} as never;
    metrics.observe([opened, opened, refused, vote]);
    metrics.observe([
      { ...base, type: 'CommandRefused', command: 'vote', code: 'own-request', sentence: 's' },
      { ...base, ...of, type: 'RequestApproved', openedAt: '2026-03-03T09:59:00.000Z', grant, policy },
      { ...base, ...of, type: 'RequestDenied', openedAt: '2026-03-03T09:00:00.000Z' },
      { ...base, ...of, type: 'RequestCancelled' },
      { ...base, ...of, type: 'RequestLapsed' },
      { ...base, type: 'PoliciesLoaded', policy, accesses: 3, actions: 0 },
    ]);
    expect(await lines(metrics, 'requests_total')).toEqual([
      'latchkey_requests_total{outcome="opened"} 2',
      'latchkey_requests_total{outcome="refused"} 1',
      'latchkey_requests_total{outcome="approved"} 1',
      'latchkey_requests_total{outcome="denied"} 1',
      'latchkey_requests_total{outcome="cancelled"} 1',
      'latchkey_requests_total{outcome="lapsed"} 1',
      'latchkey_requests_total{outcome="used"} 0',
      'latchkey_requests_total{outcome="unused"} 0',
    ]);
    expect(await lines(metrics, 'refusals_total')).toEqual([
      'latchkey_refusals_total{code="not-eligible"} 1',
      'latchkey_refusals_total{code="own-request"} 1',
    ]);
    expect(await lines(metrics, 'votes_total{verdict="approve"}')).toEqual([
      'latchkey_votes_total{verdict="approve"} 1',
    ]);
    expect(await lines(metrics, 'time_to_decision_seconds_sum')).toEqual([
      'latchkey_time_to_decision_seconds_sum 3660',
    ]);
    expect(await lines(metrics, 'time_to_decision_seconds_count')).toEqual([
      'latchkey_time_to_decision_seconds_count 2',
    ]);
  });

  it('count actions like accesses, and whether their approvals were used', async () => {
    const metrics = createMetrics();
    const approved = { openedAt: '2026-03-03T09:59:00.000Z', usableUntil: '2026-03-03T10:15:00.000Z', policy };
    metrics.observe([
      { ...base, ...of, type: 'ActionApproved', ...approved },
      { ...base, ...of, type: 'ActionApproved', ...approved },
      { ...base, ...of, type: 'ActionUsed', approvedAt: base.at, parameters: {}, policy },
      { ...base, ...of, type: 'ActionUnused', usableUntil: approved.usableUntil },
    ]);
    expect((await lines(metrics, 'requests_total')).filter((line) => !line.endsWith(' 0'))).toEqual([
      'latchkey_requests_total{outcome="approved"} 2',
      'latchkey_requests_total{outcome="used"} 1',
      'latchkey_requests_total{outcome="unused"} 1',
    ]);
    expect(await lines(metrics, 'time_to_decision_seconds_sum')).toEqual(['latchkey_time_to_decision_seconds_sum 120']);
  });

  it('measure how late access was given and taken', async () => {
    const metrics = createMetrics();
    metrics.observe([
      { ...base, ...ofGrant, type: 'GrantActivated', approvedAt: '2026-03-03T09:59:59.800Z' },
      { ...base, ...ofGrant, type: 'GrantEnded', reason: 'expired', dueAt: '2026-03-03T09:59:58.500Z' },
      // A replica whose clock is behind.
      { ...base, ...ofGrant, type: 'GrantEnded', reason: 'released', dueAt: '2026-03-03T10:00:00.005Z' },
    ]);
    expect(await lines(metrics, 'grant_lateness_seconds_sum')).toEqual(['latchkey_grant_lateness_seconds_sum 0.2']);
    expect(await lines(metrics, 'revocation_lateness_seconds_sum')).toEqual([
      'latchkey_revocation_lateness_seconds_sum 1.5',
    ]);
    expect(await lines(metrics, 'revocation_lateness_seconds_bucket{le="1"}')).toEqual([
      'latchkey_revocation_lateness_seconds_bucket{le="1"} 1',
    ]);
  });

  it('count what came of waiting', async () => {
    const metrics = createMetrics();
    const nudge = { ...base, ...of, step: 0, openedAt: '2026-03-03T09:00:00.000Z' };
    metrics.observe([
      { ...nudge, type: 'StepReminded' },
      { ...nudge, type: 'StepReminded' },
      { ...nudge, type: 'StepEscalated', to: [{ kind: 'everyone' }] },
    ]);
    expect(await lines(metrics, 'nudges_total')).toEqual([
      'latchkey_nudges_total{kind="reminder"} 2',
      'latchkey_nudges_total{kind="escalation"} 1',
    ]);
  });

  it('count failed effects by kind', async () => {
    const metrics = createMetrics();
    metrics.observe([
      { ...base, type: 'EffectFailed', effectId: 'e', kind: 'revoke', code: 'down', sentence: 's', attempt: 1 },
    ]);
    expect(await lines(metrics, 'effect_failures_total')).toEqual(['latchkey_effect_failures_total{kind="revoke"} 1']);
  });

  it('never name people, accesses or reasons', async () => {
    const metrics = createMetrics();
    metrics.observe([opened, refused, vote]);
    expect(await metrics.registry.metrics()).not.toMatch(/ada@|prod-db-write|req_1/);
  });

  it('include those of the process', async () => {
    expect(await createMetrics().registry.metrics()).toContain('process_resident_memory_bytes');
  });
});

describe('Slack errors', () => {
  it('are counted by method and code', async () => {
    const metrics = createMetrics();
    metrics.slackError('chat.postMessage', 'ratelimited');
    expect(await lines(metrics, 'slack_errors_total')).toEqual([
      'latchkey_slack_errors_total{method="chat.postMessage",code="ratelimited"} 1',
    ]);
  });

  it('cannot make more than a bounded number of series', async () => {
    const metrics = createMetrics();
    metrics.slackError('chat.postMessage', 'connect ECONNREFUSED 127.0.0.1:4010');
    for (let i = 0; i < 2_000; i += 1) metrics.slackError('chat.postMessage', `code_${i}`);
    const series = await lines(metrics, 'slack_errors_total');
    expect(series).toHaveLength(501);
    expect(series).toContain('latchkey_slack_errors_total{method="chat.postMessage",code="other"} 1');
    expect(series).toContain('latchkey_slack_errors_total{method="other",code="other"} 1501');
  });
});

describe('the outbox', () => {
  const now = () => '2026-03-03T10:00:00.000Z';

  it('is read once a scrape and shown by lane', async () => {
    const metrics = createMetrics();
    let reads = 0;
    let outbox: OutboxSummary[] = [{ lane: 'target', depth: 3, oldest: '2026-03-03T09:59:30.000Z', failing: 1 }];
    metrics.collectOutbox(async () => {
      reads += 1;
      return outbox;
    }, now);
    expect(await lines(metrics, 'outbox')).toEqual([
      'latchkey_outbox_depth{lane="slack"} 0',
      'latchkey_outbox_depth{lane="target"} 3',
      'latchkey_outbox_depth{lane="watch"} 0',
      'latchkey_outbox_oldest_seconds{lane="slack"} 0',
      'latchkey_outbox_oldest_seconds{lane="target"} 30',
      'latchkey_outbox_oldest_seconds{lane="watch"} 0',
      'latchkey_outbox_failing{lane="slack"} 0',
      'latchkey_outbox_failing{lane="target"} 1',
      'latchkey_outbox_failing{lane="watch"} 0',
      'latchkey_outbox_read_failures_total 0',
    ]);
    expect(reads).toBe(1);
    outbox = [];
    expect((await lines(metrics, 'outbox_depth'))[1]).toBe('latchkey_outbox_depth{lane="target"} 0');
    expect(reads).toBe(2);
  });

  it('is absent, not empty, when it cannot be read, and the rest is served', async () => {
    const metrics = createMetrics();
    let broken = false;
    metrics.collectOutbox(() => (broken ? Promise.reject(new Error('locked')) : Promise.resolve([])), now);
    expect(await lines(metrics, 'outbox')).toHaveLength(10);
    broken = true;
    expect(await lines(metrics, 'outbox')).toEqual(['latchkey_outbox_read_failures_total 1']);
    expect(await lines(metrics, 'requests_total')).toHaveLength(8);
    broken = false;
    expect(await lines(metrics, 'outbox')).toHaveLength(10);
  });
});

describe('the live sources of the directory', () => {
  it('are counted anew at each scrape', async () => {
    const metrics = createMetrics();
    let missing = 0;
    metrics.collectDirectory(() => ({ current: 3 - missing, missing, oldestMs: 61_500 }));
    expect(await lines(metrics, 'directory')).toEqual([
      'latchkey_directory_sources{state="current"} 3',
      'latchkey_directory_sources{state="missing"} 0',
      'latchkey_directory_oldest_seconds 61.5',
    ]);
    missing = 1;
    expect(await lines(metrics, 'directory_sources')).toEqual([
      'latchkey_directory_sources{state="current"} 2',
      'latchkey_directory_sources{state="missing"} 1',
    ]);
  });
});
