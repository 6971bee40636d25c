import { type CallerRef, callerName } from '../../domain/caller.ts';
import { didYouMean } from '../../policy/nearest.ts';
import type { PolicySet } from '../../policy/policy-set.ts';

/** Somebody in a test: who they are to the directory, and what their clicks carry. */
export interface Somebody {
  readonly email: string;
  readonly slack: string;
}

/** Somebody in a test who is no person: what its token says, or its API key. */
export interface NamedCaller {
  readonly name: string;
  readonly ref: CallerRef;
}

export type Actor = { kind: 'person'; who: Somebody } | { kind: 'caller'; who: NamedCaller };

export type Found<T> = { ok: true; value: T } | { ok: false; why: string };

/** The word for somebody whom the directory does not know. */
export const STRANGER = 'stranger';

const nobody: Somebody = { email: 'stranger@nowhere.invalid', slack: 'U0STRANGER' };

/**
 * The names that a test may use: those of its policies, and of the callers that its document names.
 * Of policies that do not load nothing is known, and every name is taken as good: their own problems stop the run anyway.
 */
export class Names {
  readonly #policies: PolicySet | undefined;
  readonly #people = new Map<string, string[]>();
  readonly #callers: ReadonlyMap<string, CallerRef>;

  constructor(policies: PolicySet | undefined, callers: ReadonlyMap<string, CallerRef> = new Map()) {
    this.#policies = policies;
    this.#callers = callers;
    for (const { email } of policies?.directory.people ?? []) {
      const short = email.slice(0, email.indexOf('@'));
      this.#people.set(short, [...(this.#people.get(short) ?? []), email]);
    }
  }

  /** A person by e-mail, or by the part before its `@` where only one has it. */
  person(name: string): Found<string> {
    if (!this.#policies) return { ok: true, value: name };
    const wanted = name.toLowerCase();
    const { directory } = this.#policies;
    const exact = directory.byEmail(wanted);
    if (exact) return { ok: true, value: exact.email };
    const [email, ...others] = this.#people.get(wanted) ?? [];
    if (email !== undefined && others.length === 0) return { ok: true, value: email };
    if (email !== undefined) {
      return { ok: false, why: `\`${name}\` is several people: write ${[email, ...others].join(' or ')}.` };
    }
    const known = wanted.includes('@') ? directory.people.map((person) => person.email) : this.#people.keys();
    if (this.#callers.has(name)) return { ok: false, why: `\`${name}\` is a caller of actions, and no person.` };
    return { ok: false, why: `There is no person \`${name}\` in the directory.${didYouMean(wanted, known)}` };
  }

  /** `cleo`, or `cleo for ben` who is away. */
  voter(text: string): Found<string> {
    const [name = '', ...more] = text.trim().split(/\s+/);
    const voter = this.person(name);
    if (!voter.ok || more.length === 0) return voter;
    const [word, other = '', ...rest] = more;
    if (word !== 'for' || other === '' || rest.length > 0)
      return { ok: false, why: `Write a person, or \`cleo for ben\`: who votes, and for whom.` };
    const onBehalfOf = this.person(other);
    return onBehalfOf.ok ? { ok: true, value: onBehalfText(voter.value, onBehalfOf.value) } : onBehalfOf;
  }

  /** Somebody who can do something in Slack: a person with a Slack id, or the stranger. */
  somebody(name: string): Found<Somebody> {
    const person = this.person(name);
    if (!person.ok) return name === STRANGER ? { ok: true, value: nobody } : person;
    const slack = this.#policies?.directory.byEmail(person.value)?.slack;
    if (this.#policies && slack === undefined) {
      return { ok: false, why: `${person.value} has no \`slack\` id in the directory, so they can do nothing there.` };
    }
    return { ok: true, value: { email: person.value, slack: slack ?? '' } };
  }

  /** Whether a word means a person, or several. */
  isPerson(name: string): boolean {
    const wanted = name.toLowerCase();
    return this.#people.has(wanted) || this.#policies?.directory.byEmail(wanted) !== undefined;
  }

  /** The names of the API keys there are; absent while nobody knows. */
  get apiKeys(): Iterable<string> | undefined {
    return this.#policies?.settings.apiKeys.keys();
  }

  /** A caller of the document. */
  caller(name: string): Found<NamedCaller> {
    const ref = this.#callers.get(name);
    if (ref) return { ok: true, value: { name, ref } };
    const near = didYouMean(name, this.#callers.keys()) || ' Name it under `callers` of the document.';
    return { ok: false, why: `There is no caller \`${name}\` in this document.${near}` };
  }

  /** Whoever does something: a caller of the document, or somebody in Slack. */
  actor(name: string): Found<Actor> {
    const caller = this.caller(name);
    if (caller.ok) return { ok: true, value: { kind: 'caller', who: caller.value } };
    const person = this.somebody(name);
    if (person.ok) return { ok: true, value: { kind: 'person', who: person.value } };
    if (this.#callers.size === 0 || this.isPerson(name)) return person;
    const near = didYouMean(name, [...this.#people.keys(), ...this.#callers.keys()]);
    return {
      ok: false,
      why: `There is no person \`${name}\` in the directory, and no caller in this document.${near}`,
    };
  }

  get callers(): NamedCaller[] {
    return [...this.#callers].map(([name, ref]) => ({ name, ref }));
  }

  /** Whoever a request is of, as the request names them. */
  requester(name: string): Found<string> {
    const ref = this.#callers.get(name);
    return ref ? { ok: true, value: callerName(ref) } : this.person(name);
  }

  /** The people behind a word, a person, `group:<name>` or `everyone`, by e-mail; and the callers, by name. */
  askers(text: string): Found<string[]> {
    if (this.#callers.has(text)) return { ok: true, value: [text] };
    const people = this.#peopleOf(text);
    return people.ok && text === 'everyone' ? { ok: true, value: [...people.value, ...this.#callers.keys()] } : people;
  }

  #peopleOf(text: string): Found<string[]> {
    const directory = this.#policies?.directory;
    if (!directory) return { ok: true, value: [] };
    if (text === 'everyone') return { ok: true, value: directory.people.map(({ email }) => email) };
    if (text.startsWith('group:')) {
      const group = text.slice('group:'.length);
      if (directory.groups.includes(group))
        return { ok: true, value: directory.members(group).map(({ email }) => email) };
      return {
        ok: false,
        why: `There is no group \`${group}\` in the directory.${didYouMean(group, directory.groups)}`,
      };
    }
    const person = this.person(text);
    return person.ok ? { ok: true, value: [person.value] } : person;
  }

  /** What a person asks for. */
  access(name: string): Found<string> {
    if (!this.#policies || this.#policies.accesses.has(name)) return { ok: true, value: name };
    if (this.#policies.actions.has(name))
      return { ok: false, why: `\`${name}\` is an action, which callers ask for, and no access.` };
    return { ok: false, why: `There is no access \`${name}\`.${didYouMean(name, this.#policies.accesses.keys())}` };
  }

  /** What a caller asks for. */
  action(name: string): Found<string> {
    if (!this.#policies || this.#policies.actions.has(name)) return { ok: true, value: name };
    if (this.#policies.accesses.has(name))
      return { ok: false, why: `\`${name}\` is an access, which people ask for, and no action.` };
    return { ok: false, why: `There is no action \`${name}\`.${didYouMean(name, this.#policies.actions.keys())}` };
  }

  /** What a request is for. */
  asked(name: string): Found<string> {
    if (this.#policies?.actions.has(name)) return { ok: true, value: name };
    const access = this.access(name);
    if (access.ok || !this.#policies || this.#policies.actions.size === 0) return access;
    const near = didYouMean(name, [...this.#policies.accesses.keys(), ...this.#policies.actions.keys()]);
    return { ok: false, why: `There is no access and no action \`${name}\`.${near}` };
  }

  /**
   * Approvers as a policy writes them, in one order: `group:dba, manager`. `group:` may be left off, a person may be
   * written as in the rest of a test.
   */
  approvers(text: string): Found<string> {
    const principals: string[] = [];
    for (const part of text.split(',').map((each) => each.trim())) {
      const found = this.#principal(part);
      if (!found.ok) return found;
      principals.push(found.value);
    }
    return { ok: true, value: approversText(principals) };
  }

  #principal(text: string): Found<string> {
    if (['everyone', 'manager'].includes(text)) return { ok: true, value: text };
    if (text === 'owner') {
      return { ok: false, why: 'A request names the owners of its targets themselves: write the group or the person.' };
    }
    const groups = new Set(this.#policies?.directory.groups);
    const group = text.startsWith('group:') ? text.slice('group:'.length) : text;
    if (!this.#policies || groups.has(group)) return { ok: true, value: `group:${group}` };
    if (text.startsWith('group:')) {
      return { ok: false, why: `There is no group \`${group}\` in the directory.${didYouMean(group, groups)}` };
    }
    const person = this.person(text.startsWith('user:') ? text.slice('user:'.length) : text);
    if (person.ok) return { ok: true, value: `user:${person.value}` };
    const near = didYouMean(text, [...groups, ...this.#people.keys(), 'everyone', 'manager']);
    return { ok: false, why: `\`${text}\` is neither a group nor a person of the directory.${near}` };
  }
}

/** Who votes, and for whom if not for themselves. */
export const onBehalfText = (voter: string, onBehalfOf: string | undefined): string =>
  onBehalfOf === undefined ? voter : `${voter} for ${onBehalfOf}`;

/** Principals in one order, as they are compared. */
export const approversText = (principals: readonly string[]): string => [...new Set(principals)].sort().join(', ');
