import fc from 'fast-check'
import type { Action } from '../../src/core/model/flow.js'
import type { Store } from '../../src/core/ports/store.js'
import { QuietClock } from './clock.js'
import { complaints, type Model, newModel, putByHand, step } from './steps.js'
import { World } from './world.js'

const BEGINNING = Date.UTC(2026, 10, 1)

/** Longer than any pending item waits. */
const LONG_MS = 25 * 3_600_000

export interface HistoryOptions {
  runs: number
  /** A store for one history; it takes its time from the clock. */
  store: (clock: QuietClock) => Store
  /** Instead of the connector's own. */
  action?: Action
  /** Ends with the first history that goes wrong, without looking for a shorter one. */
  hasty?: boolean
  /** Begins with the histories of this seed. */
  seed?: number
}

/** Checks random histories: whatever happened, a run without faults puts everything right. Returns what happened, counted. */
export async function checkHistories(options: HistoryOptions): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let histories = 0
  const commands = fc.commands([step], { maxCommands: 40, size: 'max' })
  const property = fc.asyncProperty(commands, fc.constantFrom('published' as const, null), async (steps, state) => {
    const clock = new QuietClock(BEGINNING)
    const { action } = options
    const name = `acme${histories++}`
    const world = new World({ clock, store: options.store(clock), name, state, jobs: 6, ...(action ? { action } : {}) })
    const model = newModel()
    for (const [index, job] of world.workable.jobs.entries()) if (index % 3 !== 2) putByHand(model, world, job)
    // So that the first run's cursor, less its overlap, does not reach back to the beginning.
    clock.pass(3_600_000)
    await fc.asyncModelRun(() => ({ model, real: world }), steps)
    await judge(model, world)
    for (const [kind, count] of model.counts) counts.set(kind, (counts.get(kind) ?? 0) + count)
  })
  const { runs: numRuns, hasty, seed } = options
  await fc.assert(property, { numRuns, endOnFailure: hasty === true, ...(seed !== undefined && { seed }) })
  return counts
}

/** Two runs without trouble, the incremental one first: each must leave nothing to complain of. */
async function judge(model: Model, world: World): Promise<void> {
  world.broken.clear()
  for (const incremental of [true, false]) {
    world.clock.pass(LONG_MS)
    const result = await world.run(incremental)
    const found = complaints(model, world, !incremental)
    const said = `${incremental ? 'incremental' : 'full'} run: ${JSON.stringify(result)}`
    if (result?.status !== 'success') throw new Error(`The last ${said}`)
    if (found.length > 0) throw new Error(`${found.join('; ')} after the last ${said}`)
  }
}
