import type { Clock } from '../../src/core/ports/clock.js'

interface Sleeper {
  at: number
  wake(): void
}

/** Turns of the event loop in which nothing happens, before time passes. */
const QUIET_TURNS = 6

/**
 * Time that passes only while `runUntil` is awaited, and only when nothing is at work: from one sleeper to the next.
 * Whoever works where the clock cannot see it (a server, a database) says so with `working`.
 */
export class QuietClock implements Clock {
  #now: number
  #working = 0
  #sleepers: Sleeper[] = []

  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { at: this.#now + ms, wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  /** Time stands still until `work` is done. */
  async working<T>(work: () => Promise<T>): Promise<T> {
    this.#working += 1
    try {
      return await work()
    } finally {
      this.#working -= 1
    }
  }

  /** Lets time pass while nothing runs. */
  pass(ms: number): void {
    this.#now += ms
  }

  /** Lets time pass until `work` is done. */
  async runUntil<T>(work: Promise<T>): Promise<T> {
    const running: { state: 'on' | 'done' } = { state: 'on' }
    const end = () => {
      running.state = 'done'
    }
    work.then(end, end)
    let nobody = 0
    for (let quiet = 0; ; quiet++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (running.state === 'done') return work
      if (this.#working > 0) quiet = 0
      if (quiet < QUIET_TURNS) continue
      quiet = 0
      const next = Math.min(...this.#sleepers.map(({ at }) => at))
      if (next === Infinity) {
        // A module that is loaded, once in a process, takes its own time.
        if ((nobody += 1) > 1_000) throw new Error('Nobody sleeps, and the work is not done.')
        await new Promise((resolve) => setTimeout(resolve, 1))
        continue
      }
      this.#now = Math.max(this.#now, next)
      for (const sleeper of [...this.#sleepers]) if (sleeper.at <= this.#now) sleeper.wake()
    }
  }

  /** Whoever sleeps has died: nobody is woken. */
  forget(): void {
    this.#sleepers = []
  }
}
