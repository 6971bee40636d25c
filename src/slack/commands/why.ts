import type { VotesFor, Why } from '../../app/explain-access.ts';
import type { ExplainedStep, Explanation } from '../../app/policy-questions.ts';
import { formatDuration } from '../../domain/duration.ts';
import { refused } from '../answers.ts';
import { fitted, LIMITS, type Rendered, section } from '../blocks.ts';
import { code, oneLine, shorten } from '../escape.ts';
import { firstOf, mention, plural, principals, when } from '../words.ts';

/** A line longer than this is one rule with a lot to say: it is cut, visibly, so that the others are seen too. */
const LINE = 300;

/** `/access why …`: what would happen, every rule that was looked at, and who would approve. */
export function whyAnswer({ explanation, assumed, pendingUntil, delegates = [] }: Why): Rendered {
  const { refusal } = explanation;
  // The text alone is what notifications and screen readers say: one sentence.
  const text =
    refusal === undefined ? outcome(explanation) : `Asked like this it would be refused with ${code(refusal.code)}.`;
  const parts = [
    text,
    ...(refusal === undefined ? [] : [shorten(refused(refusal).text, LIMITS.section - 500)]),
    ...(assumed === undefined ? [] : [`Taken for granted, as you did not write it: ${oneLine(assumed)}`]),
    ...(pendingUntil === undefined
      ? []
      : [
          `But you asked for it already: a second request is refused until that one ends, ${when(pendingUntil)} at the latest.`,
        ]),
  ];
  const checks = explanation.checks.map(
    ({ passed, check, detail, rule }) =>
      `${passed ? '✓' : '✗'} ${check}: ${oneLine(shorten(detail, LINE))}${rule === undefined ? '' : ` ${code(shorten(rule, LINE))}`}`,
  );
  return {
    text,
    blocks: [
      section(fitted('', parts)),
      section(fitted('*What was looked at, in this order*', checks)),
      ...(explanation.steps.length === 0
        ? []
        : [
            section(
              fitted(
                '*Who would approve*',
                explanation.steps.map((each) => step(each, delegates)),
              ),
            ),
          ]),
    ],
  };
}

function outcome({ outcome, access = '', durationMs = 0, flow = '', steps, timeoutMs = 0 }: Explanation): string {
  const asked = `${code(access)} for ${formatDuration(durationMs)}`;
  if (outcome === 'automatic')
    return `${asked} would be approved at once by the policy itself, by its flow ${code(flow)}.`;
  const seats = steps.reduce((sum, { need }) => sum + need, 0);
  return `${asked} would need ${plural(seats, 'approval')} by the flow ${code(flow)}, within ${formatDuration(timeoutMs)}.`;
}

function step(
  { step: number, need, approvers, people, escalates, place }: ExplainedStep,
  delegates: readonly VotesFor[],
): string {
  const who = `${plural(people.length, 'person', 'people')} can, other than you`;
  const later = escalates ? `; after ${formatDuration(escalates.afterMs)} also ${principals(escalates.to)}` : '';
  const instead = delegates
    .filter((each) => each.step === number)
    .map(
      ({ approver: { email, slack }, delegate }) => `${mention(delegate)} for ${slack ? mention(slack) : code(email)}`,
    );
  const away = instead.length === 0 ? '' : `; in the place of people who are away ${firstOf(instead, 5)}`;
  return `${number}. ${need} of ${principals(approvers, 'or')} – ${who}${away}${later} ${code(`${place.file}:${place.line}`)}`;
}
