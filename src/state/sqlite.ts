import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { Kysely, sql, SqliteDialect, type SqlBool } from 'kysely'
import Database from 'libsql'
import { StateError } from '../core/errors.js'
import type { Clock } from '../core/ports.js'
import { Cache } from './cache.js'
import type { Tables } from './schema.js'
import { SqlStore } from './sql-store.js'

/** How long to wait for another process that writes. */
const BUSY_MS = 10_000

/**
 * State in a file, for any number of processes of one machine. The folder is made for its owner alone (0700), the file
 * too (0600). Throws `StateError` when it cannot be used, or was written by a newer version.
 */
export async function openSqlite(path: string, clock: Pick<Clock, 'now'> = Date): Promise<SqlStore> {
  try {
    const database = openFile(path)
    const dialect = new SqliteDialect({ database: immediately(database) })
    const db = new Kysely<Tables>({ dialect })
    const store = new SqlStore({
      kind: 'sqlite',
      db,
      now: () => sql.val(clock.now()),
      isOneOf: (references) => sql<SqlBool>`reference in (select value from json_each(${JSON.stringify(references)}))`,
      location: path,
      bytes: async (open) => {
        const size = sql<{
          bytes: number
        }>`select page_count * page_size as bytes from pragma_page_count, pragma_page_size`
        return (await size.execute(open)).rows[0]?.bytes ?? null
      },
    })
    return await store.migrated()
  } catch (error) {
    throw StateError.opening(path, error)
  }
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

function openFile(path: string): Database.Database {
  makeFolder(dirname(path))
  // Made before SQLite does it, so that it is never readable by others; its side files take the same permissions.
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  const database = new Database(path, { timeout: BUSY_MS })
  database.pragma('journal_mode = WAL')
  // Safe when a process dies. When the power fails, the last commits may be missing, and their work is done again.
  database.pragma('synchronous = NORMAL')
  return database
}

/**
 * Transactions take the lock for writing at once: one that reads first and then finds another writer would fail, and
 * waiting would not help it. Statements are prepared once: that costs more than most of them do.
 */
function immediately(database: Database.Database) {
  const statements = new Cache<Database.Statement>()
  return {
    close: () => database.close(),
    prepare: (text: string) =>
      statements.get(text, () => database.prepare(text === 'begin' ? 'begin immediate' : text)),
  }
}
