/**
 * A process of its own that ends while its SQLite thread is at work: `fork(exiting-child.js, [url, how])`.
 * `exit`: by `process.exit(3)`. `throw`: by an error that nobody catches.
 */
import { register } from 'node:module';

register('./ts-hooks.js', import.meta.url);
const { SqliteThread } = await import('../../src/store/sqlite-client.ts');

const [url = '', how] = process.argv.slice(2);
const client = await new SqliteThread().connect({ url, concurrency: 1, timeout: 1000 });
await client.executeMultiple('PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)');
const LONG = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000000) SELECT count(*) FROM c';
for (const statement of [LONG, LONG, 'INSERT INTO t VALUES (2)']) client.execute(statement).catch(() => {});
setTimeout(() => {
  if (how === 'throw') throw new Error('a bug');
  process.exit(3);
}, 50);
