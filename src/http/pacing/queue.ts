import type { Clock } from '../../core/ports/clock.js'
import type { Pacer, Permit, Settle } from './pacer.js'

/** What a pacer decides for the line: it looks at nothing but its own state and the clock. */
export interface Gate {
  /** Lets the first in line, who has waited since `since`, go; or says in how many milliseconds to ask again. */
  admit(since: number): Promise<Settle | number>
  /** Work to do while nobody waits: in how many milliseconds to come back, or null when there is none. */
  idle(): Promise<number | null>
}

interface Waiter {
  since: number
  signal: AbortSignal | undefined
  resolve(permit: Permit): void
  reject(reason: Error): void
}

/** Timers of the platform overflow far above this; asking again now and then costs nothing. */
const LONGEST_SLEEP_MS = 30_000

/** One alarm serves many waits; longer ones take several. */
const ALARM_MS = 1_000
const STORE_FAILURE_DELAY_MS = 1000

/** First come, first served. One loop asks the gate for the head of the line, so that no two decisions overlap. */
export class Queue implements Pacer {
  readonly #clock: Clock
  readonly #gate: Gate
  readonly #waiting: Waiter[] = []
  readonly #watched = new WeakSet<AbortSignal>()
  /** Ends the sleep of the loop. */
  #wakeUp: () => void = () => undefined
  #alarm: { ms: number; off: AbortController } | undefined
  #woken = false
  #serving = false

  constructor(clock: Clock, gate: Gate) {
    this.#clock = clock
    this.#gate = gate
  }

  acquire(signal?: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      if (signal) this.#watch(signal)
      this.#waiting.push({ since: this.#clock.now(), signal, resolve, reject })
      // Behind others nothing changes by coming; alone, the loop may be asleep over idle work.
      if (this.#waiting.length === 1) this.wake()
    })
  }

  /** One listener for all who wait with this signal. */
  #watch(signal: AbortSignal): void {
    if (this.#watched.has(signal)) return
    this.#watched.add(signal)
    const leave = () => {
      const leaving = this.#waiting.filter((waiter) => waiter.signal === signal)
      const staying = this.#waiting.filter((waiter) => waiter.signal !== signal)
      this.#waiting.splice(0, Infinity, ...staying)
      for (const waiter of leaving) waiter.reject(signal.reason as Error)
      this.wake()
    }
    signal.addEventListener('abort', leave, { once: true })
  }

  /** Something changed: the gate is asked again at once. */
  wake(): void {
    this.#woken = true
    this.#wakeUp()
    if (!this.#serving) void this.#serve()
  }

  async #serve(): Promise<void> {
    this.#serving = true
    for (;;) {
      this.#woken = false
      const wait = await this.#step()
      if (wait === null && this.#waiting.length === 0) break
      if (wait) await this.#sleep(wait)
    }
    // With a reason of its own: the default one is an error with a stack.
    this.#alarm?.off.abort('served')
    this.#alarm = undefined
    this.#serving = false
  }

  /** Until something changes, or so long. What happened while the gate was asked is not slept through. */
  async #sleep(ms: number): Promise<void> {
    for (let left = Math.min(Math.max(1, Math.ceil(ms)), LONGEST_SLEEP_MS); left > 0; left -= ALARM_MS) {
      if (this.#woken) return
      await new Promise<void>((resolve) => {
        this.#wakeUp = resolve
        // No alarm for what only a change can end.
        if (ms !== Infinity) this.#setAlarm(Math.min(left, ALARM_MS))
      })
    }
  }

  /**
   * One that was set for no longer serves as well, and rings too soon if anything: the gate is woken far more often than it
   * has to wait. Told by its length, since clocks are set.
   */
  #setAlarm(ms: number): void {
    if (this.#alarm && this.#alarm.ms <= ms) return
    this.#alarm?.off.abort('set anew')
    const alarm = { ms, off: new AbortController() }
    this.#alarm = alarm
    void this.#clock.sleep(ms, alarm.off.signal).then(() => {
      if (this.#alarm !== alarm) return
      this.#alarm = undefined
      this.#wakeUp()
    })
  }

  async #step(): Promise<number | null> {
    try {
      const head = this.#waiting[0]
      if (!head) return await this.#gate.idle()
      const turn = await this.#gate.admit(head.since)
      if (typeof turn === 'number') return turn
      this.#grant(turn)
      return 0
    } catch (error) {
      this.#waiting.shift()?.reject(error as Error)
      return STORE_FAILURE_DELAY_MS
    }
  }

  #grant(settle: Settle): void {
    // Whoever is first now: the one the gate was asked for may have left meanwhile, and the place is not lost.
    const waiter = this.#waiting.shift()
    if (!waiter) {
      settle(null)
      return
    }
    let settled = false
    waiter.resolve({
      waited_ms: this.#clock.now() - waiter.since,
      settle(answer) {
        if (settled) return
        settled = true
        settle(answer)
      },
    })
  }
}
