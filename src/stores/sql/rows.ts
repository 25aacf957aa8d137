import type { Selectable } from 'kysely'
import { z } from 'zod'
import { type RunSummary, summaryOfResult } from '../../core/ports/history.js'
import type {
  CachedDetail,
  DeliveryRecord,
  LeaseHolder,
  Leaving,
  PendingEntry,
  RunRecord,
  WorkflowRecord,
} from '../../core/ports/store.js'
import type { Stage } from '../../core/result/outcome.js'
import type { ItemFailure, RunResult } from '../../core/result/result.js'
import type { Json } from '../../core/text/json.js'
import type { Tables } from './schema.js'

// Rows of the database as the core knows them.

type Row<T extends keyof Tables> = Selectable<Tables[T]>

const json: z.ZodType<Json> = z.json()
const stage: z.ZodType<Stage> = z.enum(['list', 'load', 'logics', 'format', 'write', 'callback'])
const outcome: z.ZodType<DeliveryRecord['outcome']> = z.enum([
  'delivered',
  'delivering',
  'discarded',
  'missing',
  'left',
])

const reason: z.ZodType<Leaving['reason']> = z.enum(['filter', 'discarded', 'renamed', 'deleted'])
const state: z.ZodType<Leaving['state']> = z.enum(['seen', 'archiving', 'archived', 'settled'])

export function toHolder({ holder, process, epoch, since }: Row<'workflows'>): LeaseHolder {
  return { name: holder ?? 'unknown', process, epoch, since }
}

export function toWorkflow(row: Row<'workflows'> & { is_running: number }): WorkflowRecord {
  return {
    workflow_id: row.workflow_id,
    action: row.action,
    scope: row.scope,
    parameters: parsed(row.parameters),
    cursor: row.cursor,
    last_result: toResult(row.last_result),
    round: row.round,
    running: row.is_running === 1 ? toHolder(row) : null,
  }
}

export function toRun({ result, ...run }: Omit<Row<'runs'>, 'summary'>): RunRecord {
  return { ...run, result: toResult(result) }
}

/** `summary` may be a whole result: then it was written before summaries were kept. */
export function toSummary({ summary, ...run }: Omit<Row<'runs'>, 'result'>): RunSummary {
  const result = toResult(summary)
  return { ...run, result: result === null ? null : summaryOfResult(result) }
}

export function toFailure(
  row: Pick<Row<'failures'>, 'reference' | 'stage' | 'code' | 'message' | 'attempts'>,
): ItemFailure {
  return { ...row, stage: stage.parse(row.stage) }
}

export function toRecord(row: Omit<Row<'records'>, 'workflow_id' | 'place'>): DeliveryRecord {
  return { ...row, outcome: outcome.parse(row.outcome), partial: row.partial !== null, memo: parsed(row.memo) }
}

export function toLeaving(row: Omit<Row<'leavings'>, 'workflow_id' | 'place'>): Leaving {
  return { ...row, reason: reason.parse(row.reason), state: state.parse(row.state) }
}

export function toStage(text: string): Stage {
  return stage.parse(text)
}

export function toPending(row: Omit<Row<'pending'>, 'workflow_id' | 'scope'>): PendingEntry {
  return { ...row, stage: stage.parse(row.stage) }
}

export function toDetail(row: Omit<Row<'details'>, 'account'>): CachedDetail {
  return { ...row, detail: parsed(row.detail) }
}

function parsed(text: string): Json {
  return json.parse(JSON.parse(text))
}

/** A result is shown, never acted on: it comes back as it was written. */
function toResult(text: string | null): RunResult | null {
  return text === null ? null : (JSON.parse(text) as RunResult)
}
