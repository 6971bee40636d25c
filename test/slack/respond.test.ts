import nock from 'nock';
import { respondBy } from '../../src/slack/respond.ts';
import { closeServers, listening } from './support/servers.ts';

const API = 'https://slack.com/api/';
const answer = { text: 'Only you see this.' };

afterEach(closeServers);

describe('answering by a response URL', () => {
  afterEach(() => {
    nock.cleanAll();
    nock.restore();
  });

  it('posts where Slack keeps such URLs, to the person only, and leaves the message alone', async () => {
    if (!nock.isActive()) nock.activate();
    const sent = nock('https://hooks.slack.com')
      .post('/actions/T1/2/x', { response_type: 'ephemeral', replace_original: false, ...answer })
      .reply(200, 'ok');
    await respondBy('https://hooks.slack.com/actions/T1/2/x', API, answer);
    expect(sent.isDone()).toBe(true);
  });
});

describe('answering by a response URL of a Slack elsewhere', () => {
  it('posts to the origin of SLACK_API_URL', async () => {
    const slack = await listening((_request, response) => response.end('ok'));
    await respondBy(`${slack.url}/response/1`, `${slack.url}/api/`, answer);
    expect(slack.heard).toMatchObject([{ url: '/response/1' }]);
    expect(JSON.parse(slack.heard[0]?.body ?? '')).toEqual({
      response_type: 'ephemeral',
      replace_original: false,
      ...answer,
    });
  });

  it('calls nothing at another origin, be it on the same machine', async () => {
    const slack = await listening((_request, response) => response.end('ok'));
    const elsewhere = await listening((_request, response) => response.end('ok'));
    await expect(respondBy(`${elsewhere.url}/response/1`, `${slack.url}/api/`, answer)).rejects.toThrow(
      'not one of Slack’s',
    );
    expect(elsewhere.heard).toEqual([]);
  });

  it.each([
    'http://hooks.slack.com/x',
    'https://hooks.slack.com.evil.example/x',
    'https://evil.example/hooks.slack.com',
    'https://hooks.slack.com@evil.example/x',
    'https://evilhooks.slack.com/x',
    'http://169.254.169.254/latest/meta-data',
    'http://localhost:3000/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'ftp://slack.com/x',
    '//hooks.slack.com/x',
    '',
  ])('refuses %j before anything is sent', async (url) => {
    await expect(respondBy(url, API, answer)).rejects.toThrow(/not one of Slack’s|Invalid URL/);
  });

  it('follows no redirect', async () => {
    const elsewhere = await listening((_request, response) => response.end('ok'));
    const slack = await listening((_request, response) =>
      response.writeHead(307, { location: `${elsewhere.url}/stolen` }).end(),
    );
    await expect(respondBy(`${slack.url}/response/1`, slack.url, answer)).rejects.toThrow();
    expect(elsewhere.heard).toEqual([]);
  });

  it('says when Slack did not take it', async () => {
    const slack = await listening((_request, response) => response.writeHead(404).end('expired_url'));
    await expect(respondBy(`${slack.url}/response/1`, slack.url, answer)).rejects.toThrow('HTTP 404');
  });
});
