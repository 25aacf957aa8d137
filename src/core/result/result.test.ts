import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countOutcome, emptyCounters, type EventCounters, listedCount } from './counters.js'
import type { ItemOutcome } from './outcome.js'
import { conclude, type StoppedBy } from './result.js'

const OUTCOMES: ItemOutcome[] = [
  'read_failure',
  'read_unchanged',
  'read_filtered',
  'read_gone',
  'read_skipped',
  'logics_discard',
  'logics_failure',
  'format_failure',
  'write_success',
  'write_unchanged',
  'write_not_found',
  'write_failure',
  'write_skipped',
  'previewed',
]

type Counts = Partial<Record<ItemOutcome | 'list_failure' | 'callback_failure' | 'callback_executed', number>>

/** Counters of a run in which so many items ended so. */
function counted(counts: Counts): EventCounters {
  const { list_failure = 0, callback_failure = 0, callback_executed = 0, ...items } = counts
  const events = { ...emptyCounters(), list_failure, callback_failure, callback_executed }
  for (const outcome of OUTCOMES) for (let i = 0; i < (items[outcome] ?? 0); i++) countOutcome(events, outcome)
  return events
}

function ended(counts: Counts, run: { incremental?: boolean; stopped?: StoppedBy } = {}): string {
  const { status, reason } = conclude(counted(counts), { incremental: false, stopped: null, ...run })
  return reason === 'none' ? status : `${status}: ${reason}`
}

const anyCounts = fc.record(
  Object.fromEntries([...OUTCOMES, 'list_failure', 'callback_failure'].map((name) => [name, fc.nat(3)])) as Record<
    keyof Counts,
    fc.Arbitrary<number>
  >,
) as fc.Arbitrary<Counts>

describe('countOutcome', () => {
  it('counts an outcome under its own name, and what ends after the reading as read', () => {
    for (const outcome of OUTCOMES) {
      const events = emptyCounters()
      countOutcome(events, outcome)
      const read = outcome.startsWith('read_') ? {} : { read_success: 1 }
      const own = outcome === 'previewed' ? {} : { [outcome]: 1 }
      expect(events).toEqual({ ...emptyCounters(), ...own, ...read })
    }
  })

  it('keeps both sums of the counters, whatever the items end as', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...OUTCOMES.filter((outcome) => outcome !== 'previewed'))), (outcomes) => {
        const events = emptyCounters()
        for (const outcome of outcomes) countOutcome(events, outcome)
        const { read_success, read_failure, read_unchanged, read_filtered, read_gone, read_skipped } = events
        const { logics_discard, logics_failure, format_failure, write_success, write_unchanged } = events
        const { write_not_found, write_failure, write_skipped } = events
        expect(read_success + read_failure + read_unchanged + read_filtered + read_gone + read_skipped).toBe(
          outcomes.length,
        )
        expect(listedCount(events)).toBe(outcomes.length)
        expect(
          logics_discard +
            logics_failure +
            format_failure +
            write_success +
            write_unchanged +
            write_not_found +
            write_failure +
            write_skipped,
        ).toBe(read_success)
      }),
    )
  })

  it('leaves the write counters of a dry run at 0', () => {
    expect(counted({ previewed: 3 })).toEqual({ ...emptyCounters(), read_success: 3 })
  })
})

describe('conclude', () => {
  it.each<[string, Counts, string]>([
    ['nothing to read', {}, 'success'],
    ['everything written', { write_success: 3 }, 'success'],
    ['everything unchanged on the board', { write_unchanged: 3 }, 'success'],
    ['everything delivered before', { read_unchanged: 3 }, 'success'],
    ['everything outside the filter', { read_filtered: 3 }, 'success'],
    ['everything discarded', { logics_discard: 3 }, 'success'],
    ['everything deleted meanwhile', { read_gone: 3 }, 'success'],
    ['nothing on the board', { write_not_found: 3 }, 'success'],
    ['a dry run', { previewed: 3, logics_discard: 1 }, 'success'],
    ['a good callback', { write_success: 1, callback_executed: 1 }, 'success'],

    ['one item that could not be read', { read_failure: 1, write_success: 9 }, 'success_with_failures'],
    ['one item a logic failed on', { logics_failure: 1, write_success: 9 }, 'success_with_failures'],
    ['one item the format failed on', { format_failure: 1, write_success: 9 }, 'success_with_failures'],
    ['one item that could not be written', { write_failure: 1, write_success: 9 }, 'success_with_failures'],
    ['one that could not be written, one unchanged', { write_failure: 1, write_unchanged: 1 }, 'success_with_failures'],
    ['one that could not be written, one not there', { write_failure: 1, write_not_found: 1 }, 'success_with_failures'],
    ['one that could not be read, one discarded', { read_failure: 1, logics_discard: 1 }, 'success_with_failures'],
    ['one a logic failed on, one discarded', { logics_failure: 1, logics_discard: 1 }, 'success_with_failures'],
    ['one that could not be read, one deleted meanwhile', { read_failure: 1, read_gone: 1 }, 'success_with_failures'],
    [
      'a list not read to its end, of jobs deleted meanwhile',
      { list_failure: 1, read_gone: 1 },
      'success_with_failures',
    ],
    ['a list not read to its end', { list_failure: 1, write_success: 9 }, 'success_with_failures'],
    ['a callback that failed', { write_success: 1, callback_failure: 1 }, 'success_with_failures'],
    ['a callback that failed with nothing to do', { callback_failure: 1 }, 'success_with_failures'],
    ['a dry run with one bad item', { previewed: 3, format_failure: 1 }, 'success_with_failures'],

    ['a list that could not be read', { list_failure: 1 }, 'fatal: read_failure'],
    ['no item that could be read', { read_failure: 3 }, 'fatal: read_failure'],
    ['neither list nor item that could be read', { read_failure: 3, list_failure: 1 }, 'fatal: read_failure'],
    ['logics that fail on every item', { logics_failure: 3 }, 'fatal: logics_failure'],
    ['logics that fail on every item read', { logics_failure: 3, read_failure: 1 }, 'fatal: logics_failure'],
    ['a format that fails on every item', { format_failure: 3 }, 'fatal: format_failure'],
    [
      'a format that fails on every item that reached it',
      { format_failure: 1, logics_discard: 5, logics_failure: 2, read_failure: 1 },
      'fatal: format_failure',
    ],
    ['no item that could be written', { write_failure: 3 }, 'fatal: write_failure'],
    [
      'no item that could be written of those that reached it',
      { write_failure: 1, format_failure: 2, logics_failure: 1, logics_discard: 4, read_failure: 1 },
      'fatal: write_failure',
    ],
    ['a dry run whose format always fails', { format_failure: 2 }, 'fatal: format_failure'],
  ])('%s', (_, counts, expected) => {
    expect(ended(counts)).toBe(expected)
  })

  it.each<[string, Counts, string]>([
    ['no item that could be read', { read_failure: 3 }, 'success_with_failures'],
    ['logics that fail on every item', { logics_failure: 3 }, 'success_with_failures'],
    ['a format that fails on every item', { format_failure: 3 }, 'success_with_failures'],
    ['no item that could be written', { write_failure: 3, read_unchanged: 9 }, 'success_with_failures'],
    ['nothing changed', { read_unchanged: 9 }, 'success'],
    ['nothing changed on a list not read to its end', { read_unchanged: 9, list_failure: 1 }, 'success_with_failures'],
    ['a list that could not be read', { list_failure: 1 }, 'fatal: read_failure'],
  ])('in an incremental run: %s', (_, counts, expected) => {
    expect(ended(counts, { incremental: true })).toBe(expected)
  })

  it('is interrupted or yielded, and no success, whatever was counted', () => {
    fc.assert(
      fc.property(anyCounts, fc.boolean(), (counts, incremental) => {
        for (const stopped of ['interrupted', 'yielded'] as const)
          expect(ended(counts, { incremental, stopped })).toBe(`success_with_failures: ${stopped}`)
      }),
    )
  })

  it('is a success exactly when nothing failed, and gives a reason exactly when fatal', () => {
    fc.assert(
      fc.property(anyCounts, fc.boolean(), (counts, incremental) => {
        const { status, reason } = conclude(counted(counts), { incremental, stopped: null })
        const failed = Object.entries(counts).some(([name, count]) => name.endsWith('_failure') && count > 0)
        expect(status === 'success').toBe(!failed)
        expect(reason !== 'none').toBe(status === 'fatal')
      }),
      { numRuns: 1000 },
    )
  })

  it('is never fatal when an item reached the board', () => {
    const reached = fc.constantFrom<ItemOutcome>('write_success', 'write_unchanged', 'write_not_found')
    fc.assert(
      fc.property(anyCounts, fc.boolean(), reached, (counts, incremental, outcome) => {
        expect(ended({ ...counts, [outcome]: 1 }, { incremental })).not.toMatch(/fatal/)
      }),
      { numRuns: 1000 },
    )
  })
})
