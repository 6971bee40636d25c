import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Target } from '../../../src/app/ports/provider.ts';
import { LARGEST_REPLY_BYTES } from '../../../src/providers/scim-group/client.ts';
import { provider } from '../../../src/providers/scim-group/index.ts';
import { failure, settings } from '../../contract/provider-contract.ts';
import {
  answer,
  answerWith,
  type Fault,
  type FaultyDirectory,
  hold,
  on,
  rewrite,
  startFaultyDirectory,
} from '../../support/scim-directory.ts';

describe('a SCIM directory that fails', () => {
  let directory: FaultyDirectory;
  let target: Target;
  const call = (group = 'engineering', account = 'ana@example.com', signal = new AbortController().signal) => ({
    permission: { group },
    account,
    signal,
  });

  beforeEach(async () => {
    directory = await startFaultyDirectory({
      users: ['ana@example.com', 'ben@example.com'],
      groups: [
        ['engineering', ['ben@example.com']],
        ['twins', []],
        ['twins', []],
        ['Ops', []],
        ['case', []],
        ['CASE', []],
      ],
    });
    target = provider.open(settings(provider, { url: `${directory.url}/`, token: directory.token }), 'directory');
  });
  afterEach(async () => {
    await target.close();
    await directory.stop();
  });

  /** What every method makes of a fault; the directory must be left as it was, and no message may hold the token. */
  const outcome = async (fault: Fault) => {
    const before = directory.groups();
    const errors = await directory.withFault(fault, async () => [
      await failure(target.provision(call())),
      await failure(target.revoke(call('engineering', 'ben@example.com'))),
      await failure(target.inspect(call())),
    ]);
    for (const { message } of errors) {
      expect(message).toContain('directory');
      expect(message).not.toContain(directory.token);
    }
    expect(directory.groups()).toEqual(before);
    const seen = new Set(errors.map(({ kind, code, retryAfterMs }) => `${kind} ${code} ${retryAfterMs ?? ''}`.trim()));
    return [...seen].join(', ');
  };

  describe('with a status', () => {
    it.each([
      [401, 'give-up not-permitted'],
      [403, 'give-up not-permitted'],
      [408, 'retry unavailable'],
      [429, 'retry rate-limited'],
      [500, 'retry unavailable'],
      [502, 'retry unavailable'],
      [503, 'retry unavailable'],
      [404, 'give-up refused'],
      [400, 'give-up refused'],
      [501, 'give-up refused'],
    ])('%i is %s', async (status, expected) => {
      expect(await outcome(answer(status))).toBe(expected);
    });

    it('429 says when to come back, in seconds or as a date', async () => {
      expect(await outcome(answer(429, { 'retry-after': '30' }))).toBe('retry rate-limited 30000');
      const date = 'Tue, 03 Mar 2026 09:00:00 GMT';
      const later = 'Tue, 03 Mar 2026 09:01:30 GMT';
      expect(await outcome(answer(429, { date, 'retry-after': later }))).toBe('retry rate-limited 90000');
      expect(await outcome(answer(503, { 'retry-after': '0' }))).toBe('retry unavailable 0');
    });

    it.each(['-1', 'soon', '1e9', '999999999', 'Tue, 03 Mar 1999 09:00:00 GMT'])(
      '429 with a Retry-After of %s says nothing usable',
      async (header) => {
        expect(await outcome(answer(429, { 'retry-after': header }))).toBe('retry rate-limited');
      },
    );
  });

  it('with a wrong token gives up', async () => {
    const stranger = provider.open(settings(provider, { url: directory.url, token: 'not-it' }), 'directory');
    expect(await failure(stranger.inspect(call()))).toMatchObject({ kind: 'give-up', code: 'not-permitted' });
  });

  it('that sends us elsewhere is not followed, and the token stays here', async () => {
    const elsewhere: string[] = [];
    const other = createServer((request, response) => {
      elsewhere.push(request.headers.authorization ?? 'no token');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/scim/v2/Groups`;
    try {
      for (const status of [301, 302, 307, 308]) {
        expect(await outcome(answer(status, { location }))).toBe('retry redirected');
      }
      expect(elsewhere).toEqual([]);
    } finally {
      other.close();
      other.closeAllConnections();
    }
  });

  describe('with an answer that is not SCIM', () => {
    it.each([
      ['a login page', '<html>Sign in</html>'],
      ['nothing', ''],
      ['half a reply', '{"totalResults": 1, "Resources": [{"id": "a'],
      ['other JSON', '{"status": "ok"}'],
      ['null', 'null'],
      ['a list of nothing known', '{"totalResults": 1, "Resources": [7]}'],
      ['a negative count', '{"totalResults": -1}'],
      ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
      ['an id that leaves the path', '{"totalResults":1,"Resources":[{"id":"..","displayName":"engineering"}]}'],
      ['a part of a list', '{"totalResults":900,"Resources":[{"id":"1","displayName":"other"}]}'],
    ])('%s', async (_what, body) => {
      expect(await outcome(answerWith(body))).toBe('retry bad-reply');
    });

    it('more bytes than anybody should read', async () => {
      const body = Buffer.alloc(LARGEST_REPLY_BYTES + 1, 0x20);
      expect(await outcome(answerWith(body))).toBe('retry bad-reply');
    });

    it('another group than the one that was asked for', async () => {
      const fault = rewrite((body) => (body.totalResults === undefined ? { ...body, id: 'other' } : body));
      const error = await directory.withFault(fault, () => failure(target.inspect(call())));
      expect(error).toMatchObject({ kind: 'retry', code: 'bad-reply' });
    });
  });

  it('that hangs up is tried again', async () => {
    expect(await outcome((request) => void request.socket.destroy())).toBe('retry unanswered');
  });

  it('that hangs while a name is looked up is left at the deadline', async () => {
    const deadline = new AbortController();
    const { fault, reached } = hold(['GET']);
    await directory.withFault(fault, async () => {
      const asked = failure(target.inspect(call('engineering', 'ana@example.com', deadline.signal)));
      await reached;
      deadline.abort();
      expect(await asked).toMatchObject({ kind: 'retry', code: 'deadline' });
      await directory.settled();
    });
  });

  it('that hangs in the middle of an answer is left at the deadline', async () => {
    const deadline = new AbortController();
    const half: Fault = (_request, response) => {
      response.status(200).type('application/scim+json').write('{"totalResults"');
      setImmediate(() => deadline.abort());
    };
    await directory.withFault(half, async () => {
      const asked = failure(target.inspect(call('engineering', 'ana@example.com', deadline.signal)));
      expect(await asked).toMatchObject({ kind: 'retry', code: 'deadline' });
      await directory.settled();
    });
  });

  describe('to say who is meant', () => {
    it('is given up for two groups of one name, also when taking and looking', async () => {
      for (const work of [
        target.provision(call('twins')),
        target.revoke(call('twins')),
        target.inspect(call('twins')),
      ]) {
        expect(await failure(work)).toMatchObject({ kind: 'give-up', code: 'ambiguous-group' });
      }
      expect(directory.groups().filter(({ members }) => members.length > 0)).toHaveLength(1);
    });

    it('is given up for two users of one name', async () => {
      directory.addUser('ANA@example.com');
      for (const work of [target.provision(call()), target.revoke(call()), target.inspect(call())]) {
        expect(await failure(work)).toMatchObject({ kind: 'give-up', code: 'ambiguous-account' });
      }
    });

    it('takes the group that is spelled exactly so, where two differ in case', async () => {
      await target.provision(call('CASE'));
      expect(directory.groups().filter(({ members }) => members.includes('ana@example.com'))).toEqual([
        { name: 'CASE', members: ['ana@example.com'] },
      ]);
    });

    it('is given up for a group in another spelling, with the right one', async () => {
      const error = await failure(target.provision(call('ops')));
      expect(error).toMatchObject({ kind: 'give-up', code: 'group-spelling' });
      expect(error.message).toContain('Ops');
      expect(await failure(target.inspect(call('ops')))).toMatchObject({ code: 'group-spelling' });
    });

    it('finds a user in another case: user names are not case-exact', async () => {
      await target.provision(call('engineering', 'Ana@Example.com'));
      expect(await target.inspect(call())).toBe('present');
    });

    it('does not trust a server that ignores the filter', async () => {
      const everybody = on(['GET'], (request, _response, pass) => {
        request.url = request.url.replace(/filter=[^&]*&?/, '');
        pass();
      });
      await directory.withFault(everybody, async () => {
        await target.provision(call());
        expect(await target.inspect(call())).toBe('present');
        expect(await failure(target.provision(call('nowhere')))).toMatchObject({ code: 'no-such-group' });
        await target.revoke(call());
      });
      expect(directory.groups()[0]).toEqual({ name: 'engineering', members: ['ben@example.com'] });
    });
  });
});
