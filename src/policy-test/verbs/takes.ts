import { takeEmergency } from '../../app/take-emergency.ts';
import { ASKING, answered, readAsking } from './asking.ts';
import { readAccess, type Verb } from './verb.ts';

/** `/access emergency prod-db-write 1h the shop is down` */
export const takes: Verb = {
  word: 'takes',
  usage: `ana takes ACCESS in an emergency ${ASKING}`,
  read(words, who, names) {
    const access = readAccess(words, names);
    // Said each time, so that nobody reads it as the end of an ordinary request.
    for (const word of ['in', 'an', 'emergency']) words.expect(word);
    const asked = readAsking(words, access);
    return async (stage) => {
      const done = answered(stage, who, asked, await takeEmergency(stage.ports, stage.caller(who), asked));
      return { ...done, emergency: true };
    };
  },
};
