import { searchAccesses } from '../../src/policy/index.ts';
import { access, ask, policiesWith } from './support/world.ts';

describe('searching accesses', () => {
  const policies = policiesWith(
    access({ name: 'prod-db-read', title: 'Production database, read' }),
    access({ name: 'prod-db-write', title: 'Production database, write' }),
    access({ name: 'db', title: 'Every database' }),
    access({ name: 'db-admin', title: 'Administrator' }),
    access({ name: 'mongodb', title: 'Documents', requesters: "['group:security']" }),
    access({ name: 'kafka', title: 'Der große Bus' }),
  );
  const found = (query: string, email?: string) => searchAccesses(policies, query, email).map(({ name }) => name);

  it('puts the exact name first, then beginnings, then beginnings of words, then the rest', () => {
    expect(found('db')).toEqual(['db', 'db-admin', 'prod-db-read', 'prod-db-write', 'mongodb']);
  });

  it('looks at titles too, in any letters', () => {
    expect(found('PRODUCTION')).toEqual(['prod-db-read', 'prod-db-write']);
    expect(found('database')).toEqual(['db', 'prod-db-read', 'prod-db-write']);
    expect(found('GROSSE')).toEqual([]);
    expect(found('große')).toEqual(['kafka']);
  });

  it('finds several words in any order', () => {
    expect(found('write prod')).toEqual(['prod-db-write']);
    expect(found('prod db')).toEqual(['prod-db-read', 'prod-db-write']);
  });

  it('finds everything for a blank query and nothing for nonsense', () => {
    expect(found(' ')).toHaveLength(6);
    expect(found('zebra')).toEqual([]);
    expect(found('.*')).toEqual([]);
  });

  it('shows a person only what they may ask for', () => {
    expect(found('mongodb', 'ana@example.com')).toEqual([]);
    expect(found('', 'dee@example.com')).toEqual(['mongodb']);
    expect(found('', 'zoe@example.com')).toEqual([]);
  });
});

describe('ten thousand accesses', () => {
  const policies = policiesWith(
    ...Array.from({ length: 10_000 }, (_, n) =>
      access({ name: `service-${n}-read`, title: `Service number ${n}, read only`, deny: "['group:contractors']" }),
    ),
  );

  // How fast is for `npm run bench -- search` to say: a test that measures time fails with the machine, not with the code.
  it('are searched by number, and a typo in one of them is told', () => {
    expect(searchAccesses(policies, 'number 77', 'ana@example.com')).toHaveLength(111);
    expect(ask(policies, { email: 'ana@example.com', access: 'service-1234-raed' })).toMatchObject({
      refusal: { sentence: expect.stringContaining('service-1234-read') },
    });
  });
});
