import type { Principal } from '../../domain/principal.ts';
import { directoryOf, type Person } from '../directory.ts';
import type { Who } from '../eligibility.ts';
import type { KnownNames } from '../names.ts';
import type { ReadableDirectory } from '../schema/directory.ts';
import type { principals } from '../schema/principal.ts';
import type { Readable } from '../schema/readable.ts';
import { isRead, readOnes, UNREAD, type Unread } from '../unread.ts';
import type { Owner } from './target-owners.ts';

/** A list of principals as far as it can be read. */
export type ReadablePrincipals = Readable<ReturnType<typeof principals>>;

/** The targets that an access gives something at, as far as they can be read. */
export type TargetNames = readonly (string | Unread)[] | Unread;

/**
 * Who is who, at best: with everything that cannot be read, and everybody whom a live source may know, counted in favour of
 * whoever is looked for. What nobody can do here, nobody can do once all else is mended.
 */
export class AtBest {
  readonly who: Who;
  readonly #known: KnownNames;
  readonly #owners: ReadonlyMap<string, Owner>;
  readonly #groups: ReadonlySet<string>;
  readonly #managersRead: boolean;

  /** @param allInSlack whoever has no Slack id may be found by their e-mail */
  constructor(
    directories: readonly ReadableDirectory[],
    known: KnownNames,
    owners: ReadonlyMap<string, Owner>,
    { allInSlack }: { allInSlack: boolean },
  ) {
    const { people, managersRead } = peopleAtBest(directories, allInSlack);
    const groups = wholeGroups(directories, people);
    const targets = new Map([...owners].map(([name, owner]) => [name, isRead(owner) && owner ? { owner } : {}]));
    this.who = { directory: directoryOf([...people.values()], groups), targets };
    this.#known = known;
    this.#owners = owners;
    this.#groups = new Set(groups.keys());
    this.#managersRead = managersRead;
  }

  /** Whether a list may name more people than are known here. */
  mayName(list: ReadablePrincipals, targets: TargetNames): boolean {
    return !isRead(list) || list.some((principal) => !isRead(principal) || this.#mayName(principal, targets));
  }

  #mayName(principal: Principal, targets: TargetNames): boolean {
    switch (principal.kind) {
      case 'everyone':
        return this.#known.people.open;
      case 'manager':
        return this.#known.people.open || !this.#managersRead;
      case 'user':
        return this.who.directory.byEmail(principal.email) === undefined;
      case 'group':
        return !this.#groups.has(principal.name);
      case 'owner': {
        const owners = this.ownersOf(targets);
        // That there is none has a problem of its own.
        return !isRead(owners) || owners.length === 0 || owners.some((owner) => this.#mayName(owner, targets));
      }
    }
  }

  /** The owners of some targets; unread while there may be others. */
  ownersOf(targets: TargetNames): readonly Principal[] | Unread {
    if (!isRead(targets)) return targets;
    const owners = targets.map((name) => (isRead(name) && this.#owners.has(name) ? this.#owners.get(name) : UNREAD));
    return owners.every(isRead) ? owners.filter((owner) => owner !== undefined) : UNREAD;
  }
}

function peopleAtBest(directories: readonly ReadableDirectory[], allInSlack: boolean) {
  const people = new Map<string, Person>();
  let managersRead = true;
  for (const { email, slack, manager } of directories.flatMap((each) => readOnes(each.people))) {
    if (!isRead(email)) continue;
    const twice = people.has(email);
    if (twice || !isRead(manager)) managersRead = false;
    const reached = isRead(slack) && !twice ? (slack ?? (allInSlack ? IN_SLACK + email : undefined)) : IN_SLACK + email;
    people.set(email, {
      email,
      ...(reached === undefined ? {} : { slack: reached }),
      ...(isRead(manager) && manager !== undefined ? { manager } : {}),
      accounts: {},
      disabled: false,
    });
  }
  return { people, managersRead };
}

const IN_SLACK = 'in Slack: ';

/** The groups whose members are all written and known. */
function wholeGroups(directories: readonly ReadableDirectory[], people: ReadonlyMap<string, Person>) {
  const groups = new Map<string, readonly string[]>();
  const others = new Set<string>();
  for (const { groups: written } of directories) {
    for (const [name, group] of Object.entries(isRead(written) ? written : {})) {
      const whole = isRead(group) && !('slack_usergroup' in group) && group.every((email) => people.has(email));
      if (whole && !groups.has(name)) groups.set(name, group);
      else others.add(name);
    }
  }
  for (const name of others) groups.delete(name);
  return groups;
}
