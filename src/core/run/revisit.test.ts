import { describe, expect, it } from 'vitest'
import { StoppedError } from '../errors.js'
import type { KeptRecord } from '../state/journal.js'
import type { RunContext } from './context.js'
import { Admission, NO_PLAN } from './planning.js'
import { revisit } from './revisit.js'

/** A run at the end of its list, as far as this looks at it. */
function run(journal: object, flow: object = {}): RunContext {
  const context: unknown = {
    flow: { read: {}, write: {}, mode: 'update', ...flow },
    request: { incremental: true, push_parameters: {} },
    journal: { due: () => [], ...journal },
    cancellation: { reading: { aborted: false } },
    planning: NO_PLAN,
    admission: new Admission(),
    remembers: true,
    leavings: { isOn: false },
  }
  return context as RunContext
}

// A read that cannot ask for one item brings nothing here.
it.each([true, false])('without find the list alone decides whether all was read: %s', async (listedWhole) => {
  expect(await revisit(run({}), listedWhole)).toBe(listedWhole)
})

describe('an item whose first delivery may have happened', () => {
  const record = { reference: 'A', target: 'A', outcome: 'delivering' }

  async function kept(has: () => Promise<boolean>): Promise<string[]> {
    const records: KeptRecord[] = []
    const journal = { missing: () => Promise.resolve([record]), keepRecord: (one: KeptRecord) => records.push(one) }
    await revisit(run(journal, { read: { find: true }, write: { has } }), true)
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
