import { closeAll, errorOf, post, section, startFake, TestClock, webClient } from './support.ts';

afterEach(closeAll);

describe('calling the Web API', () => {
  it('says who the app is', async () => {
    const { web, slack } = await startFake();
    expect(await web.auth.test()).toMatchObject({
      ok: true,
      team_id: 'T1',
      user_id: slack.bot.userId,
      bot_id: slack.bot.botId,
      url: 'https://acme.slack.com/',
    });
    expect(await web.apiCall('api.test', { foo: 'bar' })).toMatchObject({ ok: true, args: { foo: 'bar' } });
  });

  it('wants the right token', async () => {
    const { url } = await startFake();
    expect(await errorOf(webClient(url, 'xoxb-wrong').auth.test())).toMatchObject({ error: 'invalid_auth' });
    expect((await post(`${url}auth.test`, { token: null })).body).toEqual({ ok: false, error: 'not_authed' });
    expect((await post(`${url}auth.test`, { token: null, body: 'token=xoxb-test' })).body).toMatchObject({ ok: true });
    expect((await post(`${url}auth.test`, { token: 'xapp-test' })).body).toEqual({
      ok: false,
      error: 'not_allowed_token_type',
    });
  });

  it('takes forms and JSON alike, and keeps every call without its token', async () => {
    const { url, web, slack } = await startFake();
    await web.chat.postMessage({ channel: 'C1', text: 'a', blocks: [section('a')], unfurl_links: false });
    const body = JSON.stringify({ channel: 'C1', text: 'b', blocks: [section('b')] });
    expect((await post(`${url}chat.postMessage`, { type: 'application/json', body })).body).toMatchObject({ ok: true });
    expect(slack.messages('C1').map((message) => message.blocks[0]?.text)).toEqual([
      { type: 'mrkdwn', text: 'a' },
      { type: 'mrkdwn', text: 'b' },
    ]);
    expect(slack.calls).toHaveLength(2);
    expect(slack.calls[0]).toMatchObject({
      method: 'chat.postMessage',
      status: 200,
      ok: true,
      args: { channel: 'C1', blocks: [section('a')], unfurl_links: 'false' },
    });
    expect(JSON.stringify(slack.calls)).not.toContain('xoxb');
  });

  it('refuses what cannot be read, and methods it does not know', async () => {
    const { url } = await startFake();
    expect((await post(`${url}files.upload`)).body).toMatchObject({ error: 'unknown_method' });
    expect((await post(`${url}toString`)).body).toMatchObject({ error: 'unknown_method' });
    expect((await post(`${url}auth.test`, { type: 'application/json', body: '{' })).body).toMatchObject({
      error: 'invalid_json',
    });
    expect((await post(`${url}auth.test`, { type: 'text/csv', body: 'a' })).body).toMatchObject({
      error: 'invalid_post_type',
    });
  });

  it('grants only the scopes that were asked for', async () => {
    const { web } = await startFake({ scopes: ['chat:write', 'users:read'] });
    await web.chat.postMessage({ channel: 'C1', text: 'a' });
    expect(await errorOf(web.conversations.open({ users: 'UANA' }))).toMatchObject({ error: 'missing_scope' });
    expect(await errorOf(web.usergroups.list())).toMatchObject({ error: 'missing_scope' });
    expect(await errorOf(web.conversations.history({ channel: 'C1' }))).toMatchObject({ error: 'missing_scope' });
    const { user } = await web.users.info({ user: 'UANA' });
    expect(user?.profile?.email).toBeUndefined();
  });

  it('names the scope that is missing', async () => {
    const { web } = await startFake({ scopes: [] });
    await expect(web.conversations.replies({ channel: 'C1', ts: '1' })).rejects.toMatchObject({
      data: { needed: 'channels:history' },
    });
  });
});

describe('chat.postMessage', () => {
  it('answers with the message, and gives every message of a channel a later ts', async () => {
    const clock = new TestClock();
    const { web, slack } = await startFake({ now: clock.now, enforceRateLimits: false });
    const first = await web.chat.postMessage({ channel: 'C1', text: 'a' });
    const second = await web.chat.postMessage({ channel: '#approvals', text: 'b' });
    clock.advance(-60_000);
    const third = await web.chat.postMessage({ channel: 'approvals', text: 'c' });
    const stamps = [first.ts, second.ts, third.ts].map(Number);
    expect(stamps).toEqual([...new Set(stamps)].sort());
    expect(first).toMatchObject({
      channel: 'C1',
      message: { text: 'a', user: slack.bot.userId, bot_id: slack.bot.botId },
    });
    expect(first.ts).toBe(`${clock.at / 1000 + 60}.000000`);
  });

  it('opens the direct messages when it is given a person', async () => {
    const { web, slack } = await startFake();
    const { channel } = await web.chat.postMessage({ channel: 'UANA', text: 'granted' });
    const opened = await web.conversations.open({ users: 'UANA' });
    expect(opened).toMatchObject({ already_open: true, channel: { id: channel } });
    expect(slack.directMessages('UANA').map((message) => message.text)).toEqual(['granted']);
    expect(slack.state('UBEN').conversations.flatMap((each) => each.messages)).toEqual([]);
  });

  it.each([
    [{ channel: 'C999', text: 'a' }, 'channel_not_found'],
    [{ channel: 'G1', text: 'a' }, 'channel_not_found'],
    [{ channel: 'C2', text: 'a' }, 'not_in_channel'],
    [{ channel: 'C3', text: 'a' }, 'is_archived'],
    [{ channel: 'UGONE', text: 'a' }, 'user_disabled'],
    [{ channel: 'C1', text: '' }, 'no_text'],
    [{ channel: 'C1', text: 'x'.repeat(40_001) }, 'msg_too_long'],
    [{ channel: 'C1', text: 'a', metadata: { event_type: '' } }, 'invalid_metadata_format'],
    [
      { channel: 'C1', text: 'a', metadata: { event_type: 'a', event_payload: { a: 'x'.repeat(9000) } } },
      'metadata_too_large',
    ],
  ])('%j → %s', async (args, error) => {
    const { web, slack } = await startFake();
    expect(await errorOf(web.apiCall('chat.postMessage', args))).toMatchObject({ error });
    expect(slack.messages('C1')).toEqual([]);
  });

  it('posts anywhere in public with chat:write.public', async () => {
    const { web } = await startFake({ scopes: ['chat:write', 'chat:write.public'] });
    await web.chat.postMessage({ channel: 'C2', text: 'a' });
    expect(await errorOf(web.chat.postMessage({ channel: 'G1', text: 'a' }))).toMatchObject({
      error: 'channel_not_found',
    });
  });

  it('names what is wrong with blocks', async () => {
    const { web } = await startFake();
    const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }];
    expect(await errorOf(web.apiCall('chat.postMessage', { channel: 'C1', text: 'a', blocks }))).toEqual({
      error: 'invalid_blocks',
      messages: ['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]'],
    });
    expect(await errorOf(web.apiCall('chat.postMessage', { channel: 'C1', text: 'a', blocks: 'nope' }))).toMatchObject({
      error: 'invalid_blocks_format',
    });
  });

  it('warns of blocks without a sentence for notifications', async () => {
    const { web, slack } = await startFake();
    await web.apiCall('chat.postMessage', { channel: 'C1', blocks: [section('a')] });
    expect(slack.calls[0]?.warnings?.[0]).toContain('missing_text');
  });

  it('gives blocks and elements the ids they lack', async () => {
    const { web, slack } = await startFake();
    const element = { type: 'button' as const, text: { type: 'plain_text' as const, text: 'Go' } };
    await web.chat.postMessage({ channel: 'C1', text: 'a', blocks: [{ type: 'actions', elements: [element] }] });
    const block = slack.messages('C1')[0]?.blocks[0] as unknown as {
      block_id: string;
      elements: { action_id: string }[];
    };
    expect(block.block_id).not.toBe('');
    expect(block.elements[0]?.action_id).not.toBe('');
  });

  it('puts replies into threads, a reply to a reply too', async () => {
    const { web, slack } = await startFake({ enforceRateLimits: false });
    const { ts } = await web.chat.postMessage({ channel: 'C1', text: 'parent' });
    const reply = await web.chat.postMessage({ channel: 'C1', text: 'one', thread_ts: ts as string });
    await web.chat.postMessage({ channel: 'C1', text: 'two', thread_ts: reply.ts as string });
    await web.chat.postMessage({ channel: 'C1', text: 'both', thread_ts: ts as string, reply_broadcast: true });
    const channel = slack.state('UBEN').conversations.find((each) => each.id === 'C1');
    expect(channel?.messages.map((message) => message.text)).toEqual(['parent', 'both']);
    expect(channel?.messages[0]?.replies.map((message) => message.text)).toEqual(['one', 'two', 'both']);
    expect(channel?.messages[0]?.reply_count).toBe(3);
    const { messages } = await web.conversations.history({ channel: 'C1' });
    expect(messages?.map((message) => message.text)).toEqual(['both', 'parent']);
  });

  it('records who would be pinged', async () => {
    const { web, slack } = await startFake();
    await web.chat.postMessage({ channel: 'C1', text: 'why: <!channel>' });
    await web.chat.postMessage({ channel: 'C1', text: 'why: &lt;!channel&gt;', blocks: [section('&lt;@UANA&gt;')] });
    await web.chat.postMessage({ channel: 'C1', text: '@here', parse: 'full' });
    expect(slack.messages('C1').map((message) => message.notifications)).toEqual([['channel'], [], ['here']]);
  });
});

describe('chat.update and chat.delete', () => {
  it('change a message of the app and keep what is not mentioned', async () => {
    const { web, slack } = await startFake();
    const metadata = { event_type: 'request', event_payload: { id: 'r1' } };
    const { ts } = await web.chat.postMessage({ channel: 'C1', text: 'a', blocks: [section('a')], metadata });
    await web.chat.update({ channel: 'C1', ts: ts as string, text: 'b' });
    expect(slack.messages('C1')[0]).toMatchObject({ text: 'b', blocks: [{ type: 'section' }], metadata, edited: {} });
    await web.chat.update({ channel: 'C1', ts: ts as string, text: 'c', blocks: [] });
    expect(slack.messages('C1')[0]).toMatchObject({ text: 'c', blocks: [] });
    await web.chat.delete({ channel: 'C1', ts: ts as string });
    expect(slack.messages('C1')).toEqual([]);
  });

  it('leave a tombstone over a thread', async () => {
    const { web, slack } = await startFake();
    const { ts } = await web.chat.postMessage({ channel: 'C1', text: 'a' });
    await web.chat.postMessage({ channel: 'C1', text: 'reply', thread_ts: ts as string });
    await web.chat.delete({ channel: 'C1', ts: ts as string });
    expect(slack.messages('C1').map((message) => message.text)).toEqual(['This message was deleted.', 'reply']);
  });

  it('touch nobody else’s messages, no ephemeral one, and take no names or people', async () => {
    const { web, slack } = await startFake();
    const { message } = await slack.post('UANA', 'C1', 'mine');
    const { message_ts } = await web.chat.postEphemeral({ channel: 'C1', user: 'UANA', text: 'a' });
    const own = await web.chat.postMessage({ channel: 'UANA', text: 'a' });
    const update = (channel: string, ts: string) => errorOf(web.chat.update({ channel, ts, text: 'x' }));
    expect(await update('C1', message.ts)).toMatchObject({ error: 'cant_update_message' });
    expect(await update('C1', message_ts as string)).toMatchObject({ error: 'message_not_found' });
    expect(await update('C1', '1.000000')).toMatchObject({ error: 'message_not_found' });
    expect(await update('#approvals', '1.000000')).toMatchObject({ error: 'channel_not_found' });
    expect(await update('UANA', own.ts as string)).toMatchObject({ error: 'channel_not_found' });
    expect(await errorOf(web.chat.delete({ channel: 'C1', ts: message.ts }))).toMatchObject({
      error: 'cant_delete_message',
    });
    expect(
      await errorOf(web.apiCall('chat.update', { channel: own.channel as string, ts: own.ts as string })),
    ).toMatchObject({ error: 'no_text' });
  });
});

describe('chat.postEphemeral', () => {
  it('is seen by one person and by no reading of the channel', async () => {
    const { web, slack } = await startFake();
    await web.chat.postEphemeral({ channel: 'C1', user: 'UANA', text: 'only you' });
    expect(slack.ephemerals('UANA').map((message) => message.text)).toEqual(['only you']);
    expect(slack.ephemerals('UBEN')).toEqual([]);
    expect(slack.messages('C1')).toEqual([]);
    const seen = (viewer: string) =>
      slack.state(viewer).conversations.find((each) => each.id === 'C1')?.messages.length;
    expect([seen('UANA'), seen('UBEN')]).toEqual([1, 0]);
    expect((await web.conversations.history({ channel: 'C1' })).messages).toEqual([]);
  });

  it('needs the person in the channel', async () => {
    const { web } = await startFake();
    expect(await errorOf(web.chat.postEphemeral({ channel: 'C1', user: 'UOUT', text: 'a' }))).toMatchObject({
      error: 'user_not_in_channel',
    });
  });
});

describe('reading conversations', () => {
  it('pages history, newest first, with metadata only when asked', async () => {
    const { web } = await startFake({ enforceRateLimits: false });
    for (const text of ['a', 'b', 'c']) {
      await web.chat.postMessage({ channel: 'C1', text, metadata: { event_type: 'e', event_payload: { text } } });
    }
    const first = await web.conversations.history({ channel: 'C1', limit: 2, include_all_metadata: true });
    expect(first.messages?.map((message) => message.metadata?.event_payload)).toEqual([{ text: 'c' }, { text: 'b' }]);
    expect(first.has_more).toBe(true);
    const next = await web.conversations.history({
      channel: 'C1',
      limit: 2,
      cursor: first.response_metadata?.next_cursor as string,
    });
    expect(next.messages?.map((message) => [message.text, message.metadata])).toEqual([['a', undefined]]);
    expect(next.has_more).toBe(false);
    const oldest = next.messages?.[0]?.ts as string;
    const after = await web.conversations.history({ channel: 'C1', oldest });
    expect(after.messages?.map((message) => message.text)).toEqual(['c', 'b']);
    const inclusive = await web.conversations.history({ channel: 'C1', latest: oldest, inclusive: true });
    expect(inclusive.messages?.map((message) => message.text)).toEqual(['a']);
  });

  it('reads a thread from its parent on', async () => {
    const { web } = await startFake({ enforceRateLimits: false });
    const { ts } = await web.chat.postMessage({ channel: 'C1', text: 'parent' });
    await web.chat.postMessage({ channel: 'C1', text: 'other' });
    await web.chat.postMessage({ channel: 'C1', text: 'reply', thread_ts: ts as string });
    const { messages } = await web.conversations.replies({ channel: 'C1', ts: ts as string });
    expect(messages?.map((message) => message.text)).toEqual(['parent', 'reply']);
    expect(messages?.[0]).toMatchObject({ reply_count: 1, thread_ts: ts });
    expect(await errorOf(web.conversations.replies({ channel: 'C1', ts: '1.0' }))).toMatchObject({
      error: 'thread_not_found',
    });
  });

  it('reads nothing of a channel the app is not in', async () => {
    const { web } = await startFake();
    expect(await errorOf(web.conversations.history({ channel: 'C2' }))).toMatchObject({ error: 'not_in_channel' });
    expect(await errorOf(web.conversations.info({ channel: 'G1' }))).toMatchObject({ error: 'channel_not_found' });
  });

  it('lists conversations and members', async () => {
    const { web, slack } = await startFake();
    const { channels } = await web.conversations.list({
      types: 'public_channel,private_channel',
      exclude_archived: true,
    });
    expect(channels?.map((channel) => [channel.id, channel.is_member])).toEqual([
      ['C1', true],
      ['C2', false],
    ]);
    expect((await web.conversations.info({ channel: 'C1' })).channel).toMatchObject({
      name: 'approvals',
      is_private: false,
    });
    expect((await web.conversations.members({ channel: 'C1' })).members).toEqual(['UANA', 'UBEN', slack.bot.userId]);
  });

  it('lists what the app is in, with the scope of each type asked for', async () => {
    const { web } = await startFake({ scopes: ['channels:read'] });
    expect((await web.users.conversations({})).channels?.map((channel) => channel.id)).toEqual(['C1', 'C3']);
    await expect(web.users.conversations({ types: 'public_channel,private_channel' })).rejects.toMatchObject({
      data: { error: 'missing_scope', needed: 'groups:read' },
    });
  });

  it('makes permalinks', async () => {
    const { web } = await startFake();
    const { ts } = await web.chat.postMessage({ channel: 'C1', text: 'a' });
    const { permalink } = await web.chat.getPermalink({ channel: 'C1', message_ts: ts as string });
    expect(permalink).toBe(`https://acme.slack.com/archives/C1/p${ts?.replace('.', '')}`);
  });

  it('opens direct messages with one living person', async () => {
    const { web } = await startFake();
    expect((await web.conversations.open({ users: 'UANA' })).channel?.id).toBe('DUANA');
    expect(await errorOf(web.conversations.open({ users: 'U404' }))).toMatchObject({ error: 'user_not_found' });
    expect(await errorOf(web.conversations.open({ users: 'UGONE' }))).toMatchObject({ error: 'user_disabled' });
  });
});

describe('people and groups', () => {
  it('are looked up by id and by e-mail', async () => {
    const { web } = await startFake();
    expect((await web.users.info({ user: 'UANA' })).user).toMatchObject({
      name: 'ana',
      tz: 'Europe/Madrid',
      is_bot: false,
      deleted: false,
      profile: { email: 'ana@example.com' },
    });
    expect((await web.users.lookupByEmail({ email: 'BEN@example.com' })).user?.id).toBe('UBEN');
    expect(await errorOf(web.users.lookupByEmail({ email: 'gus@example.com' }))).toMatchObject({
      error: 'users_not_found',
    });
    expect(await errorOf(web.users.info({ user: 'U404' }))).toMatchObject({ error: 'user_not_found' });
  });

  it('are listed, bots and the deactivated too', async () => {
    const { web, slack } = await startFake();
    const { members } = await web.users.list({});
    expect(members?.map((user) => user.id)).toEqual(['USLACKBOT', slack.bot.userId, 'UANA', 'UBEN', 'UOUT', 'UGONE']);
    expect(members?.find((user) => user.id === 'UGONE')?.deleted).toBe(true);
  });

  it('have user groups, of which only the active members are read', async () => {
    const { web } = await startFake();
    expect((await web.usergroups.list({})).usergroups).toMatchObject([{ id: 'S1', handle: 'dba', user_count: 2 }]);
    expect((await web.usergroups.users.list({ usergroup: 'S1' })).users).toEqual(['UBEN']);
    expect(await errorOf(web.usergroups.users.list({ usergroup: 'S9' }))).toMatchObject({ error: 'no_such_subteam' });
  });
});
