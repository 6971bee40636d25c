import { settings, target } from './problems/case.ts';
import { access, DIRECTORY, parse, SECRET, TARGETS } from './support/world.ts';

describe('all problems', () => {
  it('of all files come at once, by file, line and column', () => {
    const parsed = parse({
      'z.yaml': access({ name: 'Bad Name', requesters: '[everyon]', colour: 'red' }),
      'b.yaml': settings('timezone: Nowhere\ndigest: {channel: audit, at: noon}'),
      'a.yaml': DIRECTORY,
      'c.yaml': TARGETS.replace('scim-group', 'scim-grop'),
    });
    if (parsed.ok) throw new Error('these are wrong');
    expect(parsed.problems.map(({ file, line, col, code }) => `${file}:${line}:${col} ${code}`)).toEqual([
      'b.yaml:3:11 bad-timezone',
      'b.yaml:4:19 bad-channel',
      'b.yaml:4:30 bad-time',
      'c.yaml:5:25 unknown-provider',
      'z.yaml:3:7 bad-name',
      'z.yaml:5:14 bad-principal',
      'z.yaml:8:1 unknown-key',
    ]);
  });

  it('of one access come at once, whatever part of it they are in', () => {
    const wrong = access({
      name: '7',
      grants: '[{target: app-db}, {target: nowhere}]',
      duration: '{default: 9, max: x}',
      reason: '{required: maybe, min_length: -1}',
      flows: "[{steps: [{approvers: ['group:sre'], need: 0}]}, {name: y, when: z}]",
    });
    const parsed = parse({ 'a.yaml': DIRECTORY, 'b.yaml': TARGETS, 'x.yaml': wrong });
    if (parsed.ok) throw new Error('this is wrong');
    expect(parsed.problems.map(({ code }) => code).sort()).toEqual([
      'bad-duration',
      'bad-duration',
      'condition-name',
      'flow-without-approval',
      'missing-key', // the grant's role
      'missing-key', // the flow's name
      'out-of-range',
      'out-of-range',
      'unknown-group',
      'unknown-target',
      'wrong-type',
      'wrong-type',
    ]);
  });

  it('do not grow by what follows from another one', () => {
    // With the directory unreadable nobody is known, and that is one problem, not one for every mention of a name.
    const broken = parse({ 'a.yaml': `${DIRECTORY}\tx: y\n`, 'b.yaml': TARGETS, 'x.yaml': access() });
    expect(broken.ok ? [] : broken.problems.map(({ file }) => file)).toEqual(expect.arrayContaining(['a.yaml']));
    expect(broken.ok ? [] : broken.problems.filter(({ file }) => file !== 'a.yaml')).toEqual([]);
    // A mistake in a person is not one in everybody who mentions them.
    const person = parse({ 'a.yaml': DIRECTORY.replace('U01DEE', 'dee'), 'b.yaml': TARGETS, 'x.yaml': access() });
    expect(person.ok ? [] : person.problems.map(({ code }) => code)).toEqual(['bad-slack-id']);
    const target = parse({
      'a.yaml': DIRECTORY,
      'b.yaml': TARGETS.replace('POSTGRES_URL', 'NOWHERE'),
      'x.yaml': access(),
    });
    expect(target.ok ? [] : target.problems.map(({ code }) => code)).toEqual(['missing-env']);
  });

  it.each([
    ['a group behind a misspelt key', DIRECTORY.replace('groups:', 'grups:'), 'unknown-key'],
    ['a group behind a misspelt kind', DIRECTORY.replace('kind: directory', 'kind: directry'), 'unknown-kind'],
    ['a group in a document of another version', DIRECTORY.replace('version: 1', 'version: 2'), 'unsupported-version'],
    ['a group that is misspelt where it is defined', DIRECTORY.replace('  backend:', '  Back_End:'), 'bad-name'],
    [
      'a group in a list in the place of a mapping',
      DIRECTORY.replace(/groups:[\s\S]*/, 'groups: [backend]\n'),
      'wrong-type',
    ],
    ['a person whose e-mail is none', DIRECTORY.replace('{email: cy@', '{email: cy '), 'bad-email'],
    ['people behind a tag', DIRECTORY.replace('people:', 'people: !list'), 'tag-not-allowed'],
    ['a group that stands twice', DIRECTORY.replace('  dba:', '  backend: []\n  dba:'), 'duplicate-key'],
    ['people who come from a source that is misspelt', `${DIRECTORY}form: {scim: {}}\n`, 'unknown-key'],
  ])('do not grow by what %s would mean', (_what, directory, code) => {
    const parsed = parse({ 'a.yaml': directory, 'b.yaml': TARGETS, 'x.yaml': access() });
    expect(parsed.ok ? [] : parsed.problems.map((found) => `${found.file} ${found.code}`)).toEqual([`a.yaml ${code}`]);
  });

  it('tell an unknown name in spite of a document that cannot define it', () => {
    const parsed = parse({
      'a.yaml': DIRECTORY.replace('kind: directory', 'kind: directry'),
      'b.yaml': TARGETS,
      'x.yaml': access({ requesters: "['group:backend', 'group:nowhere']", colour: 'red' }),
    });
    expect(parsed.ok ? [] : parsed.problems.map(({ code }) => code)).toEqual([
      'unknown-kind',
      'unknown-group',
      'unknown-key',
    ]);
  });

  it('of a flow come at once, for each of its steps', () => {
    const flows =
      "[{name: x, steps: [{approvers: ['group:nobody']}, {approvers: ['group:security'], need: 2}, {approvers: ['group:security']}, {approvers: ['group:security']}]}]";
    const parsed = parse({ 'a.yaml': DIRECTORY, 'b.yaml': TARGETS, 'x.yaml': access({ flows }) });
    expect(parsed.ok ? [] : parsed.problems.map(({ col, code }) => `${col} ${code}`)).toEqual([
      '27 empty-group',
      '58 too-few-approvers',
      '133 too-few-approvers',
    ]);
  });

  it('of a file with very many end with one that counts the rest', () => {
    const many = `version: 1\nkind: directory\npeople:\n${'  - {}\n'.repeat(500)}`;
    const parsed = parse({ 'a.yaml': many });
    if (parsed.ok) throw new Error('these are wrong');
    expect(parsed.problems).toHaveLength(201);
    expect(parsed.problems.at(-1)).toEqual({
      file: 'a.yaml',
      line: 204,
      col: 5,
      code: 'too-many-problems',
      sentence: expect.stringMatching(/^300 more problems/),
    });
  });

  it('never show a secret, wherever it stands', () => {
    const wrong = [
      target("{provider: postgres-role, url: '${env:NOT_POSTGRES}'}"),
      target('{provider: scim-group, url: "s3cr3t", token: "s3cr3t"}'),
      target('{provider: scim-group, url: [s3cr3t], token: {a: s3cr3t}}'),
      target('{provider: scim-group, url: "s3cr3t \\q", token: "s3cr3t'),
      target('{provider: scim-group, token: !!str "s3cr3t", url: *s3cr3t }'),
      target('{provider: scim-group, url: https://a:s3cr3t@b}'),
    ];
    for (const file of wrong) {
      const parsed = parse({ 'a.yaml': DIRECTORY, 'b.yaml': file });
      expect(parsed.ok).toBe(false);
      expect(JSON.stringify(parsed)).not.toContain('s3cr3t');
      expect(JSON.stringify(parsed)).not.toContain(SECRET);
    }
  });
});
