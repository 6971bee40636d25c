import { HEAD, problemsIn, timeline } from './support/run.ts';

describe('a sentence of a test', () => {
  it.each([
    ['anna requests read', 'unknown', 'There is no person `anna` in the directory. Did you mean `ana`?'],
    ['ana request read', 'bad-do', 'Nobody can do `request`. Did you mean `requests`?'],
    [
      'ana wants read',
      'bad-do',
      'Nobody can do `wants`. The verbs are: requests, takes, approves, denies, extends, withdraws, ends, reviews, is away, is back, is idle.',
    ],
    [
      'ana is idle for ever',
      'bad-do',
      'After `for`, write a duration like 30m, 1h30m or 2d. It is written: ana is idle',
    ],
    ['ana is idle read', 'bad-do', '`read` does not fit there. It is written: ana is idle [for DURATION]'],
    ['ana', 'bad-do', 'It ends where what is done: requests'],
    ['ana requests', 'bad-do', 'It ends where the name of an access should come. It is written: ana requests ACCESS'],
    ['ana requests raed', 'bad-do', 'There is no access `raed`. Did you mean `read`?'],
    ['ana requests read for', 'bad-do', 'It ends where a duration, such as 1h should come.'],
    ['ana requests read now', 'bad-do', '`now` does not fit there.'],
    ['ana requests read because "why', 'bad-do', 'The quote that opens with "why is not closed.'],
    ['ana requests read because "why"not', 'bad-do', 'A blank is missing after the quote'],
    ['ana requests read with ticket', 'bad-do', '`ticket` is no field with its value, such as ticket=INC-42.'],
    ['ana requests read with a=1 a=2', 'bad-do', '`a` is filled in twice.'],
    ['dee approves read of nobody', 'bad-do', 'There is no person `nobody`'],
    ['dee approves of', 'bad-do', 'It ends where a person or a caller should come.'],
  ])('%s: says what would be right', (sentence, code, why) => {
    const problems = problemsIn(timeline(`do: '${sentence}'`));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^a\.test\.yaml:7:\d+ /);
    expect(problems[0]).toContain(code === 'unknown' ? 'bad-do' : code);
    expect(problems[0]).toContain(why);
  });

  it('may hold blanks and either kind of quotes', () => {
    for (const quoted of ['"a b"', "''a b''", '“a b”']) {
      expect(problemsIn(timeline(`do: 'ana requests read because ${quoted}'`))).toEqual([]);
    }
  });
});

describe('a test file', () => {
  it('needs a `now` for a timeline, of the document or of its own', () => {
    const text = timeline('do: ana requests read').replace(/now: .*\n/, '');
    expect(problemsIn(text)).toEqual([expect.stringMatching(/^a\.test\.yaml:4:11 missing-now A timeline reads time/)]);
    expect(problemsIn(text.replace('name: it', 'name: it\n    now: 2026-03-03T09:00:00Z'))).toEqual([]);
  });

  it.each([
    '2026-03-03',
    '2026-03-03T09:00:00',
    '2026-02-30T09:00:00Z',
    '2026-03-03T24:00:00Z',
    '2026-03-03T09:00+99:00',
    'noon',
  ])('refuses the instant %s', (now) => {
    expect(problemsIn(HEAD.replace(/now: .*/, `now: ${now}`))).toEqual([
      expect.stringMatching(/^a\.test\.yaml:3:6 bad-instant .*such as 2026-03-03T09:00:00Z/),
    ]);
  });

  it('refuses time that runs back', () => {
    expect(problemsIn(timeline('at: +1h, do: ana requests read', 'at: +30m', 'at: 2026-03-03T09:59:59Z'))).toEqual([
      expect.stringMatching(/^a\.test\.yaml:8:\d+ time-runs-back /),
      expect.stringMatching(/^a\.test\.yaml:9:\d+ time-runs-back /),
    ]);
  });

  it('tells every problem at once, each at its place', () => {
    const text = `${HEAD}timelnes: []
timelines:
  - name: one
    steps:
      - {do: anna requests read, expect: {statuss: pending, needs: {dbaa: 1, dba: 0}, may_approve: [deee]}}
      - {at: 5m}
      - {}
  - name: one
    steps: []
`;
    expect(problemsIn(text).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'a.test.yaml:4:1 unknown-key',
      'a.test.yaml:8:14 bad-do',
      'a.test.yaml:8:43 unknown-key',
      'a.test.yaml:8:69 bad-principal',
      'a.test.yaml:8:83 out-of-range',
      'a.test.yaml:8:101 unknown-person',
      'a.test.yaml:9:14 bad-instant',
      'a.test.yaml:10:9 missing-key',
      'a.test.yaml:12:12 empty-list',
    ]);
  });

  it('names each test once', () => {
    const one = '  - {name: one, steps: [{do: ana requests read}]}\n';
    expect(problemsIn(`${HEAD}timelines:\n${one}${one}`)).toEqual([
      expect.stringMatching(/^a\.test\.yaml:6:12 duplicate-test .*line 5/),
    ]);
  });

  it('tells the problems of fixtures where they stand', () => {
    const text = `${HEAD}fixtures:
  people: [{email: zoe@example.com, slak: U0ZOE}]
  groups: {backend: [zo@example.com]}
`;
    const problems = problemsIn(text);
    expect(problems).toContainEqual(expect.stringMatching(/^a\.test\.yaml:5:37 unknown-key .*slack/));
    expect(problems).toContainEqual(expect.stringMatching(/^a\.test\.yaml:6:22 unknown-person .*zoe@example.com/));
  });

  it('is told together with broken policies', () => {
    const problems = problemsIn(timeline('do: whoever request what'), {
      accesses: { bad: { grants: [] } },
      people: {},
      groups: {},
      targets: {},
      settings: {},
    });
    expect(problems).toContainEqual(expect.stringContaining('policies.yaml'));
    expect(problems).toContainEqual(expect.stringContaining('Did you mean `requests`?'));
  });
});
