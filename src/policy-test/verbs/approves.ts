import { vote } from '../../app/vote.ts';
import { readWhich, type Verb } from './verb.ts';

/** The button Approve. */
export const approves: Verb = {
  word: 'approves',
  usage: 'dee approves [ACCESS] [of PERSON]',
  read(words, who, names) {
    const which = readWhich(words, names);
    return async (stage) => {
      const { id: requestId } = await stage.find(which);
      const answered = await vote(stage.ports, stage.caller(who), { requestId, verdict: 'approve' });
      return { requestId, ...(answered.kind === 'refused' ? { refusal: answered.refusal } : {}) };
    };
  },
};
