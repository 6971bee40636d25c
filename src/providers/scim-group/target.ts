import { ProviderError, type Target, type TargetCall } from '../../app/ports/provider.ts';
import type { ScimClient } from './client.ts';
import { Lookup } from './lookup.ts';
import { addMember, removeMember } from './members.ts';
import { groupOf } from './permission.ts';
import { isMember, readGroup } from './read-group.ts';

/**
 * One directory. A group or user that is not there has no membership: absent when inspected, gone when revoked. A group or
 * user that is *renamed* in the directory while a grant lasts is therefore not found again under its old name.
 */
export class ScimGroupTarget implements Target {
  readonly #client: ScimClient;
  readonly #lookup: Lookup;
  readonly #target: string;

  constructor(client: ScimClient, target: string) {
    this.#client = client;
    this.#lookup = new Lookup(client, target);
    this.#target = target;
  }

  async provision({ permission, account, signal }: TargetCall): Promise<void> {
    const name = groupOf(permission);
    const group = await this.#lookup.group(name, signal);
    if (!group) throw new ProviderError('give-up', 'no-such-group', `${this.#target} has no group ${name}.`);
    const user = await this.#lookup.user(account, signal);
    if (!user) throw new ProviderError('give-up', 'no-such-account', `${this.#target} has no user ${account}.`);
    await addMember({ client: this.#client, target: this.#target, name, groupId: group.id, user, signal });
  }

  async revoke({ permission, account, signal }: TargetCall): Promise<void> {
    const name = groupOf(permission);
    const group = await this.#lookup.group(name, signal);
    const user = group && (await this.#lookup.user(account, signal));
    if (!user) return;
    await removeMember({ client: this.#client, target: this.#target, name, groupId: group.id, user, signal });
  }

  async inspect({ permission, account, signal }: TargetCall): Promise<'present' | 'absent'> {
    const summary = await this.#lookup.group(groupOf(permission), signal);
    const user = summary && (await this.#lookup.user(account, signal));
    if (!user) return 'absent';
    const read = await readGroup(this.#client, summary.id, signal);
    return read && isMember(read.group, user) ? 'present' : 'absent';
  }

  async close(): Promise<void> {
    this.#client.close();
  }
}
