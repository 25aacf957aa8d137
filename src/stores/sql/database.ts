import { createRequire } from 'node:module'
import { CompiledQuery, type Dialect, Kysely } from 'kysely'
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
