import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/core/ports/store.js'
import { MemoryStore, type RunResult } from '../../src/index.js'
import { QuietClock } from '../history/clock.js'
import { World } from '../history/world.js'
import { type World as HttpWorld, nonZero, world } from '../support/world.js'

const HOUR = 3_600_000

interface Synced extends HttpWorld {
  store: Store
  sync: (parameters?: Parameters<HttpWorld['update']>[0]) => Promise<RunResult>
  later: (ms: number) => Promise<void>
}

/** A board that an incremental run has brought up to date, an hour ago. */
async function synced(jobs: number, parameters: Parameters<HttpWorld['update']>[0] = {}): Promise<Synced> {
  const made = await world({ workable: { jobs, rate_limit: { limit: 1_000 } } })
  await made.fillBoard()
  const store = new MemoryStore({ clock: made.clock })
  const sync = (more = {}) => made.update({ incremental: true, ...parameters, ...more }, { store })
  const later = (ms: number) => made.clock.sleep(ms)
  await later(HOUR)
  expect((await sync()).status).toBe('success')
  await later(HOUR)
  return { ...made, store, sync, later }
}

/** The requests of a piece of work. */
async function requestsOf(made: HttpWorld, work: () => Promise<unknown>) {
  const before = made.counts()
  await work()
  const after = made.counts()
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - before[name as keyof typeof before]]),
  )
}

const none = { list: 0, detail: 0, get: 0, put: 0, post: 0, patch: 0 }

function jobAt(made: HttpWorld, index: number) {
  const job = made.sandbox.workable.jobs[index]
  if (!job) throw new Error(`There is no job ${index}.`)
  return job
}

function stateTag({ sandbox }: HttpWorld, shortcode: string): unknown {
  return sandbox.hrflow.job(sandbox.board_key, shortcode)?.tags.find(({ name }) => name === 'state')?.value
}

describe('what a run costs', () => {
  test("two workflows of one account that run at once read each other's details, but for those already on their way", async () => {
    const made = await world({ workable: { jobs: 100 } })
    await made.fillBoard()
    await made.clock.sleep(60_000)
    const store = new MemoryStore({ clock: made.clock })
    const runs = ['a', 'b'].map((workflow_id) => made.update({ workflow_id }, { store }))
    for (const { status } of await Promise.all(runs)) expect(status).toBe('success')
    expect(made.counts().detail).toBeLessThan(170)
  })

  test('incremental with nothing changed: the list page of the overlap and nothing else', async () => {
    const made = await synced(150)
    expect(await requestsOf(made, made.sync)).toEqual({ ...none, list: 1 })
  })

  test('incremental with two of 150 changed: one page, two details, two written', async () => {
    const made = await synced(150)
    for (const index of [3, 120]) made.sandbox.workable.edit(jobAt(made, index).shortcode, { title: 'Changed' })
    // Read sooner, it might have changed once more within its second, and would be read again.
    await made.later(3_000)
    expect(await requestsOf(made, made.sync)).toEqual({ ...none, list: 1, detail: 2, get: 2, put: 2 })
    await made.later(HOUR)
    expect(await requestsOf(made, made.sync)).toEqual({ ...none, list: 1 })
  })

  test('a full run with two of 150 changed: all pages, two details, and no PUT for the unchanged', async () => {
    const made = await synced(150)
    for (const index of [3, 120]) made.sandbox.workable.edit(jobAt(made, index).shortcode, { title: 'Changed' })
    const full = () => made.sync({ incremental: false })
    expect(await requestsOf(made, full)).toEqual({ ...none, list: 2, detail: 2, get: 150, put: 2 })
  })
})

describe('the cursor', () => {
  test('is the moment the reading began by the earlier clock, and the run says it', async () => {
    const made = await world({ workable: { jobs: 3, clock_offset_ms: -90_000, rate_limit: { limit: 1_000 } } })
    await made.fillBoard()
    const before = made.clock.now()
    const result = await made.update({ incremental: true })
    const token = Date.parse(result.incremental_token ?? '')
    // `Date` has a grain of one second.
    expect(token).toBeGreaterThan(before - 92_000)
    expect(token).toBeLessThanOrEqual(made.clock.now() - 90_000)
    expect(await made.runtime.store?.workflow('test')).toMatchObject({ cursor: result.incremental_token })
  })

  test('stays when a list page fails, and what changed is read next time', async () => {
    const made = await synced(150)
    const token = (await made.sync()).incremental_token
    await made.later(HOUR)
    made.sandbox.workable.edit(jobAt(made, 120).shortcode, { title: 'Changed' })
    const mend = made.sandbox.fault({ service: 'workable', path: '/jobs', answer: 'close' })
    expect(await made.sync()).toMatchObject({ status: 'fatal', reason: 'read_failure', incremental_token: token })
    mend()
    expect(nonZero(await made.sync())).toEqual({ read_success: 1, write_success: 1 })
  })

  test('stays when the run is interrupted', async () => {
    const made = await synced(6)
    const { cursor } = (await made.store.workflow('test')) ?? {}
    for (let i = 0; i < 6; i++) made.sandbox.workable.edit(jobAt(made, i).shortcode, { title: 'Changed' })
    const stop = new AbortController()
    const observer = () => stop.abort()
    const result = await made.update({ incremental: true }, { store: made.store, signal: stop.signal, observer })
    expect(result).toMatchObject({ reason: 'interrupted', incremental_token: cursor })
    expect((await made.sync()).events).toMatchObject({ read_failure: 0 })
    for (let i = 0; i < 6; i++)
      expect(made.sandbox.hrflow.job(made.sandbox.board_key, jobAt(made, i).shortcode)?.name).toBe('Changed')
  })

  test('moves past items that failed, which are pending then', async () => {
    const made = await synced(6)
    const { shortcode } = jobAt(made, 2)
    made.sandbox.workable.edit(shortcode, { title: 'Changed' })
    made.sandbox.fault({ service: 'workable', path: `/jobs/${shortcode}`, answer: { status: 500 } })
    const result = await made.sync()
    expect(result).toMatchObject({
      status: 'success_with_failures',
      notes: expect.arrayContaining(['1 item is pending: a later run tries it again.']) as string[],
    })
    expect(Date.parse(result.incremental_token ?? '')).toBeGreaterThan(made.clock.now() - 120_000)
  })

  test('stays when more items failed than can be pending', async () => {
    const made = await synced(503)
    const { cursor } = (await made.store.workflow('test')) ?? {}
    for (const { shortcode } of made.sandbox.workable.jobs) made.sandbox.workable.edit(shortcode, { title: 'Changed' })
    const fail = () => {
      throw new Error('broken')
    }
    const result = await made.sync({ logics: [fail] })
    expect(result).toMatchObject({ status: 'success_with_failures', incremental_token: cursor })
    expect(result.events.logics_failure).toBe(503)
    expect(await made.store.pending('test')).toHaveLength(500)
    expect(nonZero(await made.sync())).toEqual({ read_success: 503, write_success: 503 })
    expect(await made.store.pending('test')).toEqual([])
  })

  test.each([
    ['board_key', { push_parameters: { board_key: 'b'.repeat(40) } }],
    ['state', { pull_parameters: { state: 'published' as const } }],
  ])('is not taken over when %s changes: everything is read again, and that is said', async (name, parameters) => {
    const made = await world({ workable: { jobs: 4 }, hrflow: { boards: ['a'.repeat(40), 'b'.repeat(40)] } })
    await made.fillBoard()
    await made.update({ incremental: true })
    await made.clock.sleep(HOUR)
    const result = await made.update({ incremental: true, ...parameters })
    expect(result.notes).toContain(`${name} changed since the last run: everything is read again.`)
    expect(result.events.read_success + result.events.read_filtered + result.events.read_unchanged).toBe(4)
  })

  test('is not taken over when the mapping changes: every item is delivered again', async () => {
    const made = await synced(4)
    const { calls, format } = countingFormat()
    const result = await made.sync({ format })
    expect(result.notes).toContain('format changed since the last run: everything is read again.')
    expect([calls(), result.events.read_success]).toEqual([4, 4])
  })
})

function countingFormat() {
  let calls = 0
  const format = (job: { shortcode?: string | null | undefined }) => {
    calls += 1
    return { reference: String(job.shortcode), name: 'Own' }
  }
  return { calls: () => calls, format }
}

describe('a pending item', () => {
  async function failing() {
    const made = await synced(6)
    const { shortcode } = jobAt(made, 2)
    made.sandbox.workable.edit(shortcode, { title: 'Changed' })
    const mend = made.sandbox.fault({ service: 'workable', path: `/jobs/${shortcode}`, answer: { status: 500 } })
    await made.sync()
    return { ...made, shortcode, mend }
  }

  test('says what failed, where and how often', async () => {
    const { store, shortcode } = await failing()
    expect(await store.pending('test')).toMatchObject([
      { reference: shortcode, stage: 'load', code: 'http_500', attempts: 1 },
    ])
  })

  test('is tried again by the run after, then at growing distance', async () => {
    const made = await failing()
    const attempts = async () => (await made.store.pending('test')).map((entry) => entry.attempts)
    // The overlap lists it once more.
    await made.later(150_000)
    expect(nonZero(await made.sync())).toEqual({ read_failure: 1 })
    await made.later(25 * 60_000)
    expect(nonZero(await made.sync())).toEqual({})
    await made.later(10 * 60_000)
    expect(nonZero(await made.sync())).toEqual({ read_failure: 1 })
    expect(await attempts()).toEqual([3])
    await made.later(55 * 60_000)
    expect(nonZero(await made.sync())).toEqual({})
    await made.later(10 * 60_000)
    made.mend()
    // The list of what changed, and the job's own list entry and detail.
    expect(await requestsOf(made, made.sync)).toEqual({ ...none, list: 2, detail: 1, get: 1, put: 1 })
    expect(await attempts()).toEqual([])
  })

  test('that the list brings again is pending no longer once it is delivered', async () => {
    const made = await failing()
    made.mend()
    made.sandbox.workable.edit(made.shortcode, { title: 'Changed again' })
    expect(nonZero(await made.sync())).toEqual({ read_success: 1, write_success: 1 })
    expect(await made.store.pending('test')).toEqual([])
  })

  test('that was deleted meanwhile is gone', async () => {
    const made = await failing()
    made.mend()
    made.sandbox.workable.remove(made.shortcode)
    await made.later(HOUR)
    expect(nonZero(await made.sync())).toEqual({ read_gone: 1 })
    expect(await made.store.pending('test')).toEqual([])
  })

  test('whose format failed waits for a new version, or for a person', async () => {
    const made = await synced(6)
    const { shortcode } = jobAt(made, 2)
    const format = (job: { shortcode?: string | null | undefined }) => {
      if (job.shortcode === shortcode) throw new Error('no')
      return { reference: String(job.shortcode) }
    }
    await made.sync({ format })
    expect(await made.store.pending('test')).toMatchObject([{ stage: 'format', next_attempt_at: null }])
    await made.later(48 * HOUR)
    expect(nonZero(await made.sync({ format }))).toEqual({})
    await made.store.changePending('test', null, 'retry')
    expect(nonZero(await made.sync({ format }))).toEqual({ read_success: 1, format_failure: 1 })
  })
})

describe('a job that leaves the filter', () => {
  const published = { pull_parameters: { state: 'published' as const } }

  async function leaving(incremental: boolean) {
    const made = await synced(12, published)
    const job = made.sandbox.workable.jobs.find(({ state }) => state === 'published')
    if (!job) throw new Error('There is no published job.')
    made.sandbox.workable.edit(job.shortcode, { state: 'closed' })
    // A version shows a change only after its second has passed.
    await made.later(5_000)
    const result = await made.sync({ incremental })
    return { ...made, shortcode: job.shortcode, result }
  }

  test.each([true, false])(
    'is written once more, so that the board learns it (incremental: %s)',
    async (incremental) => {
      const made = await leaving(incremental)
      expect(made.result.events.write_success).toBe(1)
      expect(stateTag(made, made.shortcode)).toBe('closed')
    },
  )

  test.each([true, false])(
    'is left alone after that, and comes back with the filter (incremental: %s)',
    async (incremental) => {
      const made = await leaving(incremental)
      await made.later(HOUR)
      made.sandbox.workable.edit(made.shortcode, { title: 'Later' })
      expect(nonZero(await made.sync())).toEqual({ read_filtered: 1 })
      await made.later(HOUR)
      made.sandbox.workable.edit(made.shortcode, { state: 'published' })
      expect(nonZero(await made.sync())).toEqual({ read_success: 1, write_success: 1 })
      expect(stateTag(made, made.shortcode)).toBe('published')
    },
  )

  test('and changes within the same second is written again, since what was read may be of both versions', async () => {
    const made = await synced(12, published)
    const job = made.sandbox.workable.jobs.find(({ state }) => state === 'published')
    if (!job) throw new Error('There is no published job.')
    made.sandbox.workable.edit(job.shortcode, { state: 'closed' })
    await made.sync()
    made.sandbox.workable.edit(job.shortcode, { title: 'Closed for good' })
    await made.later(HOUR)
    await made.sync()
    const title = () => made.sandbox.hrflow.job(made.sandbox.board_key, job.shortcode)?.name
    expect(title()).toBe('Closed for good')
    made.sandbox.workable.edit(job.shortcode, { title: 'Later' })
    await made.later(HOUR)
    expect(nonZero(await made.sync())).toEqual({ read_filtered: 1 })
    expect(title()).toBe('Closed for good')
  })

  test('is not looked for again by the next full run', async () => {
    const made = await leaving(false)
    const all = made.sandbox.workable.jobs.filter(({ state }) => state === 'published').length
    const full = () => made.sync({ incremental: false })
    expect(await requestsOf(made, full)).toEqual({ ...none, list: 1, get: all })
  })
})

describe('a job that left the filter', () => {
  const published = { state: 'published' as const }

  async function closedSince(parameters: Parameters<HttpWorld['update']>[0] = {}) {
    const made = await synced(12, { pull_parameters: published, ...parameters })
    const job = made.sandbox.workable.jobs.find(({ state }) => state === 'published')
    if (!job) throw new Error('There is no published job.')
    return { ...made, shortcode: job.shortcode }
  }

  test.each([true, false])(
    'is told to the board also when another filter was set meanwhile (incremental: %s)',
    async (incremental) => {
      const made = await closedSince()
      made.sandbox.workable.edit(made.shortcode, { state: 'closed' })
      const pull_parameters = { ...published, created_after: '2020-01-01T00:00:00Z' }
      await made.sync({ incremental, pull_parameters })
      expect(stateTag(made, made.shortcode)).toBe('closed')
    },
  )

  test('that another filter does not list is left alone by it while it stays', async () => {
    const made = await closedSince()
    made.sandbox.workable.edit(made.shortcode, { title: 'Changed' })
    const pull_parameters = { ...published, created_after: '2035-01-01T00:00:00Z' }
    const result = await made.sync({ incremental: false, pull_parameters })
    expect(result.events).toMatchObject({ write_success: 0, read_success: 0 })
  })

  test('is told to the board also when a version before it was discarded', async () => {
    const made = await closedSince()
    made.sandbox.workable.edit(made.shortcode, { title: 'On hold' })
    await made.sync({ logics: [(job) => (job.title === 'On hold' ? null : job)] })
    await made.later(HOUR)
    made.sandbox.workable.edit(made.shortcode, { title: 'Closed', state: 'closed' })
    await made.sync()
    expect(stateTag(made, made.shortcode)).toBe('closed')
  })
})

test('a run with another mapping that was stopped leaves no cursor for the one before to go on from', async () => {
  const made = await synced(6)
  const stop = new AbortController()
  const format = (job: { shortcode?: string | null | undefined }) => {
    stop.abort()
    return { reference: String(job.shortcode), name: 'Other mapping' }
  }
  await made.update({ incremental: true, format }, { store: made.store, signal: stop.signal })
  expect((await made.sync()).events.read_unchanged).toBeLessThan(6)
  expect(made.sandbox.hrflow.jobs(made.sandbox.board_key).map(({ name }) => name)).not.toContain('Other mapping')
})

test('a job that failed in a full run is not taken for delivered by the version it had before', async () => {
  const made = await synced(6)
  const { shortcode } = jobAt(made, 2)
  made.sandbox.hrflow.edit(made.sandbox.board_key, shortcode, { name: 'By hand' })
  const mend = made.sandbox.fault({
    service: 'hrflow',
    method: 'GET',
    when: ({ query }) => query['reference'] === shortcode,
    answer: { status: 500 },
  })
  await made.sync({ incremental: false })
  mend()
  expect(await made.store.pending('test')).toHaveLength(1)
  await made.later(HOUR)
  expect(nonZero(await made.sync())).toEqual({ read_success: 1, write_success: 1 })
  expect(made.sandbox.hrflow.job(made.sandbox.board_key, shortcode)?.name).toBe(jobAt(made, 2).title)
})

test('what is pending is tried again although the list cannot be read to its end', async () => {
  const made = await synced(6)
  const { shortcode } = jobAt(made, 2)
  made.sandbox.workable.edit(shortcode, { title: 'Changed' })
  const mend = made.sandbox.fault({ service: 'workable', path: `/jobs/${shortcode}`, answer: { status: 500 } })
  await made.sync()
  mend()
  await made.later(HOUR)
  made.sandbox.fault({
    service: 'workable',
    path: '/jobs',
    when: ({ query }) => query['max_id'] === undefined,
    answer: 'close',
  })
  expect((await made.sync()).events).toMatchObject({ list_failure: 1, write_success: 1 })
  expect(await made.store.pending('test')).toEqual([])
})

test('late on the board is noticed by the reference that the mapping gives, and in archive runs too', async () => {
  const made = await world({ workable: { jobs: 8, rate_limit: { limit: 1_000 } } })
  const format = (job: { shortcode?: string | null | undefined }) => ({
    reference: `WK-${String(job.shortcode)}`,
    name: 'Ours',
  })
  const board = made.sandbox.board_key
  const archived = made.sandbox.workable.jobs.find(({ state }) => state === 'archived')?.shortcode ?? ''
  const update = () => made.update({ incremental: true, format })
  const archive = () => made.call('archiveJobsInHrflow', { workflow_id: 'archive', incremental: true })
  await update()
  await archive()
  await made.clock.sleep(HOUR)
  made.sandbox.hrflow.seed(board, { reference: `WK-${jobAt(made, 1).shortcode}`, name: 'By hand' })
  made.sandbox.hrflow.seed(board, { reference: archived, name: 'By hand' })
  expect(nonZero(await update())).toEqual({ read_success: 1, write_success: 1 })
  expect(nonZero(await archive())).toEqual({ read_success: 1, write_success: 1 })
})

function without<T extends object>(fields: T, name: string): T {
  const others = { ...fields }
  Reflect.deleteProperty(others, name)
  return others
}

test('a service that does not tell its time gives no cursor', async () => {
  const made = await world({ workable: { jobs: 3 } })
  const store = new MemoryStore({ clock: made.clock })
  const dispatcher = made.clock.dispatcher.compose(
    (dispatch) => (options, handler) =>
      dispatch(options, {
        ...handler,
        onRequestStart: (...args) => handler.onRequestStart?.(...args),
        onResponseStart: (controller, status, headers, text) =>
          handler.onResponseStart?.(controller, status, without(headers, 'date'), text),
        onResponseData: (...args) => handler.onResponseData?.(...args),
        onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
        onResponseError: (...args) => handler.onResponseError?.(...args),
      }),
  )
  const result = await made.update({ incremental: true }, { store, dispatcher })
  expect(result).toMatchObject({ status: 'success', incremental_token: null })
})

test('a job that comes to the board late is brought up to date, although nothing changed in Workable', async () => {
  const made = await world({ workable: { jobs: 3, rate_limit: { limit: 1_000 } } })
  expect((await made.update({ incremental: true })).events.write_not_found).toBe(3)
  await made.clock.sleep(HOUR)
  const { shortcode } = jobAt(made, 1)
  made.sandbox.hrflow.seed(made.sandbox.board_key, { reference: shortcode, name: 'By hand' })
  const result = await made.update({ incremental: true })
  expect(nonZero(result)).toEqual({ read_success: 1, write_success: 1 })
  expect(made.sandbox.hrflow.job(made.sandbox.board_key, shortcode)?.name).toBe(jobAt(made, 1).title)
})

test('a dry run reads from the cursor, and moves nothing', async () => {
  const made = await synced(6)
  const before = await made.store.workflow('test')
  const runs = await made.store.runs({ limit: 10 })
  made.sandbox.workable.edit(jobAt(made, 1).shortcode, { title: 'Changed' })
  const result = await made.sync({ persist: false })
  expect(nonZero(result)).toEqual({ read_success: 1 })
  expect(result.incremental_token).toBe(before?.cursor)
  expect([await made.store.workflow('test'), await made.store.runs({ limit: 10 })]).toEqual([before, runs])
})

test('a store that does not remember is refused', async () => {
  const made = await world()
  const store = new MemoryStore({ remembers: false })
  const result = await made.update({ incremental: true }, { store })
  expect(result).toMatchObject({ status: 'fatal', reason: 'backend_not_configured', error: { code: 'no_state' } })
  expect(made.sandbox.workable.requests).toEqual([])
})

test('archive and create run incrementally too', async () => {
  const made = await world({ workable: { jobs: 8, rate_limit: { limit: 1_000 } } })
  const of = (name: 'createJobsInHrflow' | 'archiveJobsInHrflow') =>
    made.call(name, { workflow_id: name, incremental: true })
  const archived = made.sandbox.workable.jobs.filter(({ state }) => state === 'archived').length
  expect((await of('createJobsInHrflow')).events.write_success).toBe(8)
  expect((await of('archiveJobsInHrflow')).events).toMatchObject({
    write_success: archived,
    read_filtered: 8 - archived,
  })
  await made.clock.sleep(HOUR)
  const job = made.sandbox.workable.jobs.find(({ state }) => state !== 'archived')
  made.sandbox.workable.edit(job?.shortcode ?? '', { state: 'archived' })
  made.sandbox.workable.add({ title: 'New' })
  expect(nonZero(await of('createJobsInHrflow'))).toEqual({ read_success: 2, write_success: 1, write_unchanged: 1 })
  expect(nonZero(await of('archiveJobsInHrflow'))).toEqual({ read_success: 1, write_success: 1, read_filtered: 1 })
})

test('a run that slept past its lease, and was taken over meanwhile, writes nothing more', async () => {
  const clock = new QuietClock(Date.UTC(2026, 10, 1))
  const store = new MemoryStore({ clock })
  const made = new World({ clock, store, name: 'acme', state: null, jobs: 8 })
  for (const { shortcode } of made.workable.jobs) made.hrflow.seed(made.board, { reference: shortcode, name: 'Old' })
  const puts = () => made.hrflow.requests.filter(({ method }) => method === 'PUT').length
  let before = Infinity
  const act = () => {
    before = puts()
    clock.pass(61_000)
    void store.acquireLease('acme', 'update_jobs_in_hrflow', { name: 'another', process: null }, 60_000)
  }
  const result = await made.run(false, { meanwhile: { at: 8, act } })
  expect(result).toMatchObject({ status: 'fatal', reason: 'workflow_lease_lost' })
  expect(puts()).toBe(before)
  expect(await store.runs({ workflow_id: 'acme', limit: 10 })).toMatchObject([{ finished_at: null }])
})

test('a run that slept past its lease, and was not taken over, goes on', async () => {
  const clock = new QuietClock(Date.UTC(2026, 10, 1))
  const made = new World({ clock, store: new MemoryStore({ clock }), name: 'acme', state: null, jobs: 8 })
  for (const { shortcode } of made.workable.jobs) made.hrflow.seed(made.board, { reference: shortcode, name: 'Old' })
  const result = await made.run(false, { meanwhile: { at: 8, act: () => clock.pass(61_000) } })
  expect(result).toMatchObject({ status: 'success', events: { write_success: 8 } })
})

test('state that fails in mid-run ends the run, and the cursor stays', async () => {
  const made = await synced(6)
  const { cursor } = (await made.store.workflow('test')) ?? {}
  for (const { shortcode } of made.sandbox.workable.jobs) made.sandbox.workable.edit(shortcode, { title: 'Changed' })
  const details: string[] = []
  const broken: Store = Object.assign(Object.create(made.store) as Store, {
    saveRecords: () => Promise.reject(new Error('database or disk is full')),
    saveDetails: () => Promise.resolve(void details.push('written')),
  })
  const bound = new Proxy(broken, {
    get(target, name) {
      const value: unknown = Reflect.get(
        ['saveRecords', 'saveDetails'].includes(String(name)) ? target : made.store,
        name,
      )
      return typeof value === 'function' ? (value.bind(made.store) as unknown) : value
    },
  })
  const result = await made.update({ incremental: true }, { store: bound })
  expect(result).toMatchObject({ status: 'fatal', reason: 'backend_not_configured', incremental_token: cursor })
  expect(result.error?.message).toContain('database or disk is full')
  expect((await made.store.workflow('test'))?.cursor).toBe(cursor)
  // Whoever may not write records, as one whose lease is lost, writes no details either.
  expect(details).toEqual([])
})

test('every run is in the history, with how it ended and what failed', async () => {
  const made = await synced(6)
  const { shortcode } = jobAt(made, 2)
  made.sandbox.workable.edit(shortcode, { title: 'Changed' })
  made.sandbox.fault({ service: 'workable', path: `/jobs/${shortcode}`, answer: { status: 500 } })
  const failed = await made.sync()
  const fatal = await made.sync({ hrflow_auth: { api_secret: 'wrong', api_user: 'x@example.com' }, incremental: false })
  const runs = await made.store.runs({ limit: 10 })
  expect(runs.map(({ result }) => result?.status)).toEqual(['fatal', 'success_with_failures', 'success'])
  expect(runs[0]?.result).toMatchObject({ run_id: fatal.run_id, reason: 'write_failure' })
  const kept = await made.store.run(failed.run_id)
  expect(kept?.run.result).toEqual({ ...failed, finished_at: kept?.run.result?.finished_at })
  expect(kept?.failures).toMatchObject([{ reference: shortcode, stage: 'load', code: 'http_500' }])
})
