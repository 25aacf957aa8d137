import type { Schedule } from '../core/ports/schedule.js'
import { nearest } from '../core/text/did-you-mean.js'

/** A schedule cannot be used. `part` says which part of it. */
export class ScheduleError extends Error {
  readonly part: 'cron' | 'time_zone'

  constructor(part: 'cron' | 'time_zone', sentence: string) {
    super(sentence)
    this.part = part
  }
}

const FIELDS = 'five fields: minute, hour, day of the month, month, day of the week'

/** Throws `ScheduleError` for what no clock can follow. */
export async function checkSchedule({ cron, time_zone }: Schedule): Promise<void> {
  if (!isTimeZone(time_zone)) {
    const meant = nearest(time_zone, Intl.supportedValuesOf('timeZone'))
    const hint = meant === undefined ? 'Names are like Europe/Paris; the default is UTC.' : `Did you mean ${meant}?`
    throw new ScheduleError('time_zone', `there is no such time zone. ${hint}`)
  }
  if (cron.includes('${')) throw new ScheduleError('cron', `expected ${FIELDS}; variables are not read here.`)
  if (cron.trim().split(/\s+/).length !== 5) throw new ScheduleError('cron', `expected ${FIELDS}.`)
  let next: Date | null
  try {
    next = await nextRun({ cron, time_zone }, new Date())
  } catch (error) {
    const said =
      error instanceof Error ? error.message.replace(/^CronPattern: /, '').replace(/\.$/, '') : 'it cannot be read'
    throw new ScheduleError('cron', `${said.charAt(0).toLowerCase()}${said.slice(1)}. Expected ${FIELDS}.`)
  }
  if (next === null) throw new ScheduleError('cron', 'names a day that never comes.')
}

/** When the schedule is due next after a moment. */
export async function nextRun(schedule: Schedule, after: Date): Promise<Date | null> {
  const next = (await openTimetable())(schedule, after.getTime())
  return next === null ? null : new Date(next)
}

/** When a schedule is due next after a moment; both in epoch milliseconds. Null: never again. */
export type Timetable = (schedule: Schedule, after: number) => number | null

/** Schedules that a timetable knows at once. */
const MOST_KNOWN = 10_000

/** To find the next moment takes a tenth of a millisecond; many workflows have the same schedule and are planned together. */
export async function openTimetable(): Promise<Timetable> {
  const { Cron } = await import('croner')
  const known = new Map<string, { from: number; next: number | null }>()
  return ({ cron, time_zone }, after) => {
    const key = `${time_zone} ${cron.trim()}`
    const found = known.get(key)
    if (found && found.from <= after && (found.next === null || after < found.next)) return found.next
    const pattern = new Cron(cron.trim(), { mode: '5-part', timezone: time_zone, paused: true })
    const next = pattern.nextRun(new Date(after))?.getTime() ?? null
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(key, { from: after, next })
    return next
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    // A RangeError: there is none of that name.
    return false
  }
}
