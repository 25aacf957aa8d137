import type { RunEvent } from '../../core/ports/events.js'
import { amendOutcome, countOutcome, emptyCounters, listedCount } from '../../core/result/counters.js'
import type { ItemFailure } from '../../core/result/result.js'
import { Pace } from '../../runtime/pace.js'
import type { LiveProgress } from '../contract.js'

/** Speed is told over so long. */
const WINDOW_MS = 10_000
const MOST_SLOTS = 30
const MOST_FAILURES = 20
const DEFAULT_SLOT_MS = 10_000

interface Slot {
  number: number
  at: number
  sent: number
  limit: number | null
}

/** How far a run is, from its events. */
export class Progress {
  readonly #started_at: number
  readonly #pace: Pace
  readonly #events = emptyCounters()
  /** When items came to their end, within the window. */
  #ends: number[] = []
  #failures: ItemFailure[] = []
  #slots: Slot[] = []
  #details_due: number | null = null
  stopping = false

  constructor(now: number) {
    this.#started_at = now
    this.#pace = new Pace(now)
  }

  see(event: RunEvent, now: number): void {
    this.#pace.see(event, now)
    switch (event.type) {
      case 'item':
        countOutcome(this.#events, event.outcome)
        this.#ends = [...this.#ends.filter((at) => at > now - WINDOW_MS), now]
        if (event.failure) this.#failures = [event.failure, ...this.#failures].slice(0, MOST_FAILURES)
        return
      case 'item_amended':
        amendOutcome(this.#events, event.before, event.outcome)
        return
      case 'list_failure':
        this.#events.list_failure += 1
        return
      case 'details':
        this.#details_due = event.due
        return
      case 'request':
        if (event.side === 'origin') this.#count(event.request.budget, now)
        return
      default:
    }
  }

  told(run_id: string, now: number): LiveProgress {
    const { items } = this.#pace
    const recent = this.#ends.filter((at) => at > now - WINDOW_MS).length
    const elapsed_ms = now - this.#started_at
    const left = this.#pace.left(now)
    return {
      ...{ run_id, at: new Date(now).toISOString(), elapsed_ms, expected: items?.total ?? null },
      ...{ listed: listedCount(this.#events), done: items?.done ?? listedCount(this.#events) },
      events: { ...this.#events },
      rate: recent / (Math.min(WINDOW_MS, Math.max(1_000, elapsed_ms)) / 1_000),
      eta_ms: left === null ? null : Math.round(left),
      details_due: this.#details_due,
      slots: this.#slots.map(({ at, sent, limit }) => ({ at: new Date(at).toISOString(), sent, limit })),
      failures: this.#failures,
      stopping: this.stopping,
    }
  }

  #count(budget: { limit: number; spare: number; slot_ms: number } | null, now: number): void {
    const slot_ms = budget?.slot_ms ?? DEFAULT_SLOT_MS
    const number = Math.floor(now / slot_ms)
    const last = this.#slots.at(-1)
    const limit = budget === null ? (last?.limit ?? null) : budget.limit - budget.spare
    if (last?.number === number) {
      last.sent += 1
      last.limit = limit
    } else {
      this.#slots = [...this.#slots, { number, at: number * slot_ms, sent: 1, limit }].slice(-MOST_SLOTS)
    }
  }
}
