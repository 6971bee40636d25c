import { createHash } from 'node:crypto';
import { latchkey } from '../support/product.ts';
import { expectSentence } from './support/audited-database.ts';

const BAD_ENVIRONMENT = {
  PORT: '70000',
  DATABASE_URL: 'mysql://root:hunter2@db/latchkey',
  SLACK_SIGNING_SECRET: 'short',
  LATCHKEY_PROT: '1',
};

describe('latchkey', () => {
  it.each([[[]], [['help']], [['--help']], [['-h']]])('%j explains every command', async (args: string[]) => {
    const { code, out, err } = await latchkey(args, {});
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const command of [
      'serve',
      'policy check [DIR]',
      'audit verify',
      'audit list',
      'emergency PERSON ACCESS',
      'action NAME [name=value…]',
      'api-key NAME',
      'help',
    ])
      expect(out).toContain(`latchkey ${command}`);
  });

  it.each(['sevre', 'constructor', '__proto__', '--version'])('%s is no command, and says so', async (name) => {
    expectSentence(await latchkey([name], {}), {
      code: 1,
      err: new RegExp(`^latchkey: there is no command "${name}"\\. \`latchkey help\` lists them\\.\n$`),
    });
  });

  it('api-key prints a key, and beside it the line for the policies', async () => {
    const { code, out, err } = await latchkey(['api-key', 'jenkins'], {});
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^lk_[\w-]{43}\n$/) });
    expect(err).toContain(`\napi_keys: {jenkins: 'sha256:${createHash('sha256').update(out.trim()).digest('hex')}'}\n`);
    expect(err).not.toContain(out.trim());
    for (const args of [[], ['Jenkins'], ['a b'], ['-x'], ['x-'], ['a', 'b']])
      expect(await latchkey(['api-key', ...args], {})).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(/^Name whoever will call.*\nUsage: latchkey api-key NAME\n$/),
      });
  });

  it('serve takes no arguments: everything is in the environment', async () => {
    expectSentence(await latchkey(['serve', '--port', '80'], {}), {
      code: 1,
      err: /^Usage: latchkey serve \(everything is set by the environment/,
    });
  });

  it.each([[['policy']], [['policy', 'chekc']], [['policy', 'check', 'a', 'b']], [['policy', 'check', '--all']]])(
    '%j shows how the command is used',
    async (args) => {
      expectSentence(await latchkey(args, {}), { code: 1, err: /^(.+\n)?Usage: latchkey policy check \[DIR\]/m });
    },
  );

  it.each([[['audit']], [['audit', 'verfy']], [['audit', 'verify', 'now']]])(
    '%j shows how the command is used',
    async (args) => {
      expectSentence(await latchkey(args, {}), {
        code: 1,
        err: /^(.+\n)?Usage: latchkey audit verify \[--head HASH\]\n/,
      });
    },
  );

  it.each([[['serve']], [['policy', 'check']], [['audit', 'verify']], [['audit', 'list']]])(
    '%j tells every problem of the environment at once, and no credential',
    async (args) => {
      const finished = await latchkey(args, BAD_ENVIRONMENT);
      expectSentence(finished, { code: 2, err: /In the environment:\n/ });
      const lines = finished.err.split('\n').filter((line) => line.startsWith('  '));
      expect(lines.map((line) => /^ {2}(\w+) /.exec(line)?.[1]).sort()).toEqual([
        'DATABASE_URL',
        'LATCHKEY_PROT',
        'PORT',
        'SLACK_BOT_TOKEN',
        'SLACK_SIGNING_SECRET',
      ]);
      expect(finished.err).toContain('did you mean PORT?');
      expect(finished.err).not.toContain('hunter2');
      expect(finished.err).not.toContain('short');
    },
  );
});
