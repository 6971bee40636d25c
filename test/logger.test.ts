import { inspect } from 'node:util';
import type { Logger } from 'pino';
import { createLogger } from '../src/logger.ts';
import { redact, redactText, redactTokens } from '../src/redact.ts';
import { Secret } from '../src/secret.ts';
import { cpuMs } from './support/cpu-time.ts';

const tokens = [
  'xoxb-1111-2222-abcdefghijklmnop',
  'xoxp-1111-2222-3333-abcdef',
  'xapp-1-A0123-4567-fedcba9876543210',
  'xoxe-1-refreshrefresh',
  'xoxe.xoxp-1-rotatedrotated',
  `lk_${'k'.repeat(35)}apikeyxx`,
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvIn0.c2lnbmF0dXJlLW9mLWEtam9i',
];
const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const words = 'INC-42 slow queries for the payroll';
const responseUrl = 'https://hooks.slack.com/commands/T0001/1234/abcdEFGH';
const password = 'hunter2';

/** None of these may be in any line, in whole or (for the distinctive parts) in part. */
const neverShown = [
  ...tokens,
  ...tokens.map((token) => token.slice(-8)),
  signature,
  signature.slice(3),
  words,
  'payroll',
  responseUrl,
  'abcdEFGH',
  password,
  'dXNlcjpwYXNz',
];

function capture(level: 'trace' | 'info' = 'trace') {
  const lines: string[] = [];
  const logger = createLogger({ level, destination: { write: (line: string) => void lines.push(line) } });
  // pino's types forbid what its users do anyway.
  return { lines, logger: logger as Logger & Record<'info' | 'error', (...args: unknown[]) => void> };
}
function expectClean(text: string) {
  for (const secret of neverShown) expect(text).not.toContain(secret);
}

class Unreadable {
  get secret(): string {
    throw new Error(`never read: ${tokens[0]}`);
  }
  visible = 1;
}

describe('a log line', () => {
  it('is one JSON object with level, time and message', () => {
    const { lines, logger } = capture();
    logger.info({ grant: 'grt_1', lateMs: 12, endReason: 'expired' }, 'ended %s after %d ms', 'grt_1', 5);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      msg: 'ended grt_1 after 5 ms',
      grant: 'grt_1',
      lateMs: 12,
      endReason: 'expired',
    });
  });

  it('is not written below the level', () => {
    const { lines, logger } = capture('info');
    logger.debug({ a: 1 }, 'quiet');
    expect(lines).toEqual([]);
  });

  it('keeps values that belong to no place in the message', () => {
    const { lines, logger } = capture();
    logger.info('stopped', 'early', { a: 1 });
    logger.info(undefined, 'nothing but a message');
    logger.warn('only a message');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'stopped early { a: 1 }',
      'nothing but a message',
      'only a message',
    ]);
  });

  it('tells of an error its type, message, stack, code and causes', () => {
    const { lines, logger } = capture();
    const root = Object.assign(new TypeError('connection lost'), { code: 'ECONNRESET' });
    logger.error(new AggregateError([new RangeError('one of many')], 'all failed', { cause: root }));
    logger.error({ err: root, attempt: 3 }, 'again');
    const [first, second] = lines.map((line) => JSON.parse(line));
    expect(first).toMatchObject({
      msg: 'all failed',
      err: {
        type: 'AggregateError',
        message: 'all failed',
        stack: expect.stringContaining('logger.test.ts'),
        cause: { type: 'TypeError', message: 'connection lost', code: 'ECONNRESET' },
        errors: [{ type: 'RangeError', message: 'one of many' }],
      },
    });
    expect(second).toMatchObject({ msg: 'again', attempt: 3, err: { code: 'ECONNRESET' } });
  });
});

describe('what never appears in a log', () => {
  const cyclic: Record<string, unknown> = { token: tokens[0], nested: { deep: [{ note: `got ${tokens[1]}` }] } };
  cyclic.self = cyclic;
  const wrapped = new Error(`posting failed: Authorization: Bearer ${tokens[0]}`, {
    cause: Object.assign(new Error(`connect postgres://latchkey:${password}@db.example/latchkey`), {
      config: { headers: { Authorization: 'Basic dXNlcjpwYXNz' }, data: `token=${tokens[0]}&text=x` },
      request: { reason: words },
      cause: new AggregateError([new Error(signature), { response_url: responseUrl }], words.replace(words, 'many')),
    }),
  });

  const hostile: [string, unknown][] = [
    ['tokens anywhere in a text', { a: tokens.map((token) => `<${token}>`).join(' and ') }],
    ['tokens as keys', Object.fromEntries(tokens.map((token) => [token, 1]))],
    [
      'tokens, percent-encoded',
      { url: `https://x.example/?t=${encodeURIComponent(tokens[0] ?? '')}`, u: tokens[0]?.replace('-', '%2D') },
    ],
    [
      'signatures',
      {
        headers: { 'x-slack-signature': signature },
        note: `had ${signature}`,
        form: `s=${encodeURIComponent(signature)}`,
      },
    ],
    [
      'authorization headers',
      { headers: { authorization: 'Basic dXNlcjpwYXNz' }, text: 'x', Authorization: ['Basic dXNlcjpwYXNz'] },
    ],
    [
      'raw headers',
      { rawHeaders: ['Host', 'x', 'Authorization', 'Basic dXNlcjpwYXNz', 'X-Slack-Signature', signature] },
    ],
    ['header pairs', [['authorization', 'Basic dXNlcjpwYXNz']]],
    [
      'labelled values',
      {
        fields: [
          { name: 'authorization', value: 'Basic dXNlcjpwYXNz' },
          { name: 'reason', value: words },
        ],
      },
    ],
    ['Headers', { headers: new Headers({ authorization: 'Basic dXNlcjpwYXNz' }) }],
    ['URLSearchParams', new URLSearchParams({ reason: words, token: tokens[0] ?? '' })],
    [
      'Maps and Sets',
      {
        map: new Map<unknown, unknown>([
          ['reason', words],
          ['x', new Set([tokens[2]])],
        ]),
      },
    ],
    [
      'reasons',
      {
        reason: words,
        request: { reason: words, decisionReason: words },
        vote: [{ deny_reason: words }],
        Reason: { a: words },
      },
    ],
    [
      'what Slack sends',
      { body: { text: words }, command: { text: words }, view: { state: { values: { r: { r: { value: words } } } } } },
    ],
    ['response URLs', { response_url: responseUrl, responseUrl, note: `at ${responseUrl}.` }],
    [
      'passwords in URLs',
      {
        url: `postgres://u:${password}@h/db`,
        odd: `postgres://u:p/${password}#@${password}@h/db`,
        u: new URL(`https://u:${password}@h/`),
      },
    ],
    ['passwords by name', { password, db: { PGPASSWORD: password, connectionString: `host=h password=${password}` } }],
    [
      'JSON inside a text',
      { got: JSON.stringify({ reason: words, response_url: 'http://127.0.0.1/abcdEFGH', password }) },
    ],
    ['JSON inside JSON inside a text', { got: JSON.stringify({ inner: JSON.stringify({ reason: words }) }) }],
    [
      'a dump inside a text',
      { got: inspect({ reason: words, password }), orm: `invocation({ data: { reason: "${words}" } })` },
    ],
    ['a form inside a text', { got: `reason=${encodeURIComponent(words)}&password=${password}&x=1` }],
    ['bytes', { chunk: Buffer.from(words), view: new Uint8Array(Buffer.from(password)) }],
    ['secrets of the configuration', { secret: new Secret(password), value: new Secret(words) }],
    ['toJSON', { value: { toJSON: () => ({ reason: words, deeper: { toJSON: () => tokens[0] } }) } }],
    [
      'a toJSON that throws',
      {
        value: {
          toJSON: () => {
            throw new Error(words);
          },
        },
      },
    ],
    ['a getter that throws', { value: new Unreadable() }],
    [
      'a proxy',
      {
        value: new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error(words);
            },
          },
        ),
      },
    ],
    ['cycles', cyclic],
    ['errors, their properties and causes', wrapped],
    ['errors inside objects', { failure: wrapped, list: [wrapped] }],
    [
      'an error with a hostile stack',
      Object.defineProperty(new Error('x'), 'stack', {
        get: () => {
          throw new Error(words);
        },
      }),
    ],
    ['an error whose fields are not texts', Object.assign(new Error('x'), { name: 5, message: { reason: words } })],
    ['symbols and functions', { s: Symbol(tokens[0]), f: () => tokens[0] }],
    ['a prototype key', JSON.parse(`{"__proto__": {"reason": "${words}"}}`)],
  ];

  it.each(hostile)('%s', (_, value) => {
    const { lines, logger } = capture();
    logger.info(value);
    logger.info({ value }, 'nested');
    logger.info({ a: { b: { c: [value] } } }, 'deeper');
    logger.info({ err: value }, 'as err');
    logger.info('formatted %o', value);
    logger.info('appended', value);
    logger.child({ value }).info('bound');
    const late = logger.child({});
    late.setBindings({ value });
    late.info('bound later');
    expect(lines).toHaveLength(8);
    for (const line of lines) {
      expect(() => JSON.parse(line)).not.toThrow();
      expectClean(line);
    }
  });

  it('in a message, plain or formatted', () => {
    const { lines, logger } = capture();
    logger.info(`token ${tokens[0]} and ${signature}`);
    logger.info('%s %s', tokens[1], signature);
    logger.info('reason: %s', words);
    logger.info({ a: 1 }, 'reason: %s, url postgres://u:%s@h/', words, password);
    logger.error(new Error(`password=${password}`));
    logger.error(new Error('x'), `answer to ${responseUrl} failed`);
    expect(lines).toHaveLength(6);
    for (const line of lines) expectClean(line);
  });
});

describe('redaction', () => {
  it('leaves what is harmless as it is', () => {
    const harmless = {
      access: 'prod-db-write',
      url: 'https://slack.com/api/chat.postMessage?a=b@c',
      db: 'postgresql://db.example:5432/latchkey',
      mail: 'ada@example.com',
      list: [1, true, null, 'a'],
      when: '2026-03-03T09:00:00.000Z',
      ending: 'endReason=expired, { endReason: "released" }',
      json: 'Unexpected token < in JSON at position 0',
    };
    expect(redact(harmless)).toEqual(harmless);
    expect(redact({ at: new Date(0), n: 10n })).toEqual({ at: '1970-01-01T00:00:00.000Z', n: '10' });
  });

  it('says what it left out', () => {
    const deep = Array.from({ length: 20 }).reduce<unknown>((inner) => ({ inner }), 'end');
    expect(JSON.stringify(redact(deep))).toContain('[too deep]');
    expect(redact(Array.from({ length: 1_000 }, (_, i) => i))).toContain('[800 more]');
    expect(redactText('a'.repeat(100_000))).toMatch(/^a{16384}… \[83616 more characters\]$/);
    expect(redact({ b: Buffer.alloc(7) })).toEqual({ b: '[7 bytes]' });
    const shared = { a: 1 };
    expect(redact([shared, shared])).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it.each([
    ['a run of scheme letters', 'a'.repeat(1_000_000)],
    ['many URL beginnings', '://a:'.repeat(200_000)],
    ['many open quotes', 'reason:"'.repeat(100_000)],
    ['many backslashes', `reason:"${'\\'.repeat(1_000_000)}`],
    ['many names', 'token'.repeat(200_000)],
    ['many escaped quotes', 'reason:\\"a\\'.repeat(100_000)],
    ['many backslashes before quotes', `reason:${'\\'.repeat(100_000)}"`],
    ['many blanks', `reason${' '.repeat(1_000_000)}`],
    ['many underscores', '_'.repeat(1_000_000)],
  ])('of a hostile text takes no longer than its length deserves: %s', (_, text) => {
    expect(cpuMs(() => redactText(text))).toBeLessThan(1_000);
  });

  it.each([
    ['many beginnings of ID tokens', 'eyJ-'.repeat(200_000)],
    ['many first parts of ID tokens', 'eyJhbGciOi.'.repeat(100_000)],
    ['many beginnings of API keys', 'lk_-'.repeat(200_000)],
    ['many beginnings of tokens of Slack', 'xoxe.xox'.repeat(100_000)],
  ])('of a hostile line takes no longer than its length deserves: %s', (_, line) => {
    expect(cpuMs(() => redactTokens(line))).toBeLessThan(1_000);
  });
});
