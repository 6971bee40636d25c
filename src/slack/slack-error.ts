import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { MessengerError } from '../app/ports/messenger.ts';

/** Answers of Slack that no repetition changes: somebody has to do something, or the message is gone. */
const FOR_GOOD = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'user_not_found',
  'users_not_found',
  'cannot_dm_bot',
  'user_disabled',
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
  'restricted_action',
  'invalid_blocks',
  'msg_too_long',
  'no_text',
]);

const ADVICE: Record<string, string> = {
  channel_not_found: 'there is no such channel, or it is private and the bot is not in it: invite it with /invite',
  not_in_channel: 'the bot is not in the channel: invite it with /invite',
  is_archived: 'the channel is archived: name another one in the policy',
  invalid_auth: 'the bot token is not valid: check SLACK_BOT_TOKEN',
  token_revoked: 'the bot token was revoked: install the app again',
  account_inactive: 'the app was removed from the workspace: install it again',
  missing_scope: 'the app lacks a scope: update it from manifest.yml and install it again',
};

/** Socket Mode is asked for with another token than everything else. */
const APP_TOKEN_ADVICE = 'check SLACK_APP_TOKEN, an app-level token with the scope connections:write';

/** As Slack writes its errors. */
const CODE = /^[a-z][a-z0-9_]{0,79}$/;

/** What Slack's SDK throws, as the outbox understands it. */
export function messengerError(method: string, error: unknown): MessengerError {
  if (error instanceof MessengerError) return error;
  if (error instanceof WebAPIRateLimitedError) {
    return new MessengerError('wait', 'rate-limited', `Slack asks to wait before ${method}`, error.retryAfter * 1000);
  }
  // NB. a reply that is no JSON comes as a platform error with the whole page as its code.
  if (error instanceof WebAPIPlatformError && CODE.test(String(error.data.error))) {
    const code = error.data.error;
    const advice = method === 'apps.connections.open' ? APP_TOKEN_ADVICE : ADVICE[code];
    const sentence = `Slack refused ${method} with ${code}${advice === undefined ? '' : `: ${advice}`}`;
    return new MessengerError(FOR_GOOD.has(code) ? 'give-up' : 'retry', code.replaceAll('_', '-'), sentence);
  }
  if (error instanceof WebAPIHTTPError) {
    return new MessengerError(
      'retry',
      `http-${error.statusCode}`,
      `Slack answered ${method} with HTTP ${error.statusCode}`,
    );
  }
  if (error instanceof WebAPIRequestError) {
    return new MessengerError('retry', 'unreachable', `Slack could not be reached for ${method}`);
  }
  // A page of a proxy, a reply that broke off, a 429 that names no time: the SDK throws what it stumbled over.
  return new MessengerError('retry', 'bad-reply', `Slack’s reply to ${method} could not be read`);
}
