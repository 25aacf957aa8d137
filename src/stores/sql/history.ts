import { type Expression, type Kysely, sql, type SqlBool } from 'kysely'
import type {
  AuditRecord,
  FailureQuery,
  HistoryStore,
  PendingQuery,
  Position,
  RunSummary,
} from '../../core/ports/history.js'
import type { PendingEntry, RunRecord } from '../../core/ports/store.js'
import type { Stage } from '../../core/result/outcome.js'
import type { ItemFailure } from '../../core/result/result.js'
import { AUDIT_LIFETIME_MS } from '../retention.js'
import { inTransaction, type SqlDatabase } from './database.js'
import * as rows from './rows.js'
import * as runs from './runs.js'
import type { Tables } from './schema.js'

/** Workflows that one statement asks for: a database bounds how many parts it has. */
const TOGETHER = 50

const FAILURE = ['position', 'reference', 'stage', 'code', 'message', 'attempts'] as const
const PENDING = ['reference', 'id', 'version', 'stage', 'code', 'message', 'attempts'] as const

/** What people look at, in a database. */
export class History implements HistoryStore {
  readonly #database: SqlDatabase

  constructor(database: SqlDatabase) {
    this.#database = database
  }

  async runs(query: {
    workflow_id?: string | undefined
    after?: Position | undefined
    limit: number
  }): Promise<RunSummary[]> {
    const { workflow_id, after, limit } = query
    const all = summaries(this.#database.db)
    const of = workflow_id === undefined ? all : all.where('workflow_id', '=', workflow_id)
    const behind = after === undefined ? of : of.where(isBelow('started_at', 'run_id', after))
    const asked = behind.orderBy('started_at', 'desc').orderBy('run_id', 'desc').limit(limit)
    return (await this.#through(() => asked.execute())).map(rows.toSummary)
  }

  async run(run_id: string): Promise<RunRecord | null> {
    const found = await this.#through(() => runs.runOf(this.#database.db, run_id))
    return found === undefined ? null : rows.toRun(found)
  }

  async latest(workflow_ids: readonly string[], limit: number): Promise<Map<string, RunSummary[]>> {
    const found = new Map<string, RunSummary[]>()
    for (let at = 0; at < workflow_ids.length; at += TOGETHER) {
      const parts = workflow_ids.slice(at, at + TOGETHER).map((workflow_id) => {
        const of = summaries(this.#database.db).where('workflow_id', '=', workflow_id)
        const last = of.orderBy('started_at', 'desc').orderBy('run_id', 'desc').limit(limit)
        return this.#database.db.selectFrom(last.as('last')).selectAll()
      })
      const [first, ...others] = parts
      if (first === undefined) continue
      const together = others.reduce((all, part) => all.unionAll(part), first)
      for (const row of await this.#through(() => together.execute()))
        found.set(row.workflow_id, [...(found.get(row.workflow_id) ?? []), rows.toSummary(row)])
    }
    for (const of of found.values()) of.sort((a, b) => b.started_at - a.started_at || (a.run_id < b.run_id ? 1 : -1))
    return found
  }

  async failures(query: FailureQuery, after: number, limit: number): Promise<(ItemFailure & { position: number })[]> {
    const { run_id, stage, code, text } = query
    let asked = this.#database.db.selectFrom('failures').select(FAILURE).where('run_id', '=', run_id)
    if (stage !== undefined) asked = asked.where('stage', '=', stage)
    if (code !== undefined) asked = asked.where('code', '=', code)
    if (text !== undefined) asked = asked.where(holds(text))
    const page = asked.where('position', '>', after).orderBy('position').limit(limit)
    const found = await this.#through(() => page.execute())
    return found.map(({ position, ...failure }) => ({ ...rows.toFailure(failure), position }))
  }

  async failureGroups(run_id: string): Promise<{ stage: Stage; code: string; count: number }[]> {
    const asked = this.#database.db
      .selectFrom('failures')
      .select(({ fn }) => ['stage', 'code', fn.countAll<number>().as('count')])
      .where('run_id', '=', run_id)
      .groupBy(['stage', 'code'])
      .orderBy('count', 'desc')
      .orderBy('stage')
      .orderBy('code')
    const found = await this.#through(() => asked.execute())
    return found.map(({ stage, ...group }) => ({ ...group, stage: rows.toStage(stage) }))
  }

  async pending(query: PendingQuery, after: Position | null, limit: number): Promise<PendingEntry[]> {
    const of = this.#pending(query).select([...PENDING, 'first_failed_at', 'next_attempt_at'])
    const behind =
      after === null ? of : of.where(sql<SqlBool>`(first_failed_at, ${this.#reference()}) > (${after.at}, ${after.id})`)
    const asked = behind.orderBy('first_failed_at').orderBy(this.#reference()).limit(limit)
    return (await this.#through(() => asked.execute())).map(rows.toPending)
  }

  async pendingCount(query: PendingQuery): Promise<number> {
    const asked = this.#pending(query).select(({ fn }) => fn.countAll<number>().as('count'))
    return (await this.#through(() => asked.executeTakeFirstOrThrow())).count
  }

  async references(workflow_id: string, prefix: string, limit: number): Promise<string[]> {
    const begins = sql<SqlBool>`lower(substr(reference, 1, ${sql.lit(prefix.length)})) = ${prefix.toLowerCase()}`
    const asked = this.#database.db
      .selectFrom('records')
      .select('reference')
      .where('workflow_id', '=', workflow_id)
      .where(begins)
      .groupBy('reference')
      .orderBy(this.#reference())
      .limit(limit)
    return (await this.#through(() => asked.execute())).map(({ reference }) => reference)
  }

  async addAudit(entry: AuditRecord): Promise<void> {
    await inTransaction(this.#database, async (db) => {
      await db
        .insertInto('audit')
        .values(entry)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
      await db
        .deleteFrom('audit')
        .where('at', '<', sql<number>`${this.#database.now()} - ${AUDIT_LIFETIME_MS}`)
        .execute()
    })
  }

  async audit(query: {
    workflow_id?: string | undefined
    after?: Position | undefined
    limit: number
  }): Promise<AuditRecord[]> {
    const { workflow_id, after, limit } = query
    const all = this.#database.db.selectFrom('audit').selectAll()
    const of = workflow_id === undefined ? all : all.where('workflow_id', '=', workflow_id)
    const behind = after === undefined ? of : of.where(isBelow('at', 'id', after))
    const asked = behind.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit)
    return this.#through(() => asked.execute())
  }

  #pending({ workflow_id, stage, text }: PendingQuery) {
    let of = this.#database.db.selectFrom('pending').where('workflow_id', '=', workflow_id)
    if (stage !== undefined) of = of.where('stage', '=', stage)
    return text === undefined ? of : of.where(holds(text))
  }

  #reference(): Expression<string> {
    return this.#database.byBytes('reference')
  }

  #through<T>(work: () => Promise<T>): Promise<T> {
    return this.#database.persistence.through(work)
  }
}

function summaries(db: Kysely<Tables>) {
  return db
    .selectFrom('runs')
    .select(['run_id', 'workflow_id', 'action', 'started_at', 'finished_at'])
    .select(sql<string | null>`coalesce(summary, result)`.as('summary'))
}

function isBelow(at: string, id: string, position: Position): Expression<SqlBool> {
  return sql<SqlBool>`(${sql.ref(at)}, ${sql.ref(id)}) < (${position.at}, ${position.id})`
}

/** Whether the reference or the message has a text in it. */
function holds(text: string): Expression<SqlBool> {
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
  return sql<SqlBool>`(lower(coalesce(reference, '')) like ${pattern} escape '\\' or lower(message) like ${pattern} escape '\\')`
}
