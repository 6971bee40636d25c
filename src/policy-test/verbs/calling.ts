import { requestAction } from '../../app/request-action.ts';
import { readFields } from './asking.ts';
import { type CallersVerb, readAction, readReason } from './verb.ts';

/** `POST /api/v1/actions/deploy-production/requests` */
export const calling: CallersVerb = {
  word: 'requests',
  usage: 'ci requests ACTION [because "REASON"] [with PARAMETER=VALUE …]',
  read(words, who, names) {
    const action = readAction(words, names);
    const reason = readReason(words);
    const parameters = words.takeIf('with') ? readFields(words) : {};
    const asked = { action, parameters, ...(reason === undefined ? {} : { reason }) };
    return async (stage) => {
      const came = await requestAction(stage.ports, stage.actionCaller(who), asked);
      const question = { caller: who.ref, ...asked };
      if (came.kind === 'refused') return { refusal: came.refusal, action: question };
      if (came.kind === 'opened') stage.opened(came.request.id);
      return { requestId: came.request.id, action: question };
    };
  },
};
