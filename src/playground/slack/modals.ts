import { isObject } from './block-kit/checks.ts';
import { viewProblems, withIds } from './block-kit/index.ts';
import { NotPossible, problemDetails, SlackError } from './errors.ts';
import type { FakeView, Id, TextObject } from './types.ts';
import { stateOf } from './view-state.ts';
import type { Workspace } from './workspace.ts';

const STACK_MAX = 3;
const VIEW_BYTES_MAX = 250_000;

interface SentView {
  type: 'modal' | 'home';
  title?: TextObject;
  submit?: TextObject;
  close?: TextObject;
  blocks: unknown[];
  callback_id?: string;
  external_id?: string;
  private_metadata?: string;
  notify_on_close?: boolean;
  clear_on_close?: boolean;
  submit_disabled?: boolean;
}

/** Every person's stack of modals, and their Home of the app. */
export class Modals {
  private readonly workspace: Workspace;
  private readonly stacks = new Map<Id, FakeView[]>();
  private readonly homes = new Map<Id, FakeView>();

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  /** Throws what Slack answers: `view_too_large`, or `invalid_arguments` with every problem. */
  check(view: unknown, type: 'modal' | 'home'): SentView {
    if (!isObject(view))
      throw new SlackError('invalid_arguments', problemDetails(['must be an object [json-pointer:/view]']));
    if (Buffer.byteLength(JSON.stringify(view)) > VIEW_BYTES_MAX) throw new SlackError('view_too_large');
    const problems = viewProblems(view, type);
    if (problems.length > 0) throw new SlackError('invalid_arguments', problemDetails(problems));
    return view as unknown as SentView;
  }

  private nextHash(): string {
    return `${Math.floor(this.workspace.now() / 1000)}.${this.workspace.nextId('').toLowerCase()}`;
  }

  private build(user: Id, view: SentView, previous?: FakeView): FakeView {
    this.checkExternalId(view.external_id);
    const id = this.workspace.nextId('V');
    const blocks = withIds(view.blocks, () => this.workspace.nextId('b'));
    return {
      id,
      user,
      ...this.content(view),
      blocks,
      hash: this.nextHash(),
      root_view_id: previous?.root_view_id ?? id,
      previous_view_id: previous?.id ?? null,
      state: { values: stateOf(blocks) },
      errors: {},
    };
  }

  private content(view: SentView) {
    const { title, submit, close } = structuredClone({ title: view.title, submit: view.submit, close: view.close });
    return {
      type: view.type,
      ...(title === undefined ? {} : { title }),
      ...(submit === undefined ? {} : { submit }),
      ...(close === undefined ? {} : { close }),
      callback_id: view.callback_id ?? '',
      external_id: view.external_id ?? '',
      private_metadata: view.private_metadata ?? '',
      notify_on_close: view.notify_on_close ?? false,
      clear_on_close: view.clear_on_close ?? false,
      submit_disabled: view.submit_disabled ?? false,
    };
  }

  private checkExternalId(external: string | undefined, except?: FakeView): void {
    if (external === undefined || external === '') return;
    if (this.all().some((view) => view !== except && view.external_id === external)) {
      throw new SlackError('duplicate_external_id');
    }
  }

  private all(): FakeView[] {
    return [...[...this.stacks.values()].flat(), ...this.homes.values()];
  }

  stack(user: Id): FakeView[] {
    return this.stacks.get(user) ?? [];
  }

  home(user: Id): FakeView | undefined {
    return this.homes.get(user);
  }

  /** A new stack with this view. An open one goes, without `view_closed`. */
  open(user: Id, view: SentView): FakeView {
    const opened = this.build(user, view);
    this.stacks.set(user, [opened]);
    this.workspace.changed();
    return opened;
  }

  /** Throws `push_limit_reached` at the fourth view. */
  push(user: Id, view: SentView): FakeView {
    const stack = this.stack(user);
    if (stack.length >= STACK_MAX) throw new SlackError('push_limit_reached');
    const pushed = this.build(user, view, stack.at(-1));
    this.stacks.set(user, [...stack, pushed]);
    this.workspace.changed();
    return pushed;
  }

  /** Throws `not_found`, `hash_conflict`. */
  update(of: { id?: string; externalId?: string; hash?: string }, view: SentView): FakeView {
    const found = this.all().find(
      (each) => each.id === of.id || (of.externalId !== undefined && each.external_id === of.externalId),
    );
    if (found === undefined || found.type !== view.type) throw new SlackError('not_found');
    this.replace(found, view, of.hash);
    return found;
  }

  private replace(view: FakeView, by: SentView, hash: string | undefined): void {
    if (hash !== undefined && hash !== view.hash) throw new SlackError('hash_conflict');
    this.checkExternalId(by.external_id, view);
    const blocks = withIds(by.blocks, () => this.workspace.nextId('b'));
    delete view.title;
    delete view.submit;
    delete view.close;
    delete view.notice;
    Object.assign(view, this.content(by), {
      blocks,
      hash: this.nextHash(),
      state: { values: stateOf(blocks, view.state.values) },
      errors: {},
    });
    this.workspace.changed();
  }

  publish(user: Id, view: SentView, hash: string | undefined): FakeView {
    const known = this.homes.get(user);
    if (known !== undefined) {
      this.replace(known, view, hash);
      return known;
    }
    const made = this.build(user, view);
    this.homes.set(user, made);
    this.workspace.changed();
    return made;
  }

  /** A view this person has open, on top of the stack or the Home. Throws `NotPossible`. */
  shownTo(user: Id, viewId: string): FakeView {
    const home = this.homes.get(user);
    if (home?.id === viewId) return home;
    const top = this.stack(user).at(-1);
    if (top?.id === viewId) return top;
    throw new NotPossible(
      top === undefined
        ? `${user} has no modal open, so not ${viewId}.`
        : `${user} sees the modal ${top.id} (${top.title?.text ?? ''}), not ${viewId}.`,
    );
  }

  isOpen(view: FakeView): boolean {
    return this.stack(view.user).includes(view) || this.homes.get(view.user) === view;
  }

  /** Closes the view and what was pushed over it. Gone already: nothing. */
  close(view: FakeView): void {
    const stack = this.stack(view.user);
    const index = stack.indexOf(view);
    if (index < 0) return;
    this.stacks.set(view.user, stack.slice(0, index));
    this.workspace.changed();
  }

  clear(user: Id): void {
    this.stacks.delete(user);
    this.workspace.changed();
  }

  /** In the shape of `view` in answers and payloads. */
  asSlack(view: FakeView): Record<string, unknown> {
    const { user: _user, errors: _errors, notice: _notice, ...rest } = structuredClone(view);
    return {
      ...rest,
      team_id: this.workspace.team.id,
      title: view.title ?? null,
      submit: view.submit ?? null,
      close: view.close ?? null,
      app_id: this.workspace.bot.appId,
      app_installed_team_id: this.workspace.team.id,
      bot_id: this.workspace.bot.botId,
    };
  }
}
