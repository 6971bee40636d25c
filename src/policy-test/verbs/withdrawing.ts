import { cancelAction } from '../../app/cancel-action.ts';
import { type CallersVerb, readWhich } from './verb.ts';

/** `POST /api/v1/requests/ID/cancel` */
export const withdrawing: CallersVerb = {
  word: 'withdraws',
  usage: 'ci withdraws [ACTION] [of CALLER]',
  read(words, who, names) {
    const which = readWhich(words, names);
    return async (stage) => {
      const { id: requestId } = await stage.find(which);
      const came = await cancelAction(stage.ports, stage.actionCaller(who), requestId);
      return { requestId, ...(came.kind === 'refused' ? { refusal: came.refusal } : {}) };
    };
  },
};
