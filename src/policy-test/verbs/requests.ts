import { requestAccess } from '../../app/request-access.ts';
import { parseDuration } from '../../domain/duration.ts';
import type { Question } from '../../policy/index.ts';
import { NotUnderstood, type Words } from '../grammar/words.ts';
import { readAccess, type Verb } from './verb.ts';

/** `/access prod-db-write 1h slow queries` */
export const requests: Verb = {
  word: 'requests',
  usage: 'ana requests ACCESS [for DURATION] [because "REASON"] [with FIELD=VALUE …]',
  read(words, who, names) {
    const access = readAccess(words, names);
    const duration = words.takeIf('for') ? words.take('a duration, such as 1h') : undefined;
    const reason = words.takeIf('because') ? words.take('the reason, in quotes') : '';
    const fields = words.takeIf('with') ? readFields(words) : {};
    const parsed = duration === undefined ? undefined : parseDuration(duration);
    const question: Omit<Question, 'now'> = {
      slack: who.slack,
      access,
      reason,
      fields,
      ...(parsed?.ok ? { durationMs: parsed.ms } : {}),
    };
    return async (stage) => {
      const asked = await requestAccess(stage.ports, stage.caller(who), {
        access,
        reason,
        fields,
        ...(duration === undefined ? {} : { duration }),
      });
      if (asked.kind === 'refused') return { refusal: asked.refusal, question };
      if (asked.kind === 'replayed') throw new Error('every step of a timeline is an interaction of its own');
      stage.opened(asked.request.id);
      return { requestId: asked.request.id, question };
    };
  },
};

/** `ticket=INC-42 system="order entry"` @throws NotUnderstood */
function readFields(words: Words): Record<string, string> {
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
