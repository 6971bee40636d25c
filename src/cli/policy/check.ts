import { review } from '../../policy/review/review.ts';
import { EXIT } from '../terminal.ts';
import { asGithub } from './report/github.ts';
import { asJson } from './report/json.ts';
import { count, type Report, reported } from './report/report.ts';
import { asSarif } from './report/sarif.ts';
import { asText, legend } from './report/text.ts';
import { choice, type PolicyVerb, readArgs } from './verb.ts';
import { checkWithoutSecrets, type WithoutSecrets } from './without-secrets.ts';

/** `latchkey policy check [DIR]`: every problem at once, as `file:line:col code sentence`; without one, every warning. */
export const check: PolicyVerb = {
  usage: '[DIR] [--format text|json|github|sarif] [--strict]',
  summary: 'print every problem of the policies, and what a reviewer would ask; --strict: fail on that, too',
  async run(args, { terminal, config }) {
    const { values, positionals } = readArgs(args, {
      options: { format: { type: 'string' }, strict: { type: 'boolean' } },
      most: 1,
    });
    const format = choice('format', values.format, ['text', 'json', 'github', 'sarif']);
    const { policiesDir, secret } = config();
    const folder = positionals[0] ?? policiesDir;
    const report = reportOn(folder, await checkWithoutSecrets(folder, secret));
    if (format === 'json') terminal.out(asJson(report));
    else if (format === 'sarif') terminal.out(asSarif(report));
    else if (format === 'github') {
      terminal.out(asGithub(report));
      terminal.err(legend(folder, report.findings));
    } else {
      const { out, err } = asText(report);
      terminal.out(out);
      terminal.err(err);
    }
    const failing = count(report.findings, 'error') + (values.strict ? count(report.findings, 'warning') : 0);
    return failing > 0 ? EXIT.problems : EXIT.ok;
  },
};

function reportOn(folder: string, { checked, assumed }: WithoutSecrets): Report {
  if (!checked.ok) return { folder, findings: reported('error', checked.problems), assumed };
  const { accesses, actions, targets, revision } = checked.policies;
  return {
    folder,
    findings: reported('warning', review(checked.policies)),
    loaded: { accesses: accesses.size, actions: actions.size, targets: targets.size, digest: revision.digest },
    assumed,
  };
}
