import { type EventCounters, listedCount } from './counters.js'
import type { Reason, Stage, Status } from './outcome.js'
import type { Plan } from './plan.js'

/** Why an item failed: what a person needs in order to act. */
export interface ItemFailure {
  /** Of the item at its origin; null where the failure is of no single item. */
  reference: string | null
  stage: Stage
  /** Stable, for programs: `http_500`, `format_invalid`, ... */
  code: string
  /** What happened, where, and what to do next; at most 200 characters of it are a service's own words. */
  message: string
  /** How often it was tried in this run. */
  attempts: number
  /** Where in a function of the caller's it was thrown, as `logics.js:12:5`; left out where that is not known. */
  at?: string
}

/** Requests of one side of a run. */
export interface RequestTally {
  /** Every attempt. */
  sent: number
  /** Those of them that repeat one that failed. */
  retried: number
  /** Milliseconds that requests were queued for budget or told to wait, summed over requests that waited side by side. */
  waited_ms: number
}

const WRITE_ENDS = [
  ...(['write_success', 'write_unchanged', 'write_not_found', 'write_archived', 'write_unarchived'] as const),
  ...(['write_failure', 'write_skipped'] as const),
] as const

/** What a run returns, whatever happened in it. */
export interface RunResult {
  status: Status
  /** `none` on success and success_with_failures, `interrupted` or `yielded`; why, on fatal. */
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

/** Failures of all kinds, as they are listed. */
export function failureCount({ events, plan }: Pick<RunResult, 'events' | 'plan'>): number {
  return (
    (plan?.totals.failed ?? 0) +
    events.read_failure +
    events.list_failure +
    events.logics_failure +
    events.format_failure +
    events.write_failure +
    events.callback_failure +
    (events.left_held > 0 ? 1 : 0)
  )
}

/** What ended a run before it was done: told to stop, or to make way for others. */
export type StoppedBy = 'interrupted' | 'yielded'

/** How a run ended, from what it counted. */
export function conclude(
  events: EventCounters,
  run: { incremental: boolean; stopped: StoppedBy | null; plan?: Plan },
): { status: Status; reason: Reason } {
  if (run.stopped) return { status: 'success_with_failures', reason: run.stopped }
  if (nothingCouldBeRead(events)) return { status: 'fatal', reason: 'read_failure' }
  const stage = run.incremental ? undefined : (stageWhereAllFailed(events) ?? comparingFailed(run.plan))
  if (stage !== undefined) return { status: 'fatal', reason: stage }
  const failed =
    events.read_failure + events.list_failure + events.logics_failure + events.format_failure + events.write_failure
  const uncompared = run.plan?.totals.failed ?? 0
  const problems =
    failed + uncompared + events.left_held + events.callback_failure + events.getting_incremental_token_failure
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
