import type { Acting } from './acting.ts';
import { NotPossible } from './errors.ts';
import type { Delivery, Id } from './types.ts';

/** What people who may edit user groups do. */
export class ActingOnUsergroups {
  private readonly acting: Acting;
  private readonly events: readonly string[];

  constructor(acting: Acting, events: readonly string[]) {
    this.acting = acting;
    this.events = events;
  }

  async setMembers(id: Id, users: Id[]): Promise<Delivery | undefined> {
    const { workspace, outgoing, payloads } = this.acting;
    const group = workspace.usergroups.find((each) => each.id === id);
    if (group === undefined) {
      const there = workspace.usergroups.map((each) => each.id).join(', ') || 'none';
      throw new NotPossible(`There is no user group ${id}; there are ${there}.`);
    }
    const before = group.users;
    group.users = users.map((user) => workspace.person(user).id);
    workspace.changed();
    if (!this.events.includes('subteam_members_changed')) return undefined;
    const added = group.users.filter((user) => !before.includes(user));
    const removed = before.filter((user) => !group.users.includes(user));
    const event = {
      type: 'subteam_members_changed',
      subteam_id: id,
      team_id: workspace.team.id,
      date_previous_update: 0,
      date_update: Math.floor(workspace.now() / 1000),
      added_users: added,
      added_users_count: String(added.length),
      removed_users: removed,
      removed_users_count: String(removed.length),
    };
    return outgoing.send(outgoing.json('event', payloads.event(event)));
  }
}
