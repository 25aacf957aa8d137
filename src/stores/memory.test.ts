import { describe, expect, it } from 'vitest'
import { storeConformance } from '../../test/support/store-conformance.js'
import { VirtualClock } from '../../test/support/virtual-clock.js'
import { LeaseLostError } from '../core/errors.js'
import type { DeliveryRecord, Lease, RunRecord } from '../core/ports/store.js'
import { MemoryStore } from './memory.js'

storeConformance('MemoryStore', (clock) => Promise.resolve(new MemoryStore({ clock })))

const delivered: DeliveryRecord = {
  reference: 'A',
  id: null,
  version: 'v1',
  read_at: 1,
  checked_at: 1,
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

function ended(run_id: string, started_at = 1): RunRecord {
  return { run_id, workflow_id: 'w', action: 'a', started_at, finished_at: started_at + 1, result: null }
}

function person(name: string) {
  return { name, process: null }
}

async function lease(store: MemoryStore, holder = 'me'): Promise<Lease> {
  const taken = await store.acquireLease('w', 'a', person(holder), 60_000)
  if ('since' in taken) throw new Error(`The lease is held by ${taken.name}.`)
  return taken
}

describe('MemoryStore', () => {
  it('remembers, unless it is told not to', () => {
    expect(new MemoryStore()).toMatchObject({ kind: 'memory', remembers: true })
    expect(new MemoryStore({ remembers: false })).toMatchObject({ kind: 'memory', remembers: false })
  })

  it('goes by the time of the system without a clock', async () => {
    const before = Date.now()
    const { expires_at } = await lease(new MemoryStore())
    expect(expires_at).toBeGreaterThanOrEqual(before + 60_000)
    expect(expires_at).toBeLessThanOrEqual(Date.now() + 60_000)
  })

  it('keeps the last 1,000 runs', async () => {
    const store = new MemoryStore()
    const held = await lease(store)
    for (let i = 0; i < 1_010; i++) await store.startRun(held, ended(`r${i}`, i))
    const runs = await store.runs({ limit: 5_000 })
    expect(runs).toHaveLength(1_000)
    expect([runs[0]?.run_id, runs.at(-1)?.run_id]).toEqual(['r1009', 'r10'])
  })
})

describe('a MemoryStore that does not remember', () => {
  it('keeps neither records nor details, runs, failures or pending entries', async () => {
    const store = new MemoryStore({ remembers: false })
    const held = await lease(store)
    await store.startRun(held, ended('r1'))
    await store.saveRecords(held, 's', [delivered, { ...delivered, reference: 'M', outcome: 'missing' }])
    await store.saveDetails('acme', [{ reference: 'A', version: 'v1', read_at: 1, detail: 'x' }])
    const failure = { reference: 'A', stage: 'load', code: 'x', message: 'y', attempts: 1 } as const
    const entry = { ...failure, id: null, version: null, first_failed_at: 1, next_attempt_at: null }
    await store.commitRun(held, {
      run: ended('r1'),
      failures: [failure],
      scope: 's',
      parameters: null,
      pending: [entry],
      settled: [],
    })
    const kept = async () => ({
      runs: await store.runs({ limit: 10 }),
      run: await store.run('r1'),
      records: await store.records('w', 's', ['A']),
      missing: await store.missing('w', 's', 9, 10),
      details: await store.cachedDetails('acme', ['A']),
      pending: await store.pending('w', 's'),
    })
    const nothing = { runs: [], run: null, records: [], missing: [], details: [], pending: [] }
    expect(await kept()).toEqual(nothing)
    await store.releaseLease(held)
    expect(await kept()).toEqual(nothing)
    expect(await store.workflows()).toEqual([])
  })

  it('still keeps two runs of a workflow apart', async () => {
    const clock = new VirtualClock()
    const store = new MemoryStore({ clock, remembers: false })
    const first = await lease(store, 'first')
    expect(await store.acquireLease('w', 'a', person('second'), 60_000)).toMatchObject({ name: 'first' })
    await store.releaseLease(first)
    await lease(store, 'second')
  })

  it('still refuses the writes of a run that was taken over, also when that other has ended', async () => {
    const clock = new VirtualClock()
    const store = new MemoryStore({ clock, remembers: false })
    const first = await lease(store, 'first')
    await clock.run(clock.now() + 60_001)
    await store.releaseLease(await lease(store, 'second'))
    const third = await lease(store, 'third')
    await expect(store.renewLease(first, 60_000)).rejects.toBeInstanceOf(LeaseLostError)
    await expect(store.startRun(first, ended('r1'))).rejects.toBeInstanceOf(LeaseLostError)
    await store.renewLease(third, 60_000)
  })

  it('still counts budgets', async () => {
    const store = new MemoryStore({ remembers: false })
    expect(await store.takeBudget({ account: 'acme', slots: [1], cap: 1 })).toBe(true)
    expect(await store.takeBudget({ account: 'acme', slots: [1], cap: 1 })).toBe(false)
  })
})
