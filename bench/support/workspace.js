import { createHmac } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The workspace of the benchmarks: whom it has, what they may ask for, and how Slack would send it. */
export const TEAM = 'T0BENCH';
export const BOT_TOKEN = 'xoxb-benchmarks';
export const SIGNING_SECRET = 'signing-secret-of-the-benchmarks';
/** Where nothing listens: for what gives nothing. */
export const SCIM_URL = 'http://127.0.0.1:9/scim/v2';
export const SCIM_TOKEN = 'scim-token-of-the-benchmarks';

/** @param {number} index */
const digits = (index) => String(index).padStart(5, '0');
/** @param {number} index */
export const emailOf = (index) => `p${digits(index)}@example.com`;
/** @param {number} index */
export const slackOf = (index) => `U0P${digits(index)}`;
/** @param {number} index */
export const accessOf = (index) => `access-${digits(index)}`;
/** @param {number} index */
export const channelOf = (index) => `ask-${digits(index)}`;
/** Asks for nothing, approves everything. */
export const APPROVER = { email: 'approver@example.com', slack: 'U0APPROVER' };

const WORDS = [
  'Production',
  'Staging',
  'Billing',
  'Warehouse',
  'Search',
  'Payments',
  'Mail',
  'Ledger',
  'Queue',
  'Edge',
];
const DUTIES = ['read only', 'write', 'operate', 'debug', 'export'];

/** @param {number} index */
export const titleOf = (index) =>
  `${WORDS[index % 10]} ${Math.floor(index / 50)}, ${DUTIES[Math.floor(index / 10) % 5]}`;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Documents a file: no policy owner keeps ten thousand in one. */
const DOCUMENTS = 250;

/**
 * A folder of policies in which each of the people may ask for each of the accesses, and one person approves. Each access
 * has its own channel, for one channel takes only a message a second.
 *
 * @param {string} folder
 * @param {{ people: number, accesses: number, scimUrl?: string, autoApprove?: boolean, digest?: boolean }} size
 */
export async function writePolicies(folder, { people, accesses, scimUrl = SCIM_URL, autoApprove, digest }) {
  await mkdir(folder, { recursive: true });
  const indices = (/** @type {number} */ count) => Array.from({ length: count }, (_, index) => index);
  /** @type {[string, object[]][]} */
  const files = [
    [
      'settings',
      [
        {
          kind: 'settings',
          timezone: 'Etc/UTC',
          ...(digest && { digest: { channel: '#audit', at: '00:00', days: DAYS } }),
        },
      ],
    ],
    [
      'targets',
      [
        {
          kind: 'targets',
          targets: { directory: { provider: 'scim-group', url: scimUrl, token: '${env:SCIM_TOKEN}' } },
        },
      ],
    ],
    [
      'directory',
      [
        {
          kind: 'directory',
          people: [APPROVER, ...indices(people).map((index) => ({ email: emailOf(index), slack: slackOf(index) }))],
          groups: { engineers: indices(people).map(emailOf), approvers: [APPROVER.email] },
        },
      ],
    ],
  ];
  for (let from = 0; from < accesses; from += DOCUMENTS) {
    const part = indices(Math.min(DOCUMENTS, accesses - from)).map((offset) => from + offset);
    files.push([
      `accesses-${digits(from)}`,
      part.map((index) => ({
        kind: 'access',
        name: accessOf(index),
        title: titleOf(index),
        labels: { env: 'production' },
        grants: [{ target: 'directory', group: `group-${digits(index)}` }],
        requesters: ['group:engineers'],
        duration: { default: '30m', max: '8h' },
        reason: { required: true, min_length: 5 },
        flows: autoApprove
          ? [{ name: 'open', auto_approve: true }]
          : [{ name: 'one', steps: [{ approvers: ['group:approvers'], need: 1 }], timeout: '8h' }],
        channel: `#${channelOf(index)}`,
      })),
    ]);
  }
  for (const [name, documents] of files) {
    // JSON is YAML.
    const text = documents.map((document) => JSON.stringify({ version: 1, ...document })).join('\n---\n');
    await writeFile(join(folder, `${name}.yaml`), `${text}\n`);
  }
}

/** @typedef {{ body: string, headers: Record<string, string> }} Signed */

/** The request of a slash command, signed now, as Slack sends it. @param {Record<string, string>} fields @returns {Signed} */
export function signed(fields) {
  const body = new URLSearchParams(fields).toString();
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', SIGNING_SECRET).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(Buffer.byteLength(body)),
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
  };
}

/**
 * The `index`th `/access … 30m …`: a request that is not pending yet, as long as there are people times accesses of them.
 * One access after another, for each has a channel of its own.
 *
 * @param {{ index: number, accesses: number, slackUrl: string }} which
 */
export function requestCommand({ index, accesses, slackUrl }) {
  const person = Math.floor(index / accesses);
  const access = index % accesses;
  return signed({
    token: 'deprecated-verification-token',
    team_id: TEAM,
    team_domain: 'bench',
    channel_id: 'C0GENERAL',
    channel_name: 'general',
    user_id: slackOf(person),
    user_name: `p${digits(person)}`,
    command: '/access',
    text: `${accessOf(access)} 30m INC-${index} slow queries on the replica`,
    api_app_id: 'A0BENCH',
    is_enterprise_install: 'false',
    response_url: new URL(`/response/${index}`, slackUrl).href,
    trigger_id: `${index}.${process.pid}.${Date.now()}`,
  });
}
