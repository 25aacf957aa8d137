import type { EventCounters } from '../result/counters.js'
import type { Reason, Stage, Status } from '../result/outcome.js'
import type { ItemFailure, RequestTally, RunResult } from '../result/result.js'
import type { PendingEntry, RunRecord } from './kept.js'

/** A run as lists show it: without what failed, its notes and its plan. Moments are epoch milliseconds. */
export interface RunSummary {
  run_id: string
  workflow_id: string
  action: string
  started_at: number
  /** Null: it is running, or died. */
  finished_at: number | null
  /** Null: it has not ended. */
  result: {
    status: Status
    reason: Reason
    incremental: boolean
    /** Why it is fatal. */
    error: { code: string; message: string; hint: string | null } | null
    events: EventCounters
    requests: { origin: RequestTally; target: RequestTally }
  } | null
}

/** Something in an order by time, and by name where two are of one moment: the next page begins behind it. */
export interface Position {
  at: number
  id: string
}

/** Failures of a run; what is left out is not asked for. */
export interface FailureQuery {
  run_id: string
  stage?: Stage | undefined
  code?: string | undefined
  /** In the reference or the message, in whatever case. */
  text?: string | undefined
}

/** Pending items of a workflow; likewise. */
export interface PendingQuery {
  workflow_id: string
  stage?: Stage | undefined
  text?: string | undefined
}

/** A change made by hand. */
export interface AuditRecord {
  id: string
  at: number
  /** As the system knows them: `name@host`. */
  who: string
  what: string
  workflow_id: string | null
  /** For reading. Holds no secret. */
  detail: string
}

/** What is looked at by people rather than by runs: page by page, from indexes. */
export interface HistoryStore {
  /** Newest first, of one workflow or of all. */
  runs(query: { workflow_id?: string | undefined; after?: Position | undefined; limit: number }): Promise<RunSummary[]>
  /** A run without what failed in it. */
  run(run_id: string): Promise<RunRecord | null>
  /** The last runs of each of these workflows, newest first. */
  latest(workflow_ids: readonly string[], limit: number): Promise<Map<string, RunSummary[]>>
  /** In the order in which they came, behind a position. */
  failures(query: FailureQuery, after: number, limit: number): Promise<(ItemFailure & { position: number })[]>
  /** How many failed where and why, most first. */
  failureGroups(run_id: string): Promise<{ stage: Stage; code: string; count: number }[]>
  /** Failed longest ago first. A position is the moment of the first failure and the reference. */
  pending(query: PendingQuery, after: Position | null, limit: number): Promise<PendingEntry[]>
  pendingCount(query: PendingQuery): Promise<number>
  /** References of items that a workflow has dealt with, by how they begin, in whatever case. By name. */
  references(workflow_id: string, prefix: string, limit: number): Promise<string[]>
  /** Writes down a change. Kept for a year. */
  addAudit(entry: AuditRecord): Promise<void>
  /** Newest first, of one workflow or of all. */
  audit(query: {
    workflow_id?: string | undefined
    after?: Position | undefined
    limit: number
  }): Promise<AuditRecord[]>
}

/** What of a result lists show. */
export function summaryOfResult(result: RunResult): NonNullable<RunSummary['result']> {
  const { status, reason, incremental, error, events, requests } = result
  return { status, reason, incremental, error, events, requests }
}
