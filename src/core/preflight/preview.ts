import type { RunEvent } from '../ports/events.js'
import type { Tap } from '../ports/run.js'
import type { ItemFailure } from '../result/result.js'
import type { Json } from '../text/json.js'
import { redactedJson, type Redact } from '../text/redact.js'

/** An item as it was read, and what the mapping makes of it. */
export interface PreviewedItem {
  reference: string
  outcome: 'mapped' | 'discarded' | 'failed' | 'skipped'
  /** As it was read; null when it could not be. */
  origin: Json
  /** As the format returned it; null when it was not reached. */
  target: Json
  failure?: ItemFailure
}

type Shown = Pick<PreviewedItem, 'origin' | 'target'>

/** Collects the first items of a dry run: a tap for what passes, and an observer for what becomes of it. */
export class Preview {
  readonly tap: Tap
  readonly #redact: Redact
  readonly #order: string[] = []
  readonly #shown = new Map<string, Shown>()
  readonly #items: PreviewedItem[] = []

  /** All entries of the pages that are read go to `listed`. */
  constructor(limit: number, redact: Redact, listed: (entry: unknown) => void) {
    this.#redact = redact
    this.tap = {
      limit,
      listed: (reference, entry) => {
        this.#order.push(reference)
        listed(entry)
      },
      loaded: (reference, item) =>
        void this.#shown.set(reference, { origin: redactedJson(item, redact), target: null }),
      formatted: (reference, returned) => {
        const { origin = null } = this.#shown.get(reference) ?? {}
        this.#shown.set(reference, { origin, target: redactedJson(returned, redact) })
      },
    }
  }

  see(event: RunEvent): void {
    // What could not be listed has no item to show.
    if (event.type !== 'item' || event.reference === null) return
    const { reference, outcome, failure } = event
    const ended = failure ? 'failed' : outcome === 'previewed' ? 'mapped' : null
    const left = outcome === 'logics_discard' ? 'discarded' : 'skipped'
    this.#items.push({ reference, outcome: ended ?? left, origin: null, target: null, ...(failure && { failure }) })
  }

  /** In the order of the list. */
  get items(): PreviewedItem[] {
    const shown = new Map([...this.#shown].map(([reference, one]) => [this.#redact(reference), one]))
    const order = new Map(this.#order.map((reference, at) => [this.#redact(reference), at]))
    const at = ({ reference }: PreviewedItem) => order.get(reference) ?? Infinity
    return this.#items.map((item) => ({ ...item, ...shown.get(item.reference) })).sort((a, b) => at(a) - at(b))
  }
}
