import { ProviderError } from '../../app/ports/provider.ts';
import type { ScimClient, ScimReply } from './client.ts';
import { isMember, type ReadGroup, readGroup } from './read-group.ts';
import type { User } from './replies.ts';

export interface Change {
  client: ScimClient;
  target: string;
  /** The group's display name, for messages. */
  name: string;
  groupId: string;
  user: User;
  signal: AbortSignal;
}

/** Adds the user by PATCH (RFC 7644 §3.5.2.1), or by a conditional PUT where the server has no PATCH. */
export async function addMember(change: Change): Promise<void> {
  const reply = await patch(change, { op: 'add', path: 'members', value: [{ value: change.user.id }] });
  if (reply.ok) return;
  // Some servers refuse to add who is in already.
  const read = await readGroup(change.client, change.groupId, change.signal);
  if (read && isMember(read.group, change.user)) return;
  if (!read || reply.status === 404 || reply.status === 409 || reply.status === 412) throw changedMeanwhile(change);
  if (reply.status !== 405 && reply.status !== 501) throw refused(change, reply);
  await replaceMembers(change, read, reply, (members) => [...members, { value: change.user.id }]);
}

/**
 * Removes the user and nobody else. Servers differ in what they understand, so there are three ways, each tried only when
 * the one before was refused and the user is seen to be a member still.
 */
export async function removeMember(change: Change): Promise<void> {
  const { client, groupId, user, signal } = change;
  const byPath = await patch(change, { op: 'remove', path: `members[value eq ${JSON.stringify(user.id)}]` });
  if (byPath.ok) return;
  const afterPath = await readGroup(client, groupId, signal);
  if (!afterPath || !isMember(afterPath.group, user)) return;
  if (!MAY_KNOW_ANOTHER_WAY.has(byPath.status)) throw refused(change, byPath);

  // Without a list of members to compare, nobody could see whether the next way took more than it should.
  if (!afterPath.group.members) throw refused(change, byPath);
  const byValue = await patch(change, { op: 'remove', path: 'members', value: [{ value: user.id }] });
  const afterValue = await readGroup(client, groupId, signal);
  if (!afterValue) return;
  if (byValue.ok) alarmIfEmptied(change, afterPath, afterValue);
  if (!isMember(afterValue.group, user)) return;

  await replaceMembers(change, afterValue, byPath, (members) => members.filter(({ value }) => value !== user.id));
}

const MAY_KNOW_ANOTHER_WAY: ReadonlySet<number> = new Set([400, 404, 405, 409, 422, 501]);

/**
 * NB. RFC 7644 §3.5.2.2 has `remove` with the bare path `members` take everybody; servers that refuse the exact path
 * usually read the value instead, as the large directories do. One that does not has just emptied the group. It is not
 * put back here: that could give back what somebody else was taking away. It is said loudly.
 */
function alarmIfEmptied({ name, target, user }: Change, before: ReadGroup, after: ReadGroup): void {
  const others = (before.group.members ?? []).filter(({ value }) => value !== user.id);
  if (others.length === 0 || (after.group.members ?? []).length > 0) return;
  throw new ProviderError(
    'give-up',
    'group-emptied',
    `${target} removed all ${others.length + 1} members of the group ${name} instead of one. Put the others back by hand, and do not use this directory until it removes single members.`,
  );
}

/**
 * Writes the group back with other members. NB. Only with the server's entity tag: without one, two changes at once would
 * undo each other, and a membership that was seen gone would come back. And only over members that the server shows.
 */
async function replaceMembers(
  change: Change,
  { group, etag }: ReadGroup,
  patched: ScimReply,
  edit: (members: { value: string }[]) => { value: string }[],
): Promise<void> {
  if (etag === undefined || !group.members) throw refused(change, patched);
  const { meta: _meta, ...rest } = group;
  const reply = await change.client.send({
    method: 'PUT',
    path: ['Groups', change.groupId],
    body: { ...rest, members: edit(group.members) },
    ifMatch: etag,
    signal: change.signal,
  });
  if (reply.ok) return;
  if (reply.status === 404 || reply.status === 409 || reply.status === 412) throw changedMeanwhile(change);
  throw refused(change, reply);
}

function patch({ client, groupId, signal }: Change, operation: Record<string, unknown>): Promise<ScimReply> {
  return client.send({
    method: 'PATCH',
    path: ['Groups', groupId],
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [operation] },
    signal,
  });
}

function changedMeanwhile({ target, name }: Change): ProviderError {
  return new ProviderError('retry', 'changed-meanwhile', `The group ${name} of ${target} changed during the call.`);
}

function refused({ target, name, user }: Change, { status, scimType }: ScimReply): ProviderError {
  return new ProviderError(
    'give-up',
    'refused',
    `${target} refused to change the membership of ${user.userName} in the group ${name} (HTTP ${status}${scimType ? ` ${scimType}` : ''}).`,
  );
}
