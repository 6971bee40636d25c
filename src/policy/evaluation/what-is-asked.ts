import { formatDuration } from '../../domain/duration.ts';
import type { Milliseconds } from '../../domain/instant.ts';
import type { FieldValues } from '../../domain/request.ts';
import { durationChoices } from '../duration-choices.ts';
import type { Question } from '../evaluate.ts';
import { filledFields } from '../field-rule.ts';
import type { AccessPolicy } from '../policy-set.ts';
import { reasonProblem } from '../reason-rule.ts';
import { listed } from './listed.ts';
import { type Refused, ruleText, type Trace } from './trace.ts';

/** What is asked for, within the rules. */
export interface Asked {
  durationMs: Milliseconds;
  /** What was filled in, blanks around it removed. */
  fields: FieldValues;
}

/** Meaning 4: the duration, the reason and the fields. Nothing is clamped. */
export function whatIsAsked(access: AccessPolicy, question: Question, trace: Trace): ({ ok: true } & Asked) | Refused {
  const durationMs = question.durationMs ?? access.duration.defaultMs;
  const durationRule = ruleText(access.name, 'duration', access.places.duration);
  if (!Number.isSafeInteger(durationMs) || durationMs <= 0 || durationMs % 1000 !== 0) {
    const sentence = `A duration is a whole number of seconds, more than zero. ${choices(access)}`;
    return trace.refused('duration', 'invalid-duration', sentence, durationRule);
  }
  if (durationMs > access.duration.maxMs) {
    const sentence = `\`${access.name}\` is given for at most ${formatDuration(access.duration.maxMs)}, and you asked for ${formatDuration(durationMs)}. ${choices(access)}`;
    return trace.refused('duration', 'too-long', sentence, durationRule);
  }
  const byDefault = question.durationMs === undefined ? ', the default' : '';
  trace.passed('duration', `${formatDuration(durationMs)}${byDefault}`, durationRule);

  const preview = question.preview ?? false;
  const reasonRule = ruleText(access.name, 'reason', access.places.reason);
  const wrong = preview ? undefined : reasonProblem(access.reason, question.reason ?? '');
  if (wrong !== undefined) return trace.refused('reason', 'invalid-field', wrong, reasonRule);
  trace.passed('reason', access.reason.required ? 'given as required' : 'not required', reasonRule);

  const filled = filledFields(access, question.fields ?? {}, { preview });
  const fieldsRule = ruleText(access.name, 'fields', access.places.fields);
  if (!filled.ok) {
    const { sentence, field } = filled;
    const refused = trace.refused('field', 'invalid-field', sentence, fieldsRule);
    return field === undefined ? refused : { ...refused, field };
  }
  const { fields } = filled;
  if (access.fields.length > 0) trace.passed('field', Object.keys(fields).join(', ') || 'none filled in', fieldsRule);
  return { ok: true, durationMs, fields };
}

const choices = (access: AccessPolicy): string =>
  `Choose up to ${formatDuration(access.duration.maxMs)}, for example ${listed(durationChoices(access).map(formatDuration), 'or')}.`;
