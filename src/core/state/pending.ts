import type { Clock } from '../ports/clock.js'
import type { PendingEntry } from '../ports/store.js'
import type { ItemFailure } from '../result/result.js'
import { isDue, nextRetryAt } from './decisions.js'

/** More than this is no longer a list a person can look through: then the cursor stays instead. */
const PENDING_MAX = 500

/** The items that failed and are tried again: those of earlier runs, and what this run makes of them. */
export class PendingItems {
  readonly #clock: Clock
  readonly #known = new Map<string, PendingEntry>()
  readonly #failed = new Map<string, PendingEntry>()
  readonly #settled = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What earlier runs have left. */
  add(entries: readonly PendingEntry[]): void {
    for (const entry of entries) this.#known.set(entry.reference, entry)
  }

  /** How many items wait to be tried again, as it stands now. */
  get count(): number {
    return new Set([...this.#known.keys(), ...this.#failed.keys()]).size
  }

  has(reference: string): boolean {
    return this.#known.has(reference)
  }

  /** Whether it failed in this run. */
  hasFailed(reference: string): boolean {
    return this.#failed.has(reference)
  }

  /** Entries that are due, longest first, and not dealt with by this run yet. */
  due(limit: number): PendingEntry[] {
    const now = this.#clock.now()
    return [...this.#known.values()]
      .filter((entry) => isDue(entry, now) && !this.#failed.has(entry.reference))
      .sort((a, b) => Number(a.next_attempt_at) - Number(b.next_attempt_at))
      .slice(0, limit)
  }

  /** An item came to its end: it is pending no longer. */
  settle(reference: string): void {
    if (this.#known.delete(reference)) this.#settled.add(reference)
    this.#failed.delete(reference)
  }

  /** An item failed: later runs try it again, where that may help. False: there is no room for it, or no way to find it. */
  fail(
    item: { reference: string | null; id: string | null; version: string | null },
    failure: Omit<ItemFailure, 'reference' | 'attempts'>,
    mayHelp: boolean,
  ): boolean {
    const { reference } = item
    if (reference === null || (this.count >= PENDING_MAX && !this.#known.has(reference))) return false
    const now = this.#clock.now()
    const known = this.#known.get(reference)
    const attempts = (known?.attempts ?? 0) + 1
    const { stage, code, message } = failure
    this.#failed.set(reference, {
      ...item,
      reference,
      stage,
      code,
      message,
      attempts,
      first_failed_at: known?.first_failed_at ?? now,
      next_attempt_at: mayHelp ? nextRetryAt(attempts, now) : null,
    })
    return true
  }

  /** What the run changes at its end. */
  get changes(): { pending: PendingEntry[]; settled: string[] } {
    return { pending: [...this.#failed.values()], settled: [...this.#settled] }
  }
}
