import { knownCaller, salvage } from '../../src/policy/index.ts';
import { providers } from './support/providers.ts';
import { access, action, DIRECTORY, documents, env, KEY_HASH, parse, TARGETS } from './support/world.ts';

const SETTINGS = "version: 1\nkind: settings\ntimezone: Europe/Berlin\ndigest: {channel: '#audit', at: '09:00'}\n";

/** What is left of a set that has a problem. */
function left(files: Readonly<Record<string, string>>) {
  expect(parse(files).ok).toBe(false);
  return salvage(
    Object.entries(files).map(([path, text]) => ({ path, text })),
    providers,
    env,
  );
}
const names = (files: Readonly<Record<string, string>>) => [...left(files).targets.keys()].sort();
const ALL = ['app-db', 'directory', 'unowned'];
const usual = { 'targets.yaml': TARGETS, 'directory.yaml': DIRECTORY, 'settings.yaml': SETTINGS };

describe('what is left of a broken set', () => {
  it('never holds an access, however sound that one is', () => {
    const rest = left({ ...usual, 'access.yaml': documents(access(), access({ name: 'other', requesters: 'typo' })) });
    expect(rest.accesses.size).toBe(0);
    expect([...rest.targets.keys()].sort()).toEqual(ALL);
  });

  it('never holds an action either, with whatever API keys', () => {
    const settings = `${SETTINGS}api_keys: {jenkins: 'sha256:${KEY_HASH}'}\n`;
    const jenkins = action({ callers: '[{api_key: jenkins}]' });
    const rest = left({
      ...usual,
      'settings.yaml': settings,
      'action.yaml': jenkins,
      'bad.yaml': access({ name: 'BAD' }),
    });
    expect(rest.actions.size).toBe(0);
    expect(knownCaller(rest, { kind: 'api-key', name: 'jenkins' })).toBe(false);
  });

  it('has the targets as they would be in a sound set, with what the environment says', () => {
    const rest = left({ ...usual, 'access.yaml': access({ name: 'BAD' }) });
    const whole = parse({ ...usual, 'access.yaml': access() });
    if (!whole.ok) throw new Error('the usual set is sound');
    for (const name of ALL) {
      expect(rest.targets.get(name)?.system).toBe(whole.policies.targets.get(name)?.system);
      expect(rest.targets.get(name)?.config).toEqual(whole.policies.targets.get(name)?.config);
    }
  });

  it('has the directory and the settings if they are sound, for what people are told', () => {
    const rest = left({ ...usual, 'access.yaml': access({ name: 'BAD' }) });
    expect(rest.directory.people.map(({ email }) => email)).toContain('ana@example.com');
    expect(rest.settings.digest?.channel).toBe('#audit');
  });

  it.each([
    [
      'a directory that is broken, though targets are owned by its groups',
      { 'directory.yaml': 'version: 1\nkind: directory\npeeple: []\n' },
    ],
    ['a group that was renamed, and owns a target', { 'directory.yaml': DIRECTORY.replace('  dba:', '  dbas:') }],
    ['a file that is no YAML', { 'other.yaml': '{{{' }],
    ['settings twice', { 'more.yaml': SETTINGS }],
  ])('has every target beside %s', (_, broken) => {
    expect(names({ ...usual, ...broken })).toEqual(ALL);
  });

  it('is without a target that has a problem itself, and has the one beside it', () => {
    const typo = TARGETS.replace('unowned: {provider: scim-group', 'unowned: {provider: scim-gruop');
    expect(names({ ...usual, 'targets.yaml': typo })).toEqual(['app-db', 'directory']);
    const unset = TARGETS.replace('POSTGRES_URL', 'NOT_SET');
    expect(names({ ...usual, 'targets.yaml': unset })).toEqual(['directory', 'unowned']);
    const written = TARGETS.replace("'${env:POSTGRES_URL}'", 'postgresql://db.example.com/app');
    expect(names({ ...usual, 'targets.yaml': written })).toEqual(['directory', 'unowned']);
  });

  it('has none of two targets with one name: which one is meant, nobody can say', () => {
    const twice =
      "version: 1\nkind: targets\ntargets: {unowned: {provider: postgres-role, url: '${env:POSTGRES_URL}'}}\n";
    expect(names({ ...usual, 'more.yaml': twice })).toEqual(['app-db', 'directory']);
  });

  it('has none of a document that says more than plain YAML, though its other problems are looked for', () => {
    expect(names({ ...usual, 'targets.yaml': TARGETS.replace('unowned: {', 'unowned: &a {') })).toEqual([]);
    expect(names({ ...usual, 'targets.yaml': TARGETS.replace('version: 1\n', '') })).toEqual([]);
  });

  it.each([
    ['nothing', 'nothing.yaml', ''],
    ['a list', 'list.yaml', 'version: 1\nkind: targets\ntargets: [a]\n'],
    ['a word for a target', 'word.yaml', 'version: 1\nkind: targets\ntargets: {a: b, __proto__: {provider: x}}\n'],
    ['another version', 'version.yaml', TARGETS.replace('version: 1', 'version: 2')],
  ])('is empty where there is %s', (_, path, text) => {
    const rest = salvage([{ path, text }], providers, env);
    expect(rest.targets.size).toBe(0);
    expect(rest.accesses.size).toBe(0);
  });
});
