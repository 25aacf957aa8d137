// What becomes of processes whose PostgreSQL is away for a while: nothing is lost, and all come back by themselves.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Running } from '../support/command.js'
import { freshDatabase, postgresServer } from '../support/postgres.js'
import { deliveries, idle, ofAccounts, overlaps, rows, standings } from './failing.js'
import { serving, shared } from './machine.js'
import { until } from './served.js'

const ACCOUNTS = 4
const JOBS = 120
/** Items that four runs have in flight at once: what an outage may have done again, never at once. */
const IN_FLIGHT = 4 * 25

/** Two processes at work on all accounts, over a server that nobody else uses. */
async function underLoad() {
  const server = await postgresServer()
  await server.start()
  onTestFinished(() => server.remove())
  const state = await freshDatabase(server.url)
  const workflows = ofAccounts(ACCOUNTS)
  const options = { accounts: ACCOUNTS, latency: { ms: 150 }, workable: { jobs: JOBS } }
  const made = await shared({ workflows }, state, options)
  const servers = [made.start(), made.start()]
  const urls = await Promise.all(servers.map(serving))
  await Promise.all(Object.keys(workflows).map((id) => made.say('workflows', 'run', id)))
  const { sandbox } = made
  const references = () => new Set(deliveries(sandbox))
  await until(() => references().size > 30)
  return { ...made, server, state, servers, urls, references }
}

type Load = Awaited<ReturnType<typeof underLoad>>

/** Everything is on the board, each job by one run at a time, and both processes go on working. */
async function allIsWell({ sandbox, servers, state, urls, references, say }: Load) {
  await until(() => references().size === ACCOUNTS * JOBS)
  await idle(state)
  const stand = (await standings(state)).map(({ id, condition, waits_until }) => [id, condition, waits_until])
  expect(stand).toEqual(Object.keys(ofAccounts(ACCOUNTS)).map((id) => [id, 'ok', null]))
  expect(deliveries(sandbox).length).toBeLessThanOrEqual(ACCOUNTS * JOBS + IN_FLIGHT)
  expect(overlaps((await say('runs', '--json', '--limit', '100')).stdout)).toEqual([])
  await until(async () => (await Promise.all(urls.map((url) => fetch(`${url}/readyz`)))).every(({ ok }) => ok))
  for (const account of sandbox.accounts)
    account.edit(account.jobs[0]!.shortcode, { title: `Edited ${account.subdomain}` })
  await Promise.all(Object.keys(ofAccounts(ACCOUNTS)).map((id) => say('workflows', 'run', id)))
  const edited = () => sandbox.hrflow.jobs(sandbox.board_key).filter(({ name }) => name.startsWith('Edited'))
  await until(() => edited().length === ACCOUNTS)
  expect(await ended(servers)).toEqual([0, 0])
  for (const { said } of servers) expect(said.stderr).not.toContain('kept-out-of-sight')
}

function ended(servers: Running[]): Promise<(number | null)[]> {
  for (const { child } of servers) child.kill('SIGTERM')
  return Promise.all(servers.map(async (one) => (await one.ended).code))
}

describe('PostgreSQL under load', () => {
  test('is restarted: both processes wait for it and go on', { timeout: 240_000 }, async () => {
    const load = await underLoad()
    await load.server.stop()
    await sleep(3_000)
    await load.server.start()
    await allIsWell(load)
  })

  test('cuts every connection, again and again: new ones are made', { timeout: 240_000 }, async () => {
    const load = await underLoad()
    const cut = z.object({ cut: z.coerce.number() })
    const counts: number[] = []
    for (let round = 0; round < 5; round++) {
      const [found] = await rows(
        load.state,
        cut,
        `select count(pg_terminate_backend(pid)) as cut from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
      )
      counts.push(found?.cut ?? 0)
      await sleep(700)
    }
    for (const count of counts) expect(count).toBeGreaterThan(0)
    await allIsWell(load)
  })
})
