import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { MemoryStore, type RunEvent, type RunResult, type RuntimeOptions, type Workable } from '../../src/index.js'
import { nonZero, world, type World } from '../support/world.js'

type Call = Parameters<typeof Workable.updateJobsInHrflow>[0]

const DETAILS = ['employment_type', 'industry', 'function', 'experience', 'education']

/** A board that holds nothing yet, and a call that fills it. */
async function empty(jobs: number, limit = 1_000) {
  const made = await world({ workable: { jobs, rate_limit: { limit } } })
  // Every version has settled.
  await made.clock.sleep(60_000)
  const push_parameters = { board_key: made.sandbox.board_key, on_missing: 'create' } as const
  const run = (details: 'with' | 'after' | 'without', more: Partial<Call> = {}, runtime: RuntimeOptions = {}) =>
    made.update(
      { push_parameters, ...more, pull_parameters: { ...more.pull_parameters, details } },
      // Requests are counted: none is to be repeated because the machine is busy.
      { http: { attempt_timeout_ms: 60_000 }, ...runtime },
    )
  return { ...made, run }
}

/** What the board holds, without what changes with each writing. */
function board({ sandbox }: World): unknown[] {
  const changing = ['key', 'id', 'created_at', 'updated_at']
  return sandbox.workable.jobs.map(({ shortcode }) => {
    const job = sandbox.hrflow.job(sandbox.board_key, shortcode) ?? {}
    return Object.fromEntries(Object.entries(job).filter(([name]) => !changing.includes(name)))
  })
}

/** The tags of a job on the board that only a detail brings. */
function detailTags({ sandbox }: World, shortcode: string): Record<string, unknown> {
  const tags = sandbox.hrflow.job(sandbox.board_key, shortcode)?.tags ?? []
  return Object.fromEntries(tags.filter(({ name }) => DETAILS.includes(name)).map(({ name, value }) => [name, value]))
}

function orderOf({ sandbox }: World): string[] {
  const kindOf = (path: string) => (path === '/jobs' ? 'list' : 'detail')
  return sandbox.workable.requests.map(({ path }) => kindOf(path))
}

/** The list as Workable gives it. */
async function listed({ sandbox }: World) {
  const url = new URL(`${sandbox.workable_url.replace('{subdomain}', sandbox.workable.subdomain)}/jobs`)
  url.search = 'limit=100&include_fields=description,full_description,requirements,benefits'
  const answer = await fetch(url, { headers: { authorization: `Bearer ${sandbox.workable.token}` } })
  return z.object({ jobs: z.array(z.looseObject({ shortcode: z.string() })) }).parse(await answer.json())
}

/** Every item that was read has one end. */
function addsUp({ events }: RunResult): boolean {
  const { write_success, write_unchanged, write_not_found, write_failure, write_skipped, logics_discard } = events
  const ends = [write_success, write_unchanged, write_not_found, write_failure, write_skipped, logics_discard]
  return events.read_success === ends.reduce((sum, count) => sum + count, 0)
}

describe('details: after', () => {
  test('puts every job on the board from the list alone, and then reads each detail once', async () => {
    const made = await empty(250)
    const result = await made.run('after')
    expect(result.status).toBe('success')
    expect(nonZero(result)).toEqual({ read_success: 250, write_success: 250 })
    expect(made.counts()).toMatchObject({ list: 6, detail: 250, post: 250 })
    const order = orderOf(made)
    // Two passes of three pages; no detail before the second.
    expect(order.indexOf('detail')).toBeGreaterThan(order.indexOf('list', 3) - 1)
    expect(order.slice(0, 3)).toEqual(['list', 'list', 'list'])

    const whole = await empty(250)
    await whole.run('with')
    expect(board(made)).toEqual(board(whole))
  })

  test('does not list again for as few as a page holds', async () => {
    const made = await empty(60)
    expect(nonZero(await made.run('after'))).toEqual({ read_success: 60, write_success: 60 })
    expect(made.counts()).toMatchObject({ list: 1, detail: 60 })
  })

  test('has every job on the board as soon as the list is read, under the real limit', async () => {
    const made = await empty(400, 10)
    const delivered: number[] = []
    const observer = (event: RunEvent) => {
      if (event.type === 'item') delivered.push(made.clock.now())
    }
    const begun = made.clock.now()
    await made.run('after', {}, { observer })
    expect(delivered).toHaveLength(400)
    // Four pages fit into one slot of nine requests.
    expect(Math.max(...delivered) - begun).toBeLessThan(10_000)
    expect(made.counts()).toMatchObject({ list: 8, detail: 400 })
  }, 60_000)

  test('never takes from the board what it has of a job that changed, while the new details are still to come', async () => {
    const made = await empty(20)
    await made.run('after')
    const before = made.sandbox.workable.jobs.map(({ shortcode }) => detailTags(made, shortcode))
    expect(before.some((tags) => Object.values(tags).some((value) => value !== null))).toBe(true)
    for (const { shortcode } of made.sandbox.workable.jobs)
      made.sandbox.workable.edit(shortcode, { title: `New ${shortcode}` })
    made.sandbox.fault({ service: 'workable', path: /^\/jobs\/./, answer: { status: 500 } })
    await made.clock.sleep(60_000)
    const result = await made.run('after')
    expect(made.sandbox.workable.jobs.map(({ shortcode }) => detailTags(made, shortcode))).toEqual(before)
    expect(
      made.sandbox.workable.jobs.every(
        (job) => made.sandbox.hrflow.job(made.sandbox.board_key, job.shortcode)?.name === job.title,
      ),
    ).toBe(true)
    expect(result.status).toBe('success')
    expect(nonZero(result)).toEqual({ read_success: 20, write_success: 20, details_due: 20 })
    expect(result.failures).toEqual([])
  })

  test('a run that is stopped while it reads details is a success, holds no cursor, and later runs read the rest once each', async () => {
    const made = await empty(150)
    const stop = new AbortController()
    const observer = (event: RunEvent) => {
      if (event.type === 'details' && event.due <= 100) stop.abort()
    }
    const first = await made.run('after', { incremental: true }, { observer, signal: stop.signal })
    expect([first.status, first.reason]).toEqual(['success', 'none'])
    expect(first.incremental_token).not.toBeNull()
    expect(nonZero(first)).toMatchObject({ read_success: 150, write_success: 150 })
    expect(first.events.details_due).toBeGreaterThan(50)
    await made.clock.sleep(900_000)
    const second = await made.run('after', { incremental: true })
    expect(second.status).toBe('success')
    expect(second.events.details_due).toBe(0)
    expect(made.counts().detail).toBe(150)
    const paths = made.sandbox.workable.requests.map(({ path }) => path).filter((path) => path !== '/jobs')
    expect(new Set(paths).size).toBe(150)
    await made.clock.sleep(900_000)
    const third = await made.run('after', { incremental: true })
    expect(nonZero(third)).toEqual({})
  })

  test('counts a job once, as written where only its details changed the board', async () => {
    const made = await empty(12)
    await made.run('with')
    const [A = ''] = made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    made.sandbox.workable.edit(A, { employment_type: 'Contract' })
    await made.clock.sleep(60_000)
    const result = await made.run('after')
    expect(nonZero(result)).toEqual({ read_success: 12, write_success: 1, write_unchanged: 11 })
    expect(addsUp(result)).toBe(true)
    expect(detailTags(made, A)['employment_type']).toBe('Contract')
    const items = made.events.filter((event) => event.type === 'item_amended')
    expect(items.map(({ before, outcome }) => [before, outcome])).toEqual([['write_unchanged', 'write_success']])
  })

  test('archives what logics discard only once its details were read', async () => {
    const made = await empty(6)
    const push_parameters = { board_key: made.sandbox.board_key, on_missing: 'create', on_left: 'archive' } as const
    const keep = Object.assign((job: object) => job, { details: 'list', version: '1' })
    await made.run('after', { push_parameters, logics: [keep] })
    const [A = ''] = made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    const isA = (job: { shortcode?: unknown }) => job.shortcode === A
    const drop = Object.assign((job: object) => (isA(job) ? null : job), { details: 'list', version: '2' })
    const shown = () => made.sandbox.hrflow.job(made.sandbox.board_key, A)?.archived_at
    made.sandbox.workable.edit(A, { title: 'New' })
    made.sandbox.fault({ service: 'workable', path: `/jobs/${A}`, answer: { status: 500 }, times: 5 })
    await made.clock.sleep(60_000)
    const runtime = { allow_left: true }
    const first = await made.run('after', { push_parameters, logics: [drop] }, runtime)
    expect([shown(), first.events.logics_discard, first.events.details_due]).toEqual([null, 1, 1])
    await made.clock.sleep(3_700_000)
    const second = await made.run('after', { push_parameters, logics: [drop] }, runtime)
    expect([second.events.logics_discard, second.events.details_due]).toEqual([1, 0])
    await made.clock.sleep(3_700_000)
    const third = await made.run('after', { push_parameters, logics: [drop] }, runtime)
    expect(third.events.write_archived).toBe(1)
    expect(shown()).not.toBeNull()
  })

  test('is refused where a blind PUT would empty what is not read', async () => {
    const made = await empty(3)
    const push_parameters = { board_key: made.sandbox.board_key, edit: 'replace' } as const
    const result = await made.run('after', { push_parameters })
    expect([result.status, result.error?.code]).toEqual(['fatal', 'details_need_merge'])
    expect(made.sandbox.workable.requests).toHaveLength(0)
  })

  test('gives the callback each job once, in its last form', async () => {
    const made = await empty(5)
    const given: { reference?: unknown; tags?: unknown }[] = []
    await made.run('after', { callback: (_pull, _push, _events, items) => void given.push(...items) })
    expect(given).toHaveLength(5)
    expect(JSON.stringify(given[0]?.tags)).toContain('employment_type')
    const [first] = given
    const tag = (first?.tags as { name: string; value: unknown }[]).find(({ name }) => name === 'employment_type')
    expect(tag?.value).toBeDefined()
  })

  test('asks for no detail of a job that the board does not have', async () => {
    const made = await empty(7)
    const push_parameters = { board_key: made.sandbox.board_key }
    expect(nonZero(await made.run('after', { push_parameters }))).toEqual({ read_success: 7, write_not_found: 7 })
    expect(made.counts().detail).toBe(0)
  })

  test('waits for the details where a function does not say that the list is enough', async () => {
    const waits = await empty(130)
    const result = await waits.run('after', { logics: [(job) => job] })
    expect(result.notes.join(' ')).toMatch(/Details are read before delivery/)
    expect(waits.counts()).toMatchObject({ list: 2, detail: 130 })
    const eager = await empty(130)
    const logic = Object.assign((job: object) => job, { details: 'list' })
    expect((await eager.run('after', { logics: [logic] })).notes.join(' ')).not.toMatch(/before delivery/)
    expect(eager.counts()).toMatchObject({ list: 4, detail: 130 })
  })

  test('a dry run asks for no details, and says so', async () => {
    const made = await empty(8)
    const result = await made.run('after', { persist: false }, { compare: true })
    expect(made.counts()).toMatchObject({ list: 1, detail: 0 })
    expect(result.notes.join(' ')).toMatch(/Looked at by the list alone.*(8|eight)/)
  })

  test('is refused before any request where nothing is remembered', async () => {
    const made = await empty(3)
    const result = await made.run('after', {}, { store: new MemoryStore({ remembers: false }) })
    expect([result.status, result.error?.code]).toEqual(['fatal', 'no_state'])
    expect(made.sandbox.workable.requests).toHaveLength(0)
  })
})

/** A format, or a logic, that needs the list alone. */
const ofList = <F extends object>(fn: F, version = '1') => Object.assign(fn, { details: 'list', version })

const DETAIL = /^\/jobs\/./

describe('details that are due', () => {
  test('are no failure in any later run, and hold no cursor, however many', async () => {
    const made = await empty(12)
    made.sandbox.fault({ service: 'workable', path: DETAIL, answer: { status: 422 } })
    let token = (await made.run('after', { incremental: true })).incremental_token
    for (let n = 0; n < 2; n++) {
      await made.clock.sleep(60_000)
      const { status, failures, incremental_token, notes } = await made.run('after', { incremental: true })
      expect([status, failures]).toEqual(['success', []])
      expect(incremental_token).not.toBe(token)
      expect(notes.join(' ')).toMatch(/Details could not be delivered: a later run tries them again\. \(12 items\)/)
      token = incremental_token
    }
  })

  test('are due no longer where a job was deleted between the passes, or has another shortcode', async () => {
    const made = await empty(5)
    const [A = '', B = ''] = made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    const stop = made.sandbox.fault({ service: 'workable', path: `/jobs/${B}`, answer: { status: 500 } })
    const observer = (event: RunEvent) => {
      if (event.type === 'details' && event.due === 5) made.sandbox.workable.remove(A)
    }
    expect((await made.run('after', {}, { observer })).events.details_due).toBe(2)
    stop()
    const job = { ...made.sandbox.workable.jobs.find(({ shortcode }) => shortcode === B) }
    made.sandbox.workable.remove(B)
    const updated_at = `${new Date(made.clock.now()).toISOString().slice(0, 19)}Z`
    made.sandbox.workable.add({ ...job, shortcode: 'NEWCODE001', updated_at })
    await made.clock.sleep(3_700_000)
    expect((await made.run('after')).events.details_due).toBe(0)
    await made.clock.sleep(3_700_000)
    expect(nonZero(await made.run('after'))).toEqual({ read_success: 4, write_unchanged: 4 })
  })

  test('wait for a change where HrFlow refuses the whole job for good', async () => {
    const made = await empty(4)
    const [A = ''] = made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    const heal = made.sandbox.fault({ service: 'workable', path: `/jobs/${A}`, answer: { status: 500 } })
    await made.run('after', { incremental: true })
    heal()
    const answer = { status: 400, body: '{"code":400,"message":"no"}', headers: { 'content-type': 'application/json' } }
    made.sandbox.fault({ service: 'hrflow', method: 'PUT', answer })
    await made.clock.sleep(300_000)
    expect((await made.run('after', { incremental: true })).events.details_due).toBe(0)
    const before = made.counts()
    await made.clock.sleep(300_000)
    await made.run('after', { incremental: true })
    expect(made.counts()).toMatchObject({ detail: before.detail, put: before.put })
  })

  test('are told also where the run is stopped while it lists', async () => {
    const made = await empty(350, 10)
    const stop = new AbortController()
    let ended = 0
    const observer = (event: RunEvent) => {
      if (event.type === 'item' && (ended += 1) === 120) stop.abort()
    }
    const headers = { 'retry-after': '60' }
    made.sandbox.fault({ service: 'workable', path: '/jobs', skip: 2, answer: { status: 503, headers } })
    const result = await made.run('after', { incremental: true }, { observer, signal: stop.signal })
    expect(result.events.details_due).toBeGreaterThanOrEqual(120)
  })

  test.each([
    ['asks to be left alone', { status: 429, headers: { 'retry-after': '1800' } }, 'success'],
    ['is not reached', { status: 404, body: '<html>x</html>', headers: { 'content-type': 'text/html' } }, 'success'],
    ['refuses the token', { status: 401 }, 'fatal'],
  ] as const)('are left to later runs where Workable %s', async (_, answer, status) => {
    const made = await empty(15)
    made.sandbox.fault({ service: 'workable', path: DETAIL, answer })
    const result = await made.run('after', { incremental: true })
    expect([result.status, result.events.write_success]).toEqual([status, 15])
    expect(result.events.details_due).toBe(15)
    expect(result.incremental_token === null).toBe(status === 'fatal')
  })

  test('do not empty what the list lacks and a detail has', async () => {
    const made = await empty(3)
    const [A = ''] = made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    made.sandbox.workable.edit(A, { department: 'Sales', benefits: 'Lunch' })
    await made.clock.sleep(60_000)
    const { jobs } = await listed(made)
    const lacking = jobs.map((job) => (job.shortcode === A ? { ...job, department: null, benefits: undefined } : job))
    const body = JSON.stringify({ jobs: lacking })
    const headers = { 'content-type': 'application/json' }
    made.sandbox.fault({ service: 'workable', path: '/jobs', answer: { status: 200, body, headers } })
    await made.run('with')
    for (const details of ['with', 'after', 'after'] as const) {
      const { put } = made.counts()
      expect((await made.run(details)).status).toBe('success')
      expect(made.counts().put).toBe(put)
    }
    expect(made.sandbox.hrflow.job(made.sandbox.board_key, A)?.benefits).toBe('Lunch')
  })

  test('of a job that failed before its details are not counted as a change', async () => {
    const made = await empty(120)
    await made.run('with', { workflow_id: 'fill' })
    const codes = made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    const [A = ''] = codes
    const store = new MemoryStore({ clock: made.clock })
    const heal = made.sandbox.fault({ service: 'workable', path: DETAIL, answer: { status: 422 } })
    await made.run('after', {}, { store })
    heal()
    for (const code of codes) made.sandbox.workable.edit(code, { title: `New ${code}`, industry: 'Changed' })
    await made.clock.sleep(60_000)
    const isA = ({ query, method }: { query: Record<string, string>; method: string }) =>
      method === 'GET' && query['reference'] === A
    made.sandbox.fault({ service: 'hrflow', when: isA, times: 1, answer: { status: 400 } })
    const result = await made.run('after', {}, { store })
    expect(nonZero(result)).toEqual({ read_success: 120, write_success: 119, write_failure: 1 })
    expect(addsUp(result)).toBe(true)
  })
})

describe('functions and plans', () => {
  test('a callback gets a job once whose reference changes between the passes', async () => {
    const made = await empty(3)
    const [A = ''] = made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    const format = ofList((job: { shortcode?: unknown; title?: unknown }) => ({
      reference: `${String(job.shortcode)}-${String(job.title)}`,
      name: String(job.title),
    }))
    const observer = (event: RunEvent) => {
      if (event.type === 'details' && event.due === 3) made.sandbox.workable.edit(A, { title: 'Changed' })
    }
    const given: unknown[] = []
    await made.run(
      'after',
      { format, callback: (_pull, _push, _events, items) => void given.push(...items) },
      { observer },
    )
    expect(given).toHaveLength(3)
  })

  test('a plan says what leaves by logics of the list, and begins no second pass', async () => {
    const made = await empty(4)
    const push_parameters = { board_key: made.sandbox.board_key, on_missing: 'create', on_left: 'archive' } as const
    const [A = ''] = made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    const all = ofList((job: object) => job)
    const others = ofList(<Job extends { shortcode?: unknown }>(job: Job) => (job.shortcode === A ? null : job), '2')
    await made.run('after', { push_parameters, logics: [all] })
    made.sandbox.workable.edit(A, { title: 'x' })
    await made.clock.sleep(60_000)
    made.events.length = 0
    const { plan } = await made.run(
      'after',
      { push_parameters, logics: [others], persist: false },
      { compare: true, allow_left: true },
    )
    expect(made.events.filter(({ type }) => type === 'details')).toEqual([])
    expect(plan?.items.find(({ reference }) => reference === A)?.outcome).toBe('archive')
  })
})

describe('details: without', () => {
  test('asks for none, leaves what the board has of them, and is made good by the next incremental run that wants them', async () => {
    const made = await empty(9)
    await made.run('with')
    const before = made.sandbox.workable.jobs.map(({ shortcode }) => detailTags(made, shortcode))
    for (const { shortcode } of made.sandbox.workable.jobs)
      made.sandbox.workable.edit(shortcode, { title: `New ${shortcode}`, industry: 'Changed' })
    await made.clock.sleep(60_000)
    const result = await made.run('without', { incremental: true })
    expect(nonZero(result)).toEqual({ read_success: 9, write_success: 9 })
    expect(made.counts().detail).toBe(9)
    expect(made.sandbox.workable.jobs.map(({ shortcode }) => detailTags(made, shortcode))).toEqual(before)
    await made.clock.sleep(900_000)
    expect(nonZero(await made.run('without', { incremental: true }))).toEqual({ read_unchanged: 9 })
    await made.clock.sleep(900_000)
    const later = await made.run('with', { incremental: true })
    expect(nonZero(later)).toEqual({ read_success: 9, write_success: 9 })
    expect(later.notes).not.toContainEqual(expect.stringContaining('changed since the last run'))
    expect(made.sandbox.workable.jobs.map(({ shortcode }) => detailTags(made, shortcode)['industry'])).toEqual(
      Array(9).fill('Changed'),
    )
  })

  test('archives nothing that a function may have discarded for want of details, and asks it again with them', async () => {
    const made = await empty(3)
    const push_parameters = { board_key: made.sandbox.board_key, on_missing: 'create', on_left: 'archive' } as const
    const [A = ''] = made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    const filled = <Job extends { industry?: unknown }>(job: Job) => (job.industry === undefined ? null : job)
    const logics = [Object.assign(filled, { version: '1' })]
    await made.run('with', { push_parameters, logics })
    made.sandbox.workable.edit(A, { title: 'x' })
    await made.clock.sleep(900_000)
    const result = await made.run('without', { push_parameters, logics }, { allow_left: true })
    expect(result.events).toMatchObject({ write_archived: 0, logics_discard: 1, write_unchanged: 2 })
    await made.clock.sleep(900_000)
    const later = await made.run('with', { push_parameters, logics, incremental: true })
    expect(later.events).toMatchObject({ write_success: 1, write_archived: 0 })
    expect(made.sandbox.hrflow.job(made.sandbox.board_key, A)).toMatchObject({ name: 'x', archived_at: null })
  })

  test('asks for none also where a page brings no text', async () => {
    const made = await empty(1)
    const [A = ''] = made.sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    const none = { description: null, full_description: null, requirements: null, benefits: null }
    made.sandbox.workable.edit(A, none)
    await made.clock.sleep(60_000)
    expect(nonZero(await made.run('without'))).toEqual({ read_success: 1, write_success: 1 })
    expect(made.counts().detail).toBe(0)
  })
})
