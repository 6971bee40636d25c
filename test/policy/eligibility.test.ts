import type { Principal } from '../../src/domain/principal.ts';
import { approvers, isApprover, mayRequest, requestable } from '../../src/policy/index.ts';
import { access, policiesWith } from './support/world.ts';

const policies = policiesWith(
  access(),
  access({ name: 'for-owners', requesters: '[owner]', flows: '[{name: x, auto_approve: true}]' }),
  access({ name: 'not-for-owners', requesters: '[everyone]', deny: '[owner]' }),
  access({ name: 'for-nobody', requesters: null }),
);
const context = { requester: 'ana@example.com', targets: ['app-db'] };
const step = (...principals: Principal[]) => ({ approvers: principals, need: 1 });
const emails = (people: { email: string }[]) => people.map(({ email }) => email.replace('@example.com', ''));

const DBA: Principal = { kind: 'group', name: 'dba' };
const SECURITY: Principal = { kind: 'group', name: 'security' };
const MANAGER: Principal = { kind: 'manager' };
const OWNER: Principal = { kind: 'owner' };
const EVERYONE: Principal = { kind: 'everyone' };

describe('the approvers of a step', () => {
  it('are the members of a group, without those who are disabled or not in Slack', () => {
    expect(emails(approvers(policies, step(DBA), context))).toEqual(['cy', 'dee']);
  });

  it('are each counted once, in the order in which they are named', () => {
    expect(emails(approvers(policies, step(SECURITY, DBA, MANAGER), context))).toEqual(['dee', 'cy']);
  });

  it('never include the requester, in any role', () => {
    const cy = { requester: 'cy@example.com', targets: ['app-db'] };
    const all = step(DBA, OWNER, EVERYONE, MANAGER, { kind: 'user', email: 'cy@example.com' });
    expect(emails(approvers(policies, all, cy))).not.toContain('cy');
    expect(isApprover(policies, all, 'cy@example.com', cy)).toBe(false);
    expect(isApprover(policies, all, 'CY@Example.com', { ...cy, requester: 'Cy@example.com' })).toBe(false);
    expect(isApprover(policies, all, 'cy@example.com', context)).toBe(true);
  });

  it('may be the requester’s manager, who is somebody else for everybody', () => {
    expect(emails(approvers(policies, step(MANAGER), context))).toEqual(['cy']);
    expect(approvers(policies, step(MANAGER), { ...context, requester: 'dee@example.com' })).toEqual([]);
    expect(approvers(policies, step(MANAGER), { ...context, requester: 'gone@example.com' })).toEqual([]);
  });

  it('may be the owners of all targets of the access', () => {
    expect(emails(approvers(policies, step(OWNER), context))).toEqual(['cy', 'dee']);
    expect(emails(approvers(policies, step(OWNER), { ...context, targets: ['directory'] }))).toEqual(['dee']);
    expect(emails(approvers(policies, step(OWNER), { ...context, targets: ['directory', 'app-db'] }))).toEqual([
      'dee',
      'cy',
    ]);
    expect(approvers(policies, step(OWNER), { ...context, targets: ['unowned', 'gone'] })).toEqual([]);
  });

  it('are nobody for a group that is gone: requests outlive the policies they were made under', () => {
    expect(approvers(policies, step({ kind: 'group', name: 'gone' }), context)).toEqual([]);
    expect(isApprover(policies, step({ kind: 'group', name: 'gone' }), 'cy@example.com', context)).toBe(false);
  });

  it('are exactly those of whom isApprover says so', () => {
    for (const one of [DBA, SECURITY, MANAGER, OWNER, EVERYONE] as const) {
      const listed = new Set(approvers(policies, step(one), context).map(({ email }) => email));
      for (const { email } of policies.directory.people) {
        expect([email, isApprover(policies, step(one), email, context)]).toEqual([email, listed.has(email)]);
      }
    }
    expect(isApprover(policies, step(EVERYONE), 'zoe@example.com', context)).toBe(false);
  });
});

describe('who may ask', () => {
  it('follows requesters and deny', () => {
    const may = (name: string, email: string) => {
      const found = policies.accesses.get(name);
      return found !== undefined && mayRequest(policies, found, email);
    };
    expect(may('db-read', 'ana@example.com')).toBe(true);
    expect(may('db-read', 'cy@example.com')).toBe(false);
    expect(may('db-read', 'fay@example.com')).toBe(false); // in the group, but disabled
    expect(may('for-owners', 'cy@example.com')).toBe(true);
    expect(may('for-owners', 'ana@example.com')).toBe(false);
    expect(may('not-for-owners', 'cy@example.com')).toBe(false);
    expect(may('not-for-owners', 'ana@example.com')).toBe(true);
    expect(may('for-nobody', 'ana@example.com')).toBe(false);
    expect(may('db-read', 'zoe@example.com')).toBe(false);
  });

  it('lists what a person may ask for, by name', () => {
    expect(requestable(policies, 'ana@example.com').map(({ name }) => name)).toEqual(['db-read', 'not-for-owners']);
    expect(requestable(policies, 'CY@example.com').map(({ name }) => name)).toEqual(['for-owners']);
    expect(requestable(policies, 'zoe@example.com')).toEqual([]);
  });
});

describe('the directory', () => {
  const { directory } = policies;

  it('finds people by Slack id exactly and by e-mail in any letters', () => {
    expect(directory.bySlack('U01ANA')?.email).toBe('ana@example.com');
    expect(directory.bySlack('u01ana')).toBeUndefined();
    expect(directory.byEmail('ANA@Example.COM')?.slack).toBe('U01ANA');
    expect(directory.byEmail('constructor')).toBeUndefined();
  });

  it('knows groups both ways', () => {
    expect(directory.groupsOf('eli@example.com')).toEqual(['backend', 'contractors']);
    expect(directory.groupsOf('zoe@example.com')).toEqual([]);
    expect(emails([...directory.members('dba')])).toEqual(['cy', 'dee', 'fay', 'gus']);
    expect(directory.members('gone')).toEqual([]);
    expect(directory.isMember('Dee@example.com', 'security')).toBe(true);
  });
});
