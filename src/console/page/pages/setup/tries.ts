import { useEffect, useState } from 'preact/hooks'
import type { SetupDraft, SetupLine, SetupYaml } from '../../../contract.js'
import { asRefusal, useSettled } from '../../answer.js'
import { post, postStream, type RefusalError } from '../../api.js'

export interface Tried {
  yaml: SetupYaml | null
  lines: SetupLine[]
  /** The services are being asked. */
  looking: boolean
  error: RefusalError | null
}

/** What the draft makes, as it is written; and what the services say of it, once it has stood still and nothing is missing. */
export function useTries(draft: SetupDraft): Tried {
  const settled = useSettled(draft, 400)
  const rested = useSettled(draft, 1_500)
  const [tried, setTried] = useState<Tried>({ yaml: null, lines: [], looking: false, error: null })
  useEffect(() => {
    const stop = new AbortController()
    post('setup_yaml', '/setup/yaml', settled, stop.signal).then(
      (yaml) => setTried((before) => ({ ...before, yaml, error: null })),
      (refused: unknown) => {
        if (!stop.signal.aborted) setTried((before) => ({ ...before, error: asRefusal(refused) }))
      },
    )
    return () => stop.abort()
  }, [settled])
  const isReady = tried.yaml?.problems.length === 0 && rested === draft
  useEffect(() => {
    if (!isReady) return
    const stop = new AbortController()
    setTried((before) => ({ ...before, lines: [], looking: true }))
    const line = (found: SetupLine) => setTried((before) => ({ ...before, lines: [...before.lines, found] }))
    postStream('/setup/check', rested, { line }, stop.signal)
      .catch((refused: unknown) => {
        if (!stop.signal.aborted) setTried((before) => ({ ...before, error: asRefusal(refused) }))
      })
      .finally(() => setTried((before) => ({ ...before, looking: false })))
    return () => stop.abort()
  }, [isReady, rested])
  return tried
}
