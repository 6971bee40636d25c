import type { CallerRef } from '../../domain/caller.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { Instant } from '../../domain/instant.ts';
import { type Explanation, nearest, type PolicySet, unknownGroupsOf } from '../../policy/index.ts';
import { meantBy } from '../meant-by.ts';

const WIDTH = 12;

/** What was asked, what was taken for granted for it, and what came of it. */
export interface Told {
  question: object;
  assumed?: string;
  explanation: Explanation;
}

/** What was asked for is there, but is nothing that these ask for; undefined where it fits. */
export function whyNotThatOne(
  { accesses, actions }: PolicySet,
  { who, what, caller }: { who: string; what: string; caller: CallerRef | undefined },
): string | undefined {
  if (caller !== undefined && accesses.has(what))
    return `${what} is an access, and accesses are asked for by people: write an e-mail or a Slack id instead of ${who}.`;
  if (caller === undefined && actions.has(what))
    return `${what} is an action, and actions are asked for by callers: write api-key:jenkins, or oidc:<issuer>#<subject> with --claim name=value, instead of ${who}.`;
  return undefined;
}

export function explanationText(
  asked: { who: string; what: string; now: Instant; caller: CallerRef | undefined },
  { assumed, explanation }: Told,
  { directory, revision, accesses, actions }: PolicySet,
): string {
  const { checks, steps, refusal, lacking = [] } = explanation;
  const claims = asked.caller?.kind === 'oidc' ? Object.entries(asked.caller.claims) : [];
  const said = claims.map(([name, value]) => `${name}=${typeof value === 'string' ? value : `[${value.join(', ')}]`}`);
  const lines = [
    `${asked.who}${said.length === 0 ? '' : ` (${said.join(', ')})`} asks for ${asked.what} at ${asked.now}, under the policies ${revision.digest.slice(0, 12)}`,
    '',
  ];
  for (const { check, passed, detail, rule } of checks) {
    lines.push(`${passed ? '✓' : '✗'} ${check.padEnd(WIDTH)}${detail}`);
    if (rule !== undefined) lines.push(`${' '.repeat(WIDTH + 2)}${rule}`);
  }
  for (const { what, place } of lacking) {
    lines.push(`· ${'asks for'.padEnd(WIDTH)}${what}`);
    lines.push(`${' '.repeat(WIDTH + 2)}${place.file}:${place.line}`);
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
  const policy = asked.caller === undefined ? accesses.get(asked.what) : actions.get(asked.what);
  const unknown = policy ? unknownGroupsOf({ directory }, policy) : [];
  if (unknown.length > 0) {
    const [one = ''] = unknown;
    lines.push(
      `Not known here, as Slack or a SCIM directory says it: who is in ${listOf(unknown)}. Say it, as in --member ${one}=${directory.people[0]?.email ?? 'cy@example.com'}, once for each; --member ${one}= is nobody.`,
    );
  }
  if (assumed !== undefined) lines.push(`Taken for granted: ${assumed}`);
  if (refusal) {
    lines.push(`Refused: ${refusal.code}. They are told: ${refusal.sentence}`);
    const emails = directory.people.map(({ email }) => email);
    const meant = refusal.code === 'unknown-person' ? meantBy(asked.who, emails) : undefined;
    if (meant !== undefined && meant !== asked.who) lines.push(`Did you mean ${meant}?`);
    // In production a caller that no action names is told nothing of actions; here it is the one who writes them.
    if (asked.caller !== undefined && policy === undefined && refusal.code === 'not-eligible') {
      const near = nearest(asked.what, actions.keys());
      lines.push(`There is no action ${asked.what}.${near === undefined ? '' : ` Did you mean ${near}?`}`);
    }
  } else lines.push(`Outcome: ${outcomeText(explanation)}`);
  return `${lines.join('\n')}\n`;
}

function outcomeText({
  outcome,
  steps,
  flow,
  timeoutMs = 0,
  durationMs = 0,
  entitlements,
  action,
}: Explanation): string {
  const how =
    outcome === 'automatic'
      ? `approved at once by the policy itself (flow ${flow})`
      : `open for ${formatDuration(timeoutMs)}, until ${people(steps.reduce((sum, { need }) => sum + need, 0))} (flow ${flow})`;
  if (action !== undefined) return `${how}; then it may be used once, within ${formatDuration(durationMs)}`;
  const gives = entitlements.map(({ label, target, account }) => `${label} at ${target} for ${account}`).join(', ');
  return `${how}; then for ${formatDuration(durationMs)}: ${gives}`;
}

const listOf = (groups: readonly string[]): string => groups.map((name) => `group:${name}`).join(', ');

const people = (count: number): string => (count === 1 ? 'one person approves it' : `${count} people approve it`);
