import type { ScimClient } from './client.ts';
import { type Group, groupReply, type User } from './replies.ts';

export interface ReadGroup {
  group: Group;
  /** The server's mark of this version of the group, for a conditional write. */
  etag?: string;
}

/** The group as it is now, or undefined when it is gone. */
export async function readGroup(client: ScimClient, id: string, signal: AbortSignal): Promise<ReadGroup | undefined> {
  const reply = await client.send({ method: 'GET', path: ['Groups', id], signal });
  if (reply.status === 404) return undefined;
  const parsed = reply.ok ? groupReply.safeParse(reply.json) : undefined;
  if (!parsed?.success || parsed.data.id !== id) throw client.badReply('it should be a group');
  return { group: parsed.data, ...(reply.etag === undefined ? {} : { etag: reply.etag }) };
}

/**
 * A direct member. A reply without `members` is a group without any, or a server that does not show them (AWS does not):
 * then the user's own list of groups, read just before, has the say.
 */
export function isMember(group: Group, user: User): boolean {
  if (group.members) return group.members.some(({ value }) => value === user.id);
  return (user.groups ?? []).some(({ value, type }) => value === group.id && type !== 'indirect');
}
