import type { Listed, ListPage, Unlisted } from '../model/read.js'
import type { Journal } from '../state/journal.js'
import type { KnownItems } from '../state/known-items.js'

/** So many entries are looked up at once; pages may be larger. */
const TOGETHER = 100

export interface ListingOptions {
  journal: Pick<Journal, 'lookUp'>
  /** Asked before each entry: true ends the list. */
  isEnough?: () => boolean
  /** Told of every entry of a page, also of those that come after enough. */
  onListed?: (listed: Listed<unknown>) => void
  /** Told when the list began, by the origin's clock; undefined where it does not tell. */
  onBegin?: (began_at: number | undefined) => void
}

/** Every entry of a list until it is enough, with what is known of it and its neighbours. */
export async function* entriesOf(
  pages: AsyncIterable<ListPage<unknown>>,
  { journal, isEnough, onListed, onBegin }: ListingOptions,
): AsyncGenerator<[Listed<unknown> | Unlisted, KnownItems]> {
  let isFirst = true
  for await (const { entries, asked_at } of pages) {
    if (isFirst) onBegin?.(asked_at ?? undefined)
    isFirst = false
    for (const listed of entries) if (onListed && !('problem' in listed)) onListed(listed)
    for (let from = 0; from < entries.length; from += TOGETHER) {
      const some = entries.slice(from, from + TOGETHER)
      const known = journal.lookUp(some.flatMap((listed) => ('problem' in listed ? [] : listed.reference)))
      for (const listed of some) {
        if (isEnough?.() === true) return
        yield [listed, known]
      }
      // Unchanged items ask nobody else: timers and signals need a turn of the event loop too.
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }
}
