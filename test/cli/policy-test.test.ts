import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { latchkey } from '../support/product.ts';

const SAMPLES = fileURLToPath(new URL('../../policies', import.meta.url));
const BIN = fileURLToPath(new URL('../../bin/latchkey.js', import.meta.url));

const GOOD = `version: 1
kind: tests
name: Staging
now: 2026-03-03T09:00:00Z
timelines:
  - {name: is open, steps: [{do: ana requests staging-admin, expect: {grant: active}}]}
`;
const BAD = GOOD.replace('active', 'ended').replace('is open', 'is <shut> & "locked"');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-policy-test-'));
  await cp(SAMPLES, folder, { recursive: true, filter: (path) => !path.endsWith('.test.yaml') });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFile(join(folder, name), text);
const test = (...args: string[]) => latchkey(['policy', 'test', folder, ...args], {});

describe('the samples', () => {
  it('pass their tests, which see everything decided and notice every weakened rule', async () => {
    const strict = ['--coverage', '--threshold', '100', '--mutate', '--mutation-threshold', '100'];
    const { code, out, err } = await latchkey(['policy', 'test', SAMPLES, ...strict], {});
    // Whatever fails, is missing or is not noticed has its line.
    expect(`${out}${err}`.split('\n').filter((line) => /✗|\.yaml:\d+:\d+/.test(line))).toEqual([]);
    expect(code).toBe(0);
  });
});

describe('latchkey policy test', () => {
  it('passes with 0, needs no secret, and prints the tests as a tree', async () => {
    await write('a.test.yaml', GOOD);
    expect(await test()).toEqual({
      code: 0,
      out: expect.stringMatching(/^\S+\/a\.test\.yaml\n {2}Staging\n {4}✓ is open\n$/),
      err: '1 passed, 0 failed\n',
    });
  });

  it('fails with 3, and says what was expected, what was there, where, and how it came to it', async () => {
    await write('a.test.yaml', BAD);
    const { code, out, err } = await test();
    expect(code).toBe(3);
    expect(err).toBe('0 passed, 1 failed\n');
    expect(out).toMatch(/✗ is <shut>/);
    expect(out).toMatch(
      /a\.test\.yaml:6:\d+ grant after “ana requests staging-admin”\n +expected: ended\n +got: +active\n/,
    );
    expect(out).toMatch(/✓ requesters: group:backend \[staging-admin: requesters \(\S+\/staging\.yaml:\d+\)\]/);
  });

  it('ends with 2 when policies or tests do not load, with every problem of both', async () => {
    await write('a.test.yaml', GOOD.replace('requests', 'request'));
    await write('b.yaml', 'version: 1\nkind: access\nname: x\n');
    const { code, out, err } = await test();
    expect(code).toBe(2);
    expect(out).toMatch(/a\.test\.yaml:6:\d+ bad-do .*`requests`/);
    expect(out).toMatch(/b\.yaml:1:1 missing-key /);
    expect(err).toMatch(/^\d+ problems in /);
  });

  it('ends with 1 on a wrong command line', async () => {
    for (const wrong of [['--format', 'yaml'], ['--onyl', 'x'], ['more']]) {
      const { code, err } = await test(...wrong);
      expect({ wrong, code }).toEqual({ wrong, code: 1 });
      expect(err).toContain('Usage: latchkey policy test [DIR]');
    }
  });

  it('fails when nothing was run: without tests, or when none has the wanted name', async () => {
    expect(await test()).toMatchObject({ code: 3, err: expect.stringContaining('holds no test') });
    await write('a.test.yaml', GOOD);
    expect(await test('--only', 'nothing like it')).toMatchObject({
      code: 3,
      err: expect.stringContaining('No test has “nothing like it” in its name'),
    });
  });

  it('runs those of a name, a document or a file', async () => {
    await write('a.test.yaml', GOOD);
    await write('b.test.yaml', BAD);
    for (const [text, code] of [
      ['IS OPEN', 0],
      ['a.test', 0],
      ['b.test', 3],
      ['Staging', 3],
    ] as const)
      expect(await test('--only', text)).toMatchObject({ code });
  });

  it('writes JUnit’s XML, whatever is in a name', async () => {
    await write('a.test.yaml', GOOD);
    await write('b.test.yaml', BAD);
    const { code, out } = await test('--format', 'junit');
    expect(code).toBe(3);
    expect(out).toContain('<testsuites name="latchkey policy test" tests="2" failures="1">');
    expect(out).toMatch(/<testcase name="is open" classname="Staging" file="\S+\/a\.test\.yaml" line="6"\/>/);
    expect(out).toContain('name="is &lt;shut&gt; &amp; &quot;locked&quot;"');
    expect(out).toContain('expected ended, got active');
  });

  it('writes JSON with places and traces', async () => {
    await write('b.test.yaml', BAD);
    const { out } = await test('--format', 'json');
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      passed: 0,
      failed: 1,
      tests: [{ suite: 'Staging', kind: 'timeline', line: 6, passed: false }],
    });
    expect(report.tests[0].failures[0]).toMatchObject({ expected: 'ended', got: 'active', place: { line: 6 } });
    expect(report.tests[0].failures[0].trace.length).toBeGreaterThan(3);
  });

  it('tells the coverage, and ends with 4 when it is below the threshold', async () => {
    await write('a.test.yaml', GOOD);
    const { code, out } = await test('--coverage');
    expect(code).toBe(0);
    expect(out).toMatch(/staging\.yaml +28\.5 % +2 of 7\n.*staging\.yaml:\d+:\d+ staging-admin: nobody was refused/);
    const tracefile = join(folder, 'lcov.info');
    const strict = await test('--coverage', '--threshold', '50', '--lcov', tracefile);
    expect(strict).toMatchObject({ code: 4, err: expect.stringMatching(/% of what the policies decide .* 50 %\./) });
    expect(await readFile(tracefile, 'utf8')).toMatch(/^SF:.*\/staging\.yaml$/m);
    const json = JSON.parse((await test('--coverage', '--format', 'json')).out);
    expect(json.coverage).toMatchObject({ covered: 2, files: expect.arrayContaining([expect.anything()]) });
    expect(await test('--threshold', 'half')).toMatchObject({ code: 1 });
  });

  it('lists the weakened rules that no test notices, and ends with 4 when they are too many', async () => {
    await write('a.test.yaml', GOOD);
    const { code, out } = await test('--mutate');
    expect(code).toBe(0);
    expect(out).toMatch(/Mutation: \d+ of \d+ weakened rules were noticed by a test\n/);
    expect(out).toMatch(/staging\.yaml:\d+:\d+ staging-admin with `everyone` among `requesters`: no test fails\n/);
    expect(await test('--mutate', '--mutation-threshold', '100')).toMatchObject({ code: 4 });
    await write('b.test.yaml', BAD);
    expect(await test('--mutate', '--mutation-threshold', '100')).toMatchObject({ code: 3 });
  });

  it('with --watch runs again after a change, until it is stopped', async () => {
    await write('a.test.yaml', GOOD);
    const child = spawn(process.execPath, [BIN, 'policy', 'test', folder, '--watch'], {
      env: { PATH: process.env.PATH },
    });
    let seen = '';
    const until = (text: string) =>
      new Promise<void>((done) => {
        const look = () => {
          if (!seen.includes(text)) return;
          child.stdout.off('data', look);
          child.stderr.off('data', look);
          done();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        look();
      });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (seen += data));
    await until('1 passed, 0 failed');
    await until('Waiting for changes');
    await appendFile(join(folder, 'a.test.yaml'), '  - {name: more, steps: [{do: ana requests staging-admin}]}\n');
    await until('2 passed, 0 failed');
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
  });
});
