import { guarded } from '../errors.js'
import type { Clock } from '../ports/clock.js'
import type { CachedDetail, DeliveryRecord, Leaving, Store } from '../ports/store.js'
import { isAhead, settled } from './decisions.js'

/** A detail that is older is read again. */
export const DETAIL_LIFETIME_MS = 30 * 24 * 3_600_000

/** Other workflows of an account read its details too, and write them down once a second. */
const DETAILS_FRESH_MS = 1_000

export interface KnownItemsOptions {
  store: Store
  clock: Clock
  workflow_id: string
  /** What records belong to. */
  place: string
}

/** What is written down of a few items: read for all that are still to come at once, when one is asked for. */
export class KnownItems {
  readonly #options: KnownItemsOptions
  readonly #references: string[]
  readonly #records: Ahead<DeliveryRecord>
  readonly #leavings: Ahead<{ reference: string; leavings: Leaving[] }>
  /** By account. */
  readonly #details = new Map<string, Ahead<CachedDetail>>()

  constructor(options: KnownItemsOptions, references: string[]) {
    this.#options = options
    this.#references = references
    const { store, workflow_id, place } = options
    this.#records = new Ahead(references, Infinity, (asked) => store.records(workflow_id, place, asked))
    this.#leavings = new Ahead(references, Infinity, async (asked) => {
      const found = await store.leavings(workflow_id, place, asked)
      const references = [...new Set(found.map(({ reference }) => reference))]
      return references.map((reference) => ({
        reference,
        leavings: found.filter((leaving) => leaving.reference === reference),
      }))
    })
  }

  /** What an item has left. Throws as `record` does. */
  async leavings(reference: string): Promise<Leaving[]> {
    const { store, clock } = this.#options
    return store.remembers ? ((await this.#leavings.get(reference, clock.now()))?.leavings ?? []) : []
  }

  /** Throws `RunError` where the state cannot be read. */
  async record(reference: string): Promise<DeliveryRecord | undefined> {
    const { store, clock } = this.#options
    return store.remembers ? this.#records.get(reference, clock.now()) : undefined
  }

  /**
   * What is kept of an item's detail at this version, if it is neither too old nor read too soon after the change. Throws
   * as `record` does.
   */
  async detail(
    account: string,
    item: { reference: string; version: string },
    settles_after_ms: number,
  ): Promise<CachedDetail | undefined> {
    const { store, clock } = this.#options
    if (!store.remembers) return undefined
    const kept = await this.#detailsOf(account).get(item.reference, clock.now())
    if (kept?.version !== item.version || !settled(kept, settles_after_ms)) return undefined
    if (isAhead(kept.read_at, clock.now())) return undefined
    return clock.now() - kept.read_at < DETAIL_LIFETIME_MS ? kept : undefined
  }

  #detailsOf(account: string): Ahead<CachedDetail> {
    const { store } = this.#options
    const fetch = (asked: string[]) => store.cachedDetails(account, asked)
    const details = this.#details.get(account) ?? new Ahead(this.#references, DETAILS_FRESH_MS, fetch)
    this.#details.set(account, details)
    return details
  }
}

/** Fetches what is asked for together with what is still to come, and gives from that while it is fresh. */
class Ahead<V extends { reference: string }> {
  readonly #toCome: Set<string>
  readonly #fresh_ms: number
  readonly #fetch: (references: string[]) => Promise<V[]>
  #fetched: { at: number; values: Promise<Map<string, V>> } | undefined

  constructor(references: string[], fresh_ms: number, fetch: (references: string[]) => Promise<V[]>) {
    this.#toCome = new Set(references)
    this.#fresh_ms = fresh_ms
    this.#fetch = fetch
  }

  async get(reference: string, now: number): Promise<V | undefined> {
    // Asked for again, it was listed twice: what is written down may be of the first time.
    const isExpected = this.#toCome.has(reference)
    if (!this.#fetched || !isExpected || now >= this.#fetched.at + this.#fresh_ms) {
      const asked = [...this.#toCome.add(reference)]
      const values = guarded(() => this.#fetch(asked)).then(byReference)
      this.#fetched = { at: now, values }
    }
    this.#toCome.delete(reference)
    return (await this.#fetched.values).get(reference)
  }
}

function byReference<V extends { reference: string }>(values: V[]): Map<string, V> {
  return new Map(values.map((value) => [value.reference, value]))
}
