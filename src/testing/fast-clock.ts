import { Agent, type Dispatcher } from 'undici'
import type { Clock } from '../core/ports/clock.js'

/**
 * Real time, but for waiting: while somebody sleeps and no request is on its way, time jumps to the next awakening. So a
 * test over real HTTP passes through rate limits and backoffs in milliseconds.
 */
export class FastClock implements Clock {
  /** Counts requests on their way, so that time stands still for them. */
  readonly dispatcher: Dispatcher
  #skipped = 0
  #inFlight = 0
  #quiet = 0
  readonly #sleepers = new Set<{ at: number; wake: () => void }>()
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.dispatcher = new Agent({ connections: 64 }).compose((dispatch) => (options, handler) => {
      this.#inFlight += 1
      const done = once(() => (this.#inFlight -= 1))
      return dispatch(options, {
        onRequestStart: (...args) => handler.onRequestStart?.(...args),
        onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
        onResponseStart: (...args) => handler.onResponseStart?.(...args),
        onResponseData: (...args) => handler.onResponseData?.(...args),
        onResponseEnd: (...args) => {
          done()
          handler.onResponseEnd?.(...args)
        },
        onResponseError: (...args) => {
          done()
          handler.onResponseError?.(...args)
        },
      })
    })
    this.#timer = setInterval(() => this.#tick(), 1)
  }

  now(): number {
    return Date.now() + this.#skipped
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper = { at: this.now() + ms, wake: done }
      const sleepers = this.#sleepers
      function done() {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', done, { once: true })
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const sleeper of [...this.#sleepers]) sleeper.wake()
    await this.dispatcher.destroy()
  }

  #tick(): void {
    this.#quiet = this.#inFlight === 0 ? this.#quiet + 1 : 0
    const next = Math.min(...[...this.#sleepers].map((sleeper) => sleeper.at))
    if (this.#quiet >= 3 && next > this.now() && next !== Infinity) this.#skipped += Math.ceil(next - this.now())
    for (const sleeper of [...this.#sleepers]) if (sleeper.at <= this.now()) sleeper.wake()
  }
}

function once(act: () => void): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}
