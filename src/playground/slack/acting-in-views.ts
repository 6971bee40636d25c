import { type Acting, actionFor, type Found, findIn, loadedKey, notSent } from './acting.ts';
import { characters } from './block-kit/checks.ts';
import { elementsOf, suggestionProblems } from './block-kit/index.ts';
import { NotPossible } from './errors.ts';
import { applySubmissionAnswer } from './submission-answer.ts';
import type { Delivery, FakeView, Id, InputValue, MessageRef, Option, StateValue, ViewInput } from './types.ts';
import { clientErrors, enteredValue } from './view-state.ts';

const TROUBLE = 'We had some trouble connecting. Try again?';
const MIN_QUERY_LENGTH = 3;

/** What people do in modals and in the Home, and what the app's answers do to the modal. */
export class ActingInViews {
  private readonly acting: Acting;
  private readonly events: readonly string[];

  constructor(acting: Acting, events: readonly string[]) {
    this.acting = acting;
    this.events = events;
  }

  private loaded(view: FakeView, found: Found): readonly Option[] {
    return this.acting.loaded.get(loadedKey(view.id, found)) ?? [];
  }

  private enter(view: FakeView, found: Found, value: StateValue): void {
    const { block, element } = found;
    const values = view.state.values;
    values[block.block_id] = { ...values[block.block_id], [element.action_id]: value };
    delete view.errors[block.block_id];
    this.acting.workspace.changed();
  }

  async click(user: Id, viewId: string, name: string, value?: InputValue): Promise<Delivery> {
    const { acting } = this;
    const view = acting.modals.shownTo(user, viewId);
    const found = findIn(view.blocks, name);
    const { action, entered } = actionFor(acting, found, value, this.loaded(view, found));
    if (entered !== undefined) this.enter(view, found, entered);
    const dispatches = found.block.type !== 'input' || found.block.dispatch_action === true;
    if (!dispatches) return notSent(acting, 'block_actions');
    const trigger = acting.triggers.mint(user, view.type === 'modal');
    const payload = acting.payloads.viewActions(user, view, action, trigger);
    const delivery = await acting.outgoing.send(acting.outgoing.payload('block_actions', payload));
    if (!delivery.ok) this.trouble(view, delivery);
    return delivery;
  }

  async submit(user: Id, viewId: string, input: ViewInput): Promise<Delivery> {
    const { acting } = this;
    const view = acting.modals.shownTo(user, viewId);
    if (view.type !== 'modal' || view.submit === undefined)
      throw new NotPossible(`The view ${viewId} has no submit button.`);
    if (view.submit_disabled) throw new NotPossible(`The submit button of ${viewId} is disabled.`);
    for (const [name, value] of Object.entries(input)) {
      const found = findIn(view.blocks, name);
      this.enter(view, found, enteredValue(found.element, value, this.loaded(view, found)));
    }
    view.errors = clientErrors(view.blocks, view.state.values);
    delete view.notice;
    acting.workspace.changed();
    if (Object.keys(view.errors).length > 0) {
      return notSent(acting, 'view_submission', `not sent: ${JSON.stringify(view.errors)}`);
    }
    const trigger = acting.triggers.mint(user, true);
    const payload = acting.payloads.submission(user, view, trigger, this.responseUrls(user, view));
    const delivery = await acting.outgoing.send(acting.outgoing.payload('view_submission', payload));
    if (!delivery.ok) this.trouble(view, delivery);
    else if (acting.modals.isOpen(view)) this.applyAnswer(view, delivery);
    return delivery;
  }

  /** For selects with `response_url_enabled`. */
  private responseUrls(user: Id, view: FakeView): Record<string, unknown>[] {
    return view.blocks.flatMap((block) =>
      elementsOf(block).flatMap((element) => {
        const value = view.state.values[block.block_id]?.[element.action_id];
        const channel = value?.selected_conversation ?? value?.selected_channel;
        if (element.response_url_enabled !== true || typeof channel !== 'string') return [];
        const conversation = this.acting.workspace.channelFor(channel);
        const response_url = this.acting.address(this.acting.responseUrls.mint(user, conversation));
        return [{ block_id: block.block_id, action_id: element.action_id, channel_id: conversation.id, response_url }];
      }),
    );
  }

  private trouble(view: FakeView, delivery: Delivery, why?: string): void {
    view.notice = TROUBLE;
    if (why !== undefined) delivery.error = why;
    this.acting.workspace.changed();
  }

  private applyAnswer(view: FakeView, delivery: Delivery): void {
    const refusal = applySubmissionAnswer(this.acting.modals, view, delivery.body);
    if (refusal === undefined) this.acting.workspace.changed();
    else this.trouble(view, delivery, refusal);
  }

  async close(user: Id, viewId: string, all: boolean): Promise<Delivery> {
    const { acting } = this;
    const view = acting.modals.shownTo(user, viewId);
    if (view.type === 'home') throw new NotPossible('The Home is not closed.');
    const isCleared = all || view.clear_on_close;
    const closed = isCleared ? [...acting.modals.stack(user)].reverse() : [view];
    if (isCleared) acting.modals.clear(user);
    else acting.modals.close(view);
    const told = closed.filter((each) => each.notify_on_close);
    const deliveries = await Promise.all(
      told.map((each) =>
        acting.outgoing.send(acting.outgoing.payload('view_closed', acting.payloads.closed(user, each, isCleared))),
      ),
    );
    return deliveries[0] ?? notSent(acting, 'view_closed');
  }

  async options(user: Id, where: string | MessageRef, name: string, query: string): Promise<Option[]> {
    const { acting } = this;
    const surface = typeof where === 'string' ? acting.modals.shownTo(user, where) : this.messageFor(user, where);
    const blocks = 'conversation' in surface ? surface.message.blocks : surface.blocks;
    const found = findIn(blocks, name);
    const { element, block } = found;
    if (!element.type.endsWith('external_select')) {
      throw new NotPossible(`${name} is a ${element.type}, which asks the app for no options.`);
    }
    const least = typeof element.min_query_length === 'number' ? element.min_query_length : MIN_QUERY_LENGTH;
    if (characters(query) < least) return [];
    const ids = { block_id: block.block_id, action_id: element.action_id };
    const payload = acting.payloads.suggestion(user, surface, ids, query);
    const delivery = await acting.outgoing.send(acting.outgoing.payload('block_suggestion', payload));
    const offered = readSuggestions(delivery);
    const place = 'conversation' in surface ? `${surface.conversation.id}/${surface.message.ts}` : surface.id;
    const key = loadedKey(place, found);
    const before = (acting.loaded.get(key) ?? []).filter((old) => !offered.some((each) => each.value === old.value));
    acting.loaded.set(key, [...offered, ...before]);
    return offered;
  }

  private messageFor(user: Id, ref: MessageRef) {
    const { conversation, message } = this.acting.messages.seenBy(user, ref);
    if (message === undefined) throw new NotPossible(`There is no message ${ref.ts} in ${conversation.name}.`);
    return { conversation, message };
  }

  async openHome(user: Id): Promise<Delivery | undefined> {
    if (!this.events.includes('app_home_opened')) return undefined;
    const { workspace, modals, outgoing, payloads } = this.acting;
    const view = modals.home(workspace.person(user).id);
    const event = {
      type: 'app_home_opened',
      user,
      channel: workspace.dm(user).id,
      tab: 'home',
      event_ts: String(workspace.now() / 1000),
      ...(view === undefined ? {} : { view: modals.asSlack(view) }),
    };
    return outgoing.send(outgoing.json('event', payloads.event(event)));
  }
}

/** Throws when the app did not answer, or with what Slack would not show. */
const readSuggestions = (delivery: Delivery): Option[] => {
  if (!delivery.ok)
    throw new Error(`The app loaded no options: ${delivery.error ?? `HTTP status ${delivery.status}`}.`);
  let answer: unknown;
  try {
    answer = JSON.parse(delivery.body);
  } catch {
    throw new Error(`The app's options are not JSON: ${delivery.body.slice(0, 200)}`);
  }
  const problems = suggestionProblems(answer);
  if (problems.length > 0) throw new Error(`Slack shows none of the app's options: ${problems.join('; ')}`);
  const { options = [], option_groups = [] } = answer as {
    options?: Option[];
    option_groups?: { options: Option[] }[];
  };
  return [...options, ...option_groups.flatMap((group) => group.options)];
};
