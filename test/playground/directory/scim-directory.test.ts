import { type ScimDirectory, startScimDirectory } from '../../../src/playground/directory/scim-directory.ts';

const ANA = 'ana@example.com';
const BEN = 'ben@example.com';

describe('the SCIM directory of the playground', () => {
  let directory: ScimDirectory;

  beforeEach(async () => {
    directory = await startScimDirectory({
      token: 'let-me-in',
      users: [ANA, BEN],
      groups: { engineering: [ANA], 'q"uote\\': [] },
    });
  });
  afterEach(() => directory.stop());

  const send = (path: string, init: RequestInit = {}) =>
    fetch(directory.url + path, {
      ...init,
      headers: { authorization: 'Bearer let-me-in', 'content-type': 'application/scim+json', ...init.headers },
    });
  const list = async (path: string) => (await (await send(path)).json()) as { Resources: { id: string }[] };
  const engineering = async () => (await list('/Groups?filter=displayName eq "engineering"')).Resources[0]?.id;

  it('listens on this machine only, and asks for the token', async () => {
    expect(directory.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/scim\/v2$/);
    for (const authorization of ['', 'Bearer let-me-out', 'Bearer let-me-i']) {
      expect((await send('/Groups', { headers: { authorization } })).status).toBe(401);
    }
  });

  it('finds by name, in any case and with any character', async () => {
    const found = async (filter: string) =>
      (await list(`/Groups?filter=${encodeURIComponent(filter)}`)).Resources.map((group) => group);
    expect(await found('displayName eq "ENGINEERING"')).toMatchObject([{ displayName: 'engineering' }]);
    expect(await found(`displayName eq ${JSON.stringify('q"uote\\')}`)).toMatchObject([{ displayName: 'q"uote\\' }]);
    expect(await found('displayName sw "eng"')).toMatchObject([{ displayName: 'engineering' }]);
    expect(await found('displayName eq "nobody"')).toEqual([]);
  });

  it('shows who is in which group, from both sides', async () => {
    const group = await (await send(`/Groups/${await engineering()}`)).json();
    expect(group).toMatchObject({ displayName: 'engineering', members: [{ display: ANA, type: 'User' }] });
    const users = await list(`/Users?filter=userName eq "${ANA}"`);
    expect(users.Resources).toMatchObject([{ userName: ANA, groups: [{ display: 'engineering' }] }]);
  });

  it('tells its listeners of a change, made over SCIM or not, and of nothing else', async () => {
    let changes = 0;
    const stop = directory.onChange(() => changes++);
    directory.setMember('engineering', BEN, true);
    directory.setMember('engineering', BEN, true);
    expect(changes).toBe(1);
    const ben = (await list(`/Users?filter=userName eq "${BEN}"`)).Resources[0]?.id;
    const remove = { op: 'remove', path: `members[value eq "${ben}"]` };
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [remove] };
    const reply = await send(`/Groups/${await engineering()}`, { method: 'PATCH', body: JSON.stringify(body) });
    expect(reply.ok).toBe(true);
    expect(changes).toBe(2);
    expect(directory.groups()[0]).toEqual({ name: 'engineering', members: [ANA] });
    stop();
    directory.setMember('engineering', BEN, true);
    expect(changes).toBe(2);
  });

  it('takes one of two writes that were made of the same version', async () => {
    const id = await engineering();
    const read = await send(`/Groups/${id}`);
    const group = (await read.json()) as { members: unknown[] };
    const [ben] = (await list(`/Users?filter=userName eq "${BEN}"`)).Resources;
    const put = (members: unknown[]) =>
      send(`/Groups/${id}`, {
        method: 'PUT',
        headers: { 'if-match': read.headers.get('etag') ?? '' },
        body: JSON.stringify({ ...group, members }),
      });
    const replies = await Promise.all([put([]), put([...group.members, { value: ben?.id }])]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it('refuses members it does not know, another name, and new groups', async () => {
    const id = await engineering();
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
    const status = async (path: string, method: string, body: object) =>
      (await send(path, { method, body: JSON.stringify({ schemas, ...body }) })).status;
    expect(await status(`/Groups/${id}`, 'PUT', { displayName: 'engineering', members: [{ value: 'x' }] })).toBe(400);
    expect(await status(`/Groups/${id}`, 'PUT', { displayName: 'other' })).toBe(400);
    expect(await status('/Groups', 'POST', { displayName: 'new' })).toBe(501);
    expect(await status('/Users', 'POST', { userName: 'new@example.com' })).toBeGreaterThanOrEqual(400);
    expect(directory.groups()[0]).toEqual({ name: 'engineering', members: [ANA] });
  });

  it('lives beside another one in the same process', async () => {
    const other = await startScimDirectory({ token: 'other', users: [BEN], groups: { engineering: [BEN] } });
    other.setMember('engineering', BEN, false);
    const reply = await fetch(`${other.url}/Users`, { headers: { authorization: 'Bearer other' } });
    expect(await reply.json()).toMatchObject({ totalResults: 1 });
    expect((await list('/Users')).Resources).toHaveLength(2);
    expect(directory.groups()[0]?.members).toEqual([ANA]);
    await other.stop();
  });

  it('says what is wrong with a member, a group or a port', async () => {
    expect(() => directory.setMember('nowhere', ANA, true)).toThrow('There is no group nowhere');
    expect(() => directory.setMember('engineering', 'x@example.com', true)).toThrow('There is no user x@example.com');
    const port = Number(new URL(directory.url).port);
    await expect(startScimDirectory({ token: 't', users: [], groups: {}, port })).rejects.toThrow('EADDRINUSE');
  });
});
