import { ProviderError, type Schema } from '../../app/ports/provider.ts';
import type { ScimClient } from './client.ts';
import { type GroupSummary, groupSummaryReply, listReply, type User, userReply } from './replies.ts';

/**
 * Finds users and groups by name, anew for every call: an id kept from yesterday may be somebody else's today.
 * NB. Servers are known to ignore a filter they do not understand and to answer with everybody, so the names in the
 * answer are compared here too.
 */
export class Lookup {
  readonly #client: ScimClient;
  readonly #target: string;

  constructor(client: ScimClient, target: string) {
    this.#client = client;
    this.#target = target;
  }

  /** The user whose `userName` is the account. User names are not case-exact (RFC 7643 §4.1.1). */
  async user(account: string, signal: AbortSignal): Promise<User | undefined> {
    const filter = equals('userName', account);
    const { found, complete } = await this.#list('Users', { filter }, userReply, signal);
    const same = found.filter(({ userName }) => userName.toLowerCase() === account.toLowerCase());
    if (same.length > 1) {
      throw new ProviderError(
        'give-up',
        'ambiguous-account',
        `${this.#target} has ${same.length} users named ${account}. Nothing was changed; make the name unique there.`,
      );
    }
    return this.#only(same, complete);
  }

  /** The group whose `displayName` is exactly that. */
  async group(name: string, signal: AbortSignal): Promise<GroupSummary | undefined> {
    const query = { filter: equals('displayName', name), excludedAttributes: 'members' };
    const { found, complete } = await this.#list('Groups', query, groupSummaryReply, signal);
    const same = found.filter(({ displayName }) => displayName === name);
    if (same.length > 1) {
      throw new ProviderError(
        'give-up',
        'ambiguous-group',
        `${this.#target} has ${same.length} groups named ${name}. Nothing was changed; make the name unique there.`,
      );
    }
    const near = found.find(({ displayName }) => displayName?.toLowerCase() === name.toLowerCase());
    if (same.length === 0 && near) {
      // NB. Two spellings would be two entitlements for one membership: the end of one would take the other's away.
      throw new ProviderError(
        'give-up',
        'group-spelling',
        `${this.#target} writes the group ${near.displayName}, the policy ${name}. Write it in the policy as the directory does.`,
      );
    }
    return this.#only(same, complete);
  }

  async #list<T>(
    path: string,
    query: Record<string, string>,
    schema: Schema<T>,
    signal: AbortSignal,
  ): Promise<{ found: T[]; complete: boolean }> {
    const reply = await this.#client.send({ method: 'GET', path: [path], query, signal });
    if (!reply.ok) {
      throw new ProviderError(
        'give-up',
        'refused',
        `${this.#target} refused to look for a name in ${path} (HTTP ${reply.status}${reply.scimType ? ` ${reply.scimType}` : ''}). Check its url setting.`,
      );
    }
    const list = listReply.safeParse(reply.json);
    if (!list.success) throw this.#client.badReply(`it should be a list of ${path}`);
    const resources = list.data.Resources ?? [];
    const found = resources.map((resource) => {
      const parsed = schema.safeParse(resource);
      if (!parsed.success) throw this.#client.badReply(`it lists something that is none of the ${path}`);
      return parsed.data;
    });
    return { found, complete: resources.length >= list.data.totalResults };
  }

  #only<T>(same: readonly T[], complete: boolean): T | undefined {
    // NB. The first page of an ignored filter says nothing about the pages after it: "not there" would be a guess.
    if (!complete) throw this.#client.badReply('it is only a part of a list that a name should have narrowed to one');
    return same[0];
  }
}

/** A filter of RFC 7644 §3.4.2.2. The text is written as JSON, which is how a quote in a name stays in the name. */
function equals(attribute: string, text: string): string {
  return `${attribute} eq ${JSON.stringify(text)}`;
}
