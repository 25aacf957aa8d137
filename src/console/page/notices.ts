import { useEffect, useState } from 'preact/hooks'

/** What has just happened, for reading. It stays until it is put away, or the next thing happens. */
export interface Notice {
  id: number
  text: string
  tone: 'good' | 'bad'
}

const listeners = new Set<(notice: Notice | null) => void>()
let last = 0

export function say(text: string, tone: Notice['tone'] = 'good'): void {
  last += 1
  for (const listener of listeners) listener({ id: last, text, tone })
}

export function useNotice(): [Notice | null, () => void] {
  const [notice, setNotice] = useState<Notice | null>(null)
  useEffect(() => {
    listeners.add(setNotice)
    return () => void listeners.delete(setNotice)
  }, [])
  return [notice, () => setNotice(null)]
}
