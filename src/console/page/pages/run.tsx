import type { RunView } from '../../contract.js'
import { useAnswer, useInterval } from '../answer.js'
import { post } from '../api.js'
import { say } from '../notices.js'
import { type Question, useAsk } from '../parts/ask.js'
import { FlowPicture } from '../parts/flow.js'
import { JsonView } from '../parts/json.js'
import { Moment } from '../parts/moment.js'
import { Empty, Page, Panel, Skeleton, Trouble } from '../parts/page.js'
import { StatusBadge } from '../parts/status.js'
import { to } from '../router.js'
import { duration, shortTime } from '../time.js'
import { besidesOf, count, KINDS, listedOf, READ_ENDS, standingOf, WRITE_ENDS } from '../words.js'
import { FailuresPanel } from './run/failures.js'
import { LiveRun } from './run/live.js'

export function RunPage({ id }: { id: string }) {
  const { value: view, error, reload } = useAnswer('run', `/runs/${encodeURIComponent(id)}`)
  const [question, ask] = useAsk()
  // A run of another process tells nothing by itself.
  useInterval(reload, view && view.run.finished_at === null && !view.run.live ? 10_000 : null)
  const title = view ? `${KINDS[view.run.kind]} of ${shortTime(view.run.started_at)}` : 'Run'
  return (
    <Page
      title={title}
      crumbs={crumbsOf(view)}
      badge={view && <StatusBadge {...standingOf(view.run)} />}
      actions={view && <Actions view={view} ask={ask} />}
    >
      {error && <Trouble error={error} again={reload} />}
      {!view && !error && <Skeleton lines={10} />}
      {view && (view.run.live ? <LiveRun id={id} ended={reload} /> : <EndedRun view={view} />)}
      {question}
    </Page>
  )
}

export function crumbsOf(view: RunView | null) {
  const home = { word: 'Workflows', href: to([]) }
  if (!view) return [home]
  const { workflow_id } = view.run
  return [home, { word: workflow_id, href: to(['workflows', workflow_id]) }]
}

function Actions({ view: { run, plan }, ask }: { view: RunView; ask: (question: Question) => void }) {
  return (
    <>
      {plan && (
        <a class="button primary" href={to(['runs', run.run_id, 'plan'])}>
          See the plan
        </a>
      )}
      {run.live && <StopButton id={run.run_id} ask={ask} />}
    </>
  )
}

export function StopButton({ id, ask }: { id: string; ask: (question: Question) => void }) {
  return (
    <button type="button" class="danger" onClick={() => ask(stopping(id))}>
      Stop the run
    </button>
  )
}

function stopping(run_id: string): Question {
  return {
    title: 'Stop this run?',
    said: [
      'It reads nothing more. What is in flight is finished, which takes 20 seconds at most, and all that is done stays done.',
      'The next run goes on from there: nothing is lost.',
    ],
    yes: 'Stop it',
    danger: true,
    act: async () => {
      await post('nothing', `/runs/${encodeURIComponent(run_id)}/stop`)
      say('The run is stopping: what is in flight is finished first.')
    },
  }
}

function EndedRun({ view }: { view: RunView }) {
  const { run, events, error, notes, failures_total } = view
  return (
    <>
      {error && (
        <div class="trouble">
          <p>{error.message}</p>
          {error.hint && <p>{error.hint}</p>}
          <p class="small mono">{error.code}</p>
        </div>
      )}
      {run.finished_at === null && (
        <div class="trouble warn">
          <p>This run has not ended here.</p>
          <p>Another process runs it, or its process died. The next run takes over what it left.</p>
        </div>
      )}
      <RunFacts view={view} />
      {notes.length > 0 && (
        <Panel title="Notes">
          <ul class="stack tight">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Panel>
      )}
      {events && <Flow view={view} events={events} />}
      {failures_total > 0 && <FailuresPanel view={view} />}
    </>
  )
}

function RunFacts({ view: { run, requests, from, to: target, incremental, incremental_token } }: { view: RunView }) {
  return (
    <dl class="facts">
      <div>
        <dt>Started</dt>
        <dd>
          <Moment at={run.started_at} />
          <small>{incremental ? 'what changed' : 'everything'}</small>
        </dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>
          {run.duration_ms === null ? '–' : duration(run.duration_ms)}
          {incremental_token && (
            <small>
              cursor now <Moment at={incremental_token} absolute />
            </small>
          )}
        </dd>
      </div>
      <div>
        <dt>Written</dt>
        <dd>
          {count(run.written)}
          <small>of {count(run.listed)} listed</small>
        </dd>
      </div>
      <div>
        <dt>Failed</dt>
        <dd class={run.failed > 0 ? 'bad' : ''}>{count(run.failed)}</dd>
      </div>
      {requests &&
        ([from, target] as const).map((name, at) => {
          const { sent, retried, waited_ms } = at === 0 ? requests.origin : requests.target
          return (
            <div key={name}>
              <dt>Requests to {name}</dt>
              <dd>
                {count(sent)}
                <small>
                  {count(retried)} repeated{waited_ms > 0 && `, ${duration(waited_ms)} waited`}
                </small>
              </dd>
            </div>
          )
        })}
    </dl>
  )
}

interface FlowProps {
  view: RunView
  events: NonNullable<RunView['events']>
}

function Flow({ view: { entity, run }, events }: FlowProps) {
  const besides = besidesOf(events)
  const said = besides.length > 0 && (
    <p>
      Besides: {besides.join('; ')}. No {entity} ends there.
    </p>
  )
  if (listedOf(events) === 0) {
    return (
      <Panel title={`What became of the ${entity}s`} flush>
        <Empty title="Nothing was listed">
          <p>
            {run.status === 'fatal'
              ? 'The run ended before anything could be read.'
              : `There is no ${entity} that is new or has changed: all is as it should be.`}
          </p>
          {said}
        </Empty>
      </Panel>
    )
  }
  return (
    <Panel title={`What became of the ${entity}s`}>
      <div class="stack">
        <FlowPicture events={events} entity={entity} />
        {said}
        <details>
          <summary>The counters, and how they add up</summary>
          <Sums events={events} />
          <JsonView value={events} label="All counters" />
        </details>
      </div>
    </Panel>
  )
}

function Sums({ events }: { events: FlowProps['events'] }) {
  const summed = (ends: typeof READ_ENDS) =>
    ends.filter(({ name }) => events[name] > 0).map(({ name, word }) => `${count(events[name])} ${word.toLowerCase()}`)
  const listed = [`${count(events.read_success)} read`, ...summed(READ_ENDS)].join(' + ')
  const read = summed(WRITE_ENDS).join(' + ')
  return (
    <div class="stack tight">
      <p>
        {count(listedOf(events))} listed = {listed}
      </p>
      {read !== '' && (
        <p>
          {count(events.read_success)} read = {read}
        </p>
      )}
    </div>
  )
}
