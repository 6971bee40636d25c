import { formatDuration } from '../domain/duration.ts';
import type { Instant, Milliseconds } from '../domain/instant.ts';
import { principalText } from '../domain/principal.ts';
import type { Flow } from '../domain/request.ts';
import type { Decision, Place, PolicySet } from '../policy/index.ts';
import type { Path } from '../policy/positions.ts';
import { type Problem, problem } from '../policy/problems.ts';
import type { YamlDocument } from '../policy/yaml/read-yaml.ts';
import type { Outcome, Row } from './grammar/matrices.ts';
import { approversText } from './grammar/names.ts';
import type { MatrixDocument } from './grammar/tests-schema.ts';
import { needsText } from './needs-text.ts';
import { decide, NO_TIME, readsTime } from './question.ts';
import type { Failure, Setting, Test } from './test.ts';

const REFUSED: Outcome = { is: 'refused' };

/** A matrix of a document as a test, or what is wrong with it. */
export function matrixTest(
  { positions }: YamlDocument,
  path: Path,
  matrix: MatrixDocument,
  { now, policies }: { now: Instant | undefined; policies: PolicySet },
): { test?: Test; problems: Problem[] } {
  const { name, durations, reason, fields } = matrix;
  const place = positions.value([...path, 'name']);
  const everybody = policies.directory.people.map(({ email }) => email);
  const people = [...new Set(matrix.people ?? everybody)];
  const accesses = [...new Set(matrix.accesses ?? policies.accesses.keys())];
  const problems: Problem[] = [];
  for (const [access, rows] of Object.entries(matrix.expect)) {
    const here = [...path, 'expect', access];
    const nothing = 'so nothing would be looked at: add it there, or remove this.';
    if (!accesses.includes(access)) {
      const sentence = `\`${access}\` is not among the \`accesses\` of this matrix, ${nothing}`;
      problems.push(problem(positions.key(here), 'unknown-access', sentence));
    }
    for (const row of rows.filter((one) => !people.some((email) => one.people.has(email)))) {
      const sentence = `Nobody of this is among the \`people\` of this matrix, ${nothing}`;
      problems.push(problem(positions.key([...here, row.key]), 'unknown-person', sentence));
    }
  }
  const reading = now === undefined ? accesses.find((access) => readsTime(policies, access)) : undefined;
  if (reading !== undefined) {
    const sentence = `A condition of \`${reading}\` reads time, and nothing says when this is asked: add \`now:\` with an instant, to the document or here.`;
    problems.push(problem(place, 'missing-now', sentence));
  }
  if (problems.length > 0) return { problems };

  const run = async (setting: Setting): Promise<Failure[]> => {
    const failures: Failure[] = [];
    for (const access of accesses) {
      if ((setting.only ?? access) !== access) continue;
      const rows = matrix.expect[access] ?? [];
      for (const email of people) {
        const row = rows.find((one) => one.people.has(email));
        for (const durationMs of durations ?? [undefined]) {
          const decision = decide(setting.policies, email, access, { durationMs, reason, fields, now: now ?? NO_TIME });
          const policy = setting.policies.accesses.get(access);
          if (policy) setting.witness.decided(policy, decision);
          const differs = difference(row?.outcome ?? REFUSED, decision);
          if (!differs) continue;
          failures.push({
            place: placeOf(row, access),
            what: cellText(email, access, durationMs),
            ...differs,
            trace: decision.trace,
          });
        }
      }
    }
    return failures;
  };
  const placeOf = (row: Row | undefined, access: string): Place =>
    row ? positions.value([...path, 'expect', access, row.key]) : place;
  return { test: { kind: 'matrix', name, place, run }, problems: [] };
}

const cellText = (email: string, access: string, durationMs: Milliseconds | undefined): string =>
  `${email}, ${access}${durationMs === undefined ? '' : ` for ${formatDuration(durationMs)}`}`;

/** What an outcome and a decision say, where they differ. */
function difference(outcome: Outcome, decision: Decision): { expected: string; got: string } | undefined {
  if (!decision.ok) {
    const { code, sentence } = decision.refusal;
    const meant = outcome.is === 'refused' || outcome.refused === code;
    return meant ? undefined : { expected: outcomeText(outcome), got: `refused: ${code} (${sentence})` };
  }
  const { flow } = decision;
  const fits =
    outcome.refused === undefined &&
    outcome.is !== 'refused' &&
    (outcome.is !== 'automatic' || flow.autoApprove) &&
    (outcome.is !== 'approval' || !flow.autoApprove) &&
    (outcome.flow ?? flow.name) === flow.name &&
    (outcome.needs === undefined || needsText(outcome.needs) === needsText(needsOfFlow(flow)));
  if (fits) return undefined;
  const got = { is: flow.autoApprove ? 'automatic' : 'approval', flow: flow.name, needs: needsOfFlow(flow) } as const;
  return { expected: outcomeText(outcome), got: outcomeText(got) };
}

function needsOfFlow({ steps }: Flow): Record<string, number> {
  const needs: Record<string, number> = {};
  for (const { approvers, need } of steps) {
    const key = approversText(approvers.map(principalText));
    needs[key] = (needs[key] ?? 0) + need;
  }
  return needs;
}

function outcomeText({ is, refused, flow, needs }: Outcome): string {
  const parts = [
    ...(refused === undefined ? [] : [`refused: ${refused}`]),
    ...(is === undefined ? [] : [is]),
    ...(flow === undefined ? [] : [`flow “${flow}”`]),
    ...(needs === undefined ? [] : [`needs ${needsText(needs)}`]),
  ];
  return parts.join(', ');
}
