import { type CallerRef, callerName } from '../../domain/caller.ts';
import type { FieldValues } from '../../domain/request.ts';
import {
  assumingParameters,
  assumingReason,
  evaluate,
  explained,
  explainedAction,
  formatProblem,
  type PolicySet,
  withMembers,
} from '../../policy/index.ts';
import { EXIT } from '../terminal.ts';
import { callerOf, durationOf, isCaller, membersOf, momentOf, parametersOf } from './explain-args.ts';
import { explanationText, type Told, whyNotThatOne } from './explain-text.ts';
import { choice, type PolicyVerb, readArgs, WrongUsage } from './verb.ts';
import { checkWithoutSecrets } from './without-secrets.ts';

/** `latchkey policy explain WHO WHAT`: the evaluation of production, with every step of its reasoning. */
export const explain: PolicyVerb = {
  usage:
    'PERSON ACCESS|CALLER ACTION [name=value…] [--for 1h] [--claim NAME=VALUE]… [--at TIME] [--reason TEXT] [--member GROUP=PERSON]… [--dir DIR] [--format text|json]',
  summary: 'why somebody may or may not have an access, or a caller an action, rule by rule',
  async run(args, { terminal, config }) {
    const { values, positionals } = readArgs(args, {
      options: {
        for: { type: 'string' },
        claim: { type: 'string', multiple: true },
        at: { type: 'string' },
        reason: { type: 'string' },
        member: { type: 'string', multiple: true },
        dir: { type: 'string' },
        format: { type: 'string' },
      },
      least: 2,
      most: 102,
    });
    const format = choice('format', values.format, ['text', 'json']);
    const [who = '', what = '', ...pairs] = positionals;
    const asked = {
      what,
      given: parametersOf(pairs, isCaller(who) ? 'a parameter' : 'a field'),
      ...durationOf(values.for),
      ...(values.reason === undefined ? {} : { reason: values.reason }),
      now: momentOf(values.at),
    };
    const caller = isCaller(who) ? callerOf(who, values.claim ?? []) : undefined;
    if (caller !== undefined && values.for !== undefined)
      throw new WrongUsage('--for: an action takes no time; how long its approval may be used says its `valid_for`.');
    if (caller === undefined && values.claim !== undefined)
      throw new WrongUsage('--claim: a person has no token; callers have, as oidc:<issuer>#<subject>.');
    const said = membersOf(values.member ?? []);
    const { policiesDir, secret } = config();
    const { checked } = await checkWithoutSecrets(values.dir ?? policiesDir, secret);
    if (!checked.ok) {
      terminal.err(`${checked.problems.map(formatProblem).join('\n')}\n`);
      return EXIT.problems;
    }
    const laid = withMembers(checked.policies, said);
    if (!laid.ok) throw new WrongUsage(`--member: ${laid.why}.`);
    const { policies } = laid;
    const mixedUp = whyNotThatOne(policies, { who, what, caller });
    if (mixedUp !== undefined) throw new WrongUsage(mixedUp);

    const told = caller === undefined ? ofAccess(policies, who, asked) : ofAction(policies, caller, asked);
    if (format === 'json') {
      const { explanation, ...rest } = told;
      terminal.out(`${JSON.stringify({ ...rest, ...explanation, policy: policies.revision }, null, 2)}\n`);
    } else {
      const heading = { who: caller === undefined ? who : callerName(caller), what, now: asked.now, caller };
      terminal.out(explanationText(heading, told, policies));
    }
    return EXIT.ok;
  },
};

interface Asked {
  what: string;
  given: FieldValues;
  durationMs?: number;
  reason?: string;
  now: string;
}

function ofAccess(policies: PolicySet, who: string, { what: access, given: fields, ...asked }: Asked): Told {
  const question = { ...(who.includes('@') ? { email: who } : { slack: who }), access, ...asked, fields };
  const { decision, assumed } = assumingReason(policies, question, (each) => evaluate(policies, each));
  return { question, ...(assumed === undefined ? {} : { assumed }), explanation: explained(policies, decision) };
}

function ofAction(policies: PolicySet, caller: CallerRef, { what: action, given: parameters, ...asked }: Asked): Told {
  const question = { caller, action, ...asked, parameters };
  const { decision, assumed } = assumingParameters(policies, question);
  const explanation = explainedAction(policies, question, decision);
  return { question, ...(assumed === undefined ? {} : { assumed }), explanation };
}
