import type { Provider } from '../../app/ports/provider.ts';
import type { PolicySet } from '../../policy/index.ts';
import { printable } from '../../policy/index.ts';
import { NO_WITNESS, type Suite, type Test, type Witness } from '../test.ts';
import type { Mutant } from './mutant.ts';
import { mutantsOf } from './mutants.ts';

export interface Mutation {
  /** How many were tried. */
  total: number;
  /** Those that no test noticed. */
  survivors: readonly Mutant[];
}

/** Which tests looked at which access or action: only those can notice a change of it. */
export class Touched {
  readonly #tests = new Map<string, Set<Test>>();

  witness(test: Test, inner: Witness): Witness {
    return {
      decided: (access, ...decision) => {
        this.#add(access.name, test);
        inner.decided(access, ...decision);
      },
      decidedAction: (action, ...decision) => {
        this.#add(action.name, test);
        inner.decidedAction(action, ...decision);
      },
      looked: (access) => this.#add(access, test),
      happened: (events) => inner.happened(events),
    };
  }

  #add(access: string, test: Test): void {
    this.#tests.set(access, (this.#tests.get(access) ?? new Set()).add(test));
  }

  by(access: string, test: Test): boolean {
    return this.#tests.get(access)?.has(test) ?? false;
  }
}

/** Runs the tests, all of which pass, against each weakened policy until one of them fails. */
export async function mutate(
  policies: PolicySet,
  suites: readonly Suite[],
  touched: Touched,
  providers: ReadonlyMap<string, Provider>,
): Promise<Mutation> {
  const mutants = mutantsOf(policies);
  const survivors: Mutant[] = [];
  for (const mutant of mutants) {
    if (!(await isNoticed(mutant, suites, touched, providers))) survivors.push(mutant);
  }
  return { total: mutants.length, survivors };
}

async function isNoticed(
  { access: name, weakened }: Mutant,
  suites: readonly Suite[],
  touched: Touched,
  providers: ReadonlyMap<string, Provider>,
): Promise<boolean> {
  for (const suite of suites) {
    const tests = suite.tests.filter((test) => touched.by(name, test));
    const policies = tests.length === 0 ? undefined : weakened(suite.policies);
    if (!policies) continue;
    for (const test of tests) {
      const failures = await test.run({ policies, providers, witness: NO_WITNESS, only: name });
      if (failures.length > 0) return true;
    }
  }
  return false;
}

export function mutationText({ total, survivors }: Mutation): string {
  const lines = survivors.map(
    ({ access, what, place }) =>
      `${printable(`  ${place.file}:${place.line}:${place.col} ${access} ${what}: no test fails`)}\n`,
  );
  return `Mutation: ${total - survivors.length} of ${total} weakened rules were noticed by a test\n${lines.join('')}`;
}
