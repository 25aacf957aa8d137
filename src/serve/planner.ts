import type { ScheduleStore } from '../core/ports/schedule.js'
import type { Timetable } from '../workflows/index.js'
import { OVERDUE_MS, REPEAT_MS, watching } from './decisions.js'
import type { Engine } from './engine.js'
import { planning, registering } from './planning.js'

/** Between two looks for what is late. */
const WATCH_MS = 60_000
/** By less a clock is only corrected. */
const CLOCK_MS = 1_000

export interface PlannerOptions {
  schedules: ScheduleStore
  engine: Engine
  timetable: Timetable
}

/** Looks what is due, and sends it to the engine. */
export class Planner {
  readonly #options: PlannerOptions
  #planned_at: number | null = null
  #watched_at: number | null = null

  constructor(options: PlannerOptions) {
    this.#options = options
  }

  /** Throws `StateError`. */
  async plan(): Promise<void> {
    const { schedules, engine, timetable } = this.#options
    const now = await schedules.now()
    // The clock was put back: what was planned by the wrong one would come too late.
    if (this.#planned_at !== null && now < this.#planned_at - CLOCK_MS)
      await schedules.replaceScheduled((known, at) => registering(known, timetable)(known, at))
    await schedules.changeDue(planning(timetable))
    await this.#watch(now)
    await engine.queueReady()
    this.#planned_at = now
  }

  async #watch(now: number): Promise<void> {
    // At first what was missed while nothing ran gets the time to start.
    this.#watched_at ??= now
    if (Math.abs(now - this.#watched_at) < WATCH_MS) return
    const { schedules } = this.#options
    await schedules.changeLate({ told: now - REPEAT_MS, due: now - OVERDUE_MS }, watching)
    this.#watched_at = now
  }
}
