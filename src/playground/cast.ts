import type { FakeChannel, FakeUser, FakeUsergroup } from './slack/types.ts';

/** The people, channels and groups that the playground starts with. The sample policies speak of the same people. */

interface CastMember extends FakeUser {
  /** Who they are, for the switch "You are". */
  line: string;
}

export const cast: readonly CastMember[] = [
  { id: 'U01ANA', name: 'ana', realName: 'Ana', email: 'ana@example.com', line: 'Backend engineer, leads incidents' },
  { id: 'U01BEN', name: 'ben', realName: 'Ben', email: 'ben@example.com', line: 'Backend engineer, on call' },
  { id: 'U01CY', name: 'cy', realName: 'Cy', email: 'cy@example.com', line: 'Manager, database administrator' },
  { id: 'U01DEE', name: 'dee', realName: 'Dee', email: 'dee@example.com', line: 'Database administrator, security' },
  { id: 'U01ELI', name: 'eli', realName: 'Eli', email: 'eli@example.com', line: 'Contractor in the backend team' },
  { id: 'U01FAY', name: 'fay', realName: 'Fay', email: 'fay@example.com', line: 'Data engineer' },
  { id: 'U01GUS', name: 'gus', realName: 'Gus', email: 'gus@example.com', line: 'Platform engineer, on call' },
  { id: 'U01HAL', name: 'hal', realName: 'Hal', email: 'hal@example.com', line: 'Head of security' },
];

const everybody = cast.map(({ id }) => id);

export const channels: readonly (FakeChannel & { topic: string })[] = [
  { id: 'C01GENERAL', name: 'general', members: everybody, topic: 'Ask from anywhere: type /access' },
  { id: 'C02DBACCESS', name: 'db-access', members: everybody, topic: 'Database access is approved here' },
  { id: 'C03REQUESTS', name: 'access-requests', members: everybody, topic: 'Other requests are approved here' },
  { id: 'C04AUDIT', name: 'access-audit', members: everybody, topic: 'The daily digest' },
  { id: 'C05DEPLOYS', name: 'deploys', members: everybody, topic: 'Deploys are approved here' },
];

/** The rota of this week, as the tool for it would keep it. */
export const usergroups: readonly FakeUsergroup[] = [
  { id: 'S01ONCALL', handle: 'on-call', users: ['U01BEN', 'U01GUS'] },
];

/** Dee is in one group already: a standing permission, which Latchkey must neither claim nor take away. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  'prod-db-readers': ['dee@example.com'],
  'prod-db-writers': [],
  'staging-admins': [],
  'data-exporters': [],
  'sales-readers': [],
  'prod-operators': [],
  'cloud-admins': [],
  'admin-network': [],
};

export const lineOf = (id: string): string => cast.find((member) => member.id === id)?.line ?? '';
export const topicOf = (id: string): string => channels.find((channel) => channel.id === id)?.topic ?? '';
