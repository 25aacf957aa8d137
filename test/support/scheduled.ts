import type { ScheduledWorkflow } from '../../src/core/ports/schedule.js'
import { emptyCounters, type EventCounters } from '../../src/core/result/counters.js'
import type { RunResult } from '../../src/core/result/result.js'

export const NOON = Date.UTC(2026, 10, 30, 12)

/** A workflow that runs by itself, well and with nothing due. */
export function scheduled(changes: Partial<ScheduledWorkflow> = {}): ScheduledWorkflow {
  return {
    workflow_id: 'acme',
    account: 'workable:acme',
    schedule: { cron: '*/15 * * * *', time_zone: 'UTC' },
    full_schedule: null,
    next_run_at: NOON + 900_000,
    next_full_at: null,
    taken_run_at: null,
    taken_full_at: null,
    run_due: null,
    full_due: null,
    started_at: null,
    started_full: false,
    paused: false,
    fatal_count: 0,
    waits_until: null,
    condition: 'ok',
    since: NOON,
    said: null,
    told_at: null,
    listeners: [{ target: 't', on: ['fatal', 'failures', 'overdue', 'held', 'recovered'] }],
    sent_at: null,
    ...changes,
  }
}

/** How a run ended. */
export function ended(changes: Partial<RunResult> = {}, events: Partial<EventCounters> = {}): RunResult {
  const tally = { sent: 1, retried: 0, waited_ms: 0 }
  return {
    ...{ status: 'success', reason: 'none', run_id: 'r', workflow_id: 'acme', action: 'update_jobs_in_hrflow' },
    events: { ...emptyCounters(), ...events },
    ...{ incremental: true, incremental_token: null, error: null, failures: [], notes: [] },
    ...{ started_at: new Date(NOON).toISOString(), finished_at: new Date(NOON).toISOString() },
    requests: { origin: tally, target: tally },
    ...changes,
  }
}

export function fatal(code: string, reason: RunResult['reason'] = 'read_failure'): RunResult {
  return ended({ status: 'fatal', reason, error: { code, message: `[workable] ${code}.`, hint: null } })
}
