import { z } from 'zod'
import type { Action, AnyFlow } from '../model/flow.js'
import type { ListPage } from '../model/read.js'
import type { RunEvent } from '../ports/events.js'
import type { ItemFailure } from '../result/result.js'
import type { Json } from '../text/json.js'
import { type Redact, redactedJson } from '../text/redact.js'

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

/**
 * A look at the first items of an action, for a dry run of `action` whose events go to `see`: the list ends after `limit`
 * items, which are read one by one, each in full. All entries of the pages that are read go to `listed`.
 */
export class Preview {
  readonly action: Action
  readonly items: PreviewedItem[] = []
  readonly #limit: number
  readonly #redact: Redact
  readonly #listed: (entry: unknown) => void
  #shown: Shown = { origin: null, target: null }
  #ended: () => void = () => undefined

  constructor(action: Action, limit: number, redact: Redact, listed: (entry: unknown) => void) {
    this.#limit = limit
    this.#redact = redact
    this.#listed = listed
    this.action = { ...action, flow: this.#watched(action.flow) }
  }

  see(event: RunEvent): void {
    // What could not be listed has no item to show.
    if (event.type !== 'item' || event.reference === null) return
    const { reference, outcome, failure } = event
    const ended = failure ? 'failed' : outcome === 'previewed' ? 'mapped' : null
    const left = outcome === 'logics_discard' ? 'discarded' : 'skipped'
    this.items.push({ reference, outcome: ended ?? left, ...this.#shown, ...(failure ? { failure } : {}) })
    this.#ended()
  }

  #watched(flow: AnyFlow): AnyFlow {
    const see = (returned: unknown) => {
      this.#shown.target = redactedJson(returned, this.#redact)
      return returned
    }
    const read: AnyFlow['read'] = {
      ...flow.read,
      list: (api, parameters) => this.#first(flow.read.list(api, parameters)),
      load: async (api, listed) => {
        const loaded = await flow.read.load(api, listed)
        this.#shown.origin = redactedJson(loaded.item, this.#redact)
        return loaded
      },
    }
    // Each is read in full, all its fields; what is kept of it serves the runs that follow.
    if (flow.read.cache) read.cache = { ...flow.read.cache, restore: () => null }
    return { ...flow, read, write: { ...flow.write, schema: z.preprocess(see, flow.write.schema) } }
  }

  /** The next item is handed out when the one before has ended: what is seen meanwhile is that one's. */
  async *#first(list: AsyncIterable<ListPage<unknown>>): AsyncGenerator<ListPage<unknown>> {
    let left = this.#limit
    for await (const { entries } of list) {
      for (const listed of entries) if ('entry' in listed) this.#listed(listed.entry)
      for (const listed of entries) {
        this.#shown = { origin: null, target: null }
        const ended = new Promise<void>((resolve) => (this.#ended = resolve))
        yield { entries: [listed] }
        if ('problem' in listed) continue
        await ended
        left -= 1
        if (left === 0) return
      }
    }
  }
}
