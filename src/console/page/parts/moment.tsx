import { useEffect, useState } from 'preact/hooks'
import { exactTime, relativeTime, shortTime } from '../time.js'

/** An instant, relative to now; the exact one is its title. */
export function Moment({ at, absolute }: { at: string; absolute?: boolean }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 20_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <time dateTime={at} title={exactTime(at)}>
      {absolute ? shortTime(at) : relativeTime(at, now)}
    </time>
  )
}
