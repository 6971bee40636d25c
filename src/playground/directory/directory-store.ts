import { randomUUID } from 'node:crypto';

export interface StoredUser {
  id: string;
  email: string;
  active: boolean;
  /** E-mail of another user. */
  manager?: string;
}

export interface StoredGroup {
  id: string;
  name: string;
  /** Ids of users. */
  members: Set<string>;
  /** Grows with every change; the group's entity tag is made of it. */
  version: number;
}

export interface GroupView {
  name: string;
  /** E-mails, in the order in which they were added. */
  members: string[];
}

/** The users and groups of one directory, in memory. */
export class DirectoryStore {
  readonly #users = new Map<string, StoredUser>();
  readonly #groups = new Map<string, StoredGroup>();
  readonly #listeners = new Set<() => void>();

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  users(): StoredUser[] {
    return [...this.#users.values()];
  }

  user(id: string): StoredUser | undefined {
    return this.#users.get(id);
  }

  allGroups(): StoredGroup[] {
    return [...this.#groups.values()];
  }

  group(id: string): StoredGroup | undefined {
    return this.#groups.get(id);
  }

  groups(): GroupView[] {
    return this.allGroups().map(({ name, members }) => ({
      name,
      members: [...members].map((id) => this.#users.get(id)?.email ?? id),
    }));
  }

  addUser(email: string): void {
    if (this.users().some((user) => user.email === email)) throw new Error(`There is a user ${email} already.`);
    const user = { id: randomUUID(), email, active: true };
    this.#users.set(user.id, user);
  }

  setUser(email: string, { active, manager }: { active?: boolean; manager?: string }): void {
    const user = this.#userNamed(email);
    if (active !== undefined) user.active = active;
    if (manager !== undefined) user.manager = this.#userNamed(manager).email;
    this.#changed();
  }

  removeUser(email: string): void {
    const { id } = this.#userNamed(email);
    this.#users.delete(id);
    for (const group of this.#groups.values()) {
      if (group.members.has(id))
        this.replaceMembers(
          group,
          [...group.members].filter((member) => member !== id),
        );
    }
  }

  addGroup(name: string, members: readonly string[]): void {
    const ids = members.map((email) => this.#userNamed(email).id);
    const group = { id: randomUUID(), name, members: new Set(ids), version: 1 };
    this.#groups.set(group.id, group);
    this.#changed();
  }

  removeGroup(name: string): void {
    this.#groups.delete(this.#groupNamed(name).id);
    this.#changed();
  }

  setMember(group: string, email: string, present: boolean): void {
    const found = this.#groupNamed(group);
    const { id } = this.#userNamed(email);
    const others = [...found.members].filter((member) => member !== id);
    this.replaceMembers(found, present ? [...others, id] : others);
  }

  replaceMembers(group: StoredGroup, members: readonly string[]): void {
    const next = new Set(members);
    if (next.size === group.members.size && [...next].every((id) => group.members.has(id))) return;
    group.members = next;
    group.version++;
    this.#changed();
  }

  #userNamed(email: string): StoredUser {
    const found = this.users().find((user) => user.email === email);
    if (!found) throw new Error(`There is no user ${email} in the directory.`);
    return found;
  }

  #groupNamed(name: string): StoredGroup {
    const found = this.allGroups().find((group) => group.name === name);
    if (!found) throw new Error(`There is no group ${name} in the directory.`);
    return found;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
