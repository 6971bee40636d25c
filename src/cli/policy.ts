import { loadConfig, NAMES } from '../config.ts';
import { type LoadedPolicies, loadPolicies } from '../policy-source.ts';
import { providers } from '../providers/registry.ts';
import { type Command, EXIT, environmentProblems } from './terminal.ts';

/** `latchkey policy check [DIR]`: every problem at once, as `file:line:col code sentence`. */
export const policy: Command = async ([verb, dir, ...more], terminal) => {
  if (verb !== 'check' || more.length > 0 || dir?.startsWith('-')) {
    terminal.err('Usage: latchkey policy check [DIR]\n');
    return EXIT.usage;
  }
  const loaded = loadConfig(terminal.env);
  if (!loaded.ok) {
    terminal.err(environmentProblems(loaded.problems));
    return EXIT.problems;
  }
  const folder = dir ?? loaded.config.policiesDir;
  const { checked, assumed } = await checkWithoutSecrets(folder, loaded.config.secret);
  if (!checked.ok) {
    terminal.out(`${checked.problems.join('\n')}\n`);
    terminal.err(`${checked.problems.length} ${checked.problems.length === 1 ? 'problem' : 'problems'} in ${folder}\n`);
    return EXIT.problems;
  }
  const { accesses, targets, revision } = checked.policies;
  terminal.out(
    `${folder}: ${accesses.size} accesses, ${targets.size} targets, digest ${revision.digest.slice(0, 12)}\n`,
  );
  if (assumed.length > 0) terminal.out(`Not set here, and taken to be right where it runs: ${assumed.join(', ')}\n`);
  return EXIT.ok;
};

const OWN: ReadonlySet<string> = new Set(NAMES);

/** One of these passes wherever the environment is asked: a token, a part of an address, the whole of one, a port. */
const STAND_INS: readonly string[] = ['x'.repeat(32), 'https://check.invalid/x', 'postgresql://check.invalid/x', '443'];

/**
 * A check needs no secrets, so that it can run before a merge: what is not set here is taken to be right. For each such
 * name the stand-in that leaves the fewest problems is found by trying.
 */
async function checkWithoutSecrets(
  dir: string,
  secret: (name: string) => string | undefined,
): Promise<{ checked: LoadedPolicies; assumed: readonly string[] }> {
  const standIns = new Map<string, string>();
  const check = () =>
    loadPolicies({
      dir,
      providers,
      env: (name) => {
        const set = secret(name);
        // NB. Latchkey's own settings are not for policies, set or not: the product refuses them, so the check does.
        if (set !== undefined || OWN.has(name)) return set;
        if (!standIns.has(name)) standIns.set(name, STAND_INS[0] ?? '');
        return standIns.get(name);
      },
    });
  let checked: LoadedPolicies = await check();
  for (const name of [...standIns.keys()]) {
    if (problemsIn(checked) === 0) break;
    let best = { standIn: STAND_INS[0] ?? '', checked };
    for (const standIn of STAND_INS.slice(1)) {
      standIns.set(name, standIn);
      const tried = await check();
      if (problemsIn(tried) < problemsIn(best.checked)) best = { standIn, checked: tried };
    }
    standIns.set(name, best.standIn);
    checked = best.checked;
  }
  return { checked, assumed: [...standIns.keys()].sort() };
}

const problemsIn = (checked: LoadedPolicies): number => (checked.ok ? 0 : checked.problems.length);
