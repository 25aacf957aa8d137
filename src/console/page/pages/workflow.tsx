import { useEffect } from 'preact/hooks'
import type { WorkflowView } from '../../contract.js'
import { useAnswer } from '../answer.js'
import { listen } from '../api.js'
import { useAsk } from '../parts/ask.js'
import { AuditTable } from '../parts/audit-table.js'
import { Moment } from '../parts/moment.js'
import { Page, Panel, Skeleton, Trouble } from '../parts/page.js'
import { StatusBadge } from '../parts/status.js'
import { to } from '../router.js'
import { duration } from '../time.js'
import { CONDITIONS, count, standingOfWorkflow } from '../words.js'
import { WorkflowActions } from './workflow/actions.js'
import { HistoryCharts } from './workflow/history.js'
import { Parameters } from './workflow/parameters.js'
import { PendingPanel } from './workflow/pending.js'
import { RunsPanel } from './workflow/runs.js'

export function WorkflowPage({ id }: { id: string }) {
  const { value, error, reload } = useAnswer('workflow', `/workflows/${encodeURIComponent(id)}`)
  const [question, ask] = useAsk()
  useEffect(() => listen('/events', { home: reload }), [reload])
  return (
    <Page
      title={id}
      crumbs={[{ word: 'Workflows', href: to([]) }]}
      badge={value && <StatusBadge {...standingOfWorkflow(value.line)} />}
      actions={
        value && <WorkflowActions line={value.line} incremental={value.incremental} ask={ask} changed={reload} />
      }
    >
      {error && <Trouble error={error} again={reload} />}
      {value ? <Contents view={value} changed={reload} /> : !error && <Skeleton lines={12} />}
      {question}
    </Page>
  )
}

function Contents({ view, changed }: { view: WorkflowView; changed: () => void }) {
  const { line, history, audit } = view
  const { workflow_id } = line
  return (
    <>
      <Wrong view={view} />
      <Facts view={view} />
      {history.length > 0 && <HistoryCharts history={history} />}
      <PendingPanel id={workflow_id} count={line.pending} changed={changed} />
      <div class="columns">
        <RunsPanel id={workflow_id} latest={line.last_run?.run_id ?? null} running={line.running?.run_id ?? null} />
        <div class="stack">
          <Parameters view={view} />
          <Panel title="Changed by hand" flush>
            <AuditTable entries={audit} short />
          </Panel>
        </div>
      </div>
    </>
  )
}

function Wrong({ view: { line, problem } }: { view: WorkflowView }) {
  const { condition, said, since } = line
  return (
    <>
      {condition !== 'ok' && (
        <div class={`trouble ${CONDITIONS[condition].tone}`}>
          <p>
            {CONDITIONS[condition].word}
            {since && (
              <>
                {' '}
                since <Moment at={since} />
              </>
            )}
          </p>
          {said && <p>{said}</p>}
        </div>
      )}
      {problem && (
        <div class="trouble warn">
          <p>Its definition cannot be read, so it cannot be run from here.</p>
          <p>{problem}</p>
        </div>
      )}
    </>
  )
}

function Facts({ view: { line, cursor, incremental } }: { view: WorkflowView }) {
  const { last_run, lag_ms, pending, next_run_at, next_full_at, paused, schedule, full_schedule } = line
  return (
    <dl class="facts">
      <div>
        <dt>Last run</dt>
        <dd>
          {last_run ? (
            <a href={to(['runs', last_run.run_id])}>
              <Moment at={last_run.started_at} />
            </a>
          ) : (
            'never'
          )}
          {last_run && <small>{count(last_run.written)} written</small>}
        </dd>
      </div>
      <div>
        <dt>Behind by at most</dt>
        <dd>
          {lag_ms === null ? '–' : duration(lag_ms)}
          <small>{incremental ? 'reads what changed' : 'reads everything'}</small>
        </dd>
      </div>
      <div>
        <dt>Pending</dt>
        <dd class={pending > 0 ? 'warn' : ''}>
          {count(pending)}
          <small>{pending === 0 ? 'nothing failed for good' : 'failed, and tried again'}</small>
        </dd>
      </div>
      <div>
        <dt>Next run</dt>
        <dd>
          {paused ? 'paused' : next_run_at ? <Moment at={next_run_at} /> : schedule ? 'not planned' : 'by hand'}
          <small>{schedule ? `${schedule.cron}, ${schedule.time_zone}` : 'it has no schedule'}</small>
        </dd>
      </div>
      {full_schedule && (
        <div>
          <dt>Next full run</dt>
          <dd>
            {!paused && next_full_at ? <Moment at={next_full_at} /> : 'not planned'}
            <small>{`${full_schedule.cron}, ${full_schedule.time_zone}`}</small>
          </dd>
        </div>
      )}
      {incremental && (
        <div>
          <dt>Cursor</dt>
          <dd>
            {cursor ? <Moment at={cursor} absolute /> : 'none yet'}
            <small>{cursor ? 'what changed since is read' : 'everything is read'}</small>
          </dd>
        </div>
      )}
    </dl>
  )
}
