import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock } from '../core/ports/clock.js'
import type { ScheduleStore, ServeHolder } from '../core/ports/schedule.js'
import { isDead, processIdentity } from '../runtime/process.js'

/** The place of the one process that serves a state. */
export class Place {
  readonly #schedules: ScheduleStore
  readonly #clock: Clock
  readonly #ttl_ms: number
  readonly #holder = {
    name: `process ${process.pid} on ${hostname()}`,
    process: processIdentity(),
    key: randomUUID(),
  }

  constructor({ schedules, clock, ttl_ms }: { schedules: ScheduleStore; clock: Clock; ttl_ms: number }) {
    this.#schedules = schedules
    this.#clock = clock
    this.#ttl_ms = ttl_ms
  }

  /** Takes it, or keeps it. Returns who has it instead; null: this process has. Throws `StateError`. */
  hold(): Promise<ServeHolder | null> {
    return this.#schedules.holdServe(this.#holder, this.#ttl_ms, isDead)
  }

  /** Keeps it until the signal fires. Returns who has it, once another process does. */
  async keep(signal: AbortSignal): Promise<ServeHolder | null> {
    for (;;) {
      await this.#clock.sleep(this.#ttl_ms / 3, signal)
      if (signal.aborted) return null
      // State that is away for a while is no reason to end: runs have leases of their own.
      const other = await this.hold().catch(() => null)
      if (other !== null) return other
    }
  }

  /** Gives it back. What cannot be given back runs out by itself. */
  async release(): Promise<void> {
    await this.#schedules.releaseServe(this.#holder.key).catch(() => undefined)
  }
}
