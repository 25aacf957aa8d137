import { z } from 'zod'
import { qualifiedName } from '../../../core/model/describe.js'
import {
  keepsSchedules,
  type Schedule,
  type ScheduledWorkflow,
  type StoredWorkflow,
} from '../../../core/ports/schedule.js'
import { stateLocation } from '../../../runtime/environment.js'
import { stateIfThere } from '../../../runtime/state.js'
import { nextRun } from '../../../workflows/index.js'
import { openWorkflowFile } from '../../input/workflow-file.js'
import { momentIn } from '../../output/moment-in.js'
import { drawTable } from '../../output/table.js'
import { answer, printable, type Terminal } from '../../terminal.js'

export interface WorkflowsOptions {
  file?: string
  json?: boolean
}

/** `workflows`: those of the file, or those that were pushed; when each runs next, and how it stands where `serve` runs it. */
export async function listWorkflows({ file, json }: WorkflowsOptions, terminal: Terminal): Promise<void> {
  const { served, stored, location } = await servedIn(terminal)
  if (file === undefined && stored.length > 0) {
    const rows = await Promise.all(stored.map((workflow) => storedRow(workflow, served.get(workflow.workflow_id))))
    const seen = { file: null, state: location, workflows: rows, warnings: [] }
    answer(terminal.stdout, json, seen, () => draw(`Stored in   ${printable(location)}`, rows, terminal))
    return
  }
  const { path, workflows, warnings } = await openWorkflowFile(file, terminal, { reads_items: false })
  const rows: Row[] = []
  for (const { id, action, incremental, schedule, full_schedule } of workflows) {
    const row = { id, action: qualifiedName(action), incremental, schedule, full_schedule }
    rows.push({ ...row, ...(await standing(row, served.get(id))) })
  }
  const seen = { file: path, workflows: rows, warnings }
  answer(terminal.stdout, json, seen, () => draw(`File        ${printable(path)}`, rows, terminal))
}

const definition = z.looseObject({ action: z.string().catch('-'), incremental: z.boolean().catch(false) })

async function storedRow(stored: StoredWorkflow, known: ScheduledWorkflow | undefined): Promise<Row> {
  const { action, incremental } = definition.parse(stored.definition)
  const { schedule = null, full_schedule = null } = known ?? {}
  const row = { id: stored.workflow_id, action, incremental, schedule, full_schedule }
  return { ...row, ...(await standing(row, known)) }
}

async function standing(
  { schedule, full_schedule }: Pick<Row, 'schedule' | 'full_schedule'>,
  known?: ScheduledWorkflow,
) {
  return {
    next_run: await nextOf(schedule, known?.schedule, known?.next_run_at),
    next_full: await nextOf(full_schedule, known?.full_schedule, known?.next_full_at),
    served: known === undefined ? null : shownOf(known),
  }
}

/** What `serve` has written down, by workflow. Nothing is made, and a state that cannot be used is no reason to fail. */
async function servedIn({ env }: Terminal) {
  const none = { served: new Map<string, ScheduledWorkflow>(), stored: [], location: '' }
  const store = await stateIfThere(stateLocation(env)).catch(() => null)
  if (store === null) return none
  try {
    if (!keepsSchedules(store)) return none
    const scheduled = await store.schedules.scheduled()
    const served = new Map(scheduled.map((workflow) => [workflow.workflow_id, workflow]))
    return { served, stored: await store.schedules.stored(), location: (await store.summary()).location }
  } finally {
    await store.close()
  }
}

/** As it is planned, where it is planned by this schedule; else as the schedule says. */
async function nextOf(
  schedule: Schedule | null,
  planned?: Schedule | null,
  at?: number | null,
): Promise<string | null> {
  if (schedule === null) return null
  const isPlanned = planned?.cron === schedule.cron && planned.time_zone === schedule.time_zone
  const next = isPlanned && typeof at === 'number' ? new Date(at) : await nextRun(schedule, new Date())
  return next?.toISOString() ?? null
}

/** How a workflow stands that is served. ISO instants. */
function shownOf({ run_due, full_due, paused, waits_until, condition, since, said }: ScheduledWorkflow) {
  const due = run_due === null || full_due === null ? (run_due ?? full_due) : Math.min(run_due, full_due)
  const isWaiting = waits_until !== null && waits_until > Date.now()
  return {
    due_since: isoOf(due),
    paused,
    waits_until: isWaiting ? isoOf(waits_until) : null,
    condition,
    since: isoOf(since),
    said,
  }
}

const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString())

interface Row {
  id: string
  action: string
  incremental: boolean
  schedule: Schedule | null
  full_schedule: Schedule | null
  next_run: string | null
  next_full: string | null
  /** Null: nothing serves it. */
  served: ReturnType<typeof shownOf> | null
}

function draw(head: string, rows: Row[], terminal: Terminal): string {
  const isServed = rows.some(({ served }) => served !== null)
  const titles = ['WORKFLOW', 'ACTION', 'INCREMENTAL', 'SCHEDULE', 'NEXT RUN', ...(isServed ? ['STANDS'] : [])]
  const table = drawTable(
    {
      columns: titles.map((title) => ({ title })),
      rows: rows.map((row) => ({
        cells: [
          row.id,
          row.action,
          row.incremental ? 'yes' : 'no',
          row.schedule === null ? '-' : `${row.schedule.cron} ${row.schedule.time_zone}`,
          nextIn(row),
          ...(isServed ? [row.served?.condition ?? '-'] : []),
        ],
        text: row.served?.said ?? '',
      })),
      ...(isServed ? { text: '' } : {}),
    },
    terminal,
  )
  return `${head}\n\n${table}`
}

/** When it runs next, or why it does not. */
function nextIn({ schedule, next_run, served }: Row): string {
  const zone = schedule?.time_zone ?? 'UTC'
  if (served?.paused === true) return 'paused'
  if (typeof served?.waits_until === 'string') return `waits until ${momentIn(zone, Date.parse(served.waits_until))}`
  if (served !== null && served.due_since !== null) return 'now'
  return next_run === null ? '-' : momentIn(zone, Date.parse(next_run))
}
