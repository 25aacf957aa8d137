import { sql, type Selectable, type Transaction } from 'kysely'
import type { Tables } from './schema.js'

/** Rows of one statement: both databases bound the number of parameters. */
const CHUNK = 500

type Keyed = 'records' | 'pending' | 'details' | 'runs' | 'limits'
/** kysely's types cannot follow a table that is a parameter; the values are checked where `upsert` is called. */
type AnyTables = Record<Keyed, Record<string, unknown>>

/** Inserts rows, in place of those with the same key. Of two with the same key the later one stays. */
export async function upsert<T extends Keyed>(
  db: Transaction<Tables>,
  table: T,
  key: (keyof Tables[T] & string)[],
  values: Selectable<Tables[T]>[],
): Promise<void> {
  const rows: Record<string, unknown>[] = values
  const byKey = new Map(rows.map((row) => [JSON.stringify(key.map((name) => row[name])), row]))
  // In one order, so that two that write the same rows do not wait for each other.
  const last = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  const others = Object.keys(last[0] ?? {}).filter((name) => !key.some((part) => part === name))
  const newer = Object.fromEntries(others.map((name) => [name, sql.ref(`excluded.${name}`)]))
  const open = db as unknown as Transaction<AnyTables>
  for (const some of chunks(last)) {
    const insert = open.insertInto<Keyed>(table).values(some)
    await insert.onConflict((conflict) => conflict.columns(key).doUpdateSet(newer)).execute()
  }
}

/** In parts that one statement can take. */
export function chunks<T>(values: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(values.length / CHUNK) }, (_, i) => values.slice(i * CHUNK, (i + 1) * CHUNK))
}
