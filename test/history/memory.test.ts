import { expect, test } from 'vitest'
import { MemoryStore } from '../../src/stores/memory.js'
import { checkHistories } from './history.js'

const RUNS = Number(process.env['HISTORIES'] ?? 40)

test(
  `${RUNS} histories on memory: whatever happened, a run without faults puts everything right`,
  { timeout: 3_600_000 },
  async () => {
    const counts = await checkHistories({ runs: RUNS, store: (clock) => new MemoryStore({ clock }) })
    process.stdout.write(`${JSON.stringify(Object.fromEntries([...counts].sort()))}\n`)
    const least = RUNS < 500 ? 1 : 20
    for (const [kind, count] of counts) expect(count, kind).toBeGreaterThanOrEqual(least)
  },
)
