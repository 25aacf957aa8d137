import { useState } from 'preact/hooks'
import type { SetupDraft, SetupView } from '../../contract.js'
import { useAnswer } from '../answer.js'
import { post } from '../api.js'
import { say } from '../notices.js'
import { type Question, useAsk } from '../parts/ask.js'
import { Empty, Page, Panel, Skeleton, Trouble } from '../parts/page.js'
import { go, to } from '../router.js'
import type { Action } from './setup/fields.js'
import { type About, GroupForms, saidOf, Verdicts } from './setup/form.js'
import { type Tried, useTries } from './setup/tries.js'

/** A workflow by forms: each answer is tried, and what would be written is shown before it is. */
export function SetupPage() {
  const { value, error, reload } = useAnswer('setup', '/setup')
  return (
    <Page title="Set up a workflow" crumbs={[{ word: 'Workflows', href: to([]) }]}>
      {error && <Trouble error={error} again={reload} />}
      {!value && !error && <Skeleton lines={10} />}
      {value && <Contents view={value} />}
    </Page>
  )
}

function Contents({ view }: { view: SetupView }) {
  const [first] = view.actions
  if (!first) {
    return (
      <section class="panel">
        <Empty title="There is nothing to set up">
          <p>No connector of this installation has an action.</p>
        </Empty>
      </section>
    )
  }
  // What most are here for: a board that is kept up to date.
  return <Form view={view} first={view.actions.find(({ action }) => action.includes('.update_')) ?? first} />
}

const FIRST_NAME = 'my-jobs'

function draftOf({ action }: Action): SetupDraft {
  return {
    workflow_id: '',
    action,
    groups: {},
    incremental: true,
    schedule: '*/15 * * * *',
    full_schedule: '30 2 * * 0',
  }
}

function Form({ view, first }: { view: SetupView; first: Action }) {
  const [draft, setDraft] = useState<SetupDraft>(() => draftOf(first))
  const [question, ask] = useAsk()
  const tried = useTries(draft)
  const action = view.actions.find((one) => one.action === draft.action) ?? first
  const said = { problems: tried.yaml?.problems ?? [], lines: tried.lines }
  return (
    <div class="editor">
      <div class="stack">
        <Basics view={view} draft={draft} set={setDraft} />
        <GroupForms action={action} draft={draft} set={setDraft} said={said} />
      </div>
      <div class="side stack">
        <Result view={view} draft={draft} tried={tried} ask={ask} />
      </div>
      {question}
    </div>
  )
}

interface BasicsProps {
  view: SetupView
  draft: SetupDraft
  set: (draft: SetupDraft) => void
}

function Basics({ view, draft, set }: BasicsProps) {
  const isTaken = view.taken.includes(draft.workflow_id)
  const taken: About[] = isTaken ? [{ tone: 'bad', said: `There is a workflow ${draft.workflow_id} already.` }] : []
  return (
    <Panel title="What it is">
      <div class="group">
        <div class="field">
          <label for="setup-action">What it does</label>
          <select
            id="setup-action"
            value={draft.action}
            onChange={(event) => set({ ...draft, action: event.currentTarget.value, groups: {} })}
          >
            {view.actions.map(({ action, label }) => (
              <option key={action} value={action}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="setup-name">
            Name <span class="muted">(needed)</span>
          </label>
          <input
            id="setup-name"
            type="text"
            required
            autocomplete="off"
            placeholder={FIRST_NAME}
            value={draft.workflow_id}
            aria-invalid={isTaken}
            aria-describedby="setup-name-help setup-name-said"
            onInput={(event) => set({ ...draft, workflow_id: event.currentTarget.value.trim() })}
          />
          <span class="help" id="setup-name-help">
            What is remembered from run to run is kept under it, so it is not changed later.
          </span>
          <Verdicts id="setup-name-said" about={taken} />
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={draft.incremental}
            onChange={(event) => set({ ...draft, incremental: event.currentTarget.checked })}
          />
          <span>Read only what changed since the last run</span>
        </label>
        <Schedules draft={draft} set={set} />
      </div>
    </Panel>
  )
}

function Schedules({ draft, set }: Omit<BasicsProps, 'view'>) {
  const fields = [
    { key: 'schedule', label: 'Runs by itself', help: 'Minute, hour, day, month, weekday; empty: by hand alone.' },
    { key: 'full_schedule', label: 'Reads everything', help: 'A full run heals what was edited by hand on the board.' },
  ] as const
  return (
    <div class="chart-pair">
      {fields.map(({ key, label, help }) => (
        <div class="field" key={key}>
          <label for={`setup-${key}`}>{label}</label>
          <input
            id={`setup-${key}`}
            class="mono"
            type="text"
            autocomplete="off"
            value={draft[key] ?? ''}
            aria-describedby={`setup-${key}-help`}
            onInput={(event) => set({ ...draft, [key]: event.currentTarget.value.trim() || null })}
          />
          <span class="help" id={`setup-${key}-help`}>
            {help}
          </span>
        </div>
      ))}
    </div>
  )
}

interface ResultProps {
  view: SetupView
  draft: SetupDraft
  tried: Tried
  ask: (question: Question) => void
}

const TARGETS: Record<SetupView['targets'][number], { yes: string; said: string }> = {
  file: {
    yes: 'Save it to the file',
    said: 'It is added to the workflow file; what stands there, comments too, stays.',
  },
  database: {
    yes: 'Save it to the database',
    said: 'It is pushed to the database, from where any process of serve runs it.',
  },
}

function Result({ view, draft, tried: { yaml, lines, looking, error }, ask }: ResultProps) {
  const missing = yaml?.problems ?? []
  const isTaken = view.taken.includes(draft.workflow_id)
  const isReady = yaml !== null && missing.length === 0 && draft.workflow_id !== '' && !isTaken
  // Without a name all that is said of the whole is that it has none.
  const general = draft.workflow_id === '' ? [] : saidOf({ problems: missing, lines }, null, true)
  const isBad = lines.some(({ verdict }) => verdict === 'bad')
  return (
    <>
      <Panel title="What it makes" flush>
        <pre class="yaml" tabIndex={0} aria-label="The workflow as YAML">
          {yaml?.yaml ?? '…'}
        </pre>
      </Panel>
      <Panel title="Before it is saved">
        <div class="stack tight">
          {error && <Trouble error={error} />}
          <p class="muted" aria-live="polite">
            {lookedSaid(isReady, looking, lines.length)}
          </p>
          <ul>
            {missing
              .filter(({ field }) => field !== null)
              .map(({ field, said }) => (
                <li key={`${field ?? ''} ${said}`}>
                  <a href={`#${field ?? ''}`} onClick={(event) => focusOn(event, field)}>
                    {said}
                  </a>
                </li>
              ))}
          </ul>
          <Verdicts id="setup-said" about={general} />
          <div class="actions">
            {view.targets.map((target) => (
              <button
                key={target}
                type="button"
                class="primary"
                disabled={!isReady}
                onClick={() => ask(saving(draft, target, isBad))}
              >
                {TARGETS[target].yes}
              </button>
            ))}
          </div>
        </div>
      </Panel>
    </>
  )
}

function lookedSaid(isReady: boolean, looking: boolean, found: number): string {
  if (looking) return 'The services are being asked …'
  if (found > 0) return 'The services were asked: what they say stands beside each field.'
  return isReady
    ? 'It can be saved.'
    : 'Give it a name and what it needs; the services are asked as soon as that is there.'
}

/** The address is the page's own: a link to a field only puts the focus there. */
function focusOn(event: Event, field: string | null): void {
  event.preventDefault()
  if (field !== null) document.getElementById(field)?.focus()
}

function saving(draft: SetupDraft, target: SetupView['targets'][number], isBad: boolean): Question {
  const { yes, said } = TARGETS[target]
  return {
    title: `Save ${draft.workflow_id}?`,
    said: [
      said,
      'No secret is written, only where each is found.',
      draft.schedule === null ? 'It runs when you start it.' : 'Where schedules run, it begins at its next time.',
      ...(isBad ? ['A look at the services found something that would keep it from running.'] : []),
    ],
    yes,
    act: async () => {
      const { workflow_id } = await post('saved', '/setup/save', { draft, target })
      say(`${workflow_id} is saved. Plan it first to see what a run would change.`)
      go(to(['workflows', workflow_id]))
    },
  }
}
