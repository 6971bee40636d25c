import { ProviderError, type Target, type TargetCall, type Use } from '../../app/ports/provider.ts';
import type { Settings } from './config.ts';
import { Connections } from './connections.ts';
import { grant, isMember, type Names, revoke } from './membership.ts';
import { problemOfName } from './names.ts';
import { roleOf } from './permission.ts';
import { endSessions } from './sessions.ts';
import { lastUseBy } from './use.ts';

/** One PostgreSQL cluster: roles belong to all its databases, so any database in the url will do. */
export class PostgresRoleTarget implements Target {
  readonly #connections: Connections;
  readonly #endSessions: boolean;
  readonly #target: string;

  constructor(settings: Settings, target: string) {
    this.#connections = new Connections(settings.url, target);
    this.#endSessions = settings.end_sessions;
    this.#target = target;
  }

  async provision(call: TargetCall): Promise<void> {
    const names = this.#names(call);
    const problem = problemOfName(call.account);
    if (problem)
      throw new ProviderError('give-up', 'invalid-account-name', `The account cannot be a role: ${problem}.`);
    await this.#connections.transaction(call.signal, (run) => grant(run, names));
  }

  async revoke(call: TargetCall): Promise<void> {
    const names = this.#names(call);
    if (problemOfName(call.account)) return; // No such account can be; Postgres would cut the name to another's.
    await this.#connections.transaction(call.signal, (run, server) => revoke(run, names, server));
    if (!this.#endSessions) return;
    // Also when the membership was gone already: an earlier attempt may have got as far as that and no further.
    try {
      await this.#connections.transaction(call.signal, (run) => endSessions(run, names.account, this.#target));
    } catch (error) {
      throw error instanceof ProviderError && error.code === 'not-permitted' ? this.#mayNotEndSessions(names) : error;
    }
  }

  async inspect(call: TargetCall): Promise<'present' | 'absent'> {
    const names = this.#names(call);
    if (problemOfName(call.account)) return 'absent';
    const member = await this.#connections.transaction(call.signal, (run) => isMember(run, names));
    return member ? 'present' : 'absent';
  }

  async lastUsed(call: TargetCall): Promise<Use> {
    const { account } = this.#names(call);
    if (problemOfName(account)) return { knownMs: 0 }; // No such account can be, and nobody uses what nobody has.
    return this.#connections.transaction(call.signal, (run) => lastUseBy(run, account, this.#target));
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  #names({ permission, account }: TargetCall): Names {
    return { target: this.#target, role: roleOf(permission), account };
  }

  #mayNotEndSessions({ role, account }: Names): ProviderError {
    return new ProviderError(
      'give-up',
      'may-not-end-sessions',
      `${this.#target} took the role ${role} away, but Latchkey may not end the sessions of ${account}: its login needs the role pg_signal_backend (and a superuser's sessions only a superuser may end).`,
    );
  }
}
