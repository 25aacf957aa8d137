import type { Schedule } from '../../../core/ports/schedule.js'
import type { Serving } from '../../../serve/index.js'
import type { WorkflowFile } from '../../../workflows/index.js'
import { drawTable } from '../../output/table.js'
import { momentIn } from '../../output/moment-in.js'
import { printable, type Terminal, textWidth, wrap } from '../../terminal.js'

/** So many workflows are shown; of more their number is told. */
const SHOWN = 50
const NEVER = Number.MAX_SAFE_INTEGER

const PUSHED = 'What is pushed or removed (hrflow-connectors workflows push FILE, remove ID) is seen without a restart.'

export interface Started {
  /** Null: what was pushed. */
  file: WorkflowFile | null
  location: string
  serving: Serving
}

/** What is served, when and where, and how to stop it. */
export function startScreen({ file, location, serving }: Started, { stderr, env }: Terminal): string {
  const { scheduled, url } = serving
  const known = new Set(scheduled.map(({ workflow_id }) => workflow_id))
  const others = (file?.workflows ?? []).filter(({ id }) => !known.has(id)).map(({ id }) => id)
  const told = new Set(scheduled.flatMap(({ listeners }) => listeners.map(({ target }) => target))).size
  const first = [...scheduled].sort((a, b) => nextOf(a) - nextOf(b)).slice(0, SHOWN)
  const table = drawTable(
    {
      columns: ['WORKFLOW', 'ACCOUNT', 'SCHEDULE', 'IN FULL', 'NEXT RUN'].map((title) => ({ title })),
      rows: first.map((workflow) => {
        const { workflow_id, account, schedule, full_schedule, paused } = workflow
        const zone = (schedule ?? full_schedule)?.time_zone ?? 'UTC'
        const next = nextOf(workflow)
        const when = next === NEVER ? 'never' : momentIn(zone, next)
        return { cells: [workflow_id, account, shown(schedule), shown(full_schedule), paused ? 'paused' : when] }
      }),
    },
    { stdout: stderr, env },
  )
  const more = scheduled.length - first.length
  const sentences = [
    ...(more > 0 ? [`And ${more} more: hrflow-connectors workflows list.`] : []),
    ...(others.length > 0 ? [`Not run, as they have no schedule: ${others.join(', ')}.`] : []),
    ...(file === null ? [PUSHED] : []),
    told === 0
      ? 'Nobody is told when something is wrong: there is no notify.'
      : `${told} ${told === 1 ? 'address is' : 'addresses are'} told when something is wrong.`,
    'Ctrl-C or SIGTERM stops it: what is in flight is finished.',
  ]
  return [
    file === null ? `Workflows   ${scheduled.length} that were pushed` : `File        ${printable(file.path)}`,
    `State       ${printable(location)}`,
    `Addresses   ${url}/healthz, /readyz and /metrics`,
    '',
    table,
    '',
    ...sentences.map((sentence) => wrap(printable(sentence), textWidth(stderr))),
    '',
  ].join('\n')
}

function nextOf({ next_run_at, next_full_at }: { next_run_at: number | null; next_full_at: number | null }): number {
  return Math.min(next_run_at ?? NEVER, next_full_at ?? NEVER)
}

function shown(schedule: Schedule | null): string {
  return schedule === null ? '-' : `${schedule.cron} ${schedule.time_zone}`
}
