import type { Acting } from './acting.ts';
import { ActingInMessages } from './acting-in-messages.ts';
import { ActingInViews } from './acting-in-views.ts';
import { ActingOnUsergroups } from './acting-on-usergroups.ts';
import { describeWorkspace } from './describe.ts';
import { NotPossible } from './errors.ts';
import { Messages } from './messages.ts';
import { Modals } from './modals.ts';
import { Outgoing } from './outgoing.ts';
import { Payloads } from './payloads.ts';
import { RateLimits } from './rate-limits.ts';
import { ResponseUrls } from './response-urls.ts';
import { ApiServer } from './server.ts';
import { SocketMode } from './socket-mode.ts';
import { Triggers } from './triggers.ts';
import type {
  ApiCall,
  ClickOptions,
  Delivery,
  FakeMessage,
  FakeSlackOptions,
  FakeUser,
  FakeView,
  Fault,
  Id,
  InputValue,
  MessageRef,
  Option,
  RawDelivery,
  SentPayload,
  ViewInput,
  WorkspaceView,
} from './types.ts';
import { Watch } from './watch.ts';
import { WebApi } from './web-api.ts';
import { type Bot, Workspace } from './workspace.ts';
import { ephemeralsOf, messagesOf, workspaceView } from './workspace-view.ts';

/**
 * A Slack workspace with one app in it: a real HTTP server for the app, and methods for what people do and see. It
 * enforces Slack's limits and can be told to fail. What it does not do is listed in README.md beside this file.
 *
 * What is read is a copy. What a person in front of Slack could not do (press a button that is not there) throws
 * `NotPossible` with what would be possible.
 */
export class FakeSlack {
  /** Every request to the app so far, in the order of their answers. */
  readonly deliveries: Delivery[] = [];
  private readonly workspace: Workspace;
  private readonly modals: Modals;
  private readonly outgoing: Outgoing;
  private readonly api: WebApi;
  private readonly server: ApiServer;
  private readonly sockets: SocketMode;
  private readonly watch: Watch;
  private readonly inMessages: ActingInMessages;
  private readonly inViews: ActingInViews;
  private readonly usergroups: ActingOnUsergroups;
  private origin: string | undefined;

  constructor(options: FakeSlackOptions) {
    this.watch = new Watch(() => describeWorkspace(this.workspace, this.modals, this.calls, this.deliveries));
    const workspace = new Workspace(options, this.watch.changed);
    const messages = new Messages(workspace);
    const modals = new Modals(workspace);
    const triggers = new Triggers(workspace, options.triggerLifeMs);
    const responseUrls = new ResponseUrls(workspace, messages);
    const ackTimeoutMs = options.ackTimeoutMs ?? 3000;
    this.workspace = workspace;
    this.modals = modals;
    this.sockets = new SocketMode(workspace.bot.appId, workspace.changed);
    this.outgoing = new Outgoing(
      {
        now: workspace.now,
        signatureNow: options.signatureNow ?? Date.now,
        signingSecret: options.signingSecret,
        ackTimeoutMs,
        sockets: this.sockets,
        done: (delivery) => {
          this.deliveries.push(delivery);
          workspace.changed();
        },
      },
      options.requestUrl,
    );
    this.api = new WebApi({
      workspace,
      messages,
      modals,
      triggers,
      responseUrls,
      limits:
        options.enforceRateLimits === false ? undefined : new RateLimits(workspace.now, options.postMessageBurst ?? 3),
      botToken: options.botToken,
      appToken: options.appToken ?? 'xapp-playground',
      scopes: options.scopes,
      openSocket: () => this.sockets.open(this.address('/link').replace(/^http/, 'ws')),
    });
    this.server = new ApiServer(this.api, this.sockets);
    const acting: Acting = {
      workspace,
      messages,
      modals,
      triggers,
      responseUrls,
      payloads: new Payloads(workspace, messages, modals),
      outgoing: this.outgoing,
      address: (path) => this.address(path),
      loaded: new Map(),
    };
    const events = options.events ?? [];
    const mayCommand = options.scopes === undefined || options.scopes.includes('commands');
    this.inMessages = new ActingInMessages(acting, {
      commands: mayCommand ? options.commands : [],
      escapes: options.escapeCommandText ?? false,
      events,
    });
    this.inViews = new ActingInViews(acting, events);
    this.usergroups = new ActingOnUsergroups(acting, events);
  }

  private address(path: string): string {
    if (this.origin === undefined) throw new NotPossible('The fake Slack is not started: call start first.');
    return this.origin + path;
  }

  /** Port 0 (the default) takes a free one. `url` ends in `/api/` and is what `SLACK_API_URL` wants. */
  async start(port = 0): Promise<{ url: string }> {
    this.origin = await this.server.start(port);
    const url = `${this.origin}/api/`;
    this.api.url = url;
    return { url };
  }

  /** Drops what hangs, ends what waits, closes every connection. */
  async stop(): Promise<void> {
    this.watch.stop();
    this.outgoing.stop();
    await this.sockets.stop();
    await this.server.stop();
    this.origin = undefined;
  }

  /** Without one, payloads go over Socket Mode to an app that connected. */
  setRequestUrl(url: string): void {
    this.outgoing.requestUrl = url;
  }

  /** How many Socket Mode connections the app holds. */
  get socketConnections(): number {
    return this.sockets.connected;
  }

  /** Asks every Socket Mode connection to come again, as Slack does now and then. */
  refreshSockets(): void {
    this.sockets.refresh();
  }

  /** Who the app is here. */
  get bot(): Bot {
    return this.workspace.bot;
  }

  /** Every Web API call so far, oldest first; posts to response urls are calls of `response_url`. */
  get calls(): readonly ApiCall[] {
    return this.api.calls;
  }

  /** The last request that was sent to the app, to be replayed with `deliver`. */
  get lastPayload(): SentPayload | undefined {
    return this.outgoing.last;
  }

  /** `line` is the whole line: `/access prod-db-write 1h why`. */
  command(user: Id, channel: Id, line: string): Promise<Delivery> {
    return this.inMessages.command(user, channel, line);
  }

  /** `action`: an `action_id`, or `block_id/action_id`. A message passed whole may be an older state of it (a stale screen). */
  click(user: Id, message: MessageRef | FakeMessage, action: string, options?: ClickOptions): Promise<Delivery> {
    return this.inMessages.click(user, message, action, options);
  }

  /** The signed request of a click, not sent yet. */
  prepareClick(user: Id, message: MessageRef | FakeMessage, action: string, options?: ClickOptions): SentPayload {
    return this.inMessages.prepareClick(user, message, action, options);
  }

  /** A button, or a changed input, in a view. Inputs that do not dispatch only change the view's state (`sent: false`). */
  clickInView(user: Id, viewId: string, action: string, value?: InputValue): Promise<Delivery> {
    return this.inViews.click(user, viewId, action, value);
  }

  /** Fills in and submits the modal on top. Required inputs left empty: `sent: false`, and `errors` in the view. */
  submitView(user: Id, viewId: string, input: ViewInput = {}): Promise<Delivery> {
    return this.inViews.submit(user, viewId, input);
  }

  /** The cancel button; `all` is the cross, which closes the whole stack. */
  closeView(user: Id, viewId: string, all = false): Promise<Delivery> {
    return this.inViews.close(user, viewId, all);
  }

  /**
   * What an `external_select` offers for `query`. Fewer letters than its `min_query_length` (3 when it says nothing):
   * none, without asking. Rejects with the reason when the app does not answer or Slack would show nothing.
   */
  options(user: Id, where: string | MessageRef, action: string, query: string): Promise<Option[]> {
    return this.inViews.options(user, where, action, query);
  }

  /** A person writes. The app hears of it only when subscribed. */
  post(
    user: Id,
    channel: Id,
    text: string,
    options: { thread_ts?: string } = {},
  ): Promise<{ message: FakeMessage; delivery?: Delivery }> {
    return this.inMessages.post(user, channel, text, options);
  }

  /** Somebody changes who is in a user group; delivers `subteam_members_changed` when subscribed. Throws `NotPossible`. */
  setUsergroup(id: Id, users: Id[]): Promise<Delivery | undefined> {
    return this.usergroups.setMembers(id, users);
  }

  /** Somebody's account changes: another e-mail, deactivated, a guest. No event tells of it. Throws `NotPossible`. */
  setUser(id: Id, change: Partial<Omit<FakeUser, 'id'>>): void {
    Object.assign(this.workspace.person(id), change);
    this.workspace.changed();
  }

  /** A person looks at the app's Home tab; delivers `app_home_opened` when subscribed. */
  openHome(user: Id): Promise<Delivery | undefined> {
    return this.inViews.openHome(user);
  }

  /** What Slack does when the request URL is saved: the app must answer with the challenge. */
  verifyRequestUrl(challenge: string): Promise<Delivery> {
    return this.outgoing.send(
      this.outgoing.json('url_verification', { type: 'url_verification', token: 'deprecated', challenge }),
    );
  }

  /** Sends anything: forged, stale, unsigned, or a `SentPayload` again. Nothing of the answer is applied to the workspace. */
  deliver(raw: RawDelivery | SentPayload): Promise<Delivery> {
    return this.outgoing.send(this.outgoing.raw(raw), 'headers' in raw ? raw.headers : {});
  }

  /** Sends the same bytes `times` times at once. */
  deliverTogether(payload: SentPayload, times: number): Promise<Delivery[]> {
    return Promise.all(Array.from({ length: times }, () => this.outgoing.send(payload)));
  }

  /** Everything this person sees. */
  state(viewer: Id): WorkspaceView {
    return workspaceView(this.workspace, this.modals, viewer);
  }

  /** Oldest first, thread replies too, ephemeral ones not. `channel`: id or name. */
  messages(channel: Id): FakeMessage[] {
    return messagesOf(this.workspace.channelFor(channel));
  }

  /** Oldest first: what only this person was shown, Slackbot's words too. */
  ephemerals(user: Id): FakeMessage[] {
    return ephemeralsOf(this.workspace, this.workspace.person(user).id);
  }

  /** The direct messages between the app and this person. */
  directMessages(user: Id): FakeMessage[] {
    return messagesOf(this.workspace.dm(this.workspace.person(user).id));
  }

  /** The stack of modals; the last is on top. */
  views(user: Id): FakeView[] {
    return structuredClone(this.modals.stack(user));
  }

  home(user: Id): FakeView | undefined {
    return structuredClone(this.modals.home(user));
  }

  /** Called after every change; returns the way to stop. */
  onChange(listener: () => void): () => void {
    return this.watch.onChange(listener);
  }

  /**
   * Resolves with the first answer that is neither undefined nor false, asked at once and after every change; rejects
   * with a dump of the workspace. Default half a minute, real time.
   */
  waitFor<T>(predicate: () => T | undefined | false, options: { timeoutMs?: number } = {}): Promise<T> {
    return this.watch.waitFor(predicate, options.timeoutMs ?? 30_000);
  }

  /** The next `times` (default 1) calls of the method go wrong. Faults queue up: first in, first out. */
  failNext(method: string | RegExp, fault: Fault, times = 1): void {
    this.api.faults.add(method, fault, times);
  }

  /** Forgets the faults that have not happened yet, and ends an outage. */
  clearFaults(): void {
    this.api.faults.clear();
  }

  /** Every connection to the Web API is dropped, until switched off. */
  setOutage(on: boolean): void {
    this.api.faults.outage = on;
  }
}
