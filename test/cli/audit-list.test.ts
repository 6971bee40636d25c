import { createHash } from 'node:crypto';
import { link } from '../../src/audit/chain.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { createStore } from '../../src/store/store.ts';
import { App } from '../support/app.ts';
import { AuditedDatabase, expectSentence, inProcess, on, tamper } from './support/audited-database.ts';

let database: AuditedDatabase;
let path: string;
beforeAll(async () => {
  database = await AuditedDatabase.make();
  path = await database.copy();
});
afterAll(() => database.remove());

interface Line {
  workspace: string;
  hash: string;
  entry: { event: DomainEvent; prev: string; seq: number };
}

/** Lines of `audit list`, which must go well. */
async function lines(...filters: string[]): Promise<string[]> {
  const { code, out, err } = await inProcess(path, 'audit', 'list', ...filters);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/\n$/);
  return out.trimEnd().split('\n');
}

const json = async (...filters: string[]): Promise<Line[]> =>
  (await lines('--json', ...filters)).map((line) => JSON.parse(line) as Line);

const days = (list: readonly Line[]): string[] => [...new Set(list.map(({ entry }) => entry.event.at.slice(0, 10)))];

describe('latchkey audit list', () => {
  it('answers who, what, when and under which rule, a line for each entry, oldest first', async () => {
    const all = await lines();
    expect(all).toHaveLength(19);
    for (const line of all) expect(line).toMatch(/^2026-03-0[34]T\d\d:\d\d:\d\d\.\d{3}Z +\d+ {2}\S.*\S$/);
    expect(all[0]).toMatch(
      /^2026-03-03T09:00:00\.000Z {7}1 {2}ana@example\.com: asked for read for 1h, reason "INC-42 slow queries"; flow "normal", policies [0-9a-f]{12}$/,
    );
    expect(all[1]).toMatch(/ dee@example\.com \[ana@example\.com\]: voted to approve read in step 1; policies /);
    expect(all.join('\n')).toContain('reason "INC-43 <&> \\"quoted\\" – ünï"');
  });

  it('--json gives the bytes as they were hashed: an outsider can re-compute the whole chain from the lines', async () => {
    let prev = '0'.repeat(64);
    const all = await lines('--json');
    for (const [index, line] of all.entries()) {
      const shape = /^\{"workspace":"T0LATCHKEY","hash":"([0-9a-f]{64})","entry":(\{.*\})\}$/.exec(line);
      const [, hash = '', bytes = ''] = shape ?? [];
      expect(createHash('sha256').update(bytes, 'utf8').digest('hex')).toBe(hash);
      expect(JSON.parse(bytes)).toMatchObject({ prev, seq: index + 1 });
      expect((JSON.parse(line) as Line).hash).toBe(hash);
      prev = hash;
    }
    const { out } = await on(path, 'audit', 'verify');
    expect(out).toContain(`Head ${prev}`);
  });

  it('--access gives everything about one access, the grants of it too', async () => {
    const both = await json('--access', 'both');
    expect(both.map(({ entry }) => entry.event.type)).toEqual([
      'RequestOpened',
      'CommandRefused',
      'VoteCast',
      'RequestDenied',
    ]);
    expect((await json('--access', 'read')).map(({ entry }) => entry.event.type)).toContain('GrantEnded');
    expect((await json('--access', 'read')).length + both.length).toBe(19);
  });

  it('--person gives what somebody did and what was done for them', async () => {
    const ben = await json('--person', 'ben@example.com');
    expect(ben.map(({ entry }) => `${entry.event.type} by ${entry.event.actor}`)).toEqual([
      'RequestOpened by ben@example.com',
      'CommandRefused by ben@example.com',
      'VoteCast by cy@example.com',
      'RequestDenied by cy@example.com',
    ]);
    expect(await json('--person', 'BEN@Example.com')).toEqual(ben);
    expect((await json('--person', 'cy@example.com')).map(({ entry }) => entry.event.type)).toEqual([
      'VoteCast',
      'RequestDenied',
    ]);
  });

  it('--since takes a date, a moment or how long ago, all in UTC', async () => {
    expect(days(await json('--since', '2026-03-01'))).toEqual(['2026-03-03', '2026-03-04']);
    const fourth = await json('--since', '2026-03-04');
    expect(days(fourth)).toEqual(['2026-03-04']);
    expect(await json('--since', '2026-03-04T00:00Z')).toEqual(fourth);
    expect(await json('--since', '2026-03-04T00:00:00.000Z')).toEqual(fourth);
    // It is noon on the 5th.
    expect(await json('--since', '1d12h')).toEqual(fourth);
    expect(await json('--since', '7d')).toHaveLength(19);
    const at = fourth[4]?.entry.event.at ?? '';
    expect((await json('--since', at))[0]?.entry.event.at).toBe(at);
  });

  it('takes several filters together, and the form with an equals sign', async () => {
    const some = await json('--person=ana@example.com', '--access=read', '--since=2026-03-04');
    expect(some[0]?.entry.event.type).toBe('RequestOpened');
    expect(some.at(-1)?.entry.event.type).toBe('GrantActivated');
  });

  it('says that nothing answers the question, beside what is listed', async () => {
    const none = ['audit', 'list', '--person', 'ben@example.com', '--access', 'read'];
    expect(await on(path, ...none)).toEqual({ code: 0, out: '', err: 'No entry answers this question.\n' });
    expect(await on(path, ...none, '--json')).toEqual({ code: 0, out: '', err: '' });
    expect(await on(path, 'audit', 'list', '--person', 'ben@example.com', '--since', '2027-01-01')).toMatchObject({
      code: 0,
    });
  });

  it.each([
    [['--person', 'eve@example.com'], '--person eve@example.com: the log names nobody of this e-mail.\n'],
    [['--person', 'ana'], '--person ana: the log names nobody of this e-mail. Did you mean ana@example.com?\n'],
    [
      ['--person', 'BNE@example.com'],
      '--person BNE@example.com: the log names nobody of this e-mail. Did you mean ben@example.com?\n',
    ],
    [['--person', 'api-key:jenkins'], '--person api-key:jenkins: the log names no caller of this name.\n'],
    [['--access', 'raed'], '--access raed: the log names no access and no action of this name. Did you mean read?\n'],
    [['--access', 'Read'], '--access Read: the log names no access and no action of this name. Did you mean read?\n'],
    [
      ['--access', 'bth', '--person', 'dee', '--since', '2026-03-01'],
      '--person dee: the log names nobody of this e-mail. Did you mean dee@example.com?\n--access bth: the log names no access and no action of this name. Did you mean both?\n',
    ],
  ])('%j is a name that the log does not have: says so, with the nearest, and fails', async (args, err) => {
    expect(await on(path, 'audit', 'list', ...args)).toEqual({ code: 1, out: '', err });
    expect(await on(path, 'audit', 'list', '--json', ...args)).toEqual({ code: 1, out: '', err });
  });

  it.each([
    ['yesterday', /write a date .* or how long ago \(7d, 12h\)/],
    ['2026-02-30', /there is no such day or time/],
    ['2026-13-01', /there is no such day or time/],
    ['2026-03-03T25:00Z', /there is no such day or time/],
    ['2026-03-03T09:00', /UTC/],
    ['2026-03-03T09:00+01:00', /UTC/],
    ['03/03/2026', /write a date/],
    ['7', /write a date/],
    ['0s', /a duration must be longer than zero/],
    ['400d', /a duration can be at most 366d; an earlier day is written as a date/],
    ['12h1d', /write a duration like/],
    ['', /write a date/],
  ])('--since %j is a mistake, and says what would be right', async (since, why) => {
    const finished = await on(path, 'audit', 'list', `--since=${since}`);
    expectSentence(finished, { code: 1, err: why });
    expect(finished.err.startsWith(`--since ${since}: `)).toBe(true);
    expect(finished.err).toContain('Usage: latchkey audit verify');
  });

  it.each([
    [['--acces', 'read'], /Unknown option '--acces'/],
    [['read'], /Unexpected argument 'read'/],
    [['--person'], /'--person <value>' argument missing/],
    [['--json=yes'], /'--json' does not take an argument/],
  ])('%j is a mistake, and shows how the command is used', async (args: string[], why) => {
    const finished = await on(path, 'audit', 'list', ...args);
    expectSentence(finished, { code: 1, err: why });
    expect(finished.err).toContain('latchkey audit list [--access NAME] [--person EMAIL|CALLER]');
  });

  it('stops with a sentence at an entry that cannot be read, which must not look like the end', async () => {
    const spoilt = await database.copy();
    await tamper(spoilt, ({ run }) => run(`UPDATE "AuditEntry" SET "body" = 'nothing' WHERE "seq" = 3`));
    for (const form of [[], ['--json']]) {
      const { code, out, err } = await on(spoilt, 'audit', 'list', ...form);
      expect(err).toMatch(/^The next entry cannot be read: `latchkey audit verify` names it\. \(.*\)\n$/);
      expect(err.trimEnd().split('\n')).toHaveLength(1);
      expect(code).toBe(3);
      expect(out.trimEnd().split('\n').length).toBeLessThan(3);
    }
  });
});

describe('what people and callers wrote', () => {
  it('is no command to a terminal or to the runner of a job, when it is listed and when it is verified', async () => {
    const url = `${database.folder}/hostile.db`;
    const store = await createStore({ url: `file:${url}`, link });
    const app = new App(store, {});
    await app.asked('ana', 'read', { reason: 'slow queries ##[set-output name=a;]b \u202edetrever' });
    await app.work();
    const [opened] = await app.events('RequestOpened');
    if (!opened) throw new Error('nothing was asked');
    const { at, workspace } = opened;
    const forged: DomainEvent = {
      ...{ type: 'RequestDenied', at, workspace, access: 'read', openedAt: at },
      ...{ actor: 'oidc:https://ci.example.com#\n::error::x \u001b[2J', requestId: 'x ##[error]\n::stop-commands::x' },
    };
    await store.transaction((tx) => tx.write(workspace, at, { events: [forged], effects: [] }));
    await store.close();
    const listed = await inProcess(url, 'audit', 'list');
    const verified = await inProcess(url, 'audit', 'verify');
    expect([listed.code, verified.code]).toEqual([0, 3]);
    expect(verified.out).toContain('was never opened');
    for (const { out } of [listed, verified]) {
      expect(out.split('\n').filter((line) => line.trim().startsWith('::') || line.includes('##['))).toEqual([]);
      expect(out).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
    }
  });
});
