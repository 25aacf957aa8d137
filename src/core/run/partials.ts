import type { Listed } from '../model/read.js'

/** As many as a page of a list: where there are fewer, the list need not be read again for them. */
const KEPT = 100

/** The items of a run that were delivered by their list entries alone: how many, and the first of them. */
export class Partials {
  readonly #kept: Listed<unknown>[] = []
  #count = 0

  add(listed: Listed<unknown>): void {
    this.#count += 1
    if (this.#kept.length < KEPT) this.#kept.push(listed)
  }

  get count(): number {
    return this.#count
  }

  /** All of them; null where they are more than are kept: memory must not grow with their number. */
  get all(): readonly Listed<unknown>[] | null {
    return this.#count > this.#kept.length ? null : this.#kept
  }
}
