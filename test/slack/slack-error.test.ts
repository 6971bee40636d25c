import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { MessengerError } from '../../src/app/ports/messenger.ts';
import { messengerError } from '../../src/slack/slack-error.ts';

const said = (error: string) => messengerError('chat.postMessage', new WebAPIPlatformError({ ok: false, error }));

describe('what Slack answers', () => {
  it.each([
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
  ])('%s is given up: no repetition changes it', (code) => {
    expect(said(code)).toMatchObject({ kind: 'give-up', code: code.replaceAll('_', '-') });
  });

  it.each(['internal_error', 'fatal_error', 'service_unavailable', 'invalid_auth', 'missing_scope', 'something_new'])(
    '%s is tried again: it may pass, or somebody may mend it',
    (code) => {
      expect(said(code)).toMatchObject({ kind: 'retry', code: code.replaceAll('_', '-') });
    },
  );

  it.each([
    ['channel_not_found', '/invite'],
    ['not_in_channel', '/invite'],
    ['is_archived', 'name another one'],
    ['invalid_auth', 'SLACK_BOT_TOKEN'],
    ['token_revoked', 'install the app again'],
    ['account_inactive', 'install it again'],
    ['missing_scope', 'manifest.yml'],
  ])('%s says what to do', (code, advice) => {
    expect(said(code).message).toContain(advice);
  });

  it('a page of a proxy is no code of Slack’s, and is not repeated', () => {
    const error = said('<!DOCTYPE html><title>Sign in</title>');
    expect(error).toMatchObject({ kind: 'retry', code: 'bad-reply' });
    expect(error.message).toBe('Slack’s reply to chat.postMessage could not be read');
  });
});

describe('what comes instead of an answer', () => {
  it.each<[string, Error, object]>([
    ['a rate limit', new WebAPIRateLimitedError(7), { kind: 'wait', code: 'rate-limited', retryAfterMs: 7_000 }],
    ['an HTTP error', new WebAPIHTTPError(503, 'x', {}, ''), { kind: 'retry', code: 'http-503' }],
    ['no connection', new WebAPIRequestError(new Error('x')), { kind: 'retry', code: 'unreachable' }],
    ['anything else', new TypeError('terminated'), { kind: 'retry', code: 'bad-reply' }],
  ])('%s', (_what, error, known) => {
    const made = messengerError('chat.update', error);
    expect(made).toBeInstanceOf(MessengerError);
    expect(made).toMatchObject(known);
    expect(made.message).toContain('chat.update');
  });

  it('what is known already stays as it is', () => {
    const known = new MessengerError('wait', 'paced', 'later', 5);
    expect(messengerError('chat.update', known)).toBe(known);
  });
});
