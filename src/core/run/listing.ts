import type { Listed, ListPage, Unlisted } from '../model/read.js'
import type { Journal } from '../state/journal.js'
import type { Lookup } from '../state/known-items.js'
import type { Progress } from './finish.js'

/** So many entries are looked up at once; pages may be larger. */
const TOGETHER = 100

/** Every entry of a list until it is enough, with the look-up it shares with its neighbours. Notes when the list began. */
export async function* entriesOf(
  pages: AsyncIterable<ListPage<unknown>>,
  journal: Journal,
  progress: Progress,
  isEnough: () => boolean = () => false,
): AsyncGenerator<[Listed<unknown> | Unlisted, Lookup]> {
  let isFirst = true
  for await (const { entries, asked_at } of pages) {
    if (isFirst) progress.began_at = asked_at ?? undefined
    isFirst = false
    for (let from = 0; from < entries.length; from += TOGETHER) {
      const some = entries.slice(from, from + TOGETHER)
      const lookup = journal.lookUp(some.flatMap((listed) => ('problem' in listed ? [] : listed.reference)))
      for (const listed of some) {
        if (isEnough()) return
        yield [listed, lookup]
      }
      // Unchanged items ask nobody else: timers and signals need a turn of the event loop too.
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }
}
