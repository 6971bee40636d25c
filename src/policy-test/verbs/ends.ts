import { endGrant } from '../../app/end-own.ts';
import { readWhich, type Verb } from './verb.ts';

/** The button End now. */
export const ends: Verb = {
  word: 'ends',
  usage: 'ana ends [ACCESS] [of PERSON]',
  read(words, who, names) {
    const which = readWhich(words, names);
    return async (stage) => {
      const { id: requestId, grantId } = await stage.find(which);
      const answered = await endGrant(stage.ports, stage.caller(who), grantId ?? '');
      return { requestId, ...(answered.kind === 'refused' ? { refusal: answered.refusal } : {}) };
    };
  },
};
