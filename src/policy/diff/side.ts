import type { Principal } from '../../domain/principal.ts';
import { principalText } from '../../domain/principal.ts';
import type { RefusalCode } from '../../domain/refusal.ts';
import type { Flow } from '../../domain/request.ts';
import { approvers } from '../eligibility.ts';
import { evaluate, type Question } from '../evaluate.ts';
import type { PolicySet } from '../policy-set.ts';

/** How a question ends under one set of policies, as far as two sets are compared. */
export type Outcome = { ok: false; code: RefusalCode } | { ok: true; flow: Flow };

/** One of the two sets that are compared, with what is worked out once for many people. */
export class Side {
  readonly policies: PolicySet;
  readonly #people = new Map<string, ReadonlySet<string>>();

  constructor(policies: PolicySet) {
    this.policies = policies;
  }

  /** NB. the evaluation of production, never one of our own: a difference that we did not see would be merged. */
  outcome(question: Question): Outcome {
    const decision = evaluate(this.policies, question);
    return decision.ok ? { ok: true, flow: decision.flow } : { ok: false, code: decision.refusal.code };
  }

  /**
   * E-mails of everybody whom some principals let approve for a requester. The requester themself is still among them, so
   * that one set serves many: who compares sets leaves them out. Equal principals give the same object.
   */
  mayApprove(principals: readonly Principal[], requester: string, targets: readonly string[]): ReadonlySet<string> {
    const manager = this.policies.directory.byEmail(requester)?.manager;
    const named = principals.flatMap((principal): Principal[] => {
      if (principal.kind !== 'manager') return [principal];
      return manager === undefined ? [] : [{ kind: 'user', email: manager }];
    });
    const owned = named.some(({ kind }) => kind === 'owner') ? targets.join(' ') : '';
    const key = `${named.map(principalText).sort().join(' ')}|${owned}`;
    let people = this.#people.get(key);
    if (!people) {
      const found = approvers(this.policies, { approvers: named, need: 1 }, { requester: '', targets });
      people = new Set(found.map(({ email }) => email));
      this.#people.set(key, people);
    }
    return people;
  }
}
