import { useState } from 'preact/hooks'
import type { RunStart, RunView } from '../../contract.js'
import { useAnswer } from '../answer.js'
import { useShown } from '../paged.js'
import { type Question, useAsk } from '../parts/ask.js'
import { Diff } from '../parts/diff.js'
import { More } from '../parts/more.js'
import { Empty, Page, Panel, Skeleton, Trouble } from '../parts/page.js'
import { StatusBadge } from '../parts/status.js'
import { to } from '../router.js'
import { shortTime } from '../time.js'
import { count, countOf, standingOf, type Tone } from '../words.js'
import { crumbsOf, StopButton } from './run.js'
import { LiveRun } from './run/live.js'
import { AllowLeftField, startRun } from './workflow/actions.js'

type Plan = NonNullable<RunView['plan']>
type Item = Plan['items'][number]
type Outcome = Item['outcome']

const OUTCOMES: Record<keyof Plan['totals'], { word: string; tone: Tone }> = {
  create: { word: 'Create', tone: 'good' },
  update: { word: 'Update', tone: 'busy' },
  archive: { word: 'Archive', tone: 'warn' },
  not_found: { word: 'Not on the target', tone: 'idle' },
  failed: { word: 'Cannot be compared', tone: 'bad' },
  unchanged: { word: 'Unchanged', tone: 'idle' },
  skipped: { word: 'Not looked at', tone: 'idle' },
}

/** What a run would change, item by item and field by field; it can be run from here. */
export function PlanPage({ id }: { id: string }) {
  const { value: view, error, reload } = useAnswer('run', `/runs/${encodeURIComponent(id)}`)
  const [question, ask] = useAsk()
  return (
    <Page
      title={view ? `Plan of ${shortTime(view.run.started_at)}` : 'Plan'}
      crumbs={crumbsOf(view)}
      badge={view && <StatusBadge {...standingOf(view.run)} />}
      actions={view && (view.run.live ? <StopButton id={id} ask={ask} /> : <RunButton view={view} ask={ask} />)}
    >
      {error && <Trouble error={error} again={reload} />}
      {!view && !error && <Skeleton lines={10} />}
      {view?.run.live && <LiveRun id={id} ended={reload} />}
      {view && !view.run.live && (view.plan ? <Planned view={view} plan={view.plan} /> : <Forgotten view={view} />)}
      {question}
    </Page>
  )
}

function RunButton({
  view: { run, plan, events, to: target },
  ask,
}: {
  view: RunView
  ask: (question: Question) => void
}) {
  if (!plan) return null
  const start: RunStart = { kind: 'run' }
  const changes = plan.totals.create + plan.totals.update + plan.totals.archive
  const act = () =>
    ask({
      title: `Run ${run.workflow_id} now?`,
      said: [
        `By this plan, ${countOf(changes, 'job')} of ${target} would change.`,
        'The run reads and compares again: what has changed since the plan was made is taken as it is then.',
      ],
      fields: (
        <AllowLeftField
          isHeld={plan.totals.archive > 0 || (events?.left_held ?? 0) > 0}
          set={(more) => Object.assign(start, more)}
        />
      ),
      yes: 'Run it now',
      act: () => startRun(run.workflow_id, start),
    })
  return (
    <button type="button" class="primary" onClick={act}>
      Run it now
    </button>
  )
}

function Forgotten({ view: { run, error } }: { view: RunView }) {
  return (
    <section class="panel">
      <Empty title={error ? 'There is no plan, as the run failed' : 'This plan is no longer remembered'}>
        <p>
          {error
            ? error.message
            : 'A plan is kept while the console runs. Make it again to see what a run would change.'}
        </p>
        {error?.hint && <p>{error.hint}</p>}
        <a class="button" href={to(['workflows', run.workflow_id])}>
          To {run.workflow_id}
        </a>
      </Empty>
    </section>
  )
}

function Planned({ view, plan }: { view: RunView; plan: Plan }) {
  const [only, setOnly] = useState<Outcome | null>(null)
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const found = plan.items.filter(({ outcome, reference, name }) => {
    return (only === null || outcome === only) && `${reference} ${name ?? ''}`.toLowerCase().includes(wanted)
  })
  const { rows, more } = useShown(found, null, 20)
  return (
    <>
      <Totals totals={plan.totals} only={only} pick={setOnly} />
      {plan.partial && (
        <div class="trouble warn">
          <p>The plan is of a part.</p>
          <p>Its limit ended it: there is more that was not looked at.</p>
        </div>
      )}
      {view.failures_total > 0 && (
        <p>
          {countOf(view.failures_total, 'job')} could not be compared:{' '}
          <a href={to(['runs', view.run.run_id])}>see the failures</a>.
        </p>
      )}
      <Panel
        title={`What would change in ${view.to}`}
        flush
        foot={
          rows.length > 0 && <More more={more} busy={false} shown={shownOf(rows.length, found.length, plan.omitted)} />
        }
      >
        <div class="panel-body filters">
          <div class="field wide">
            <label for="plan-text">Name or reference</label>
            <input id="plan-text" type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </div>
        </div>
        {plan.items.length === 0 && (
          <Empty title="Nothing would change">
            <p>{view.to} has everything as it should be.</p>
          </Empty>
        )}
        {plan.items.length > 0 && found.length === 0 && <Empty title="Nothing of the plan is like that" />}
        {rows.map((item) => (
          <PlannedItem key={`${item.reference} ${item.outcome}`} item={item} workflow_id={view.run.workflow_id} />
        ))}
      </Panel>
    </>
  )
}

function shownOf(rows: number, found: number, omitted: number): string {
  const more = omitted === 0 ? '' : `; the plan holds the first 1,000 and leaves out ${count(omitted)}`
  return `${count(rows)} of ${count(found)} shown${more}`
}

interface TotalsProps {
  totals: Plan['totals']
  only: Outcome | null
  pick: (outcome: Outcome | null) => void
}

/** How many of each; those that are listed can be shown alone. */
function Totals({ totals, only, pick }: TotalsProps) {
  const outcomes: (keyof Plan['totals'])[] = [
    'create',
    'update',
    'archive',
    'not_found',
    'failed',
    'unchanged',
    'skipped',
  ]
  const isListed = (outcome: keyof Plan['totals']): outcome is Outcome =>
    !['failed', 'skipped', 'unchanged'].includes(outcome)
  return (
    <div class="actions" role="group" aria-label="What would become of the jobs">
      {outcomes.map((outcome) => {
        const { word } = OUTCOMES[outcome]
        if (totals[outcome] === 0) return null
        if (!isListed(outcome)) {
          return (
            <span key={outcome} class="total">
              <strong>{count(totals[outcome])}</strong> {word}
            </span>
          )
        }
        return (
          <button
            key={outcome}
            type="button"
            class={`group-button ${only === outcome ? 'picked' : ''}`}
            aria-pressed={only === outcome}
            onClick={() => pick(only === outcome ? null : outcome)}
          >
            <strong>{count(totals[outcome])}</strong> {word}
          </button>
        )
      })}
    </div>
  )
}

function PlannedItem({ item, workflow_id }: { item: Item; workflow_id: string }) {
  const { reference, name, outcome, changes, note } = item
  return (
    <article class="planned" aria-label={name ?? reference}>
      <header>
        <StatusBadge {...OUTCOMES[outcome]} />
        <h3>{name ?? reference}</h3>
        <a class="mono" href={to(['workflows', workflow_id, 'jobs', reference])}>
          {reference}
        </a>
      </header>
      {note && <p class="muted">{note}</p>}
      {changes.length > 0 && (
        <dl>
          {changes.map(({ path, from, to: then }) => (
            <Change key={path} path={path} from={from} then={then} />
          ))}
        </dl>
      )}
    </article>
  )
}

function Change({
  path,
  from,
  then,
}: {
  path: string
  from: Item['changes'][number]['from']
  then: Item['changes'][number]['to']
}) {
  return (
    <>
      <dt>{path}</dt>
      <dd>
        <Diff from={from} to={then} />
      </dd>
    </>
  )
}
