import { SourceError } from '../../../src/app/ports/live-sources.ts';
import { MOST_RESOURCES } from '../../../src/providers/scim-group/pages.ts';
import { scimDirectories } from '../../../src/providers/scim-group/people.ts';
import { type FaultyDirectory, startFaultyDirectory } from '../../support/scim-directory.ts';

const ANA = 'ana@example.com';
const BEN = 'ben@example.com';
const { signal } = new AbortController();
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let directory: FaultyDirectory;
afterEach(() => directory.stop());

const start = async (options: Parameters<typeof startFaultyDirectory>[0] = {}) => {
  directory = await startFaultyDirectory({ users: [ANA, BEN], groups: { DBAs: [ANA], Other: [BEN] }, ...options });
};
const read = (groups: string[] = [], given: AbortSignal = signal) => {
  const { url, token } = directory;
  return scimDirectories.read({ name: 'SCIM directory idp', config: { url, token }, groups }, given);
};
const failure = async (promise: Promise<unknown>): Promise<SourceError> => {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  expect((error as SourceError).message).not.toContain(directory.token);
  expect((error as SourceError).final).toBe(false);
  return error as SourceError;
};
const emails = async () => (await read()).users.map(({ email }) => email);

/** Answers every list of users with these, whatever page is asked for. */
const withUsers = <T>(users: unknown[], work: () => Promise<T>, totalResults = users.length): Promise<T> =>
  directory.withFault((_request, response) => void response.json({ totalResults, Resources: users }), work);

describe('the people of a SCIM directory', () => {
  it('come with their e-mails, managers, whether they are active, and the members of the wanted groups', async () => {
    await start();
    directory.setUser(BEN, { active: false });
    directory.setUser(ANA, { manager: BEN });
    const { users, groups, unreadable } = await read(['DBAs', 'Nowhere']);
    const [ana, ben] = users;
    expect(users).toEqual([
      { id: expect.any(String), email: ANA, active: true, managerId: ben?.id },
      { id: expect.any(String), email: BEN, active: false },
    ]);
    expect(groups).toEqual([{ displayName: 'DBAs', members: [ana?.id], nested: 0 }]);
    expect(unreadable).toBe(0);
    // Not the members of a group that nobody asked for.
    expect(directory.requests.filter((request) => request.startsWith('GET /Groups/'))).toHaveLength(1);
  });

  it('are read without groups when none is wanted', async () => {
    await start();
    expect((await read()).groups).toEqual([]);
    expect(directory.requests).toEqual(['GET /Users']);
  });

  it('are read page by page, each once', async () => {
    const users = Array.from({ length: 450 }, (_, index) => `u${index}@example.com`);
    await start({ users, groups: { DBAs: users } });
    const snapshot = await read(['DBAs']);
    expect(snapshot.users.map(({ email }) => email)).toEqual(users);
    expect(snapshot.groups[0]?.members).toHaveLength(450);
    expect(directory.requests.filter((request) => request === 'GET /Users')).toHaveLength(3);
  });

  it('have both groups of one name', async () => {
    await start({
      groups: [
        ['DBAs', [ANA]],
        ['DBAs', [BEN]],
      ],
    });
    expect((await read(['DBAs'])).groups).toHaveLength(2);
  });
});

describe('a user', () => {
  const user = (values: object) => ({ id: 'u1', userName: 'ana', ...values });
  const emailsOf = (...values: object[]) => withUsers(values.map(user), emails);

  it('has the primary e-mail, else the only one, else the user name', async () => {
    await start();
    expect(await emailsOf({ emails: [{ value: BEN }, { value: ANA, primary: true }] })).toEqual([ANA]);
    expect(await emailsOf({ emails: [{ value: ANA }] })).toEqual([ANA]);
    expect(await emailsOf({ userName: ANA })).toEqual([ANA]);
    expect(await emailsOf({ userName: ANA, emails: [] })).toEqual([ANA]);
    expect(await emailsOf({ userName: 'ana', emails: [{ value: ANA, primary: 'True' }] })).toEqual([ANA]);
  });

  it('is nobody when it has several e-mails and no or two primary ones: that would be a guess', async () => {
    await start();
    const two = (primary: boolean) => ({ userName: ANA, emails: [ANA, BEN].map((value) => ({ value, primary })) });
    expect(await withUsers([user(two(false)), { ...user(two(true)), id: 'u2' }], read)).toEqual({
      users: [],
      unreadable: 2,
      groups: [],
    });
  });

  it.each([
    ['true', true, true],
    ['as text', 'True', true],
    ['left out, as the standard allows', undefined, true],
    ['false', false, false],
    ['false as text', 'False', false],
    ['something else', 'yes', false],
    ['a number', 1, false],
  ])('whose `active` is %s', async (_, active, expected) => {
    await start();
    const { users } = await withUsers([user({ userName: ANA, active })], read);
    expect(users).toEqual([{ id: 'u1', email: ANA, active: expected }]);
  });

  it.each([
    ['a manager that is a name', { [ENTERPRISE]: { manager: 'cy' } }],
    ['a manager without an id', { [ENTERPRISE]: { manager: { displayName: 'Cy' } } }],
    ['an extension that is none', { [ENTERPRISE]: 'x' }],
  ])('with %s has none', async (_, values) => {
    await start();
    expect((await withUsers([user({ userName: ANA, ...values })], read)).users).toEqual([
      { id: 'u1', email: ANA, active: true },
    ]);
  });

  it('that cannot be read is counted, and keeps nobody else out', async () => {
    await start();
    const users = [
      null,
      7,
      {},
      { id: '..', userName: 'x' },
      { id: 'u1' },
      user({ emails: 'x', id: 'u3' }),
      { id: 'u2', userName: BEN },
    ];
    expect(await withUsers(users, read)).toMatchObject({ users: [{ email: BEN }], unreadable: 6 });
  });
});

describe('a group', () => {
  const withMembers = (members: unknown, more: object = {}) =>
    directory.withFault(
      (request, response, pass) => {
        if (!/\/Groups\//.test(request.path)) return pass();
        const id = request.path.split('/').at(-1);
        response.json({ id, displayName: 'DBAs', members, ...more });
      },
      () => read(['DBAs']),
    );

  it('that holds groups says how many, however they are marked', async () => {
    await start();
    const { groups: [other] = [] } = await read(['Other']);
    expect(other?.nested).toBe(0);
    const listed = (await (
      await fetch(`${directory.url}/Groups`, {
        headers: { authorization: `Bearer ${directory.token}`, connection: 'close' },
      })
    ).json()) as { Resources: { id: string }[] };
    const { groups } = await withMembers([
      { value: 'u1', type: 'User' },
      { value: 'u2' },
      { value: 'g1', type: 'group' },
      { value: 'g2', $ref: 'https://idp/scim/v2/Groups/g2' },
      { value: listed.Resources[1]?.id },
    ]);
    expect(groups).toEqual([{ displayName: 'DBAs', members: ['u1', 'u2'], nested: 3 }]);
  });

  it('without a list of members has none', async () => {
    await start();
    expect((await withMembers(undefined)).groups).toEqual([{ displayName: 'DBAs', members: [], nested: 0 }]);
  });

  it.each([
    ['is another one', [], { id: 'other' }],
    ['has another name', [], { displayName: 'Admins' }],
    ['has members that are no list', 'everybody', {}],
    ['has a member that is none', [{ value: 7 }], {}],
  ])('is not believed when the answer %s', async (_, members, more) => {
    await start();
    expect(await failure(withMembers(members, more))).toMatchObject({ code: 'bad-reply' });
  });
});

describe('a directory that cannot be read', () => {
  it('asks to be called less often, and says when', async () => {
    await start();
    const reading = directory.withFault(
      (_request, response) => void response.set('retry-after', '30').status(429).end(),
      read,
    );
    expect(await failure(reading)).toMatchObject({ code: 'rate-limited', retryAfterMs: 30_000 });
  });

  it.each([
    [500, 'unavailable'],
    [401, 'not-permitted'],
    [302, 'redirected'],
    [404, 'refused'],
  ])('answers with HTTP %i', async (status, code) => {
    await start();
    const reading = directory.withFault(
      (_request, response) => void response.status(status).set('location', 'http://evil.invalid/').end(),
      read,
    );
    expect(await failure(reading)).toMatchObject({ code });
  });

  it.each([
    ['is no JSON', '<html>'],
    ['is no list', '{"totalResults": 2}'],
    ['ends before its end', '{"totalResults": 5, "Resources": []}'],
    ['has more than it says', '{"totalResults": 1, "Resources": [{"id":"a"},{"id":"b"}]}'],
    ['has a negative count', '{"totalResults": -1, "Resources": []}'],
  ])('answers with a list that %s', async (_, body) => {
    await start();
    const reading = directory.withFault((_request, response) => void response.type('json').send(body), read);
    expect(await failure(reading)).toMatchObject({ code: 'bad-reply' });
  });

  // NB. whoever slipped to a page that was read already would be missing, and could be somebody who is denied.
  it('changes while it is read', async () => {
    await start();
    const again = { id: 'u1', userName: ANA };
    expect(await failure(withUsers([again], read, 3))).toMatchObject({ code: 'changed-meanwhile' });
    let total = 3;
    const growing = directory.withFault(
      (_request, response) =>
        void response.json({ totalResults: total++, Resources: [{ id: `u${total}`, userName: ANA }] }),
      read,
    );
    expect(await failure(growing)).toMatchObject({ code: 'changed-meanwhile' });
  });

  it('is larger than any company', async () => {
    await start();
    expect(await failure(withUsers([], read, MOST_RESOURCES + 1))).toMatchObject({ code: 'too-many' });
    const huge = { id: 'u1', userName: 'x'.repeat(11 * 1024 * 1024) };
    expect(await failure(withUsers([huge], read))).toMatchObject({ code: 'bad-reply' });
  });

  it('does not answer in time, or is not there', async () => {
    await start();
    const deadline = new AbortController();
    const hanging = directory.withFault(
      () => deadline.abort(),
      () => read([], deadline.signal),
    );
    expect(await failure(hanging)).toMatchObject({ code: 'deadline' });
    const reading = directory.withFault((request) => void request.socket.destroy(), read);
    expect(await failure(reading)).toMatchObject({ code: expect.stringMatching(/^[a-z-]+$/) });
  });
});
