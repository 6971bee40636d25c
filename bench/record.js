import { createHash, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { startHelper } from './support/children.js';
import { median, ms, rounded } from './support/numbers.js';
import { ACCESSES, workspaceIn } from './support/served.js';
import { accessOf, emailOf, SCIM_URL, slackOf, TEAM, titleOf } from './support/workspace.js';

/** @typedef {import('./support/result.js').Result} Result */
/** What a request writes, as `bench/processes/direct-writes.js` is told: dates are text between processes. @typedef {{ request: any, interaction: any, entry: any, effects: any[] }} Rows */

const CALLERS = 50;
const COUNT = 2_000;
const WARM_UP = 300;
const ROUNDS = 3;

/**
 * Fifty people who ask as fast as they are acknowledged: how many requests a second are wholly recorded, against the same
 * rows written by Prisma alone.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function record({ folder, database, say }) {
  const workspace = await workspaceIn(folder);

  /** @param {string} databaseUrl */
  const product = async (databaseUrl) => {
    const running = await workspace.serve(databaseUrl);
    await running.ask({ callers: CALLERS, count: WARM_UP });
    await running.recorded(WARM_UP);
    const begun = performance.now();
    const times = await running.ask({ callers: CALLERS, count: COUNT });
    await running.recorded(WARM_UP + COUNT);
    const seconds = (performance.now() - begun) / 1_000;
    await running.stop();
    return { perSecond: COUNT / seconds, worst: Math.max(...times) };
  };

  /** @param {string} databaseUrl */
  const direct = async (databaseUrl) => {
    const writer = await startHelper('direct-writes.js', databaseUrl);
    const rows = Array.from({ length: WARM_UP + COUNT }, (_, index) => rowsOf(index));
    await writer.ask({ callers: CALLERS, rows: rows.slice(0, WARM_UP) });
    const { seconds } = await writer.ask({ callers: CALLERS, rows: rows.slice(WARM_UP) });
    await writer.stop();
    return { perSecond: COUNT / seconds, worst: 0 };
  };

  /** @type {Result[]} */
  const results = [];
  for (const kind of /** @type {const} */ (['SQLite', 'Postgres'])) {
    /** @type {{ direct: Awaited<ReturnType<typeof direct>>[], product: Awaited<ReturnType<typeof product>>[] }} */
    const figures = { direct: [], product: [] };
    for (let number = 1; number <= ROUNDS; number++) {
      say(`round ${number} of ${ROUNDS}, ${kind}`);
      figures.direct.push(await direct(await database(kind)));
      figures.product.push(await product(await database(kind)));
    }
    const speed = (/** @type {keyof typeof figures} */ side) => median(figures[side].map(({ perSecond }) => perSecond));
    const worst = Math.max(...figures.product.map((each) => each.worst));
    results.push(
      {
        bench: 'record',
        what: `requests recorded by ${CALLERS} callers, against Prisma alone, ${kind}`,
        value: rounded(speed('product') / speed('direct')),
        unit: '×',
        least: 0.4,
        seen: `${rounded(speed('product'))} a second`,
        baseline: `${rounded(speed('direct'))} a second`,
        rounds: figures,
      },
      {
        bench: 'record',
        what: `slowest ack meanwhile, ${kind}`,
        value: rounded(worst),
        unit: 'ms',
        most: 3_000,
        seen: `worst of ${ROUNDS * COUNT}: ${ms(worst)}`,
      },
    );
  }
  await workspace.stop();
  return results;
}

/** The rows that the product writes for one request, with values as long as its own. @param {number} index @returns {Rows} */
function rowsOf(index) {
  const now = new Date();
  const lapsesAt = new Date(now.getTime() + 8 * 3_600_000);
  const id = (/** @type {string} */ prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`;
  const person = Math.floor(index / ACCESSES);
  const access = accessOf(index % ACCESSES);
  const hash = createHash('sha256').update(String(index)).digest('hex');
  const flow = JSON.stringify({
    name: 'one',
    autoApprove: false,
    steps: [{ approvers: [{ kind: 'group', name: 'approvers' }], need: 1 }],
    timeoutMs: 28_800_000,
  });
  const entitlements = JSON.stringify([
    {
      key: `["${SCIM_URL}",[["group","group-${access}"]],"${emailOf(person)}"]`,
      target: 'directory',
      system: SCIM_URL,
      provider: 'scim-group',
      permission: { group: `group-${access}` },
      account: emailOf(person),
      label: `group group-${access}`,
    },
  ]);
  const request = {
    id: id('req'),
    workspace: TEAM,
    access,
    title: titleOf(index % ACCESSES),
    requesterEmail: emailOf(person),
    requesterSlack: slackOf(person),
    durationMs: 1_800_000,
    reason: `INC-${index} slow queries on the replica`,
    fields: '{}',
    status: 'pending',
    policyDigest: hash,
    flow,
    entitlements,
    channel: '#ask-00000',
    openedAt: now,
    lapsesAt,
    reviewLate: false,
    parametersKey: '',
    version: 1,
  };
  const body = JSON.stringify({
    event: {
      type: 'RequestOpened',
      actor: emailOf(person),
      at: now,
      workspace: TEAM,
      request: { ...request, flow: JSON.parse(flow), entitlements: JSON.parse(entitlements), votes: [] },
    },
    prev: hash,
    seq: index,
  });
  const payload = JSON.stringify({ kind: 'announce', requestId: request.id, place: { channel: '#ask-00000' } });
  return {
    request,
    interaction: { workspace: TEAM, key: `${index}.${process.pid}.${now.getTime()}`, seenAt: now },
    entry: { workspace: TEAM, at: now, type: 'RequestOpened', body, prev: hash, hash },
    effects: [
      {
        id: id('eff'),
        workspace: TEAM,
        lane: 'slack',
        orderKey: `request:${request.id}`,
        kind: 'announce',
        payload,
        status: 'pending',
        runAt: now,
        createdAt: now,
        attempt: 0,
        failures: 0,
      },
    ],
  };
}
