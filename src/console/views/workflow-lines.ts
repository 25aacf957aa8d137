import { qualifiedName } from '../../core/model/describe.js'
import type { RunSummary } from '../../core/ports/history.js'
import type { Condition, ScheduledWorkflow } from '../../core/ports/schedule.js'
import type { LeaseHolder, WorkflowRecord } from '../../core/ports/store.js'
import { allActions } from '../../runtime/actions.js'
import { holderOf } from '../../runtime/process.js'
import { standing } from '../../serve/decisions.js'
import type { Defined } from '../catalogue.js'
import type { Attention, WorkflowLine } from '../contract.js'
import type { LiveRun } from '../live/live-runs.js'
import { iso, type Means } from '../means.js'
import { runLine } from './run-lines.js'

/** Runs that a sparkline shows. */
const SHOWN_RUNS = 20

/** What is known of a workflow, from all places that know of it. */
interface Known {
  id: string
  record: WorkflowRecord | undefined
  scheduled: ScheduledWorkflow | undefined
  defined: Defined | undefined
  /** Newest first. */
  runs: readonly RunSummary[]
  pending: number
  live: LiveRun | null
}

/** Every workflow that is defined, scheduled, or has run. By name. */
export async function workflowLines(means: Means): Promise<WorkflowLine[]> {
  const [records, scheduled, { workflows }] = await Promise.all([
    means.store.workflows(),
    means.schedules?.scheduled() ?? [],
    means.definitions(),
  ])
  const named = [...records, ...scheduled].map(({ workflow_id }) => workflow_id)
  const ids = [...new Set([...named, ...workflows.keys()])].sort()
  const [latest, now] = await Promise.all([means.history.latest(ids, SHOWN_RUNS), means.now()])
  const pending = await Promise.all(ids.map((workflow_id) => means.history.pendingCount({ workflow_id })))
  const { live } = means.options
  return ids.map((id, at) => {
    const of = <T extends { workflow_id: string }>(all: readonly T[]) =>
      all.find(({ workflow_id }) => workflow_id === id)
    const runs = latest.get(id) ?? []
    const known = { id, record: of(records), scheduled: of(scheduled), defined: workflows.get(id), runs }
    return lineOf({ ...known, pending: pending[at] ?? 0, live: live.of(id) }, now, means)
  })
}

function lineOf(known: Known, now: number, means: Means): WorkflowLine {
  const { id, record, scheduled, defined, runs, pending, live } = known
  const [last] = runs
  const action = defined?.workflow?.action ?? allActions().find((one) => one.id === (record ?? last)?.action)
  const holder = record === undefined ? null : holderOf(record)
  const stands = standsOf(known)
  const begun = wellSince(known)
  const workflow = defined?.workflow ?? null
  return {
    workflow_id: id,
    action: action === undefined ? (record?.action ?? last?.action ?? '') : qualifiedName(action),
    from: action?.flow.from.name ?? '',
    to: action?.flow.to.name ?? '',
    ...{ condition: stands.condition, said: stands.said, since: stands.since === null ? null : iso(stands.since) },
    paused: scheduled?.paused ?? false,
    last_run: last === undefined ? null : runLine(last, means.options.live.get(last.run_id)),
    running: runningOf(holder, live, runs),
    lag_ms: begun === null ? null : Math.max(0, now - begun),
    pending,
    schedule: workflow?.schedule ?? scheduled?.schedule ?? null,
    full_schedule: workflow?.full_schedule ?? scheduled?.full_schedule ?? null,
    next_run_at: instantOf(scheduled?.next_run_at),
    next_full_at: instantOf(scheduled?.next_full_at),
    sparkline: [...runs].reverse().map((run) => {
      const { status, written, failed, duration_ms } = runLine(run, null)
      return { status, written, failed, duration_ms }
    }),
    defined: workflow !== null,
  }
}

function instantOf(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : iso(at)
}

/** A run that holds it now: its id where it can be told. */
function runningOf(
  holder: LeaseHolder | null,
  live: LiveRun | null,
  runs: readonly RunSummary[],
): WorkflowLine['running'] {
  if (live !== null && live.kind !== 'dry') return { run_id: live.run_id, since: iso(live.started_at), live: true }
  if (holder === null) return null
  const [newest] = runs
  return { run_id: newest?.finished_at === null ? newest.run_id : null, since: iso(holder.since), live: false }
}

interface Stands {
  condition: Condition
  said: string | null
  since: number | null
}

/** How it stands: by its last run, or by what has been decided of it since. */
function standsOf({ scheduled, runs, pending }: Known): Stands {
  const last = runs.find(({ result }) => result !== null)
  const ended = last?.finished_at ?? null
  const decided =
    scheduled !== undefined && (ended === null || scheduled.since >= ended || scheduled.condition === 'overdue')
  if (decided) return { condition: scheduled.condition, said: scheduled.said, since: scheduled.since }
  if (last === undefined || last.result === null) return { condition: 'ok', said: null, since: null }
  const { result } = last
  if (result.status === 'fatal')
    return { condition: 'fatal', said: result.error?.message ?? 'Its last run was fatal.', since: ended }
  if (result.reason === 'interrupted' || result.reason === 'yielded')
    return { condition: 'ok', said: null, since: ended }
  const { condition, said } = standing(result, pending)
  const since = scheduled?.condition === condition ? scheduled.since : ended
  return { condition, said, since }
}

/** When the last run began that ended well: what has changed since may not be on the target. Null: none ever did. */
function wellSince({ runs, record }: Known): number | null {
  const well = runs.find(({ result }) => result !== null && result.status !== 'fatal' && result.reason === 'none')
  if (well !== undefined) return well.started_at
  const cursor = record?.cursor ?? null
  return cursor === null ? null : Date.parse(cursor)
}

const ORDER: Attention['condition'][] = ['fatal', 'held', 'overdue', 'failures']

/** What needs somebody, the worst first. */
export async function attentionOf(lines: readonly WorkflowLine[], means: Means): Promise<Attention[]> {
  const found: Attention[] = []
  for (const line of lines) {
    const { condition, workflow_id, since, said } = line
    if (condition === 'ok') continue
    const todo = await todoOf(line, condition, means)
    found.push({ workflow_id, condition, since: since ?? iso(await means.now()), said: said ?? '', todo })
  }
  const rank = ({ condition }: Attention) => ORDER.indexOf(condition)
  return found.sort((a, b) => rank(a) - rank(b) || (a.since < b.since ? -1 : 1))
}

async function todoOf(line: WorkflowLine, condition: Attention['condition'], means: Means): Promise<string> {
  switch (condition) {
    case 'fatal': {
      const [run] = await means.history.runs({ workflow_id: line.workflow_id, limit: 1 })
      return run?.result?.error?.hint ?? 'Look at its last run, mend what it names, and run it again.'
    }
    case 'held':
      return 'Look at the plan. If they are meant to leave, run it and let them go.'
    case 'overdue':
      return 'Start hrflow-connectors serve, or run it now.'
    case 'failures':
      return 'See what failed. What is mended can be tried again, the rest can be dismissed.'
  }
}
