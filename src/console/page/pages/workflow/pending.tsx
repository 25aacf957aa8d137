import { useState } from 'preact/hooks'
import type { PendingChange, PendingItem } from '../../../contract.js'
import { useSettled } from '../../answer.js'
import { post } from '../../api.js'
import { say } from '../../notices.js'
import { usePages, useShown } from '../../paged.js'
import { type Question, useAsk } from '../../parts/ask.js'
import { Moment } from '../../parts/moment.js'
import { More } from '../../parts/more.js'
import { Empty, Panel, Skeleton, Trouble } from '../../parts/page.js'
import { type Column, Table } from '../../parts/table.js'
import { to } from '../../router.js'
import { count, countOf, STAGES } from '../../words.js'
import { StageFilter } from '../run/filters.js'

/** Items that failed and are still to be delivered: why, when they are tried again, and what can be done. */
export function PendingPanel({ id, count: known, changed }: { id: string; count: number; changed: () => void }) {
  const [stage, setStage] = useState('')
  const [text, setText] = useState('')
  const query = new URLSearchParams({ ...(stage && { stage }), ...filled('q', useSettled(text, 300)) })
  const { pages, error, reload, more: next, busy } = usePages('pending', pathOf(id, query))
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [question, ask] = useAsk()
  const { rows: items, more } = useShown(pages?.flatMap((page) => page.items) ?? [], next)
  const total = pages?.at(-1)?.total ?? 0
  const isFiltered = stage !== '' || text !== ''
  if (known === 0 && total === 0 && !isFiltered) return <NothingPending />
  const references = items.filter(({ reference }) => picked.has(reference)).map(({ reference }) => reference)
  const act = (change: PendingChange['change']) => {
    const done = () => {
      setPicked(new Set())
      reload()
      changed()
    }
    ask(questionOf({ id, change, references: references.length > 0 ? references : null, total: known, done }))
  }
  return (
    <Panel
      title="Pending"
      aside={<span class="small">{countOf(total, 'item')}</span>}
      flush
      foot={<More more={more} busy={busy} shown={`${countOf(items.length, 'item')} of ${count(total)} shown`} />}
    >
      <div class="panel-body filters">
        <StageFilter value={stage} set={setStage} id="pending-stage" />
        <div class="field wide">
          <label for="pending-text">Reference or message</label>
          <input id="pending-text" type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </div>
        <div class="actions">
          <button type="button" disabled={items.length === 0} onClick={() => act('retry')}>
            {references.length > 0 ? `Try ${references.length} again` : 'Try all again'}
          </button>
          <button type="button" class="danger" disabled={items.length === 0} onClick={() => act('dismiss')}>
            {references.length > 0 ? `Dismiss ${references.length}` : 'Dismiss all'}
          </button>
        </div>
      </div>
      {error && <Trouble error={error} again={reload} />}
      {!pages && !error && <Skeleton lines={3} />}
      {pages && items.length === 0 && <Empty title="No pending item is like that" />}
      {items.length > 0 && (
        <Table
          label="Pending items"
          columns={columnsOf(id, picked, setPicked)}
          rows={items}
          keyOf={({ reference }) => reference}
        />
      )}
      {question}
    </Panel>
  )
}

const filled = (name: string, text: string) => (text.trim() === '' ? {} : { [name]: text.trim() })

function pathOf(id: string, query: URLSearchParams): string {
  return `/workflows/${encodeURIComponent(id)}/pending${query.size > 0 ? `?${query.toString()}` : ''}`
}

function NothingPending() {
  return (
    <Panel title="Pending" flush>
      <Empty title="Nothing is pending">
        <p>An item that fails is kept here with its reason, and tried again by later runs until it is delivered.</p>
      </Empty>
    </Panel>
  )
}

interface Change {
  id: string
  change: PendingChange['change']
  /** Null: all of them, whatever is filtered. */
  references: string[] | null
  total: number
  done: () => void
}

function questionOf({ id, change, references, total, done }: Change): Question {
  const what = references ? countOf(references.length, 'item') : `all ${countOf(total, 'item')}`
  const retries = change === 'retry'
  return {
    title: retries ? `Try ${what} again?` : `Dismiss ${what}?`,
    said: retries
      ? ['The next run reads them again, without waiting for their time.']
      : [
          'They are no longer tried again, and the target keeps what it has of them.',
          'An item returns by itself when it changes at its origin, or with a full run.',
        ],
    yes: retries ? 'Try again' : 'Dismiss',
    danger: !retries,
    act: async () => {
      const body: PendingChange = { references, change }
      const { changed } = await post('changed', `/workflows/${encodeURIComponent(id)}/pending`, body)
      say(
        retries
          ? `${countOf(changed, 'item')} will be tried by the next run.`
          : `Dismissed: ${countOf(changed, 'item')}.`,
      )
      done()
    },
  }
}

function columnsOf(
  id: string,
  picked: ReadonlySet<string>,
  setPicked: (picked: ReadonlySet<string>) => void,
): Column<PendingItem>[] {
  const toggle = (reference: string) => {
    const next = new Set(picked)
    if (!next.delete(reference)) next.add(reference)
    setPicked(next)
  }
  return [
    {
      label: 'Picked',
      kind: 'tight bare',
      hidesLabel: true,
      cell: ({ reference }) => (
        <input
          type="checkbox"
          aria-label={`Pick ${reference}`}
          checked={picked.has(reference)}
          onChange={() => toggle(reference)}
        />
      ),
    },
    {
      label: 'Item',
      kind: 'lead',
      cell: ({ reference, stage }) => (
        <>
          <a class="strong mono" href={to(['workflows', id, 'jobs', reference])}>
            {reference}
          </a>
          <span class="sub">{STAGES[stage]}</span>
        </>
      ),
    },
    { label: 'Why', cell: (item) => <Why {...item} /> },
    {
      label: 'Tried',
      cell: ({ attempts, first_failed_at, next_attempt_at }) => (
        <>
          {attempts === 1 ? 'once' : `${count(attempts)} times`}, first <Moment at={first_failed_at} />
          <span class="sub">
            <NextAttempt at={next_attempt_at} />
          </span>
        </>
      ),
    },
  ]
}

function NextAttempt({ at }: { at: string | null }) {
  if (at === null) return <>again when it changes</>
  if (new Date(at).getTime() <= Date.now()) return <>again with the next run</>
  return (
    <>
      again <Moment at={at} />
    </>
  )
}

export function Why({ message, code }: { message: string; code: string }) {
  return (
    <>
      {message}
      <span class="sub mono">{code}</span>
    </>
  )
}
