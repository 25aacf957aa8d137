/** How far a clock may be off before the service says what time it has. */
const ASSUMED_OFFSET_MS = 5000
const DRIFT = 100e-6

/** Seen in recordings: a limiter's clock may differ from that of `Date` by up to a second. */
export const MARGIN_MS = 1000

/** Milliseconds that the service's clock is ahead, at least and at most. */
export interface Bounds {
  lo: number
  hi: number
}

/** What is known of the service's clock less the local one: an interval that is narrowed by each answer. */
export class ServiceClock {
  #lo = -ASSUMED_OFFSET_MS
  #hi = ASSUMED_OFFSET_MS
  #at = 0
  dated = false
  /** Seen in recordings: the limiter's clock may differ from that of `Date` by up to a second. */
  margin = 0

  bounds(now: number, margin = this.margin): Bounds {
    const drift = Math.max(0, now - this.#at) * DRIFT
    const lo = this.dated ? this.#lo - drift : Math.max(this.#lo - drift, -ASSUMED_OFFSET_MS)
    const hi = this.dated ? this.#hi + drift : Math.min(this.#hi + drift, ASSUMED_OFFSET_MS)
    return { lo: lo - margin, hi: hi + margin }
  }

  /** `Date` has a grain of one second. True when it contradicts what was known: one of the clocks was set. */
  observeDate(date: number, sent: number, received: number): boolean {
    const seen = { lo: date - received, hi: date + 1000 - sent }
    const known = this.dated ? this.bounds(received, 0) : seen
    const stepped = seen.lo > known.hi || seen.hi < known.lo
    this.dated = true
    this.#lo = stepped ? seen.lo : Math.max(known.lo, seen.lo)
    this.#hi = stepped ? seen.hi : Math.min(known.hi, seen.hi)
    this.#at = received
    return stepped
  }

  /** A slot began between two local moments. Says something only when a single edge can have been there. */
  observeEdge(slot_ms: number, after: number, before: number): void {
    if (this.margin > 0 && this.dated) return
    const { lo, hi } = this.bounds(before, 0)
    const first = Math.ceil((lo + after) / slot_ms)
    const last = Math.floor((hi + before) / slot_ms)
    if (first > last) this.margin = MARGIN_MS
    if (first !== last) return
    this.#lo = Math.max(lo, first * slot_ms - before)
    this.#hi = Math.min(hi, first * slot_ms - after)
    this.#at = before
  }
}
