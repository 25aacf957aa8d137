import type { Clock } from '../../core/ports/clock.js'
import type { Pace } from '../../core/ports/http.js'
import type { Store } from '../../core/ports/store.js'
import { retryAfterMs } from '../retry.js'
import { type Answered, type Pacer, patience, type Permit, type Settle } from './pacer.js'
import { Queue } from './queue.js'
import { type Bounds, MARGIN_MS, ServiceClock } from './service-clock.js'

/** What is kept of an account's budget. */
export type Budgets = Pick<Store, 'takeBudget' | 'accountLimit' | 'saveAccountLimit'> &
  Partial<Pick<Store, 'holdAccount' | 'accountHold'>>

/** How the service counts, and what is written down of it: all processes that share the store share the budget. */
export interface FixedWindowOptions extends Omit<Extract<Pace, { kind: 'slots' }>, 'kind'> {
  clock: Clock
  store: Budgets
}

/** Slot numbers, both included. */
interface Range {
  first: number
  last: number
}

/** A request on its way, with the slots it is charged in. */
interface Sent extends Range {
  at: number
}

interface SlotNotes {
  /** The highest count of the service that an answer showed. */
  seen: number
  /** Own requests that were never answered: whether they are part of `seen` is unknown. */
  lost: number
}

interface Count {
  sent: number
  received: number
  limit: number
  count: number
}

const LONGEST_PAUSE_MS = 30_000
const LATENCY_WINDOW_MS = 30_000

/** After a refusal: how long the first request of each slot goes alone, to see what others have used. */
const CAREFUL_MS = 60_000

/**
 * Paces requests to a service that counts them in fixed slots by its own clock, when they arrive. A request is charged
 * in every slot in which it may be counted, so that no slot is overrun whatever the clocks and the network do, and it
 * waits only when one of these slots is full.
 *
 * Why the charges suffice: when a slot begins at the earliest, requests on their way are charged in it too. Until then
 * everything charged in it is charged in the slot before as well, so these charges fit; only then others are added.
 */
export class FixedWindowPacer implements Pacer {
  readonly #options: FixedWindowOptions
  readonly #queue: Queue
  readonly #offset = new ServiceClock()
  readonly #inFlight = new Set<Sent>()
  readonly #notes = new Map<number, SlotNotes>()
  /** Slots of which requests already sent were found to be part. */
  readonly #owed: number[] = []
  #counts: Count[] = []
  #limit: number
  #limitAt = -Infinity
  #answered = false
  /** Whether other runs were asked for the limit, and whether they knew. */
  #recalled: 'not asked' | 'unknown' | 'known' = 'not asked'
  #lastSent = -Infinity
  #pausedUntil = -Infinity
  #carefulUntil = -Infinity
  /** The service asked with `Retry-After` to be left alone until then. */
  #heldUntil = -Infinity
  /** A place in slots that have not begun, for a head of the line that found none: else a busier process starves it. */
  #ahead: Range | null = null
  #latency = { since: 0, current: 0, previous: 0 }

  constructor(options: FixedWindowOptions) {
    this.#options = options
    this.#limit = options.limit
    this.#queue = new Queue(options.clock, { admit: (since) => this.#admit(since), idle: () => this.#idle() })
  }

  acquire(signal?: AbortSignal): Promise<Permit> {
    return this.#queue.acquire(signal)
  }

  async #admit(since: number): Promise<Settle | number> {
    if (this.#recalled === 'not asked') await this.#recall()
    await this.#chargeOwed()
    const now = this.#options.clock.now()
    const hold = Math.max(patience(this.#heldUntil, now), this.#hold(now))
    if (hold > 0) return Math.min(hold, this.#untilNextSlot(now))
    const range = this.#range(now)
    if (this.#fits(range, now) && (await this.#take(range, now, since))) return this.#send(range)
    if (this.#heldUntil > now) return patience(this.#heldUntil, now)
    // The oldest slot of the range drops out when even the slowest clock has left it; answers wake the line earlier.
    return Math.min(this.#edge(now) - now, this.#untilNextSlot(now))
  }

  /** Runs before have learnt the limit: a higher one than documented leaves room in a slot that would seem full. */
  async #recall(): Promise<void> {
    const { account, store } = this.#options
    const known = await store.accountLimit(account)
    this.#recalled = known === null ? 'unknown' : 'known'
    if (known !== null && !this.#answered) this.#limit = known
  }

  async #idle(): Promise<number | null> {
    await this.#chargeOwed()
    return this.#inFlight.size > 0 ? this.#untilNextSlot(this.#options.clock.now()) : null
  }

  /** Milliseconds in which nothing may be sent, whatever the slots hold. */
  #hold(now: number): number {
    const { max_in_flight, slot_ms } = this.#options
    // A limit that others have learnt may be out of date: the first request goes alone.
    const first = this.#recalled === 'known' ? 1 : Math.min(max_in_flight, this.#cap())
    const cap = this.#answered ? max_in_flight : first
    if (this.#inFlight.size >= cap) return Infinity
    const { lo, hi } = this.#offset.bounds(now)
    // Without a Date only a rise of Remaining shows an edge: requests, each charged in two slots, are spread evenly until
    // one is seen between two of them.
    const blind = this.#answered && !this.#offset.dated && hi - lo > slot_ms / 2
    const spread = blind ? (2 * slot_ms) / this.#cap() : 0
    return Math.max(this.#pausedUntil - now, this.#lastSent + spread - now)
  }

  /** Other programs of the account are known by Remaining only, and it says nothing of what is still on its way. */
  #fits(range: Range, now: number): boolean {
    for (let slot = range.first; slot <= range.last; slot++) {
      const { seen, lost } = this.#notes.get(slot) ?? { seen: 0, lost: 0 }
      const onTheirWay = this.#onTheirWay(slot)
      if (seen + lost + onTheirWay + 1 > this.#cap()) return false
      if (seen === 0 && onTheirWay > 0 && now < this.#carefulUntil) return false
    }
    return true
  }

  #onTheirWay(slot: number): number {
    let count = 0
    for (const sent of this.#inFlight) if (sent.first <= slot && slot <= sent.last) count++
    return count
  }

  async #take(range: Range, now: number, since: number): Promise<boolean> {
    const ahead = this.#ahead
    if (ahead && range.first >= ahead.first) {
      this.#ahead = null
      if (range.last <= ahead.last && !(await this.#isHeld(now))) return true
    }
    if (await this.#charge(range)) return true
    if (await this.#isHeld(now)) return false
    const { slot_ms } = this.#options
    if (!this.#ahead && (!this.#answered || now - since >= slot_ms)) {
      const { lo, hi } = this.#offset.bounds(now)
      const first = this.#slot(now + hi) + 1
      const next = { first, last: this.#slot(first * slot_ms + hi - lo + this.#expectedLatency()) }
      if (await this.#charge(next)) this.#ahead = next
    }
    return false
  }

  /** Whether another process was told to leave the account alone: a place taken before that is worth nothing. */
  async #isHeld(now: number): Promise<boolean> {
    const { account, store } = this.#options
    const left = (await store.accountHold?.(account)) ?? 0
    if (left > 0) this.#holdUntil(now + left)
    return left > 0
  }

  #holdUntil(until: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, until)
    this.#ahead = null
  }

  #charge({ first, last }: Range): Promise<boolean> {
    const { account, store } = this.#options
    const slots = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    return store.takeBudget({ account, slots, cap: this.#cap() })
  }

  /** Charges requests on their way in each slot they may have slipped into, before others are let into it. */
  async #chargeOwed(): Promise<void> {
    const { account, clock, store } = this.#options
    const now = clock.now()
    const bounds = this.#offset.bounds(now)
    for (const sent of this.#inFlight) this.#owe(sent, now, bounds)
    for (let slot = this.#owed[0]; slot !== undefined; slot = this.#owed[0]) {
      await store.takeBudget({ account, slots: [slot], cap: Infinity })
      this.#owed.shift()
    }
  }

  #owe(sent: Sent, now: number, { lo, hi }: Bounds): void {
    const first = this.#slot(now + lo)
    const last = this.#slot(now + hi)
    for (let slot = first; slot <= last; slot++) if (slot < sent.first || slot > sent.last) this.#owed.push(slot)
    sent.first = Math.min(sent.first, this.#slot(sent.at + lo))
    sent.last = Math.max(sent.last, last)
  }

  #send(range: Range): Settle {
    const sent: Sent = { ...range, at: this.#options.clock.now() }
    this.#lastSent = sent.at
    this.#inFlight.add(sent)
    return (answer) => this.#settle(sent, answer)
  }

  #settle(sent: Sent, answer: Answered | null): void {
    const now = this.#options.clock.now()
    this.#inFlight.delete(sent)
    if (answer) this.#learn(sent, now, answer)
    this.#owe(sent, now, this.#offset.bounds(now))
    if (!answer) for (let slot = sent.first; slot <= sent.last; slot++) this.#note(slot).lost++
    const oldest = this.#range(now).first
    for (const slot of this.#notes.keys()) if (slot < oldest) this.#notes.delete(slot)
    this.#queue.wake()
  }

  #learn(sent: Sent, received: number, { status, headers }: Answered): void {
    const known = this.#limit
    const { headers: names } = this.#options
    const { lo } = this.#offset.bounds(received)
    const early = this.#slot(sent.at + lo - MARGIN_MS) < this.#slot(sent.at + lo)
    const limit = wholeNumber(headers[names.limit])
    if (limit !== null && limit > 0 && sent.at >= this.#limitAt) {
      if (limit !== this.#limit || !this.#answered) this.#tellLimit(limit)
      this.#limit = limit
      this.#limitAt = sent.at
    }
    this.#answered = true
    this.#measure(received, received - sent.at)
    const date = Date.parse(headers['date'] ?? '')
    if (!Number.isNaN(date) && this.#offset.observeDate(date, sent.at, received)) {
      this.#notes.clear()
      this.#counts = []
      this.#ahead = null
    }
    const remaining = status === 429 ? 0 : wholeNumber(headers[names.remaining])
    const total = limit ?? this.#limit
    if (remaining !== null) this.#attribute(sent, received, total, total - remaining)
    const asked = status === 429 || status === 503 ? (retryAfterMs(headers, received) ?? 0) : 0
    if (asked > 0) this.#obey(asked, received)
    if (status !== 429) return
    // Refused just after an edge, with room by our own count: for the limiter that slot may not have begun. Another program
    // can be the cause as well, but the order of concurrent answers does not tell which, and the margin costs little.
    if (early && this.#limit === known) this.#offset.margin = MARGIN_MS
    this.#pause(received, headers[names.reset])
  }

  /** All processes of the account are told; those that share no store hear it from the service. */
  #obey(ms: number, now: number): void {
    const { account, store } = this.#options
    this.#holdUntil(now + ms)
    void store.holdAccount?.(account, ms).catch(() => undefined)
  }

  #tellLimit(limit: number): void {
    const { account, store } = this.#options
    // Others learn it from their own first answer as well.
    void store.saveAccountLimit(account, limit).catch(() => undefined)
  }

  /** Notes the service's count in the slot it belongs to, the older one in doubt. */
  #attribute(sent: Sent, received: number, limit: number, count: number): void {
    const overtaken = this.#counts.filter((c) => c.received <= sent.at && c.limit === limit && c.count > count)
    if (overtaken.length > 0) {
      this.#offset.observeEdge(this.#options.slot_ms, Math.max(...overtaken.map((c) => c.sent)), received)
    }
    this.#counts.push({ sent: sent.at, received, limit, count })
    if (this.#counts.length > this.#options.max_in_flight) this.#counts.shift()
    const { lo, hi } = this.#offset.bounds(received)
    const last = this.#slot(received + hi)
    let slot = this.#slot(sent.at + lo)
    while (slot < last && count < (this.#notes.get(slot)?.seen ?? 0)) slot++
    const notes = this.#note(slot)
    notes.seen = Math.max(notes.seen, count)
  }

  #pause(now: number, header: string | undefined): void {
    const reset = (wholeNumber(header) ?? Infinity) * 1000 - this.#offset.bounds(now).lo
    const sane = reset > now && reset <= now + LONGEST_PAUSE_MS
    const until = Math.min(this.#edge(now) + 1000, sane ? reset : Infinity, now + LONGEST_PAUSE_MS)
    this.#pausedUntil = Math.max(this.#pausedUntil, until)
    this.#carefulUntil = now + CAREFUL_MS
  }

  #measure(now: number, duration: number): void {
    const { since, current, previous } = this.#latency
    const fresh = now - since < LATENCY_WINDOW_MS
    this.#latency = fresh
      ? { since, current: Math.max(current, duration), previous }
      : { since: now, current: duration, previous: now - since < 2 * LATENCY_WINDOW_MS ? current : 0 }
  }

  /** Bounded: one answer that took long must not make each request count in several slots. */
  #expectedLatency(): number {
    return Math.min(Math.max(this.#latency.current, this.#latency.previous), this.#options.slot_ms / 10)
  }

  #range(now: number): Range {
    const { lo, hi } = this.#offset.bounds(now)
    return { first: this.#slot(now + lo), last: this.#slot(now + hi + this.#expectedLatency()) }
  }

  /** Never 0: a service that allows nothing would never be asked again whether that has changed. */
  #cap(): number {
    return Math.max(1, this.#limit - this.#options.spare)
  }

  /** When, by the local clock, the next slot has begun for certain. */
  #edge(now: number): number {
    const { lo } = this.#offset.bounds(now)
    return (this.#slot(now + lo) + 1) * this.#options.slot_ms - lo
  }

  /** Until the next slot begins at the earliest, and requests on their way must be charged in it. */
  #untilNextSlot(now: number): number {
    if (this.#inFlight.size === 0) return Infinity
    const { hi } = this.#offset.bounds(now)
    return (this.#slot(now + hi) + 1) * this.#options.slot_ms - hi - now
  }

  #slot(service_time: number): number {
    return Math.floor(service_time / this.#options.slot_ms)
  }

  #note(slot: number): SlotNotes {
    const notes = this.#notes.get(slot) ?? { seen: 0, lost: 0 }
    this.#notes.set(slot, notes)
    return notes
  }
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,12}$/.test(text.trim()) ? Number(text) : null
}
