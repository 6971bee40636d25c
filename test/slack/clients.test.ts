import { createClients } from '../../src/slack/clients.ts';
import { findWorkspace } from '../../src/slack/workspace.ts';
import { closeServers, listening } from './support/servers.ts';
import { SILENT } from './support/silent.ts';

const clients = (url: string, token = 'xoxb-1') => createClients({ token, apiUrl: `${url}/api/`, logger: SILENT });
const json = (body: object) => JSON.stringify(body);

afterEach(closeServers);

describe('the two clients', () => {
  it('are two, so that the rate limit of one does not hold up the other', async () => {
    let calls = 0;
    const slack = await listening((_request, response) => {
      calls += 1;
      if (calls === 1) response.writeHead(429, { 'retry-after': '30' }).end();
      else response.end(json({ ok: true }));
    });
    const { people, outbox } = clients(slack.url);
    expect(people).not.toBe(outbox);
    await expect(outbox.auth.test()).rejects.toMatchObject({ retryAfter: 30 });
    // Neither is paused: what follows is asked at once.
    expect(await people.auth.test()).toMatchObject({ ok: true });
    expect(await outbox.auth.test()).toMatchObject({ ok: true });
  });

  it.each(['people', 'outbox'] as const)('%s: an error is not tried again behind our back', async (which) => {
    const slack = await listening((_request, response) => response.writeHead(500).end());
    await expect(clients(slack.url)[which].chat.postMessage({ channel: 'C1', text: 'x' })).rejects.toMatchObject({
      statusCode: 500,
    });
    expect(slack.heard).toHaveLength(1);
  });

  it('who waits is not kept waiting longer than a trigger lives', () => {
    const { people, outbox } = clients('http://127.0.0.1:9');
    expect([Reflect.get(people, 'timeout'), Reflect.get(outbox, 'timeout')]).toEqual([2_500, 10_000]);
  });

  it('each sends its own token, whichever was made last', async () => {
    const slack = await listening((_request, response) => response.end(json({ ok: true })));
    const [first, second] = [clients(slack.url, 'xoxb-first'), clients(slack.url, 'xoxb-second')];
    for (const client of [first.people, second.people, first.outbox, second.outbox]) await client.auth.test();
    expect(slack.heard.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer xoxb-first',
      'Bearer xoxb-second',
      'Bearer xoxb-first',
      'Bearer xoxb-second',
    ]);
  });

  it('the token goes to no other address, whatever a method is called', async () => {
    const slack = await listening((_request, response) => response.end(json({ ok: true })));
    const elsewhere = await listening((_request, response) => response.end(json({ ok: true })));
    await clients(slack.url).people.apiCall(`${elsewhere.url}/steal`);
    expect(elsewhere.heard).toEqual([]);
    expect(slack.heard).toHaveLength(1);
  });

  it('and not where Slack is said to have moved', async () => {
    const elsewhere = await listening((_request, response) => response.end(json({ ok: true })));
    const slack = await listening((_request, response) =>
      response.writeHead(307, { location: `${elsewhere.url}/api/auth.test` }).end(),
    );
    await expect(clients(slack.url).outbox.auth.test()).rejects.toThrow();
    expect(elsewhere.heard).toEqual([]);
  });
});

describe('which workspace it is', () => {
  const asked = async (status: number, body: string) => {
    const slack = await listening((_request, response) => response.writeHead(status).end(body));
    return findWorkspace(clients(slack.url).people);
  };

  it('is what Slack says', async () => {
    const me = json({ ok: true, team_id: 'T1', bot_id: 'B1', user_id: 'U1' });
    expect(await asked(200, me)).toEqual({ id: 'T1', botId: 'B1', botUserId: 'U1' });
  });

  it.each([
    ['a refused token', 200, json({ ok: false, error: 'invalid_auth' }), { kind: 'retry', code: 'invalid-auth' }],
    ['an answer that names none', 200, json({ ok: true }), { kind: 'retry', code: 'bad-reply' }],
    ['a page instead of an answer', 200, '<html>Sign in to the Wi-Fi</html>', { kind: 'retry', code: 'bad-reply' }],
    ['nothing', 200, 'null', { kind: 'retry', code: 'bad-reply' }],
    ['a limit without a time', 429, '', { kind: 'retry', code: 'bad-reply' }],
  ])('%s is an error that the caller knows', async (_what, status, body, known) => {
    await expect(asked(status, body)).rejects.toMatchObject({ name: 'MessengerError', ...known });
  });
});
