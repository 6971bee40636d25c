import { type Element, elementNames, findElement } from './block-kit/index.ts';
import { NotPossible } from './errors.ts';
import type { Messages } from './messages.ts';
import type { Modals } from './modals.ts';
import type { Outgoing } from './outgoing.ts';
import type { Payloads } from './payloads.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { Triggers } from './triggers.ts';
import type { Block, Delivery, DeliveryKind, Id, InputValue, Option, StateValue } from './types.ts';
import { enteredValue, isStateful, optionFor } from './view-state.ts';
import type { Conversation, Workspace } from './workspace.ts';

/** What a person's act needs: the workspace, and the way to the app. */
export interface Acting {
  workspace: Workspace;
  messages: Messages;
  modals: Modals;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  payloads: Payloads;
  outgoing: Outgoing;
  /** A path of this server as an address for the app. */
  address: (path: string) => string;
  /** What `external_select`s were answered with, by where they stand. */
  loaded: Map<string, Option[]>;
}

export interface Found {
  block: Block;
  element: Element;
}

/** Throws `NotPossible` with what could have been meant. */
export const findIn = (blocks: readonly Block[], name: string): Found => {
  const found = findElement(blocks, name);
  if (found !== undefined) return found;
  throw new NotPossible(`There is nothing called ${name} to press or fill in there; there is ${elementNames(blocks)}.`);
};

export const loadedKey = (where: string, { block, element }: Found): string =>
  `${where}/${block.block_id}/${element.action_id}`;

/** Response url and trigger id of an interaction in a conversation. */
export const urlsFor = (
  acting: Acting,
  user: Id,
  conversation: Conversation,
  original?: Parameters<ResponseUrls['mint']>[2],
): { path: string; urls: { response_url: string; trigger_id: string } } => {
  const path = acting.responseUrls.mint(user, conversation, original);
  return { path, urls: { response_url: acting.address(path), trigger_id: acting.triggers.mint(user, false) } };
};

/** One entry of `actions`, and the new state of the element if it keeps one. Throws `NotPossible`. */
export const actionFor = (
  acting: Acting,
  found: Found,
  value: InputValue | undefined,
  loaded: readonly Option[],
): { action: Record<string, unknown>; entered?: StateValue } => {
  const { block, element } = found;
  const { type, action_id } = element;
  const micros = Math.floor(acting.workspace.now() * 1000) + Math.floor(Math.random() * 1000);
  const action_ts = `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`;
  const common = { type, action_id, block_id: block.block_id, action_ts };
  if (isStateful(element)) {
    const entered = enteredValue(element, value ?? null, loaded);
    const { type: _type, ...state } = entered;
    return { action: { ...common, ...pick(element, 'placeholder'), ...state }, entered };
  }
  if (type === 'overflow') {
    if (value === undefined) throw new NotPossible(`${action_id} is an overflow menu: say which option.`);
    return { action: { ...common, selected_option: optionFor(element, value, []) } };
  }
  return { action: { ...common, ...pick(element, 'text', 'value', 'style', 'url') } };
};

const pick = (element: Element, ...names: string[]): Record<string, unknown> =>
  Object.fromEntries(names.filter((name) => element[name] !== undefined).map((name) => [name, element[name]]));

/** The person's own client did not send anything. */
export const notSent = (acting: Acting, kind: DeliveryKind, error?: string): Delivery => ({
  kind,
  at: acting.workspace.now(),
  sent: false,
  status: 0,
  ok: false,
  timedOut: false,
  ackMs: 0,
  body: '',
  ...(error === undefined ? {} : { error }),
});
