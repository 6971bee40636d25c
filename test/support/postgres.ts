/** The PostgreSQL server of the tests; `postgres-server.js` beside it says how it is started, for the benchmarks too. */
export { type PostgresServer, postgresMajor, startPostgres } from './postgres-server.js';
