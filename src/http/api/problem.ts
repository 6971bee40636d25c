import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Refusal, RefusalCode } from '../../domain/refusal.ts';
import { answer } from '../answers.ts';

/** Why a call was not done (RFC 9457). */
export interface ApiProblem {
  status: number;
  code: string;
  /** What was wrong and what would be right. */
  detail: string;
  rule?: string;
  /** What else is wrong. */
  others?: readonly { code: string; detail: string; rule?: string }[];
}

/** Answers with `application/problem+json`. `code` is stable, and what programs decide by. */
export function answerProblem(res: ServerResponse, problem: ApiProblem): void {
  const { status, ...said } = problem;
  const body = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Refused', status, ...said };
  answer(res, status, 'application/problem+json; charset=utf-8', `${JSON.stringify(body)}\n`);
}

/** What is not here answers 409: the request is not in a state for it. */
const STATUS: Readonly<Partial<Record<RefusalCode, number>>> = {
  'not-eligible': 403,
  'no-flow': 403,
  'no-approvers': 403,
  'policy-error': 403,
  'policy-changed': 403,
  'unknown-action': 404,
  'unknown-request': 404,
  'not-your-request': 404,
  'approval-over': 410,
  'request-lapsed': 410,
  'invalid-field': 422,
  'too-many-pending': 429,
};

/** A refusal of the core, as a caller is told it. */
export function refusedAs(refusal: Refusal, others: readonly Refusal[] = []): ApiProblem {
  return {
    status: STATUS[refusal.code] ?? 409,
    ...told(refusal),
    ...(others.length === 0 ? {} : { others: others.map(told) }),
  };
}

const told = ({ code, sentence, rule }: Refusal) => ({
  code,
  detail: sentence,
  ...(rule === undefined ? {} : { rule }),
});
