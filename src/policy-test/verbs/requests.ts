import { requestAccess } from '../../app/request-access.ts';
import { ASKING, answered, readAsking } from './asking.ts';
import { readAccess, type Verb } from './verb.ts';

/** `/access prod-db-write 1h slow queries` */
export const requests: Verb = {
  word: 'requests',
  usage: `ana requests ACCESS ${ASKING}`,
  read(words, who, names) {
    const asked = readAsking(words, readAccess(words, names));
    return async (stage) => answered(stage, who, asked, await requestAccess(stage.ports, stage.caller(who), asked));
  },
};
