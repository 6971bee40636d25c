import { changed, usual } from '../support/world.ts';
import { failuresIn, problemsIn } from './support/run.ts';

const matrix = (text: string): string => `version: 1\nkind: tests\nmatrices:\n  - name: it\n${text}`;
const cells = async (text: string, world = usual) =>
  ((await failuresIn(matrix(text), world)).it ?? []).map(
    ({ place, what, expected, got }) => `${place.line} ${what}: ${expected} → ${got.replace(/ \(.*/, '')}`,
  );

const AUTO = '      auto: {group:backend: automatic}\n';
const ALL = `    expect:
      read: [ana, ben]
      write: {ana: approval, ben: {flow: careful, needs: {dba: 2, security: 1}}}
${AUTO}      both: {group:backend: allowed, everyone: not-eligible}
      direct: {'ana, ben': {flow: two}}
`;

describe('a matrix', () => {
  it('says for everybody and every access what asking leads to', async () => {
    expect(await cells(ALL)).toEqual([]);
  });

  it('expects whoever is not listed to be refused', async () => {
    expect(await cells(ALL.replace(AUTO, ''))).toEqual([
      '4 ana@example.com, auto: refused → automatic, flow “self-service”, needs nobody',
      '4 ben@example.com, auto: refused → automatic, flow “self-service”, needs nobody',
    ]);
    expect(await cells('    people: [ana, gus]\n    accesses: [auto]\n    expect: {}\n')).toEqual([
      '4 ana@example.com, auto: refused → automatic, flow “self-service”, needs nobody',
    ]);
  });

  it('fails at the line of what differs', async () => {
    const text = `    accesses: [read, write, auto]
    expect:
      read:
        gus: allowed
        ana: automatic
        ben: too-long
      write:
        ana: {flow: quick}
        ben: {needs: {dba: 1}}
      auto:
        group:backend: approval
`;
    expect(await cells(text)).toEqual([
      '9 ana@example.com, read: automatic → approval, flow “normal”, needs 1 of group:dba',
      '10 ben@example.com, read: refused: too-long → approval, flow “normal”, needs 1 of group:dba',
      '8 gus@example.com, read: allowed → refused: not-eligible',
      '12 ana@example.com, write: allowed, flow “quick” → approval, flow “careful”, needs 1 of group:security; 2 of group:dba',
      '13 ben@example.com, write: allowed, needs 1 of group:dba → approval, flow “careful”, needs 1 of group:security; 2 of group:dba',
      '15 ana@example.com, auto: approval → automatic, flow “self-service”, needs nobody',
      '15 ben@example.com, auto: approval → automatic, flow “self-service”, needs nobody',
    ]);
  });

  it('gives a person the first line that names them', async () => {
    const text =
      '    accesses: [read]\n    expect: {read: {ana: approval, group:backend: allowed, everyone: refused}}\n';
    expect(await cells(text)).toEqual([]);
  });

  it('asks for every duration, and with a reason of its own', async () => {
    const text = '    people: [ana]\n    accesses: [read]\n    durations: [1h, 4h, 5h]\n    expect: {read: [ana]}\n';
    expect(await cells(text)).toEqual(['8 ana@example.com, read for 5h: allowed → refused: too-long']);
    const strict = changed(usual, { read: { reason: { required: true, min_length: 10 } } });
    const why = '    people: [ana]\n    accesses: [read]\n    expect: {read: [ana]}\n';
    expect(await cells(why, strict)).toEqual([]);
    expect(await cells(`    reason: short\n${why}`, strict)).toEqual([
      '8 ana@example.com, read: allowed → refused: invalid-field',
    ]);
  });

  it('looks at an access whatever it is called', async () => {
    const { read = {} } = usual.accesses;
    const world = { ...usual, accesses: { constructor: read } };
    expect(await cells('    expect: {}\n', world)).toHaveLength(2);
    expect(await cells('    expect: {constructor: [ana, ben]}\n', world)).toEqual([]);
  });

  it('tells the words of owners and managers by who they are', async () => {
    const world = {
      ...changed(usual, {
        read: { flows: [{ name: 'owners', steps: [{ approvers: ['owner', 'manager'], need: 1 }] }] },
      }),
      targets: { ...usual.targets, db: { provider: 'fake', system: 'db', owner: 'group:dba' } },
    };
    const text = "    people: [ana]\n    accesses: [read]\n    expect: {read: {ana: {needs: {'manager, dba': 1}}}}\n";
    expect(await cells(text, world)).toEqual([]);
  });
});

describe('fields of a matrix', () => {
  it('are filled in wherever an access has them', async () => {
    const world = changed(usual, { read: { fields: { ticket: { label: 'Ticket', required: true } } } });
    const text = '    people: [ana]\n    accesses: [read, auto]\n    expect: {read: [ana], auto: [ana]}\n';
    expect(await cells(text, world)).toEqual(['7 ana@example.com, read: allowed → refused: invalid-field']);
    expect(await cells(`    fields: {ticket: INC-42}\n${text}`, world)).toEqual([]);
  });
});

describe('a matrix that cannot be read', () => {
  it('tells every problem at its place', () => {
    const text = matrix(`    people: [anna]
    accesses: [raed]
    durations: [1x]
    expect:
      wriet: {ana: approval}
      read: {anna: approval, group:dbaa: approval, ben: {flw: x, needs: {owner: 1}}}
      auto: [anna]
`);
    expect(problemsIn(text).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'a.test.yaml:5:14 unknown-person',
      'a.test.yaml:6:16 unknown-access',
      'a.test.yaml:7:17 bad-duration',
      'a.test.yaml:9:7 unknown-access',
      'a.test.yaml:10:14 unknown-person',
      'a.test.yaml:10:30 unknown-person',
      'a.test.yaml:10:58 unknown-key',
      'a.test.yaml:10:74 bad-principal',
      'a.test.yaml:11:14 unknown-person',
    ]);
  });

  it('refuses to expect something of what it does not look at', () => {
    const text = matrix(
      '    people: [ana]\n    accesses: [read]\n    expect: {auto: {ana: refused}, read: {ben: refused}}\n',
    );
    expect(problemsIn(text)).toEqual([
      expect.stringMatching(/^a\.test\.yaml:7:14 unknown-access `auto` is not among/),
      expect.stringMatching(/^a\.test\.yaml:7:43 unknown-person Nobody of this is among/),
    ]);
  });

  it('needs a `now` where a condition reads time, and only there', () => {
    const text = '    accesses: [auto]\n    expect: {}\n';
    expect(problemsIn(matrix(text))).toEqual([]);
    const scheduled = {
      ...changed(usual, { auto: { flows: [{ name: 'open', when: 'in_schedule("office")', auto_approve: true }] } }),
      settings: { schedules: { office: { days: ['mon'], from: '09:00', to: '17:00' } } },
    };
    expect(problemsIn(matrix(text), scheduled)).toEqual([
      expect.stringMatching(/^a\.test\.yaml:4:11 missing-now A condition of `auto` reads time/),
    ]);
    expect(problemsIn(matrix(`    now: 2026-03-03T09:00:00Z\n${text}`), scheduled)).toEqual([]);
    expect(problemsIn(matrix('    accesses: [read]\n    expect: {read: [ana, ben]}\n'), scheduled)).toEqual([]);
  });
});
