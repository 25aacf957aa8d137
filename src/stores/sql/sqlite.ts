import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { sql, type SqlBool, SqliteDialect } from 'kysely'
import type Libsql from 'libsql'
import { StateError } from '../../core/errors.js'
import type { Clock } from '../../core/ports/clock.js'
import { Cache } from './cache.js'
import { openDatabase, required } from './database.js'
import { Persistence } from './persistence.js'
import { SqlStore } from './store.js'

/** How long to wait for another process that writes. */
const BUSY_MS = 10_000

type Database = Libsql.Database

/**
 * State in a file, for any number of processes of one machine. A folder that must be made is for its owner alone (0700), a
 * file too (0600). Throws `StateError` when it cannot be used, or was written by a newer version.
 */
export async function openSqlite(path: string, clock: Pick<Clock, 'now'> = Date): Promise<SqlStore> {
  const location = resolve(path)
  const persistence = new Persistence({ kind: 'sqlite', location, secrets: [] })
  return persistence.through(
    async () => {
      const dialect = new SqliteDialect({ database: prepared(openFile(location)) })
      const store = new SqlStore({
        kind: 'sqlite',
        // The lock for writing is taken at once: one that reads first and then finds another writer would fail, and
        // waiting would not help it.
        db: openDatabase(dialect, 'begin immediate'),
        now: () => sql.val(clock.now()),
        isOneOf: (values, column = 'reference') =>
          sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`,
        byBytes: (column) => sql<string>`${sql.ref(column)}`,
        location,
        persistence,
        openDatabase: null,
        bytes: async (open) => {
          const size = sql<{
            bytes: number
          }>`select page_count * page_size as bytes from pragma_page_count, pragma_page_size`
          return (await size.execute(open)).rows[0]?.bytes ?? null
        },
      })
      return store.migrated()
    },
    { opening: true },
  )
}

/** Node's own recursive mkdir never returns where the system says that a folder below an existing one cannot exist. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process was faster.
    if (!existsSync(path)) throw error
  }
}

function openFile(path: string): Database {
  const Driver = loadDriver()
  makeFolder(dirname(path))
  // Made before SQLite does it, so that it is never readable by others; its side files take the same permissions. What is
  // there already keeps its own: a mounted volume may belong to somebody else.
  closeSync(openSync(path, 'a', 0o600))
  const database = new Driver(path, { timeout: BUSY_MS })
  database.pragma('journal_mode = WAL')
  // Safe when a process dies. When the power fails, the last commits may be missing, and their work is done again.
  database.pragma('synchronous = NORMAL')
  return database
}

function loadDriver(): typeof Libsql {
  try {
    return required('libsql') as typeof Libsql
  } catch {
    throw new StateError('no_sqlite', 'State in SQLite needs the package libsql with its part for this machine.', {
      hint: 'Install again without --omit=optional, or keep state in PostgreSQL.',
    })
  }
}

/** Statements are prepared once: that costs more than most of them do. */
function prepared(database: Database) {
  const statements = new Cache<Libsql.Statement>()
  return {
    close: () => database.close(),
    prepare: (text: string) => statements.get(text, () => database.prepare(text)),
  }
}
