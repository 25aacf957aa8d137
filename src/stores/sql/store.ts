import { type Expression, type Kysely, sql, type SqlBool, type Transaction } from 'kysely'
import { recordsOf } from './records.js'
import { ConnectorError, LeaseLostError } from '../../core/errors.js'
import type {
  BudgetRequest,
  CachedDetail,
  DeliveryRecord,
  HeldCounts,
  Holder,
  Lease,
  LeaseHolder,
  Leaving,
  PendingEntry,
  RunCommit,
  RunRecord,
  Store,
  StoreSummary,
  WorkflowRecord,
} from '../../core/ports/store.js'
import type { ItemFailure } from '../../core/result/result.js'
import {
  DETAIL_LIFETIME_MS,
  KEPT_SLOTS,
  LONGEST_HOLD_MS,
  LONGEST_LEASE_MS,
  RUN_LIFETIME_MS,
  RUNS_KEPT,
} from '../retention.js'
import type { Persistence } from './persistence.js'
import * as leavings from './leavings.js'
import * as rows from './rows.js'
import { migrate, migrations, type Tables } from './schema.js'
import { chunks, Statements } from './statements.js'

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
}

/** State in a database. One store for every SQL database: what differs is in `SqlDatabase`. */
export class SqlStore implements Store {
  readonly kind: string
  readonly remembers = true
  readonly #database: SqlDatabase
  readonly #db: Kysely<Tables>
  readonly #statements = new Statements()
  /** By account: the slot for which old ones were last dropped. */
  readonly #droppedAt = new Map<string, number>()

  constructor(database: SqlDatabase) {
    this.#database = database
    this.#db = database.db
    this.kind = database.kind
  }

  /** This store, once its tables are those of this program. Closed when they cannot be made so. */
  async migrated(prepare?: (db: Kysely<Tables>) => Promise<void>): Promise<this> {
    try {
      await migrate(this.#db, prepare)
      return this
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async acquireLease(
    workflow_id: string,
    action: string,
    holder: Holder,
    ttl_ms: number,
    dead?: number,
  ): Promise<Lease | LeaseHolder> {
    const now = this.#database.now()
    const lease = {
      holder: holder.name,
      process: holder.process,
      since: now,
      expires_at: sql<number>`${now} + ${ttl_ms}`,
    }
    // The lease of an attempt whose end broke: it may have come, and then this run holds the workflow itself.
    let tried: { epoch: number; since: number } | undefined
    return this.#transaction(async (db) => {
      const taken = await db
        .insertInto('workflows')
        .values({ workflow_id, action, parameters: 'null', epoch: 0, ...lease })
        .onConflict((conflict) =>
          conflict
            .column('workflow_id')
            .doUpdateSet({ action, ...lease })
            .where((where) =>
              where.or([
                where.not(this.#isHeld()),
                where('workflows.epoch', '=', dead ?? -1),
                where.and([
                  where('workflows.epoch', '=', tried?.epoch ?? -1),
                  where('workflows.since', '=', tried?.since ?? -1),
                  where('workflows.holder', '=', holder.name),
                ]),
              ]),
            ),
        )
        .returning(['since', 'expires_at'])
        .executeTakeFirst()
      if (taken) {
        // Last: whoever waits for a workflow must not keep the others from theirs.
        const epoch = await nextEpoch(db)
        await db.updateTable('workflows').set({ epoch }).where('workflow_id', '=', workflow_id).execute()
        tried = { epoch, since: taken.since }
        return { workflow_id, epoch, expires_at: taken.expires_at }
      }
      const held = await db
        .selectFrom('workflows')
        .selectAll()
        .where('workflow_id', '=', workflow_id)
        .executeTakeFirstOrThrow()
      return rows.toHolder(held)
    })
  }

  async renewLease(lease: Lease, ttl_ms: number): Promise<Lease> {
    const renewal = this.#db
      .updateTable('workflows')
      .set({ expires_at: sql<number>`${this.#database.now()} + ${ttl_ms}` })
      .where('workflow_id', '=', lease.workflow_id)
      .where('epoch', '=', lease.epoch)
      .where('holder', 'is not', null)
      .returning('expires_at')
    const renewed = await this.#through(() => renewal.executeTakeFirst())
    if (!renewed) throw new LeaseLostError(lease.workflow_id)
    return { ...lease, expires_at: renewed.expires_at }
  }

  async releaseLease({ workflow_id, epoch }: Lease): Promise<void> {
    const free = { holder: null, process: null, expires_at: 0 }
    const held = this.#db.updateTable('workflows').set(free).where('workflow_id', '=', workflow_id)
    await this.#through(() => held.where('epoch', '=', epoch).execute())
  }

  async workflow(workflow_id: string): Promise<WorkflowRecord | null> {
    const asked = this.#workflows().where('workflow_id', '=', workflow_id)
    const found = await this.#through(() => asked.executeTakeFirst())
    return found ? rows.toWorkflow(found) : null
  }

  async workflows(): Promise<WorkflowRecord[]> {
    const all = this.#workflows().orderBy('workflow_id')
    return (await this.#through(() => all.execute())).map(rows.toWorkflow)
  }

  async startRun(lease: Lease, run: RunRecord, forget_cursor = false): Promise<void> {
    await this.#underLease(lease, async (db) => {
      await this.#saveRun(db, run)
      if (!forget_cursor) return
      const { workflow_id } = lease
      await db.updateTable('workflows').set({ cursor: null }).where('workflow_id', '=', workflow_id).execute()
    })
  }

  async commitRun(lease: Lease, commit: RunCommit): Promise<void> {
    const { run, failures, scope, pending, settled, cursor, parameters } = commit
    const { workflow_id } = lease
    await this.#underLease(lease, async (db) => {
      await this.#saveRun(db, run)
      await saveFailures(db, run.run_id, failures)
      // Together: a cursor of one scope must not be taken for that of another.
      const moved = {
        ...(cursor === undefined ? {} : { scope, cursor, parameters: JSON.stringify(parameters) }),
        ...(commit.round === undefined ? {} : { round: commit.round }),
      }
      await db
        .updateTable('workflows')
        .set({ last_result: run.result === null ? null : JSON.stringify(run.result), ...moved })
        .where('workflow_id', '=', workflow_id)
        .execute()
      const entries = db.deleteFrom('pending').where('workflow_id', '=', workflow_id)
      await entries.where('scope', '=', scope).where(this.#database.isOneOf(settled)).execute()
      if (cursor !== undefined) await entries.where('scope', '!=', scope).execute()
      await this.#statements.upsert(
        db,
        'pending',
        ['workflow_id', 'scope', 'reference'],
        pending.map((entry) => ({ ...entry, workflow_id, scope })),
      )
      await this.#prune(db, workflow_id)
    })
  }

  async runs({ workflow_id, limit }: { workflow_id?: string; limit: number }): Promise<RunRecord[]> {
    const all = this.#db.selectFrom('runs').selectAll().orderBy('started_at', 'desc').limit(limit)
    const asked = workflow_id === undefined ? all : all.where('workflow_id', '=', workflow_id)
    return (await this.#through(() => asked.execute())).map(rows.toRun)
  }

  async run(run_id: string): Promise<{ run: RunRecord; failures: ItemFailure[] } | null> {
    const asked = this.#db.selectFrom('runs').selectAll().where('run_id', '=', run_id)
    const run = await this.#through(() => asked.executeTakeFirst())
    if (!run) return null
    const kept = this.#db
      .selectFrom('failures')
      .select(['reference', 'stage', 'code', 'message', 'attempts'])
      .where('run_id', '=', run_id)
      .orderBy('position')
    const failures = await this.#through(() => kept.execute())
    return { run: rows.toRun(run), failures: failures.map(rows.toFailure) }
  }

  async records(workflow_id: string, place: string, references: string[]): Promise<DeliveryRecord[]> {
    const found = recordsOf(this.#db, workflow_id, place).where(this.#database.isOneOf(references))
    return (await this.#through(() => found.execute())).map(rows.toRecord)
  }

  async missing(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]> {
    return this.#before(workflow_id, place, before, limit, ['missing', 'delivering'])
  }

  async unseen(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]> {
    return this.#before(workflow_id, place, before, limit, ['delivered', 'delivering'])
  }

  async told(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]> {
    return this.#through(() => leavings.told(this.#db, { workflow_id, place, before, limit }))
  }

  async liveBetween(
    workflow_id: string,
    place: string,
    after: string,
    until: string | null,
  ): Promise<DeliveryRecord[]> {
    const range = { workflow_id, place, after, until }
    return this.#through(() => leavings.liveBetween(this.#db, this.#database, range))
  }

  async heldByOthers(workflow_id: string, board: string, targets: string[]): Promise<string[]> {
    return this.#through(() => leavings.heldByOthers(this.#db, this.#database, { workflow_id, board, targets }))
  }

  async heldCounts(workflow_id: string, place: string, archived_since: number): Promise<HeldCounts> {
    return this.#through(() => leavings.heldCounts(this.#db, { workflow_id, place, since: archived_since }))
  }

  async leavings(workflow_id: string, place: string, references: string[] | null): Promise<Leaving[]> {
    return this.#through(() => leavings.leavings(this.#db, this.#database, { workflow_id, place, references }))
  }

  async changeLeavings(lease: Lease, place: string, changes: { saved: Leaving[]; forgotten: string[] }): Promise<void> {
    const { workflow_id } = lease
    const means = { isOneOf: this.#database.isOneOf, statements: this.#statements }
    await this.#underLease(lease, (db) => leavings.changeLeavings(db, means, { ...changes, workflow_id, place }))
  }

  async saveRecords(lease: Lease, place: string, records: DeliveryRecord[]): Promise<void> {
    const { workflow_id } = lease
    const kept = records.map((record) => ({ ...record, workflow_id, place, memo: JSON.stringify(record.memo) }))
    await this.#underLease(lease, (db) =>
      this.#statements.upsert(db, 'records', ['workflow_id', 'place', 'reference'], kept),
    )
  }

  async pending(workflow_id: string, scope?: string): Promise<PendingEntry[]> {
    const columns = ['reference', 'id', 'version', 'stage', 'code', 'message', 'attempts'] as const
    const all = this.#db
      .selectFrom('pending')
      .select([...columns, 'first_failed_at', 'next_attempt_at'])
      .where('workflow_id', '=', workflow_id)
    const asked = (scope === undefined ? all : all.where('scope', '=', scope)).orderBy('first_failed_at')
    return (await this.#through(() => asked.execute())).map(rows.toPending)
  }

  async changePending(workflow_id: string, references: string[] | null, change: 'retry' | 'dismiss'): Promise<number> {
    const update = this.#db.updateTable('pending').set({ next_attempt_at: 0 }).where('workflow_id', '=', workflow_id)
    const remove = this.#db.deleteFrom('pending').where('workflow_id', '=', workflow_id)
    const some = references === null ? null : this.#database.isOneOf(references)
    if (change === 'retry') {
      const { numUpdatedRows } = await this.#through(() => (some ? update.where(some) : update).executeTakeFirst())
      return Number(numUpdatedRows)
    }
    const { numDeletedRows } = await this.#through(() => (some ? remove.where(some) : remove).executeTakeFirst())
    return Number(numDeletedRows)
  }

  async cachedDetails(account: string, references: string[]): Promise<CachedDetail[]> {
    const asked = this.#db
      .selectFrom('details')
      .select(['reference', 'version', 'read_at', 'detail'])
      .where('account', '=', account)
      .where(this.#database.isOneOf(references))
    return (await this.#through(() => asked.execute())).map(rows.toDetail)
  }

  async saveDetails(account: string, details: CachedDetail[]): Promise<void> {
    const kept = details.map((entry) => ({ ...entry, account, detail: JSON.stringify(entry.detail) }))
    await this.#transaction((db) => this.#statements.upsert(db, 'details', ['account', 'reference'], kept))
  }

  async takeBudget({ account, slots, cap }: BudgetRequest): Promise<boolean> {
    if (cap < 1) return false
    const most = Math.min(cap, 2 ** 31 - 1)
    // In one order, so that two that take the same slots do not wait for each other.
    const ordered = [...slots].sort((a, b) => a - b)
    const [first = 0, last = 0] = [ordered[0], ordered.at(-1)]
    await this.#dropOldSlots(account, first, last)
    // One statement is one transaction by itself.
    const take = (db: Kysely<Tables>, slot: number) =>
      this.#statements.takeSlot(db, { account, slot, cap: most, ...(cap === Infinity ? {} : { held: this.#held() }) })
    if (ordered.length === 1) return this.#through(() => take(this.#db, first))
    try {
      await this.#transaction(async (db) => {
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
    const old = this.#db
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

  async holdAccount(account: string, ms: number): Promise<void> {
    const held_until = sql<number>`${this.#database.now()} + ${sql.lit(Math.ceil(ms))}`
    const hold = this.#db
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

  async accountHold(account: string): Promise<number> {
    const asked = this.#db
      .selectFrom('holds')
      .select(sql<number>`held_until - ${this.#database.now()}`.as('left'))
      .where('account', '=', account)
      .where(this.#held())
    return (await this.#through(() => asked.executeTakeFirst()))?.left ?? 0
  }

  async accountLimit(account: string): Promise<number | null> {
    const asked = this.#db.selectFrom('limits').select('allowed').where('account', '=', account)
    return (await this.#through(() => asked.executeTakeFirst()))?.allowed ?? null
  }

  async saveAccountLimit(account: string, allowed: number): Promise<void> {
    await this.#transaction((db) => this.#statements.upsert(db, 'limits', ['account'], [{ account, allowed }]))
  }

  async resetWorkflow(workflow_id: string): Promise<void> {
    await this.#transaction(async (db) => {
      await db.deleteFrom('records').where('workflow_id', '=', workflow_id).execute()
      await db.deleteFrom('leavings').where('workflow_id', '=', workflow_id).execute()
      await db.deleteFrom('pending').where('workflow_id', '=', workflow_id).execute()
      await db.deleteFrom('workflows').where('workflow_id', '=', workflow_id).execute()
    })
  }

  async summary(): Promise<StoreSummary> {
    const { location } = this.#database
    const bytes = await this.#through(() => this.#database.bytes(this.#db))
    return { location, schema_version: migrations.length, bytes }
  }

  async close(): Promise<void> {
    await this.#db.destroy()
  }

  #workflows() {
    const running = sql<number>`case when ${this.#isHeld()} then 1 else 0 end`
    return this.#db.selectFrom('workflows').selectAll().select(running.as('is_running'))
  }

  /** Whether a workflow is held now. */
  #isHeld(): Expression<SqlBool> {
    const now = this.#database.now()
    return sql<SqlBool>`(workflows.holder is not null and workflows.expires_at > ${now}
      and workflows.expires_at <= ${now} + ${sql.lit(LONGEST_LEASE_MS)})`
  }

  async #before(workflow_id: string, place: string, epoch: number, limit: number, outcomes: string[]) {
    const of = recordsOf(this.#db, workflow_id, place).where('outcome', 'in', outcomes).where('epoch', '<', epoch)
    const asked = of.orderBy('checked_at').limit(limit)
    return (await this.#through(() => asked.execute())).map(rows.toRecord)
  }

  #transaction<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#through(() => this.#db.transaction().execute(work))
  }

  #through<T>(work: () => Promise<T>): Promise<T> {
    return this.#database.persistence.through(work)
  }

  /** The check locks the workflow, so that nobody takes it over before the work is committed. */
  async #underLease(lease: Lease, work: (db: Transaction<Tables>) => Promise<void>): Promise<void> {
    await this.#transaction(async (db) => {
      const { numUpdatedRows } = await db
        .updateTable('workflows')
        .set({ epoch: lease.epoch })
        .where('workflow_id', '=', lease.workflow_id)
        .where('epoch', '=', lease.epoch)
        .where('holder', 'is not', null)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw new LeaseLostError(lease.workflow_id)
      await work(db)
    })
  }

  #saveRun(db: Transaction<Tables>, run: RunRecord): Promise<void> {
    const result = run.result === null ? null : JSON.stringify(run.result)
    return this.#statements.upsert(db, 'runs', ['run_id'], [{ ...run, result }])
  }

  /** What nobody will ask for again. */
  async #prune(db: Transaction<Tables>, workflow_id: string): Promise<void> {
    const now = this.#database.now()
    const beyond = db
      .selectFrom('runs')
      .select('run_id')
      .where('workflow_id', '=', workflow_id)
      .orderBy('started_at', 'desc')
      .limit(1_000_000)
      .offset(RUNS_KEPT)
    const old = db
      .selectFrom('runs')
      .select('run_id')
      .where((where) =>
        where.or([
          where('started_at', '<', sql<number>`${now} - ${RUN_LIFETIME_MS}`),
          where('run_id', 'in', where.selectFrom(beyond.as('beyond')).select('run_id')),
        ]),
      )
    await db.deleteFrom('failures').where('run_id', 'in', old).execute()
    await db.deleteFrom('runs').where('run_id', 'in', old).execute()
    const left = sql<number>`${now} - ${DETAIL_LIFETIME_MS}`
    await db.deleteFrom('details').where('read_at', '<', left).execute()
  }
}

class SlotFull extends ConnectorError {
  constructor() {
    super('slot_full', 'A slot is full.')
  }
}

/** Of all workflows: a lease from before a reset must not fit one from after it. */
async function nextEpoch(db: Transaction<Tables>): Promise<number> {
  const { value } = await db
    .updateTable('meta')
    .set({ value: sql<string>`cast(cast(value as bigint) + 1 as text)` })
    .where('name', '=', 'epoch')
    .returning('value')
    .executeTakeFirstOrThrow()
  return Number(value)
}

async function saveFailures(db: Transaction<Tables>, run_id: string, failures: ItemFailure[]): Promise<void> {
  await db.deleteFrom('failures').where('run_id', '=', run_id).execute()
  // Where the first ones were thrown stands in the result.
  const numbered = failures.map(({ reference, stage, code, message, attempts }, position) => {
    return { run_id, position, reference, stage, code, message, attempts }
  })
  for (const some of chunks(numbered)) await db.insertInto('failures').values(some).execute()
}
