// `@c15t/backend` as its guide sets it up, on node:http. node server.mjs PORT DATABASE, where DATABASE is a URL of PostgreSQL or a file of SQLite.
import { createServer } from 'node:http';
import { c15tInstance } from '@c15t/backend';
import { DB } from '@c15t/backend/db/schema';
import { kyselyAdapter } from '@c15t/backend/db/adapters/kysely';
import { migrator } from '@c15t/backend/db/migrator';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';

const [port, database] = process.argv.slice(2);
const postgresql = database.startsWith('postgres');
let dialect;
if (postgresql) {
  const { default: pg } = await import('pg');
  dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString: database }) });
} else {
  const { default: Database } = await import('better-sqlite3');
  const file = new Database(database);
  file.pragma('journal_mode = WAL');
  file.pragma('synchronous = FULL');
  dialect = new SqliteDialect({ database: file });
}
const adapter = kyselyAdapter({ db: new Kysely({ dialect }), provider: postgresql ? 'postgresql' : 'sqlite' });
const migration = await migrator({ db: DB.client(adapter), schema: 'latest' });
await migration.execute();
const c15t = c15tInstance({ appName: 'bench', basePath: '/', trustedOrigins: ['http://127.0.0.1'], adapter, logger: { level: 'error' } });

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const answer = await c15t.handler(new Request(`http://127.0.0.1:${port}${request.url}`, {
    method: request.method, headers: request.headers, body: parts.length ? Buffer.concat(parts) : undefined,
  }));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}).listen(Number(port), '127.0.0.1');
