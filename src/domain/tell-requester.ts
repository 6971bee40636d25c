import type { Effect, News } from './effects.ts';
import type { RequestState } from './request.ts';

/** Tells the person who asked. A caller has no direct messages: it comes and looks. */
export const tellRequester = ({ id, action }: Pick<RequestState, 'id' | 'action'>, news: News): Effect[] =>
  action ? [] : [{ kind: 'tell-requester', requestId: id, news }];
