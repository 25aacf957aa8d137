import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collectGarbage } from '../../../test/support/garbage.js'
import { VirtualClock } from '../../../test/support/virtual-clock.js'
import { eachConcurrently, Turns } from './concurrency.js'

async function* each<T>(items: readonly T[], after?: Error): AsyncGenerator<T> {
  yield* items
  if (after) throw after
}

describe('eachConcurrently', () => {
  it('works on every item once, never on more than `limit` at a time, and uses the limit', async () => {
    const durations = fc.array(fc.nat(50), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(durations, fc.integer({ min: 1, max: 8 }), fc.nat(20), async (items, limit, pause) => {
        const clock = new VirtualClock()
        const worked: number[] = []
        let running = 0
        let most = 0
        const listing = async function* () {
          for (const [index, duration] of items.entries()) {
            if (index % 3 === 0) await clock.sleep(pause)
            yield { index, duration }
          }
        }
        const work = async ({ index, duration }: { index: number; duration: number }) => {
          running += 1
          most = Math.max(most, running)
          await clock.sleep(duration)
          running -= 1
          worked.push(index)
        }
        await clock.runUntil(eachConcurrently(listing(), limit, work))
        expect(worked.sort((a, b) => a - b)).toEqual(items.map((_, index) => index))
        expect(most).toBeLessThanOrEqual(limit)
        expect(running).toBe(0)
        if (pause === 0 && items.every((duration) => duration > 0)) expect(most).toBe(Math.min(limit, items.length))
      }),
    )
  })

  it('pulls the next item only when there is room', async () => {
    const clock = new VirtualClock()
    let pulled = 0
    const listing = async function* () {
      while (pulled < 10) yield ++pulled
    }
    const working = eachConcurrently(listing(), 3, () => clock.sleep(1000))
    await clock.run(clock.now() + 999)
    expect(pulled).toBeLessThanOrEqual(3)
    await clock.runUntil(working)
    expect(pulled).toBe(10)
  })

  it('lets the running work end before it throws what the items threw', async () => {
    const clock = new VirtualClock()
    const done: string[] = []
    const work = async (item: string) => {
      await clock.sleep(1000)
      done.push(item)
    }
    const working = eachConcurrently(each(['a', 'b'], new Error('page 2 is lost')), 5, work)
    await expect(clock.runUntil(working)).rejects.toThrow('page 2 is lost')
    expect(done).toEqual(['a', 'b'])
  })

  it('throws what work throws, after the running work, pulls nothing more and closes the items', async () => {
    const clock = new VirtualClock()
    const done: number[] = []
    let closed = false
    const listing = async function* () {
      try {
        for (let item = 0; ; item++) yield item
      } finally {
        closed = true
      }
    }
    const work = async (item: number) => {
      await clock.sleep(100 * (item + 1))
      if (item === 0) throw new Error('a bug')
      done.push(item)
    }
    await expect(clock.runUntil(eachConcurrently(listing(), 3, work))).rejects.toThrow('a bug')
    expect(done).toEqual([1, 2])
    expect(closed).toBe(true)
  })

  it('throws what the last item threw although no other follows', async () => {
    const work = async (item: string) => {
      await Promise.resolve()
      if (item === 'b') throw new Error('a bug')
    }
    await expect(eachConcurrently(each(['a', 'b']), 5, work)).rejects.toThrow('a bug')
  })

  it('returns at once without items, and throws at once when there is nothing to wait for', async () => {
    const never = () => new Promise<void>(() => undefined)
    await eachConcurrently(each([]), 3, never)
    await expect(eachConcurrently(each([], new Error('no list')), 3, never)).rejects.toThrow('no list')
  })
})

describe('Turns', () => {
  it('runs what shares a key one after another in order of arrival, and gives each its own result', async () => {
    const job = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      ms: fc.nat(20),
      fails: fc.boolean(),
      after: fc.nat(30),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 20 }), async (jobs) => {
        const clock = new VirtualClock()
        const turns = new Turns()
        const running = new Map<string, number>()
        const order = new Map<string, number[]>()
        const arrived = new Map<string, number[]>()
        const push = (to: Map<string, number[]>, key: string, index: number) =>
          to.set(key, [...(to.get(key) ?? []), index])
        const take = async ({ key, ms, fails, after }: (typeof jobs)[number], index: number) => {
          await clock.sleep(after)
          push(arrived, key, index)
          return turns.take(key, async () => {
            push(order, key, index)
            running.set(key, (running.get(key) ?? 0) + 1)
            expect(running.get(key)).toBe(1)
            await clock.sleep(ms)
            running.set(key, 0)
            if (fails) throw new Error(String(index))
            return index
          })
        }
        const results = await clock.runUntil(Promise.allSettled(jobs.map(take)))
        expect(order).toEqual(arrived)
        expect(
          results.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as Error).message)),
        ).toEqual(jobs.map(({ fails }, index) => (fails ? String(index) : index)))
      }),
    )
  })

  it('lets different keys run at the same time', async () => {
    const clock = new VirtualClock()
    const turns = new Turns()
    const before = clock.now()
    const keys = ['a', 'b', 'c', 'd', 'a']
    await clock.runUntil(Promise.all(keys.map((key) => turns.take(key, () => clock.sleep(100)))))
    expect(clock.now() - before).toBe(200)
  })

  it('goes on after a turn that failed, whether it threw at once or later', async () => {
    const turns = new Turns()
    const atOnce = turns.take('a', () => {
      throw new Error('at once')
    })
    const later = turns.take('a', () => Promise.reject(new Error('later')))
    const last = turns.take('a', () => Promise.resolve('done'))
    expect(await Promise.allSettled([atOnce, later, last])).toMatchObject([
      { status: 'rejected', reason: { message: 'at once' } },
      { status: 'rejected', reason: { message: 'later' } },
      { status: 'fulfilled', value: 'done' },
    ])
  })

  it('keeps nothing of a key when its turns are over', async () => {
    const turns = new Turns()
    const results: WeakRef<object>[] = []
    const work = async (fails: boolean) => {
      await Promise.resolve()
      const result = new Error('large')
      results.push(new WeakRef(result))
      if (fails) throw result
      return result
    }
    // Out of this function nothing holds the results, unless it is the turns.
    const takeAll = async () => {
      const keys = Array.from({ length: 100 }, (_, index) => `key ${index % 40}`)
      await Promise.allSettled(keys.map((key, index) => turns.take(key, () => work(index % 2 === 0))))
    }
    await takeAll()
    await collectGarbage()
    expect(results).toHaveLength(100)
    expect(results.filter((result) => result.deref() !== undefined)).toHaveLength(0)
    await turns.take('key 1', () => Promise.resolve())
  })
})
