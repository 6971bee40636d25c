import { send } from './api.ts';
import type { Surroundings } from './elements/context.ts';
import type { Names } from './mrkdwn-dom.ts';
import type { Store } from './store.ts';
import { complain } from './toast.ts';
import type { InputValue, Surface, ViewValues } from './wire.ts';

function namesOf(store: Store): Names {
  return {
    user: (id) => store.person(id)?.name,
    channel: (id) => store.state().conversations.find((conversation) => conversation.id === id)?.name,
    usergroup: (id) => store.state().usergroups[id],
    viewer: store.state().viewer,
    dates: { now: store.now() },
  };
}

export interface ValueStore {
  get(blockId: string, actionId: string): InputValue | undefined;
  set(blockId: string, actionId: string, value: InputValue): void;
  all(): ViewValues;
}

/** What was entered into one surface, by block and action. It outlives every drawing of its inputs. */
export function createValues(): ValueStore {
  const values = new Map<string, InputValue>();
  return {
    get: (blockId, actionId) => values.get(`${blockId}/${actionId}`),
    set: (blockId, actionId, value) => void values.set(`${blockId}/${actionId}`, value),
    all: () => Object.fromEntries(values),
  };
}

/** Everything an element on `surface` may ask of the page. `acted` hears of every press, before the app does. */
export function surroundings(store: Store, surface: Surface, values: ValueStore, acted?: () => void): Surroundings {
  const { people, conversations } = store.state();
  return {
    names: namesOf(store),
    people: people.filter((person) => !person.bot),
    channels: conversations.filter((conversation) => conversation.kind === 'channel'),
    values,
    async act(blockId, element, value) {
      acted?.();
      const as = store.state().viewer;
      const actionId = element.action_id ?? '';
      const answer =
        'view' in surface
          ? await send('view-action', { as, ...surface, blockId, actionId, value, values: values.all() })
          : await send('click', { as, ...surface, blockId, actionId, value });
      complain(answer);
      return answer;
    },
    async load(blockId, actionId, query) {
      const answer = await send('options', { as: store.state().viewer, ...surface, blockId, actionId, query });
      const options = 'options' in answer && answer.options ? answer.options : [];
      return answer.problem === undefined ? { options } : { options, problem: answer.problem };
    },
  };
}
