import { useEffect } from 'preact/hooks'
import type { Attention, Home, WorkflowLine } from '../../contract.js'
import { useAnswer, useInterval } from '../answer.js'
import { listen } from '../api.js'
import { Moment } from '../parts/moment.js'
import { Empty, Page, Panel, Skeleton, Trouble } from '../parts/page.js'
import { Sparkline } from '../parts/sparkline.js'
import { StatusBadge } from '../parts/status.js'
import { type Column, Table } from '../parts/table.js'
import { to } from '../router.js'
import { duration } from '../time.js'
import { CONDITIONS, count, countOf, standingOf, standingOfWorkflow } from '../words.js'

export function HomePage() {
  const { value, error, reload } = useAnswer('home', '/home')
  useEffect(() => listen('/events', { home: reload }), [reload])
  // Lag and due times go on while nothing happens.
  useInterval(reload, 60_000)
  return (
    <Page
      title="Workflows"
      crumbs={[]}
      actions={
        <a class="button primary" href={to(['setup'])}>
          Set up a workflow
        </a>
      }
    >
      {error && <Trouble error={error} again={reload} />}
      {value ? <Contents home={value} /> : !error && <Skeleton lines={9} />}
    </Page>
  )
}

function Contents({ home: { about, attention, workflows } }: { home: Home }) {
  if (workflows.length === 0) return <NoWorkflows />
  return (
    <>
      <WantsAttention attention={attention} />
      <Panel title="All workflows" flush aside={<span class="small">{countOf(workflows.length, 'workflow')}</span>}>
        <Table label="Workflows" columns={COLUMNS} rows={workflows} keyOf={({ workflow_id }) => workflow_id} />
      </Panel>
      <p class="muted small">
        State is kept in <code>{about.state}</code>.{' '}
        {about.workflows?.kind === 'file' && (
          <>
            Workflows are read from <code>{about.workflows.path}</code>.
          </>
        )}
        {about.workflows?.kind === 'database' && 'Workflows are those that were pushed to the database.'}
      </p>
    </>
  )
}

function NoWorkflows() {
  return (
    <section class="panel">
      <Empty title="No workflow yet">
        <p>
          A workflow keeps a board of HrFlow.ai true to the jobs of an account. Setting one up takes a token of each
          side and the key of the board; each answer is tried as you give it.
        </p>
        <a class="button primary" href={to(['setup'])}>
          Set up the first workflow
        </a>
      </Empty>
    </section>
  )
}

function WantsAttention({ attention }: { attention: readonly Attention[] }) {
  if (attention.length === 0) {
    return (
      <div class="verdict good" role="status">
        <StatusBadge tone="good" word="All well" /> <span class="muted">Nothing wants your attention.</span>
      </div>
    )
  }
  return (
    <section aria-label="Wants attention" class="stack">
      <h2 class="unseen">Wants attention</h2>
      <ul class="attention">
        {attention.map(({ workflow_id, condition, since, said, todo }) => (
          <li key={`${workflow_id} ${condition}`} class={CONDITIONS[condition].tone}>
            <StatusBadge {...CONDITIONS[condition]} />
            <div>
              <p>
                <a class="strong" href={to(['workflows', workflow_id])}>
                  {workflow_id}
                </a>{' '}
                <span class="when">
                  since <Moment at={since} />
                </span>
              </p>
              <p>{said}</p>
              <p class="muted">{todo}</p>
            </div>
            <a class="button" href={to(['workflows', workflow_id])}>
              Look at it<span class="unseen">: {workflow_id}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

const COLUMNS: readonly Column<WorkflowLine>[] = [
  { label: 'Workflow', kind: 'lead', cell: (line) => <Name line={line} /> },
  { label: 'Status', cell: (line) => <Standing line={line} /> },
  { label: 'Last run', cell: ({ last_run }) => <LastRun run={last_run} /> },
  { label: 'Last 20 runs', cell: ({ sparkline }) => <Sparkline runs={sparkline} /> },
  {
    label: 'Behind by',
    cell: ({ lag_ms }) =>
      lag_ms === null ? <span class="muted">–</span> : <span class="nowrap">{duration(lag_ms)}</span>,
  },
  {
    label: 'Pending',
    kind: 'number',
    cell: ({ pending }) => (pending === 0 ? <span class="muted">0</span> : count(pending)),
  },
  { label: 'Next run', cell: (line) => <NextRun line={line} /> },
]

function Name({ line: { workflow_id, from, to: target, defined } }: { line: WorkflowLine }) {
  return (
    <>
      <a class="strong" href={to(['workflows', workflow_id])}>
        {workflow_id}
      </a>
      <span class="sub">
        {from} → {target}
        {!defined && ', known by its history alone'}
      </span>
    </>
  )
}

function Standing({ line }: { line: WorkflowLine }) {
  return (
    <>
      <StatusBadge {...standingOfWorkflow(line)} />
      {line.running?.run_id && (
        <a class="sub" href={to(['runs', line.running.run_id])}>
          since <Moment at={line.running.since} />
        </a>
      )}
    </>
  )
}

function LastRun({ run }: { run: WorkflowLine['last_run'] }) {
  if (run === null) return <span class="muted">never</span>
  return (
    <>
      <a href={to(['runs', run.run_id])}>
        <Moment at={run.started_at} />
      </a>
      <span class="sub">
        {standingOf(run).word}, {count(run.written)} written
        {run.failed > 0 && `, ${count(run.failed)} failed`}
      </span>
    </>
  )
}

function NextRun({ line: { next_run_at, schedule, paused } }: { line: WorkflowLine }) {
  if (paused) return <span class="muted">paused</span>
  return (
    <>
      {next_run_at ? <Moment at={next_run_at} /> : <span class="muted">{schedule ? 'not planned' : 'by hand'}</span>}
      {schedule && (
        <span class="sub">
          <code>{schedule.cron}</code>
        </span>
      )}
    </>
  )
}
