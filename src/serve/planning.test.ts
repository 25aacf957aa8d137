import { beforeAll, describe, expect, it } from 'vitest'
import { NOON, scheduled } from '../../test/support/scheduled.js'
import type { Schedule, ScheduledWorkflow } from '../core/ports/schedule.js'
import { openTimetable, type Timetable } from '../workflows/index.js'
import { planning, registering } from './planning.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
let timetable: Timetable
beforeAll(async () => {
  timetable = await openTimetable()
})

const paris = (cron: string): Schedule => ({ cron, time_zone: 'Europe/Paris' })
const at = (text: string) => Date.parse(text)

/** A planner that looks every minute by a clock of the test's: the moments at which it found something due. */
class Simulated {
  workflow: ScheduledWorkflow
  now: number
  readonly ran: string[] = []

  constructor(now: string, schedule: Schedule) {
    this.now = at(now)
    const given = { workflow_id: 'acme', account: 'a', schedule, full_schedule: null, listeners: [] }
    this.workflow = registering([given], timetable)([], this.now)[0]!
  }

  /** Minute by minute, each run ending at once. */
  until(moment: string): void {
    for (; this.now <= at(moment); this.now += MINUTE) this.look()
  }

  look(): void {
    const decision = planning(timetable)(this.workflow, this.now)
    this.workflow = { ...this.workflow, ...decision?.changes }
    if (this.workflow.run_due === null) return
    this.ran.push(new Date(this.now).toISOString().slice(11, 16))
    this.workflow = { ...this.workflow, run_due: null }
  }

  /** Somebody sets the clock; the planner sees that it went back. */
  set(moment: string): void {
    const isBack = at(moment) < this.now
    this.now = at(moment)
    if (!isBack) return
    const { workflow_id, account, schedule, full_schedule } = this.workflow
    const given = { workflow_id, account, schedule, full_schedule, listeners: [] }
    this.workflow = registering([given], timetable)([this.workflow], this.now)[0]!
  }
}

describe('a change of daylight saving time', () => {
  it('in autumn leaves no gap in what runs every quarter of an hour', () => {
    const clock = new Simulated('2026-10-25T00:01:00Z', paris('*/15 * * * *'))
    clock.until('2026-10-25T03:00:00Z')
    expect(clock.ran).toEqual([
      '00:15',
      '00:30',
      '00:45',
      '01:00',
      '01:15',
      '01:30',
      '01:45',
      '02:00',
      '02:15',
      '02:30',
      '02:45',
      '03:00',
    ])
  })

  it('in autumn runs what is due at a time that comes twice once', () => {
    const clock = new Simulated('2026-10-24T12:00:00Z', paris('30 2 * * *'))
    clock.until('2026-10-26T12:00:00Z')
    expect(clock.ran).toEqual(['00:30', '01:30'])
  })

  it('in spring runs what is due at a time that does not come once', () => {
    const clock = new Simulated('2026-03-28T12:00:00Z', paris('30 2 * * *'))
    clock.until('2026-03-30T12:00:00Z')
    expect(clock.ran).toEqual(['01:00', '00:30'])
  })
})

describe('a clock that is set', () => {
  it('an hour on runs what was missed once', () => {
    const clock = new Simulated('2026-11-30T09:01:00Z', paris('*/15 * * * *'))
    clock.until('2026-11-30T09:10:00Z')
    clock.set('2026-11-30T10:10:00Z')
    clock.until('2026-11-30T10:31:00Z')
    expect(clock.ran).toEqual(['10:10', '10:15', '10:30'])
  })

  it('an hour back goes on at once, and runs no moment twice', () => {
    const clock = new Simulated('2026-11-30T09:46:00Z', paris('*/15 * * * *'))
    clock.until('2026-11-30T10:01:00Z')
    clock.set('2026-11-30T09:01:00Z')
    clock.until('2026-11-30T10:20:00Z')
    expect(clock.ran).toEqual(['10:00', '09:15', '09:30', '09:45', '10:15'])
  })

  it('an hour back does not bring the run of the day again', () => {
    const clock = new Simulated('2026-11-30T01:00:00Z', { cron: '0 2 * * *', time_zone: 'UTC' })
    clock.until('2026-11-30T02:05:00Z')
    clock.set('2026-11-30T01:05:00Z')
    clock.until('2026-12-01T03:00:00Z')
    expect(clock.ran).toEqual(['02:00', '02:00'])
    expect(clock.workflow.taken_run_at).toBe(at('2026-12-01T02:00:00Z'))
  })

  it('an hour back does not make what backs off wait an hour longer', () => {
    const given = {
      workflow_id: 'acme',
      account: 'a',
      schedule: scheduled().schedule,
      full_schedule: null,
      listeners: [],
    }
    const waiting = scheduled({ fatal_count: 1, waits_until: NOON + HOUR })
    expect(registering([given], timetable)([waiting], NOON)[0]?.waits_until).toBe(NOON + 30_000)
  })
})

describe('planning', () => {
  it('takes what was missed as due since then, once, and plans from now on', () => {
    const missed = scheduled({
      next_run_at: NOON - 5 * HOUR,
      next_full_at: NOON - HOUR,
      full_schedule: paris('0 2 * * *'),
    })
    expect(planning(timetable)(missed, NOON + 1)?.changes).toEqual({
      ...{ next_run_at: NOON + 15 * MINUTE, taken_run_at: NOON - 5 * HOUR, run_due: NOON - 5 * HOUR },
      ...{ next_full_at: at('2026-12-01T01:00:00Z'), taken_full_at: NOON - HOUR, full_due: NOON - HOUR },
    })
  })

  it('keeps since when something is due, and makes nothing due that is paused', () => {
    const due = scheduled({ next_run_at: NOON, run_due: NOON - HOUR })
    expect(planning(timetable)(due, NOON)?.changes.run_due).toBe(NOON - HOUR)
    const paused = scheduled({ next_run_at: NOON, paused: true })
    expect(planning(timetable)(paused, NOON)?.changes).toMatchObject({ run_due: null, next_run_at: NOON + 15 * MINUTE })
  })

  it('by another schedule begins anew, by the same one goes on', () => {
    const given = {
      workflow_id: 'acme',
      account: 'a',
      schedule: scheduled().schedule,
      full_schedule: null,
      listeners: [],
    }
    const known = scheduled({ next_run_at: NOON - HOUR })
    const next = (schedule: Schedule | null) =>
      registering([{ ...given, schedule }], timetable)([known], NOON)[0]?.next_run_at
    expect([next(given.schedule), next(paris('0 * * * *')), next(null)]).toEqual([NOON - HOUR, NOON + HOUR, null])
  })
})
