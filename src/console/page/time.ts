const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' })
const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto', style: 'long' })

/** `12 November 2026 at 14:03:07 GMT`: in the time zone of the reader. */
export const exactTime = (iso: string) => exact.format(new Date(iso))

/** `12 Nov, 14:03` */
export const shortTime = (iso: string) => short.format(new Date(iso))

/** `3 minutes ago`, `in 2 hours`. */
export function relativeTime(iso: string, now: number): string {
  const ms = new Date(iso).getTime() - now
  const size = Math.abs(ms)
  if (size < 45 * SECOND) return ms > 0 ? 'in a moment' : 'just now'
  if (size < 45 * MINUTE) return relative.format(Math.round(ms / MINUTE), 'minute')
  if (size < 22 * HOUR) return relative.format(Math.round(ms / HOUR), 'hour')
  return relative.format(Math.round(ms / DAY), 'day')
}

/** `820 ms`, `4.2 s`, `3 min 5 s`, `2 h 4 min`, `3 days`. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`
  if (ms < HOUR) return inTwo(ms, [MINUTE, 'min'], [SECOND, 's'])
  if (ms < 2 * DAY) return inTwo(ms, [HOUR, 'h'], [MINUTE, 'min'])
  return `${Math.round(ms / DAY)} days`
}

type Unit = [ms: number, name: string]

function inTwo(ms: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rounded = Math.round(ms / small) * small
  const rest = (rounded % large) / small
  const first = `${Math.floor(rounded / large)} ${largeName}`
  return rest === 0 ? first : `${first} ${rest} ${smallName}`
}
