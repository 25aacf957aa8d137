// One account, one budget: what a first run of everything leaves to the others, over three servers.
import { expect, inject, test } from 'vitest'
import { freshDatabase } from '../support/postgres.js'
import { ofAccounts } from './failing.js'
import { SELDOM, shared } from './machine.js'
import { until } from './served.js'
import { storedServers } from './stored.js'

/** `npm run soak` has as many as a large company. */
const [JOBS, LIMIT] = process.env['SOAK'] === undefined ? [120, 30] : [10_000, 1_000]

test('a first run of everything uses the budget, makes way for others, holds up nobody and comes to its end', async () => {
  const state = await freshDatabase(inject('postgres_url'))
  const drafts = [SELDOM, 'pull_parameters: { state: draft }']
  const [acme = [], other = []] = Object.values(ofAccounts(2, []))
  const workflows = { long: [...acme, SELDOM], short: [...acme, ...drafts], other: [...other, ...drafts] }
  const options = { accounts: 2, workable: { jobs: JOBS, rate_limit: { limit: LIMIT } } }
  const { sandbox, say } = await shared({ workflows }, state, options)
  const { ran } = await storedServers(state, { sandbox, count: 3, times: { yield_ms: 3_000 } })
  await say('workflows', 'run', 'long')
  const { requests, jobs } = sandbox.workable
  await until(() => requests.length >= LIMIT)
  await Promise.all([say('workflows', 'run', 'short'), say('workflows', 'run', 'other')])
  await until(() => ran.some(({ workflow_id, result }) => workflow_id === 'long' && result.reason !== 'yielded'))

  const reasons = (id: string) => ran.flatMap((one) => (one.workflow_id === id ? [one.result.reason] : []))
  expect(reasons('long').at(0)).toBe('yielded')
  expect(reasons('long').at(-1)).toBe('none')
  // Neither waited for all of it.
  const order = ran.map(({ workflow_id, result }) => `${workflow_id} ${result.reason}`)
  for (const id of ['short none', 'other none']) expect(order.indexOf(id)).toBeLessThan(order.indexOf('long none'))
  const onBoard = new Set(sandbox.hrflow.jobs(sandbox.board_key).map(({ reference }) => reference))
  expect(jobs.filter(({ shortcode }) => !onBoard.has(shortcode))).toEqual([])
  // No job was read twice, but for those that both workflows have.
  const details = requests.flatMap(({ path }) => /\/jobs\/[^/]+$/.exec(path)?.[0] ?? [])
  const shared_jobs = jobs.filter(({ state: of }) => of === 'draft').length
  expect(details.length).toBeLessThanOrEqual(JOBS + shared_jobs)
  expect(sandbox.accounts.flatMap((account) => account.requests.filter(({ status }) => status === 429))).toEqual([])
  // All of a slot but the one request that is kept free.
  const used = new Map<number, number>()
  for (const { slot } of requests) used.set(slot, (used.get(slot) ?? 0) + 1)
  expect(Math.max(...used.values())).toBe(LIMIT - 1)
}, 900_000)
