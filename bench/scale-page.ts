import type { Round, Scale } from './scale.js'
import { markdown, whole } from './table.js'

const COLUMNS = [
  'Processes',
  'Due over',
  'All done after',
  'Runs per s',
  'Lag: median / p99 / worst',
  'CPU per run',
  'Memory of a process',
  'PostgreSQL: CPU per run',
  'statements per run / s',
  '429s',
]

/** What the scale came to; in Markdown. */
export function scaleText({ accounts, jobs, latency_ms, ...rest }: Scale): string {
  const { push_s, first_syncs_s, resting, rounds, planned, dearest } = rest
  const before = [
    `${whole(accounts)} accounts of ${jobs} jobs, services that answer after ${latency_ms} ms.`,
    `Pushed in ${push_s.toFixed(1)} s; first syncs by one process in ${first_syncs_s.toFixed(0)} s.`,
    `With nothing due a process takes ${resting.cpu_ms_per_s.toFixed(1)} ms of CPU a second, and makes ${resting.statements_per_s.toFixed(1)} statements.`,
    `${whole(planned.schedules)} schedules due at once are planned in ${whole(planned.plan_ms)} ms.`,
  ]
  const statements = dearest.map(({ query, calls, total_ms }) => [
    whole(calls),
    whole(total_ms),
    `\`${query.replaceAll('`', '').slice(0, 160)}\``,
  ])
  const table = markdown(
    COLUMNS,
    rounds.map((round) => cellsOf(round, accounts)),
  )
  const dear = markdown(['Calls', 'ms', 'Statement, of the first round with all at once'], statements)
  return [before.join('\n'), table, dear].join('\n\n')
}

function cellsOf(round: Round, accounts: number): string[] {
  const { lag_s, postgres_cpu_ms_per_run: postgres } = round
  return [
    String(round.processes),
    round.spread_s === 0 ? 'at once' : `${round.spread_s} s`,
    `${round.wall_s.toFixed(1)} s`,
    (accounts / round.wall_s).toFixed(1),
    [lag_s.median, lag_s.p99, lag_s.worst].map((lag) => `${lag.toFixed(1)} s`).join(' / '),
    `${round.cpu_ms_per_run.toFixed(1)} ms`,
    round.rss_mib.map((mib) => `${whole(mib)} MiB`).join(', '),
    postgres === null ? '?' : `${postgres.toFixed(1)} ms`,
    `${round.statements_per_run.toFixed(0)} / ${whole(round.statements_per_s)}`,
    String(round.refused),
  ]
}
