import fc from 'fast-check'
import { expect, test } from 'vitest'
import { listedCount } from '../../src/core/result/counters.js'
import type { RunEvent } from '../../src/index.js'
import type { Fault, FaultAnswer } from '../../src/sandbox/index.js'
import { world } from '../support/world.js'

const answer: fc.Arbitrary<FaultAnswer> = fc.oneof(
  fc.constantFrom(400, 401, 402, 403, 404, 408, 422, 429, 500, 502, 503).map((status) => ({ status })),
  fc.constantFrom(
    'close' as const,
    'close_after' as const,
    'half_body' as const,
    'html' as const,
    'wrong_media_type' as const,
  ),
  fc.constant({ status: 200, body: '{"error":"Not found"}' }),
  fc.constant({ status: 400, body: '{"code":400,"message":"Invalid parameters. Unable to find object: job"}' }),
)

const fault: fc.Arbitrary<Fault> = fc
  .record({
    service: fc.constantFrom('workable' as const, 'hrflow' as const),
    method: fc.option(fc.constantFrom('GET', 'PUT', 'POST'), { nil: undefined }),
    skip: fc.nat(12),
    times: fc.integer({ min: 1, max: 20 }),
    probability: fc.constantFrom(0.2, 0.6, 1),
    answer,
  })
  .map(({ method, ...rest }) => (method === undefined ? rest : { ...rest, method }))

/** What goes wrong in the user's functions, by item. */
const trouble = fc.record({
  discard: fc.constantFrom(0, 2, 3),
  logic: fc.constantFrom(0, 4),
  format: fc.constantFrom(0, 5),
  stop_after: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
})

test('the counters add up and every listed item ends once, whatever goes wrong', async () => {
  const outcomes = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 4 }), trouble, fc.boolean(), async (faults, user, create) => {
      const made = await world({ workable: { jobs: 20, rate_limit: { limit: 1000 } } })
      await made.fillBoard()
      for (const job of made.sandbox.workable.jobs.slice(0, 15))
        made.sandbox.workable.edit(job.shortcode, { title: 'Changed' })
      for (const one of faults) made.sandbox.fault(one)
      const stop = new AbortController()
      const items: RunEvent[] = []
      const observer = (event: RunEvent) => {
        if (event.type === 'item') items.push(event)
        if (user.stop_after !== undefined && items.length >= user.stop_after) stop.abort()
      }
      let seen = 0
      const every = (n: number) => n > 0 && seen % n === 0
      const result = await made.update(
        {
          logics: [
            (job) => {
              seen += 1
              if (every(user.logic)) throw new Error('a logic failed')
              return every(user.discard) ? null : job
            },
          ],
          ...(user.format === 0
            ? {}
            : { format: (job) => ({ reference: seen % user.format === 0 ? '' : (job.shortcode ?? '') }) }),
          push_parameters: { board_key: made.sandbox.board_key, on_missing: create ? 'create' : 'skip' },
        },
        { observer, signal: stop.signal, http: { attempt_timeout_ms: 500 } },
      )
      const { events } = result
      const written =
        events.write_success +
        events.write_unchanged +
        events.write_not_found +
        events.write_failure +
        events.write_skipped
      expect(events.read_success).toBe(events.logics_discard + events.logics_failure + events.format_failure + written)
      expect(listedCount(events)).toBe(items.length)
      const references = items.flatMap((event) =>
        event.type === 'item' && event.reference !== null ? [event.reference] : [],
      )
      expect(new Set(references).size).toBe(references.length)
      const explained =
        events.read_failure + events.logics_failure + events.format_failure + events.write_failure + events.list_failure
      expect(result.failures).toHaveLength(explained)
      for (const { message } of result.failures) expect(message.length).toBeGreaterThan(10)
      if (result.status === 'fatal') expect(result.error?.message).toBeTruthy()
      const key = `${result.status} ${result.reason}`
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
    }),
    { numRuns: 60 },
  )
  // The property means something only if runs end in many ways.
  expect(outcomes.size).toBeGreaterThanOrEqual(3)
}, 60_000)
