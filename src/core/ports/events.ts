import type { ItemOutcome } from '../result/outcome.js'
import type { ItemFailure, RunResult } from '../result/result.js'

/** What a logger must offer: pino's shape, so that a pino instance can be passed as it is. */
export interface Logger {
  debug(fields: Record<string, unknown>, message: string): void
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

/** Everything a run tells while it runs; strings are redacted. */
export type RunEvent =
  | { type: 'run_started'; run_id: string; workflow_id: string; action: string; at: number; notes: string[] }
  | { type: 'item'; run_id: string; outcome: ItemOutcome; reference: string | null; failure?: ItemFailure }
  /** An item was delivered once more, with its details, and that ended otherwise than its `item` event said: it counts so. */
  | { type: 'item_amended'; run_id: string; reference: string; before: ItemOutcome; outcome: ItemOutcome }
  /** About how many items there are, by what the runs before have delivered; told where that is known. */
  | { type: 'expected'; run_id: string; items: number }
  /** So many items are delivered and wait for their details, which this run is reading. */
  | { type: 'details'; run_id: string; due: number }
  | { type: 'list_failure'; run_id: string; message: string }
  | { type: 'request'; run_id: string; side: Side; request: RequestEvent }
  /** `pending`: items that later runs try again; null where nothing is kept, or the run ended before it was known. */
  | { type: 'run_finished'; run_id: string; result: RunResult; pending: number | null }

/** One attempt at one HTTP request. `status` is null when no answer came; `waited_ms` is the time queued before it was sent. */
export interface RequestEvent {
  service: string
  method: string
  path: string
  attempt: number
  status: number | null
  duration_ms: number
  waited_ms: number
  /**
   * What the answer says of the service's budget: requests per slot of so many milliseconds, and how many are left in this one;
   * `spare` of them are never used. Null: nothing.
   */
  budget: { limit: number; remaining: number; spare: number; slot_ms: number } | null
}

/** Receives every event of a run. What it throws, or a promise of its rejects with, is logged and ignored. */
export type Observer = (event: RunEvent) => unknown

export type Side = 'origin' | 'target'
