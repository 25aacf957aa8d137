import type { Clock } from '../../core/ports/clock.js'
import { retryAfterMs } from '../retry.js'
import { type Answered, type Pacer, patience, type Permit, type Settle } from './pacer.js'
import { Queue } from './queue.js'

export interface AdaptiveOptions {
  /** Requests in flight to begin with. */
  initial: number
  max: number
  clock: Clock
  /** At most that many requests in any 60 seconds. Default: no such limit. */
  requests_per_minute?: number
}

const MINUTE_MS = 60_000

/** Weight of the newest answer in the smoothed latency. */
const SMOOTHING = 0.2
const LATENCY_SLACK_MS = 50

/**
 * Paces requests to a service that publishes no limit: more at once while answers come in time, half as many at once
 * when it says stop.
 */
export class AdaptivePacer implements Pacer {
  readonly #options: AdaptiveOptions
  readonly #queue: Queue
  #allowed: number
  #inFlight = 0
  #sent = 0
  /** Requests sent up to this one knew nothing of the last halving: their refusals belong to the same overload. */
  #halvedAfter = 0
  #pausedUntil = -Infinity
  #smoothed: number | null = null
  #best = Infinity
  readonly #sendTimes: number[] = []

  constructor(options: AdaptiveOptions) {
    this.#options = options
    this.#allowed = Math.min(options.initial, options.max)
    this.#queue = new Queue(options.clock, {
      admit: async () => this.#admit(),
      idle: () => Promise.resolve(null),
    })
  }

  acquire(signal?: AbortSignal): Promise<Permit> {
    return this.#queue.acquire(signal)
  }

  #admit(): Settle | number {
    const now = this.#options.clock.now()
    const held = patience(this.#pausedUntil, now)
    if (this.#inFlight >= this.#allowed) return Infinity
    const wait = Math.max(held, this.#untilMinuteHasRoom(now))
    if (wait > 0) return wait
    const number = ++this.#sent
    this.#inFlight++
    if (this.#options.requests_per_minute !== undefined) this.#sendTimes.push(now)
    return (answer) => this.#settle(number, now, answer)
  }

  #untilMinuteHasRoom(now: number): number {
    const oldest = this.#sendTimes[0]
    if (oldest === undefined || this.#sendTimes.length < (this.#options.requests_per_minute ?? Infinity)) return 0
    if (now - oldest < MINUTE_MS) return oldest + MINUTE_MS - now
    this.#sendTimes.shift()
    return 0
  }

  #settle(number: number, sent: number, answer: Answered | null): void {
    const now = this.#options.clock.now()
    this.#inFlight--
    if (answer?.status === 429 || answer?.status === 503) this.#backOff(number, now, answer.headers)
    else if (answer && answer.status < 500) this.#grow(now - sent)
    this.#queue.wake()
  }

  #backOff(number: number, now: number, headers: Answered['headers']): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + (retryAfterMs(headers, now) ?? 0))
    if (number <= this.#halvedAfter) return
    this.#allowed = Math.max(1, Math.floor(this.#allowed / 2))
    this.#halvedAfter = this.#sent
  }

  #grow(duration: number): void {
    this.#smoothed = this.#smoothed === null ? duration : this.#smoothed + SMOOTHING * (duration - this.#smoothed)
    this.#best = Math.min(this.#best, this.#smoothed)
    const inTime = this.#smoothed <= 2 * this.#best + LATENCY_SLACK_MS
    if (inTime) this.#allowed = Math.min(this.#options.max, this.#allowed + 1)
  }
}
