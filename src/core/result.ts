import type { Plan } from './plan.js'
import type { ItemFailure, RequestTally } from './ports.js'

/** Where in a run something happened. */
export type Stage = 'list' | 'load' | 'logics' | 'format' | 'write' | 'callback'

/** How a listed item ended: exactly one of these, each counted under its own name but `previewed` (a dry run's success). */
export type ItemOutcome =
  | 'read_failure'
  | 'read_unchanged'
  | 'read_filtered'
  | 'read_gone'
  | 'read_skipped'
  | 'logics_discard'
  | 'logics_failure'
  | 'format_failure'
  | 'write_success'
  | 'write_unchanged'
  | 'write_not_found'
  | 'write_failure'
  | 'write_skipped'
  | 'previewed'

const READ_ENDS = ['read_failure', 'read_unchanged', 'read_filtered', 'read_gone', 'read_skipped'] as const
const WRITE_ENDS = ['write_success', 'write_unchanged', 'write_not_found', 'write_failure', 'write_skipped'] as const

/**
 * What a run counted. In every run that is not a dry run:
 * listed = read_success + read_failure + read_unchanged + read_filtered + read_gone + read_skipped, and
 * read_success = logics_discard + logics_failure + format_failure + write_success + write_unchanged + write_not_found +
 * write_failure + write_skipped.
 */
export interface EventCounters {
  /** Items read whole. */
  read_success: number
  /** Items that could not be read. */
  read_failure: number
  /** Items already delivered at this version. */
  read_unchanged: number
  /** Items outside the filter. */
  read_filtered: number
  /** Items listed and then deleted. */
  read_gone: number
  /** Items listed, not loaded: the run ended first. */
  read_skipped: number
  /** Pages, or entries on them, that could not be listed. */
  list_failure: number
  format_failure: number
  logics_discard: number
  logics_failure: number
  /** Items written. */
  write_success: number
  /** Items with nothing to change, created before, or archived already. */
  write_unchanged: number
  /** Updates for items that the target does not have. */
  write_not_found: number
  write_failure: number
  /** Items read, not written: the run ended first. */
  write_skipped: number
  callback_failure: number
  callback_executed: number
  getting_incremental_token_failure: number
}

/** How a run ended: `fatal` concerns the whole run, `success_with_failures` some of its items. */
export type Status = 'success' | 'success_with_failures' | 'fatal'

/** Why a run ended as it did; `none` unless it is fatal or was interrupted. */
export type Reason =
  | 'none'
  | 'workflow_id_not_found'
  | 'origin_is_not_readable'
  | 'target_is_not_writable'
  | 'origin_does_not_support_incremental'
  | 'backend_not_configured'
  | 'event_parsing_failure'
  | 'getting_incremental_token_failure'
  | 'mode_not_supported_by_origin'
  | 'mode_not_supported_by_target'
  | 'bad_origin_parameters'
  | 'bad_target_parameters'
  | 'format_failure'
  | 'logics_failure'
  | 'read_failure'
  | 'write_failure'
  | 'workflow_already_running'
  | 'workflow_lease_lost'
  | 'interrupted'

/** What a run returns, whatever happened in it. */
export interface RunResult {
  status: Status
  /** `none` on success and success_with_failures, or `interrupted`; why, on fatal. */
  reason: Reason
  run_id: string
  workflow_id: string | null
  action: string
  events: EventCounters
  incremental: boolean
  /** The cursor stored for the next incremental run, an ISO instant; null when there is none. */
  incremental_token: string | null
  /** ISO instants. */
  started_at: string
  finished_at: string
  /** Why the run is fatal. */
  error: { code: string; message: string; hint: string | null } | null
  /** The first 100. */
  failures: ItemFailure[]
  /** Sentences worth reading. */
  notes: string[]
  requests: { origin: RequestTally; target: RequestTally }
  /** What a run would change; of a dry run that compares alone. */
  plan?: Plan
}

export function emptyCounters(): EventCounters {
  return {
    read_success: 0,
    read_failure: 0,
    read_unchanged: 0,
    read_filtered: 0,
    read_gone: 0,
    read_skipped: 0,
    list_failure: 0,
    format_failure: 0,
    logics_discard: 0,
    logics_failure: 0,
    write_success: 0,
    write_unchanged: 0,
    write_not_found: 0,
    write_failure: 0,
    write_skipped: 0,
    callback_failure: 0,
    callback_executed: 0,
    getting_incremental_token_failure: 0,
  }
}

/** Counts one item's end. Whatever ends after the reading was read. */
export function countOutcome(events: EventCounters, outcome: ItemOutcome): void {
  if (!isReadEnd(outcome)) events.read_success += 1
  if (outcome !== 'previewed') events[outcome] += 1
}

/** Items listed, as the counters have it. */
export function listedCount(events: EventCounters): number {
  return events.read_success + READ_ENDS.reduce((sum, name) => sum + events[name], 0)
}

function isReadEnd(outcome: ItemOutcome): outcome is (typeof READ_ENDS)[number] {
  return READ_ENDS.some((name) => name === outcome)
}

/** How a run ended, from what it counted. */
export function conclude(
  events: EventCounters,
  run: { incremental: boolean; interrupted: boolean; plan?: Plan },
): { status: Status; reason: Reason } {
  if (run.interrupted) return { status: 'success_with_failures', reason: 'interrupted' }
  if (nothingCouldBeRead(events)) return { status: 'fatal', reason: 'read_failure' }
  const stage = run.incremental ? undefined : (stageWhereAllFailed(events) ?? comparingFailed(run.plan))
  if (stage !== undefined) return { status: 'fatal', reason: stage }
  const failed =
    events.read_failure + events.list_failure + events.logics_failure + events.format_failure + events.write_failure
  const uncompared = run.plan?.totals.failed ?? 0
  const problems = failed + uncompared + events.callback_failure + events.getting_incremental_token_failure
  return { status: problems > 0 ? 'success_with_failures' : 'success', reason: 'none' }
}

/** In a comparing dry run this is the last stage. */
function comparingFailed(plan: Plan | undefined): Reason | undefined {
  const failed = plan?.totals.failed ?? 0
  const all = Object.values(plan?.totals ?? {}).reduce((sum, count) => sum + count, 0)
  return failed > 0 && failed === all ? 'write_failure' : undefined
}

function nothingCouldBeRead(events: EventCounters): boolean {
  return events.list_failure > 0 && listedCount(events) === 0
}

/** The first stage that every item that reached it failed in. Discarded items did not fail. */
function stageWhereAllFailed(events: EventCounters): Reason | undefined {
  if (events.read_failure > 0 && events.read_failure === listedCount(events)) return 'read_failure'
  const formatted = events.read_success - events.logics_discard - events.logics_failure
  const written = WRITE_ENDS.reduce((sum, name) => sum + events[name], 0)
  if (events.logics_failure > 0 && events.logics_failure === events.read_success) return 'logics_failure'
  if (events.format_failure > 0 && events.format_failure === formatted) return 'format_failure'
  if (events.write_failure > 0 && events.write_failure === written) return 'write_failure'
  return undefined
}
