import { formatDuration } from '../../domain/duration.ts';
import type { Milliseconds } from '../../domain/instant.ts';
import type { FieldValues } from '../../domain/request.ts';
import { durationChoices } from '../duration-choices.ts';
import type { Question } from '../evaluate.ts';
import { filledFields } from '../field-rule.ts';
import type { AccessPolicy } from '../policy-set.ts';
import { reasonProblem } from '../reason-rule.ts';
import { listed } from './listed.ts';
import { type Check, type Refused, ruleText, type Trace, type Wrong } from './trace.ts';

/** What is asked for, within the rules. */
export interface Asked {
  durationMs: Milliseconds;
  /** What was filled in, blanks around it removed. */
  fields: FieldValues;
}

/** Meaning 4: the duration, the reason and the fields. Nothing is clamped, and the first that is wrong refuses it. */
export function whatIsAsked(access: AccessPolicy, question: Question, trace: Trace): ({ ok: true } & Asked) | Refused {
  const preview = question.preview ?? false;
  const durationMs = question.durationMs ?? access.duration.defaultMs;
  const filled = filledFields(access, question.fields ?? {}, { preview });
  const reason = preview ? undefined : reasonProblem(access.reason, question.reason ?? '');
  const byDefault = question.durationMs === undefined ? ', the default' : '';

  const parts: Part[] = [
    {
      check: 'duration',
      rule: ruleText(access.name, 'duration', access.places.duration),
      passed: () => `${formatDuration(durationMs)}${byDefault}`,
      wrong: wrongDuration(access, durationMs),
    },
    {
      check: 'reason',
      rule: ruleText(access.name, 'reason', access.places.reason),
      passed: () => (access.reason.required ? 'given as required' : 'not required'),
      wrong: reason === undefined ? [] : [{ code: 'invalid-field', sentence: reason }],
    },
    {
      check: 'field',
      rule: ruleText(access.name, 'fields', access.places.fields),
      passed: () => (filled.ok ? Object.keys(filled.fields).join(', ') : '') || 'none filled in',
      wrong: filled.ok ? [] : filled.wrong.map((one) => ({ code: 'invalid-field', ...one })),
    },
  ];
  const asking = parts.filter(({ check, wrong }) => check !== 'field' || access.fields.length > 0 || wrong.length > 0);
  const refused = judged(asking, trace);
  return refused ?? { ok: true, durationMs, fields: filled.ok ? filled.fields : {} };
}

/** The refusal of everything that is wrong in some parts of what was written, if anything is. */
export function judged(asking: readonly Part[], trace: Trace): Refused | undefined {
  const bad = asking.findIndex(({ wrong }) => wrong.length > 0);
  for (const { check, rule, passed } of bad < 0 ? asking : asking.slice(0, bad)) trace.passed(check, passed(), rule);
  const [first, ...others] = asking.flatMap(({ check, rule, wrong }) => wrong.map((one) => ({ check, rule, ...one })));
  if (!first) return undefined;
  const { check, code, sentence, rule, field } = first;
  return {
    ...trace.refused(check, code, sentence, rule),
    ...(field === undefined ? {} : { field }),
    ...(others.length === 0 ? {} : { others: others.map(({ check: _, ...one }): Wrong => one) }),
  };
}

/** One part of what was written. */
export interface Part {
  check: Check;
  rule: string;
  /** What is said of it when nothing is wrong. */
  passed(): string;
  wrong: readonly Omit<Wrong, 'rule'>[];
}

function wrongDuration(access: AccessPolicy, durationMs: Milliseconds): Omit<Wrong, 'rule'>[] {
  if (!Number.isSafeInteger(durationMs) || durationMs <= 0 || durationMs % 1000 !== 0) {
    const sentence = `A duration is a whole number of seconds, more than zero. ${choices(access)}`;
    return [{ code: 'invalid-duration', sentence }];
  }
  if (durationMs <= access.duration.maxMs) return [];
  const sentence = `\`${access.name}\` is given for at most ${formatDuration(access.duration.maxMs)}, and you asked for ${formatDuration(durationMs)}. ${choices(access)}`;
  return [{ code: 'too-long', sentence }];
}

const choices = (access: AccessPolicy): string =>
  `Choose up to ${formatDuration(access.duration.maxMs)}, for example ${listed(durationChoices(access).map(formatDuration), 'or')}.`;
