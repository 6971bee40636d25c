import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latchkey } from '../support/product.ts';
import { GitRepository } from './support/git-repository.ts';
import { oneAccess } from './support/one-access.ts';

const CLEAN = oneAccess('[{name: x, steps: [{approvers: [group:dba]}]}]');
const BROKEN = CLEAN.replace('approvers: [group:dba]', 'approvers: [group:dab]');
const TESTS = `version: 1
kind: tests
now: 2026-03-03T09:00:00Z
timelines:
  - {name: fails, steps: [{do: ana requests db-read for 1h, expect: {status: approved}}]}
`;

/** Whatever names a file of the folder, with what stands before the folder's own name. */
const waysIn = (text: string): string[] =>
  [...text.replaceAll('file://', '').matchAll(/[^\s"'([=:<>]*policies\/a(?:\.test)?\.yaml/g)].map(([way]) => way);

describe('where a command says that something is', () => {
  let root: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'latchkey-paths-')));
    await mkdir(join(root, 'ops', 'policies'), { recursive: true });
    await mkdir(join(root, 'elsewhere'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFile(join(root, 'ops', 'policies', name), text);
  const policy = async (here: string, ...args: string[]) => {
    const { out, err } = await latchkey(['policy', ...args], {}, undefined, join(root, here));
    return `${out}${err}`;
  };

  /** A folder as it is named, from where, and how its files are called then. */
  const FROM: [string, string, string, string][] = [
    ['above', '.', 'ops/policies', 'ops/policies/'],
    ['beside', 'ops', './policies/', 'policies/'],
    ['elsewhere', 'elsewhere', '../ops/policies', '{root}/ops/policies/'],
  ];

  it.each(FROM)('is the way from %s, in every format of every command', async (_where, here, folder, way) => {
    const expected = way.replace('{root}', root);
    const isSo = (text: string) => {
      const ways = waysIn(text);
      expect(ways.length).toBeGreaterThan(0);
      for (const one of ways) expect(one).toMatch(new RegExp(`^${expected}a(\\.test)?\\.yaml$`));
    };
    // Each is a process: all formats from one place, one of each command from the others.
    const all = here === '.';
    await write('a.yaml', BROKEN);
    for (const format of all ? ['text', 'json', 'github', 'sarif'] : ['sarif'])
      isSo(await policy(here, 'check', folder, '--format', format));
    if (all) isSo(await policy(here, 'test', folder));
    isSo(await policy(here, 'diff', folder, folder));

    await write('a.yaml', CLEAN);
    await write('a.test.yaml', TESTS);
    for (const format of all ? ['tree', 'junit', 'json'] : ['junit'])
      isSo(await policy(here, 'test', folder, '--format', format, '--coverage', '--lcov', join(root, 'lcov.info')));
    isSo(await readFile(join(root, 'lcov.info'), 'utf8'));
    for (const format of all ? ['text', 'json'] : ['text'])
      isSo(await policy(here, 'explain', 'ana@example.com', 'db-read', '--dir', folder, '--format', format));
  });

  it('is a bare name in the folder itself', async () => {
    await write('a.yaml', BROKEN);
    expect(await policy('ops/policies', 'check', '.')).toMatch(/^a\.yaml:17:\d+ unknown-group/);
    expect(await policy('ops/policies', 'check', 'nowhere')).toMatch(/^nowhere:1:1 unreadable/);
  });

  it('makes no difference to what the policies are: their digest is the one that the product has', async () => {
    await write('a.yaml', CLEAN);
    const digest = async (here: string, folder: string) =>
      JSON.parse(await policy(here, 'check', folder, '--format', 'json')).loaded.digest;
    expect(
      new Set([
        await digest('.', 'ops/policies'),
        await digest('ops', 'policies'),
        await digest('elsewhere', '../ops/policies'),
      ]).size,
    ).toBe(1);
  });
});

describe('where a revision says that something is', () => {
  let repository: GitRepository;
  beforeEach(async () => {
    repository = await GitRepository.make();
  });
  afterEach(() => repository.remove());

  it('is the way to its folder in the work tree', async () => {
    repository.git('mv', 'policies', 'ops');
    repository.commit('moved');
    await repository.replace('ops/staging.yaml', 'max: 8h', 'max: 12h');
    await mkdir(repository.path('ci'));
    const diff = async (here: string, ...args: string[]) =>
      (await latchkey(['policy', 'diff', ...args], {}, undefined, repository.path(here))).out.split('\n')[0];
    expect(await diff('.', 'main:ops', 'ops')).toMatch(/ \[ops\/staging\.yaml:12\]$/);
    expect(await diff('.', 'ops', 'main:ops')).toMatch(/ \[ops\/staging\.yaml:12\]$/);
    expect(await diff('ci', '../ops', 'main:ops')).toContain(` [${repository.path('ops')}/staging.yaml:12]`);
  });
});
