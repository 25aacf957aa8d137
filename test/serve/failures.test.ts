// Processes over one PostgreSQL that are killed or told to stop.
import { describe, expect, inject, test } from 'vitest'
import { z } from 'zod'
import { freshDatabase } from '../support/postgres.js'
import { deliveries, holderOf, idle, overlaps, rows, standings, twoServers } from './failing.js'
import { until } from './served.js'

const fresh = () => freshDatabase(inject('postgres_url'))
/** Items that a run has in flight at once, and their kin: what a kill may have done again. */
const IN_FLIGHT = 25

describe('one of two processes', () => {
  test(
    'killed in mid-run on another machine: the other goes on within a minute of the end of its lease',
    { timeout: 240_000 },
    async () => {
      const { state, sandbox, servers, onBoard, say } = await twoServers(await fresh(), {
        accounts: 1,
        jobs: 200,
      })
      await say('workflows', 'run', 'acme')
      await until(() => onBoard() > 20)
      const killed = await holderOf('acme', state, servers)
      killed.child.kill('SIGKILL')
      await killed.ended
      // Of a process on another machine nobody can tell that it is dead.
      const lease = z.object({ ends: z.coerce.number() })
      const [left] = await rows(
        state,
        lease,
        'update hrflow_connectors.workflows set process = null returning expires_at as ends',
      )
      // What the killed one had sent may still arrive: only the other one's run tells that it goes on.
      const begun = () =>
        rows(
          state,
          z.object({ at: z.coerce.number() }),
          'select started_at as at from hrflow_connectors.runs order by 1',
        )
      await until(async () => (await begun()).length > 1)
      const goes_on = ((await begun())[1]?.at ?? 0) - (left?.ends ?? 0)
      expect(goes_on).toBeGreaterThan(0)
      expect(goes_on).toBeLessThan(60_000)
      await idle(state)
      expect(await standings(state)).toMatchObject([{ condition: 'ok', waits_until: null }])
      expect(onBoard()).toBe(200)
      expect(new Set(deliveries(sandbox)).size).toBe(200)
      expect(deliveries(sandbox).length).toBeLessThanOrEqual(200 + IN_FLIGHT)
      expect(overlaps((await say('runs', '--json')).stdout)).toEqual([])
    },
  )

  test('told to stop in mid-run saves what was done, and the other goes on at once', { timeout: 120_000 }, async () => {
    const { state, sandbox, servers, onBoard, say } = await twoServers(await fresh(), {
      accounts: 1,
      jobs: 200,
    })
    await say('workflows', 'run', 'acme')
    await until(() => onBoard() > 20)
    const stopped = await holderOf('acme', state, servers)
    stopped.child.kill('SIGTERM')
    expect(await stopped.ended).toMatchObject({ code: 0, signal: null })
    const [ended, done] = [Date.now(), onBoard()]
    expect(done).toBeLessThan(200)
    await until(() => onBoard() > done)
    expect(Date.now() - ended).toBeLessThan(20_000)
    await until(() => onBoard() === 200)
    await idle(state)
    expect(await standings(state)).toMatchObject([{ condition: 'ok', waits_until: null }])
    // Nothing was in flight any more, so nothing was done again.
    expect([onBoard(), deliveries(sandbox).length]).toEqual([200, 200])
  })
})
