import { guarded } from './errors.js'
import { settled } from './incremental.js'
import type { CachedDetail, Clock, DeliveryRecord, Store } from './ports.js'

/** A detail that is older is read again. */
export const DETAIL_LIFETIME_MS = 30 * 24 * 3_600_000

export interface LookupOptions {
  store: Store
  clock: Clock
  workflow_id: string
  place: string
}

/** What is known of a few items from before: read for all of them at once, when it is first asked for. */
export class Lookup {
  readonly #options: LookupOptions
  readonly #references: string[]
  #records: Promise<Map<string, DeliveryRecord>> | undefined
  readonly #details = new Map<string, Promise<Map<string, CachedDetail>>>()

  constructor(options: LookupOptions, references: string[]) {
    this.#options = options
    this.#references = references
  }

  /** Throws `RunError` where the state cannot be read. */
  async record(reference: string): Promise<DeliveryRecord | undefined> {
    const { store, workflow_id, place } = this.#options
    if (!store.remembers) return undefined
    this.#records ??= byReference(() => store.records(workflow_id, place, this.#references))
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
    const details = this.#details.get(account) ?? byReference(() => store.cachedDetails(account, this.#references))
    this.#details.set(account, details)
    const kept = (await details).get(item.reference)
    if (kept?.version !== item.version || !settled(kept, settles_after_ms)) return undefined
    return clock.now() - kept.read_at < DETAIL_LIFETIME_MS ? kept : undefined
  }
}

async function byReference<V extends { reference: string }>(fetch: () => Promise<V[]>): Promise<Map<string, V>> {
  return new Map((await guarded(fetch)).map((value) => [value.reference, value]))
}
