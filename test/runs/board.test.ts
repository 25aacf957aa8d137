import { describe, expect, test } from 'vitest'
import { MemoryStore } from '../../src/index.js'
import { nonZero, world } from '../support/world.js'

const handMade = {
  skills: [{ name: 'found by parsing', type: 'hard' as const, value: null }],
  languages: [{ name: 'greek', value: 'fluent' }],
  metadatas: [{ name: 'interview notes', value: 'ask for Ada' }],
  culture: 'Small teams.',
}

describe('an update', () => {
  test('keeps what this connector does not own', async () => {
    const { sandbox, update, fillBoard } = await world()
    await fillBoard()
    const { board_key, hrflow, workable } = sandbox
    for (const { shortcode } of workable.jobs) {
      const tags = [...hrflow.job(board_key, shortcode)!.tags, { name: 'owner', value: 'Maria' }]
      hrflow.edit(board_key, shortcode, { ...handMade, tags })
      workable.edit(shortcode, { title: `New ${shortcode}`, department: 'New department' })
    }
    expect(nonZero(await update())).toEqual({ read_success: 6, write_success: 6 })
    for (const { shortcode } of workable.jobs) {
      const job = hrflow.job(board_key, shortcode)!
      const { metadatas, ...lists } = handMade
      expect(job).toMatchObject({ ...lists, name: `New ${shortcode}` })
      expect(job.metadatas).toEqual(expect.arrayContaining(metadatas))
      expect(job.tags).toContainEqual({ name: 'owner', value: 'Maria' })
      expect(job.tags).toContainEqual({ name: 'department', value: 'New department' })
    }
  })

  test('sends no PUT in a second full run, with and without a store that remembers', async () => {
    const made = await world({ workable: { jobs: 40 } })
    await made.fillBoard()
    for (const job of made.sandbox.workable.jobs)
      made.sandbox.workable.edit(job.shortcode, { title: `Changed ${job.shortcode}` })
    // A detail that is read within two seconds of a change is not kept.
    await made.clock.sleep(5_000)
    for (const store of [new MemoryStore(), new MemoryStore({ remembers: false })]) {
      await made.update({}, { store })
      const before = made.counts()
      const second = await made.update({}, { store })
      expect(nonZero(second)).toEqual({ read_success: 40, write_unchanged: 40 })
      expect(made.counts().put).toBe(before.put)
      expect(made.counts().detail - before.detail).toBe(store.remembers ? 0 : 40)
    }
  })

  test('asks for a detail again only where the version has changed', async () => {
    const { sandbox, update, fillBoard, counts } = await world({ workable: { jobs: 30 } })
    await fillBoard()
    await update()
    const before = counts()
    for (const job of sandbox.workable.jobs.slice(0, 3))
      sandbox.workable.edit(job.shortcode, { education: "Bachelor's Degree" })
    const result = await update()
    expect(nonZero(result)).toEqual({ read_success: 30, write_success: 3, write_unchanged: 27 })
    expect(counts().detail - before.detail).toBe(3)
  })

  test('heals a field of ours that was edited by hand', async () => {
    const { sandbox, update, fillBoard } = await world()
    await fillBoard()
    await update()
    const { shortcode, title } = sandbox.workable.jobs[0]!
    sandbox.hrflow.edit(sandbox.board_key, shortcode, { name: 'by hand' })
    expect(nonZero(await update())).toEqual({ read_success: 6, write_success: 1, write_unchanged: 5 })
    expect(sandbox.hrflow.job(sandbox.board_key, shortcode)?.name).toBe(title)
  })

  test('counts a job that the board does not have, and creates it only when asked to', async () => {
    const { sandbox, update, counts } = await world()
    expect(nonZero(await update())).toEqual({ read_success: 6, write_not_found: 6 })
    expect(counts().post).toBe(0)
    const push_parameters = { board_key: sandbox.board_key, on_missing: 'create' as const }
    expect(nonZero(await update({ push_parameters }))).toEqual({ read_success: 6, write_success: 6 })
    expect(sandbox.hrflow.jobs(sandbox.board_key)).toHaveLength(6)
  })

  test('leaves the archive flag, brings the content up to date and says so', async () => {
    const { sandbox, update, call, fillBoard } = await world()
    await fillBoard()
    await call('archiveJobsInHrflow', { workflow_id: 'archive', pull_parameters: { state: 'published' } })
    const archived = sandbox.hrflow.jobs(sandbox.board_key).filter((job) => job.archived_at !== null)
    expect(archived.length).toBeGreaterThan(0)
    for (const job of sandbox.workable.jobs) sandbox.workable.edit(job.shortcode, { title: 'Live again' })
    const result = await update()
    expect(result.notes.join()).toContain('archived on the board')
    const after = sandbox.hrflow.jobs(sandbox.board_key)
    expect(after.filter((job) => job.archived_at !== null)).toHaveLength(archived.length)
    expect(after.every((job) => job.name === 'Live again')).toBe(true)
  })

  test('with edit: replace sends one blind PUT per job and reads nothing', async () => {
    const { sandbox, update, fillBoard, counts } = await world()
    await fillBoard()
    const shortcode = sandbox.workable.jobs[0]!.shortcode
    sandbox.hrflow.edit(sandbox.board_key, shortcode, handMade)
    const push_parameters = { board_key: sandbox.board_key, edit: 'replace' as const }
    expect(nonZero(await update({ push_parameters }))).toEqual({ read_success: 6, write_success: 6 })
    expect(counts()).toMatchObject({ get: 0, put: 6 })
    expect(sandbox.hrflow.job(sandbox.board_key, shortcode)?.skills).toEqual([])
  })

  test('with a key that may only write says what to do', async () => {
    const { update } = await world({ hrflow: { permission: 'write' } })
    const result = await update()
    expect(result).toMatchObject({ status: 'fatal', reason: 'write_failure' })
    expect(result.error?.hint).toContain('replace')
  })

  test('repeats a PUT once, and not again, where HrFlow makes another value of ours', async () => {
    const { sandbox, update, fillBoard, counts } = await world({ workable: { jobs: 1 } })
    await fillBoard()
    const reference = sandbox.workable.jobs[0]!.shortcode
    const puts: number[] = []
    for (let run = 0; run < 4; run++) {
      const before = counts().put
      await update({ format: () => ({ reference, summary: ' as we send it ' }) })
      puts.push(counts().put - before)
      // What a service does that trims texts when it stores them, and echoes them as they were sent.
      sandbox.hrflow.edit(sandbox.board_key, reference, { summary: 'as we send it' })
    }
    expect(puts).toEqual([1, 1, 0, 0])
  })

  test('removes an entry that a format of ours wrote before and leaves out now', async () => {
    const { sandbox, update, fillBoard } = await world({ workable: { jobs: 1 } })
    await fillBoard()
    const reference = sandbox.workable.jobs[0]!.shortcode
    const tagsOf = () => sandbox.hrflow.job(sandbox.board_key, reference)!.tags.map((tag) => tag.name)
    await update({
      format: () => ({
        reference,
        tags: [
          { name: 'ours', value: '1' },
          { name: 'also ours', value: '2' },
        ],
      }),
    })
    expect(tagsOf()).toEqual(expect.arrayContaining(['ours', 'also ours']))
    await update({ format: () => ({ reference, tags: [{ name: 'ours', value: '1' }] }) })
    expect(tagsOf()).toContain('ours')
    expect(tagsOf()).not.toContain('also ours')
    expect(tagsOf()).toContain('state')
  })
})

describe('a create', () => {
  test('is safe to repeat', async () => {
    const { sandbox, call, counts } = await world()
    expect(nonZero(await call('createJobsInHrflow'))).toEqual({ read_success: 6, write_success: 6 })
    expect(nonZero(await call('createJobsInHrflow'))).toEqual({ read_success: 6, write_unchanged: 6 })
    expect(counts().post).toBe(6)
    expect(sandbox.hrflow.jobs(sandbox.board_key)).toHaveLength(6)
  })

  test('stores no entry that says only that there is none', async () => {
    const { sandbox, call } = await world({ workable: { jobs: 30 } })
    await call('createJobsInHrflow')
    const jobs = sandbox.hrflow.jobs(sandbox.board_key)
    expect(jobs.flatMap((job) => [...job.tags, ...job.metadatas]).filter(({ value }) => value === null)).toEqual([])
    expect(jobs.some((job) => job.ranges_float.length === 0)).toBe(true)
    expect(JSON.stringify(jobs)).not.toContain('refused_points')
  })

  test('enriches with parsing when asked to, and only jobs that the board does not have', async () => {
    const { sandbox, call } = await world({ workable: { jobs: 4 } })
    sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, {
      description: '<p>You write <b>TypeScript</b> &amp; speak English.</p>',
    })
    const push_parameters = { board_key: sandbox.board_key, enrich_with_parsing: true }
    const parsings = () => sandbox.hrflow.requests.filter(({ path }) => path.endsWith('/text/parsing'))
    expect(nonZero(await call('createJobsInHrflow', { push_parameters }))).toEqual({
      read_success: 4,
      write_success: 4,
    })
    expect(parsings()).toHaveLength(4)
    const enriched = sandbox.hrflow.job(sandbox.board_key, sandbox.workable.jobs[0]!.shortcode)!
    expect(enriched.skills).toContainEqual({ name: 'TypeScript', type: 'hard', value: null })
    expect(enriched.languages.map(({ name }) => name)).toContain('English')
    expect(JSON.stringify(parsings()[0]?.body)).not.toContain('<b>')
    await call('createJobsInHrflow', { push_parameters })
    expect(parsings()).toHaveLength(4)
  })

  test('fails a job whose parsing fails, and creates the others', async () => {
    const { sandbox, call } = await world({ workable: { jobs: 3 } })
    sandbox.fault({
      service: 'hrflow',
      path: '/text/parsing',
      answer: { status: 400, body: '{"code":400,"message":"Bad request."}' },
      times: 1,
    })
    const push_parameters = { board_key: sandbox.board_key, enrich_with_parsing: true }
    const result = await call('createJobsInHrflow', { push_parameters })
    expect(nonZero(result)).toEqual({ read_success: 3, write_success: 2, write_failure: 1 })
  })
})

describe('an archive', () => {
  test('without state takes only jobs that are archived in Workable, and asks for no detail', async () => {
    const { sandbox, call, fillBoard, counts } = await world({ workable: { jobs: 30 } })
    await fillBoard()
    sandbox.workable.edit(sandbox.workable.jobs[4]!.shortcode, { state: 'archived' })
    const archived = sandbox.workable.jobs.filter((job) => job.state === 'archived').length
    const result = await call('archiveJobsInHrflow')
    expect(nonZero(result)).toEqual({ read_success: archived, write_success: archived })
    expect(counts()).toMatchObject({ detail: 0, patch: archived })
    const onBoard = sandbox.hrflow.jobs(sandbox.board_key).filter((job) => job.archived_at !== null)
    expect(onBoard).toHaveLength(archived)
  })

  test('is safe to repeat, and counts jobs that the board does not have', async () => {
    const { sandbox, call, fillBoard, counts } = await world({ workable: { jobs: 5 } })
    await fillBoard()
    for (const job of sandbox.workable.jobs) sandbox.workable.edit(job.shortcode, { state: 'archived' })
    const stranger = sandbox.workable.add({ state: 'archived' })
    expect(nonZero(await call('archiveJobsInHrflow'))).toEqual({
      read_success: 6,
      write_success: 5,
      write_not_found: 1,
    })
    expect(nonZero(await call('archiveJobsInHrflow'))).toEqual({
      read_success: 6,
      write_unchanged: 5,
      write_not_found: 1,
    })
    expect(counts().patch).toBe(5)
    expect(sandbox.hrflow.job(sandbox.board_key, stranger.shortcode)).toBeUndefined()
  })
})

test('jobs whose version the service does not give are read in detail each time', async () => {
  const { update, fillBoard, counts } = await world({ workable: { jobs: 4, updated_at: false } })
  await fillBoard()
  await update()
  await update()
  expect(counts().detail).toBe(8)
})

test('a detail from a replica that lags behind is asked for again', async () => {
  const { sandbox, update, fillBoard } = await world({ workable: { jobs: 3, stale_details: 1 } })
  await fillBoard()
  for (const job of sandbox.workable.jobs) sandbox.workable.edit(job.shortcode, { title: 'Fresh' })
  expect(nonZero(await update())).toEqual({ read_success: 3, write_success: 3 })
  expect(sandbox.hrflow.jobs(sandbox.board_key).every((job) => job.name === 'Fresh')).toBe(true)
})

test('a detail that stays older than the list is a failure, never old content', async () => {
  const { sandbox, update, fillBoard } = await world({ workable: { jobs: 3, stale_details: 100 } })
  await fillBoard()
  sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, { title: 'Fresh' })
  const result = await update()
  expect(nonZero(result)).toEqual({ read_success: 2, read_failure: 1, write_unchanged: 2 })
  expect(result.failures[0]?.code).toBe('http_stale')
})

test('a change within two seconds of a reading is not hidden by the kept detail', async () => {
  const { sandbox, update, fillBoard } = await world({ workable: { jobs: 1 } })
  await fillBoard()
  const { shortcode } = sandbox.workable.jobs[0]!
  sandbox.workable.edit(shortcode, { education: 'first' })
  await update()
  const version = sandbox.workable.jobs[0]!.updated_at
  sandbox.workable.edit(shortcode, { education: 'second', updated_at: version })
  await update()
  const tags = sandbox.hrflow.job(sandbox.board_key, shortcode)!.tags
  expect(tags).toContainEqual({ name: 'education', value: sandbox.workable.jobs[0]!['education'] })
})

test('two runs of one workflow at once: the second is refused and says who runs', async () => {
  const { update, fillBoard } = await world({ workable: { jobs: 10 } })
  await fillBoard()
  const [first, second] = await Promise.all([update(), update()])
  expect(first.status).toBe('success')
  expect(second).toMatchObject({ status: 'fatal', reason: 'workflow_already_running' })
  expect(second.error?.message).toContain('process')
})

test('the callback gets the parameters, the counters and what was written or unchanged, once', async () => {
  const { sandbox, update, fillBoard } = await world()
  await fillBoard()
  sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, { title: 'Changed' })
  const calls: unknown[][] = []
  const result = await update({
    pull_parameters: { updated_after: 1_000_000_000 },
    callback: (...args) => {
      calls.push(args)
    },
  })
  expect(nonZero(result)).toEqual({ read_success: 6, write_success: 1, write_unchanged: 5, callback_executed: 1 })
  expect(calls).toHaveLength(1)
  expect(calls[0]?.[0]).toEqual({ updated_after: '2001-09-09T01:46:40Z' })
  expect(calls[0]?.[1]).toMatchObject({ board_key: sandbox.board_key })
  expect(calls[0]?.[2]).toMatchObject({ write_success: 1 })
  expect(calls[0]?.[3]).toHaveLength(6)
})
