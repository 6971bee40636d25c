import type { Asked, AskedAccess } from '../../app/request-access.ts';
import { parseDuration } from '../../domain/duration.ts';
import type { Somebody } from '../grammar/names.ts';
import { NotUnderstood, type Words } from '../grammar/words.ts';
import type { Stage } from '../stage.ts';
import { type Done, readReason } from './verb.ts';

/** For messages and documentation: what follows the access that somebody asks for. */
export const ASKING = '[for DURATION] [because "REASON"] [with FIELD=VALUE …]';

/** What somebody asks for, as in Slack: a duration that cannot be read is refused there, and so it is here. */
export function readAsking(words: Words, access: string): AskedAccess {
  const duration = words.takeIf('for') ? words.take('a duration, such as 1h') : undefined;
  const reason = readReason(words) ?? '';
  const fields = words.takeIf('with') ? readFields(words) : {};
  return { access, reason, fields, ...(duration === undefined ? {} : { duration }) };
}

/** What came of asking, with the question that the policies answered. */
export function answered(stage: Stage, { slack }: Somebody, asked: AskedAccess, came: Asked): Done {
  const { duration, ...rest } = asked;
  const parsed = duration === undefined ? undefined : parseDuration(duration);
  const question = { slack, ...rest, ...(parsed?.ok ? { durationMs: parsed.ms } : {}) };
  if (came.kind === 'refused') return { refusal: came.refusal, question };
  if (came.kind === 'replayed') throw new Error('every step of a timeline is an interaction of its own');
  stage.opened(came.request.id);
  return { requestId: came.request.id, question };
}

/** `ticket=INC-42 system="order entry"` @throws NotUnderstood */
export function readFields(words: Words): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  do {
    const word = words.take('a field with its value, such as ticket=INC-42');
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || value === undefined)
      throw new NotUnderstood(`\`${word}\` is no field with its value, such as ticket=INC-42.`);
    if (name in fields) throw new NotUnderstood(`\`${name}\` is filled in twice.`);
    fields[name] = value;
  } while (!words.atEnd);
  return fields;
}
