import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { updatedJobs } from '../../connectors/workable/jobs/reads.js'
import type { AnyFlow } from '../model/flow.js'
import type { DeliveryRecord, WorkflowRecord } from '../ports/store.js'
import { isDue, isKnown, listingParameters, nextRetryAt, scopeNote, settled } from './decisions.js'

const read = updatedJobs as AnyFlow['read']
const CURSOR = '2026-11-01T12:00:00.500Z'
const NOW = Date.parse('2026-11-02T00:00:00Z')
const record: DeliveryRecord = {
  reference: 'A',
  id: '1',
  version: '2026-11-01T00:00:00Z',
  read_at: Date.parse('2026-11-01T00:00:02Z'),
  checked_at: 0,
  board: null,
  run_id: null,
  partial: false,
  epoch: 1,
  scope: 's',
  target: 'A',
  outcome: 'delivered',
  mapping: 'm',
  memo: null,
}
const listed = { reference: 'A', id: '1', version: record.version, read_at: record.read_at, entry: {} }

describe('what the list is asked for', () => {
  it('is what changed since the cursor less two minutes, in the form of the parameter', () => {
    expect(listingParameters(read, {}, CURSOR)).toEqual({ updated_after: '2026-11-01T11:58:00Z' })
  })

  it('is everything without a cursor, and what the user asked for where that is later', () => {
    expect(listingParameters(read, { max_id: 'f' }, null)).toEqual({ max_id: 'f' })
    const own = { updated_after: '2026-11-01T11:59:00Z' }
    expect(listingParameters(read, own, CURSOR)).toEqual(own)
    expect(listingParameters(read, { updated_after: '2026-10-01T00:00:00Z' }, CURSOR)).toEqual({
      updated_after: '2026-11-01T11:58:00Z',
    })
  })

  it('leaves out the filter that a job may leave by changing', () => {
    expect(listingParameters(read, { state: 'published', since_id: '1' }, null)).toEqual({ since_id: '1' })
  })

  it('never begins later than the overlap before the cursor, whatever the clocks', () => {
    const instants = fc.date({ min: new Date('2015-01-01'), max: new Date('2035-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(instants, (cursor) => {
        const asked = listingParameters(read, {}, cursor.toISOString())['updated_after']
        const before = cursor.getTime() - Date.parse(String(asked))
        // Cut to the second.
        expect(before).toBeGreaterThanOrEqual(120_000)
        expect(before).toBeLessThan(121_000)
      }),
    )
  })

  it('is refused where the origin cannot be asked for what changed', () => {
    const without = { ...read }
    Reflect.deleteProperty(without, 'since')
    expect(() => listingParameters(without, {}, null)).toThrow(/cannot be asked for what changed/)
  })
})

describe('an item', () => {
  const BY = { read: { settles_after_ms: 2_000 }, mapping: 'm', details: 'with' } as const

  it('is known at the same version and mapping, once that version has settled', () => {
    expect(isKnown(record, listed, BY)).toBe(true)
    expect(isKnown({ ...record, outcome: 'missing' }, listed, BY)).toBe(true)
    expect(isKnown(undefined, listed, BY)).toBe(false)
    expect(isKnown({ ...record, outcome: 'left' }, listed, BY)).toBe(false)
    expect(isKnown(record, listed, { ...BY, mapping: 'n' })).toBe(false)
    expect(isKnown(record, { ...listed, version: '2026-11-01T00:00:01Z' }, BY)).toBe(false)
    expect(isKnown({ ...record, read_at: record.read_at - 1 }, listed, BY)).toBe(false)
    expect(isKnown({ ...record, version: null }, { ...listed, version: null }, { ...BY, read: {} })).toBe(false)
  })

  it('is not known without its details, unless nobody wants them', () => {
    const partial = { ...record, partial: true } as const
    expect(isKnown(partial, listed, BY)).toBe(false)
    expect(isKnown(partial, listed, { ...BY, details: 'after' })).toBe(false)
    expect(isKnown(partial, listed, { ...BY, details: 'without' })).toBe(true)
  })

  it('is not known by a record that was read later than the item is listed now: a clock was wrong', () => {
    const isKnownAt = (read_at: number) => isKnown({ ...record, read_at }, { ...listed, read_at: NOW }, BY)
    expect(isKnownAt(NOW + 60_000)).toBe(true)
    expect(isKnownAt(NOW + 400 * 24 * 3_600_000)).toBe(false)
  })

  it('has not settled at a version that is no instant', () => {
    expect(settled({ version: 'v1', read_at: 1 }, 2_000)).toBe(false)
    expect(settled({ version: 'v1', read_at: 1 }, 0)).toBe(true)
  })

  it('is tried again at distances that double from 15 minutes to a day', () => {
    const minutes = [1, 2, 3, 4, 7, 8, 9, 50].map((attempts) => nextRetryAt(attempts, 0) / 60_000)
    expect(minutes).toEqual([15, 30, 60, 120, 960, 1440, 1440, 1440])
  })
})

describe('a pending item', () => {
  const entry = { ...record, stage: 'load' as const, code: 'x', message: 'y', attempts: 1, first_failed_at: 0 }

  it('is due when its time has come, or lies further ahead than any distance', () => {
    const now = 100 * 24 * 3_600_000
    const due = [0, now, now + 1, now + 24 * 3_600_000, now + 24 * 3_600_000 + 1, null].map((next_attempt_at) =>
      isDue({ ...entry, next_attempt_at }, now),
    )
    expect(due).toEqual([true, true, false, false, true, false])
  })
})

describe('a note of what changed', () => {
  const known: WorkflowRecord = {
    workflow_id: 'w',
    action: 'a',
    scope: 's',
    parameters: { board_key: 'a', format: 'm', state: 'published' },
    cursor: CURSOR,
    last_result: null,
    round: null,
    running: null,
  }

  const now = Date.parse(CURSOR) + 1_000

  it('names each parameter that did, and is none where nothing did', () => {
    expect(scopeNote(known, { board_key: 'b', format: 'm' }, now)).toBe(
      'board_key, state changed since the last run: everything is read again.',
    )
    expect(scopeNote(known, known.parameters, now)).toBeNull()
    expect(scopeNote({ ...known, cursor: null }, {}, now)).toBeNull()
    expect(scopeNote(null, {}, now)).toBeNull()
  })

  it('says that a cursor lies ahead, further than clocks may differ', () => {
    expect(scopeNote(known, known.parameters, now - 100_000)).toBeNull()
    expect(scopeNote(known, known.parameters, now - 3_600_000)).toMatch(/still to come.*everything is read again/)
  })
})
