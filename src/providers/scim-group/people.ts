import {
  type ScimDirectories,
  type ScimGroup,
  type ScimSnapshot,
  type ScimToRead,
  type ScimUser,
  SourceError,
} from '../../app/ports/live-sources.ts';
import { ProviderError } from '../../app/ports/provider.ts';
import { ScimClient } from './client.ts';
import { config } from './config.ts';
import { readAll, readOne } from './pages.ts';
import { groupMembersReply, personReply } from './people-replies.ts';
import { groupSummaryReply } from './replies.ts';

/**
 * People, managers and groups as a SCIM 2.0 directory has them. Everything is asked for anew each time, without filters,
 * which servers are known to misread: users, names of groups, and the members of the groups that are wanted.
 */
export const scimDirectories: ScimDirectories = {
  async read({ name, config: settings, groups }, signal) {
    const client = new ScimClient(config.parse(settings), name);
    try {
      return await read(client, groups, signal);
    } catch (error) {
      throw sourceError(name, error);
    } finally {
      client.close();
    }
  },
};

async function read(client: ScimClient, wanted: ScimToRead['groups'], signal: AbortSignal): Promise<ScimSnapshot> {
  const listed = await readAll(client, 'Users', {}, signal);
  const users: ScimUser[] = [];
  for (const resource of listed) {
    const user = userOf(resource);
    if (user) users.push(user);
  }
  if (wanted.length === 0) return { users, unreadable: listed.length - users.length, groups: [] };
  const summaries = await readAll(client, 'Groups', { excludedAttributes: 'members' }, signal);
  const ids = new Set<string>();
  const named: { id: string; displayName: string }[] = [];
  for (const resource of summaries) {
    const group = groupSummaryReply.safeParse(resource);
    // NB. what has no name cannot be one of the wanted; what has no id could, under a name that is counted all the same.
    if (!group.success) throw client.badReply('it lists something that is none of the Groups');
    ids.add(group.data.id);
    const { id, displayName } = group.data;
    if (typeof displayName === 'string' && wanted.includes(displayName)) named.push({ id, displayName });
  }
  const groups: ScimGroup[] = [];
  for (const { id, displayName } of named) groups.push(await members(client, id, displayName, ids, signal));
  return { users, unreadable: listed.length - users.length, groups };
}

async function members(
  client: ScimClient,
  id: string,
  displayName: string,
  groupIds: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ScimGroup> {
  const group = groupMembersReply.safeParse(await readOne(client, ['Groups', id], signal));
  // NB. the answer must be about the group that was asked for: half a page of another one would be believed.
  if (!group.success || group.data.id !== id || group.data.displayName !== displayName) {
    throw client.badReply('it should be one group with its members');
  }
  const users = new Set<string>();
  let nested = 0;
  for (const { value, type, $ref } of group.data.members ?? []) {
    const isGroup = type?.toLowerCase() === 'group' || /\/Groups\//i.test($ref ?? '') || groupIds.has(value);
    if (isGroup) nested += 1;
    else users.add(value);
  }
  return { displayName, members: [...users], nested };
}

/** One user; undefined for what cannot be read as one, who is nobody. */
function userOf(resource: unknown): ScimUser | undefined {
  const parsed = personReply.safeParse(resource);
  if (!parsed.success) return undefined;
  const { id, userName, emails, active, manager } = parsed.data;
  const primary = emails.filter((email) => email.primary);
  // NB. one of several e-mails without a primary one is a guess, and a guess can be somebody else.
  const email = primary.length === 1 ? primary[0] : primary.length === 0 && emails.length === 1 ? emails[0] : undefined;
  const text = emails.length === 0 ? userName : email?.value;
  return text === undefined
    ? undefined
    : { id, email: text, active, ...(manager === undefined ? {} : { managerId: manager }) };
}

function sourceError(name: string, error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error;
  const { code, message, retryAfterMs } = error;
  if (code !== 'not-permitted') return new SourceError(code, message, { retryAfterMs });
  return new SourceError(code, `${name} refused the token: it needs to read users and groups.`);
}
