import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs, DEFAULT_HTTP_LIMITS, isRetryable, nextAttempt, retryAfterMs, type HttpLimits } from './retry.js'

const NOW = Date.UTC(2026, 10, 1)
/** In [0, 1), as Math.random gives it. */
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const attempt = fc.integer({ min: 1, max: 100 })

function limits(changes: Partial<HttpLimits> = {}): HttpLimits {
  return { ...DEFAULT_HTTP_LIMITS, ...changes }
}

describe('isRetryable', () => {
  it('tries again what may go better: no connection, no answer in time, an unusable or stale answer', () => {
    for (const kind of ['network', 'timeout', 'unusable', 'stale'] as const) {
      expect([kind, isRetryable(kind, null)]).toEqual([kind, true])
      expect([kind, isRetryable(kind, 200)]).toEqual([kind, true])
    }
  })

  it('tries 408, 425, 429 and 5xx again, and no other status', () => {
    for (let status = 100; status < 600; status++) {
      const again = status === 408 || status === 425 || status === 429 || status >= 500
      expect([status, isRetryable('status', status)]).toEqual([status, again])
    }
    expect(isRetryable('status', null)).toBe(false)
  })

  it('does not repeat what stays as it is: too large an answer, a redirect', () => {
    for (const kind of ['too_large', 'redirect'] as const) {
      for (const status of [null, 200, 302, 503]) expect(isRetryable(kind, status)).toBe(false)
    }
  })
})

describe('backoffMs', () => {
  it('lies between 0 and the doubled base, never above the cap', () => {
    const ms = fc.integer({ min: 0, max: 100_000 })
    fc.assert(
      fc.property(attempt, ms, ms, random, (attempt, base_ms, cap_ms, random) => {
        const wait = backoffMs(attempt, { base_ms, cap_ms }, random)
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait).toBeLessThanOrEqual(Math.min(cap_ms, base_ms * 2 ** (attempt - 1)))
      }),
    )
  })

  it('has full jitter: from nothing to nearly all', () => {
    const full = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((attempt) => backoffMs(attempt, DEFAULT_HTTP_LIMITS, 1 - 2 ** -40))
    expect(full).toEqual([249, 499, 999, 1999, 3999, 7999, 15_999, 19_999, 19_999])
    expect(backoffMs(5, DEFAULT_HTTP_LIMITS, 0.5)).toBe(2000)
    expect(backoffMs(5, DEFAULT_HTTP_LIMITS, 0)).toBe(0)
  })
})

describe('retryAfterMs', () => {
  it('reads seconds, at most an hour', () => {
    fc.assert(
      fc.property(fc.nat(), (seconds) => {
        expect(retryAfterMs({ 'retry-after': String(seconds) }, NOW)).toBe(Math.min(seconds, 3600) * 1000)
      }),
    )
    expect(retryAfterMs({ 'retry-after': ' 7 ' }, NOW)).toBe(7000)
  })

  it('reads an HTTP date: what is left until then, at most an hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10_000, max: 10_000 }), (seconds) => {
        const date = new Date(NOW + seconds * 1000).toUTCString()
        expect(retryAfterMs({ 'retry-after': date }, NOW)).toBe(Math.min(Math.max(seconds, 0), 3600) * 1000)
      }),
    )
  })

  it('reads a date against the answer’s own clock', () => {
    const at = (ms: number) => new Date(ms).toUTCString()
    const an_hour_off = NOW + 3_600_000
    expect(retryAfterMs({ 'retry-after': at(an_hour_off + 5_000), date: at(an_hour_off) }, NOW)).toBe(5_000)
  })

  it.each(['Sun, 01 Nov 2026 00:01:00 GMT', 'Sunday, 01-Nov-26 00:01:00 GMT', 'Sun Nov  1 00:01:00 2026'])(
    'reads each form of a date: %s',
    (date) => {
      expect(retryAfterMs({ 'retry-after': date }, NOW)).toBe(60_000)
    },
  )

  it.each([undefined, '', ' ', 'soon', 'NaN', 'Infinity', '-5', '1.5', '5s', 'in 5 seconds', '+5', '5, 10'])(
    'takes %j for none',
    (value) => {
      expect(retryAfterMs({ 'retry-after': value }, NOW)).toBeNull()
    },
  )

  it('never asks for less than nothing or more than an hour, whatever is sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String)), (value) => {
        const ms = retryAfterMs({ 'retry-after': value }, NOW)
        if (ms === null) return
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThanOrEqual(3_600_000)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('nextAttempt', () => {
  const failed = { attempt: 1, retryable: true, status: 503 as number | null, retry_after_ms: null, spent_ms: 0 }

  it('gives up on what is not worth a retry', () => {
    expect(nextAttempt({ ...failed, status: 404, retryable: false }, limits(), false, 0.5)).toBeNull()
    expect(nextAttempt({ ...failed, status: 429, retryable: false }, limits(), true, 0.5)).toBeNull()
  })

  it('tries as often as it may, and a 429 is a try like any other', () => {
    for (const status of [503, 429, null]) {
      for (const max_attempts of [1, 2, 5]) {
        const tries = [1, 2, 3, 4, 5, 6].filter((attempt) =>
          nextAttempt({ ...failed, status, attempt }, limits({ max_attempts }), false, 0),
        )
        expect(tries).toHaveLength(max_attempts - 1)
      }
    }
  })

  it('waits by backoff, and counts the wait', () => {
    expect(nextAttempt({ ...failed, attempt: 3 }, limits(), false, 0.5)).toEqual({ wait_ms: 500, counted_ms: 500 })
    expect(nextAttempt({ ...failed, status: null }, limits(), true, 0.5)).toEqual({ wait_ms: 125, counted_ms: 125 })
  })

  it('does not come back before Retry-After, and leaves that of a 503 to the pace, which holds all requests', () => {
    fc.assert(
      fc.property(attempt, fc.integer({ min: 0, max: 60_000 }), random, (attempt, retry_after_ms, random) => {
        const facts = { ...failed, status: 502, attempt, retry_after_ms }
        const next = nextAttempt(facts, limits({ max_attempts: 101 }), false, random)
        expect(next?.wait_ms).toBeGreaterThanOrEqual(retry_after_ms)
      }),
    )
    expect(nextAttempt({ ...failed, status: 500, retry_after_ms: 3000 }, limits(), false, 0.9)?.wait_ms).toBe(3000)
    const told = nextAttempt({ ...failed, retry_after_ms: 3_600_000 }, limits(), false, 0.9)
    expect(told).toEqual({ wait_ms: 225, counted_ms: 225 })
  })

  it('stops where the wait would pass the total timeout', () => {
    const total = { total_timeout_ms: 10_000 }
    expect(nextAttempt({ ...failed, spent_ms: 9_876 }, limits(total), false, 0.496)).toMatchObject({ wait_ms: 124 })
    expect(nextAttempt({ ...failed, spent_ms: 9_877 }, limits(total), false, 0.496)).toBeNull()
    expect(nextAttempt({ ...failed, spent_ms: 10_001 }, limits(total), false, 0)).toBeNull()
    expect(nextAttempt({ ...failed, status: 500, retry_after_ms: 10_001 }, limits(total), false, 0)).toBeNull()
  })

  it('never lets attempts and counted waits pass the total timeout', () => {
    const run = fc.record({ duration: fc.integer({ min: 0, max: 60_000 }), after: fc.option(fc.nat(60_000)), random })
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 20 }), (attempts) => {
        let spent_ms = 0
        for (const [index, { duration, after, random }] of attempts.entries()) {
          spent_ms += duration
          const facts = { ...failed, attempt: index + 1, retry_after_ms: after, spent_ms }
          const next = nextAttempt(facts, limits({ max_attempts: 100 }), false, random)
          if (next === null) return
          spent_ms += next.counted_ms
          expect(spent_ms).toBeLessThanOrEqual(DEFAULT_HTTP_LIMITS.total_timeout_ms)
        }
      }),
    )
  })

  it('does not count what a 429 makes it wait', () => {
    const told = { ...failed, status: 429, spent_ms: 119_999 }
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.option(fc.nat(60_000)),
        random,
        (attempt, paced, after, random) => {
          const next = nextAttempt({ ...told, attempt, retry_after_ms: after }, limits(), paced, random)
          expect(next).toMatchObject({ counted_ms: 0 })
        },
      ),
    )
  })

  it('leaves the wait after a 429 to the pace of the service, and backs off where it has none', () => {
    const told = { ...failed, status: 429 }
    expect(nextAttempt(told, limits(), true, 0.5)?.wait_ms).toBe(0)
    expect(nextAttempt(told, limits(), false, 0.5)?.wait_ms).toBe(125)
  })
})
