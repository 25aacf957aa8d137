import { type Expression, type Kysely, sql, type Transaction } from 'kysely'
import { summaryOfResult } from '../../core/ports/history.js'
import type { RunRecord } from '../../core/ports/store.js'
import type { ItemFailure } from '../../core/result/result.js'
import { DETAIL_LIFETIME_MS, RUN_LIFETIME_MS, RUNS_KEPT } from '../retention.js'
import * as rows from './rows.js'
import type { Tables } from './schema.js'
import { chunks, type Statements } from './statements.js'

// The runs that were, newest first, and what failed in them.

const RUN = ['run_id', 'workflow_id', 'action', 'started_at', 'finished_at', 'result'] as const

export async function runs(
  db: Kysely<Tables>,
  { workflow_id, limit }: { workflow_id?: string; limit: number },
): Promise<RunRecord[]> {
  const all = db.selectFrom('runs').select(RUN).orderBy('started_at', 'desc').limit(limit)
  const asked = workflow_id === undefined ? all : all.where('workflow_id', '=', workflow_id)
  return (await asked.execute()).map(rows.toRun)
}

export async function run(
  db: Kysely<Tables>,
  run_id: string,
): Promise<{ run: RunRecord; failures: ItemFailure[] } | null> {
  const found = await runOf(db, run_id)
  if (!found) return null
  const kept = db
    .selectFrom('failures')
    .select(['reference', 'stage', 'code', 'message', 'attempts'])
    .where('run_id', '=', run_id)
    .orderBy('position')
  return { run: rows.toRun(found), failures: (await kept.execute()).map(rows.toFailure) }
}

export function runOf(db: Kysely<Tables>, run_id: string) {
  return db.selectFrom('runs').select(RUN).where('run_id', '=', run_id).executeTakeFirst()
}

export async function saveRun(db: Transaction<Tables>, statements: Statements, run: RunRecord): Promise<void> {
  const result = run.result === null ? null : JSON.stringify(run.result)
  const summary = run.result === null ? null : JSON.stringify(summaryOfResult(run.result))
  await statements.upsert(db, 'runs', ['run_id'], [{ ...run, result, summary }])
}

export async function saveFailures(db: Transaction<Tables>, run_id: string, failures: ItemFailure[]): Promise<void> {
  await db.deleteFrom('failures').where('run_id', '=', run_id).execute()
  // Where the first ones were thrown stands in the result.
  const numbered = failures.map(({ reference, stage, code, message, attempts }, position) => {
    return { run_id, position, reference, stage, code, message, attempts }
  })
  for (const some of chunks(numbered)) await db.insertInto('failures').values(some).execute()
}

/** What nobody will ask for again. */
export async function prune(db: Transaction<Tables>, now: Expression<number>, workflow_id: string): Promise<void> {
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
