import { vote } from '../../app/vote.ts';
import { readReason, readWhich, type Verb } from './verb.ts';

/** The button Deny, with its reason. */
export const denies: Verb = {
  word: 'denies',
  usage: 'dee denies [ACCESS] [of PERSON] [because "REASON"]',
  read(words, who, names) {
    const which = readWhich(words, names, ['because']);
    const reason = readReason(words);
    return async (stage) => {
      const { id: requestId } = await stage.find(which);
      const answered = await vote(stage.ports, stage.caller(who), {
        requestId,
        verdict: 'deny',
        ...(reason === undefined ? {} : { reason }),
      });
      return { requestId, ...(answered.kind === 'refused' ? { refusal: answered.refusal } : {}) };
    };
  },
};
