import { describe, expect, it } from 'vitest'
import { StoppedError } from '../errors.js'
import type { KeptRecord } from '../state/journal.js'
import type { Line } from './context.js'
import type { ItemLine } from './item.js'
import { readLeftovers } from './revisit.js'

/** A run at the end of its list, as far as this looks at it. */
function run(journal: object, flow: object = {}): { line: Line; items: ItemLine } {
  const line: unknown = {
    flow: { read: {}, write: {}, mode: 'update', ...flow },
    request: { incremental: true, push_parameters: {} },
    journal: { remembers: true, due: () => [], ...journal },
    ending: { reading: { aborted: false } },
    report: {},
  }
  const items: unknown = {}
  return { line: line as Line, items: items as ItemLine }
}

// A read that cannot ask for one item brings nothing here.
it.each([true, false])('without find the list alone decides whether all was read: %s', async (listedWhole) => {
  const { line, items } = run({})
  expect(await readLeftovers(line, items, listedWhole)).toBe(listedWhole)
})

describe('an item whose first delivery may have happened', () => {
  const record = { reference: 'A', target: 'A', outcome: 'delivering' }

  async function kept(has: () => Promise<boolean>): Promise<string[]> {
    const records: KeptRecord[] = []
    const journal = { missing: () => Promise.resolve([record]), keepRecord: (one: KeptRecord) => records.push(one) }
    const { line, items } = run(journal, { read: { find: true }, write: { has } })
    await readLeftovers(line, items, true)
    return records.map(({ outcome }) => outcome)
  }

  it('is missing once the target says that it is', async () => {
    expect(await kept(() => Promise.resolve(false))).toEqual(['missing'])
  })

  it('stays unknown where the target cannot be asked, or the run ends first', async () => {
    expect(await kept(() => Promise.reject(new Error('500')))).toEqual(['delivering'])
    expect(await kept(() => Promise.reject(new StoppedError()))).toEqual([])
  })
})
