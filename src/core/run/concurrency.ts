/** Items on their way at once: each needs one load, a read at the target and a write, so 48 keep 32 at the target busy. */
export const ITEMS_IN_FLIGHT = 48

/**
 * Hands every item to `work`, at most `limit` at a time, and returns when all have been worked on, also when `items`
 * throws: that error is thrown then. The next item is pulled only when there is room, so nothing piles up.
 */
export async function eachConcurrently<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let running = 0
  let wake: (() => void) | undefined
  const failures: unknown[] = []
  const start = (item: T) => {
    running += 1
    void work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => {
        running -= 1
        wake?.()
      })
  }
  const untilBelow = async (count: number) => {
    while (running >= count) await new Promise<void>((resolve) => (wake = resolve))
  }
  try {
    for await (const item of items) {
      start(item)
      await untilBelow(limit)
      if (failures.length > 0) break
    }
  } finally {
    await untilBelow(1)
  }
  if (failures.length > 0) throw failures[0]
}

/** Runs what shares a key one after another, in order of arrival; different keys do not wait for each other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const turn = before === undefined ? work() : before.then(work, work)
    this.#last.set(key, turn)
    try {
      return await turn
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
  }
}
