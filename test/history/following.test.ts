import { expect, test } from 'vitest'
import { MemoryStore } from '../../src/stores/memory.js'
import { checkFollowing } from './following.js'

const RUNS = Number(process.env['HISTORIES'] ?? 40)

test(
  `${RUNS} histories of a board that follows: it holds what is inside, and nothing else of its own`,
  { timeout: 3_600_000 },
  async () => {
    const counts = await checkFollowing({ runs: RUNS, store: (clock) => new MemoryStore({ clock }) })
    process.stdout.write(`${JSON.stringify(Object.fromEntries([...counts].sort()))}\n`)
    for (const [kind, count] of counts) expect(count, kind).toBeGreaterThanOrEqual(1)
  },
)

test('histories of more jobs than are kept while their details wait', { timeout: 3_600_000 }, async () => {
  await checkFollowing({ runs: Math.ceil(RUNS / 20), store: (clock) => new MemoryStore({ clock }), many: true })
})
