import type { Clock } from '../../src/core/ports/clock.js'

interface Sleeper {
  at: number
  resolve(): void
}

/** Time that passes only while `run` is awaited, from one sleeper to the next. Nothing waits for real. */
export class VirtualClock implements Clock {
  #now: number
  /** The next to wake is last. */
  readonly #sleepers: Sleeper[] = []

  constructor(now = 1_700_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  /** How many sleep at present: what is left after a run shows what leaks. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        const index = this.#sleepers.indexOf(sleeper)
        if (index >= 0) this.#sleepers.splice(index, 1)
        resolve()
      }
      const sleeper: Sleeper = {
        at: this.#now + Math.max(0, ms),
        resolve() {
          signal?.removeEventListener('abort', wake)
          resolve()
        },
      }
      signal?.addEventListener('abort', wake, { once: true })
      // Behind those that wake later, before those that wake at the same time: these came first.
      const index = this.#sleepers.findIndex((other) => other.at <= sleeper.at)
      this.#sleepers.splice(index < 0 ? this.#sleepers.length : index, 0, sleeper)
    })
  }

  /** Lets time pass until nobody sleeps any more, or up to the moment `until`. */
  async run(until = Infinity): Promise<void> {
    for (;;) {
      // Runs after all promise chains have come to rest.
      await new Promise((resolve) => setImmediate(resolve))
      const next = this.#sleepers.at(-1)
      if (!next || next.at > until) break
      this.#now = next.at
      while (this.#sleepers.at(-1)?.at === next.at) this.#sleepers.pop()?.resolve()
    }
    if (until !== Infinity) this.#now = Math.max(this.#now, until)
  }

  /** Lets time pass until `work` is done. */
  async runUntil<T>(work: Promise<T>): Promise<T> {
    const running: { state: 'on' | 'done' } = { state: 'on' }
    const end = () => {
      running.state = 'done'
    }
    work.then(end, end)
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (running.state === 'done') return work
      const next = this.#sleepers.at(-1)
      if (!next) throw new Error('Nobody sleeps, and the work is not done: it waits for something that never comes.')
      this.#now = next.at
      while (this.#sleepers.at(-1)?.at === next.at) this.#sleepers.pop()?.resolve()
    }
  }
}
