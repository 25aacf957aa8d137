import { useEffect } from 'preact/hooks'
import type { RunLine } from '../../../contract.js'
import { usePages, useShown } from '../../paged.js'
import { Moment } from '../../parts/moment.js'
import { More } from '../../parts/more.js'
import { Empty, Panel, Skeleton, Trouble } from '../../parts/page.js'
import { StatusBadge } from '../../parts/status.js'
import { type Column, Table } from '../../parts/table.js'
import { to } from '../../router.js'
import { duration } from '../../time.js'
import { count, countOf, KINDS, standingOf } from '../../words.js'

/** All runs of a workflow, newest first. It is read anew when a run has begun or ended. */
export function RunsPanel({ id, latest, running }: { id: string; latest: string | null; running: string | null }) {
  const { pages, error, reload, more: next, busy } = usePages('runs', `/runs?workflow_id=${encodeURIComponent(id)}`)
  useEffect(reload, [latest, running, reload])
  const { rows: runs, more } = useShown(pages?.flatMap((page) => page.runs) ?? [], next)
  if (error && !pages) return <Trouble error={error} again={reload} />
  if (!pages) return <Skeleton />
  return (
    <Panel
      title="Runs"
      flush
      foot={runs.length > 0 && <More more={more} busy={busy} shown={`${countOf(runs.length, 'run')} shown`} />}
    >
      {runs.length === 0 ? (
        <Empty title="It never ran">
          <p>Plan it first to see what a run would change; nothing is written by that.</p>
        </Empty>
      ) : (
        <Table label="Runs" columns={COLUMNS} rows={runs} keyOf={({ run_id }) => run_id} />
      )}
    </Panel>
  )
}

const COLUMNS: readonly Column<RunLine>[] = [
  {
    label: 'Started',
    kind: 'lead',
    cell: ({ run_id, started_at, kind }) => (
      <>
        <a class="strong" href={to(['runs', run_id])}>
          <Moment at={started_at} />
        </a>
        <span class="sub">{KINDS[kind]}</span>
      </>
    ),
  },
  {
    label: 'Status',
    cell: (run) => (
      <>
        <StatusBadge {...standingOf(run)} />
        {run.error && <span class="sub">{run.error}</span>}
      </>
    ),
  },
  { label: 'Listed', kind: 'number', cell: ({ listed }) => count(listed) },
  { label: 'Written', kind: 'number', cell: ({ written }) => count(written) },
  { label: 'Failed', kind: 'number', cell: ({ failed }) => count(failed) },
  { label: 'Took', kind: 'number', cell: ({ duration_ms }) => (duration_ms === null ? '–' : duration(duration_ms)) },
]
