import type { Principal } from '../../domain/principal.ts';
import { principalText } from '../../domain/principal.ts';
import type { RefusalCode } from '../../domain/refusal.ts';
import type { Flow } from '../../domain/request.ts';
import { approvers } from '../eligibility.ts';
import { evaluate, type Question } from '../evaluate.ts';
import { type ActionQuestion, evaluateAction } from '../evaluate-action.ts';
import { evaluateEmergency } from '../evaluate-emergency.ts';
import type { PolicySet } from '../policy-set.ts';

/** How a question ends under one set of policies, as far as two sets are compared. */
export type Outcome = { ok: false; code: RefusalCode } | { ok: true; flow: Flow };

/** One of the two sets that are compared, with what is worked out once for many people. */
export class Side {
  readonly policies: PolicySet;
  readonly #members = new Map<string, ReadonlySet<string>>();
  readonly #approvers = new Map<string, Approvers>();
  readonly #listed = new Map<readonly Principal[], Map<string, Approvers>>();
  readonly #together = new Map<string, Approvers>();

  constructor(policies: PolicySet) {
    this.policies = policies;
  }

  /** E-mails of a group's members. */
  members(group: string): ReadonlySet<string> {
    let members = this.#members.get(group);
    if (!members) {
      members = new Set(this.policies.directory.members(group).map(({ email }) => email));
      this.#members.set(group, members);
    }
    return members;
  }

  /** NB. the evaluation of production, never one of our own: a difference that we did not see would be merged. */
  outcome(question: Question): Outcome {
    const decision = evaluate(this.policies, question);
    return decision.ok ? { ok: true, flow: decision.flow } : { ok: false, code: decision.refusal.code };
  }

  /** As `outcome`, for taking an access at once. */
  emergency(question: Question): Outcome {
    const decision = evaluateEmergency(this.policies, question);
    return decision.ok ? { ok: true, flow: decision.flow } : { ok: false, code: decision.refusal.code };
  }

  /** As `outcome`, for a caller who asks for an action. */
  actionOutcome(question: ActionQuestion): Outcome {
    const decision = evaluateAction(this.policies, question);
    return decision.ok ? { ok: true, flow: decision.flow } : { ok: false, code: decision.refusal.code };
  }

  managerOf(email: string): string | undefined {
    return this.policies.directory.byEmail(email)?.manager;
  }

  /**
   * Everybody whom some principals let approve for a requester who has this manager. The requester themself is still among them, so that one
   * answer serves many: who compares them leaves the requester out. Equal principals give the same object.
   */
  mayApprove(principals: readonly Principal[], itsManager: string | undefined, targets: readonly string[]): Approvers {
    const manager = principals.some(({ kind }) => kind === 'manager') ? itsManager : undefined;
    // What stands in the policies is asked for again and again: it is known by itself, without spelling it out.
    const known = Object.isFrozen(principals) ? this.#listed.get(principals)?.get(manager ?? '') : undefined;
    if (known) return known;
    const named = principals.flatMap((principal): Principal[] => {
      if (principal.kind !== 'manager') return [principal];
      return manager === undefined ? [] : [{ kind: 'user', email: manager }];
    });
    const owned = named.some(({ kind }) => kind === 'owner');
    const key = `${named.map(principalText).sort().join(' ')}|${owned ? targets.join(' ') : ''}`;
    let found = this.#approvers.get(key);
    if (!found) {
      const people = approvers(this.policies, { approvers: named, need: 1 }, { requester: '', targets });
      found = new Approvers(people.map(({ email }) => email));
      this.#approvers.set(key, found);
    }
    if (Object.isFrozen(principals) && !owned) {
      const byManager = this.#listed.get(principals) ?? new Map<string, Approvers>();
      this.#listed.set(principals, byManager.set(manager ?? '', found));
    }
    return found;
  }

  /** Everybody who may sit in any step of a flow. */
  mayApproveAny({ steps }: Flow, manager: string | undefined, targets: readonly string[]): Approvers {
    const lists = steps.map(({ approvers: list }) => this.mayApprove(list, manager, targets));
    const [first] = lists;
    if (first && lists.length === 1) return first;
    const key = lists.map(({ id }) => id).join();
    let found = this.#together.get(key);
    if (!found) {
      found = new Approvers(lists.flatMap(({ people }) => [...people]));
      this.#together.set(key, found);
    }
    return found;
  }
}

let made = 0;

/** People who may approve something, and how they differ from others: worked out once, for many requesters. */
export class Approvers {
  readonly people: ReadonlySet<string>;
  readonly id = ++made;
  // NB. no WeakMap: of a hundred thousand of its entries the garbage collector makes most of the work.
  readonly #outside = new Map<Approvers, readonly string[]>();

  constructor(people: readonly string[]) {
    this.people = new Set(people);
  }

  /** Who of these is not among the others, in the order of the alphabet. */
  outside(other: Approvers): readonly string[] {
    if (other === this) return [];
    let found = this.#outside.get(other);
    if (!found) {
      found = [...this.people].filter((email) => !other.people.has(email)).sort();
      this.#outside.set(other, found);
    }
    return found;
  }

  /**
   * Whether all of these but the requester are among the others.
   * @param alone where the answer would be another for one requester, they are put in here
   */
  within(other: Approvers, { email, alone }: { email: string; alone: Set<string> }): boolean {
    const [one, ...more] = this.outside(other);
    if (one === undefined) return true;
    if (more.length > 0) return false;
    alone.add(one);
    return one === email;
  }
}

export const NOBODY = new Approvers([]);
