import { parseDuration } from '../../domain/duration.ts';
import { NotUnderstood } from '../grammar/words.ts';
import type { Verb } from './verb.ts';

/** Until then a person uses what they have all the time. */
export const isIdle: Verb = {
  word: 'is idle',
  usage: 'ana is idle [for DURATION]',
  read(words, who) {
    const duration = words.takeIf('for') ? parseDuration(words.take('a duration, such as 30m')) : undefined;
    if (duration?.ok === false) throw new NotUnderstood(`After \`for\`, ${duration.why}.`);
    return async (stage) => {
      stage.idle(who.email, duration?.ms);
      return {};
    };
  },
};
