import type { Messages } from './messages.ts';
import type { Modals } from './modals.ts';
import type { FakeMessage, FakeView, Id, StateValues } from './types.ts';
import type { Conversation, Workspace } from './workspace.ts';

/** The deprecated verification token; Slack still sends one. */
const VERIFICATION_TOKEN = 'deprecated-verification-token';

/** The bodies that Slack posts to an app, in Slack's shapes. */
export class Payloads {
  private readonly workspace: Workspace;
  private readonly messages: Messages;
  private readonly modals: Modals;

  constructor(workspace: Workspace, messages: Messages, modals: Modals) {
    this.workspace = workspace;
    this.messages = messages;
    this.modals = modals;
  }

  command(
    user: Id,
    conversation: Conversation,
    command: string,
    text: string,
    urls: { response_url: string; trigger_id: string },
  ): Record<string, string> {
    const { team, bot } = this.workspace;
    return {
      token: VERIFICATION_TOKEN,
      team_id: team.id,
      team_domain: team.domain,
      channel_id: conversation.id,
      channel_name: channelName(conversation),
      user_id: user,
      user_name: this.workspace.person(user).name,
      command,
      text,
      api_app_id: bot.appId,
      is_enterprise_install: 'false',
      ...urls,
    };
  }

  private base(type: string, user: Id): Record<string, unknown> {
    const { team, bot } = this.workspace;
    const { name } = this.workspace.person(user);
    return {
      type,
      user: { id: user, username: name, name, team_id: team.id },
      api_app_id: bot.appId,
      token: VERIFICATION_TOKEN,
      team: { ...team },
      enterprise: null,
      is_enterprise_install: false,
    };
  }

  private inMessage(conversation: Conversation, message: FakeMessage): Record<string, unknown> {
    const isEphemeral = message.ephemeral_to !== undefined;
    return {
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: conversation.id,
        is_ephemeral: isEphemeral,
        ...(message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts }),
      },
      channel: { id: conversation.id, name: channelName(conversation) },
      ...(isEphemeral ? {} : { message: this.messages.asSlack(message) }),
    };
  }

  messageActions(
    user: Id,
    at: { conversation: Conversation; message: FakeMessage },
    values: StateValues,
    action: Record<string, unknown>,
    urls: { response_url: string; trigger_id: string },
  ): Record<string, unknown> {
    return {
      ...this.base('block_actions', user),
      ...this.inMessage(at.conversation, at.message),
      state: { values },
      ...urls,
      actions: [action],
    };
  }

  viewActions(user: Id, view: FakeView, action: Record<string, unknown>, trigger_id: string): Record<string, unknown> {
    return {
      ...this.base('block_actions', user),
      container: { type: 'view', view_id: view.id },
      trigger_id,
      view: this.modals.asSlack(view),
      actions: [action],
    };
  }

  submission(
    user: Id,
    view: FakeView,
    trigger_id: string,
    response_urls: Record<string, unknown>[],
  ): Record<string, unknown> {
    return { ...this.base('view_submission', user), trigger_id, view: this.modals.asSlack(view), response_urls };
  }

  closed(user: Id, view: FakeView, isCleared: boolean): Record<string, unknown> {
    return { ...this.base('view_closed', user), view: this.modals.asSlack(view), is_cleared: isCleared };
  }

  suggestion(
    user: Id,
    where: FakeView | { conversation: Conversation; message: FakeMessage },
    ids: { block_id: string; action_id: string },
    value: string,
  ): Record<string, unknown> {
    const surface =
      'conversation' in where
        ? this.inMessage(where.conversation, where.message)
        : { container: { type: 'view', view_id: where.id }, view: this.modals.asSlack(where) };
    return { ...this.base('block_suggestion', user), ...ids, value, ...surface };
  }

  event(event: Record<string, unknown>): Record<string, unknown> {
    const { team, bot } = this.workspace;
    return {
      token: VERIFICATION_TOKEN,
      team_id: team.id,
      api_app_id: bot.appId,
      event,
      type: 'event_callback',
      event_id: this.workspace.nextId('Ev'),
      event_time: Math.floor(this.workspace.now() / 1000),
      authorizations: [
        { enterprise_id: null, team_id: team.id, user_id: bot.userId, is_bot: true, is_enterprise_install: false },
      ],
      is_ext_shared_channel: false,
    };
  }
}

const channelName = (conversation: Conversation): string =>
  conversation.kind === 'channel' && conversation.isPrivate ? 'privategroup' : conversation.name;
