import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../test/support/virtual-clock.js'
import type { Job } from './engine.js'
import { InProcessEngine } from './in-process-engine.js'

const job = (workflow_id: string, account = workflow_id): Job => ({ workflow_id, account })

/** An engine at work whose turns take as long as the test says. */
function working(concurrency = 10, takes: (job: Job) => number = () => 1_000, again = new Map<string, number>()) {
  const clock = new VirtualClock()
  const engine = new InProcessEngine({ clock, concurrency, schedules: { ready: () => Promise.resolve([]) } })
  const stop = new AbortController()
  const began = clock.now()
  const ran: string[] = []
  const ended = engine.work(async (taken, signal) => {
    ran.push(`${taken.workflow_id} ${(clock.now() - began) / 1_000}`)
    await clock.sleep(takes(taken), signal)
    const at = again.get(taken.workflow_id)
    again.delete(taken.workflow_id)
    return at === undefined ? null : began + at
  }, stop.signal)
  return { clock, engine, stop, ran, ended, pass: (ms: number) => clock.run(clock.now() + ms) }
}

describe('the engine of one process', () => {
  it('runs accounts side by side, and one workflow of each at a time, first come first served', async () => {
    const { engine, ran, pass } = working()
    engine.send([job('a1', 'a'), job('a2', 'a'), job('b'), job('a3', 'a')])
    await pass(5_000)
    expect(ran).toEqual(['a1 0', 'b 0', 'a2 1', 'a3 2'])
  })

  it('lets one of a workflow wait while another is at work, and no more', async () => {
    const { engine, ran, pass } = working()
    engine.send([job('a'), job('a'), job('a')])
    await pass(100)
    for (let i = 0; i < 5; i++) engine.send([job('a')])
    expect(await engine.counts()).toEqual({ waiting: 1, active: 1 })
    await pass(5_000)
    expect(ran).toEqual(['a 0', 'a 1'])
  })

  it('takes a job again when its turn says, behind those that wait', async () => {
    const { engine, ran, pass } = working(1, () => 1_000, new Map(Object.entries({ a: 0, b: 30_000 })))
    engine.send([job('a'), job('b'), job('c')])
    await pass(60_000)
    expect(ran).toEqual(['a 0', 'b 1', 'c 2', 'a 3', 'b 30'])
  })

  it('keeps an account that takes long from no other, as long as there is a place', async () => {
    const { engine, ran, pass } = working(3, ({ account }) => (account === 'slow' ? 1e9 : 1_000))
    engine.send([job('s1', 'slow'), job('s2', 'slow'), ...Array.from({ length: 6 }, (_, i) => job(`w${i}`))])
    await pass(10_000)
    expect(ran).toEqual(['s1 0', 'w0 0', 'w1 0', 'w2 1', 'w3 1', 'w4 2', 'w5 2'])
  })

  it('knows whether others wait for an account, or for a place', async () => {
    const { engine, pass } = working(2)
    engine.send([job('a1', 'a'), job('b1', 'b')])
    await pass(1)
    expect([await engine.isWanted(job('a1', 'a')), await engine.isWanted(job('b1', 'b'))]).toEqual([false, false])
    engine.send([job('a1', 'a')])
    expect(await engine.isWanted(job('a1', 'a'))).toBe(false)
    engine.send([job('a2', 'a')])
    expect([await engine.isWanted(job('a1', 'a')), await engine.isWanted(job('b1', 'b'))]).toEqual([true, false])
    engine.send([job('c')])
    expect(await engine.isWanted(job('b1', 'b'))).toBe(true)
  })

  it('told to stop, starts nothing more, tells those at work, and ends when they have', async () => {
    const { engine, ran, stop, ended, pass, clock } = working(1)
    engine.send([job('a'), job('b')])
    await pass(100)
    stop.abort()
    await ended
    expect([ran, await engine.counts(), clock.sleeping]).toEqual([['a 0'], { waiting: 1, active: 0 }, 0])
  })
})
