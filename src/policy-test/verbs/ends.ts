import { endGrant } from '../../app/end-own.ts';
import { grantIdOf, readWhich, type Verb } from './verb.ts';

/** The button End now. */
export const ends: Verb = {
  word: 'ends',
  usage: 'ana ends [ACCESS] [of PERSON]',
  read(words, who, names) {
    const which = readWhich(words, names);
    return async (stage) => {
      const request = await stage.find(which);
      const { id: requestId } = request;
      const answered = await endGrant(stage.ports, stage.caller(who), grantIdOf(request) ?? '');
      return { requestId, ...(answered.kind === 'refused' ? { refusal: answered.refusal } : {}) };
    };
  },
};
