import {
  CompiledQuery,
  type Expression,
  type Kysely,
  type SelectQueryBuilder,
  sql,
  type SqlBool,
  type Transaction,
} from 'kysely'
import type {
  Decide,
  DecideAt,
  DecideStart,
  Decision,
  Facts,
  ReadyWorkflow,
  ScheduledWorkflow,
  ScheduleStore,
  ServeHolder,
  SqlPort,
  StoredWorkflow,
  WaitingMessage,
} from '../../core/ports/schedule.js'
import type { Holder, Lease, RunCommit } from '../../core/ports/store.js'
import { LONGEST_LEASE_MS } from '../retention.js'
import * as accounts from './accounts.js'
import { inTransaction, type SqlDatabase } from './database.js'
import * as outbox from './outbox.js'
import { fromScheduled, toScheduled, toServeHolder, toStored } from './schedule-rows.js'
import type { Tables } from './schema.js'
import { chunks } from './statements.js'

/** Workflows that one transaction decides on. */
const BATCH = 5_000

type Rows = SelectQueryBuilder<Tables, 'schedules', Tables['schedules']>
type CommitRun = (lease: Lease, commit: RunCommit, also: (db: Transaction<Tables>) => Promise<void>) => Promise<void>

/** Due times in a database. */
export class Schedules implements ScheduleStore {
  readonly #database: SqlDatabase
  readonly #commitRun: CommitRun

  constructor(database: SqlDatabase, commitRun: CommitRun) {
    this.#database = database
    this.#commitRun = commitRun
  }

  async now(): Promise<number> {
    return this.#through((db) => this.#now(db))
  }

  async scheduled(): Promise<ScheduledWorkflow[]> {
    const all = (db: Kysely<Tables>) => db.selectFrom('schedules').selectAll().orderBy('workflow_id').execute()
    return (await this.#through(all)).map(toScheduled)
  }

  async replaceScheduled(decide: (known: ScheduledWorkflow[], now: number) => ScheduledWorkflow[]): Promise<void> {
    await inTransaction(this.#database, async (db) => {
      const known = await this.#locked(db.selectFrom('schedules').selectAll(), false).execute()
      const wanted = decide(known.map(toScheduled), await this.#now(db))
      const ids = known.map(({ workflow_id }) => workflow_id)
      await db.deleteFrom('schedules').where(this.#database.isOneOf(ids, 'workflow_id')).execute()
      await insertAll(db, wanted)
    })
  }

  async stored(): Promise<StoredWorkflow[]> {
    const all = (db: Kysely<Tables>) => db.selectFrom('stored').selectAll().orderBy('workflow_id').execute()
    return (await this.#through(all)).map(toStored)
  }

  async storedOne(workflow_id: string): Promise<StoredWorkflow | null> {
    const one = (db: Kysely<Tables>) =>
      db.selectFrom('stored').selectAll().where('workflow_id', '=', workflow_id).executeTakeFirst()
    const found = await this.#through(one)
    return found === undefined ? null : toStored(found)
  }

  async push(
    workflows: readonly Omit<StoredWorkflow, 'pushed_at'>[],
    decide: (known: ScheduledWorkflow[], now: number) => ScheduledWorkflow[],
  ): Promise<void> {
    const ids = workflows.map(({ workflow_id }) => workflow_id)
    await inTransaction(this.#database, async (db) => {
      const pushed_at = await this.#now(db)
      const isOneOf = this.#database.isOneOf(ids, 'workflow_id')
      const known = await this.#locked(db.selectFrom('schedules').selectAll(), false).where(isOneOf).execute()
      const wanted = decide(known.map(toScheduled), pushed_at)
      await db.deleteFrom('stored').where(isOneOf).execute()
      await db.deleteFrom('schedules').where(isOneOf).execute()
      const rows = workflows.map(({ workflow_id, definition, notify }) => ({
        ...{ workflow_id, pushed_at },
        ...{ definition: JSON.stringify(definition), notify: JSON.stringify(notify) },
      }))
      for (const some of chunks(rows)) await db.insertInto('stored').values(some).execute()
      await insertAll(db, wanted)
    })
  }

  async remove(workflow_id: string): Promise<boolean> {
    return inTransaction(this.#database, async (db) => {
      const { numDeletedRows } = await db
        .deleteFrom('stored')
        .where('workflow_id', '=', workflow_id)
        .executeTakeFirstOrThrow()
      await db.deleteFrom('schedules').where('workflow_id', '=', workflow_id).execute()
      return numDeletedRows > 0n
    })
  }

  async changeDue(decide: DecideAt): Promise<number> {
    const isDue = (now: number) => sql<SqlBool>`(next_run_at <= ${now} or next_full_at <= ${now})`
    let all = 0
    for (;;) {
      const changed = await this.#changeMany(isDue, decide)
      all += changed
      if (changed < BATCH) return all
    }
  }

  async changeLate({ told, due }: { told: number; due: number }, decide: DecideAt): Promise<number> {
    const isLate = () => sql<SqlBool>`paused = 0 and started_at is null and (
      (condition <> 'ok' and told_at < ${told}) or run_due < ${due} or full_due < ${due})`
    return this.#changeMany(isLate, decide)
  }

  async changeOne(workflow_id: string, decide: Decide): Promise<ScheduledWorkflow | null> {
    return inTransaction(this.#database, async (db) => {
      const now = await this.#now(db)
      return this.#decideOn(db, workflow_id, async (workflow) =>
        decide(workflow, await this.#factsOf(db, workflow_id, now)),
      )
    })
  }

  async startOne(workflow_id: string, account: string | null, decide: DecideStart): Promise<ScheduledWorkflow | null> {
    const { kind } = this.#database
    return inTransaction(this.#database, async (db) => {
      const known = db.selectFrom('schedules').select('account').where('workflow_id', '=', workflow_id)
      const of = account ?? (await known.executeTakeFirst())?.account ?? ''
      if (kind === 'postgres') await accounts.lockAccount(db, of)
      const now = await this.#now(db)
      return this.#decideOn(db, workflow_id, async (workflow) => {
        const facts = await this.#factsOf(db, workflow_id, now)
        const busy_ms = kind === 'postgres' ? await accounts.busyMs(db, { workflow_id, account: of }, now) : 0
        const begun = kind === 'postgres' && facts.held_by === null ? accounts.beginsMs(workflow, now) : 0
        const decision = decide(workflow, { ...facts, held_ms: Math.max(facts.held_ms, begun), busy_ms })
        if (workflow.sent_at === null && workflow.account === of) return decision
        return { ...decision, changes: { ...decision?.changes, account: of, sent_at: null } }
      })
    })
  }

  async commitRun(lease: Lease, commit: RunCommit, decide: Decide): Promise<void> {
    const { workflow_id } = lease
    await this.#commitRun(lease, commit, async (db) => {
      const now = await this.#now(db)
      await this.#decideOn(db, workflow_id, async (workflow) =>
        decide(workflow, await this.#factsOf(db, workflow_id, now)),
      )
    })
  }

  async sendReady(
    send: (ready: ReadyWorkflow[], transaction: SqlPort) => Promise<void>,
    account?: string,
  ): Promise<number> {
    return inTransaction(this.#database, async (db) => {
      const now = await this.#now(db)
      const ready = await accounts.ready(db, now, account)
      if (ready.length === 0) return 0
      const ids = ready.map(({ workflow_id }) => workflow_id)
      const isOneOf = this.#database.isOneOf(ids, 'workflow_id')
      await db.updateTable('schedules').set({ sent_at: now }).where(isOneOf).execute()
      await send(ready, portOf(db))
      return ready.length
    })
  }

  async sentCount(waited_ms = 0): Promise<number> {
    return this.#through(async (db) => accounts.sentCount(db, (await this.#now(db)) - waited_ms))
  }

  async isWanted(job: ReadyWorkflow): Promise<boolean> {
    return this.#through(async (db) => accounts.isWanted(db, job, await this.#now(db)))
  }

  async ready(unfinished = false): Promise<ReadyWorkflow[]> {
    return this.#through(async (db) => {
      const now = await this.#now(db)
      const isDue = sql<SqlBool>`(run_due is not null or full_due is not null)`
      const isStarted = sql<SqlBool>`started_at is not null`
      return db
        .selectFrom('schedules')
        .select(['workflow_id', 'account'])
        .where((where) => (unfinished ? where.or([isDue, isStarted]) : isDue))
        .where('paused', '=', 0)
        .where(sql<SqlBool>`(waits_until is null or waits_until <= ${now})`)
        .orderBy(sql`coalesce(run_due, full_due, started_at)`)
        .execute()
    })
  }

  async pendingCounts(): Promise<Map<string, number>> {
    const counts = (db: Kysely<Tables>) =>
      db.selectFrom('pending').select(['workflow_id', countOf]).groupBy('workflow_id').execute()
    return new Map((await this.#through(counts)).map(({ workflow_id, count }) => [workflow_id, count]))
  }

  async takeMessages(limit: number, hide_ms: number): Promise<WaitingMessage[]> {
    return inTransaction(this.#database, async (db) =>
      outbox.takeMessages(db, this.#database, { limit, hide_ms, now: await this.#now(db) }),
    )
  }

  async settleMessage(id: string, again_ms: number | null): Promise<void> {
    await inTransaction(this.#database, async (db) =>
      outbox.settleMessage(db, id, again_ms === null ? null : (await this.#now(db)) + again_ms),
    )
  }

  async holdServe(
    holder: Holder & { key: string },
    ttl_ms: number,
    isDead: (process: string) => boolean,
  ): Promise<ServeHolder | null> {
    return inTransaction(this.#database, async (db) => {
      const now = await this.#now(db)
      const found = await db.selectFrom('meta').select('value').where('name', '=', 'serve').executeTakeFirst()
      const held = found ? toServeHolder(found.value) : null
      const isOurs = held?.key === holder.key
      const counts = held !== null && !isOurs && held.expires_at > now && held.expires_at <= now + LONGEST_LEASE_MS
      if (counts && !(held.process !== null && isDead(held.process))) {
        const { name, process, since } = held
        return { name, process, since }
      }
      const value = JSON.stringify({ ...holder, since: isOurs ? held.since : now, expires_at: now + ttl_ms })
      await db
        .insertInto('meta')
        .values({ name: 'serve', value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute()
      return null
    })
  }

  async serveHolder(): Promise<ServeHolder | null> {
    return this.#through(async (db) => {
      const found = await db.selectFrom('meta').select('value').where('name', '=', 'serve').executeTakeFirst()
      if (found === undefined) return null
      const { name, process, since, expires_at } = toServeHolder(found.value)
      const now = await this.#now(db)
      return expires_at > now && expires_at <= now + LONGEST_LEASE_MS ? { name, process, since } : null
    })
  }

  async releaseServe(key: string): Promise<void> {
    await inTransaction(this.#database, async (db) => {
      const found = await db.selectFrom('meta').select('value').where('name', '=', 'serve').executeTakeFirst()
      if (found && toServeHolder(found.value).key === key)
        await db.deleteFrom('meta').where('name', '=', 'serve').execute()
    })
  }

  async #decideOn(
    db: Transaction<Tables>,
    workflow_id: string,
    decide: (workflow: ScheduledWorkflow) => Promise<Decision | null>,
  ): Promise<ScheduledWorkflow | null> {
    const row = await this.#locked(db.selectFrom('schedules').selectAll(), false)
      .where('workflow_id', '=', workflow_id)
      .executeTakeFirst()
    if (!row) return null
    const workflow = toScheduled(row)
    const decision = await decide(workflow)
    if (decision === null) return workflow
    await this.#write(db, [{ workflow, decision }], await this.#now(db))
    return { ...workflow, ...decision.changes }
  }

  async #changeMany(which: (now: number) => Expression<SqlBool>, decide: DecideAt): Promise<number> {
    return inTransaction(this.#database, async (db) => {
      const now = await this.#now(db)
      const found = await this.#locked(db.selectFrom('schedules').selectAll(), true)
        .where(which(now))
        .limit(BATCH)
        .execute()
      const decided = found.map(toScheduled).flatMap((workflow) => {
        const decision = decide(workflow, now)
        return decision === null ? [] : { workflow, decision }
      })
      await this.#write(db, decided, now)
      return decided.length
    })
  }

  /** Many change alike: one statement for all of these. */
  async #write(
    db: Transaction<Tables>,
    decided: readonly { workflow: ScheduledWorkflow; decision: Decision }[],
    now: number,
  ): Promise<void> {
    const alike = new Map<string, { changes: Decision['changes']; ids: string[] }>()
    for (const { workflow, decision } of decided) {
      const key = JSON.stringify(decision.changes)
      const group = alike.get(key) ?? { changes: decision.changes, ids: [] }
      group.ids.push(workflow.workflow_id)
      alike.set(key, group)
    }
    for (const { changes, ids } of alike.values()) {
      if (Object.keys(changes).length === 0) continue
      const isOneOf = this.#database.isOneOf(ids, 'workflow_id')
      await db.updateTable('schedules').set(fromScheduled(changes)).where(isOneOf).execute()
    }
    await outbox.addMessages(
      db,
      decided.flatMap(({ decision }) => decision.messages ?? []),
      now,
    )
  }

  async #factsOf(db: Kysely<Tables>, workflow_id: string, now: number): Promise<Facts> {
    const pending = db.selectFrom('pending').select(countOf).where('workflow_id', '=', workflow_id)
    const lease = db.selectFrom('workflows').select(['holder', 'process', 'expires_at'])
    const held = await lease.where('workflow_id', '=', workflow_id).executeTakeFirst()
    const left = held === undefined || held.holder === null ? 0 : held.expires_at - now
    const counts = left > 0 && left <= LONGEST_LEASE_MS
    return {
      now,
      pending: (await pending.executeTakeFirst())?.count ?? 0,
      held_ms: counts ? left : 0,
      held_by: counts ? (held?.process ?? null) : null,
    }
  }

  /** SQLite has one writer at a time: there is nothing to lock. */
  #locked(rows: Rows, skip: boolean): Rows {
    if (this.#database.kind !== 'postgres') return rows
    return skip ? rows.forUpdate().skipLocked() : rows.forUpdate()
  }

  async #now(db: Kysely<Tables>): Promise<number> {
    const { now } = await db.selectNoFrom(sql<number>`${this.#database.now()}`.as('now')).executeTakeFirstOrThrow()
    return now
  }

  #through<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#database.persistence.through(() => work(this.#database.db))
  }
}

async function insertAll(db: Transaction<Tables>, workflows: readonly ScheduledWorkflow[]): Promise<void> {
  for (const some of chunks(workflows)) {
    const rows = some.map((workflow) => fromScheduled(workflow))
    await db.insertInto('schedules').values(rows).execute()
  }
}

/** The transaction, for statements that another package has written. */
function portOf(db: Transaction<Tables>): SqlPort {
  return { executeSql: (text, values = []) => db.executeQuery(CompiledQuery.raw(text, values)) }
}

const countOf = sql<number>`cast(count(*) as integer)`.as('count')
