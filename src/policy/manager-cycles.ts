import type { Person } from './directory.ts';

/**
 * People who are, through any number of others, their own managers; each circle once, in the order in which one manages
 * the next. Two who manage each other could approve each other's requests for ever.
 */
export function managerCycles(people: readonly Pick<Person, 'email' | 'manager'>[]): string[][] {
  const managers = new Map(people.map(({ email, manager }) => [email, manager]));
  const seen = new Set<string>();
  const cycles: string[][] = [];
  for (const { email: start } of people) {
    const path: string[] = [];
    const onPath = new Set<string>();
    let email: string | undefined = start;
    while (email !== undefined && !seen.has(email)) {
      seen.add(email);
      path.push(email);
      onPath.add(email);
      email = managers.get(email);
    }
    if (email !== undefined && onPath.has(email)) cycles.push(path.slice(path.indexOf(email)));
  }
  return cycles;
}
