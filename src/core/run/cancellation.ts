import { setMaxListeners } from 'node:events'
import { type RunError, StoppedError, YieldError } from '../errors.js'
import type { Clock } from '../ports/clock.js'
import type { StoppedBy } from '../result/result.js'

/** How long a stopped run may take to finish what is in flight. */
export const DRAIN_MS = 20_000

/** How a run ends before its time: told to stop, out of time, or met by something that concerns the whole run. */
export class Cancellation {
  /** Fires when nothing more may be read. */
  readonly reading: AbortSignal
  /** Fires when what is in flight must be cut. */
  readonly everything: AbortSignal
  /** What ends the reading: it makes way for others, or anything else. */
  stoppedBy: StoppedBy = 'interrupted'
  /** Why the run is fatal; the first reason stands. */
  fatal: RunError | undefined
  readonly #reading = new AbortController()
  readonly #everything = new AbortController()
  readonly #done = new AbortController()
  readonly #clock: Clock

  constructor(ports: { clock: Clock; signal?: AbortSignal; deadline?: number }) {
    this.reading = this.#reading.signal
    this.everything = this.#everything.signal
    this.#clock = ports.clock
    // Every request in flight listens: more than the ten that Node takes for a leak.
    setMaxListeners(0, this.reading, this.everything)
    const stop = () => {
      if (ports.signal?.reason instanceof YieldError) this.stoppedBy = 'yielded'
      this.stop()
    }
    if (ports.signal?.aborted === true) stop()
    ports.signal?.addEventListener('abort', stop, { signal: this.#done.signal })
    if (ports.deadline === undefined) return
    const left = ports.deadline - ports.clock.now()
    if (left <= 0) stop()
    else this.#after(left, stop)
  }

  /** Ends the reading; what is in flight has `DRAIN_MS` to finish. */
  stop(): void {
    if (this.reading.aborted) return
    this.#reading.abort(new StoppedError())
    this.#after(DRAIN_MS, () => this.#everything.abort(new StoppedError()))
  }

  /** Ends the run for a reason that concerns all of it. Where writing still works, what was read is written. */
  fail(error: RunError, writing: 'goes_on' | 'ends'): void {
    this.fatal ??= error
    this.stop()
    if (writing === 'ends') this.#everything.abort(new StoppedError())
  }

  /** The value of `promise`, or a `StoppedError` as soon as everything must end: a user's function may never return. */
  async unlessCut<T>(promise: Promise<T> | T): Promise<T> {
    if (!isThenable(promise)) return promise
    let cut: (() => void) | undefined
    const ended = new Promise<never>((_, reject) => {
      cut = () => reject(new StoppedError())
      if (this.everything.aborted) cut()
      this.everything.addEventListener('abort', cut, { once: true })
    })
    try {
      return await Promise.race([promise, ended])
    } finally {
      if (cut !== undefined) this.everything.removeEventListener('abort', cut)
    }
  }

  /** The run is over: timers and listeners go. */
  dispose(): void {
    this.#done.abort()
  }

  #after(ms: number, act: () => void): void {
    void this.#clock.sleep(Math.max(0, ms), this.#done.signal).then(() => {
      if (!this.#done.signal.aborted) act()
    })
  }
}

/** Of whatever library: a user's function may return a query builder or a promise of another realm. */
function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
