import { describe, expect, test } from 'vitest'
import { MemoryStore, type RunResult, type RuntimeOptions } from '../../src/index.js'
import { type World, nonZero, world } from '../support/world.js'

/** Between two runs: an hour, and a little more than a service's clock may be cut by. */
const HOUR = 3_660_000
const PARAMETERS = { pull_parameters: { state: 'published' } } as const

interface Followed extends World {
  store: MemoryStore
  /** A full run, or an incremental one. */
  run: (how?: { incremental?: boolean; more?: object; runtime?: RuntimeOptions }) => Promise<RunResult>
  /** Whether a job of the board is live, archived or not there. */
  shown: (shortcode: string) => 'live' | 'archived' | 'none'
  change: (shortcode: string, state: string) => Promise<void>
  references: string[]
}

/** A board that follows Workable: all jobs are published and delivered, an hour ago. */
async function followed(jobs = 10, more: object = {}): Promise<Followed> {
  const made = await world({ workable: { jobs, rate_limit: { limit: 1_000 } } })
  const { sandbox, clock } = made
  for (const { shortcode } of sandbox.workable.jobs) sandbox.workable.edit(shortcode, { state: 'published' })
  await clock.sleep(HOUR)
  const store = new MemoryStore({ clock })
  const push_parameters = { board_key: sandbox.board_key, on_missing: 'create', on_left: 'archive' } as const
  const run: Followed['run'] = async (how = {}) => {
    const result = await made.update(
      { ...PARAMETERS, push_parameters, incremental: how.incremental === true, ...more, ...how.more },
      { store, ...how.runtime },
    )
    await clock.sleep(HOUR)
    return result
  }
  const first = await run()
  expect(first.status).toBe('success')
  return {
    ...made,
    store,
    run,
    references: sandbox.workable.jobs.map(({ shortcode }) => shortcode),
    shown(shortcode) {
      const job = sandbox.hrflow.job(sandbox.board_key, shortcode)
      return job ? (job.archived_at === null ? 'live' : 'archived') : 'none'
    },
    async change(shortcode, state) {
      sandbox.workable.edit(shortcode, { state, updated_at: new Date(clock.now()).toISOString().slice(0, 19) + 'Z' })
      // Beyond the overlap of two incremental runs.
      await clock.sleep(300_000)
    },
  }
}

describe.each([
  ['a full run', false],
  ['an incremental run', true],
])('%s', (_, incremental) => {
  test('archives a job that was closed, brings it back when it is reopened, and then has nothing to do', async () => {
    const made = await followed()
    const [A = ''] = made.references
    await made.change(A, 'closed')
    const left = await made.run({ incremental })
    expect(left.events).toMatchObject({ write_archived: 1, left_held: 0 })
    expect([left.status, made.shown(A)]).toEqual(['success', 'archived'])
    expect((await made.run({ incremental })).events).toMatchObject({ write_archived: 0, write_success: 0 })

    await made.change(A, 'published')
    const back = await made.run({ incremental })
    expect(back.events).toMatchObject({ write_unarchived: 1 })
    expect(made.shown(A)).toBe('live')
    const after = await made.run({ incremental })
    expect(after.events).toMatchObject({ write_unarchived: 0, write_archived: 0, write_success: 0 })
  })

  test('archives a deleted job when two runs an hour apart have not found it, and never by one alone', async () => {
    const made = await followed()
    const [A = ''] = made.references
    made.sandbox.workable.remove(A)
    const first = await made.run({ incremental })
    expect(first.events).toMatchObject({ write_archived: 0 })
    expect(made.shown(A)).toBe('live')
    const second = await made.run({ incremental })
    expect(second.events).toMatchObject({ write_archived: 1 })
    expect(made.shown(A)).toBe('archived')
    expect(nonZero(await made.run())).toEqual({ read_success: 9, write_unchanged: 9 })
  })

  test('leaves what a person archived as it is, also when the job leaves and comes back', async () => {
    const made = await followed()
    const [A = ''] = made.references
    await archiveByHand(made, A)
    await made.change(A, 'closed')
    expect((await made.run({ incremental })).events).toMatchObject({ write_archived: 0 })
    await made.change(A, 'published')
    const back = await made.run({ incremental })
    expect(back.events).toMatchObject({ write_unarchived: 0 })
    expect(made.shown(A)).toBe('archived')
    expect(back.notes.join(' ')).toContain('stays archived')
  })

  test('does not take a job for its own that a person has archived after it was brought back by one', async () => {
    const made = await followed()
    const [A = ''] = made.references
    await made.change(A, 'closed')
    await made.run({ incremental })
    // A person brings it back and archives it anew.
    await archiveByHand(made, A, 0)
    await made.clock.sleep(HOUR)
    await archiveByHand(made, A)
    await made.change(A, 'published')
    await made.run({ incremental })
    expect(made.shown(A)).toBe('archived')
  })
})

async function archiveByHand({ sandbox }: World, reference: string, is_archive: 0 | 1 = 1): Promise<void> {
  const { api_secret, api_user } = sandbox.hrflow
  const headers = { 'x-api-key': api_secret, 'x-user-email': api_user, 'content-type': 'application/json' }
  const body = JSON.stringify({ board_key: sandbox.board_key, reference, is_archive })
  const answer = await fetch(`${sandbox.hrflow_url}/job/indexing/archive`, { method: 'PATCH', headers, body })
  expect(answer.status).toBe(200)
}

test('what is outside the filter is never created, and what logics discard leaves', async () => {
  const made = await followed()
  const [A = '', B = ''] = made.references
  made.sandbox.workable.add({ shortcode: 'CLOSED1', state: 'closed' })
  const logics = [(job: { shortcode: string }) => (job.shortcode === B ? null : job)]
  const discarding = { more: { logics } }
  // The logics are another filter: the guard holds what leaves by it in the first run.
  const held = await made.run({ ...discarding, more: { logics: versioned(logics) } })
  expect(held.events).toMatchObject({ left_held: 1, write_archived: 0 })
  const left = await made.run({ more: { logics: versioned(logics) } })
  expect(left.events).toMatchObject({ write_archived: 1 })
  expect([made.shown(A), made.shown(B), made.shown('CLOSED1')]).toEqual(['live', 'archived', 'none'])
  const again = await made.run({ more: { logics: versioned(logics) } })
  expect(again.events).toMatchObject({ write_archived: 0, write_success: 0 })
  expect(made.shown(B)).toBe('archived')
})

function versioned<T extends object>(logics: T[]): T[] {
  return logics.map((logic) => Object.assign(logic, { version: 'b' }))
}

test('a job whose reference at the target changes leaves its old one, and the new one is live', async () => {
  const named = (suffix: string) =>
    Object.assign(
      (job: { shortcode: string; title: string }) => ({ reference: job.shortcode + suffix, name: job.title }),
      {
        version: 'same',
      },
    )
  const made = await followed(10, { format: named('') })
  const [A = ''] = made.references
  const onlyA = Object.assign(
    (job: { shortcode: string; title: string }) => named(job.shortcode === A ? '-2' : '')(job),
    { version: 'same' },
  )
  const result = await made.run({ more: { format: onlyA } })
  expect([made.shown(A), made.shown(`${A}-2`)]).toEqual(['archived', 'live'])
  expect(result.events.write_archived).toBe(1)
})

describe('the guard', () => {
  test('holds a landslide, says so in one failure, and lets go with allow_left', async () => {
    const made = await followed(10)
    for (const reference of made.references.slice(0, 4)) await made.change(reference, 'closed')
    const held = await made.run()
    expect(held.events).toMatchObject({ left_held: 4, write_archived: 0 })
    expect(held.status).toBe('success_with_failures')
    expect(held.failures.map(({ code }) => code)).toEqual(['too_many_left'])
    expect(held.failures[0]!.message).toContain('4 of 10')
    expect(made.references.map(made.shown)).not.toContain('archived')
    const incremental = await made.run({ incremental: true })
    expect(incremental.events).toMatchObject({ left_held: 4, write_archived: 0 })
    const let_go = await made.run({ incremental: true, runtime: { allow_left: true } })
    expect(let_go.events).toMatchObject({ left_held: 0, write_archived: 4 })
    expect(made.references.filter((reference) => made.shown(reference) === 'archived')).toHaveLength(4)
  })

  test('counts a day, not a run: a trickle is a landslide too', async () => {
    const made = await followed(10)
    const outcomes: number[] = []
    for (const reference of made.references.slice(0, 5)) {
      await made.change(reference, 'closed')
      outcomes.push((await made.run({ incremental: true })).events.write_archived)
    }
    expect(outcomes).toEqual([1, 1, 1, 0, 0])
    await made.clock.sleep(26 * HOUR)
    expect((await made.run({ incremental: true })).events.write_archived).toBe(2)
  })

  test('holds deletions alone at a twentieth, and all of several that would leave nothing', async () => {
    const made = await followed(30)
    for (const reference of made.references.slice(0, 4)) made.sandbox.workable.remove(reference)
    await made.run()
    expect((await made.run()).events).toMatchObject({ left_held: 4, write_archived: 0 })
    const few = await followed(2)
    for (const reference of few.references) await few.change(reference, 'closed')
    expect((await few.run()).events).toMatchObject({ left_held: 2, write_archived: 0 })
    await few.change(few.references[0]!, 'published')
    expect((await few.run()).events).toMatchObject({ left_held: 0, write_archived: 1 })
  })
})

describe('proves nothing', () => {
  test('an entry that is older than what was delivered', async () => {
    const made = await followed()
    const [A = ''] = made.references
    // A replica that lags behind shows the job as it was long ago.
    const old = { state: 'closed', updated_at: '2020-01-01T00:00:00Z' }
    const jobs = made.sandbox.workable.jobs.map((job) => ({ ...job, ...(job.shortcode === A ? old : {}) }))
    const mend = made.sandbox.fault({
      service: 'workable',
      path: '/jobs',
      answer: { status: 200, body: JSON.stringify({ jobs, paging: {} }) },
    })
    const lagged = await made.run()
    expect(lagged.events).toMatchObject({ write_archived: 0, read_filtered: 1 })
    mend()
    expect((await made.run()).events).toMatchObject({ write_archived: 0 })
    expect(made.shown(A)).toBe('live')
  })

  test('a list that ended early, and a detail that something in between says is not there', async () => {
    const made = await followed(10)
    const [A = '', B = ''] = made.references
    await made.change(A, 'closed')
    const mend = made.sandbox.fault({ service: 'workable', path: /^\/jobs$/, skip: 0, answer: { status: 500 } })
    expect((await made.run()).events).toMatchObject({ write_archived: 0 })
    mend()
    await made.change(A, 'published')
    made.sandbox.workable.remove(B)
    const headers = { 'content-type': 'text/html' }
    made.sandbox.fault({
      service: 'workable',
      path: /^\/jobs\/./,
      answer: { status: 404, body: '<html></html>', headers },
    })
    await made.run()
    expect((await made.run()).events).toMatchObject({ write_archived: 0 })
    expect(made.shown(B)).toBe('live')
  })
})

test('a run that dies after the archive and before it is written down: the next one knows it for its own', async () => {
  const made = await followed(10)
  const [A = ''] = made.references
  await made.change(A, 'closed')
  const { store } = made
  const changeLeavings = store.changeLeavings.bind(store)
  // From the announcement on nothing is written down any more.
  let announced = false
  store.changeLeavings = async (lease, place, changes) => {
    if (announced) throw new Error('gone')
    announced = changes.saved.some(({ state }) => state === 'archiving')
    return changeLeavings(lease, place, changes)
  }
  const died = await made.run()
  expect([died.status, made.shown(A)]).toEqual(['fatal', 'archived'])
  store.changeLeavings = changeLeavings
  expect((await made.run()).events).toMatchObject({ write_archived: 1 })
  await made.change(A, 'published')
  expect((await made.run()).events).toMatchObject({ write_unarchived: 1 })
  expect(made.shown(A)).toBe('live')
})

test('a job that stays archived although it was to be brought back fails until its next version', async () => {
  const made = await followed(10)
  const [A = ''] = made.references
  await made.change(A, 'closed')
  await made.run()
  await made.change(A, 'published')
  // It says that it did, and did not.
  const body = JSON.stringify({ code: 200, message: 'Job unarchived', data: { key: 'k' } })
  const mend = made.sandbox.fault({ service: 'hrflow', method: 'PATCH', answer: { status: 200, body } })
  const failed = await made.run({ incremental: true })
  expect(failed.failures.map(({ code }) => code)).toEqual(['still_archived'])
  mend()
  const before = made.counts()
  await made.run({ incremental: true })
  expect(made.counts().patch).toBe(before.patch)
  await made.change(A, 'published')
  expect((await made.run({ incremental: true })).events).toMatchObject({ write_unarchived: 1 })
})

test('a job that leaves costs HrFlow a GET, a PATCH and a GET, and Workable nothing besides the list', async () => {
  const made = await followed(10)
  const [A = ''] = made.references
  await made.change(A, 'closed')
  const before = made.counts()
  expect((await made.run()).events).toMatchObject({ write_archived: 1, read_filtered: 0 })
  const { list, detail, get, put, post, patch } = made.counts()
  // Nine others are looked at.
  expect([get - before.get, patch - before.patch, put - before.put, post - before.post]).toEqual([11, 1, 0, 0])
  expect([list - before.list, detail - before.detail]).toEqual([1, 0])
})

describe('whose archive it is', () => {
  test('is known after a run that died between the leaving and the record', async () => {
    const made = await followed(10)
    const [A = ''] = made.references
    await made.change(A, 'closed')
    const { store } = made
    const [changeLeavings, saveRecords] = [store.changeLeavings.bind(store), store.saveRecords.bind(store)]
    let isArchived = false
    store.changeLeavings = async (lease, place, changes) => {
      await changeLeavings(lease, place, changes)
      isArchived = changes.saved.some(({ state }) => state === 'archived')
    }
    store.saveRecords = async (...given) => {
      if (isArchived) throw new Error('gone')
      return saveRecords(...given)
    }
    expect([(await made.run()).status, made.shown(A)]).toEqual(['fatal', 'archived'])
    Object.assign(store, { changeLeavings, saveRecords })
    // It was archived once, and is counted so.
    expect((await made.run()).events).toMatchObject({ write_archived: 0 })
    await made.change(A, 'published')
    expect((await made.run()).events).toMatchObject({ write_unarchived: 1 })
    expect(made.shown(A)).toBe('live')
  })

  test('is known of a job that was brought back by half and leaves again', async () => {
    const made = await followed(10)
    const [A = ''] = made.references
    await made.change(A, 'closed')
    await made.run()
    made.sandbox.workable.edit(A, { title: 'Another title' })
    await made.change(A, 'published')
    const mend = made.sandbox.fault({ service: 'hrflow', method: 'PUT', answer: { status: 500 } })
    expect((await made.run()).events).toMatchObject({ write_failure: 1 })
    mend()
    expect(made.shown(A)).toBe('live')
    await made.change(A, 'closed')
    expect((await made.run()).events).toMatchObject({ write_archived: 1 })
    expect(made.shown(A)).toBe('archived')
  })
})

test('a job that failed to be created and leaves is not created any more, nor looked for', async () => {
  const made = await followed(10)
  const { shortcode } = made.sandbox.workable.add({ state: 'published' })
  const mend = made.sandbox.fault({ service: 'hrflow', method: 'POST', answer: { status: 500 } })
  expect((await made.run()).events).toMatchObject({ write_failure: 1 })
  mend()
  await made.change(shortcode, 'closed')
  expect((await made.run()).events).toMatchObject({ write_success: 0, write_archived: 0 })
  expect(made.shown(shortcode)).toBe('none')
  const before = made.counts()
  await made.run({ incremental: true })
  expect(made.counts().get).toBe(before.get)
  await made.change(shortcode, 'published')
  await made.run()
  expect(made.shown(shortcode)).toBe('live')
})

describe('what was held is looked at again before it goes', () => {
  async function held() {
    const made = await followed(10)
    for (const reference of made.references.slice(0, 4)) await made.change(reference, 'closed')
    expect((await made.run()).events).toMatchObject({ left_held: 4 })
    return made
  }

  test('it came back while nothing was to be archived', async () => {
    const made = await held()
    const [A = ''] = made.references
    await made.change(A, 'published')
    await made.run({ more: { push_parameters: { board_key: made.sandbox.board_key, on_missing: 'create' } } })
    const result = await made.run({ incremental: true, runtime: { allow_left: true } })
    expect(result.events).toMatchObject({ write_archived: 3 })
    expect(made.shown(A)).toBe('live')
  })

  test('it came back, and could not be read', async () => {
    const made = await held()
    const [A = ''] = made.references
    await made.change(A, 'published')
    made.sandbox.fault({ service: 'workable', path: `/jobs/${A}`, answer: { status: 500 } })
    const result = await made.run({ runtime: { allow_left: true } })
    expect(result.events).toMatchObject({ write_archived: 3, read_failure: 1 })
    expect(made.shown(A)).toBe('live')
  })
})

test('an entry that is older than the leaving brings nothing back', async () => {
  const made = await followed()
  const [A = ''] = made.references
  // Back for a while that no run has seen.
  await made.change(A, 'draft')
  await made.change(A, 'published')
  const jobs = [...made.sandbox.workable.jobs]
  await made.change(A, 'closed')
  await made.run()
  const answer = { status: 200, body: JSON.stringify({ jobs, paging: {} }) }
  made.sandbox.fault({ service: 'workable', path: '/jobs', answer })
  expect((await made.run()).events).toMatchObject({ write_unarchived: 0 })
  expect(made.shown(A)).toBe('archived')
})

test('an entry that is older than the last change outside the filter brings nothing back', async () => {
  const made = await followed()
  const [A = ''] = made.references
  await made.change(A, 'closed')
  await made.run()
  // Back for a while that no run has seen.
  await made.change(A, 'published')
  const jobs = [...made.sandbox.workable.jobs]
  await made.change(A, 'closed')
  await made.run()
  const answer = { status: 200, body: JSON.stringify({ jobs, paging: {} }) }
  made.sandbox.fault({ service: 'workable', path: '/jobs', answer })
  expect((await made.run()).events).toMatchObject({ write_unarchived: 0 })
  expect(made.shown(A)).toBe('archived')
})

test('the guard counts what was announced and may have happened', async () => {
  const made = await followed(10)
  for (const reference of made.references.slice(0, 3)) await made.change(reference, 'closed')
  const mend = made.sandbox.fault({ service: 'hrflow', method: 'PATCH', answer: { status: 500 } })
  expect((await made.run()).events).toMatchObject({ write_failure: 3 })
  mend()
  for (const reference of made.references.slice(3, 6)) await made.change(reference, 'closed')
  expect((await made.run()).events).toMatchObject({ write_archived: 3, left_held: 3 })
})

test('archive was switched off for a while, in which a job came back by hand and left: it is due', async () => {
  const made = await followed(10)
  const keep = { more: { push_parameters: { board_key: made.sandbox.board_key, on_missing: 'create' } } }
  const [A = ''] = made.references
  await made.change(A, 'closed')
  await made.run()
  await made.change(A, 'published')
  await made.run(keep)
  await archiveByHand(made, A, 0)
  await made.change(A, 'closed')
  await made.run(keep)
  expect(made.shown(A)).toBe('live')
  expect((await made.run()).events).toMatchObject({ write_archived: 1 })
  expect(made.shown(A)).toBe('archived')
})

test('an archive that cannot be announced is not made', async () => {
  const made = await followed(10)
  const [A = ''] = made.references
  await made.change(A, 'closed')
  const changeLeavings = made.store.changeLeavings.bind(made.store)
  made.store.changeLeavings = async (lease, place, changes) => {
    if (changes.saved.some(({ state }) => state === 'archiving')) throw new Error('gone')
    return changeLeavings(lease, place, changes)
  }
  expect((await made.run()).status).toBe('fatal')
  expect(made.shown(A)).toBe('live')
})

test('archive was switched on later: what left before is due, through the guard', async () => {
  const made = await followed(10)
  const keep = { more: { push_parameters: { board_key: made.sandbox.board_key, on_missing: 'create' } } }
  const [A = '', B = ''] = made.references
  await made.change(A, 'closed')
  made.sandbox.workable.remove(B)
  await made.run(keep)
  expect([made.shown(A), made.shown(B)]).toEqual(['live', 'live'])
  expect((await made.run()).events).toMatchObject({ write_archived: 1 })
  expect((await made.run()).events).toMatchObject({ write_archived: 1 })
  expect([made.shown(A), made.shown(B)]).toEqual(['archived', 'archived'])
})

test('what another workflow of the board holds live is not archived', async () => {
  const made = await followed(10)
  const push_parameters = { board_key: made.sandbox.board_key, on_missing: 'create' }
  // Another workflow takes all jobs, whatever their state.
  await made.update({ workflow_id: 'all', push_parameters } as never, { store: made.store })
  const [A = ''] = made.references
  await made.change(A, 'closed')
  expect((await made.run()).events).toMatchObject({ write_archived: 0 })
  expect(made.shown(A)).toBe('live')
})

describe('is refused before any request', () => {
  test.each([
    ['with edit: replace', { edit: 'replace' }, {}, 'edit: replace'],
    ['with a store that does not remember', {}, { store: new MemoryStore({ remembers: false }) }, 'no state is kept'],
  ])('%s', async (_, more, runtime, said) => {
    const made = await world()
    const push_parameters = { board_key: made.sandbox.board_key, on_left: 'archive', ...more }
    const result = await made.call('updateJobsInHrflow', { push_parameters }, runtime)
    expect([result.status, result.error?.message]).toEqual(['fatal', expect.stringContaining(said)])
    expect(made.sandbox.workable.requests.length + made.sandbox.hrflow.requests.length).toBe(0)
  })
})

test('a plan shows what would leave and come back, and changes nothing', async () => {
  const made = await followed(10)
  const [A = '', B = ''] = made.references
  await made.change(A, 'closed')
  await made.run()
  await made.change(A, 'published')
  await made.change(B, 'closed')
  const planned = await made.run({ more: { persist: false }, runtime: { compare: true } })
  expect(planned.plan?.totals).toMatchObject({ archive: 1, update: 1 })
  expect(planned.plan?.items.find(({ reference }) => reference === B)).toMatchObject({ outcome: 'archive' })
  expect([made.shown(A), made.shown(B)]).toEqual(['archived', 'live'])
})
