// The writer against what HrFlow may answer: each is a mistake that once nobody would have noticed.
import { describe, expect, test } from 'vitest'
import type { WorkableJob } from '../../src/index.js'
import { nonZero, world } from '../support/world.js'

const create = (board_key: string) => ({ push_parameters: { board_key, on_missing: 'create' as const } })

describe('an update', () => {
  test('heals a field that was put back by hand to what it was before our last PUT', async () => {
    const { sandbox, update, fillBoard } = await world({ workable: { jobs: 1 } })
    await fillBoard()
    const { shortcode } = sandbox.workable.jobs[0]!
    const { name } = sandbox.hrflow.job(sandbox.board_key, shortcode)!
    sandbox.workable.edit(shortcode, { title: 'New' })
    await update()
    sandbox.hrflow.edit(sandbox.board_key, shortcode, { name })
    expect(nonZero(await update())).toEqual({ read_success: 1, write_success: 1 })
    expect(sandbox.hrflow.job(sandbox.board_key, shortcode)?.name).toBe('New')
  })

  test('does not repeat a PUT where the answer showed what HrFlow makes of our value', async () => {
    const { sandbox, update, fillBoard, counts } = await world({ workable: { jobs: 1 } })
    await fillBoard()
    const reference = sandbox.workable.jobs[0]!.shortcode
    const stored = { ...sandbox.hrflow.job(sandbox.board_key, reference)!, summary: 'TEXT' }
    // This service stores texts in capitals, and shows it at once.
    const body = JSON.stringify({ code: 200, message: 'Job edited', data: stored })
    sandbox.fault({ service: 'hrflow', method: 'PUT', answer: { status: 200, body } })
    sandbox.hrflow.edit(sandbox.board_key, reference, { summary: 'TEXT' })
    const format = () => ({ reference, summary: 'text' })
    await update({ format })
    const { put } = counts()
    // Nobody asked: our PUTs never reach the stand-in here, so only the first may have been sent.
    expect(nonZero(await update({ format }))).toEqual({ read_success: 1, write_unchanged: 1 })
    expect({ put, after: counts().put }).toEqual({ put: 0, after: 0 })
  })

  test('does not repeat it either where the format gives the same in another order each time', async () => {
    const { sandbox, update, fillBoard } = await world({ workable: { jobs: 1 } })
    await fillBoard()
    const reference = sandbox.workable.jobs[0]!.shortcode
    sandbox.hrflow.edit(sandbox.board_key, reference, { summary: 'TEXT' })
    const data = sandbox.hrflow.job(sandbox.board_key, reference)
    const body = JSON.stringify({ code: 200, message: 'Job edited', data })
    sandbox.fault({ service: 'hrflow', method: 'PUT', answer: { status: 200, body } })
    const tags = [
      { name: 'a', value: 'x' },
      { name: 'b', value: 'y' },
    ]
    const format = () => ({ reference, summary: 'text', tags: [...tags.reverse()] })
    expect(nonZero(await update({ format }))).toEqual({ read_success: 1, write_success: 1 })
    expect(nonZero(await update({ format }))).toEqual({ read_success: 1, write_unchanged: 1 })
    expect(nonZero(await update({ format }))).toEqual({ read_success: 1, write_unchanged: 1 })
  })

  test('refuses to write over a job that HrFlow shows in place of the one that was asked for', async () => {
    const { sandbox, update, fillBoard, counts } = await world({ workable: { jobs: 2 } })
    await fillBoard()
    const [one, other] = sandbox.workable.jobs
    const data = sandbox.hrflow.job(sandbox.board_key, other!.shortcode)
    sandbox.workable.edit(one!.shortcode, { title: 'New' })
    sandbox.fault({
      service: 'hrflow',
      method: 'GET',
      when: ({ query }) => query['reference'] === one!.shortcode,
      answer: { status: 200, body: JSON.stringify({ code: 200, message: 'Job details', data }) },
    })
    expect(nonZero(await update())).toEqual({ read_success: 2, write_failure: 1, write_unchanged: 1 })
    expect(counts().put).toBe(0)
  })

  test('whose job vanishes between GET and PUT is not found', async () => {
    const { sandbox, update, fillBoard } = await world({ workable: { jobs: 1 } })
    await fillBoard()
    sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, { title: 'New' })
    const body = '{"code":400,"message":"Invalid parameters. Unable to find object: job"}'
    sandbox.fault({ service: 'hrflow', method: 'PUT', answer: { status: 400, body } })
    expect(nonZero(await update())).toEqual({ read_success: 1, write_not_found: 1 })
  })

  test('repeats a PUT that was lost and did not happen', async () => {
    const { sandbox, update, fillBoard } = await world({ workable: { jobs: 1 } })
    await fillBoard()
    const { shortcode } = sandbox.workable.jobs[0]!
    sandbox.workable.edit(shortcode, { title: 'New' })
    await update()
    // The same PUT as the last one, which somebody undid, and whose first try does not arrive.
    sandbox.hrflow.edit(sandbox.board_key, shortcode, { name: 'by hand' })
    sandbox.fault({ service: 'hrflow', method: 'PUT', answer: 'close', times: 1 })
    expect(nonZero(await update())).toEqual({ read_success: 1, write_success: 1 })
    expect(sandbox.hrflow.job(sandbox.board_key, shortcode)?.name).toBe('New')
  })

  test('with on_missing: create counts a job whose POST was not answered as written', async () => {
    const { sandbox, update, counts } = await world({ workable: { jobs: 1 } })
    sandbox.fault({ service: 'hrflow', method: 'POST', answer: 'close_after', times: 1 })
    expect(nonZero(await update(create(sandbox.board_key)))).toEqual({ read_success: 1, write_success: 1 })
    expect(counts().post).toBe(1)
  })

  test('with on_missing: create reads again when somebody was faster, and writes what differs', async () => {
    const { sandbox, update } = await world({ workable: { jobs: 1 } })
    const { shortcode, title } = sandbox.workable.jobs[0]!
    sandbox.hrflow.seed(sandbox.board_key, { reference: shortcode, name: 'theirs' })
    const body = '{"code":400,"message":"Invalid parameters. Unable to find object: job"}'
    sandbox.fault({ service: 'hrflow', method: 'GET', answer: { status: 400, body }, times: 1 })
    expect(nonZero(await update(create(sandbox.board_key)))).toEqual({ read_success: 1, write_success: 1 })
    expect(sandbox.hrflow.job(sandbox.board_key, shortcode)?.name).toBe(title)
  })

  test('never has two writes to one reference at once: of a job that is listed twice, the second finds the first done', async () => {
    const { sandbox, update } = await world({ workable: { jobs: 2 }, latency: { ms: 60, service: 'hrflow' } })
    const [one, two] = sandbox.workable.jobs
    for (const [index, job] of [one, two, one].entries()) {
      const paging = index < 2 ? { paging: { next: `https://acme.workable.com/spi/v3/jobs?since_id=${job!.id}` } } : {}
      const body = JSON.stringify({ jobs: [job], ...paging })
      sandbox.fault({ service: 'workable', path: '/jobs', times: 1, answer: { status: 200, body } })
    }
    for (const job of [one, two]) sandbox.hrflow.seed(sandbox.board_key, { reference: job!.shortcode, name: 'old' })
    const { events } = await update()
    expect(events).toMatchObject({ read_success: 3, write_success: 2, write_unchanged: 1 })
    const isOne = (request: object) => JSON.stringify(request).includes(`"${one!.shortcode}"`)
    expect(sandbox.hrflow.requests.filter(isOne).map(({ method }) => method)).toEqual(['GET', 'PUT', 'GET'])
  })

  test('fails what another item of the run has the reference of, and leaves the first as it is', async () => {
    const { sandbox, update } = await world({ workable: { jobs: 12 } })
    sandbox.hrflow.seed(sandbox.board_key, { reference: 'ONE', name: 'old' })
    const result = await update({ format: (job) => ({ reference: 'ONE', name: job.shortcode ?? '' }) })
    expect(result.events).toMatchObject({ read_success: 12, write_success: 1, format_failure: 11 })
    const name = sandbox.hrflow.job(sandbox.board_key, 'ONE')?.name
    for (const { code, message } of result.failures) {
      expect(code).toBe('reference_taken')
      expect(message).toBe(`format gave the reference ONE, which is that of ${name} already: each item needs its own.`)
    }
  })

  test('hands no job to the callback that the board does not have', async () => {
    const { sandbox, update } = await world({ workable: { jobs: 3 } })
    sandbox.hrflow.seed(sandbox.board_key, { reference: sandbox.workable.jobs[0]!.shortcode })
    let items: unknown[] = []
    await update({ callback: (_pull, _push, _events, delivered) => (items = delivered) })
    expect(items).toHaveLength(1)
  })
})

describe('what concerns every job ends the run, and what concerns one does not', () => {
  const answers = [
    [402, 'Over quota', 'over_quota'],
    [403, 'Forbidden. The secret key lacks the permission: write', 'unauthorized'],
    [401, 'Unauthorized Access to board key: 5b1e', 'unknown_board'],
  ] as const
  test.each(answers)('%s %s', async (code, message, expected) => {
    const { sandbox, update, fillBoard } = await world({ workable: { jobs: 3 } })
    await fillBoard()
    sandbox.fault({ service: 'hrflow', answer: { status: code, body: JSON.stringify({ code, message }) } })
    expect(await update()).toMatchObject({ status: 'fatal', reason: 'write_failure', error: { code: expected } })
  })

  test.each([
    [403, '<html>blocked by a firewall</html>'],
    [400, '{"code":400,"message":"name: \\"Keyboard key cap designer, board fields\\" is too long"}'],
  ])('%s %s', async (status, body) => {
    const { sandbox, update, fillBoard } = await world({ workable: { jobs: 3 } })
    await fillBoard()
    for (const { shortcode } of sandbox.workable.jobs) sandbox.workable.edit(shortcode, { title: 'New' })
    sandbox.fault({ service: 'hrflow', method: 'PUT', answer: { status, body }, times: 1 })
    expect(nonZero(await update())).toEqual({ read_success: 3, write_success: 2, write_failure: 1 })
  })
})

test('an archive whose answer was lost counts as written', async () => {
  const { sandbox, call, fillBoard, counts } = await world({ workable: { jobs: 1 } })
  await fillBoard()
  sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, { state: 'archived' })
  sandbox.fault({ service: 'hrflow', method: 'PATCH', answer: 'close_after', times: 1 })
  expect(nonZero(await call('archiveJobsInHrflow'))).toEqual({ read_success: 1, write_success: 1 })
  expect(counts().patch).toBe(1)
})

describe('enrichment', () => {
  async function enriched(description: string, entities: object[], text = description) {
    const { sandbox, call } = await world({ workable: { jobs: 1 } })
    sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, {
      description,
      requirements: null,
      benefits: null,
      full_description: null,
    })
    const data = [{ text, entities, parsing: {} }]
    const body = JSON.stringify({ code: 200, message: 'Text parsing results', data })
    sandbox.fault({ service: 'hrflow', path: '/text/parsing', answer: { status: 200, body } })
    const push_parameters = { board_key: sandbox.board_key, enrich_with_parsing: true }
    const result = await call('createJobsInHrflow', { push_parameters })
    return { result, job: sandbox.hrflow.jobs(sandbox.board_key)[0] }
  }

  test('cuts names by code points, takes none twice, and passes labels it does not know', async () => {
    const text = '👩🏽‍💻 Rust, Rust'
    const start = Array.from('👩🏽‍💻 ').length
    const found = [start, start + 6].map((at) => ({ start: at, end: at + 4, label: 'skill_hard' }))
    const { job } = await enriched(text, [...found, { start: 0, end: 1, label: 'constructor' }])
    expect(job?.skills).toEqual([{ name: 'Rust', type: 'hard', value: null }])
  })

  test('says in a sentence that an answer cannot be used', async () => {
    const { result } = await enriched('text', [{ label: 'skill_hard' }])
    expect(result.failures[0]?.message).toMatch(
      /^\[hrflow\] POST \/text\/parsing: the answer is not what was asked for\./,
    )
  })

  test('sends long texts in parts, none of which is cut by the service', async () => {
    const { sandbox, call } = await world({ workable: { jobs: 1 } })
    sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, {
      description: `<p>${'word '.repeat(5_000)}TypeScript</p>`,
    })
    const push_parameters = { board_key: sandbox.board_key, enrich_with_parsing: true }
    await call('createJobsInHrflow', { push_parameters })
    const parsing = sandbox.hrflow.requests.find(({ path }) => path.endsWith('/text/parsing'))
    const texts = (parsing?.body as { texts: string[] }).texts
    expect(texts.length).toBeGreaterThan(3)
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(8_000)
    expect(sandbox.hrflow.jobs(sandbox.board_key)[0]?.skills.map(({ name }) => name)).toContain('TypeScript')
  })
})

test('a page without any text falls back to details, also for jobs whose details are kept', async () => {
  const { sandbox, update, fillBoard, counts, clock } = await world({ workable: { jobs: 3 } })
  await fillBoard()
  await clock.sleep(10_000)
  await update()
  const before = counts()
  const entries = sandbox.workable.jobs.map(({ id, shortcode, title, state, updated_at }) => ({
    id,
    shortcode,
    title,
    state,
    updated_at,
  }))
  sandbox.fault({
    service: 'workable',
    path: '/jobs',
    answer: { status: 200, body: JSON.stringify({ jobs: entries }) },
  })
  expect((await update()).events.read_success).toBe(3)
  expect(counts().detail - before.detail).toBe(3)
  for (const { shortcode, ...job } of sandbox.workable.jobs) {
    expect(sandbox.hrflow.job(sandbox.board_key, shortcode)?.summary).toBe(job['description'])
  }
})

test.each<[string, (job: WorkableJob) => unknown]>([
  ['NaN', () => NaN],
  ['a function', () => () => 1],
  ['a Map', () => new Map([['a', 1]])],
  ['a big integer', () => 1n],
])('a format that returns %s where JSON has no form for it fails that job, naming the place', async (_, value) => {
  const { call } = await world({ workable: { jobs: 1 } })
  const result = await call('updateJobsInHrflow', {
    format: (job: WorkableJob) => ({ reference: job.shortcode, extra: { deep: value(job) } }),
  })
  expect(nonZero(result)).toEqual({ read_success: 1, format_failure: 1 })
  expect(result.failures[0]?.message).toContain('extra.deep')
})

test('a logic that returns undefined fails its job and is told what to return', async () => {
  const { call } = await world({ workable: { jobs: 1 } })
  const result = await call('updateJobsInHrflow', { logics: [() => undefined] })
  expect(nonZero(result)).toEqual({ read_success: 1, logics_failure: 1 })
  expect(result.failures[0]).toMatchObject({ code: 'logics_undefined', stage: 'logics' })
})

test('a run that is stopped before anything could be read is interrupted, not failed', async () => {
  const { sandbox, update } = await world({ workable: { jobs: 1 } })
  sandbox.fault({ service: 'workable', answer: 'hang' })
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  const http = { attempt_timeout_ms: 100, max_attempts: 1_000, total_timeout_ms: 1e9 }
  expect(await update({}, { signal: stop.signal, http })).toMatchObject({ reason: 'interrupted' })
})
