import { formatDuration, parseDuration } from '../../domain/duration.ts';
import { type Instant, instantOf } from '../../domain/instant.ts';
import {
  assumingReason,
  type Explanation,
  evaluate,
  explained,
  formatProblem,
  type PolicySet,
  unknownGroupsOf,
  withMembers,
} from '../../policy/index.ts';
import { meantBy } from '../meant-by.ts';
import { readMoment } from '../moment.ts';
import { EXIT } from '../terminal.ts';
import { choice, type PolicyVerb, readArgs, WrongUsage } from './verb.ts';
import { checkWithoutSecrets } from './without-secrets.ts';

/** `latchkey policy explain PERSON ACCESS`: the evaluation of production, with every step of its reasoning. */
export const explain: PolicyVerb = {
  usage:
    'PERSON ACCESS [field=value…] [--for 1h] [--at TIME] [--reason TEXT] [--member GROUP=PERSON]… [--dir DIR] [--format text|json]',
  summary: 'why somebody may or may not have an access, rule by rule',
  async run(args, { terminal, config }) {
    const { values, positionals } = readArgs(args, {
      options: {
        for: { type: 'string' },
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
    const [person = '', access = '', ...pairs] = positionals;
    const fields = fieldsOf(pairs);
    const now = momentOf(values.at);
    const duration = durationOf(values.for);
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
    const question = {
      ...(person.includes('@') ? { email: person } : { slack: person }),
      access,
      ...duration,
      ...(values.reason === undefined ? {} : { reason: values.reason }),
      fields,
      now,
    };
    const { decision, assumed } = assumingReason(policies, question, (each) => evaluate(policies, each));
    const explanation = explained(policies, decision);
    if (format === 'json') {
      const report = {
        question,
        ...(assumed === undefined ? {} : { assumed }),
        ...explanation,
        policy: policies.revision,
      };
      terminal.out(`${JSON.stringify(report, null, 2)}\n`);
    } else terminal.out(textOf({ person, access, now, assumed }, explanation, policies));
    return EXIT.ok;
  },
};

function fieldsOf(pairs: readonly string[]): Record<string, string> {
  // NB. no prototype: a field may be called `constructor`.
  const fields: Record<string, string> = Object.create(null);
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new WrongUsage(`${pair}: write a field as name=value.`);
    const name = pair.slice(0, at);
    if (Object.hasOwn(fields, name)) throw new WrongUsage(`${name}: this field is given twice.`);
    fields[name] = pair.slice(at + 1);
  }
  return fields;
}

/** `dba=cy@example.com`, once for each member; `dba=` alone: nobody is in it. */
function membersOf(pairs: readonly string[]): Map<string, string[]> {
  const members = new Map<string, string[]>();
  for (const pair of pairs) {
    const [, group = '', email = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (group === '') throw new WrongUsage(`--member ${pair}: write it as GROUP=PERSON, like dba=cy@example.com.`);
    members.set(group, [...(members.get(group) ?? []), ...(email === '' ? [] : [email.toLowerCase()])]);
  }
  return members;
}

function momentOf(at: string | undefined): Instant {
  if (at === undefined) return instantOf(Date.now());
  const read = readMoment(at);
  if ('why' in read) throw new WrongUsage(`--at ${at}: ${read.why}.`);
  return read.at;
}

function durationOf(text: string | undefined): { durationMs?: number } {
  if (text === undefined) return {};
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new WrongUsage(`--for ${text}: ${parsed.why}.`);
  return { durationMs: parsed.ms };
}

const WIDTH = 12;

const listOf = (groups: readonly string[]): string => groups.map((name) => `group:${name}`).join(', ');

function textOf(
  asked: { person: string; access: string; now: Instant; assumed: string | undefined },
  { checks, steps, outcome, refusal, durationMs = 0, flow, timeoutMs = 0, entitlements }: Explanation,
  { directory, revision, accesses }: PolicySet,
): string {
  const policy = accesses.get(asked.access);
  const lines = [
    `${asked.person} asks for ${asked.access} at ${asked.now}, under the policies ${revision.digest.slice(0, 12)}`,
    '',
  ];
  for (const { check, passed, detail, rule } of checks) {
    lines.push(`${passed ? '✓' : '✗'} ${check.padEnd(WIDTH)}${detail}`);
    if (rule !== undefined) lines.push(`${' '.repeat(WIDTH + 2)}${rule}`);
  }
  for (const { step, need, approvers, people, escalates, place } of steps) {
    lines.push(`· ${`step ${step}`.padEnd(WIDTH)}${need} of ${approvers.join(', ')}: ${people.join(', ')}`);
    if (escalates) {
      const { afterMs, to, people: more } = escalates;
      lines.push(`${' '.repeat(WIDTH + 2)}after ${formatDuration(afterMs)} also ${to.join(', ')}: ${more.join(', ')}`);
    }
    lines.push(`${' '.repeat(WIDTH + 2)}${place.file}:${place.line}`);
  }
  lines.push('');
  const unknown = policy ? unknownGroupsOf({ directory }, policy) : [];
  if (unknown.length > 0) {
    const [one = ''] = unknown;
    lines.push(
      `Not known here, as Slack or a SCIM directory says it: who is in ${listOf(unknown)}. Say it, as in --member ${one}=${directory.people[0]?.email ?? 'cy@example.com'}, once for each; --member ${one}= is nobody.`,
    );
  }
  if (asked.assumed !== undefined) lines.push(`Taken for granted: ${asked.assumed}`);
  if (refusal) {
    lines.push(`Refused: ${refusal.code}. They are told: ${refusal.sentence}`);
    const emails = directory.people.map(({ email }) => email);
    const meant = refusal.code === 'unknown-person' ? meantBy(asked.person, emails) : undefined;
    if (meant !== undefined && meant !== asked.person) lines.push(`Did you mean ${meant}?`);
  } else {
    const gives = entitlements.map(({ label, target, account }) => `${label} at ${target} for ${account}`).join(', ');
    const how =
      outcome === 'automatic'
        ? `approved at once by the policy itself (flow ${flow})`
        : `open for ${formatDuration(timeoutMs)} until ${steps.reduce((sum, { need }) => sum + need, 0)} approved it (flow ${flow})`;
    lines.push(`Outcome: ${how}; then for ${formatDuration(durationMs)}: ${gives}`);
  }
  return `${lines.join('\n')}\n`;
}
