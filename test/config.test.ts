import { inspect } from 'node:util';
import type { Config } from '../src/config.ts';
import { isLoopback, loadConfig, NAMES } from '../src/config.ts';

const bot = 'xoxb-1111-2222-abcdefghijklmnop';
const app = 'xapp-1-A0123-4567-fedcba9876543210';
const signing = '0123456789abcdef0123456789abcdef';

function good(env: NodeJS.ProcessEnv): Config {
  const loaded = loadConfig(env);
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}
function problems(env: NodeJS.ProcessEnv): string[] {
  const loaded = loadConfig(env);
  return loaded.ok ? [] : loaded.problems;
}

describe('an empty environment', () => {
  it('is the playground, on this machine only, over an SQLite file', () => {
    expect(good({})).toEqual({
      slack: { mode: 'playground' },
      slackApiUrl: 'https://slack.com/api/',
      port: 3000,
      host: '127.0.0.1',
      database: { kind: 'sqlite', url: expect.anything(), shown: 'file:./data/latchkey.db' },
      policiesDir: './policies',
      logLevel: 'info',
      audience: 'latchkey',
    });
    expect(good({}).database.url.reveal()).toBe('file:./data/latchkey.db');
  });

  it('is what empty variables make, too', () => {
    expect(good(Object.fromEntries(NAMES.map((name) => [name, ''])))).toEqual(good({}));
    expect(good({ LATCHKEY_PORT: '' })).toEqual(good({}));
  });
});

describe('Slack credentials', () => {
  it('are a bot token and a signing secret over HTTP', () => {
    const { slack, host } = good({ SLACK_BOT_TOKEN: bot, SLACK_SIGNING_SECRET: signing });
    expect(slack.mode).toBe('http');
    expect(slack.mode === 'http' && [slack.botToken.reveal(), slack.signingSecret.reveal()]).toEqual([bot, signing]);
    expect(host).toBe('0.0.0.0');
  });

  it.each([{}, { SLACK_SIGNING_SECRET: signing }])(
    'are a bot token and an app token in Socket Mode (and %j)',
    (more) => {
      const { slack } = good({ SLACK_BOT_TOKEN: bot, SLACK_APP_TOKEN: app, ...more });
      expect(slack.mode).toBe('socket');
      expect(slack.mode === 'socket' && slack.appToken.reveal()).toBe(app);
      expect(slack.mode === 'socket' && slack.signingSecret?.reveal()).toBe(more.SLACK_SIGNING_SECRET);
    },
  );

  it.each([
    [{ SLACK_BOT_TOKEN: bot }, /^SLACK_SIGNING_SECRET is missing.*SLACK_APP_TOKEN/],
    [{ SLACK_SIGNING_SECRET: signing }, /^SLACK_BOT_TOKEN is missing, though SLACK_SIGNING_SECRET is set/],
    [{ SLACK_APP_TOKEN: app }, /^SLACK_BOT_TOKEN is missing, though SLACK_APP_TOKEN is set/],
    [
      { SLACK_SIGNING_SECRET: signing, SLACK_APP_TOKEN: app },
      /though SLACK_SIGNING_SECRET and SLACK_APP_TOKEN are set/,
    ],
  ])('that are half there are refused with what is missing: %j', (env, expected) => {
    expect(problems(env)).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    [{ SLACK_BOT_TOKEN: 'xoxp-1-2-user', SLACK_SIGNING_SECRET: signing }, /^SLACK_BOT_TOKEN is not a bot token/],
    [{ SLACK_BOT_TOKEN: 'xoxb-', SLACK_SIGNING_SECRET: signing }, /^SLACK_BOT_TOKEN is not a bot token/],
    [{ SLACK_BOT_TOKEN: bot, SLACK_APP_TOKEN: bot }, /^SLACK_APP_TOKEN is not an app-level token/],
    [{ SLACK_BOT_TOKEN: bot, SLACK_SIGNING_SECRET: 'short' }, /^SLACK_SIGNING_SECRET is not a signing secret/],
    [{ SLACK_BOT_TOKEN: `${bot}\n`, SLACK_SIGNING_SECRET: signing }, /^SLACK_BOT_TOKEN has white space/],
  ])('of the wrong kind are refused without being quoted: %j', (env, expected) => {
    expect(problems(env)).toEqual([expect.stringMatching(expected)]);
    for (const value of Object.values(env)) expect(problems(env).join()).not.toContain(value.trim().slice(5) || '\0');
  });
});

describe('PORT', () => {
  it.each([
    ['0', 0],
    ['8080', 8080],
    ['65535', 65535],
  ])('%s', (text, port) => expect(good({ PORT: text }).port).toBe(port));
  it.each(['65536', '-1', '80.5', '1e3', 'http', '0x50', '٣'])('%s is refused', (text) => {
    expect(problems({ PORT: text })).toEqual([
      `PORT is ${JSON.stringify(text)}: it must be a whole number from 0 to 65535.`,
    ]);
  });
});

describe('HOST', () => {
  it.each(['127.0.0.1', '127.8.0.1', '::1', 'localhost', 'LOCALHOST'])('%s serves the playground', (host) => {
    expect(good({ HOST: host }).host).toBe(host);
  });
  // NB. Anybody may act as anybody in the playground.
  it.each(['0.0.0.0', '::', '10.0.0.7', '127.0.0.1.example.com', 'localhost.example.com', '127.1'])(
    '%s does not serve the playground',
    (host) => expect(problems({ HOST: host })).toEqual([expect.stringMatching(/^HOST .* playground/)]),
  );
  it('may be any address of the machine with credentials', () => {
    expect(good({ SLACK_BOT_TOKEN: bot, SLACK_SIGNING_SECRET: signing, HOST: '::' }).host).toBe('::');
  });
  it.each(['127.0.0.1:3000', '[::1]', 'http://localhost', 'a b', '-x'])('%s is not a host', (host) => {
    expect(problems({ SLACK_BOT_TOKEN: bot, SLACK_SIGNING_SECRET: signing, HOST: host })).toEqual([
      expect.stringMatching(/^HOST is .*without a port or brackets/),
    ]);
  });
  it('tells loopback names from names that only look like them', () => {
    expect(['127.0.0.1', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['127.evil.example', 'localhost.', '::ffff:127.0.0.1', ''].some(isLoopback)).toBe(false);
  });
});

describe('SLACK_API_URL', () => {
  it.each([
    ['https://slack.com/api', 'https://slack.com/api/'],
    ['https://slack-gov.com/api//', 'https://slack-gov.com/api/'],
    ['https://proxy.example', 'https://proxy.example/'],
    ['http://127.0.0.1:4010/api', 'http://127.0.0.1:4010/api/'],
    ['http://[::1]:4010/api', 'http://[::1]:4010/api/'],
    ['http://localhost:4010/api/', 'http://localhost:4010/api/'],
  ])('%s is %s', (text, url) => expect(good({ SLACK_API_URL: text }).slackApiUrl).toBe(url));

  it.each([
    ['http://slack.com/api/', /must begin with https/],
    ['http://127.0.0.1.example.com/api/', /must begin with https/],
    ['ftp://127.0.0.1/', /must begin with https/],
    ['slack.com/api', /is not a URL/],
    ['https://user:hunter2@slack.com/api/', /no user, password/],
    ['https://slack.com/api/?token=hunter2', /no user, password, query/],
  ])('%s is refused', (text, expected) => {
    expect(problems({ SLACK_API_URL: text })).toEqual([expect.stringMatching(expected)]);
    expect(problems({ SLACK_API_URL: text }).join()).not.toContain('hunter2');
  });
});

describe('DATABASE_URL', () => {
  it('is an SQLite file or a Postgres database, shown without its password', () => {
    expect(good({ DATABASE_URL: 'file:/var/lib/latchkey.db' }).database).toMatchObject({
      kind: 'sqlite',
      shown: 'file:/var/lib/latchkey.db',
    });
    for (const scheme of ['postgres', 'postgresql']) {
      const url = `${scheme}://latchkey:hunter2@db.example:5433/latchkey?sslmode=require&password=hunter3`;
      const { database } = good({ DATABASE_URL: url });
      expect(database).toMatchObject({ kind: 'postgres', shown: 'postgresql://db.example:5433/latchkey' });
      expect(database.url.reveal()).toBe(url);
    }
  });

  it.each([
    ['mysql://u:hunter2@h/db', /must begin with file: \(SQLite\) or postgresql:/],
    ['./data/latchkey.db', /must begin with file:/],
    ['file:', /names no file/],
    ['file::memory:', /must name a file/],
    ['postgresql://u:hunter2@h', /is not complete/],
    ['postgresql://u:hunter2@h:port/db', /is not complete/],
    ['postgresql:///db', /is not complete/],
  ])('%s is refused', (text, expected) => {
    expect(problems({ DATABASE_URL: text })).toEqual([expect.stringMatching(expected)]);
    expect(problems({ DATABASE_URL: text }).join()).not.toContain('hunter2');
  });
});

describe('LOG_LEVEL', () => {
  it('is one of pino', () => {
    expect(good({ LOG_LEVEL: 'debug' }).logLevel).toBe('debug');
    expect(problems({ LOG_LEVEL: 'verbose' })).toEqual([
      'LOG_LEVEL is "verbose": it must be one of trace, debug, info, warn, error, fatal, silent.',
    ]);
  });
});

describe('problems', () => {
  it.each([
    ['LATCHKEY_PORT', 'PORT'],
    ['LATCHKEY_LOGLEVEL', 'LOG_LEVEL'],
    ['LATCHKEY_BOT_TOKEN', 'SLACK_BOT_TOKEN'],
    ['LATCHKEY_SLACK_SIGNING_SECRT', 'SLACK_SIGNING_SECRET'],
    ['LATCHKEY_DATABASE', 'DATABASE_URL'],
    ['LATCHKEY_POLICY_DIR', 'POLICIES_DIR'],
    ['latchkey_host', 'HOST'],
    ['LATCHKEY_AUDIENC', 'LATCHKEY_AUDIENCE'],
    ['LATCHKEY_TOKE', 'LATCHKEY_TOKEN'],
  ])('include the unknown name %s, with %s suggested', (name, suggestion) => {
    expect(problems({ [name]: 'x' })).toEqual([
      expect.stringMatching(`^${name} is not a setting of Latchkey: did you mean ${suggestion}\\?`),
    ]);
  });

  it('come all at once', () => {
    const found = problems({
      LATCHKEY_PORT: '1',
      SLACK_APP_TOKEN: 'x',
      SLACK_API_URL: 'http://slack.com',
      PORT: 'x',
      HOST: 'a b',
      DATABASE_URL: 'x',
      LOG_LEVEL: 'x',
    });
    expect(found.map((problem) => problem.split(' ')[0]).sort()).toEqual(
      [
        'DATABASE_URL',
        'HOST',
        'LATCHKEY_PORT',
        'LOG_LEVEL',
        'PORT',
        'SLACK_API_URL',
        'SLACK_APP_TOKEN',
        'SLACK_BOT_TOKEN',
      ].sort(),
    );
  });

  it('quote no more than 80 characters of a value', () => {
    expect(problems({ PORT: '9'.repeat(100_000) })[0]).toMatch(/^PORT is "9{80}"… \(100000 characters\)/);
  });
});

describe('the configuration', () => {
  const env = {
    SLACK_BOT_TOKEN: bot,
    SLACK_SIGNING_SECRET: signing,
    SLACK_APP_TOKEN: app,
    DATABASE_URL: 'postgresql://latchkey:hunter2@db.example/latchkey',
    TARGET_PASSWORD: 'opensesame',
    EMPTY: '',
  };

  it('is frozen', () => {
    const config = good(env);
    expect([config, config.slack, config.database].every(Object.isFrozen)).toBe(true);
  });

  it('shows no secret, however it is printed', () => {
    const config = good(env);
    const shown = [
      JSON.stringify(config),
      inspect(config, { depth: null, showHidden: true, getters: true }),
      `${config.database.url} ${config.slack.mode === 'socket' ? config.slack.botToken : ''}`,
      inspect(Object.getOwnPropertyDescriptors(config), { depth: null, showHidden: true }),
    ].join('\n');
    expect(shown).toContain('[secret]');
    for (const secret of [bot, app, signing, 'hunter2', 'opensesame']) expect(shown).not.toContain(secret);
  });

  it('gives policies what they name, as it was at start', () => {
    const changing: NodeJS.ProcessEnv = { ...env };
    const config = good(changing);
    changing.TARGET_PASSWORD = 'changed';
    expect(config.secret('TARGET_PASSWORD')).toBe('opensesame');
    expect(config.secret('EMPTY')).toBeUndefined();
    expect(config.secret('NOWHERE')).toBeUndefined();
    expect(config.secret('__proto__')).toBeUndefined();
    expect(config.secret('toString')).toBeUndefined();
    expect(Object.keys(config)).not.toContain('secret');
  });

  it("never gives policies Latchkey's own credentials", () => {
    for (const name of ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN', 'DATABASE_URL'])
      expect(good(env).secret(name)).toBeUndefined();
  });
});
