import type { Instant } from '../domain/instant.ts';
import type { RequestState } from '../domain/request.ts';
import {
  type ActionDecision,
  type Decision,
  evaluate,
  evaluateAction,
  evaluateEmergency,
  type Place,
  type Question,
  type TraceStep,
} from '../policy/index.ts';
import type { Path } from '../policy/positions.ts';
import type { Problem } from '../policy/problems.ts';
import { problem } from '../policy/problems.ts';
import type { YamlDocument } from '../policy/yaml/read-yaml.ts';
import { type Expectation, mismatches } from './expectation.ts';
import { instantAt } from './grammar/moments.ts';
import type { TimelineDocument } from './grammar/tests-schema.ts';
import { decideAction } from './question.ts';
import { NothingThere, Stage } from './stage.ts';
import type { Failure, Setting, Test } from './test.ts';
import type { Done } from './verbs/index.ts';
import type { Which } from './verbs/verb.ts';

interface Step {
  at: Instant;
  do?: TimelineDocument['steps'][number]['do'];
  about?: Which | undefined;
  expect: Expectation;
  place: Place;
  /** Where a key of the expectation stands. */
  placeOf(key: string): Place;
}

/** A timeline of a document as a test, or what is wrong with it. */
export function timelineTest(
  { positions }: YamlDocument,
  path: Path,
  timeline: TimelineDocument,
  suiteNow: Instant | undefined,
): { test?: Test; problems: Problem[] } {
  const now = timeline.now ?? suiteNow;
  const place = positions.value([...path, 'name']);
  if (now === undefined) {
    const sentence =
      'A timeline reads time, and nothing says when it begins: add `now:` with an instant, to the document or here.';
    return { problems: [problem(place, 'missing-now', sentence)] };
  }
  const problems: Problem[] = [];
  let last = now;
  const steps = timeline.steps.map((step, index): Step => {
    const at = step.at === undefined ? last : instantAt(step.at, now);
    const here = [...path, 'steps', index];
    if (at < last) {
      const sentence = `This is earlier than what comes before it (${last}): steps stand in the order in which they happen.`;
      problems.push(problem(positions.value([...here, 'at']), 'time-runs-back', sentence));
    } else last = at;
    return {
      at,
      do: step.do,
      about: step.about,
      expect: step.expect ?? {},
      place: positions.value(here),
      placeOf: (key) => {
        const expected = [...here, 'expect', key];
        return positions.has(expected) ? positions.value(expected) : positions.value([...here, 'do']);
      },
    };
  });
  if (problems.length > 0) return { problems };
  return {
    test: { kind: 'timeline', name: timeline.name, place, run: (setting) => run(steps, now, setting) },
    problems,
  };
}

async function run(steps: readonly Step[], now: Instant, setting: Setting): Promise<Failure[]> {
  const { policies, providers, witness } = setting;
  const stage = new Stage({ policies, providers, now, onEvents: (events) => witness.happened(events) });
  for (const step of steps) {
    await stage.passUntil(step.at);
    const failures = await take(step, stage, now, setting);
    if (failures.length > 0) return failures;
  }
  return [];
}

async function take(step: Step, stage: Stage, now: Instant, setting: Setting): Promise<Failure[]> {
  let done: Done | undefined;
  try {
    done = await step.do?.act(stage);
    await stage.settle();
  } catch (error) {
    if (!(error instanceof NothingThere)) throw error;
    return [{ place: step.placeOf('do'), what: 'do', expected: step.do?.text ?? '', got: error.message, trace: [] }];
  }
  const asked = done && decisionOn(done, stage.now, setting);
  const refusedToAsk = asked !== undefined && done?.requestId === undefined;
  const requestId = step.about
    ? (await stage.latest(step.about))?.id
    : (done?.requestId ?? (refusedToAsk ? undefined : (await stage.latest({}))?.id));
  const view = requestId === undefined ? undefined : await stage.view(requestId);
  const found = mismatches(step.expect, { done, view, stage, now });
  if (found.length === 0) return [];
  const trace = asked?.trace ?? (view && traceOf(view.request, stage.now, setting));
  return found.map(({ key, expected, got }) => ({
    place: step.placeOf(key),
    what: step.do === undefined ? key : `${key} after “${step.do.text}”`,
    expected,
    got,
    trace: trace ?? [],
  }));
}

/** What the policies decided when somebody asked for something. */
function decisionOn(
  { question, emergency, action }: Done,
  now: Instant,
  { policies, witness }: Setting,
): Decision | ActionDecision | undefined {
  if (action) return decideAction(policies, { ...action, now }, witness);
  if (!question) return undefined;
  const asked = (emergency ? evaluateEmergency : evaluate)(policies, { ...question, now });
  const access = policies.accesses.get(question.access);
  if (access) witness.decided(access, asked, emergency ? 'emergency' : 'request');
  return asked;
}

/** What the policies say of a request now. */
function traceOf(request: RequestState, now: Instant, { policies }: Setting): readonly TraceStep[] {
  const { requester, access, durationMs, reason, fields, emergency, action } = request;
  if (action)
    return evaluateAction(policies, { caller: action.caller, action: access, reason, parameters: fields, now }).trace;
  const question: Question = { email: requester.email, access, durationMs, reason, fields, now };
  return (emergency ? evaluateEmergency : evaluate)(policies, question).trace;
}
