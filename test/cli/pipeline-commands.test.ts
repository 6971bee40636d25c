import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latchkey } from '../support/product.ts';
import { oneAccess } from './support/one-access.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'latchkey-hostile-'));
  folder = join(root, 'policies');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const access = (flow: string) => oneAccess(`[{name: x, ${flow}}]`);
const GOOD = access('steps: [{approvers: [group:dba]}]');
const tests = (more: string) => `version: 1\nkind: tests\nnow: 2026-03-03T09:00:00Z\n${more}`;

/** What GitHub's runner takes for a command in the log of a job: `::` first in a line, `##[` anywhere in one. */
const commandsIn = (log: string): string[] =>
  log.split(/\r\n|[\r\n]/).filter((line) => line.trim().startsWith('::') || line.includes('##['));

/** What a pull request that nobody has read yet can bring with it. */
const HOSTILE: readonly [string, Record<string, string>, string[]][] = [
  ['a key', { 'a.yaml': `${GOOD}"x\\n::error::FORGED": 1\n` }, ['check']],
  ['a key, in the old form', { 'a.yaml': `${GOOD}"x ##[error]FORGED": 1\n` }, ['check']],
  ['a key with an escape character', { 'a.yaml': `${GOOD}"x \\e[2JFORGED": 1\n` }, ['check']],
  ['the name of a file', { 'a.yaml': GOOD, 'b\n::error::FORGED.yaml': 'version: 1\nkind: x\n' }, ['check']],
  ['the name of a folder', { 'a.yaml': GOOD, 'b\n::error::FORGED/x.yaml': 'version: 1\nkind: x\n' }, ['check']],
  [
    'a sentence of a test that cannot be read',
    {
      'a.yaml': GOOD,
      'a.test.yaml': tests(`timelines: [{name: x, steps: [{do: "ana requests 'db\\n::error::FORGED'"}]}]\n`),
    },
    ['test'],
  ],
  [
    'the name of a suite',
    {
      'a.yaml': GOOD,
      'a.test.yaml': tests(
        `name: '::error::FORGED'\ntimelines: [{name: x, steps: [{do: ana requests db-read, expect: {status: denied}}]}]\n`,
      ),
    },
    ['test'],
  ],
  [
    'a statement that must never hold',
    {
      'a.yaml': access('auto_approve: true'),
      'a.test.yaml': tests(`never: "auto-approved and requester.email != '\\\\n'\\n\\n && '::error::FORGED' != ''"\n`),
    },
    ['test'],
  ],
];

describe('what a pull request brings with it gives no command to the pipeline that checks it', () => {
  it.each(HOSTILE)('%s', async (_what, files, verb) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const { code, out, err } = await latchkey(['policy', ...verb, folder], {});
    expect(code).toBeGreaterThan(0);
    expect(out).toContain('FORGED');
    expect(commandsIn(out + err)).toEqual([]);
    expect(out + err).not.toMatch(/\p{Cc}(?<![\n])/u);
  });
});
