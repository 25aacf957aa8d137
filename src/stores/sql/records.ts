import type { ExpressionBuilder, Kysely } from 'kysely'
import type { Tables } from './schema.js'

export const RECORD = [
  ...(['reference', 'id', 'version', 'read_at', 'checked_at', 'epoch', 'scope'] as const),
  ...(['target', 'outcome', 'mapping', 'memo', 'board', 'run_id', 'partial'] as const),
] as const

/** The columns of a record, in the workflow and place that it belongs to. */
export function recordsOf(db: Kysely<Tables>, workflow_id: string, place: string) {
  const of = db.selectFrom('records').select(RECORD)
  return of.where('workflow_id', '=', workflow_id).where('place', '=', place)
}

/** Whether the target has it from here and shows it, as far as is known. */
export function isLive(where: ExpressionBuilder<Tables, 'records'>) {
  return where.or([
    where('outcome', 'in', ['delivered', 'delivering']),
    where.and([where('outcome', '=', 'discarded'), where('memo', '!=', 'null')]),
  ])
}

/** Of items that were delivered, or discarded, by their list entries alone. */
export function partialRecords(db: Kysely<Tables>, workflow_id: string, place: string) {
  const of = db.selectFrom('records').where('workflow_id', '=', workflow_id).where('place', '=', place)
  return of.where('partial', 'is not', null)
}
