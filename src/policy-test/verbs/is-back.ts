import { comeBack } from '../../app/away.ts';
import type { Verb } from './verb.ts';

/** `/access away off` */
export const isBack: Verb = {
  word: 'is back',
  usage: 'ben is back',
  read(_words, who) {
    return async (stage) => {
      const answered = await comeBack(stage.ports, stage.caller(who));
      return answered.kind === 'refused' ? { refusal: answered.refusal } : {};
    };
  },
};
