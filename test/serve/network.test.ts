// The network between one process and PostgreSQL is cut: packets are lost and nobody is told, as of a cable that is pulled.
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { command } from '../support/command.js'
import { freshDatabase } from '../support/postgres.js'
import { deliveries, idle, ofAccounts, relay, standings } from './failing.js'
import { serving, shared } from './machine.js'
import { until } from './served.js'

const JOBS = 250
const LEASE_MS = 60_000

describe('a process that is cut off from PostgreSQL in mid-run', () => {
  test(
    'writes nothing once another may have its workflow, and comes back by itself',
    { timeout: 300_000 },
    async () => {
      const state = await freshDatabase(inject('postgres_url'))
      const options = { latency: { ms: 250 }, workable: { jobs: JOBS } }
      const { sandbox, env, say } = await shared({ workflows: ofAccounts(1) }, state, options)
      const database = await relay(state)
      const [writes, others] = [await relay(sandbox.hrflow_url), await relay(sandbox.hrflow_url)]
      const onBoard = () => sandbox.hrflow.jobs(sandbox.board_key).length
      const start = (own: Record<string, string>) => {
        const started = command(['serve', '--port', '0'], { ...env, ...own })
        onTestFinished(() => void started.child.kill('SIGKILL'))
        return started
      }
      const first = start({ HRFLOW_CONNECTORS_STATE: database.url, HRFLOW_API_URL: writes.url })
      const url = await serving(first)
      await say('workflows', 'run', 'acme')
      await until(() => onBoard() > 20)

      database.cut()
      const cut_at = Date.now()
      const other = start({ HRFLOW_API_URL: others.url })
      await serving(other)
      await until(() => others.heard.length > 0)
      const [taken_at = 0] = others.heard
      // It was renewed 20 seconds ago at most, and another waits for what the engine and a back-off say.
      expect(taken_at - cut_at).toBeGreaterThan(LEASE_MS - 20_000)
      expect(taken_at - cut_at).toBeLessThan(LEASE_MS * 2.5)
      await until(async () => (await fetch(`${url}/readyz`)).status === 503)
      await idle(state)
      expect(await standings(state)).toMatchObject([{ condition: 'ok', waits_until: null }])
      expect(writes.heard.at(-1)).toBeLessThan(taken_at)
      expect([onBoard(), new Set(deliveries(sandbox)).size]).toEqual([JOBS, JOBS])

      database.mend()
      await until(async () => (await fetch(`${url}/readyz`)).ok)
      other.child.kill('SIGTERM')
      expect((await other.ended).code).toBe(0)
      const said = writes.heard.length
      sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, { title: 'Edited' })
      await say('workflows', 'run', 'acme')
      await until(() => sandbox.hrflow.jobs(sandbox.board_key).some(({ name }) => name === 'Edited'))
      expect(writes.heard.length).toBeGreaterThan(said)
      first.child.kill('SIGTERM')
      expect((await first.ended).code).toBe(0)
    },
  )
})
