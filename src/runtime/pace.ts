import type { RunEvent } from '../core/ports/events.js'

/** How far a part of a run has come, and since when. */
interface Part {
  begun: number
  total: number | null
  done: number
}

/**
 * How long a run still takes, from what it has done and from the budget of the service that it reads: right after a slot has
 * begun a run is fast, so its own speed alone would promise too much.
 */
export class Pace {
  readonly #items: Part
  #details: Part | null = null
  #asked = 0
  /** What the budget allows, in requests per millisecond; null: nobody says. */
  #allowed: number | null = null

  constructor(now: number, total?: number) {
    this.#items = { begun: now, total: total ?? null, done: 0 }
  }

  /** The details that are read once all items are delivered, and how many are: null before. */
  get details(): { done: number; total: number } | null {
    return this.#details && { done: this.#details.done, total: this.#details.total ?? 0 }
  }

  /** How many items are expected, and how many of them have come to their end; null: not known. */
  get items(): { done: number; total: number } | null {
    const { done, total } = this.#items
    return total === null ? null : { done, total: Math.max(done, total) }
  }

  /** It begins now: what it waited for before is no part of it. */
  begin(now: number): void {
    this.#items.begun = now
  }

  see(event: RunEvent, now: number): void {
    if (event.type === 'expected') this.#items.total ??= event.items
    // What is outside the filter was not expected.
    if (event.type === 'item' && event.outcome !== 'read_filtered') this.#items.done += 1
    if (event.type === 'details') {
      this.#details ??= { begun: now, total: event.due, done: 0 }
      this.#details.done = (this.#details.total ?? 0) - event.due
    }
    if (event.type !== 'request' || event.side !== 'origin') return
    this.#asked += 1
    const { budget } = event.request
    if (budget) this.#allowed = (budget.limit - budget.spare) / budget.slot_ms
  }

  /** Milliseconds to the end of what is under way; null: it cannot be told. */
  left(now: number): number | null {
    if (this.#details) return this.#leftOf(this.#details, 1, now)
    const { done } = this.#items
    return done === 0 ? null : this.#leftOf(this.#items, this.#asked / done, now)
  }

  /** `cost`: requests to the origin for each. */
  #leftOf({ begun, total, done }: Part, cost: number, now: number): number | null {
    if (total === null || done >= total) return null
    const left = total - done
    const byBudget = this.#allowed === null ? 0 : (left * cost) / this.#allowed
    const bySpeed = done === 0 ? 0 : ((now - begun) / done) * left
    const longer = Math.max(byBudget, bySpeed)
    return longer === 0 ? null : longer
  }
}
