import { expect, test } from 'vitest'
import { MemoryStore } from '../../stores/memory.js'
import { RunError } from '../errors.js'
import type { DeliveryRecord, Store } from '../ports/store.js'
import { KnownItems } from './known-items.js'

let now = 10_000
const clock = { now: () => now, sleep: () => Promise.resolve() }
const version = '1970-01-01T00:00:01Z'

/** A store that knows what it was asked for. */
async function storeOf(...references: string[]) {
  const store = new MemoryStore({ clock })
  const asked: string[][] = []
  const lease = await store.acquireLease('w', 'update_jobs_in_hrflow', { name: 'me', process: null }, 1_000)
  if ('since' in lease) throw new Error('The lease is held.')
  await store.saveRecords(lease, 'p', references.map(recordOf))
  await store.saveDetails(
    'acme',
    references.map((reference) => ({ reference, version, read_at: 9_000, detail: { of: reference } })),
  )
  const records: Store['records'] = (workflow_id, place, wanted) => {
    asked.push(wanted)
    return MemoryStore.prototype.records.call(store, workflow_id, place, wanted)
  }
  const cachedDetails: Store['cachedDetails'] = (account, wanted) => {
    asked.push([account, ...wanted])
    return MemoryStore.prototype.cachedDetails.call(store, account, wanted)
  }
  return {
    asked,
    options: { store: Object.assign(store, { records, cachedDetails }), clock, workflow_id: 'w', place: 'p' },
  }
}

function recordOf(reference: string): DeliveryRecord {
  const read = {
    id: null,
    version,
    read_at: 9_000,
    checked_at: 9_000,
    epoch: 1,
    board: null,
    run_id: null,
    partial: false,
  }
  return { reference, ...read, scope: 's', target: reference, outcome: 'delivered', mapping: 'm', memo: null }
}

test('all of a page are asked for at once, when the first is wanted', async () => {
  const { asked, options } = await storeOf('A', 'B')
  const page = ['A', 'B', 'C']
  const lookup = new KnownItems(options, page)
  expect(asked).toEqual([])
  const found = await Promise.all(['C', 'B', 'A'].map((reference) => lookup.record(reference)))
  expect(found.map((record) => record?.reference)).toEqual([undefined, 'B', 'A'])
  expect(asked).toEqual([page])
  const details = await Promise.all(page.map((reference) => lookup.detail('acme', { reference, version }, 0)))
  expect(details.map((detail) => detail?.detail)).toEqual([{ of: 'A' }, { of: 'B' }, undefined])
  expect(asked).toEqual([page, ['acme', ...page]])
})

test('a reference that is listed twice is asked for again: what is written down may be of the first time', async () => {
  const { asked, options } = await storeOf('A', 'B')
  const lookup = new KnownItems(options, ['A', 'B', 'A'])
  for (const reference of ['A', 'B', 'A']) expect(await lookup.record(reference)).toMatchObject({ reference })
  expect(asked).toEqual([['A', 'B'], ['A']])
})

test('details that another workflow wrote down meanwhile are found, with those still to come', async () => {
  const { asked, options } = await storeOf('A')
  const lookup = new KnownItems(options, ['A', 'B', 'C'])
  const ask = (reference: string) => lookup.detail('acme', { reference, version }, 0)
  expect(await ask('A')).toMatchObject({ detail: { of: 'A' } })
  await options.store.saveDetails('acme', [{ reference: 'B', version, read_at: 9_000, detail: 'new' }])
  now += 1_000
  expect(await ask('B')).toMatchObject({ detail: 'new' })
  expect(await ask('C')).toBeUndefined()
  expect(asked).toEqual([
    ['acme', 'A', 'B', 'C'],
    ['acme', 'B', 'C'],
  ])
})

test('a store that fails is asked once for a page, and fails each item of it', async () => {
  const { options } = await storeOf('A')
  let asked = 0
  const records = () => Promise.reject(new Error(`disk is full, ${(asked += 1)}`))
  const lookup = new KnownItems({ ...options, store: Object.assign(options.store, { records }) }, ['A', 'B'])
  await expect(lookup.record('A')).rejects.toThrow(RunError)
  await expect(lookup.record('B')).rejects.toThrow(RunError)
  expect(asked).toBe(1)
})

test('a store that does not remember is not asked', async () => {
  const { asked, options } = await storeOf('A')
  const lookup = new KnownItems({ ...options, store: Object.assign(options.store, { remembers: false }) }, ['A'])
  expect(await lookup.record('A')).toBeUndefined()
  expect(await lookup.detail('acme', { reference: 'A', version }, 0)).toBeUndefined()
  expect(asked).toEqual([])
})
