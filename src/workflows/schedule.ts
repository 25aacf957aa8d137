import { nearest } from '../core/text/did-you-mean.js'

/** When a workflow runs by itself. */
export interface Schedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  cron: string
  /** IANA name. */
  time_zone: string
}

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
export async function nextRun({ cron, time_zone }: Schedule, after: Date): Promise<Date | null> {
  const { Cron } = await import('croner')
  return new Cron(cron.trim(), { mode: '5-part', timezone: time_zone, paused: true }).nextRun(after)
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    // A RangeError: there is none of that name.
    return false
  }
}
