import type { RunSummary } from '../../core/ports/history.js'
import type { EventCounters } from '../../core/result/counters.js'
import { emptyCounters, listedCount } from '../../core/result/counters.js'
import { failureCount } from '../../core/result/result.js'
import type { RunLine } from '../contract.js'
import type { LiveRun } from '../live/live-runs.js'
import { iso } from '../means.js'

/** A run as lists show it; `live`: it runs in this process. */
export function runLine(run: RunSummary, live: LiveRun | null): RunLine {
  const { run_id, workflow_id, started_at, finished_at, result } = run
  const isLive = live !== null && live.result === null
  const events = isLive ? live.progress().events : (result?.events ?? emptyCounters())
  const full = result !== null && !result.incremental
  return {
    ...{ run_id, workflow_id, started_at: iso(started_at) },
    finished_at: finished_at === null ? null : iso(finished_at),
    live: isLive,
    kind: full ? 'full' : (live?.kind ?? 'run'),
    status: result?.status ?? null,
    reason: result?.reason ?? null,
    error: result?.error?.message ?? null,
    ...countsOf(events),
    duration_ms: finished_at === null ? null : finished_at - started_at,
  }
}

/** A run that this process alone knows of. */
export function liveLine(live: LiveRun): RunLine {
  const { run_id, workflow_id, started_at, result } = live
  return {
    ...{ run_id, workflow_id, started_at: iso(started_at), finished_at: result?.finished_at ?? null },
    ...{ live: result === null, kind: live.kind },
    ...{ status: result?.status ?? null, reason: result?.reason ?? null, error: result?.error?.message ?? null },
    ...countsOf(result?.events ?? live.progress().events),
    duration_ms: result === null ? null : Date.parse(result.finished_at) - Date.parse(result.started_at),
  }
}

function countsOf(events: EventCounters): Pick<RunLine, 'listed' | 'written' | 'failed'> {
  const written = events.write_success + events.write_archived + events.write_unarchived
  return { listed: listedCount(events), written, failed: failureCount({ events }) }
}
