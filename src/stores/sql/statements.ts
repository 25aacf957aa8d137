import {
  type Compilable,
  CompiledQuery,
  type Expression,
  type Kysely,
  type QueryResult,
  type Selectable,
  sql,
  type SqlBool,
} from 'kysely'
import { Cache } from './cache.js'
import type { Tables } from './schema.js'

/** Rows of one statement: both databases bound the number of parameters. */
const CHUNK = 500

type Keyed = 'records' | 'leavings' | 'pending' | 'details' | 'runs' | 'limits'

/** kysely's types cannot follow a table that is a parameter; the values are checked where `upsert` is called. */
type AnyTables = Record<Keyed, Record<string, unknown>>

/** What a run writes again and again. Built once: that takes kysely longer than the database takes to run it. */
export class Statements {
  /** SQL by what it is for. */
  readonly #built = new Cache<string>()

  /**
   * Counts one more in a slot of an account's budget. False: there are as many as `cap` already, or the account is `held`,
   * a condition on its hold.
   */
  async takeSlot(
    db: Kysely<Tables>,
    { account, slot, cap, held }: { account: string; slot: number; cap: number; held?: Expression<SqlBool> },
  ): Promise<boolean> {
    const now = held === undefined ? [] : sql`${held}`.compile(db).parameters
    const parameters = [account, slot, account, ...now, cap]
    const { numAffectedRows } = await this.#run(db, held === undefined ? 'slot' : 'free slot', parameters, () => {
      const hold = db.selectFrom('holds').select('account').where('account', '=', account)
      const counts = held === undefined ? hold.where(sql<SqlBool>`1 = 0`) : hold.where(held)
      const row = db.selectNoFrom([
        sql<string>`cast(${account} as text)`.as('account'),
        sql<number>`cast(${slot} as bigint)`.as('slot'),
        sql<number>`1`.as('used'),
      ])
      return db
        .insertInto('budgets')
        .columns(['account', 'slot', 'used'])
        .expression(row.where((where) => where.not(where.exists(counts))))
        .onConflict((conflict) =>
          conflict
            .columns(['account', 'slot'])
            .doUpdateSet({ used: sql<number>`budgets.used + 1` })
            .where('budgets.used', '<', cap),
        )
    })
    return numAffectedRows === 1n
  }

  /** Inserts rows, in place of those with the same key. Of two with the same key the later one stays. */
  async upsert<T extends Keyed>(
    db: Kysely<Tables>,
    table: T,
    key: (keyof Tables[T] & string)[],
    values: Selectable<Tables[T]>[],
  ): Promise<void> {
    const rows: Record<string, unknown>[] = values
    const byKey = new Map(rows.map((row) => [JSON.stringify(key.map((name) => row[name])), row]))
    // In one order, so that two that write the same rows do not wait for each other.
    const last = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
    const columns = [...new Set(last.flatMap((row) => Object.keys(row)))]
    for (const some of chunks(last)) {
      const parameters = some.flatMap((row) => columns.map((name) => row[name] ?? null))
      await this.#run(db, `${table} ${some.length} ${columns.join()}`, parameters, () =>
        upsertOf(db, table, { key, columns, count: some.length }),
      )
    }
  }

  #run(
    db: Kysely<Tables>,
    name: string,
    parameters: unknown[],
    build: () => Compilable,
  ): Promise<QueryResult<unknown>> {
    const text = this.#built.get(name, () => build().compile().sql)
    return db.executeQuery(CompiledQuery.raw(text, parameters))
  }
}

/** With a place for each column of each row, also where a row has nothing. */
function upsertOf(
  db: Kysely<Tables>,
  table: Keyed,
  { key, columns, count }: { key: string[]; columns: string[]; count: number },
): Compilable {
  const blank = Object.fromEntries(columns.map((name) => [name, null]))
  const others = columns.filter((name) => !key.includes(name))
  const newer = Object.fromEntries(others.map((name) => [name, sql.ref(`excluded.${name}`)]))
  return (db as unknown as Kysely<AnyTables>)
    .insertInto<Keyed>(table)
    .values(Array.from({ length: count }, () => blank))
    .onConflict((conflict) => conflict.columns(key).doUpdateSet(newer))
}

/** In parts that one statement can take. */
export function chunks<T>(values: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(values.length / CHUNK) }, (_, i) => values.slice(i * CHUNK, (i + 1) * CHUNK))
}
