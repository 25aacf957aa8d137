import type {
  Condition,
  Decide,
  DecideAt,
  Decision,
  Facts,
  ScheduledWorkflow,
  StartFacts,
} from '../core/ports/schedule.js'
import type { RunResult } from '../core/result/result.js'
import { backoffMs, isForPerson } from './backoff.js'
import { tell } from './telling.js'

// What becomes of a workflow when it starts, when it ends and when a person speaks. Pure: over its row and the time.

/** What a run was started for. */
export interface Claim {
  workflow_id: string
  started_at: number
  /** Whether it is to read everything. */
  full: boolean
  /** Since when it was due. */
  due: number
}

/** A workflow that is to start: it does, is to be asked again at a moment, or has nothing to do (null). */
export type Start = { claim: Claim } | { again_at: number } | null

/** A lease may be renewed a moment before it ends. */
const AFTER_LEASE_MS = 1_000

interface Starting {
  start: Start
  decision: Decision | null
}

/**
 * Starts a workflow. What was begun before and never ended counts as a fatal run: its process was killed, as nobody holds it any
 * more. What is due is taken from the row, so that what comes due while it runs is seen.
 */
export function starting(workflow: ScheduledWorkflow, { now, held_ms, busy_ms }: StartFacts): Starting {
  const { run_due, full_due, waits_until, workflow_id, started_at } = workflow
  if (workflow.paused) return { start: null, decision: null }
  if (started_at !== null) {
    if (held_ms > 0) return { start: { again_at: now + held_ms + AFTER_LEASE_MS }, decision: null }
    const said = `Its run that began at ${iso(started_at)} never ended: its process was killed, or lost its state.`
    const decision = failed(workflow, { now, said, again_ms: backoffMs(workflow.fatal_count + 1, false) })
    return { start: { again_at: decision.changes.waits_until ?? now }, decision }
  }
  if (waits_until !== null && waits_until > now) return { start: { again_at: waits_until }, decision: null }
  if (run_due === null && full_due === null) return { start: null, decision: null }
  if (busy_ms > 0) return { start: { again_at: now + busy_ms }, decision: null }
  const full = full_due !== null
  const due = Math.min(run_due ?? now, full_due ?? now)
  const changes = { started_at: now, started_full: full, run_due: null, full_due: null, waits_until: null }
  return { start: { claim: { workflow_id, started_at: now, full, due } }, decision: { changes } }
}

/** Does not start a workflow that cannot be made of what is stored of it. */
export function refusing(workflow: ScheduledWorkflow, { now }: Facts, said: string): Starting {
  const { run_due, full_due, waits_until, paused } = workflow
  if (paused || (run_due === null && full_due === null)) return { start: null, decision: null }
  if (waits_until !== null && waits_until > now) return { start: { again_at: waits_until }, decision: null }
  const due = Math.min(run_due ?? now, full_due ?? now)
  const decision = failed(workflow, { now, said, again_ms: backoffMs(workflow.fatal_count + 1, true), due })
  return { start: { again_at: decision.changes.waits_until ?? now }, decision }
}

/** How a run ended, as far as the next one goes. */
type End = 'done' | 'fatal' | 'again' | 'held_elsewhere'

function endOf({ status, reason }: RunResult): End {
  if (reason === 'workflow_already_running') return 'held_elsewhere'
  if (reason === 'interrupted' || reason === 'yielded' || reason === 'workflow_lease_lost') return 'again'
  return status === 'fatal' ? 'fatal' : 'done'
}

/** After a run: what it was started for is done with, or due again. */
export function ending(claim: Claim, result: RunResult): Decide {
  return (workflow, facts) => {
    const { now, held_ms } = facts
    // Another process has taken it over: it says what becomes of it.
    if (workflow.started_at !== claim.started_at) return null
    const end = endOf(result)
    if (end === 'done') return succeeded(workflow, result, facts)
    // One that made way waits from now on: behind all that were due before.
    const waits_until = result.reason === 'yielded' ? now : null
    if (end === 'again') return { changes: { ...dueAgain(workflow, claim.due), waits_until } }
    if (end === 'held_elsewhere')
      return { changes: { ...dueAgain(workflow, claim.due), waits_until: now + held_ms + AFTER_LEASE_MS } }
    const again_ms = backoffMs(workflow.fatal_count + 1, isForPerson(result))
    const said = result.error?.message ?? 'Its run was fatal.'
    return failed(workflow, { now, said, again_ms, due: claim.due })
  }
}

/** After a run that a person started elsewhere: one that was not fatal ends what was wrong before. What is due stays due. */
export function mending(result: RunResult): Decide {
  return (workflow, facts) => {
    if (endOf(result) !== 'done') return null
    const { changes, messages } = succeeded(workflow, result, facts)
    return { changes: { ...changes, started_at: workflow.started_at }, ...(messages && { messages }) }
  }
}

function succeeded(workflow: ScheduledWorkflow, result: RunResult, { now, pending }: Facts): Decision {
  const { condition, said } = standing(result, pending)
  const since = condition === workflow.condition ? workflow.since : now
  const after = { ...workflow, condition, since, said }
  const { messages, told_at } = tell(workflow, after, now)
  const changes = { started_at: null, fatal_count: 0, waits_until: null, condition, since, said, told_at }
  return { changes, messages }
}

/** How a workflow stands after a run that was not fatal. */
export function standing(
  { events, status }: Pick<RunResult, 'events' | 'status'>,
  pending: number,
): { condition: Condition; said: string | null } {
  if (events.left_held > 0) {
    const said = `${items(events.left_held)} that left ${are(events.left_held)} held back, as too many left at once.`
    return { condition: 'held', said }
  }
  if (status === 'success' && pending === 0) return { condition: 'ok', said: null }
  const { read_failure, list_failure, logics_failure, format_failure, write_failure } = events
  const failures = read_failure + list_failure + logics_failure + format_failure + write_failure
  const failing = `${failures} ${failures === 1 ? 'failure' : 'failures'} in its last run`
  const waiting = `${items(pending)} ${are(pending)} pending`
  const callback = events.callback_failure > 0 ? ', its callback failed' : ''
  return { condition: 'failures', said: `${failing}, ${waiting}${callback}.` }
}

const items = (count: number) => `${count} ${count === 1 ? 'item' : 'items'}`
const are = (count: number) => (count === 1 ? 'is' : 'are')

/** It is due as it was, and waits. */
function failed(
  workflow: ScheduledWorkflow,
  { now, said, again_ms, due }: { now: number; said: string; again_ms: number; due?: number },
): Decision & { messages: NonNullable<Decision['messages']> } {
  const since = workflow.condition === 'fatal' ? workflow.since : now
  const after = { ...workflow, condition: 'fatal' as const, since, said }
  const { messages, told_at } = tell(workflow, after, now)
  const changes = {
    ...dueAgain(workflow, due ?? workflow.started_at ?? now),
    ...{ fatal_count: workflow.fatal_count + 1, waits_until: now + again_ms },
    ...{ condition: 'fatal' as const, since, said, told_at },
  }
  return { changes, messages }
}

/** Nothing of it is started, and what was is due since it was. */
function dueAgain(workflow: ScheduledWorkflow, due: number) {
  const { run_due, full_due, started_full } = workflow
  const again = started_full ? { full_due: Math.min(full_due ?? due, due) } : { run_due: Math.min(run_due ?? due, due) }
  return { started_at: null, waits_until: null, ...again }
}

/** A person stops a workflow from being run; a run that is on its way goes on. */
export const pausing: Decide = () => ({ changes: { paused: true } })

/** A person lets it run again, and at once what waits for something to be mended. */
export const resuming: Decide = () => ({ changes: { paused: false, fatal_count: 0, waits_until: null } })

/** A person wants a run now. */
export function asking(full: boolean): Decide {
  return ({ run_due, full_due }, { now }) => {
    const due = full ? { full_due: full_due ?? now } : { run_due: run_due ?? now }
    return { changes: { ...due, fatal_count: 0, waits_until: null } }
  }
}

/** So long a workflow may be due before somebody is told, and so often what lasts is told again. */
export const OVERDUE_MS = 3_600_000
export const REPEAT_MS = 24 * 3_600_000

/** Of what is due for long, or was told of long ago: whether somebody is told. */
export const watching: DecideAt = (workflow, now) => {
  const { condition, waits_until, run_due, full_due, told_at } = workflow
  const due = Math.min(run_due ?? now, full_due ?? now)
  const isWaiting = waits_until !== null && waits_until > now
  if (now - due > OVERDUE_MS && !isWaiting && condition !== 'fatal' && condition !== 'overdue') {
    const said = `It has been due since ${iso(due)}, and nothing has run it.`
    const after = { ...workflow, condition: 'overdue' as const, since: due, said }
    const { messages, told_at: told } = tell(workflow, after, now)
    return { changes: { condition: 'overdue', since: due, said, told_at: told }, messages }
  }
  if (condition === 'ok' || told_at === null || now - told_at < REPEAT_MS) return null
  const again = tell(workflow, workflow, now)
  return { changes: { told_at: again.told_at }, messages: again.messages }
}

const iso = (at: number) => new Date(at).toISOString()
