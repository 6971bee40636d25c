import { useAction } from '../../app/use-action.ts';
import { readFields } from './asking.ts';
import { type CallersVerb, readWhich } from './verb.ts';

/** `POST /api/v1/requests/ID/use`, with the parameters of the request but for those that are written. */
export const using: CallersVerb = {
  word: 'uses',
  usage: 'ci uses [ACTION] [of CALLER] [with PARAMETER=VALUE …]',
  read(words, who, names) {
    const which = readWhich(words, names, ['with']);
    const others = words.takeIf('with') ? readFields(words) : {};
    return async (stage) => {
      const { id: requestId, fields } = await stage.find(which);
      const came = await useAction(stage.ports, stage.actionCaller(who), requestId, { ...fields, ...others });
      return { requestId, ...(came.kind === 'refused' ? { refusal: came.refusal } : {}) };
    };
  },
};
