import type { Stage } from '../result/outcome.js'
import type { RunResult } from '../result/result.js'

// What is kept of runs and looked at again, by runs and by people.

/** An item that failed and will be tried again. */
export interface PendingEntry {
  reference: string
  /** By what the origin finds it again, where that is not the reference. */
  id: string | null
  version: string | null
  stage: Stage
  code: string
  message: string
  attempts: number
  first_failed_at: number
  /** Null: it waits for a new version, a new scope or a person. */
  next_attempt_at: number | null
}

/** One run in the history. */
export interface RunRecord {
  run_id: string
  workflow_id: string
  action: string
  started_at: number
  /** Null: it is running, or died. */
  finished_at: number | null
  result: RunResult | null
}
