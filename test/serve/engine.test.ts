// What the engine believes of a run, and what decides: the lease.
import { expect, inject, test } from 'vitest'
import type { BossTimes } from '../../src/serve/boss.js'
import { freshDatabase } from '../support/postgres.js'
import { deliveries, ofAccounts } from './failing.js'
import { shared } from './machine.js'
import { until } from './served.js'
import { storedServers } from './stored.js'

/** As short as the engine lets them be. */
const SHORT: BossTimes = { expire_s: 12, heartbeat_s: 10, supervise_s: 1 }
/** At this pace they take three times as long as a job may. */
const [JOBS, LIMIT] = [42, 12]

test('a run that is longer than the engine lets a job be is not ended, and not run twice', async () => {
  const state = await freshDatabase(inject('postgres_url'))
  const options = { workable: { jobs: JOBS, rate_limit: { limit: LIMIT } } }
  const { sandbox, say } = await shared({ workflows: ofAccounts(1) }, state, options)
  const { started, ran, one } = await storedServers(state, { sandbox, count: 2, boss_times: SHORT })
  await say('workflows', 'run', 'acme')
  await until(() => ran.length > 0)
  const { started_at = '', finished_at = '' } = ran[0]?.result ?? {}
  expect(Date.parse(finished_at) - Date.parse(started_at)).toBeGreaterThan(2 * SHORT.expire_s * 1_000)
  await until(async () => (await one('acme')).run_due === null)
  expect(await one('acme')).toMatchObject({ condition: 'ok', fatal_count: 0, started_at: null, waits_until: null })
  expect(ran.map(({ result }) => result.status)).toEqual(['success'])
  expect(started).toEqual(['acme'])
  expect([deliveries(sandbox).length, new Set(deliveries(sandbox)).size]).toEqual([JOBS, JOBS])
}, 180_000)
