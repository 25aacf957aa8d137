import type { Listed } from '../model/read.js'
import type { ItemOutcome } from '../result/outcome.js'

/** As many as a page of a list: where there are fewer, the list need not be read again for them. */
const KEPT = 100

/** The items of a run that were delivered by their list entries alone: how each ended, and the first of them. */
export class Partials {
  readonly #kept: Listed<unknown>[] = []
  /** By reference: all that is held of an item in memory until it is whole. */
  readonly #ended = new Map<string, ItemOutcome>()

  add(listed: Listed<unknown>, outcome: ItemOutcome): void {
    if (!this.#ended.has(listed.reference) && this.#kept.length < KEPT) this.#kept.push(listed)
    this.#ended.set(listed.reference, outcome)
  }

  get count(): number {
    return this.#ended.size
  }

  /** All of them; null where they are more than are kept. */
  get all(): readonly Listed<unknown>[] | null {
    return this.#ended.size > this.#kept.length ? null : [...this.#kept]
  }

  /** How an item ended, once; undefined: it was not delivered so, or was asked for before. */
  take(reference: string): ItemOutcome | undefined {
    const outcome = this.#ended.get(reference)
    this.#ended.delete(reference)
    return outcome
  }
}
