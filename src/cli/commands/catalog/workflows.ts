import { qualifiedName } from '../../../core/model/describe.js'
import { nextRun } from '../../../workflows/index.js'
import { openWorkflowFile } from '../../input/workflow-file.js'
import { drawTable } from '../../output/table.js'
import { answer, printable, type Terminal } from '../../terminal.js'

export interface WorkflowsOptions {
  file?: string
  json?: boolean
}

/** `workflows`: those of the file, and when each runs next by its schedule. */
export async function listWorkflows({ file, json }: WorkflowsOptions, terminal: Terminal): Promise<void> {
  const { path, workflows, warnings } = await openWorkflowFile(file, terminal, { reads_items: false })
  const now = new Date()
  const rows: Row[] = []
  for (const { id, action, incremental, schedule } of workflows) {
    const next = schedule === null ? null : await nextRun(schedule, now)
    const next_run = next?.toISOString() ?? null
    rows.push({ id, action: qualifiedName(action), incremental, schedule, next_run })
  }
  answer(terminal.stdout, json, { file: path, workflows: rows, warnings }, () => draw(path, rows, terminal))
}

/** By the clock that the schedule goes by, which is named beside it. */
function momentIn(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(at)
}

interface Row {
  id: string
  action: string
  incremental: boolean
  schedule: { cron: string; time_zone: string } | null
  next_run: string | null
}

function draw(path: string, rows: Row[], terminal: Terminal): string {
  const table = drawTable(
    {
      columns: [
        { title: 'WORKFLOW' },
        { title: 'ACTION' },
        { title: 'INCREMENTAL' },
        { title: 'SCHEDULE' },
        { title: 'NEXT RUN' },
      ],
      rows: rows.map(({ id, action, incremental, schedule, next_run }) => ({
        cells: [
          id,
          action,
          incremental ? 'yes' : 'no',
          schedule === null ? '-' : `${schedule.cron} ${schedule.time_zone}`,
          next_run === null || schedule === null ? '-' : momentIn(schedule.time_zone, Date.parse(next_run)),
        ],
      })),
    },
    terminal,
  )
  return `File        ${printable(path)}\n\n${table}`
}
