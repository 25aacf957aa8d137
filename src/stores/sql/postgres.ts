import { type Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql, type SqlBool } from 'kysely'
import type Pg from 'pg'
import { StateError } from '../../core/errors.js'
import type { Clock } from '../../core/ports/clock.js'
import { passing } from './database-errors.js'
import { openDatabase, required } from './database.js'
import { Persistence } from './persistence.js'
import { readAddress } from './postgres-address.js'
import type { Tables } from './schema.js'
import { SqlStore } from './store.js'

const SCHEMA = 'hrflow_connectors'

/** Of the lock that keeps two processes from migrating at once: any number that nobody else uses. */
const MIGRATION_LOCK = 4_711_202_611

/**
 * Whatever the role's defaults are, transactions see what others have committed: conditions are written for that. A process
 * that is put to sleep in one must not keep its locks from the one that takes over. Said in the transaction, as a pooler may
 * give the next one another connection.
 */
const BEGIN = `begin isolation level read committed read write; set local idle_in_transaction_session_timeout = '20s'`

/**
 * State in PostgreSQL, for any number of machines: in the schema `hrflow_connectors` of the database, which is made when
 * it is not there. Time is the database's. Throws `StateError` when it cannot be used, or was written by a newer version.
 */
export async function openPostgres(address: string, clock?: Pick<Clock, 'now'>): Promise<SqlStore> {
  const { url, location, secrets } = readAddress(address)
  const persistence = new Persistence({ kind: 'postgres', location, secrets })
  return persistence.through(
    async () => {
      const dialect = new PostgresDialect({ pool: careful(openPool(url)) })
      const store = new SqlStore({
        kind: 'postgres',
        db: openDatabase(dialect, BEGIN).withSchema(SCHEMA),
        now: () =>
          clock
            ? sql<number>`${clock.now()}::bigint`
            : sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
        // Not a list to join: without statistics PostgreSQL would read the whole table for it.
        isOneOf: (values, column = 'reference') => sql<SqlBool>`${sql.ref(column)} = any(${values}::text[])`,
        byBytes: (column) => sql<string>`${sql.ref(column)} collate "C"`,
        location,
        persistence,
        bytes: async (open) => {
          const size = sql<{ bytes: number }>`select sum(pg_total_relation_size(c.oid))::bigint as bytes
            from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ${SCHEMA} and c.relkind = 'r'`
          return (await size.execute(open)).rows[0]?.bytes ?? null
        },
        openDatabase: () => {
          const pool = openPool(url, 4)
          return {
            executeSql: (text, values) => pool.query<Record<string, unknown>>(text, values),
            close: () => pool.end(),
          }
        },
      })
      return store.migrated(makeSchema)
    },
    { opening: true },
  )
}

/** Whether a database holds state already. Throws `StateError` as opening it does. */
export async function hasState(address: string): Promise<boolean> {
  const { url, location, secrets } = readAddress(address)
  const ask = async () => {
    const pool = openPool(url)
    try {
      const found = await pool.query<{ there: boolean }>(`select to_regclass('${SCHEMA}.meta') is not null as there`)
      return found.rows[0]?.there === true
    } finally {
      await pool.end()
    }
  }
  return new Persistence({ kind: 'postgres', location, secrets }).through(ask, { opening: true })
}

function openPool(url: string, max = 5): Pg.Pool {
  const pg = loadDriver()
  const types = new pg.TypeOverrides()
  // Counts and milliseconds fit a number; the driver gives 64-bit integers as text.
  types.setTypeParser(pg.types.builtins.INT8, Number)
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'hrflow-connectors',
    max,
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
    keepAlive: true,
    // Idle connections do not keep the process alive.
    allowExitOnIdle: true,
    types,
  })
  // A connection that breaks fails its query, or is replaced by the pool; without listeners it would end the process.
  return pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined))
}

function loadDriver(): typeof Pg {
  try {
    return required('pg') as typeof Pg
  } catch {
    throw new StateError('no_pg', 'State in PostgreSQL needs the package pg.', {
      hint: 'npm install pg, beside this package.',
    })
  }
}

/** A pool that gives no connection out again on which a statement broke or was left waiting. */
function careful(pool: Pg.Pool): PostgresPool {
  return {
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      let broken = false
      const query = async (text: string, values: unknown[]) => {
        try {
          return await client.query(text, values)
        } catch (error) {
          broken ||= passing('postgres', error) === 'away'
          throw error
        }
      }
      // Asked for cursors too, which nothing here reads with.
      return { query, release: () => client.release(broken) } as unknown as PostgresPoolClient
    },
  }
}

/** Under a lock, so that of several processes one does it. */
async function makeSchema(db: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(db)
  // A role that may only use the schema must not be asked to make it.
  const known = await sql`select 1 from pg_namespace where nspname = ${SCHEMA}`.execute(db)
  if (known.rows.length === 0) await db.schema.createSchema(SCHEMA).execute()
}
