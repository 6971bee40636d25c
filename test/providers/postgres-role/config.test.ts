import pg from 'pg';
import { provider } from '../../../src/providers/postgres-role/index.ts';

describe('the cluster that an address points at', () => {
  const identity = (url: string) => provider.identity({ url, end_sessions: false });

  it.each([
    ['postgresql://latchkey:hunter2@db.example.com:5433/app', 'postgresql://db.example.com:5433'],
    ['postgresql://db.example.com/app', 'postgresql://db.example.com:5432'],
    ['postgres://other@DB.Example.com/', 'postgresql://db.example.com:5432'],
    ['postgresql://[2001:DB8::1]:6000/app', 'postgresql://[2001:db8::1]:6000'],
    ['postgresql:///app?host=2001:DB8::1&port=6000', 'postgresql://[2001:db8::1]:6000'],
    ['postgresql:///app', 'postgresql://localhost:5432'],
    ['postgresql://%2Fvar%2Frun%2FPG/app', 'postgresql:///var/run/PG:5432'],
    ['postgresql://db.example.com/app?host=Other.example.com&port=6000', 'postgresql://other.example.com:6000'],
    ['postgresql://db.example.com/app?host=a&host=b', 'postgresql://b:5432'],
  ])('%s: %s, which is where the driver goes', (url, system) => {
    expect(identity(url)).toBe(system);
    const { host, port } = new pg.Client({ connectionString: url });
    expect(`postgresql://${host}:${port}`.toLowerCase()).toBe(system.replaceAll(/[[\]]/g, '').toLowerCase());
  });

  it('has a name even where no host can be called so', () => {
    expect(identity('postgresql://100%.example.com/app')).toMatch(/^postgresql:/);
  });
});
