import { createRequire } from 'node:module'
import { CompiledQuery, type Dialect, type Expression, Kysely, type SqlBool, type Transaction } from 'kysely'
import type { SqlPort } from '../../core/ports/schedule.js'
import type { Persistence } from './persistence.js'
import type { Tables } from './schema.js'

/** A database whose transactions begin with `begin`. A rollback that fails does not hide why it was needed. */
export function openDatabase(dialect: Dialect, begin: string): Kysely<Tables> {
  const opened: Dialect = {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver() {
      const driver = dialect.createDriver()
      const rollback = driver.rollbackTransaction.bind(driver)
      driver.beginTransaction = async (connection) => {
        await connection.executeQuery(CompiledQuery.raw(begin))
      }
      driver.rollbackTransaction = (connection) => rollback(connection).catch(() => undefined)
      return driver
    },
  }
  return new Kysely<Tables>({ dialect: opened })
}

/**
 * A package in CommonJS. Imported, one that fails to load ends the process although the failure is caught: Node 20 lets a
 * second promise of its own fail.
 */
export const required = createRequire(import.meta.url)

/** What a database brings besides SQL. */
export interface SqlDatabase {
  kind: string
  db: Kysely<Tables>
  /** The time now, epoch milliseconds, as the database is to take it: its own, where several machines share it. */
  now(): Expression<number>
  /** Whether a column is one of these: one parameter however many there are, so the statement stays the same. */
  isOneOf: (values: string[], column?: string) => Expression<SqlBool>
  /** A text column compared byte by byte, whatever the language of the database. */
  byBytes: (column: string) => Expression<string>
  location: string
  persistence: Persistence
  bytes(db: Kysely<Tables>): Promise<number | null>
  /** See `SchedulingStore`. */
  openDatabase: (() => SqlPort & { close(): Promise<void> }) | null
}

/** Does all of the work or none of it, and again while what kept it from being done may pass: twice must be as good as once. */
export function inTransaction<T>(
  { db, persistence }: SqlDatabase,
  work: (db: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  return persistence.through(() => db.transaction().execute(work))
}
