import { formatProblem } from '../../src/policy/index.ts';
import { access, DIRECTORY, parse, policiesWith, TARGETS } from './support/world.ts';

const problems = (text: string): string[] => {
  const parsed = parse({ 'a.yaml': text, 'directory.yaml': DIRECTORY, 'targets.yaml': TARGETS });
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
};
const directory = (person: string) => `version: 1\nkind: directory\npeople: [${person}]\n`;

describe('what YAML 1.1 took for something else', () => {
  it.each([
    ['on', 'true'],
    ['yes', 'true'],
    ['Y', 'true'],
    ['off', 'false'],
    ['No', 'false'],
    ["'true'", 'true or false'],
  ])('%s is no boolean: write %s', (word, meant) => {
    const [problem, ...more] = problems(access({ reason: `{required: ${word}}` }));
    expect(problem).toMatch(new RegExp(` wrong-type .*: write ${meant}, without quotes\\.$`));
    expect(more).toEqual([]);
  });

  it.each([
    ['1:30', '`1h30m` or `1m30s`'],
    ['90:00', '`90h0m` or `90m0s`'],
  ])('%s is no duration: write %s', (text, meant) => {
    const [problem, ...more] = problems(access({ duration: `{default: 1h, max: ${text}}` }));
    expect(problem).toContain(' bad-duration ');
    expect(problem).toContain(meant);
    expect(more).toEqual([]);
  });

  it('9:00 is no time of day: write two digits', () => {
    const text = "version: 1\nkind: settings\ndigest: {channel: '#audit', at: 9:00}\n";
    expect(problems(text)).toEqual([expect.stringMatching(/ bad-time .*'00:00' to '23:59'/)]);
  });

  it.each(['010', '1_000', '0x1F', '1e3', '1.10', '2030', 'true', 'null', '~', ''])(
    '%s as a name is a name only in quotes, or none at all',
    (text) => {
      const found = problems(access({ name: text }));
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(/ (wrong-type|bad-name) /);
    },
  );

  it.each(['no', 'on', 'y', 'off'])('%s as a title is what it looks like', (text) => {
    expect(policiesWith(access({ title: text })).accesses.get('db-read')?.title).toBe(text);
  });

  it('a channel without quotes is a comment', () => {
    expect(problems(access({ channel: '#db-access' }))).toEqual([
      expect.stringMatching(/ wrong-type .*it is empty: put it in quotes, since # begins a comment/),
    ]);
  });
});

describe('letters that look like others', () => {
  it.each([
    ['a Cyrillic а', 'аna@example.com', '“а” (U+0430)'],
    ['a domain in another alphabet', 'ana@exаmple.com', '“а” (U+0430)'],
    ['a letter with an accent', 'aná@example.com', '“á” (U+00E1)'],
    ['a space of no width', 'ana\u200B@example.com', 'U+200B'],
    ['a mathematical letter', '𝒶na@example.com', '“𝒶” (U+1D4B6)'],
  ])('are no part of an e-mail: %s', (_what, email, named) => {
    const found = problems(directory(`{email: ${JSON.stringify(email)}}`));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/ bad-email It holds /);
    expect(found[0]).toContain(named);
  });

  it.each(['prоd-db', 'prod–db', 'PROD-DB', 'prod_db', 'ｐrod', 'prod\u200Bdb'])(
    'are no part of a name: %s',
    (name) => {
      expect(problems(access({ name: JSON.stringify(name) }))).toEqual([expect.stringMatching(/ bad-name /)]);
    },
  );

  it('do not make one person two: e-mails are compared without regard to case', () => {
    expect(problems(directory('{email: ANA@Example.COM}'))).toEqual([
      expect.stringMatching(/duplicate-person .*`ana@example\.com` is already defined at /),
    ]);
  });
});

describe('a byte order mark', () => {
  it('makes no difference at the start, and is no part of a key in the middle', () => {
    expect(problems(`\uFEFF${access()}`)).toEqual([]);
    expect(problems(access({ '\uFEFFtitle': 'x' }))).toEqual([expect.stringMatching(/ unknown-key /)]);
  });
});

describe('a tab', () => {
  it.each(['version: 1\nkind: settings\ndigest:\n\tat: x\n', 'version: 1\n\tkind: settings\n'])(
    'is not taken for indentation: %j',
    (text) => {
      const found = problems(text);
      expect(found.length).toBeGreaterThan(0);
      for (const line of found) expect(line).toMatch(/ (yaml-tab|yaml-syntax|missing-key) /);
    },
  );

  it('is fine where it is no indentation', () => {
    expect(problems(access({ title: 'x\t# a remark' }))).toEqual([]);
  });
});

describe('a group in a group', () => {
  it('is refused: who is in it could not be told by looking', () => {
    const text = "version: 1\nkind: directory\ngroups: {x: ['group:dba']}\n";
    expect(problems(text)).toEqual([expect.stringMatching(/ bad-email A group cannot stand here/)]);
  });
});
