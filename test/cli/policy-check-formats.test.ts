import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { latchkey } from '../support/product.ts';
import { oneAccess } from './support/one-access.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'latchkey-formats-'));
  folder = join(root, 'pol icies,100%');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const write = (text: string) => writeFile(join(folder, 'a.yaml'), text);
const check = (...args: string[]) => latchkey(['policy', 'check', folder, ...args], {});

const BROKEN = oneAccess('[{name: x, steps: [{approvers: [group:dab]}]}]');
const DOUBTFUL = oneAccess('[{name: x, auto_approve: true}, {name: y, steps: [{approvers: [group:dba]}]}]');
const CLEAN = oneAccess('[{name: x, steps: [{approvers: [group:dba]}]}]');

describe('the exit code of policy check', () => {
  it.each([
    ['is clean', CLEAN, [], 0],
    ['is clean, strictly', CLEAN, ['--strict'], 0],
    ['has warnings', DOUBTFUL, [], 0],
    ['has warnings, strictly', DOUBTFUL, ['--strict'], 2],
    ['has errors', BROKEN, [], 2],
  ])('of a folder that %s', async (_what, text, args, code) => {
    await write(text);
    for (const format of ['text', 'json', 'github', 'sarif'])
      expect((await check('--format', format, ...args)).code).toBe(code);
  });

  it('is 1 for a format that there is not', async () => {
    const { code, err, out } = await check('--format', 'xml');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^--format xml: it is one of text, json, github, sarif\.\nUsage: latchkey policy check /);
  });
});

describe('as text', () => {
  it('says what a warning is about, what the folder holds, and where each code is explained', async () => {
    await write(DOUBTFUL);
    const { out, err } = await check();
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/a\.yaml:17:16 unlimited-auto-approval The flow “x” approves by itself/);
    expect(lines[1]).toMatch(/a\.yaml:17:47 unreachable-flow No request reaches the flow “y”/);
    expect(lines[2]).toMatch(/: 1 access, 1 target, digest /);
    expect(err).toMatch(/^2 warnings in .*\. What the codes mean:\n/);
    const pages = [...err.matchAll(/^ {2}\S+ +(\S+)$/gm)].map(([, page]) => String(page));
    expect(pages).toHaveLength(2);
    for (const page of pages) expect(existsSync(page)).toBe(true);
  });
});

describe('as JSON', () => {
  it('has every finding with its place and its page', async () => {
    await write(BROKEN);
    const { out, err } = await check('--format', 'json');
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({
      folder,
      errors: 1,
      warnings: 0,
      assumed: ['TOKEN'],
      findings: [
        {
          severity: 'error',
          code: 'unknown-group',
          sentence: 'There is no group `dab` in the directory. Did you mean `dba`?',
          file: `${folder}/a.yaml`,
          line: 17,
          col: 40,
          // Not where the page is on this machine: who reads the report is on another one.
          help: 'docs/policy-codes/unknown-group.md',
        },
      ],
    });
    expect(existsSync(new URL('../../docs/policy-codes/unknown-group.md', import.meta.url))).toBe(true);
  });

  it('tells what a folder holds that loads', async () => {
    await write(CLEAN);
    expect(JSON.parse((await check('--format', 'json')).out)).toMatchObject({
      errors: 0,
      warnings: 0,
      loaded: { accesses: 1, actions: 0, targets: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      findings: [],
    });
  });
});

describe('as workflow commands of GitHub', () => {
  it('is a line a finding, whatever its file is called', async () => {
    await write(BROKEN);
    const { out } = await check('--format', 'github');
    const file = `${folder}/a.yaml`.replaceAll('%', '%25').replaceAll(',', '%2C');
    expect(out).toBe(
      `::error file=${file},line=17,col=40,title=unknown-group::There is no group \`dab\` in the directory. Did you mean \`dba\`?\n`,
    );
  });

  it('lets nobody write a command with a name', async () => {
    await write(oneAccess('[{name: "x", steps: [{approvers: ["group:dba\\n::set-output name=a::b"]}]}]'));
    const { out } = await check('--format', 'github');
    for (const line of out.trimEnd().split('\n')) expect(line).toMatch(/^::error file=/);
  });
});

interface Sarif {
  $schema: string;
  version: string;
  runs: {
    tool: { driver: { name: string; rules: { id: string; help: { text: string; markdown?: string } }[] } };
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[];
    }[];
  }[];
}

describe('as SARIF 2.1.0', () => {
  it('has the required parts, a rule with its page for each code, and addresses that are addresses', async () => {
    await write(DOUBTFUL);
    const log = JSON.parse((await check('--format', 'sarif')).out) as Sarif;
    expect(log.version).toBe('2.1.0');
    expect(log.$schema).toMatch(/sarif-2\.1\.0/);
    const [run] = log.runs;
    if (!run) throw new Error('there is no run');
    const { name, rules } = run.tool.driver;
    expect(name).not.toBe('');
    expect(rules.map(({ id }) => id)).toEqual(['unlimited-auto-approval', 'unreachable-flow']);
    for (const rule of rules) {
      expect(rule.help.text).toMatch(/^# /);
      expect(rule.help.markdown).toBe(rule.help.text);
      // An address on this machine opens nowhere else.
      expect(rule).not.toHaveProperty('helpUri');
    }
    expect(run.results).toHaveLength(2);
    for (const { ruleId, ruleIndex, level, message, locations } of run.results) {
      expect(rules[ruleIndex]?.id).toBe(ruleId);
      expect(level).toBe('warning');
      expect(message.text).not.toBe('');
      const [{ physicalLocation } = { physicalLocation: undefined }] = locations;
      expect(fileURLToPath(physicalLocation?.artifactLocation.uri ?? '')).toBe(join(folder, 'a.yaml'));
      expect(physicalLocation?.region.startLine).toBeGreaterThan(0);
    }
  });

  it('makes no link of what somebody called something', async () => {
    await write(oneAccess('[{name: "[urgent](https://evil.example) \\\\]", auto_approve: true}]'));
    const log = JSON.parse((await check('--format', 'sarif')).out) as Sarif;
    const texts = log.runs.flatMap(({ results }) => results.map(({ message }) => message.text));
    expect(texts).toContainEqual(expect.stringContaining('“\\[urgent\\](https://evil.example) \\\\\\]”'));
  });

  it('is a log without results when nothing is found', async () => {
    await write(CLEAN);
    const log = JSON.parse((await check('--format', 'sarif')).out) as Sarif;
    expect(log.runs).toMatchObject([{ tool: { driver: { rules: [] } }, results: [] }]);
  });
});
