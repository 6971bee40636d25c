import type { Directory } from '../directory.ts';
import { plural, someOf } from './change.ts';
import { isStandIn } from './live.ts';

const NAMED = 6;
/** Of a group, up to this many are named as left out rather than all the others as in it. */
const LEFT_OUT = 3;

/**
 * Names people as a reader thinks of them: `group:backend (12 people)`, `everyone except eli@example.com`, a few groups
 * together, and names for the rest.
 */
export class Crowds {
  readonly #crowds: { name: string; members: readonly string[] }[];
  readonly #sets = new Map<string, ReadonlySet<string>>();
  readonly #told = new Map<string, string>();

  /** @param people who counts: a group is whole when all of these who are in it are */
  constructor(directories: readonly Directory[], people: ReadonlySet<string>) {
    const crowds = new Map<string, Set<string>>();
    crowds.set('everyone', new Set(people));
    for (const directory of directories) {
      for (const group of directory.groups) {
        const name = `group:${group}`;
        // The directory named first is the one whose groups the reader knows.
        if (crowds.has(name)) continue;
        crowds.set(name, new Set(directory.members(group).flatMap(({ email }) => (people.has(email) ? [email] : []))));
      }
    }
    // The smallest first: of two names for the same people, the one that says more.
    this.#crowds = [...crowds]
      .map(([name, members]) => ({ name, members: [...members] }))
      .sort((a, b) => a.members.length - b.members.length);
    for (const [name, members] of crowds) this.#sets.set(name, members);
  }

  name(emails: readonly string[]): string {
    const key = emails.join(' ');
    let told = this.#told.get(key);
    if (told === undefined) {
      told = this.#name(emails);
      this.#told.set(key, told);
    }
    return told;
  }

  #name(emails: readonly string[]): string {
    if (emails.length === 1) return emails[0] ?? '';
    const wanted = new Set(emails);
    const known = emails.filter((email) => !isStandIn(email)).length;
    const people = plural(known, 'person', 'people');
    const count = known === emails.length ? people : known === 0 ? 'not known here' : `${people} and others`;
    const whole = this.#crowds.find(
      ({ members }) => members.length === wanted.size && members.every((email) => wanted.has(email)),
    );
    if (whole) return `${whole.name} (${count})`;
    const most = this.#allBut(emails, wanted);
    if (most !== undefined) return `${most} (${count})`;
    const left = new Set(wanted);
    const names: string[] = [];
    for (;;) {
      let best: { name: string; members: readonly string[]; gain: number } | undefined;
      for (const { name, members } of this.#crowds) {
        if (members.length > wanted.size || members.length < 2) continue;
        const gain = members.filter((email) => left.has(email)).length;
        if (gain < 2 || gain <= (best?.gain ?? 0)) continue;
        if (members.every((email) => wanted.has(email))) best = { name, members, gain };
      }
      if (!best) break;
      names.push(best.name);
      for (const email of best.members) left.delete(email);
    }
    const rest = [...left].sort();
    if (names.length === 0) return rest.length <= NAMED ? someOf(rest, NAMED) : `${someOf(rest, NAMED)} (${count})`;
    return `${someOf([...names, ...rest], NAMED)} (${count})`;
  }

  /** `group:backend except group:contractors`: the smallest crowd that they are in, if most of it is them. */
  #allBut(emails: readonly string[], wanted: ReadonlySet<string>): string | undefined {
    for (const { name, members } of this.#crowds) {
      if (members.length <= wanted.size || members.length > 2 * wanted.size) continue;
      const crowd = this.#sets.get(name);
      if (!emails.every((email) => crowd?.has(email))) continue;
      const without = members.filter((email) => !wanted.has(email)).sort();
      if (without.length <= LEFT_OUT) return `${name} except ${someOf(without, LEFT_OUT)}`;
      const gone = new Set(without);
      const part = this.#crowds.find((other) => {
        const within = other.members.filter((email) => crowd?.has(email));
        return within.length === gone.size && within.every((email) => gone.has(email));
      });
      if (part) return `${name} except ${part.name}`;
    }
    return undefined;
  }
}
