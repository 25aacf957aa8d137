import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import type { Clock } from '../../src/core/ports/clock.js'
import type { Store } from '../../src/core/ports/store.js'
import { openPostgres } from '../../src/stores/sql/postgres.js'
import { openSqlite } from '../../src/stores/sql/sqlite.js'
import { freshDatabase } from '../support/postgres.js'
import { checkFollowing } from './following.js'
import { checkHistories } from './history.js'

const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-histories-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const scale = Number(process.env['HISTORIES'] ?? 50) / 500

/** One store for all histories, each with a time of its own. */
class OwnTime implements Pick<Clock, 'now'> {
  clock: Pick<Clock, 'now'> = Date
  now = () => this.clock.now()
}

async function check(
  histories: typeof checkHistories | typeof checkFollowing,
  runs: number,
  open: (time: OwnTime) => Promise<Store>,
): Promise<void> {
  const time = new OwnTime()
  const store = await open(time)
  const counts = await histories({
    runs,
    store: (clock) => {
      time.clock = clock
      return store
    },
  })
  await store.close()
  expect(counts.get('ended: died')).toBeGreaterThan(0)
}

describe.each([
  ['histories', checkHistories, 1],
  ['histories of a board that follows', checkFollowing, 0.5],
] as const)('%s', (_, histories, share) => {
  test('on SQLite', { timeout: 3_600_000 }, () =>
    check(histories, Math.ceil(100 * scale * share), (time) => openSqlite(join(folder, `${share}.db`), time)),
  )

  test('on PostgreSQL', { timeout: 3_600_000 }, async () => {
    const url = await freshDatabase(inject('postgres_url'))
    await check(histories, Math.ceil(50 * scale * share), (time) => openPostgres(url, time))
  })
})
