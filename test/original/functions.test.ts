import { describe, expect, test, vi } from 'vitest'
import type { WorkableJob } from '../../src/index.js'
import { world, type World } from '../support/world.js'
import {
  ALL,
  ALL_BUT_ONE_READ,
  ALL_BUT_ONE_WRITTEN,
  detailOf,
  edited,
  everySecond,
  expectRun,
  json,
  NONE_WRITTEN,
  ONCE_EACH,
  putOf,
  sent,
  shortcodeOf,
  updated,
} from './original-run.js'

// The cases in which the Python original's behaviour was recorded. Where a name or a comment says what "the original"
// did, this connector does otherwise.

function boom(): never {
  throw new Error('boom')
}

describe('logics', () => {
  test.each([
    ['an empty list', []],
    ['one that keeps all', [(job: WorkableJob) => job]],
  ])('%s: all jobs are written', async (_, logics) => {
    const w = await edited()
    expectRun(w, await w.update({ logics }), { status: 'success', events: ALL })
    expect(sent(w)).toEqual(ONCE_EACH)
    expect(updated(w)).toBe(6)
  })

  test('one that changes the title: the board gets that title', async () => {
    const w = await edited()
    const result = await w.update({ logics: [(job) => ({ ...job, title: 'Another title' })] })
    expectRun(w, result, { status: 'success', events: ALL })
    expect(sent(w)).toEqual(ONCE_EACH)
    const names = w.sandbox.hrflow.jobs(w.sandbox.board_key).map(({ name }) => name)
    expect(names).toEqual(Array<string>(6).fill('Another title'))
  })

  test('null for every second: those are discarded', async () => {
    const w = await edited()
    const second = everySecond(w)
    const events = { read_success: 6, logics_discard: 3, write_success: 3 }
    expectRun(w, await w.update({ logics: [(job) => (second(job) ? null : job)] }), { status: 'success', events })
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 3, put: 3 })
    expect(updated(w)).toBe(3)
  })

  test('null for all is a success, and a later logic is not called (fatal in the original)', async () => {
    const w = await edited()
    const later = vi.fn(boom)
    const result = await w.update({ logics: [() => null, later] })
    expectRun(w, result, { status: 'success', events: { read_success: 6, logics_discard: 6 } })
    expect(later).not.toHaveBeenCalled()
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 0, put: 0 })
  })

  test('one that throws for every second: the others are written', async () => {
    const w = await edited()
    const second = everySecond(w)
    const result = await w.update({ logics: [(job) => (second(job) ? boom() : job)] })
    const events = { read_success: 6, logics_failure: 3, write_success: 3 }
    expectRun(w, result, { status: 'success_with_failures', events })
    expect(result.failures[0]).toMatchObject({ stage: 'logics', message: 'boom' })
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 3, put: 3 })
    expect(updated(w)).toBe(3)
  })

  test('one that throws for all: the run is fatal', async () => {
    const w = await edited()
    const events = { read_success: 6, logics_failure: 6 }
    expectRun(w, await w.update({ logics: [boom] }), { status: 'fatal', reason: 'logics_failure', events })
    expect(sent(w)).toMatchObject({ get: 0, put: 0 })
  })

  test('one that throws for every second and discards the others has failures (fatal in the original)', async () => {
    const w = await edited()
    const second = everySecond(w)
    const result = await w.update({ logics: [(job) => (second(job) ? boom() : null)] })
    const events = { read_success: 6, logics_discard: 3, logics_failure: 3 }
    expectRun(w, result, { status: 'success_with_failures', events })
    expect(sent(w)).toMatchObject({ get: 0, put: 0 })
  })
})

describe('format', () => {
  // Both name the job; what they give beyond that is the case.
  const format = (change: (job: WorkableJob) => object) => (job: WorkableJob) => {
    return { reference: job.shortcode, name: `Edited ${String(job.id)}`, ...change(job) }
  }

  // The original counted these three as write failures, sent null references, and called the run fatal.
  const halfWrong: [string, (w: World) => (job: WorkableJob) => unknown][] = [
    ['throws', (w) => (job) => (everySecond(w)(job) ? boom() : format(() => ({}))(job))],
    ['gives reference null', (w) => format((job) => (everySecond(w)(job) ? { reference: null } : {}))],
    ['leaves out reference', (w) => format((job) => (everySecond(w)(job) ? { reference: undefined } : {}))],
  ]
  test.each(halfWrong)('%s for every second: the others are written', async (_, formatOf) => {
    const w = await edited()
    const result = await w.call('updateJobsInHrflow', { format: formatOf(w) })
    const events = { read_success: 6, format_failure: 3, write_success: 3 }
    expectRun(w, result, { status: 'success_with_failures', events })
    expect(result.failures[0]).toMatchObject({ stage: 'format', reference: expect.stringMatching(/./) as string })
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 3, put: 3 })
    expect(updated(w)).toBe(3)
  })

  test.each([
    ['throws', boom],
    ['returns null (a write failure in the original)', () => null],
  ])('%s for all: the run is fatal', async (_, wrong) => {
    const w = await edited()
    const result = await w.call('updateJobsInHrflow', { format: wrong })
    const events = { read_success: 6, format_failure: 6 }
    expectRun(w, result, { status: 'fatal', reason: 'format_failure', events })
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 0, put: 0 })
  })

  test('gives two keys: those are written, all else on the board stays (the original emptied it)', async () => {
    const w = await edited()
    const { hrflow, board_key } = w.sandbox
    const before = hrflow.job(board_key, shortcodeOf(w, 3))!
    const result = await w.call('updateJobsInHrflow', { format: format(() => ({})) })
    expectRun(w, result, { status: 'success', events: ALL })
    expect(sent(w)).toEqual(ONCE_EACH)
    expect(updated(w)).toBe(6)
    const { sections, tags, location, summary } = before
    expect(sections.length).toBeGreaterThan(0)
    expect(hrflow.job(board_key, shortcodeOf(w, 3))).toMatchObject({ sections, tags, location, summary })
  })

  test('gives a NaN in item 3: only that one fails (the original stopped writing)', async () => {
    const w = await edited()
    const third = shortcodeOf(w, 3)
    const salary = (max: number) => ({ ranges_float: [{ name: 'bonus', value_min: 1, value_max: max, unit: null }] })
    const result = await w.call('updateJobsInHrflow', {
      format: format((job) => salary(job.shortcode === third ? NaN : 2)),
    })
    const events = { read_success: 6, format_failure: 1, write_success: 5 }
    expectRun(w, result, { status: 'success_with_failures', events })
    expect(result.failures).toMatchObject([{ stage: 'format', reference: third }])
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 5, put: 5 })
    expect(updated(w)).toBe(5)
  })

  test('would throw for every second, which a logic has discarded: a success', async () => {
    const w = await edited()
    const second = everySecond(w)
    const result = await w.call('updateJobsInHrflow', {
      logics: [(job: WorkableJob) => (second(job) ? null : job)],
      format: format((job) => (second(job) ? boom() : {})),
    })
    expectRun(w, result, { status: 'success', events: { read_success: 6, logics_discard: 3, write_success: 3 } })
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 3, put: 3 })
  })
})

describe('persist: false', () => {
  test('reads and formats all, never calls HrFlow, and runs no callback', async () => {
    const w = await edited()
    const callback = vi.fn()
    const result = await w.update({ persist: false, callback })
    expectRun(w, result, { status: 'success', events: { read_success: 6 }, dry: true })
    expect(callback).not.toHaveBeenCalled()
    expect(sent(w)).toEqual({ list: 1, detail: 6, get: 0, put: 0 })
    expect(updated(w)).toBe(0)
  })

  test('counts what format throws', async () => {
    const w = await edited()
    const second = everySecond(w)
    const format = (job: WorkableJob) => (second(job) ? boom() : { reference: job.shortcode })
    const result = await w.call('updateJobsInHrflow', { persist: false, format })
    const events = { read_success: 6, format_failure: 3 }
    expectRun(w, result, { status: 'success_with_failures', events, dry: true })
    expect(sent(w)).toMatchObject({ get: 0, put: 0 })
  })
})

describe('callback', () => {
  const fails = { service: 'hrflow', method: 'PUT', answer: json(500) } as const

  test('is called once, with the parameters, the counters and the written items', async () => {
    const w = await edited()
    const callback = vi.fn()
    const result = await w.update({ callback, pull_parameters: { since_id: '1' } })
    expectRun(w, result, { status: 'success', events: { ...ALL, callback_executed: 1 } })
    expect(callback).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ since_id: '1' }),
      expect.objectContaining({ board_key: w.sandbox.board_key }),
      expect.objectContaining(ALL),
      expect.any(Array),
    )
    const items = callback.mock.calls[0]![3] as { reference: string; name: string }[]
    expect(items.map(({ reference }) => reference).sort()).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => shortcodeOf(w, n)).sort(),
    )
    // The original put board_key into the items.
    for (const item of items) expect(item).not.toHaveProperty('board_key')
  })

  test.each([
    ['throws', boom],
    ['rejects', () => Promise.reject(new Error('boom'))],
  ])('%s: the run has a failure, and its writes stand', async (_, callback) => {
    const w = await edited()
    const result = await w.update({ callback })
    const events = { ...ALL, callback_executed: 1, callback_failure: 1 }
    expectRun(w, result, { status: 'success_with_failures', events })
    expect(result.failures).toMatchObject([{ reference: null, stage: 'callback', message: 'boom' }])
    expect(updated(w)).toBe(6)
  })

  test('is not called when every PUT fails, for that is fatal (the original called it)', async () => {
    const w = await edited()
    w.sandbox.fault(fails)
    const callback = vi.fn(boom)
    const result = await w.update({ callback })
    expectRun(w, result, { status: 'fatal', reason: 'write_failure', events: NONE_WRITTEN })
    expect(callback).not.toHaveBeenCalled()
  })

  test('gets the five items that were written when PUT 3 fails (the original did not call it)', async () => {
    const w = await edited()
    w.sandbox.fault({ ...putOf(w, 3), answer: 'close' })
    const callback = vi.fn()
    const result = await w.update({ callback })
    const events = { ...ALL_BUT_ONE_WRITTEN, callback_executed: 1 }
    expectRun(w, result, { status: 'success_with_failures', events })
    expect(callback.mock.calls.map((call: unknown[]) => call[3])).toMatchObject([{ length: 5 }])
  })

  test('gets an empty list when there are no jobs (the original did not call it)', async () => {
    const w = await world({ workable: { jobs: 0 } })
    const callback = vi.fn()
    expectRun(w, await w.update({ callback }), { status: 'success', events: { callback_executed: 1 }, listed: 0 })
    expect(callback.mock.calls.map((call: unknown[]) => call[3])).toEqual([[]])
  })

  test('gets the five items that could be read when detail 3 fails', async () => {
    const w = await edited()
    w.sandbox.fault({ ...detailOf(w, 3), answer: 'close' })
    const callback = vi.fn()
    const result = await w.update({ callback })
    const events = { ...ALL_BUT_ONE_READ, callback_executed: 1 }
    expectRun(w, result, { status: 'success_with_failures', events })
    expect(callback.mock.calls.map((call: unknown[]) => call[3])).toMatchObject([{ length: 5 }])
  })
})
