import { send } from '../../src/slack/send.ts';
import { closeServers, listening } from './support/servers.ts';

afterEach(closeServers);

const post = (url: string, body = 'text=caf%C3%A9') =>
  send(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });

describe('one request to Slack', () => {
  it('is sent as it was given, and its reply is told whole', async () => {
    const slack = await listening((_request, response) =>
      response.writeHead(200, 'Fine', { 'X-OAuth-Scopes': 'chat:write' }).end('{"ok":true,"text":"café"}'),
    );
    const reply = await post(`${slack.url}/api/chat.postMessage`, 'text=café');
    expect(slack.heard).toMatchObject([
      {
        url: '/api/chat.postMessage',
        body: 'text=café',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '10' },
      },
    ]);
    expect(reply).toMatchObject({
      ok: true,
      status: 200,
      statusText: 'Fine',
      url: `${slack.url}/api/chat.postMessage`,
    });
    expect(reply.headers.get('x-oauth-scopes')).toBe('chat:write');
    expect(reply.headers.get('Retry-After')).toBeNull();
    expect(Object.fromEntries(reply.headers.entries())).toMatchObject({ 'x-oauth-scopes': 'chat:write' });
    expect(await reply.json()).toEqual({ ok: true, text: 'café' });
    expect(new TextDecoder().decode(await reply.arrayBuffer())).toBe('{"ok":true,"text":"café"}');
  });

  it('follows no redirect: that is the reply', async () => {
    const elsewhere = await listening((_request, response) => response.end('ok'));
    const slack = await listening((_request, response) =>
      response.writeHead(302, { location: `${elsewhere.url}/stolen` }).end(),
    );
    expect(await post(slack.url)).toMatchObject({ ok: false, status: 302 });
    expect(elsewhere.heard).toEqual([]);
  });

  it('fails when nobody listens, and when the time is over, also in the middle of the reply', async () => {
    const slack = await listening((request, response) => {
      if (request.url === '/half') response.writeHead(200, { 'content-length': '100' }).write('{"ok":');
    });
    await expect(post('http://127.0.0.1:9/')).rejects.toThrow();
    const over = new AbortController();
    const none = send(slack.url, { method: 'POST', body: '', signal: over.signal });
    const half = await send(`${slack.url}/half`, { method: 'POST', body: '', signal: over.signal });
    over.abort(new Error('too late'));
    await expect(none).rejects.toThrow('aborted');
    await expect(half.text()).rejects.toThrow('aborted');
  });

  it('fails when the reply breaks off, and when it has no end in sight', async () => {
    const slack = await listening((request, response) => {
      response.writeHead(200, request.url === '/half' ? { 'content-length': '100' } : {});
      if (request.url === '/half') return response.write('{"ok":', () => response.destroy());
      const more = (): void => {
        while (response.write('x'.repeat(1024 * 1024)));
        response.once('drain', more);
      };
      more();
      return undefined;
    });
    await expect(post(`${slack.url}/half`).then((reply) => reply.text())).rejects.toThrow();
    await expect(post(`${slack.url}/endless`).then((reply) => reply.text())).rejects.toThrow(
      'the reply has more than 33554432 bytes',
    );
  });

  it('is text, and no form of files', async () => {
    await expect(send('http://127.0.0.1:9/', { method: 'POST', body: new FormData() })).rejects.toThrow(
      'only text is sent',
    );
  });
});
