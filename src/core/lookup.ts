import { guarded } from './errors.js'
import { settled } from './incremental.js'
import type { CachedDetail, Clock, DeliveryRecord, Store } from './ports.js'

/** A detail that is older is read again. */
export const DETAIL_LIFETIME_MS = 30 * 24 * 3_600_000
/** Other workflows of an account read its details too, and write them down once a second. */
const DETAILS_FRESH_MS = 1_000

export interface LookupOptions {
  store: Store
  clock: Clock
  workflow_id: string
  place: string
}

/** What is written down of a few items: read for all of them at once, when it is first asked for. */
export class Lookup {
  readonly #options: LookupOptions
  readonly #references: string[]
  /** Whose record was not asked for yet. */
  readonly #unasked: Set<string>
  /** Whose detail was not asked for yet. */
  readonly #undetailed: Set<string>
  #records: Promise<Map<string, DeliveryRecord>> | undefined
  #details: { account: string; at: number; found: Promise<Map<string, CachedDetail>> } | undefined

  constructor(options: LookupOptions, references: string[]) {
    this.#options = options
    this.#references = references
    this.#unasked = new Set(references)
    this.#undetailed = new Set(references)
  }

  /** Throws `RunError` where the state cannot be read. */
  async record(reference: string): Promise<DeliveryRecord | undefined> {
    const { store, workflow_id, place } = this.#options
    if (!store.remembers) return undefined
    const ask = (references: string[]) => byReference(() => store.records(workflow_id, place, references))
    // Asked for again, it was listed twice: what is written down may be of the first time.
    if (!this.#unasked.delete(reference)) return (await ask([reference])).get(reference)
    this.#records ??= ask(this.#references)
    return (await this.#records).get(reference)
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
    const kept = (await this.#detailsWith(account, item.reference)).get(item.reference)
    if (kept?.version !== item.version || !settled(kept, settles_after_ms)) return undefined
    return clock.now() - kept.read_at < DETAIL_LIFETIME_MS ? kept : undefined
  }

  /** With those of the items that are still to come. */
  #detailsWith(account: string, reference: string): Promise<Map<string, CachedDetail>> {
    const { store, clock } = this.#options
    const now = clock.now()
    const isFirst = this.#undetailed.delete(reference)
    const known = this.#details
    if (isFirst && known?.account === account && now < known.at + DETAILS_FRESH_MS) return known.found
    const references = [reference, ...this.#undetailed]
    const found = byReference(() => store.cachedDetails(account, references))
    this.#details = { account, at: now, found }
    return found
  }
}

async function byReference<V extends { reference: string }>(fetch: () => Promise<V[]>): Promise<Map<string, V>> {
  return new Map((await guarded(fetch)).map((value) => [value.reference, value]))
}
