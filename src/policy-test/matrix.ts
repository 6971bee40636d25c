import type { Instant } from '../domain/instant.ts';
import { principalText } from '../domain/principal.ts';
import type { Flow } from '../domain/request.ts';
import type { ActionDecision, Decision, PolicySet } from '../policy/index.ts';
import type { Path } from '../policy/positions.ts';
import { type Problem, problem } from '../policy/problems.ts';
import type { YamlDocument } from '../policy/yaml/read-yaml.ts';
import type { Outcome } from './grammar/matrices.ts';
import { approversText, type NamedCaller } from './grammar/names.ts';
import type { MatrixDocument } from './grammar/tests-schema.ts';
import { cellsOf, sidesOf } from './matrix-cells.ts';
import { needsText } from './needs-text.ts';
import { NO_TIME, readsTime } from './question.ts';
import type { Failure, Setting, Test } from './test.ts';

const REFUSED: Outcome = { is: 'refused' };

interface Scope {
  now: Instant | undefined;
  policies: PolicySet;
  /** Those of the document. */
  callers: readonly NamedCaller[];
}

/** A matrix of a document as a test, or what is wrong with it. */
export function matrixTest(
  { positions }: YamlDocument,
  path: Path,
  matrix: MatrixDocument,
  { now, policies, callers: named }: Scope,
): { test?: Test; problems: Problem[] } {
  const { name } = matrix;
  const place = positions.value([...path, 'name']);
  const sides = sidesOf(matrix, policies, named);
  const { people, accesses, callers, actions } = sides;
  const problems: Problem[] = [];
  if (matrix.actions !== undefined && callers.length === 0) {
    const sentence = 'Nobody asks for these: name somebody who does under `callers` of the document.';
    problems.push(problem(positions.value([...path, 'actions']), 'unknown-caller', sentence));
  }
  if (matrix.callers !== undefined && actions.length === 0) {
    const sentence = 'There is no action that these could ask for, so nothing would be looked at.';
    problems.push(problem(positions.value([...path, 'callers']), 'unknown-action', sentence));
  }
  for (const [asked, rows] of Object.entries(matrix.expect)) {
    const here = [...path, 'expect', asked];
    const nothing = 'so nothing would be looked at: add it there, or remove this.';
    const isAction = policies.actions.has(asked);
    if (!(isAction ? actions : accesses).includes(asked)) {
      const sentence = `\`${asked}\` is not among the \`${isAction ? 'actions' : 'accesses'}\` of this matrix, ${nothing}`;
      problems.push(problem(positions.key(here), isAction ? 'unknown-action' : 'unknown-access', sentence));
    }
    const who = isAction ? callers.map((caller) => caller.name) : people;
    for (const row of rows.filter((one) => !who.some((each) => one.who.has(each)))) {
      const sentence = `Nobody of this is among the \`${isAction ? 'callers' : 'people'}\` of this matrix, ${nothing}`;
      problems.push(
        problem(positions.key([...here, row.key]), isAction ? 'unknown-caller' : 'unknown-person', sentence),
      );
    }
  }
  const reading = now === undefined ? [...accesses, ...actions].find((each) => readsTime(policies, each)) : undefined;
  if (reading !== undefined) {
    const sentence = `A condition of \`${reading}\` reads time, and nothing says when this is asked: add \`now:\` with an instant, to the document or here.`;
    problems.push(problem(place, 'missing-now', sentence));
  }
  if (problems.length > 0) return { problems };

  // NB. not by its key: an access may be called `constructor`.
  const rows = new Map(Object.entries(matrix.expect));
  const cells = cellsOf(matrix, sides, now ?? NO_TIME);
  const run = async (setting: Setting): Promise<Failure[]> => {
    const failures: Failure[] = [];
    for (const { asked, who, what, decide } of cells) {
      if ((setting.only ?? asked) !== asked) continue;
      const row = rows.get(asked)?.find((one) => one.who.has(who));
      const decision = decide(setting);
      const differs = difference(row?.outcome ?? REFUSED, decision);
      if (!differs) continue;
      const at = row ? positions.value([...path, 'expect', asked, row.key]) : place;
      failures.push({ place: at, what, ...differs, trace: decision.trace });
    }
    return failures;
  };
  return { test: { kind: 'matrix', name, place, run }, problems: [] };
}

/** What an outcome and a decision say, where they differ. */
function difference(
  outcome: Outcome,
  decision: Decision | ActionDecision,
): { expected: string; got: string } | undefined {
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
