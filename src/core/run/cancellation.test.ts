import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../test/support/virtual-clock.js'
import { RunError, StoppedError } from '../errors.js'
import { DRAIN_MS, Cancellation } from './cancellation.js'

const badKey = new RunError('write_failure', 'unauthorized', 'The key is wrong.')
const badToken = new RunError('read_failure', 'unauthorized', 'The token is wrong.')

function begin(options: { signal?: AbortSignal; after_ms?: number } = {}) {
  const clock = new VirtualClock()
  const { after_ms, ...ports } = options
  const ending = new Cancellation({
    clock,
    ...ports,
    ...(after_ms === undefined ? {} : { deadline: clock.now() + after_ms }),
  })
  const state = () => ({ reading: !ending.reading.aborted, everything: !ending.everything.aborted })
  const pass = (ms: number) => clock.run(clock.now() + ms)
  return { clock, ending, state, pass }
}

const ON = { reading: true, everything: true }
const DRAINING = { reading: false, everything: true }
const CUT = { reading: false, everything: false }

describe('Cancellation', () => {
  it('goes on as long as nothing happens', async () => {
    const { state, pass, ending } = begin()
    await pass(24 * 3_600_000)
    expect(state()).toEqual(ON)
    expect(ending.fatal).toBeUndefined()
  })

  it('ends the reading when stopped, and cuts what is in flight 20 seconds later', async () => {
    const { ending, state, pass } = begin()
    ending.stop()
    expect(state()).toEqual(DRAINING)
    expect(DRAIN_MS).toBe(20_000)
    await pass(19_999)
    expect(state()).toEqual(DRAINING)
    await pass(1)
    expect(state()).toEqual(CUT)
    expect(ending.reading.reason).toBeInstanceOf(StoppedError)
    expect(ending.everything.reason).toBeInstanceOf(StoppedError)
    expect(ending.fatal).toBeUndefined()
  })

  it('grants no second 20 seconds when stopped again', async () => {
    const { ending, state, pass } = begin()
    ending.stop()
    await pass(15_000)
    ending.stop()
    await pass(5_000)
    expect(state()).toEqual(CUT)
  })

  it("stops by the caller's signal, also one that has fired before", async () => {
    const abort = new AbortController()
    const { state, pass } = begin({ signal: abort.signal })
    abort.abort()
    expect(state()).toEqual(DRAINING)
    await pass(DRAIN_MS)
    expect(state()).toEqual(CUT)

    const late = begin({ signal: AbortSignal.abort() })
    expect(late.state()).toEqual(DRAINING)
    await late.pass(DRAIN_MS)
    expect(late.state()).toEqual(CUT)
  })

  it('stops at the deadline, with the same 20 seconds to finish', async () => {
    const { state, pass } = begin({ after_ms: 60_000 })
    await pass(59_999)
    expect(state()).toEqual(ON)
    await pass(1)
    expect(state()).toEqual(DRAINING)
    await pass(DRAIN_MS - 1)
    expect(state()).toEqual(DRAINING)
    await pass(1)
    expect(state()).toEqual(CUT)
  })

  it('stops at once when the deadline has passed', async () => {
    const { state, pass } = begin({ after_ms: -5 })
    await pass(0)
    expect(state()).toEqual(DRAINING)
  })

  it('still writes what was read when the reading fails', async () => {
    const { ending, state, pass } = begin()
    ending.fail(badToken, 'goes_on')
    expect(state()).toEqual(DRAINING)
    expect(ending.fatal).toBe(badToken)
    await pass(DRAIN_MS)
    expect(state()).toEqual(CUT)
  })

  it('cuts everything at once when the writing fails, also while draining', () => {
    const { ending, state } = begin()
    ending.fail(badKey, 'ends')
    expect(state()).toEqual(CUT)

    const draining = begin()
    draining.ending.stop()
    draining.ending.fail(badKey, 'ends')
    expect(draining.state()).toEqual(CUT)
    expect(draining.ending.fatal).toBe(badKey)
  })

  it('keeps the first reason', () => {
    const { ending } = begin()
    ending.fail(badToken, 'goes_on')
    ending.fail(badKey, 'ends')
    expect(ending.fatal).toBe(badToken)
  })

  it('leaves neither timer nor listener behind', async () => {
    const abort = new AbortController()
    const { clock, ending, state, pass } = begin({ signal: abort.signal, after_ms: 60_000 })
    expect(clock.sleeping).toBe(1)
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1)
    ending.dispose()
    expect(clock.sleeping).toBe(0)
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0)
    abort.abort()
    await pass(120_000)
    expect(state()).toEqual(ON)
  })

  it('cuts nothing more after the run is over', async () => {
    const { clock, ending, state, pass } = begin()
    ending.stop()
    ending.dispose()
    expect(clock.sleeping).toBe(0)
    await pass(2 * DRAIN_MS)
    expect(state()).toEqual(DRAINING)
  })
})

describe('unlessCut', () => {
  it('gives the value or the error of what ends in time', async () => {
    const { ending } = begin()
    expect(await ending.unlessCut('a value')).toBe('a value')
    expect(await ending.unlessCut(Promise.resolve('later'))).toBe('later')
    await expect(ending.unlessCut(Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  })

  it('waits through the draining, and no longer, for a function that never returns', async () => {
    const { clock, ending, pass } = begin()
    const waiting = ending.unlessCut(new Promise<never>(() => undefined))
    const ended: unknown[] = []
    waiting.catch((error: unknown) => ended.push(error))
    ending.stop()
    await pass(DRAIN_MS - 1)
    expect(ended).toEqual([])
    await expect(clock.runUntil(waiting)).rejects.toBeInstanceOf(StoppedError)
  })

  it('gives what ends while draining', async () => {
    const { clock, ending } = begin()
    const slow = clock.sleep(DRAIN_MS - 1).then(() => 'done')
    ending.stop()
    expect(await clock.runUntil(ending.unlessCut(slow))).toBe('done')
  })

  it('waits for nothing when everything has been cut', async () => {
    const { ending } = begin()
    ending.fail(badKey, 'ends')
    await expect(ending.unlessCut(new Promise<never>(() => undefined))).rejects.toBeInstanceOf(StoppedError)
  })

  it('does not wait for a thenable that is no Promise either', async () => {
    const { clock, ending, pass } = begin()
    const thenable = { then: () => undefined } as unknown as Promise<never>
    const ended: unknown[] = []
    ending.unlessCut(thenable).catch((error: unknown) => ended.push(error))
    ending.stop()
    await pass(DRAIN_MS)
    await clock.run()
    expect(ended).toEqual([expect.any(StoppedError)])
  })

  it('leaves no rejection unhandled when what was cut fails later', async () => {
    const { clock, ending } = begin()
    const failing = clock.sleep(60_000).then(() => {
      throw new Error('too late')
    })
    const waiting = ending.unlessCut(failing)
    ending.fail(badKey, 'ends')
    await expect(waiting).rejects.toBeInstanceOf(StoppedError)
    // Vitest fails the run on an unhandled rejection.
    await clock.run()
  })

  it('leaves no listener behind', async () => {
    const { ending } = begin()
    for (let i = 0; i < 50; i++) await ending.unlessCut(Promise.resolve(i))
    expect(getEventListeners(ending.everything, 'abort')).toHaveLength(0)
  })
})
