import { formatProblem } from '../../policy/index.ts';
import { EXIT } from '../terminal.ts';
import { type PolicyVerb, readArgs } from './verb.ts';
import { checkWithoutSecrets } from './without-secrets.ts';

/** `latchkey policy check [DIR]`: every problem at once, as `file:line:col code sentence`. */
export const check: PolicyVerb = {
  usage: '[DIR]',
  summary: 'load the policies and print every problem',
  async run(args, { terminal, config }) {
    const { positionals } = readArgs(args, { options: {}, most: 1 });
    const { policiesDir, secret } = config();
    const folder = positionals[0] ?? policiesDir;
    const { checked, assumed } = await checkWithoutSecrets(folder, secret);
    if (!checked.ok) {
      const count = checked.problems.length;
      terminal.out(`${checked.problems.map(formatProblem).join('\n')}\n`);
      terminal.err(`${count} ${count === 1 ? 'problem' : 'problems'} in ${folder}\n`);
      return EXIT.problems;
    }
    const { accesses, targets, revision } = checked.policies;
    terminal.out(
      `${folder}: ${accesses.size} accesses, ${targets.size} targets, digest ${revision.digest.slice(0, 12)}\n`,
    );
    if (assumed.length > 0) terminal.out(`Not set here, and taken to be right where it runs: ${assumed.join(', ')}\n`);
    return EXIT.ok;
  },
};
