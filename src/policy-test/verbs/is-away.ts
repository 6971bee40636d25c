import { type AskedAway, handOver } from '../../app/away.ts';
import { parseDuration } from '../../domain/duration.ts';
import { isDate } from '../../domain/local-day.ts';
import { NotUnderstood, type Words } from '../grammar/words.ts';
import { readPerson, type Verb } from './verb.ts';

/** `/access away until 2026-12-01 delegate @cleo` */
export const isAway: Verb = {
  word: 'is away',
  usage: 'ben is away until DATE|for DURATION delegate PERSON',
  read(words, who, names) {
    const end = readEnd(words);
    words.expect('delegate');
    const delegate = { email: readPerson(words, names) };
    return async (stage) => {
      const answered = await handOver(stage.ports, stage.caller(who), { end, delegate });
      return answered.kind === 'refused' ? { refusal: answered.refusal } : {};
    };
  },
};

/** @throws NotUnderstood */
function readEnd(words: Words): AskedAway['end'] {
  if (words.takeIf('for')) {
    const text = words.take('a duration, such as 3d');
    const parsed = parseDuration(text);
    if (!parsed.ok) throw new NotUnderstood(`\`${text}\` is no duration: ${parsed.why}.`);
    return { for: text };
  }
  words.expect('until', 'for');
  const until = words.take('a date, such as 2026-12-01');
  if (isDate(until)) return { until };
  throw new NotUnderstood(`\`${until}\` is no date, such as 2026-12-01.`);
}
