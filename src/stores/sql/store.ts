import { type Expression, type Kysely, sql, type SqlBool, type Transaction } from 'kysely'
import { inTransaction, type SqlDatabase } from './database.js'
import { partialRecords, RECORD, recordsOf } from './records.js'
import { LeaseLostError } from '../../core/errors.js'
import type { HistoryStore } from '../../core/ports/history.js'
import type { ScheduleStore, SchedulingStore } from '../../core/ports/schedule.js'
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
  StoreSummary,
  WorkflowRecord,
} from '../../core/ports/store.js'
import type { ItemFailure } from '../../core/result/result.js'
import { LONGEST_LEASE_MS } from '../retention.js'
import { Budgets } from './budgets.js'
import { History } from './history.js'
import * as leavings from './leavings.js'
import * as rows from './rows.js'
import * as runs from './runs.js'
import { Schedules } from './schedules.js'
import { migrate, migrations, type Tables } from './schema.js'
import { Statements } from './statements.js'

/** State in a database. One store for every SQL database: what differs is in `SqlDatabase`. */
export class SqlStore implements SchedulingStore {
  readonly kind: string
  readonly remembers = true
  readonly #database: SqlDatabase
  readonly #db: Kysely<Tables>
  readonly #statements = new Statements()
  readonly #budgets: Budgets
  readonly schedules: ScheduleStore
  readonly history: HistoryStore
  readonly openDatabase: SchedulingStore['openDatabase']

  constructor(database: SqlDatabase) {
    this.#database = database
    this.#db = database.db
    this.kind = database.kind
    this.openDatabase = database.openDatabase
    this.#budgets = new Budgets(database, this.#statements)
    this.history = new History(database)
    this.schedules = new Schedules(database, (lease, commit, also) => this.commitRun(lease, commit, also))
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
    return inTransaction(this.#database, async (db) => {
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
      await runs.saveRun(db, this.#statements, run)
      if (!forget_cursor) return
      const { workflow_id } = lease
      await db.updateTable('workflows').set({ cursor: null }).where('workflow_id', '=', workflow_id).execute()
    })
  }

  async commitRun(
    lease: Lease,
    commit: RunCommit,
    /** In the same transaction, last. */
    also: (db: Transaction<Tables>) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const { run, failures, scope, pending, settled, cursor, parameters } = commit
    const { workflow_id } = lease
    await this.#underLease(lease, async (db) => {
      await runs.saveRun(db, this.#statements, run)
      await runs.saveFailures(db, run.run_id, failures)
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
      await runs.prune(db, this.#database.now(), workflow_id)
      await also(db)
    })
  }

  async runs(filter: { workflow_id?: string; limit: number }): Promise<RunRecord[]> {
    return this.#through(() => runs.runs(this.#db, filter))
  }

  async run(run_id: string): Promise<{ run: RunRecord; failures: ItemFailure[] } | null> {
    return this.#through(() => runs.run(this.#db, run_id))
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

  async partial(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]> {
    const of = partialRecords(this.#db, workflow_id, place).select(RECORD).where('epoch', '<', before)
    const asked = of.orderBy('checked_at').limit(limit)
    return (await this.#through(() => asked.execute())).map(rows.toRecord)
  }

  async partialCount(workflow_id: string, place: string): Promise<number> {
    const counted = partialRecords(this.#db, workflow_id, place).select((all) => all.fn.countAll<number>().as('count'))
    return (await this.#through(() => counted.executeTakeFirstOrThrow())).count
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
    const kept = records.map((record) => ({
      ...{ ...record, workflow_id, place, memo: JSON.stringify(record.memo) },
      partial: record.partial ? 1 : null,
    }))
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
    await inTransaction(this.#database, (db) => this.#statements.upsert(db, 'details', ['account', 'reference'], kept))
  }

  async takeBudget(request: BudgetRequest): Promise<boolean> {
    return this.#budgets.take(request)
  }

  async holdAccount(account: string, ms: number): Promise<void> {
    return this.#budgets.hold(account, ms)
  }

  async accountHold(account: string): Promise<number> {
    return this.#budgets.holdOf(account)
  }

  async accountLimit(account: string): Promise<number | null> {
    return this.#budgets.limitOf(account)
  }

  async saveAccountLimit(account: string, allowed: number): Promise<void> {
    return this.#budgets.saveLimit(account, allowed)
  }

  async resetWorkflow(workflow_id: string): Promise<void> {
    await inTransaction(this.#database, async (db) => {
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

  #through<T>(work: () => Promise<T>): Promise<T> {
    return this.#database.persistence.through(work)
  }

  /** The check locks the workflow, so that nobody takes it over before the work is committed. */
  async #underLease(lease: Lease, work: (db: Transaction<Tables>) => Promise<void>): Promise<void> {
    await inTransaction(this.#database, async (db) => {
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
