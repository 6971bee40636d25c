import { plus } from '../../../src/domain/instant.ts';
import {
  evaluate,
  type LiveData,
  overlay,
  type PolicySet,
  type ScimGroup,
  type ScimSnapshot,
  type ScimUser,
} from '../../../src/policy/index.ts';
import { access, DIRECTORY, parse, policiesIn, policiesWithLive, TARGETS } from '../support/world.ts';

const NOW = '2026-03-03T09:00:00.000Z';
const MINUTE = 60_000;
/** As the provider of these tests names it. */
const SYSTEM = 'idp.example.com';

const LIVE = `version: 1
kind: directory
from:
  scim:
    url: '\${env:SCIM_URL}'
    token: '\${env:SCIM_TOKEN}'
    groups: {platform: Platform Team, temps: Temps}
`;

const policiesFor = (...accesses: string[]): PolicySet => policiesWithLive(LIVE, ...accesses);

const user = (id: string, values: Partial<ScimUser> = {}): ScimUser => ({
  id,
  email: `${id}@example.com`,
  active: true,
  ...values,
});
const group = (displayName: string, members: string[], nested = 0): ScimGroup => ({ displayName, members, nested });

const snapshot = (values: Partial<ScimSnapshot> = {}): ScimSnapshot => ({
  users: [user('zoe', { managerId: 'yan' }), user('yan'), user('tom')],
  unreadable: 0,
  groups: [group('Platform Team', ['zoe', 'yan']), group('Temps', ['tom'])],
  ...values,
});

const dataOf = (value: ScimSnapshot): LiveData => ({
  usergroups: new Map(),
  scim: new Map([[SYSTEM, { last: { asOf: NOW, value } }]]),
});
const laid = (policies: PolicySet, values: Partial<ScimSnapshot> = {}, now = NOW) =>
  overlay(policies, dataOf(snapshot(values)), now).policies;

const refusal = (policies: PolicySet, email: string) => {
  const decision = evaluate(policies, { email, access: 'db-read', now: NOW });
  return decision.ok ? undefined : decision.refusal;
};
const whys = ({ directory }: PolicySet) => directory.gaps.map(({ why }) => why);

describe('people from a SCIM directory', () => {
  const policies = policiesFor(access({ requesters: "['group:platform', 'user:tom@example.com']" }));

  it('are people, with their managers and groups', () => {
    const { directory } = laid(policies);
    expect(directory.byEmail('ZOE@example.com')).toMatchObject({ manager: 'yan@example.com', disabled: false });
    expect(directory.groupsOf('zoe@example.com')).toEqual(['platform']);
    expect(directory.members('temps').map(({ email }) => email)).toEqual(['tom@example.com']);
    expect(directory.byEmail('ana@example.com')).toBeDefined();
    expect(directory.gaps).toEqual([]);
  });

  it('may ask, by group and by name, although the files do not know them', () => {
    const live = laid(policies);
    expect(refusal(live, 'zoe@example.com')).toBeUndefined();
    expect(refusal(live, 'tom@example.com')).toBeUndefined();
    expect(refusal(live, 'ana@example.com')?.code).toBe('not-eligible');
  });

  it('are unknown before the directory was read, and the refusal says so', () => {
    expect(refusal(policies, 'zoe@example.com')).toMatchObject({
      code: 'unknown-person',
      sentence: expect.stringMatching(/SCIM directory idp\.example\.com are not known now: it has not been read/),
    });
  });

  it('may do nothing once they are deactivated there', () => {
    const live = laid(policies, { users: [user('zoe', { active: false }), user('yan'), user('tom')] });
    expect(refusal(live, 'zoe@example.com')).toMatchObject({
      code: 'unknown-person',
      sentence: expect.stringContaining('disabled'),
    });
  });

  it('are relied on for three readings, fifteen minutes', () => {
    expect(overlay(policies, dataOf(snapshot()), NOW).until).toBe(plus(NOW, 15 * MINUTE));
    expect(refusal(laid(policies, {}, plus(NOW, 15 * MINUTE - 1)), 'zoe@example.com')).toBeUndefined();
    expect(refusal(laid(policies, {}, plus(NOW, 15 * MINUTE)), 'zoe@example.com')?.code).toBe('unknown-person');
  });

  it('who stand in the files too may do nothing, and are named', () => {
    const live = laid(policies, { users: [...snapshot().users, user('ana', { email: 'Ana@Example.com' })] });
    expect(live.directory.byEmail('ana@example.com')).toMatchObject({ disabled: true, slack: 'U01ANA' });
    expect(whys(live)).toEqual([expect.stringMatching(/stand in more than one .* ana@example\.com\.$/)]);
    // Others are not touched by it.
    expect(refusal(live, 'zoe@example.com')).toBeUndefined();
  });

  it('who stand there twice are nobody, whatever their case', () => {
    const live = laid(policies, { users: [...snapshot().users, user('zoe2', { email: 'ZOE@EXAMPLE.COM' })] });
    expect(live.directory.byEmail('zoe@example.com')).toBeUndefined();
    expect(whys(live)).toEqual([expect.stringMatching(/more than one user .* zoe@example\.com\.$/)]);
    const both = laid(policies, {
      users: [user('a', { email: 'ana@example.com' }), user('b', { email: 'ana@example.com' })],
    });
    expect(both.directory.byEmail('ana@example.com')).toMatchObject({ disabled: true });
  });

  it('with an e-mail that only looks like somebody’s are not them', () => {
    // A Cyrillic o, a zero-width space, a full-width at sign, a trailing blank.
    const looks = ['zоe@example.com', 'zoe\u200b@example.com', 'zoe＠example.com', 'zoe@example.com '];
    const live = laid(policies, { users: looks.map((email, index) => user(`x${index}`, { email })) });
    expect(live.directory.byEmail('zoe@example.com')).toBeUndefined();
    expect(live.directory.people.filter(({ email }) => !/^[a-z]{2,3}@example\.com$/.test(email))).toEqual([]);
    expect(whys(live)).toEqual([expect.stringMatching(/has 4 users without an e-mail that can be read/)]);
  });

  it('who are one another’s managers have none', () => {
    const live = laid(policies, {
      users: [
        user('zoe', { managerId: 'yan' }),
        user('yan', { managerId: 'tom' }),
        user('tom', { managerId: 'zoe' }),
        user('una', { managerId: 'una' }),
        user('vic', { managerId: 'zoe' }),
        user('wim', { managerId: 'nobody' }),
      ],
    });
    const manager = (name: string) => live.directory.byEmail(`${name}@example.com`)?.manager;
    expect(['zoe', 'yan', 'tom', 'una', 'wim'].map(manager)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(manager('vic')).toBe('zoe@example.com');
    expect(whys(live)).toEqual([expect.stringMatching(/one another’s managers.*zoe@example\.com/)]);
  });

  it('count with thousands of mistakes among them as few words', () => {
    const users = Array.from({ length: 5_000 }, (_, index) =>
      user(`u${index}`, { email: `same${index % 2_500}@example.com` }),
    );
    const [why = ''] = whys(laid(policies, { users }));
    expect(why).toMatch(/and 2495 more\.$/);
    expect(why.length).toBeLessThan(400);
  });
});

describe('groups from a SCIM directory', () => {
  const policies = policiesFor(access({ requesters: '[everyone]', deny: "['group:temps']" }));

  it('deny their members', () => {
    expect(refusal(laid(policies), 'tom@example.com')?.code).toBe('denied-by-policy');
    expect(refusal(laid(policies), 'zoe@example.com')).toBeUndefined();
  });

  it.each([
    ['is not there', [group('Platform Team', [])], /no group called Temps/],
    ['is there twice', [group('Temps', ['tom']), group('Temps', ['zoe'])], /more than one group called Temps/],
    ['is spelt otherwise', [group('temps', ['tom'])], /no group called Temps/],
    [
      'holds a group',
      [group('Temps', ['zoe'], 1)],
      /holds a group, and the members of a group in a group do not count/,
    ],
  ])('deny everybody when the group %s', (_, groups, says) => {
    const live = laid(policies, { groups });
    for (const email of ['tom@example.com', 'yan@example.com', 'ana@example.com']) {
      expect(refusal(live, email)).toMatchObject({
        code: 'directory-unavailable',
        sentence: expect.stringMatching(says),
      });
    }
  });

  it('with groups in them have their own members and no others', () => {
    const asking = policiesFor(access({ requesters: "['group:platform']" }));
    const live = laid(asking, { groups: [group('Platform Team', ['zoe'], 2), group('Temps', [])] });
    expect(refusal(live, 'zoe@example.com')).toBeUndefined();
    expect(refusal(live, 'yan@example.com')).toMatchObject({
      code: 'not-eligible',
      sentence: expect.stringMatching(/holds 2 groups/),
    });
  });

  it('do not know members whom the directory does not have', () => {
    const live = laid(policies, { groups: [group('Platform Team', ['zoe', 'gone', '__proto__']), group('Temps', [])] });
    expect(live.directory.members('platform').map(({ email }) => email)).toEqual(['zoe@example.com']);
  });
});

describe('a folder with a SCIM directory', () => {
  it('may name people, managers and members whom only that knows', () => {
    const people = `version: 1
kind: directory
people: [{email: ida@example.com, slack: U01IDA, manager: zoe@example.com}]
groups: {mixed: [ana@example.com, zoe@example.com]}
`;
    const policies = policiesIn({
      'directory.yaml': DIRECTORY,
      'live.yaml': LIVE,
      'more.yaml': people,
      'targets.yaml': TARGETS,
      'access.yaml': access({ requesters: "['group:mixed', 'user:yan@example.com']" }),
    });
    const { directory } = laid(policies);
    expect(directory.members('mixed').map(({ email }) => email)).toEqual(['ana@example.com', 'zoe@example.com']);
    expect(directory.byEmail('ida@example.com')?.manager).toBe('zoe@example.com');
  });

  it('may have steps that only people from there can fill', () => {
    const flows = "[{name: normal, steps: [{approvers: ['user:zoe@example.com', 'group:nobody'], need: 2}]}]";
    expect(() => policiesFor(access({ flows }))).not.toThrow();
  });

  it('shows no secret, in no form', () => {
    const policies = policiesFor(access());
    expect(JSON.stringify(policies.live)).not.toContain('hunter2');
    expect(policies.live.scim[0]?.config).toMatchObject({ url: 'https://idp.example.com/scim/v2' });
    expect(JSON.stringify(laid(policies).directory.gaps)).not.toContain('hunter2');
    const broken = parse({ 'live.yaml': LIVE.replace('idp', 'x').replace('SCIM_URL', 'EMPTY') });
    expect(broken.ok).toBe(false);
    expect(JSON.stringify(broken)).not.toContain('hunter2');
  });
});
