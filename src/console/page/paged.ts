import { useEffect, useState } from 'preact/hooks'
import { asRefusal, useAnswer } from './answer.js'
import { type Answers, get, type RefusalError } from './api.js'

/** Answers that go on: each names where the next begins. */
type Paged = 'runs' | 'pending' | 'failures' | 'audit'

export interface Pages<Answer> {
  /** Null: the first is still to come. */
  pages: Answer[] | null
  error: RefusalError | null
  reload: () => void
  /** Asks for the next; null: there is none. */
  more: (() => void) | null
  busy: boolean
}

/** How many rows are shown before more is asked for. */
const STEP = 10

export interface Shown<Row> {
  rows: Row[]
  more: (() => void) | null
}

/** The first rows of a list, and more of them when it is wanted: first what is here already, then what the server has. */
export function useShown<Row>(all: Row[], next: (() => void) | null, first = STEP): Shown<Row> {
  const [wanted, setWanted] = useState(first)
  const isAll = wanted >= all.length
  if (isAll && next === null) return { rows: all, more: null }
  const more = () => {
    setWanted(wanted + 3 * STEP)
    if (wanted + 3 * STEP > all.length) next?.()
  }
  return { rows: all.slice(0, wanted), more }
}

/** A list of which more is shown when it is wanted. It begins anew when its path changes. */
export function usePages<Kind extends Paged>(kind: Kind, path: string): Pages<Answers[Kind]> {
  const first = useAnswer(kind, path)
  const [rest, setRest] = useState<Answers[Kind][]>([])
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<RefusalError | null>(null)
  useEffect(() => {
    setRest([])
    setError(null)
  }, [first.value])
  const pages = first.value ? [first.value, ...rest] : null
  const next = pages?.at(-1)?.next ?? null
  const more = () => {
    setBusy(true)
    get(kind, `${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(next ?? '')}`)
      .then((page) => setRest((before) => [...before, page]))
      .catch((refused: unknown) => setError(asRefusal(refused)))
      .finally(() => setBusy(false))
  }
  return { pages, error: first.error ?? error, reload: first.reload, more: next === null ? null : more, busy }
}
