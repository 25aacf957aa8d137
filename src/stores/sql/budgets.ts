import { type Expression, type Kysely, sql, type SqlBool } from 'kysely'
import { ConnectorError } from '../../core/errors.js'
import type { BudgetRequest } from '../../core/ports/store.js'
import { KEPT_SLOTS, LONGEST_HOLD_MS } from '../retention.js'
import type { Tables } from './schema.js'
import type { Statements } from './statements.js'
import { inTransaction, type SqlDatabase } from './database.js'

/** Whose requests are counted in which slot, and which accounts are held: one for all processes of the database. */
export class Budgets {
  readonly #database: SqlDatabase
  readonly #statements: Statements
  /** By account: the slot for which old ones were last dropped. */
  readonly #droppedAt = new Map<string, number>()

  constructor(database: SqlDatabase, statements: Statements) {
    this.#database = database
    this.#statements = statements
  }

  async take({ account, slots, cap }: BudgetRequest): Promise<boolean> {
    if (cap < 1) return false
    const most = Math.min(cap, 2 ** 31 - 1)
    // In one order, so that two that take the same slots do not wait for each other.
    const ordered = [...slots].sort((a, b) => a - b)
    const [first = 0, last = 0] = [ordered[0], ordered.at(-1)]
    await this.#dropOldSlots(account, first, last)
    // One statement is one transaction by itself.
    const take = (db: Kysely<Tables>, slot: number) =>
      this.#statements.takeSlot(db, { account, slot, cap: most, ...(cap === Infinity ? {} : { held: this.#held() }) })
    if (ordered.length === 1) return this.#through(() => take(this.#database.db, first))
    try {
      await inTransaction(this.#database, async (db) => {
        for (const slot of ordered) if (!(await take(db, slot))) throw new SlotFull()
      })
      return true
    } catch (error) {
      if (error instanceof SlotFull) return false
      throw error
    }
  }

  /** Slots rise with time, and far ones are of no use: of the past, or of a clock that was wrong. */
  async #dropOldSlots(account: string, first: number, last: number): Promise<void> {
    if (this.#droppedAt.get(account) === first) return
    this.#droppedAt.set(account, first)
    const old = this.#database.db
      .deleteFrom('budgets')
      .where('account', '=', account)
      .where((where) => where.or([where('slot', '<', first - KEPT_SLOTS), where('slot', '>', last + KEPT_SLOTS)]))
    await this.#through(() => old.execute())
  }

  /** Whether a hold counts now. */
  #held(): Expression<SqlBool> {
    const now = this.#database.now()
    return sql<SqlBool>`held_until > ${now} and held_until <= ${now} + ${sql.lit(LONGEST_HOLD_MS)}`
  }

  async hold(account: string, ms: number): Promise<void> {
    const held_until = sql<number>`${this.#database.now()} + ${sql.lit(Math.ceil(ms))}`
    const hold = this.#database.db
      .insertInto('holds')
      .values({ account, held_until })
      .onConflict((conflict) =>
        conflict
          .column('account')
          .doUpdateSet({ held_until: sql`excluded.held_until` })
          .where((where) =>
            where.or([
              where('holds.held_until', '<', sql<number>`excluded.held_until`),
              where('holds.held_until', '>', sql<number>`${this.#database.now()} + ${sql.lit(LONGEST_HOLD_MS)}`),
            ]),
          ),
      )
    await this.#through(() => hold.execute())
  }

  async holdOf(account: string): Promise<number> {
    const asked = this.#database.db
      .selectFrom('holds')
      .select(sql<number>`held_until - ${this.#database.now()}`.as('left'))
      .where('account', '=', account)
      .where(this.#held())
    return (await this.#through(() => asked.executeTakeFirst()))?.left ?? 0
  }

  async limitOf(account: string): Promise<number | null> {
    const asked = this.#database.db.selectFrom('limits').select('allowed').where('account', '=', account)
    return (await this.#through(() => asked.executeTakeFirst()))?.allowed ?? null
  }

  async saveLimit(account: string, allowed: number): Promise<void> {
    await inTransaction(this.#database, (db) =>
      this.#statements.upsert(db, 'limits', ['account'], [{ account, allowed }]),
    )
  }

  #through<T>(work: () => Promise<T>): Promise<T> {
    return this.#database.persistence.through(work)
  }
}

class SlotFull extends ConnectorError {
  constructor() {
    super('slot_full', 'A slot is full.')
  }
}
