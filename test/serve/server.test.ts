// A server over real HTTP and a real state, with a clock that does not wait.
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { asking, resuming } from '../../src/serve/decisions.js'
import { receiver, served, until } from './served.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const EVERY_QUARTER = "schedule: '*/15 * * * *'"
const LONG_YIELD = { poll_ms: 10_000 }

describe('a workflow with a schedule', () => {
  test('is run when it is due, and what was edited reaches the board', async () => {
    const { sandbox, ran, start } = await served({ workflows: { acme: [EVERY_QUARTER] } })
    await start()
    await until(() => ran.length === 1)
    const [job] = sandbox.workable.jobs
    sandbox.workable.edit(job!.shortcode, { title: 'Edited' })
    await until(() => ran.length === 3)
    const names = sandbox.hrflow.jobs(sandbox.board_key).map(({ name }) => name)
    expect(names).toContain('Edited')
    expect(ran.map(({ result }) => result.status)).toEqual(['success', 'success', 'success'])
    for (const { at } of ran) expect(at % (15 * MINUTE)).toBeLessThan(MINUTE)
  })

  test('was missed while nothing ran: it is run once, and then as planned', async () => {
    const { clock, ran, start, one } = await served({ workflows: { acme: [EVERY_QUARTER] } })
    const first = await start()
    await until(() => ran.length === 1)
    await first.stop()
    await clock.sleep(26 * HOUR)
    const before = clock.now()
    await start()
    await until(() => ran.length === 3)
    const [, missed, next] = ran
    expect(missed!.at - before).toBeLessThan(MINUTE)
    expect(next!.at).toBeGreaterThanOrEqual((await one('acme')).taken_run_at!)
    expect(next!.at % (15 * MINUTE)).toBeLessThan(MINUTE)
  })

  test('whose full run is due too has one run that settles both', async () => {
    const { store, ran, start, one } = await served({
      workflows: { acme: [EVERY_QUARTER, "full_schedule: '0 3 * * 0'"] },
    })
    const { server } = await start()
    await store.schedules.changeOne('acme', asking(true))
    await store.schedules.changeOne('acme', asking(false))
    await until(async () => ran.length >= 1 && (await server?.engine.counts())?.active === 0)
    expect(ran[0]?.result.incremental).toBe(false)
    expect(ran.filter(({ at }) => at - ran[0]!.at < MINUTE)).toHaveLength(1)
    expect(await one('acme')).toMatchObject({ full_due: null, started_at: null })
  })

  test('that somebody runs already waits for that lease to end, and is neither fatal nor counted', async () => {
    const { clock, store, ran, start, one } = await served({ workflows: { acme: [EVERY_QUARTER] } })
    await store.acquireLease('acme', 'update_jobs_in_hrflow', { name: 'somebody', process: null }, MINUTE)
    await start()
    const began = clock.now()
    await store.schedules.changeOne('acme', asking(false))
    await until(() => ran.length === 2)
    expect(ran.map(({ result }) => result.reason)).toEqual(['workflow_already_running', 'none'])
    expect(ran[1]!.at - began).toBeGreaterThanOrEqual(MINUTE)
    expect(ran[1]!.at - began).toBeLessThan(2 * MINUTE)
    expect(await one('acme')).toMatchObject({ fatal_count: 0, condition: 'ok' })
  })
})

describe('accounts', () => {
  const auth = (suffix: string, subdomain: string) =>
    `connector_auth: { api_access_token: '\${WORKABLE_API_ACCESS_TOKEN${suffix}}', subdomain: ${subdomain} }`

  test('a long first run makes way for others of its account, holds up no other account, and comes to its end', async () => {
    const workflows = {
      long: [auth('', 'acme')],
      short: [auth('', 'acme'), 'pull_parameters: { state: draft }'],
      other: [auth('_2', 'acme-2'), 'pull_parameters: { state: draft }'],
    }
    const scheduled = Object.entries(workflows).map(
      ([id, lines]) => [id, [...lines, "schedule: '0 3 1 1 *'"]] as [string, string[]],
    )
    const text = { workflows: Object.fromEntries<string[]>(scheduled) }
    const options = { workable: { jobs: 150 }, accounts: 2 }
    const { store, sandbox, ran, start, one } = await served(text, options, { yield_ms: MINUTE })
    await start()
    await store.schedules.changeOne('long', asking(false))
    await until(() => sandbox.workable.requests.length > 20)
    await store.schedules.changeOne('short', asking(false))
    await store.schedules.changeOne('other', asking(false))
    await until(() => ran.length === 4)
    expect(ran.map(({ workflow_id, result }) => `${workflow_id} ${result.reason}`)).toEqual([
      'other none',
      'long yielded',
      'short none',
      'long none',
    ])
    expect((await one('long')).condition).toBe('ok')
    const onBoard = new Set(sandbox.hrflow.jobs(sandbox.board_key).map(({ reference }) => reference))
    expect(sandbox.workable.jobs.filter(({ shortcode }) => !onBoard.has(shortcode))).toEqual([])
    const [first] = ran.filter(({ workflow_id }) => workflow_id === 'long').map(({ result }) => result)
    expect(first?.events.write_success).toBeGreaterThan(20)
    // What the first part had delivered was not read again.
    const details = sandbox.workable.requests.filter(({ path }) => /\/jobs\/[^/]+$/.test(path))
    expect(details.length).toBeLessThanOrEqual(152)
    expect(sandbox.workable.requests.filter(({ status }) => status === 429)).toEqual([])
  })

  test('one whose workflow cannot be run holds up nobody, backs off, and is told in words', async () => {
    const bad = ["connector_auth: { api_access_token: '${NOT_SET}', subdomain: acme }", EVERY_QUARTER]
    const { store, ran, start, one } = await served({ workflows: { bad, good: [EVERY_QUARTER] } }, {}, LONG_YIELD)
    await start()
    await store.schedules.changeOne('bad', asking(false))
    await store.schedules.changeOne('good', asking(false))
    await until(async () => ran.length >= 5 && (await one('bad')).fatal_count >= 3)
    const reasons = (id: string) => new Set(ran.flatMap((one) => (one.workflow_id === id ? one.result.reason : [])))
    expect([reasons('good'), reasons('bad')]).toEqual([new Set(['none']), new Set(['bad_origin_parameters'])])
    const { condition, said, waits_until, since } = await one('bad')
    expect(condition).toBe('fatal')
    expect(said).toContain('workflows.bad.connector_auth.api_access_token: the variable NOT_SET is not set.')
    expect(waits_until! - since).toBeGreaterThan(90_000)
  })
})

describe('one process', () => {
  test('serves a state: a second one is told who does, and may when that one has ended', async () => {
    const { start } = await served({ workflows: { acme: [EVERY_QUARTER] } })
    const first = await start()
    expect(first.other).toBeNull()
    expect((await start()).other).toMatchObject({ name: expect.stringContaining(`process ${process.pid}`) as string })
    await first.stop()
    expect((await start()).other).toBeNull()
  })

  test('whose place was taken, as it slept for too long, ends and says by whom', async () => {
    const { store, start } = await served({ workflows: { acme: [EVERY_QUARTER] } })
    const { ended } = await start()
    const other = { name: 'process 7 elsewhere', process: null, key: 'another' }
    expect(await store.schedules.holdServe(other, MINUTE, () => true)).toBeNull()
    expect(await ended).toMatchObject({ name: 'process 7 elsewhere' })
  })

  test('told to stop in mid-run saves what was done, and the next one goes on at once', async () => {
    const { store, sandbox, ran, start, one } = await served(
      { workflows: { acme: ["schedule: '0 3 1 1 *'"] } },
      { workable: { jobs: 60 } },
    )
    const first = await start()
    await store.schedules.changeOne('acme', asking(false))
    await until(() => sandbox.workable.requests.length > 15)
    await first.stop()
    expect(ran.map(({ result }) => result.reason)).toEqual(['interrupted'])
    expect(await one('acme')).toMatchObject({ started_at: null, fatal_count: 0, waits_until: null, condition: 'ok' })
    await start()
    await until(() => ran.length === 2)
    expect(sandbox.hrflow.jobs(sandbox.board_key)).toHaveLength(60)
  })
})

describe('whoever is responsible', () => {
  test('hears once of a token that is revoked, by a receiver that fails at first, and that it is well again', async () => {
    const hook = await receiver()
    let answers = 0
    hook.status = () => (++answers <= 3 ? 500 : 204)
    const head = [
      `notify: [{ url: '${hook.url}/hook', secret: '\${HOOK_KEY}' }, { url: '${hook.url}/other', on: [held] }]`,
    ]
    const { sandbox, store, env, ran, start, one } = await served(
      { head, workflows: { acme: [EVERY_QUARTER] } },
      {},
      LONG_YIELD,
    )
    env['HOOK_KEY'] = 'key of the hook'
    await start()
    await until(() => ran.length === 1)
    const mended = sandbox.fault({ service: 'workable', answer: { status: 401, body: '{"error":"Not authorized"}' } })
    await until(async () => (await one('acme')).fatal_count >= 5)
    await until(() => answers >= 4)
    // Tried again until it was taken: always the same message.
    expect(new Set(hook.got.map(({ body }) => body)).size).toBe(1)
    const { told, body, headers, path } = hook.got[0]!
    expect([told.event, told.workflow_id, path]).toEqual(['fatal', 'acme', '/hook'])
    expect(told.text).toMatch(/^acme cannot run since .*401.* Look with: hrflow-connectors check acme$/)
    const hmac = createHmac('sha256', 'key of the hook').update(body).digest('hex')
    expect(headers['x-hrflow-connectors-signature']).toBe(`sha256=${hmac}`)
    for (const secret of [sandbox.workable.token, sandbox.hrflow.api_secret, sandbox.hrflow.api_user])
      expect(body).not.toContain(secret)
    const { waits_until, since } = await one('acme')
    // 30 s, 1, 2, 4 and 8 minutes.
    expect(waits_until! - since).toBeGreaterThan(15 * MINUTE)
    const fatal = ran.filter(({ result }) => result.status === 'fatal').length
    expect((await one('acme')).fatal_count).toBeLessThanOrEqual(fatal)
    mended()
    await store.schedules.changeOne('acme', resuming)
    await until(() => hook.events().includes('recovered'))
    expect(hook.got.at(-1)?.told.text).toContain('acme has recovered: it was unable to run since')
    expect(new Set(hook.events())).toEqual(new Set(['fatal', 'recovered']))
  })

  test('hears of a long silence again each day, and of nothing that was not asked for', async () => {
    const hook = await receiver()
    const head = [`notify: [{ url: '${hook.url}', on: [fatal] }]`]
    const lines = ["connector_auth: { api_access_token: '${NOT_SET}', subdomain: acme }", "schedule: '0 * * * *'"]
    const { start } = await served({ head, workflows: { acme: lines } }, {}, { poll_ms: 600_000, place_ms: 120_000 })
    await start()
    await until(() => hook.got.length === 3)
    const at = hook.got.map(({ told }) => Date.parse(told.at))
    for (const [index, moment] of at.slice(1).entries()) {
      expect(moment - at[index]!).toBeGreaterThanOrEqual(24 * HOUR)
      expect(moment - at[index]!).toBeLessThan(25 * HOUR)
    }
    expect(new Set(hook.got.map(({ told }) => `${told.event} ${told.since}`)).size).toBe(1)
  })

  test('sees a heartbeat after each run that is not fatal, and a dead receiver holds up nothing', async () => {
    const hook = await receiver()
    hook.status = () => (hook.got.length % 2 === 1 ? 503 : 200)
    const lines = [EVERY_QUARTER, `heartbeat: '${hook.url}/beat'`]
    const dead = [EVERY_QUARTER, 'heartbeat: http://127.0.0.1:1/', 'connector_auth: { subdomain: acme }']
    const { sandbox, ran, start, clock } = await served({ workflows: { acme: lines, dead } }, {}, LONG_YIELD)
    await start()
    await until(() => ran.length >= 4)
    await until(() => hook.got.length >= 4)
    sandbox.fault({ service: 'workable', answer: { status: 401 } })
    const count = ran.length
    await until(() => ran.slice(count).filter(({ result }) => result.status === 'fatal').length >= 2)
    await clock.sleep(MINUTE)
    const well = ran.filter(({ workflow_id, result }) => workflow_id === 'acme' && result.status === 'success').length
    // Each was tried twice: the first is refused.
    expect(hook.got.filter(({ path }) => path === '/beat')).toHaveLength(2 * well)
  })
})

test('the state is fed by a file that is read anew at each start', async () => {
  const { cwd, start, store } = await served({ workflows: { acme: [EVERY_QUARTER] } })
  const first = await start()
  await first.stop()
  const text =
    "workflows: { b: { action: workable.update_jobs_in_hrflow, schedule: '0 * * * *' }, c: { action: workable.create_jobs_in_hrflow } }"
  writeFileSync(join(cwd, 'hrflow-connectors.yaml'), text)
  await start()
  const known = await store.schedules.scheduled()
  expect(known.map(({ workflow_id, account }) => [workflow_id, account])).toEqual([['b', 'workable:acme']])
})
