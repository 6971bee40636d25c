/**
 * What the fake Slack takes and shows. Names that Slack itself uses keep Slack's spelling (`thread_ts`, `block_id`);
 * everything here can be sent to a browser as JSON.
 */

/** A channel id (`C…`, `D…`), a user id (`U…`), or for the helpers of tests a channel's name. */
export type Id = string;

export interface FakeUser {
  id: Id;
  name: string;
  realName: string;
  email: string;
  /** IANA name; `Etc/UTC` when left out. */
  tz?: string;
  /** Deactivated: still listed, gets no message. */
  deleted?: boolean;
  /** Default true. */
  emailConfirmed?: boolean;
  /** A guest, of one channel or of several. */
  guest?: boolean;
  /** Of another workspace, here through a shared channel. */
  team?: Id;
}

export interface FakeChannel {
  id: Id;
  name: string;
  members: Id[];
  /** Default true. Posting to a channel without the bot fails with `not_in_channel` (private: `channel_not_found`). */
  botIsMember?: boolean;
  isPrivate?: boolean;
  isArchived?: boolean;
}

export interface FakeUsergroup {
  id: Id;
  handle: string;
  users: Id[];
}

export interface FakeSlackOptions {
  /** Epoch milliseconds; default `Date.now`. Read at every use and never kept, so it may jump. */
  now?: () => number;
  /** The clock of `X-Slack-Request-Timestamp`. Default `Date.now`, because the SDK checks signatures against the real one. */
  signatureNow?: () => number;
  signingSecret: string;
  botToken: string;
  /** `xapp-…`, for Socket Mode. Default `xapp-playground`. */
  appToken?: string;
  team?: { id: Id; domain: string };
  users: FakeUser[];
  channels: FakeChannel[];
  usergroups?: FakeUsergroup[];
  /** Slash commands the app registered (`/access`). Default: every command reaches the app. */
  commands?: string[];
  /**
   * Event subscriptions (`message.channels`, `message.groups`, `message.im`, `app_home_opened`,
   * `subteam_members_changed`). Default none.
   */
  events?: string[];
  /** Scopes the bot token holds. Default: every scope except `chat:write.public`. */
  scopes?: string[];
  /** Where Slack posts commands, interactivity, options and events: the product's `/slack/events`. */
  requestUrl?: string;
  /** Default true. */
  enforceRateLimits?: boolean;
  /** How many `chat.postMessage` a channel takes at once before one a second applies. Default 3, at least 1. */
  postMessageBurst?: number;
  /**
   * As `should_escape` of the manifest: the text of commands has `@name`, `#channel` and links as markup, and `&`, `<` and
   * `>` as entities. Default false: the raw text is the more hostile one.
   */
  escapeCommandText?: boolean;
  /** Real milliseconds that the app has to answer. Default 3000. */
  ackTimeoutMs?: number;
  /** Milliseconds that a trigger id lives. Default 3000. */
  triggerLifeMs?: number;
}

export interface TextObject {
  type: 'plain_text' | 'mrkdwn';
  text: string;
  emoji?: boolean;
  verbatim?: boolean;
}

export interface Option {
  text: TextObject;
  value: string;
  description?: TextObject;
}

/** A block as the app sent it, with the `block_id` and `action_id`s that Slack gives to those without. */
export interface Block {
  type: string;
  block_id: string;
  [field: string]: unknown;
}

export interface MessageMetadata {
  event_type: string;
  event_payload: Record<string, unknown>;
}

export interface MessageRef {
  channel: Id;
  ts: string;
}

export interface FakeMessage extends MessageRef {
  /** Who wrote it: a person, the app's bot user, or `USLACKBOT`. */
  user: Id;
  /** Set when the app wrote it. */
  bot_id?: Id;
  text: string;
  blocks: Block[];
  /** The parent's ts; equal to `ts` on a parent that has replies. */
  thread_ts?: string;
  reply_count?: number;
  /** A reply that is shown in the channel too. */
  reply_broadcast?: boolean;
  edited?: { user: Id; ts: string };
  metadata?: MessageMetadata;
  unfurl_links?: boolean;
  unfurl_media?: boolean;
  /** Set when only this person sees it. */
  ephemeral_to?: Id;
  /** Who would be notified by mentions in it: `channel`, `here`, `everyone`, user ids, user group ids. */
  notifications: string[];
}

/** What a person has entered, in the shape of Slack's `view.state.values[block_id][action_id]`. */
export interface StateValue {
  type: string;
  value?: string | null;
  selected_option?: Option | null;
  selected_options?: Option[];
  selected_date?: string | null;
  selected_time?: string | null;
  selected_date_time?: number | null;
  selected_user?: Id | null;
  selected_users?: Id[];
  selected_conversation?: Id | null;
  selected_conversations?: Id[];
  selected_channel?: Id | null;
  selected_channels?: Id[];
  rich_text_value?: unknown;
}

export type StateValues = Record<string, Record<string, StateValue>>;

export interface FakeView {
  id: string;
  type: 'modal' | 'home';
  /** Who has it open. */
  user: Id;
  title?: TextObject;
  submit?: TextObject;
  close?: TextObject;
  blocks: Block[];
  callback_id: string;
  external_id: string;
  private_metadata: string;
  hash: string;
  root_view_id: string;
  previous_view_id: string | null;
  notify_on_close: boolean;
  clear_on_close: boolean;
  submit_disabled: boolean;
  state: { values: StateValues };
  /** Messages under inputs, by block id: from the client (a required field) or from the app (`response_action: errors`). */
  errors: Record<string, string>;
  /** What Slack says over the whole view when the app did not answer. */
  notice?: string;
}

/**
 * What a person puts into the inputs of a view, by `action_id`, `block_id`, or `block_id/action_id`. A select takes an
 * option's value, or the option itself (needed when it came from outside the fake); a multi-select and checkboxes a list.
 */
export type ViewInput = Record<string, InputValue>;
export type InputValue = string | number | string[] | Option | Option[] | null;

export interface ConversationView {
  id: Id;
  /** A channel's name, or the name of the other person or app of a direct message. */
  name: string;
  kind: 'channel' | 'dm';
  isPrivate: boolean;
  members: Id[];
  /** Oldest first: top-level messages, each with its replies, oldest first, and what is only for the viewer. */
  messages: (FakeMessage & { replies: FakeMessage[] })[];
}

export interface PersonView {
  id: Id;
  name: string;
  realName: string;
  isBot: boolean;
  tz: string;
  deleted: boolean;
}

/** Everything one person sees. */
export interface WorkspaceView {
  /** The clock's time, epoch milliseconds. */
  now: number;
  viewer: Id;
  team: { id: Id; domain: string };
  /** Everybody, the app's bot user and Slackbot too. */
  users: PersonView[];
  usergroups: FakeUsergroup[];
  conversations: ConversationView[];
  /** The viewer's stack of modals; the last is on top. */
  views: FakeView[];
  home?: FakeView;
}

export type DeliveryKind =
  | 'slash_command'
  | 'block_actions'
  | 'view_submission'
  | 'view_closed'
  | 'block_suggestion'
  | 'event'
  | 'url_verification'
  | 'raw';

/** A signed request, ready to send; sending it again is a replay. */
export interface SentPayload {
  kind: DeliveryKind;
  url: string;
  body: string;
  contentType: string;
  /** `X-Slack-Request-Timestamp`, seconds; null leaves the header out. */
  timestamp: string | null;
  /** `X-Slack-Signature`; null leaves the header out. */
  signature: string | null;
}

/** A request that Slack would not send. What is left out is done right: signed, now, to the request URL. */
export interface RawDelivery {
  /** Text as it is, or fields of a form; `{ payload }` objects are written as JSON. */
  body: string | Record<string, unknown>;
  kind?: DeliveryKind;
  url?: string;
  contentType?: string;
  timestamp?: string | number | null;
  signature?: string | null;
  /** Sign with another secret. */
  secret?: string;
  headers?: Record<string, string>;
}

/** How the app answered one request. */
export interface Delivery {
  kind: DeliveryKind;
  /** The fake's clock when it was sent, epoch milliseconds. */
  at: number;
  /** False: the person's own client stopped it (a required field is empty), nothing left for the app. */
  sent: boolean;
  /** HTTP status; 0 when there was none (timed out, connection refused). */
  status: number;
  /** Answered 2xx in time. */
  ok: boolean;
  timedOut: boolean;
  /** Real milliseconds until the answer was read. */
  ackMs: number;
  /** The answer's body as text. */
  body: string;
  /** Why there was no answer. */
  error?: string;
  payload?: SentPayload;
}

export interface ClickOptions {
  /** What was chosen, for selects, overflow menus, checkboxes, date pickers. */
  value?: InputValue;
  /** Change the payload before it is signed: another workspace, another user. */
  edit?: (payload: Record<string, unknown>) => void;
  /** Click although this person cannot see the message. */
  unseen?: boolean;
}

/** One Web API call as the fake saw it. */
export interface ApiCall {
  method: string;
  /** Without the token; JSON fields parsed. */
  args: Record<string, unknown>;
  /** HTTP status; 0 when the connection was dropped or left hanging. */
  status: number;
  /** Whether the work was done: true with status 0 for a lost reply. */
  ok: boolean;
  error?: string;
  /** What Slack accepts and a careful app avoids, such as blocks without `text`. */
  warnings?: string[];
  /** The fake's clock, epoch milliseconds. */
  at: number;
}

export type Fault =
  /** Not done; 429 with `Retry-After` in seconds. */
  | { status: 429; retryAfter: number }
  /** Not done; an HTTP error. */
  | { status: number }
  /** Not done; HTTP 200 with this Slack error. */
  | { error: string }
  /** Not done and never answered (until `stop`). */
  | { hang: true }
  /** Done, but the connection is dropped before the answer. */
  | { loseReply: true }
  /** Done after so many real milliseconds. */
  | { delayMs: number };
