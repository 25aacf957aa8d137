import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../test/support/virtual-clock.js'
import { AdaptivePacer } from './adaptive.js'
import { type Answered, HeldError, type Permit } from './pacer.js'
import { Queue } from './queue.js'

const RUNS = { numRuns: 200 }
const ok: Answered = { status: 200, headers: {} }

function pacer(clock: VirtualClock, options: { initial?: number; max?: number; requests_per_minute?: number } = {}) {
  return new AdaptivePacer({ initial: 4, max: 32, clock, ...options })
}

/** As many permits as are given at once; the others are withdrawn. */
async function takeAll(line: AdaptivePacer, clock: VirtualClock): Promise<Permit[]> {
  const permits: Permit[] = []
  const aborts = Array.from({ length: 40 }, () => new AbortController())
  for (const { signal } of aborts) {
    line.acquire(signal).then(
      (permit) => permits.push(permit),
      () => undefined,
    )
  }
  await clock.run(clock.now())
  for (const abort of aborts) abort.abort()
  await clock.run(clock.now())
  return permits
}

async function allowed(line: AdaptivePacer, clock: VirtualClock): Promise<number> {
  const permits = await takeAll(line, clock)
  for (const permit of permits) permit.settle(null)
  return permits.length
}

async function answerAll(line: AdaptivePacer, clock: VirtualClock, latency: number, answer: Answered = ok) {
  const permits = await takeAll(line, clock)
  await clock.run(clock.now() + latency)
  for (const permit of permits) permit.settle(answer)
}

describe('AdaptivePacer', () => {
  it('begins with `initial` at once and grows by one per answer up to `max`', async () => {
    const clock = new VirtualClock()
    const line = pacer(clock)
    expect(await allowed(line, clock)).toBe(4)
    await answerAll(line, clock, 100)
    expect(await allowed(line, clock)).toBe(8)
    for (let i = 0; i < 4; i++) await answerAll(line, clock, 100)
    expect(await allowed(line, clock)).toBe(32)
  })

  it('sets no alarm while nothing but an answer can let the next one go', async () => {
    const clock = new VirtualClock()
    const line = pacer(clock, { initial: 1, max: 1 })
    const first = await line.acquire()
    const second = line.acquire()
    await clock.run(clock.now())
    expect(clock.sleeping).toBe(0)
    first.settle(ok)
    ;(await second).settle(ok)
  })

  it('does not grow without an answer, nor with one that says the service is unwell', async () => {
    const clock = new VirtualClock()
    const line = pacer(clock)
    await answerAll(line, clock, 100, { status: 500, headers: {} })
    expect(await allowed(line, clock)).toBe(4)
    await answerAll(line, clock, 100, { status: 404, headers: {} })
    expect(await allowed(line, clock)).toBe(8)
  })

  it('stops growing while answers take more than twice the best time and 50 ms', async () => {
    const clock = new VirtualClock()
    const line = pacer(clock)
    await answerAll(line, clock, 100)
    for (let i = 0; i < 4; i++) await answerAll(line, clock, 900)
    const held = await allowed(line, clock)
    expect(held).toBeLessThan(16)
    for (let i = 0; i < 4; i++) await answerAll(line, clock, 900)
    expect(await allowed(line, clock)).toBe(held)
    for (let i = 0; i < 4; i++) await answerAll(line, clock, 100)
    expect(await allowed(line, clock)).toBeGreaterThan(held)
  })

  it.each([429, 503])('halves once per round trip on %i, and never below one', async (status) => {
    const clock = new VirtualClock()
    const line = pacer(clock, { initial: 16 })
    await answerAll(line, clock, 100, { status, headers: {} })
    expect(await allowed(line, clock)).toBe(8)
    for (const left of [4, 2, 1, 1]) {
      await answerAll(line, clock, 100, { status, headers: {} })
      expect(await allowed(line, clock)).toBe(left)
    }
  })

  it('halves again for a request sent in the same millisecond as the halving, but after it', async () => {
    const clock = new VirtualClock()
    const line = pacer(clock, { initial: 8 })
    const first = await line.acquire()
    first.settle({ status: 429, headers: {} })
    const second = await line.acquire()
    second.settle({ status: 429, headers: {} })
    expect(await allowed(line, clock)).toBe(2)
  })

  it.each([
    ['7', 7000],
    ['0', 0],
    ['300', 300_000],
    [new Date(1_700_000_012_000).toUTCString(), 12_000],
    [new Date(1_600_000_000_000).toUTCString(), 0],
    ['soon', 0],
    [undefined, 0],
  ])('sends nothing before Retry-After %s', async (header, wait) => {
    const clock = new VirtualClock()
    const line = pacer(clock)
    const first = await line.acquire()
    first.settle({ status: 429, headers: { 'retry-after': header } })
    const second = await clock.runUntil(line.acquire())
    expect(second.waited_ms).toBe(wait)
  })

  it('tells at once where Retry-After asks for more than five minutes', async () => {
    const clock = new VirtualClock()
    const line = pacer(clock)
    const first = await line.acquire()
    first.settle({ status: 503, headers: { 'retry-after': '3600' } })
    await expect(line.acquire()).rejects.toBeInstanceOf(HeldError)
  })

  it('wakes the next in line as soon as an answer comes, first come, first served', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 60 }), async (times) => {
        const clock = new VirtualClock()
        const line = pacer(clock, { max: 6 })
        const order: number[] = []
        let inFlight = 0
        let idle = 0
        const work = times.map(async (time, index) => {
          const permit = await line.acquire()
          order.push(index)
          inFlight++
          expect(inFlight).toBeLessThanOrEqual(6)
          await clock.sleep(time)
          inFlight--
          permit.settle(ok)
          if (inFlight === 0 && order.length < times.length) idle++
        })
        await clock.runUntil(Promise.all(work))
        expect(order).toEqual(times.map((_, index) => index))
        expect(idle).toBe(0)
        expect(clock.sleeping).toBe(0)
      }),
      RUNS,
    )
  })

  it('sends at most requests_per_minute in any minute, and no fewer while there is work', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.nat(30_000), { maxLength: 80 }),
        async (n, gaps) => {
          const clock = new VirtualClock()
          const line = pacer(clock, { initial: 32, requests_per_minute: n })
          const sent: { at: number; waited: number }[] = []
          const running: Promise<void>[] = []
          const work = (async () => {
            for (const gap of gaps) {
              if (gap % 3 === 0) await clock.sleep(gap)
              running.push(
                line.acquire().then((permit) => {
                  sent.push({ at: clock.now(), waited: permit.waited_ms })
                  permit.settle(ok)
                }),
              )
            }
            await Promise.all(running)
          })()
          await clock.runUntil(work)
          sent.forEach(({ at, waited }, index) => {
            const earlier = sent[index - n]
            if (earlier) expect(at - earlier.at).toBeGreaterThanOrEqual(60_000)
            if (waited > 0) expect(at).toBe(earlier!.at + 60_000)
          })
        },
      ),
      RUNS,
    )
  })

  it('gives the place of an aborted request to the next, and leaves nothing behind', async () => {
    const clock = new VirtualClock()
    const line = pacer(clock, { initial: 1 })
    const first = await line.acquire()
    const abort = new AbortController()
    const reason = new Error('no longer wanted')
    const second = line.acquire(abort.signal)
    const third = line.acquire()
    second.catch(() => undefined)
    await clock.run(clock.now() + 10)
    abort.abort(reason)
    first.settle(ok)
    await expect(second).rejects.toBe(reason)
    expect((await third).waited_ms).toBe(10)
    await expect(line.acquire(abort.signal)).rejects.toBe(reason)
    await clock.run(clock.now())
    expect(clock.sleeping).toBe(0)
  })

  it('wakes in time when the clock was set forward while it slept', async () => {
    const clock = new VirtualClock()
    let step = 0
    const stepped = { now: () => clock.now() + step, sleep: clock.sleep.bind(clock) }
    const line = new AdaptivePacer({ initial: 1, max: 1, clock: stepped })
    const first = await line.acquire()
    const second = line.acquire()
    let served = false
    void second.then(() => (served = true))
    await clock.run(clock.now() + 10)
    step = 60_000
    first.settle({ status: 429, headers: { 'retry-after': '1' } })
    await clock.run(clock.now() + 1_100)
    expect(served).toBe(true)
  })

  it('is asked once more when a long wait is over, not each second of it', async () => {
    const clock = new VirtualClock()
    let asked = 0
    const admit = () => Promise.resolve(++asked < 2 ? 9_500 : () => undefined)
    const line = new Queue(clock, { admit, idle: () => Promise.resolve(null) })
    const permit = line.acquire()
    await clock.run(clock.now() + 9_499)
    expect(asked).toBe(1)
    await clock.run(clock.now() + 1)
    expect((await permit).waited_ms).toBe(9_500)
    expect(asked).toBe(2)
  })

  it('counts a permit that is settled twice once', async () => {
    const clock = new VirtualClock()
    const line = pacer(clock, { initial: 2 })
    const first = await line.acquire()
    await line.acquire()
    first.settle(null)
    first.settle(null)
    expect(await allowed(line, clock)).toBe(1)
  })
})
