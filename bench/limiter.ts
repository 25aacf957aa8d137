import { FixedWindowPacer } from '../src/http/pacing/fixed-window.js'
import { workableFake } from '../src/sandbox/index.js'
import { MemoryStore } from '../src/stores/memory.js'
import { VirtualClock } from '../test/support/virtual-clock.js'
import type { LimiterUse } from './latest.js'

const ALLOWED = 9

/** So many requests at once to the sandbox's Workable under its real limit, each on its way for 20 to 220 ms, on a fake clock. */
export async function limiterUse(requests: number): Promise<LimiterUse> {
  const clock = new VirtualClock()
  const begun = clock.now()
  // Its clock is not ours.
  const workable = workableFake({ jobs: 1, now: () => clock.now(), clock_offset_ms: 3_700 })
  const store = new MemoryStore({ clock })
  const pacer = new FixedWindowPacer({
    account: 'bench',
    slot_ms: 10_000,
    limit: 10,
    spare: 1,
    headers: { limit: 'x-rate-limit-limit', remaining: 'x-rate-limit-remaining', reset: 'x-rate-limit-reset' },
    max_in_flight: 32,
    clock,
    store,
  })
  const url = `https://workable.test/${workable.subdomain}/spi/v3/jobs`
  const headers = { authorization: `Bearer ${workable.token}` }
  const one = async (number: number) => {
    const permit = await pacer.acquire()
    await clock.sleep(10 + ((number * 37) % 100))
    const { status, headers: answered } = await workable.fetch(new Request(url, { headers }))
    await clock.sleep(10 + ((number * 53) % 100))
    permit.settle({ status, headers: Object.fromEntries(answered) })
  }
  await clock.runUntil(Promise.all(Array.from({ length: requests }, (_, number) => one(number))))
  return useOf(workable.requests, (clock.now() - begun) / 1000)
}

function useOf(requests: readonly { slot: number; status: number }[], seconds: number): LimiterUse {
  const slots = new Map<number, number>()
  for (const { slot } of requests) slots.set(slot, (slots.get(slot) ?? 0) + 1)
  const [first, last] = [Math.min(...slots.keys()), Math.max(...slots.keys())]
  let used = 0
  // The run begins in the middle of a slot, learns where slots begin in the next, and ends in the middle of one.
  for (let slot = first + 2; slot < last; slot++) used += slots.get(slot) ?? 0
  const full_slots = Math.max(0, last - first - 2)
  const refused = requests.filter(({ status }) => status === 429).length
  return { requests: requests.length, full_slots, used: used / (full_slots * ALLOWED), refused, seconds }
}
