import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunEvent } from '../core/ports/events.js'
import { Pace } from './pace.js'

const item: RunEvent = { type: 'item', run_id: 'r', outcome: 'write_success', reference: 'A' }
const details = (due: number): RunEvent => ({ type: 'details', run_id: 'r', due })

function asked(limit: number | null): RunEvent {
  const budget = limit === null ? null : { limit, remaining: 3, spare: 1, slot_ms: 10_000 }
  const request = { service: 'workable', method: 'GET', path: '/jobs', attempt: 1, status: 200, duration_ms: 5 }
  return { type: 'request', run_id: 'r', side: 'origin', request: { ...request, waited_ms: 0, budget } }
}

test('right after it began, the budget says how long it takes, not the first burst', () => {
  const pace = new Pace(0, 200)
  for (let n = 0; n < 9; n++) {
    pace.see(asked(10), 100)
    if (n > 0) pace.see(item, 100)
  }
  // 192 jobs at one request and an eighth each, nine in 10 s.
  expect(pace.left(200)).toBeCloseTo(((192 * 9) / 8 / 9) * 10_000, 3)
})

test('where nothing is limited, its own speed does', () => {
  const pace = new Pace(1_000, 50)
  for (let n = 0; n < 10; n++) {
    pace.see(asked(null), 2_000)
    pace.see(item, 2_000)
  }
  expect(pace.left(2_000)).toBe(4_000)
})

test('once all are delivered, it is the time that the details take', () => {
  const pace = new Pace(0)
  expect(pace.left(0)).toBeNull()
  for (let n = 0; n < 200; n++) pace.see(item, 10)
  pace.see(asked(10), 10)
  expect(pace.left(10)).toBeNull()
  pace.see(details(200), 2_000)
  pace.see(details(182), 22_000)
  expect(pace.details).toEqual({ done: 18, total: 200 })
  expect(pace.left(22_000)).toBeCloseTo((182 / 9) * 10_000, -4)
  pace.see(details(0), 200_000)
  expect(pace.left(200_000)).toBeNull()
})

test('an expectation counts where no total was given, and nothing is said once there are more', () => {
  const pace = new Pace(0)
  pace.see({ type: 'expected', run_id: 'r', items: 2 }, 0)
  pace.see(item, 1_000)
  expect(pace.left(1_000)).toBe(1_000)
  pace.see(item, 2_000)
  pace.see(item, 3_000)
  expect(pace.left(3_000)).toBeNull()
})

test('is never less than nothing, and never no number', () => {
  const event = fc.oneof(
    fc.constant(item),
    fc.nat(100).map(details),
    fc.option(fc.integer({ min: 2, max: 50 })).map(asked),
    fc.nat(100).map((items): RunEvent => ({ type: 'expected', run_id: 'r', items })),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.nat(5_000))), fc.option(fc.nat(100)), (events, total) => {
      const pace = new Pace(0, total ?? undefined)
      let now = 0
      for (const [happened, after] of events) {
        now += after
        pace.see(happened, now)
        const left = pace.left(now)
        expect(left === null || (Number.isFinite(left) && left > 0)).toBe(true)
      }
    }),
  )
})
