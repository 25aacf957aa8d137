import { request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { SandboxOptions } from '../options.js'
import { startSandbox } from '../server.js'
import { changedJob, controlJob, jobList, overview, refusal } from './messages.js'

const START = Date.parse('2026-11-30T09:00:00Z')

/** A sandbox with a control address, whose clock stands. */
async function start(options: SandboxOptions = {}) {
  const clock = { now: START }
  const now = () => clock.now
  const sandbox = await startSandbox({
    control_port: 0,
    ...options,
    workable: { jobs: 4, now, ...options.workable },
    hrflow: { now, ...options.hrflow },
  })
  onTestFinished(() => sandbox.close())
  const ask = async (method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> => {
    const response = await fetch(`${sandbox.control_url!}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json; charset=utf-8' } }),
    })
    return { status: response.status, json: await response.json() }
  }
  const change = async (method: string, path: string, body?: unknown) => {
    const { json } = await ask(method, path, body)
    return changedJob.parse(json)
  }
  const refused = async (method: string, path: string, body?: unknown) => {
    const { status, json } = await ask(method, path, body)
    return { status, error: refusal.parse(json).error }
  }
  const of = (state: string) => sandbox.workable.jobs.find((job) => job.state === state)!
  return { sandbox, clock, ask, change, refused, of }
}

/** What Workable answers now. */
async function detail({ sandbox }: Awaited<ReturnType<typeof start>>, shortcode: string) {
  const url = sandbox.workable_url.replace('{subdomain}', sandbox.workable.subdomain)
  const headers = { authorization: `Bearer ${sandbox.workable.token}` }
  const response = await fetch(`${url}/jobs/${shortcode}`, { headers })
  return { status: response.status, job: z.record(z.string(), z.unknown()).parse(await response.json()) }
}

describe('the control address', () => {
  test('is a port of its own, which no path of the services leads to; without control_port there is none', async () => {
    const { sandbox, ask } = await start()
    expect(sandbox.control_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(sandbox.control_url).not.toBe(sandbox.url)
    expect(sandbox.env).toMatchObject({ HRFLOW_CONNECTORS_SANDBOX: sandbox.control_url })
    expect(overview.parse((await ask('GET', '/')).json)).toMatchObject({
      accounts: [{ subdomain: 'acme', jobs: 4 }],
      boards: [{ board_key: sandbox.board_key, live: 0, archived: 0 }],
    })
    for (const path of ['/jobs', '/', '/boards', '/workable/jobs', '/workable/acme/jobs', '/hrflow/jobs'])
      expect(await (await fetch(`${sandbox.url}${path}`)).text()).not.toContain('shortcode')
    for (const path of ['/workable/acme/spi/v3/jobs', '/hrflow/v1/auth'])
      expect((await fetch(`${sandbox.control_url!}${path}`)).status).toBe(404)
    // Neither is seen by the services, whose requests tests count.
    const { length } = sandbox.workable.requests
    await ask('GET', '/jobs')
    expect(sandbox.workable.requests).toHaveLength(length)

    const plain = await startSandbox()
    onTestFinished(() => plain.close())
    expect(plain.control_url).toBeNull()
    expect(plain.env).not.toHaveProperty('HRFLOW_CONNECTORS_SANDBOX')
  })

  test('serves nothing where its port is taken', async () => {
    const { sandbox } = await start()
    const port = Number(new URL(sandbox.control_url!).port)
    await expect(startSandbox({ control_port: port })).rejects.toThrow('EADDRINUSE')
  })

  test('refuses web pages, and names that lead to this machine', async () => {
    const { sandbox } = await start()
    const { port } = new URL(sandbox.control_url!)
    const status = (headers: Record<string, string>) =>
      new Promise((resolve) =>
        request({ host: '127.0.0.1', port, path: '/jobs', headers }, (response) => {
          response.resume()
          resolve(response.statusCode)
        }).end(),
      )
    expect(await status({ host: `rebound.example:${port}` })).toBe(403)
    expect(await status({ host: `127.0.0.1:${port}`, origin: 'https://page.example' })).toBe(403)
    expect(await status({ host: `localhost:${port}` })).toBe(200)
  })

  test('refuses what is malformed, and says what it takes', async () => {
    const { sandbox, refused, of } = await start()
    const { shortcode } = of('published')
    const path = `/jobs/${shortcode}`
    expect(await refused('PATCH', path, { titel: 'x' })).toEqual({
      status: 400,
      error: 'titel: unknown parameter. Did you mean title?',
    })
    expect((await refused('PATCH', path, { state: 'close' })).error).toContain('Did you mean closed?')
    expect((await refused('PATCH', path, { title: '' })).error).toBe('title: must not be empty.')
    expect((await refused('PATCH', path, { title: 3 })).error).toBe('title: expected string, received number.')
    for (const field of ['id', 'shortcode', 'updated_at'])
      expect((await refused('PATCH', path, { [field]: 'x' })).status).toBe(400)
    expect((await refused('PATCH', path, [])).status).toBe(400)
    expect((await refused('PATCH', path)).status).toBe(400)
    expect((await refused('GET', '/jobs?sate=draft')).error).toBe('sate: unknown parameter. Did you mean state?')
    expect((await refused('GET', '/jobs?account=acne')).error).toBe('There is no account acne. Did you mean acme?')
    expect(await refused('GET', '/job')).toMatchObject({ status: 404 })
    expect(await refused('PUT', path, {})).toEqual({
      status: 405,
      error: 'PUT is not for this path. It takes GET, PATCH, DELETE.',
    })
    expect((await refused('PATCH', '/jobs/%E0%A4%A', { title: 'x' })).status).toBe(400)
    const raw = (body: string, type: string) =>
      fetch(`${sandbox.control_url!}${path}`, { method: 'PATCH', body, headers: { 'content-type': type } })
    expect((await raw('{', 'application/json')).status).toBe(400)
    expect((await raw('{"title":"x"}', 'text/plain')).status).toBe(415)
    expect((await raw(`{"title":"${'x'.repeat(1_000_000)}"}`, 'application/json')).status).toBe(413)
    expect(sandbox.workable.job(shortcode)).toEqual(of('published'))
  })
})

describe('a job of Workable', () => {
  test('is edited: what follows from a field changes with it, and updated_at is of the clock of the service', async () => {
    const made = await start({ workable: { clock_offset_ms: 60_000 } })
    const { shortcode, id } = made.of('published')
    const { job, changed } = await made.change('PATCH', `/jobs/${shortcode}`, {
      title: 'Baker',
      code: 'B-1',
      department: 'Bakery',
      workplace_type: 'hybrid',
      location: { city: 'Lyon' },
      salary: { salary_from: 30_000 },
      requirements: '<p>Flour</p>',
    })
    expect({ changed, job }).toMatchObject({
      changed: true,
      job: { title: 'Baker', updated_at: '2026-11-30T09:01:00Z' },
    })
    const shown = (await detail(made, shortcode)).job
    expect(shown).toMatchObject({
      id,
      full_title: 'Baker - B-1',
      department_hierarchy: [{ name: 'Bakery' }],
      updated_at: '2026-11-30T09:01:00Z',
      salary: { salary_from: 30_000 },
    })
    expect(shown['location']).toMatchObject({ city: 'Lyon', telecommuting: false, workplace_type: 'hybrid' })
    expect(Object.keys(z.looseObject({}).parse(shown['location']))).toContain('country')
    expect(shown['full_description']).toContain('<p><strong>Requirements</strong></p><p>Flour</p>')
  })

  test('that is left as it is gets no new updated_at', async () => {
    const { change, of } = await start()
    const { shortcode, title, updated_at } = of('published')
    const { job, changed } = await change('PATCH', `/jobs/${shortcode}`, { title, state: 'published' })
    expect({ changed, updated_at: job.updated_at }).toEqual({ changed: false, updated_at })
  })

  test('is closed, archived, made a draft and published again', async () => {
    const made = await start()
    const { shortcode } = made.of('published')
    for (const state of ['closed', 'archived', 'draft', 'published']) {
      made.clock.now += 5_000
      const { job } = await made.change('PATCH', `/jobs/${shortcode}`, { state })
      expect(job).toMatchObject({ state, updated_at: new Date(made.clock.now).toISOString().replace('.000', '') })
      expect((await detail(made, shortcode)).job).toMatchObject({ state, updated_at: job.updated_at })
    }
  })

  test('is deleted: Workable has it no more, and a board that has it is shown', async () => {
    const made = await start()
    const { sandbox, change, refused, ask } = made
    const [gone, other] = sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    sandbox.hrflow.seed(sandbox.board_key, { reference: gone!, name: 'On the board' })
    expect(await change('DELETE', `/jobs/${gone!}`)).toMatchObject({
      changed: true,
      job: { state: null, account: null },
    })
    expect(await change('DELETE', `/jobs/${other!}`)).toMatchObject({ job: { boards: [] } })
    expect((await detail(made, gone!)).status).toBe(404)
    const { jobs } = jobList.parse((await ask('GET', '/jobs?state=none')).json)
    expect(jobs).toMatchObject([{ shortcode: gone, title: 'On the board', boards: [{ archived_at: null }] }])
    expect((await ask('GET', `/jobs/${gone!}`)).status).toBe(200)
    expect(await refused('PATCH', `/jobs/${gone!}`, { state: 'published' })).toEqual({
      status: 404,
      error: `There is no job ${gone!} in Workable; a board still has it.`,
    })
    expect((await refused('DELETE', `/jobs/${other!}`)).status).toBe(404)
  })

  test('is added, published and new', async () => {
    const made = await start()
    const { job } = await made.change('POST', '/jobs', { title: 'Baker', code: null })
    expect(job).toMatchObject({ title: 'Baker', state: 'published', account: 'acme', boards: [] })
    const shown = (await detail(made, job.shortcode)).job
    expect(shown).toMatchObject({ title: 'Baker', created_at: '2026-11-30T09:00:00Z' })
    expect(shown['full_title']).toMatch(/^Baker - ./)
    // Two more, as they are made up.
    const more = [await made.change('POST', '/jobs'), await made.change('POST', '/jobs', { state: 'draft' })]
    expect(more.map(({ job }) => job.state)).toEqual(['published', 'draft'])
    expect(new Set(made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)).size).toBe(7)
  })

  test('that does not exist gets the nearest one', async () => {
    const { refused, of } = await start()
    const { shortcode } = of('published')
    const { status, error } = await refused('PATCH', `/jobs/${shortcode.toLowerCase()}`, { title: 'x' })
    expect({ status, error }).toEqual({
      status: 404,
      error: `There is no job ${shortcode.toLowerCase()}. Did you mean ${shortcode}?`,
    })
  })
})

describe('several accounts and boards', () => {
  test('a list shows the jobs of all accounts with how they are on each board, or those of one', async () => {
    const { sandbox, ask } = await start({ accounts: 2, boards: 2 })
    const { shortcode } = sandbox.accounts[1]!.jobs[0]!
    sandbox.hrflow.seed(sandbox.hrflow.boards[1]!, { reference: shortcode, name: 'On the second' })
    const list = async (query: string) => jobList.parse((await ask('GET', `/jobs${query}`)).json).jobs
    const ofAll = (await list('')).map(({ account }) => account)
    expect(ofAll).toEqual(sandbox.accounts.flatMap(({ subdomain, jobs }) => jobs.map(() => subdomain)))
    expect(new Set(ofAll).size).toBe(2)
    const [first] = await list('?account=acme-2')
    expect(first).toMatchObject({ shortcode, boards: [{ board_key: sandbox.hrflow.boards[1], name: 'On the second' }] })
    const published = await list('?state=published')
    expect(published.length).toBeGreaterThan(0)
    expect(published.every(({ state }) => state === 'published')).toBe(true)
  })

  test('a shortcode that two accounts have needs the account', async () => {
    const { sandbox, refused, change } = await start({ accounts: 2, workable: { jobs: 1 } })
    const { shortcode } = sandbox.workable.jobs[0]!
    sandbox.accounts[1]!.add({ id: 'f00', shortcode, title: 'Twin', state: 'published' })
    expect(await refused('PATCH', `/jobs/${shortcode}`, { title: 'x' })).toEqual({
      status: 409,
      error: `Several accounts have a job ${shortcode}: acme, acme-2. Name one as account.`,
    })
    await change('PATCH', `/jobs/${shortcode}?account=acme-2`, { title: 'Changed' })
    expect(sandbox.accounts.map((account) => account.job(shortcode)?.title)).toEqual([
      sandbox.workable.jobs[0]!.title,
      'Changed',
    ])
  })
})

test('a job is archived on a board by hand, and made live again', async () => {
  const { sandbox, change, refused, of, clock } = await start({ boards: 2 })
  const { shortcode } = of('published')
  const [board_key, second] = sandbox.hrflow.boards
  sandbox.hrflow.seed(board_key!, { reference: shortcode, name: 'x', skills: [{ name: 'flour', value: null }] })
  const path = `/boards/${board_key!}/jobs/${shortcode}`
  clock.now += 60_000
  const archived = await change('PATCH', path, { archived: true })
  expect(archived).toMatchObject({ changed: true, job: { boards: [{ archived_at: '2026-11-30T09:01:00+0000' }] } })
  clock.now += 60_000
  expect(await change('PATCH', path, { archived: true })).toEqual({ ...archived, changed: false })
  expect((await change('PATCH', path, { archived: false })).job.boards).toMatchObject([{ archived_at: null }])
  expect(sandbox.hrflow.job(board_key!, shortcode)?.skills).toHaveLength(1)
  expect(await refused('PATCH', `/boards/${second!}/jobs/${shortcode}`, { archived: true })).toMatchObject({
    status: 404,
  })
  expect((await refused('PATCH', `/boards/nowhere/jobs/${shortcode}`, { archived: true })).error).toContain('no board')
  expect((await refused('PATCH', path, { archived: 1 })).status).toBe(400)
  expect(controlJob.safeParse(archived.job).success).toBe(true)
})
