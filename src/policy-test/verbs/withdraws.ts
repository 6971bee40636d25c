import { endOwn } from '../../app/end-own.ts';
import { readWhich, type Verb } from './verb.ts';

/** `/access revoke prod-db-write`: what is still asked for is withdrawn, and what is held is given back. */
export const withdraws: Verb = {
  word: 'withdraws',
  usage: 'ana withdraws [ACCESS]',
  read(words, who, names) {
    const which = readWhich(words, names);
    return async (stage) => {
      const { id: requestId, access } = await stage.find(which);
      const answered = await endOwn(stage.ports, stage.caller(who), access);
      return { requestId, ...(answered.kind === 'refused' ? { refusal: answered.refusal } : {}) };
    };
  },
};
