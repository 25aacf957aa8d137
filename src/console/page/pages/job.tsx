import { useState } from 'preact/hooks'
import type { JobView } from '../../contract.js'
import { useAnswer, useSettled } from '../answer.js'
import { JsonView, ValueText } from '../parts/json.js'
import { Moment } from '../parts/moment.js'
import { Empty, Page, Panel, Skeleton, Trouble } from '../parts/page.js'
import { capital, Prose } from '../parts/prose.js'
import { StatusBadge } from '../parts/status.js'
import { Table } from '../parts/table.js'
import { go, to } from '../router.js'
import type { Tone } from '../words.js'

interface JobProps {
  id: string
  /** Null: it is still to be picked. */
  reference: string | null
}

/** What became of one job, and what the next run does with it. */
export function JobPage({ id, reference }: JobProps) {
  const workflow = `/workflows/${encodeURIComponent(id)}/jobs`
  const path = reference === null ? null : `${workflow}/${encodeURIComponent(reference)}`
  const { value, error, reload } = useAnswer('job', path)
  const crumbs = [
    { word: 'Workflows', href: to([]) },
    { word: id, href: to(['workflows', id]) },
    ...(reference === null ? [] : [{ word: 'Jobs', href: to(['workflows', id, 'jobs']) }]),
  ]
  return (
    <Page
      title={reference === null ? 'Find a job' : `Job ${reference}`}
      crumbs={crumbs}
      badge={value && <NextBadge view={value} />}
      actions={
        reference !== null && (
          <a class="button" href={to(['workflows', id, 'mapping'], { reference })}>
            Try its mapping
          </a>
        )
      }
    >
      {reference === null && <Picker id={id} />}
      {error && <Trouble error={error} again={reload} />}
      {reference !== null && !value && !error && <Skeleton lines={10} />}
      {value && <Contents view={value} />}
    </Page>
  )
}

const NEXT: Record<JobView['explanation']['next']['does'], { word: string; tone: Tone }> = {
  nothing: { word: 'Nothing to do', tone: 'good' },
  deliver: { word: 'Is delivered next', tone: 'busy' },
  archive: { word: 'Is archived next', tone: 'warn' },
  bring_back: { word: 'Is brought back next', tone: 'busy' },
  look_again: { word: 'Is looked for again', tone: 'idle' },
  try_again: { word: 'Is tried again', tone: 'warn' },
}

function NextBadge({ view }: { view: JobView }) {
  return <StatusBadge {...NEXT[view.explanation.next.does]} />
}

function Picker({ id }: { id: string }) {
  const [text, setText] = useState('')
  const query = new URLSearchParams({ q: useSettled(text.trim(), 250) }).toString()
  const { value, error } = useAnswer('jobs', `/workflows/${encodeURIComponent(id)}/jobs?${query}`)
  return (
    <Panel title="By its reference">
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '') go(to(['workflows', id, 'jobs', text.trim()]))
        }}
      >
        <div class="filters">
          <div class="field wide">
            <label for="job-reference">Reference</label>
            <input
              id="job-reference"
              type="search"
              autocomplete="off"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
            <span class="help">The short code of the job in Workable, as its address has it.</span>
          </div>
        </div>
        <div class="actions">
          <button type="submit" class="primary">
            Show the job
          </button>
        </div>
        {error && <Trouble error={error} />}
        {value && value.references.length > 0 && (
          <section aria-label="Known jobs">
            <h3>Known jobs</h3>
            <ul class="chips">
              {value.references.map((reference) => (
                <li key={reference}>
                  <a class="button mono" href={to(['workflows', id, 'jobs', reference])}>
                    {reference}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        )}
        {value?.references.length === 0 && <p class="muted">The records of this workflow know no job like that.</p>}
      </form>
    </Panel>
  )
}

function Contents({ view: { explanation, timeline, sides, notes } }: { view: JobView }) {
  const [all, setAll] = useState(false)
  const differing = sides.filter(({ differs }) => differs)
  return (
    <>
      <Panel title="What the next run does">
        <p class="strong">{NEXT[explanation.next.does].word}</p>
        <p>
          <Prose text={explanation.next.why} />
        </p>
        {notes.map((note) => (
          <p key={note} class="muted">
            {note}
          </p>
        ))}
      </Panel>
      <Panel
        title="Side by side"
        flush
        aside={
          <label class="check">
            <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
            <span>Show what is alike, too</span>
          </label>
        }
      >
        <Sides sides={all ? sides : differing} isAll={sides.length > 0} />
      </Panel>
      <div class="columns">
        <Panel title="Its life">
          <Timeline timeline={timeline} />
        </Panel>
        <Panel title="For programs">
          <details>
            <summary>All that is known, as JSON</summary>
            <JsonView value={explanation} label="Explanation" />
          </details>
        </Panel>
      </div>
    </>
  )
}

function Sides({ sides, isAll }: { sides: JobView['sides']; isAll: boolean }) {
  if (sides.length === 0) {
    return (
      <Empty title={isAll ? 'The board has all of it as it should be' : 'There is nothing to compare'}>
        {isAll && <p>To see its fields on all sides, show what is alike, too.</p>}
      </Empty>
    )
  }
  const isMixed = sides.some(({ differs }) => !differs)
  return (
    <Table
      label="The job at its origin, as we make it, and on the target"
      rows={sides}
      keyOf={({ path }) => path}
      rowClass={({ differs }) => (differs && isMixed ? 'differs' : '')}
      columns={[
        {
          label: 'Field',
          kind: 'lead',
          cell: ({ path, differs }) => (
            <>
              <span class="mono strong">{path}</span>
              {differs && <span class="sub">differs</span>}
            </>
          ),
        },
        { label: 'Workable', cell: ({ origin }) => <ValueText value={origin} /> },
        { label: 'As we make it', cell: ({ ours }) => <ValueText value={ours} /> },
        { label: 'On the board', cell: ({ target }) => <ValueText value={target} /> },
      ]}
    />
  )
}

function Timeline({ timeline }: { timeline: JobView['timeline'] }) {
  return (
    <ol class="timeline">
      {timeline.map(({ at, what, detail, kind }) => (
        <li key={`${at ?? ''} ${what}`} class={kind}>
          <span class="strong">{what}</span>
          {detail && (
            <span>
              <Prose text={capital(detail)} />
            </span>
          )}
          {at && (
            <span class="muted small">
              <Moment at={at} />
            </span>
          )}
        </li>
      ))}
    </ol>
  )
}
