import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type Answers, get, onContact, RefusalError } from './api.js'

/** What was asked of the server. A value stays while it is asked again, and when that fails. */
export interface Asked<Value> {
  value: Value | null
  error: RefusalError | null
  loading: boolean
  reload: () => void
}

/** Asks for something when it is shown, when its path changes, and when the server is back. */
export function useAnswer<Kind extends keyof Answers>(kind: Kind, path: string | null): Asked<Answers[Kind]> {
  const [state, setState] = useState<Held<Answers[Kind]>>({ path: null, value: null, error: null, loading: true })
  const [round, setRound] = useState(0)
  const reload = useCallback(() => setRound((before) => before + 1), [])
  useEffect(() => {
    if (path === null) return
    const stop = new AbortController()
    setState((before) => ({ ...(before.path === path ? before : { path, value: null, error: null }), loading: true }))
    get(kind, path, stop.signal).then(
      (value) => setState({ path, value, error: null, loading: false }),
      (error: unknown) => {
        if (stop.signal.aborted) return
        setState((before) => ({ ...before, error: asRefusal(error), loading: false }))
      },
    )
    return () => stop.abort()
  }, [kind, path, round])
  useEffect(() => onContact((contact) => contact === 'good' && reload()), [reload])
  const isOfPath = state.path === path
  return { value: isOfPath ? state.value : null, error: isOfPath ? state.error : null, loading: state.loading, reload }
}

interface Held<Value> {
  path: string | null
  value: Value | null
  error: RefusalError | null
  loading: boolean
}

export function asRefusal(error: unknown): RefusalError {
  if (error instanceof RefusalError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new RefusalError({ code: 'page', message: `The page failed: ${message}`, hint: 'Load it again.' }, -1)
}

/** A value that has stood still for a while. */
export function useSettled<Value>(value: Value, ms: number): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(() => value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}

/** Calls something again and again while it is wanted. */
export function useInterval(call: () => void, ms: number | null): void {
  const latest = useRef(call)
  latest.current = call
  useEffect(() => {
    if (ms === null) return
    const timer = setInterval(() => latest.current(), ms)
    return () => clearInterval(timer)
  }, [ms])
}
