import { createHash } from 'node:crypto';
import { NAMES } from '../../config.ts';
import { type Env, type ParsedPolicies, parseFolder, type ReadFolder, readPolicyFolder } from '../../policy/index.ts';
import { markedWithCommit } from '../../policy-source.ts';
import { providers } from '../../providers/registry.ts';
import { fromHere } from './from-here.ts';

export interface WithoutSecrets {
  checked: ParsedPolicies;
  /** Variables that are not set here and were taken to be right, by name. */
  assumed: readonly string[];
  /** What the variables were taken to be. */
  env: Env;
}

/** A folder's policies for a tool that needs no secrets, with the commit they were checked out at. */
export async function checkWithoutSecrets(dir: string, secret: Env): Promise<WithoutSecrets> {
  const folder = await readPolicyFolder(dir, { shown: fromHere(dir) });
  const { checked, assumed, env } = parseWithoutSecrets(folder, secret);
  return {
    checked: checked.ok ? { ok: true, policies: await markedWithCommit(checked.policies, dir) } : checked,
    assumed,
    env,
  };
}

const OWN: ReadonlySet<string> = new Set(NAMES);

/**
 * One of these passes wherever the environment is asked: a token, a part of an address, the whole of one, a port. NB. other
 * for each name where it can be: two systems must not look like one, nor a target that is pointed elsewhere like before.
 */
const standInsFor = (name: string): readonly string[] => {
  const host = `${createHash('sha256').update(name).digest('hex').slice(0, 16)}.check.invalid`;
  return [`${'x'.repeat(32)}${name}`, `https://${host}/x`, `postgresql://${host}/x`, '443'];
};

/**
 * A check needs no secrets, so that it can run before a merge: what is not set here is taken to be right. For each such
 * name the stand-in that leaves the fewest problems is found by trying.
 */
export function parseWithoutSecrets(folder: ReadFolder, secret: Env): WithoutSecrets {
  const standIns = new Map<string, string>();
  const env: Env = (name) => {
    const set = secret(name);
    // NB. Latchkey's own settings are not for policies, set or not: the product refuses them, so the check does.
    if (set !== undefined || OWN.has(name)) return set;
    if (!standIns.has(name)) standIns.set(name, standInsFor(name)[0] ?? '');
    return standIns.get(name);
  };
  const check = () => parseFolder(folder, providers, env);
  let checked = check();
  for (const name of [...standIns.keys()]) {
    if (problemsIn(checked) === 0) break;
    const [first = '', ...others] = standInsFor(name);
    let best = { standIn: first, checked };
    for (const standIn of others) {
      standIns.set(name, standIn);
      const tried = check();
      if (fitsBetter(tried, best.checked)) best = { standIn, checked: tried };
    }
    standIns.set(name, best.standIn);
    checked = best.checked;
  }
  return { checked, assumed: [...standIns.keys()].sort(), env };
}

const problemsIn = (checked: ParsedPolicies): number => (checked.ok ? 0 : checked.problems.length);

/** What its place does not accept. NB. it hides what would be found behind it, so that fewer problems alone prove nothing. */
const unfitIn = (checked: ParsedPolicies): number =>
  checked.ok ? 0 : checked.problems.filter(({ code }) => code === 'invalid-value').length;

const fitsBetter = (tried: ParsedPolicies, best: ParsedPolicies): boolean =>
  (unfitIn(tried) - unfitIn(best) || problemsIn(tried) - problemsIn(best)) < 0;
