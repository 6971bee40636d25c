import type { Target } from '../../../src/app/ports/provider.ts';
import { provider } from '../../../src/providers/scim-group/index.ts';
import { failure, settings } from '../../contract/provider-contract.ts';
import {
  answer,
  type Fault,
  type FaultyDirectory,
  on,
  operationOf,
  refuseFilterPath,
  rewrite,
  startFaultyDirectory,
} from '../../support/scim-directory.ts';

const ANA = 'ana@example.com';
const BEN = 'ben@example.com';
const CY = 'cy@example.com';

describe('a SCIM directory with its own way of changing members', () => {
  let directory: FaultyDirectory;
  let target: Target;
  const call = (account = ANA) => ({
    permission: { group: 'engineering' },
    account,
    signal: new AbortController().signal,
  });
  const members = () => directory.groups()[0]?.members.toSorted();
  const changes = () =>
    directory.requests.filter((request) => !request.startsWith('GET')).map((line) => line.split(' ')[0]);

  beforeEach(async () => {
    directory = await startFaultyDirectory({ users: [ANA, BEN, CY], groups: { engineering: [BEN, CY] } });
    target = provider.open(settings(provider, { url: directory.url, token: directory.token }), 'directory');
  });
  afterEach(async () => {
    await target.close();
    await directory.stop();
  });

  it('that is like the standard needs one PATCH each', async () => {
    await target.provision(call());
    expect(members()).toEqual([ANA, BEN, CY]);
    await target.revoke(call());
    expect(members()).toEqual([BEN, CY]);
    expect(changes()).toEqual(['PATCH', 'PATCH']);
  });

  it.each([
    [400, 'invalidPath'],
    [400, 'invalidFilter'],
    [501, undefined],
  ])('that refuses a filter in the path with %i %s is asked by value', async (status, scimType) => {
    await target.provision(call());
    await directory.withFault(refuseFilterPath(status, scimType), () => target.revoke(call()));
    expect(members()).toEqual([BEN, CY]);
    expect(changes()).toEqual(['PATCH', 'PATCH', 'PATCH']);
  });

  it('that has no PATCH gets the whole group back, on the condition that it is unchanged', async () => {
    await directory.withFault(on(['PATCH'], answer(501)), async () => {
      await target.provision(call());
      expect(members()).toEqual([ANA, BEN, CY]);
      await target.revoke(call());
      expect(members()).toEqual([BEN, CY]);
    });
    expect(changes()).toEqual(['PATCH', 'PUT', 'PATCH', 'PATCH', 'PUT']);
  });

  it('that has no PATCH and changes in between is tried again, and the other change stays', async () => {
    const meanwhile: Fault = (request, response, pass) => {
      if (request.method === 'PATCH') return answer(501)(request, response, pass);
      if (request.method === 'PUT') directory.setMember('engineering', BEN, false);
      pass();
    };
    const error = await directory.withFault(meanwhile, () => failure(target.provision(call())));
    expect(error).toMatchObject({ kind: 'retry', code: 'changed-meanwhile' });
    expect(members()).toEqual([CY]);
  });

  it('that has no PATCH and no entity tags is given up: changes could undo each other', async () => {
    await target.provision(call());
    const fault: Fault = (request, response, pass) => {
      if (request.method === 'PATCH') return answer(501)(request, response, pass);
      rewrite((body) => {
        response.removeHeader('etag');
        return body;
      })(request, response, pass);
    };
    const error = await directory.withFault(fault, () => failure(target.revoke(call())));
    expect(error).toMatchObject({ kind: 'give-up', code: 'refused' });
    expect(members()).toEqual([ANA, BEN, CY]);
    expect(changes()).not.toContain('PUT');
  });

  it('that refuses to add who is in already has nothing to add', async () => {
    for (const status of [400, 409]) {
      const fault = on(['PATCH'], answer(status, {}, 'uniqueness'));
      await directory.withFault(fault, () => target.provision(call(BEN)));
    }
    expect(members()).toEqual([BEN, CY]);
  });

  it('that refuses to remove who is not in has nothing to remove', async () => {
    for (const status of [400, 404, 409]) {
      const fault = on(['PATCH'], answer(status, {}, 'noTarget'));
      await directory.withFault(fault, () => target.revoke(call()));
    }
    expect(members()).toEqual([BEN, CY]);
  });

  it('that refuses the change itself is given up, with its reason', async () => {
    const fault = on(['PATCH', 'PUT'], answer(400, {}, 'mutability'));
    const given = await directory.withFault(fault, () => failure(target.provision(call())));
    expect(given).toMatchObject({ kind: 'give-up', code: 'refused' });
    expect(given.message).toContain('400 mutability');
    const taken = await directory.withFault(fault, () => failure(target.revoke(call(BEN))));
    expect(taken).toMatchObject({ kind: 'give-up', code: 'refused' });
    expect(members()).toEqual([BEN, CY]);
  });

  it('that empties the group when asked by value raises the alarm', async () => {
    const fault: Fault = (request, response, pass) => {
      const operation = operationOf(request);
      if (operation?.op === 'remove' && operation.path === 'members') operation.value = undefined;
      refuseFilterPath()(request, response, pass);
    };
    const error = await directory.withFault(fault, () => failure(target.revoke(call(BEN))));
    expect(error).toMatchObject({ kind: 'give-up', code: 'group-emptied' });
    expect(error.message).toContain('all 2 members');
  });

  describe('that does not show the members of a group', () => {
    const hidden = rewrite((body) => {
      const { members: _members, ...rest } = body;
      return rest;
    });

    it('is asked for the groups of the user', async () => {
      await directory.withFault(hidden, async () => {
        expect(await target.inspect(call())).toBe('absent');
        await target.provision(call());
        expect(await target.inspect(call())).toBe('present');
        await target.revoke(call());
        expect(await target.inspect(call())).toBe('absent');
      });
      expect(members()).toEqual([BEN, CY]);
    });

    it('never gets a group back without the members it did not show', async () => {
      const fault: Fault = (request, response, pass) =>
        request.method === 'PATCH' ? answer(501)(request, response, pass) : hidden(request, response, pass);
      await directory.withFault(fault, async () => {
        expect(await failure(target.provision(call()))).toMatchObject({ kind: 'give-up', code: 'refused' });
        expect(await failure(target.revoke(call(BEN)))).toMatchObject({ kind: 'give-up', code: 'refused' });
      });
      expect(members()).toEqual([BEN, CY]);
    });
  });

  it('whose group goes away in the middle has nothing left to take, and nothing to give', async () => {
    const vanish = on(['PATCH'], (_request, _response, pass) => {
      directory.removeGroup('engineering');
      pass();
    });
    await directory.withFault(vanish, () => target.revoke(call(BEN)));
    directory.addGroup('engineering');
    const error = await directory.withFault(vanish, () => failure(target.provision(call())));
    expect(error).toMatchObject({ kind: 'retry', code: 'changed-meanwhile' });
  });
});
