import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { latchkey } from '../support/product.ts';

const SAMPLES = fileURLToPath(new URL('../../policies', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-policies-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFile(join(folder, name), text);

const targets = (settings: string) =>
  write('targets.yaml', `version: 1\nkind: targets\ntargets:\n  db: {owner: group:dba, ${settings}}\n`);
const PEOPLE = `version: 1
kind: directory
people: [{email: ana@example.com, slack: U01ANA}, {email: dee@example.com, slack: U01DEE}]
groups: {dba: [dee@example.com]}
`;

describe('latchkey policy check', () => {
  it('counts what a clean folder holds, of POLICIES_DIR or of the folder that is named', async () => {
    const named = await latchkey(['policy', 'check', SAMPLES], { POLICIES_DIR: '/nowhere' });
    expect(named.out).toMatch(/\S+policies: 8 accesses, 2 actions, 3 targets, digest [0-9a-f]{12}\n/);
    expect(named.code).toBe(0);
    expect(await latchkey(['policy', 'check'], { POLICIES_DIR: SAMPLES })).toEqual(named);
    // Nothing in the samples makes a reviewer ask.
    expect(await latchkey(['policy', 'check', SAMPLES, '--strict'], {})).toEqual(named);
  });

  it('needs no database, and leaves none behind', async () => {
    const database = join(folder, 'not-there', 'latchkey.db');
    const { code } = await latchkey(['policy', 'check', SAMPLES], { DATABASE_URL: `file:${database}` });
    expect(code).toBe(0);
    await expect(cp(database, join(folder, 'copy'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('tells every problem of every file at once, each with file, line, column and code', async () => {
    await cp(SAMPLES, folder, { recursive: true });
    await write('a.yaml', `version: 1\nkind: access\nname: one\ntitel: One\ngrants: [{target: nowhere, group: x}]\n`);
    await write('b.yaml', 'version: 1\nkind: access\nname: [\n');
    await mkdir(join(folder, 'more'));
    await write('more/c.yaml', `version: 2\nkind: acess\n`);

    const { code, out, err } = await latchkey(['policy', 'check', folder], {});
    const lines = out.trimEnd().split('\n');
    expect(code).toBe(2);
    expect(err).toMatch(`${lines.length} problems in ${folder}. What the codes mean:\n`);
    for (const line of lines) expect(line).toMatch(/^\S+\.yaml:\d+:\d+ [a-z-]+ \S.*\S$/);
    const places = lines.map((line) => /([^/]+\.yaml:\d+):/.exec(line)?.[1]);
    for (const place of ['a.yaml:4', 'b.yaml:4', 'c.yaml:1', 'c.yaml:2']) expect(places).toContain(place);
    expect(out).toMatch(/a\.yaml:4:1 \S+ .*did you mean `?title/i);
    // As an editor or a terminal can open them from here.
    for (const line of lines) expect(line.startsWith(`${folder}/`)).toBe(true);
  });

  it('tells what cannot be read together with what is wrong in the rest, and guesses at no name', async () => {
    await write('empty.yaml', '');
    await write('people.yaml', PEOPLE.replace('slack: U01DEE', 'slack: dee'));
    await write(
      'one.yaml',
      'version: 1\nkind: access\nname: One\ngrants: [{target: nowhere, group: x}]\nrequesters: [group:unheard-of]\nduration: {default: 1h, max: 2h}\n',
    );
    const { code, out } = await latchkey(['policy', 'check', folder], {});
    expect(code).toBe(2);
    expect(out.match(/[a-z]+\.yaml:\d+:\d+ [a-z-]+/g)).toEqual([
      'empty.yaml:1:1 empty-file',
      'one.yaml:3:7 bad-name',
      'people.yaml:3:83 bad-slack-id',
    ]);
  });

  it('tells that the folder is not there, or holds nothing', async () => {
    const missing = await latchkey(['policy', 'check', join(folder, 'no')], {});
    expect(missing.out).toMatch(`${join(folder, 'no')}:1:1 unreadable The policy folder cannot be read (ENOENT)`);
    expect(missing.code).toBe(2);
    const empty = await latchkey(['policy', 'check', folder], {});
    expect(empty.out).toMatch(/:1:1 no-policies /);
    expect(empty.code).toBe(2);
  });

  it.each([
    [`provider: scim-group, url: '\${env:ONE}', token: '\${env:TWO}'`],
    [`provider: scim-group, url: 'https://\${env:TWO}/scim', token: '\${env:ONE}'`],
    [`provider: scim-group, url: 'https://idp.example.com:\${env:TWO}/scim', token: '\${env:ONE}'`],
    [
      `provider: postgres-role, url: '\${env:ONE}', end_sessions: false} \n  more: {provider: scim-group, url: '\${env:TWO}', token: '\${env:TWO}'`,
    ],
  ])('needs no secrets, whatever the variables are called and hold: %s', async (settings) => {
    await write('people.yaml', PEOPLE);
    await targets(settings);
    const { code, out } = await latchkey(['policy', 'check', folder], {});
    expect(out).toMatch(/\nNot set here, and taken to be right where it runs: ONE, TWO\n$/);
    expect(code).toBe(0);
  });

  it('tells what is wrong, and not that what it took to be right did not fit', async () => {
    await write('people.yaml', PEOPLE);
    await targets(`provider: scim-group, url: '\${env:ONE}', token: '\${env:TWO}'`);
    await write(
      'access.yaml',
      `version: 1
kind: access
name: a
grants: [{target: db, group: g}]
requesters: [everyone]
duration: {default: 1h, max: 4h}
flows: [{name: x, auto_approve: true}]
revoke_on_idle: 30m
`,
    );
    const { out } = await latchkey(['policy', 'check', folder], {});
    expect(out).toMatch(/access\.yaml:8:\d+ cannot-tell-use /);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
  });

  it('looks at the variables that are set, and shows none of their values', async () => {
    await write('people.yaml', PEOPLE);
    await targets(`provider: scim-group, url: '\${env:IDP}', token: '\${env:TOKEN}'`);
    const { code, out } = await latchkey(['policy', 'check', folder], { IDP: 'ftp://hunter2.example.com' });
    expect(out).toMatch(/^\S+targets\.yaml:4:\d+ \S+ .*SCIM base address/);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(out).not.toContain('hunter2');
    expect(code).toBe(2);
  });

  it('does not take Latchkey’s own credentials to be right in a policy, set or not: the product refuses them', async () => {
    await write('people.yaml', PEOPLE);
    await targets(`provider: scim-group, url: 'https://idp.example.com', token: '\${env:SLACK_BOT_TOKEN}'`);
    const env = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };
    for (const set of [{}, env]) {
      const { code, out } = await latchkey(['policy', 'check', folder], set);
      expect(out).toMatch(/targets\.yaml:4:\d+ missing-env /);
      expect(code).toBe(2);
    }
  });
});
