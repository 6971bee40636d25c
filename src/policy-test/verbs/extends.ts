import { extendGrant } from '../../app/extend-grant.ts';
import { grantIdOf, readReason, readWhich, type Verb } from './verb.ts';

/** The button Extend, or `/access extend ACCESS REASON`. */
export const extending: Verb = {
  word: 'extends',
  usage: 'ana extends [ACCESS] [of PERSON] [because "REASON"]',
  read(words, who, names) {
    const which = readWhich(words, names, ['because']);
    const reason = readReason(words);
    return async (stage) => {
      const request = await stage.find(which);
      const asked = await extendGrant(stage.ports, stage.caller(who), {
        grantId: grantIdOf(request) ?? '',
        ...(reason === undefined ? {} : { reason }),
      });
      if (asked.kind === 'refused') return { requestId: request.id, refusal: asked.refusal };
      if (asked.kind === 'replayed') throw new Error('every step of a timeline is an interaction of its own');
      stage.opened(asked.request.id);
      return { requestId: asked.request.id };
    };
  },
};
