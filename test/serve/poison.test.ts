// Over PostgreSQL: a workflow whose process dies of it.
import { describe, expect, inject, test } from 'vitest'
import { freshDatabase } from '../support/postgres.js'
import { holderOf, standings, twoServers } from './failing.js'
import { until } from './served.js'

const fresh = () => freshDatabase(inject('postgres_url'))
/** Each has to wait for what the one before has earned. `npm run soak` has more patience. */
const ROUNDS = process.env['SOAK'] === undefined ? [1] : [1, 2, 3]

describe('a workflow that is poison', () => {
  test('kills its process again and again: it backs off, longer each time, and holds up no other', async () => {
    const { state, sandbox, servers, start, say } = await twoServers(await fresh(), {
      ...{ accounts: 2, jobs: 60 },
    })
    const [good, poison] = sandbox.accounts
    const stands = async (id: string) => (await standings(state)).find((one) => one.id === id)
    const titles = () => sandbox.hrflow.jobs(sandbox.board_key).map(({ name }) => name)
    await say('workflows', 'run', 'acme-2')
    const waits: number[] = []
    for (const round of ROUNDS) {
      const seen = poison?.requests.length ?? 0
      await until(() => (poison?.requests.length ?? 0) > seen)
      const killed = await holderOf('acme-2', state, servers)
      killed.child.kill('SIGKILL')
      await killed.ended
      servers.splice(servers.indexOf(killed), 1, start())
      good?.edit(good.jobs[0]!.shortcode, { title: `Edited ${round}` })
      await say('workflows', 'run', 'acme')
      await until(() => titles().includes(`Edited ${round}`))
      await until(async () => ((await stands('acme-2'))?.waits_until ?? 0) > Date.now())
      const { said, condition, waits_until } = (await stands('acme-2'))!
      expect([condition, said]).toEqual(['fatal', expect.stringContaining('never ended')])
      waits.push((waits_until ?? 0) - Date.now())
    }
    // Half a minute, then twice as long each time.
    for (const [round, wait] of waits.entries()) {
      expect(wait).toBeLessThanOrEqual(30_000 * 2 ** round)
      expect(wait).toBeGreaterThan(15_000 * 2 ** round)
    }
    expect((await stands('acme'))?.condition).toBe('ok')
  }, 400_000)
})
