import type { Provider } from '../../src/app/ports/provider.ts';
import { formatProblem, type PolicyFile, type PolicySet, parsePolicies } from '../../src/policy/index.ts';
import { fakeProvider } from './fake-target.ts';

type Json = Record<string, unknown>;

/** The policies of a test, as data. A value given replaces the usual one whole. */
export interface World {
  accesses: Record<string, Json>;
  actions?: Record<string, Json>;
  people: Record<string, Json>;
  /** Names of people, or where a live group comes from. */
  groups: Record<string, string[] | Json>;
  targets: Record<string, Json>;
  settings: Json;
}

export const email = (name: string): string => `${name}@example.com`;
export const slackOf = (name: string): string => `U0${name.toUpperCase()}`;

const step = (group: string, need = 1) => ({ approvers: [`group:${group}`], need });

const access = (values: Json = {}): Json => ({
  grants: [{ target: 'db', role: 'reader' }],
  requesters: ['group:backend'],
  duration: { default: '1h', max: '4h' },
  flows: [{ name: 'normal', steps: [step('dba')], timeout: '8h' }],
  channel: '#approvals',
  ...values,
});

/** Ana and Ben ask; Cy, Dee and Eli are DBAs; Eli and Fay are security. */
export const usual: World = {
  accesses: {
    read: access(),
    write: access({
      grants: [{ target: 'db', role: 'writer' }],
      flows: [{ name: 'careful', steps: [step('dba', 2), step('security')], timeout: '8h' }],
    }),
    auto: access({ flows: [{ name: 'self-service', auto_approve: true }] }),
    both: access({
      grants: [
        { target: 'db', role: 'writer' },
        { target: 'ci', role: 'deployer' },
      ],
    }),
    direct: (() => {
      const { channel: _, ...rest } = access({ flows: [{ name: 'two', steps: [step('dba'), step('security')] }] });
      return rest;
    })(),
  },
  people: Object.fromEntries(
    ['ana', 'ben', 'cy', 'dee', 'eli', 'fay', 'gus'].map((name) => [name, { slack: slackOf(name) }]),
  ),
  groups: {
    backend: ['ana', 'ben'],
    dba: ['cy', 'dee', 'eli'],
    security: ['eli', 'fay'],
    contractors: [],
  },
  targets: { db: { provider: 'fake', system: 'db' }, ci: { provider: 'fake', system: 'ci' } },
  settings: {
    timezone: 'Europe/London',
    digest: { channel: '#audit', at: '09:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
  },
};

export { access, step };

/** The usual world with some accesses changed key by key (`undefined` leaves a key out). */
export function changed(world: World, accesses: Record<string, Json>): World {
  const next = Object.entries(accesses).map(([name, values]) => [name, { ...world.accesses[name], ...values }]);
  return { ...world, accesses: { ...world.accesses, ...Object.fromEntries(next) } };
}

/** YAML holds JSON, so the policies are written as that: one document a line. */
function documents(world: World): string {
  const all: Json[] = [
    { version: 1, kind: 'settings', ...world.settings },
    { version: 1, kind: 'targets', targets: world.targets },
    {
      version: 1,
      kind: 'directory',
      people: Object.entries(world.people).map(([name, values]) => ({ email: email(name), ...values })),
      groups: Object.fromEntries(
        Object.entries(world.groups).map(([name, who]) => [name, Array.isArray(who) ? who.map(email) : who]),
      ),
    },
    ...Object.entries(world.accesses).map(([name, values]) => ({
      version: 1,
      kind: 'access',
      name,
      title: `Access ${name}`,
      ...values,
    })),
    ...Object.entries(world.actions ?? {}).map(([name, values]) => ({ version: 1, kind: 'action', name, ...values })),
  ];
  return all.map((document) => JSON.stringify(document)).join('\n---\n');
}

/** The provider of the worlds, for what opens no target. */
export const fakeProviders: ReadonlyMap<string, Provider> = new Map([
  ['fake', fakeProvider(() => Promise.reject(new Error('not opened here')) as never)],
]);

/** A world as the files of a folder. */
export const filesOf = (world: World): PolicyFile[] => [{ path: 'policies.yaml', text: documents(world) }];

/** Parses a world as the product would read it from a folder. */
export function policiesOf(world: World): PolicySet {
  const parsed = parsePolicies(filesOf(world), fakeProviders, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.policies;
}
