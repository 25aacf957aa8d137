import type { DecideAt, Decision, Schedule, ScheduledWorkflow } from '../core/ports/schedule.js'
import type { Timetable } from '../workflows/index.js'
import { backoffMs } from './backoff.js'

// When workflows are due. All of it is arithmetic over what is written down and the time.

/** What is said of a workflow where it is defined. */
export type Registered = Pick<ScheduledWorkflow, 'workflow_id' | 'account' | 'schedule' | 'full_schedule' | 'listeners'>

/** A lease is a minute: longer, nobody waits for another run. */
const LONGEST_WITHOUT_FATAL_MS = 120_000

/**
 * Of a workflow whose moment has come: it is due since then, and its next moment is the first one after now. So what was
 * missed is run once. A paused one is not made due.
 */
export function planning(timetable: Timetable): DecideAt {
  const next = (schedule: Schedule | null, now: number, taken: number | null) =>
    schedule === null ? null : firstOf(schedule, now, taken, timetable)
  return (workflow, now): Decision | null => {
    const { next_run_at, next_full_at, paused } = workflow
    const isRun = next_run_at !== null && next_run_at <= now
    const isFull = next_full_at !== null && next_full_at <= now
    if (!isRun && !isFull) return null
    const taken_run_at = furthest(next_run_at, workflow.taken_run_at)
    const taken_full_at = furthest(next_full_at, workflow.taken_full_at)
    const run_due = paused ? workflow.run_due : (workflow.run_due ?? next_run_at)
    const full_due = paused ? workflow.full_due : (workflow.full_due ?? next_full_at)
    return {
      changes: {
        ...(isRun ? { next_run_at: next(workflow.schedule, now, taken_run_at), taken_run_at, run_due } : {}),
        ...(isFull ? { next_full_at: next(workflow.full_schedule, now, taken_full_at), taken_full_at, full_due } : {}),
      },
    }
  }
}

/** The workflows as they are defined now, each with what is known of it. Those that are defined no longer go. */
export function registering(registered: readonly Registered[], timetable: Timetable) {
  return (known: readonly ScheduledWorkflow[], now: number): ScheduledWorkflow[] => {
    const byId = new Map(known.map((workflow) => [workflow.workflow_id, workflow]))
    return registered.map((given) => {
      const before = byId.get(given.workflow_id) ?? fresh(given, now)
      const run = { schedule: given.schedule, before: before.schedule, next: before.next_run_at }
      const full = { schedule: given.full_schedule, before: before.full_schedule, next: before.next_full_at }
      const longest = before.fatal_count === 0 ? LONGEST_WITHOUT_FATAL_MS : backoffMs(before.fatal_count, true)
      return {
        ...before,
        ...given,
        next_run_at: replanned({ ...run, taken: before.taken_run_at }, now, timetable),
        next_full_at: replanned({ ...full, taken: before.taken_full_at }, now, timetable),
        waits_until: before.waits_until === null ? null : Math.min(before.waits_until, now + longest),
      }
    })
  }
}

interface Planned {
  schedule: Schedule | null
  /** The schedule that `next` was planned by. */
  before: Schedule | null
  next: number | null
  taken: number | null
}

/**
 * The next moment, as it was planned, unless the schedule is another one or the clock was put back: then the next one from
 * now on, but none that was taken already.
 */
function replanned({ schedule, before, next, taken }: Planned, now: number, timetable: Timetable): number | null {
  if (schedule === null) return null
  const expected = firstOf(schedule, now, taken, timetable)
  const isSame = before?.cron === schedule.cron && before.time_zone === schedule.time_zone
  if (!isSame || next === null || expected === null) return expected
  return Math.min(next, expected)
}

/** The first moment after now, but for the one that was taken already: the clock was put back since. */
function firstOf(schedule: Schedule, now: number, taken: number | null, timetable: Timetable): number | null {
  const first = timetable(schedule, now)
  return first !== null && first === taken ? timetable(schedule, first) : first
}

function furthest(next: number | null, taken: number | null): number | null {
  return next === null || taken === null ? (next ?? taken) : Math.max(next, taken)
}

function fresh(given: Registered, now: number): ScheduledWorkflow {
  return {
    ...given,
    schedule: null,
    full_schedule: null,
    ...{ next_run_at: null, next_full_at: null, taken_run_at: null, taken_full_at: null },
    ...{ run_due: null, full_due: null, started_at: null, started_full: false },
    ...{ paused: false, fatal_count: 0, waits_until: null },
    ...{ condition: 'ok', since: now, said: null, told_at: null, sent_at: null },
  }
}
