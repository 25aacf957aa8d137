import { Kysely, PostgresDialect, sql, type SqlBool } from 'kysely'
import pg from 'pg'
import { StateError } from '../core/errors.js'
import type { Clock } from '../core/ports.js'
import type { Tables } from './schema.js'
import { SqlStore } from './sql-store.js'

const SCHEMA = 'hrflow_connectors'
/** Of the lock that keeps two processes from migrating at once: any number that nobody else uses. */
const MIGRATION_LOCK = 4_711_202_611

/**
 * State in PostgreSQL, for any number of machines: in the schema `hrflow_connectors` of the database, which is made when
 * it is not there. Time is the database's. Throws `StateError` when it cannot be used, or was written by a newer version.
 */
export async function openPostgres(url: string, clock?: Pick<Clock, 'now'>): Promise<SqlStore> {
  const location = locationOf(url)
  try {
    const pool = new pg.Pool({
      connectionString: url,
      application_name: 'hrflow-connectors',
      max: 5,
      connectionTimeoutMillis: 10_000,
      query_timeout: 30_000,
      // A process that is put to sleep in a transaction must not keep its locks from the one that takes over.
      idle_in_transaction_session_timeout: 20_000,
      keepAlive: true,
      // Idle connections do not keep the process alive.
      allowExitOnIdle: true,
      types,
    })
    // A connection that breaks fails its query, or is replaced by the pool; without listeners it would end the process.
    pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined))
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema(SCHEMA)
    const store = new SqlStore({
      kind: 'postgres',
      db,
      now: () =>
        clock
          ? sql<number>`${clock.now()}::bigint`
          : sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
      // Not a list to join: without statistics PostgreSQL would read the whole table for it.
      isOneOf: (references) => sql<SqlBool>`reference = any(${references}::text[])`,
      location,
      bytes: async (open) => {
        const size = sql<{ bytes: number }>`select sum(pg_total_relation_size(c.oid))::bigint as bytes
          from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ${SCHEMA} and c.relkind = 'r'`
        return (await size.execute(open)).rows[0]?.bytes ?? null
      },
    })
    return await store.migrated(makeSchema)
  } catch (error) {
    throw StateError.opening(location, error)
  }
}

/** Under a lock, so that of several processes one does it. */
async function makeSchema(db: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(db)
  // A role that may only use the schema must not be asked to make it.
  const known = await sql`select 1 from pg_namespace where nspname = ${SCHEMA}`.execute(db)
  if (known.rows.length === 0) await db.schema.createSchema(SCHEMA).execute()
}

/** Counts and milliseconds fit a number; the driver gives 64-bit integers as text. */
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

/** Without user, password and options. */
function locationOf(url: string): string {
  if (!URL.canParse(url))
    throw new StateError('bad_state_location', 'The address of the PostgreSQL state cannot be read.')
  const { hostname, port, pathname } = new URL(url)
  return `postgres://${hostname}${port === '' ? '' : `:${port}`}${pathname}`
}
