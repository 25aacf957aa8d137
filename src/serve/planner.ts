import type { ScheduleStore } from '../core/ports/schedule.js'
import type { Timetable } from '../workflows/index.js'
import { OVERDUE_MS, REPEAT_MS, watching } from './decisions.js'
import type { Engine } from './engine.js'
import { planning, type Registered, registering } from './planning.js'
import type { Listener } from './telling.js'

/** Between two looks for what is late. */
const WATCH_MS = 60_000

export interface PlannerOptions {
  schedules: ScheduleStore
  engine: Engine
  timetable: Timetable
  registered: readonly Registered[]
  listeners: readonly Listener[]
}

/** Looks what is due, and sends it to the engine. */
export class Planner {
  readonly #options: PlannerOptions
  #planned_at: number | null = null
  #watched_at: number | null = null

  constructor(options: PlannerOptions) {
    this.#options = options
  }

  /** The workflows as they are defined now, in place of those that were. */
  async register(): Promise<void> {
    const { schedules, registered, timetable } = this.#options
    await schedules.replaceScheduled(registering(registered, timetable))
  }

  /** Throws `StateError`. */
  async plan(): Promise<void> {
    const { schedules, engine, timetable } = this.#options
    const now = await schedules.now()
    const isFirst = this.#planned_at === null
    // The clock was put back: what was planned by the wrong one would come too late.
    if (this.#planned_at !== null && now < this.#planned_at) await this.register()
    await schedules.changeDue(planning(timetable))
    await this.#watch(now)
    await engine.send(await schedules.ready(isFirst))
    this.#planned_at = now
  }

  async #watch(now: number): Promise<void> {
    // At first what was missed while nothing ran gets the time to start.
    this.#watched_at ??= now
    if (Math.abs(now - this.#watched_at) < WATCH_MS) return
    const { schedules, listeners } = this.#options
    await schedules.changeLate({ told: now - REPEAT_MS, due: now - OVERDUE_MS }, watching(listeners))
    this.#watched_at = now
  }
}
