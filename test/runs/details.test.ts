import { describe, expect, test } from 'vitest'
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
})
