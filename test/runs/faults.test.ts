import { describe, expect, test } from 'vitest'
import { listedCount } from '../../src/core/result/counters.js'
import { YieldError } from '../../src/core/errors.js'
import type { RunResult } from '../../src/index.js'
import type { Fault } from '../../src/sandbox/index.js'
import { MemoryStore } from '../../src/stores/memory.js'
import { nonZero, world, type World } from '../support/world.js'

/** The invariants of every run that is not a dry run. */
function addsUp({ events }: RunResult): boolean {
  const written =
    events.write_success + events.write_unchanged + events.write_not_found + events.write_failure + events.write_skipped
  return events.read_success === events.logics_discard + events.logics_failure + events.format_failure + written
}

/** A world whose board holds every job, and whose Workable jobs have all changed since. */
async function changedWorld(jobs: number, faults: Fault[] = []): Promise<World> {
  const made = await world({ workable: { jobs } })
  await made.fillBoard()
  for (const job of made.sandbox.workable.jobs)
    made.sandbox.workable.edit(job.shortcode, { title: `Changed ${job.shortcode}` })
  for (const fault of faults) made.sandbox.fault(fault)
  return made
}

function boardIsTrue({ sandbox }: World): boolean {
  return sandbox.workable.jobs.every((job) => sandbox.hrflow.job(sandbox.board_key, job.shortcode)?.name === job.title)
}

// At most four times: an item is tried five times.
const storms: [string, Fault][] = [
  ['a 429 storm of Workable', { service: 'workable', answer: { status: 429 }, skip: 1, times: 12 }],
  ['a 429 storm of HrFlow', { service: 'hrflow', answer: { status: 429 }, times: 4, probability: 0.5 }],
  [
    '429 of HrFlow with Retry-After',
    { service: 'hrflow', answer: { status: 429, headers: { 'retry-after': '5' } }, times: 4 },
  ],
  ['500s of Workable', { service: 'workable', answer: { status: 500 }, probability: 0.3, times: 4 }],
  ['500s of HrFlow', { service: 'hrflow', answer: { status: 500 }, probability: 0.3, times: 4 }],
  ['503s with an empty body', { answer: { status: 503, body: '' }, probability: 0.2, times: 4 }],
  ['closed sockets', { answer: 'close', probability: 0.2, times: 4 }],
  ['answers lost after the work was done', { answer: 'close_after', probability: 0.3, times: 4 }],
  ['HTML in place of JSON', { answer: 'html', path: /^\/(jobs\/|job\/)/, probability: 0.3, times: 4 }],
  ['half bodies', { answer: 'half_body', probability: 0.3, times: 4 }],
  ['answers with a wrong media type', { answer: 'wrong_media_type' }],
]

describe('an update goes through', () => {
  test.each(storms)('%s', async (_, fault) => {
    const made = await changedWorld(24, [fault])
    const result = await made.update()
    expect(result.failures).toEqual([])
    expect(nonZero(result)).toEqual({ read_success: 24, write_success: 24 })
    expect(boardIsTrue(made)).toBe(true)
    expect(addsUp(result)).toBe(true)
  })

  test('hanging requests, after the attempt timeout', async () => {
    const made = await changedWorld(6, [{ answer: 'hang', probability: 0.3, times: 3 }])
    const result = await made.update({}, { http: { attempt_timeout_ms: 60 } })
    expect(nonZero(result)).toEqual({ read_success: 6, write_success: 6 })
    expect(boardIsTrue(made)).toBe(true)
  })
})

test('a PUT whose answer was lost is settled by reading: it is not sent again and counts as written', async () => {
  const made = await changedWorld(1, [{ service: 'hrflow', method: 'PUT', answer: 'close_after', times: 1 }])
  const result = await made.update()
  expect(nonZero(result)).toEqual({ read_success: 1, write_success: 1 })
  expect(made.counts()).toMatchObject({ get: 2, put: 1 })
})

test('a PUT that was answered with HTML is settled by reading', async () => {
  const made = await changedWorld(1, [{ service: 'hrflow', method: 'PUT', answer: 'html', times: 1 }])
  const result = await made.update()
  expect(nonZero(result)).toEqual({ read_success: 1, write_success: 1 })
  expect(boardIsTrue(made)).toBe(true)
})

test('a POST whose answer was lost happens once', async () => {
  const { sandbox, call, counts } = await world({ workable: { jobs: 1 } })
  sandbox.fault({ service: 'hrflow', method: 'POST', answer: 'close_after', times: 1 })
  const result = await call('createJobsInHrflow')
  expect(nonZero(result)).toEqual({ read_success: 1, write_success: 1 })
  expect(counts()).toMatchObject({ post: 1 })
  expect(sandbox.hrflow.jobs(sandbox.board_key)).toHaveLength(1)
})

test.each(['{}', '[]', 'null', '"ok"'])(
  'a POST or PATCH answered with %s is no success: it is settled by reading',
  async (body) => {
    const { sandbox, call, counts } = await world({ workable: { jobs: 1 } })
    sandbox.fault({ service: 'hrflow', method: 'POST', answer: { status: 200, body }, times: 1 })
    sandbox.fault({ service: 'hrflow', method: 'PATCH', answer: { status: 200, body }, times: 1 })
    expect(nonZero(await call('createJobsInHrflow'))).toEqual({ read_success: 1, write_success: 1 })
    sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, { state: 'archived' })
    expect(nonZero(await call('archiveJobsInHrflow'))).toEqual({ read_success: 1, write_success: 1 })
    expect(sandbox.hrflow.jobs(sandbox.board_key)).toHaveLength(1)
    expect(sandbox.hrflow.jobs(sandbox.board_key)[0]?.archived_at).not.toBeNull()
    expect(counts()).toMatchObject({ post: 1, patch: 1 })
  },
)

test('an outage of the list is named as what it is', async () => {
  const made = await changedWorld(3, [{ service: 'workable', path: '/jobs', answer: { status: 503 } }])
  const result = await made.update()
  expect(result).toMatchObject({ status: 'fatal', reason: 'read_failure' })
  expect(result.error?.hint).toContain('[workable] GET /jobs: 503')
})

test('Retry-After: 0 is no reason to try without a pause', async () => {
  const answer = { status: 429, headers: { 'retry-after': '0' } }
  const made = await changedWorld(1, [{ service: 'hrflow', answer, times: 4 }])
  const before = made.clock.now()
  expect(nonZero(await made.update())).toEqual({ read_success: 1, write_success: 1 })
  expect(made.clock.now() - before).toBeGreaterThan(200)
})

test('one poisoned item among many fails alone, with its reference and a sentence', async () => {
  const made = await changedWorld(30)
  const poisoned = made.sandbox.workable.jobs[17]!.shortcode
  made.sandbox.fault({ service: 'workable', path: `/jobs/${poisoned}`, answer: { status: 500 } })
  const result = await made.update()
  expect(result).toMatchObject({ status: 'success_with_failures', reason: 'none' })
  expect(nonZero(result)).toEqual({ read_success: 29, read_failure: 1, write_success: 29 })
  expect(result.failures).toEqual([
    {
      reference: poisoned,
      stage: 'load',
      code: 'http_500',
      message: '[workable] GET /jobs/:shortcode: 500. The service failed: run again later.',
      attempts: 5,
    },
  ])
})

test('a page that is too large is asked again in halves, and every job arrives once', async () => {
  const made = await changedWorld(120)
  made.sandbox.fault({
    service: 'workable',
    path: '/jobs',
    when: ({ query }) => Number(query['limit']) > 30,
    answer: 'too_large',
  })
  const result = await made.update({}, { http: { max_body_bytes: 2_000_000, attempt_timeout_ms: 5_000 } })
  expect(nonZero(result)).toEqual({ read_success: 120, write_success: 120 })
})

test('an entry that no page can hold is passed and counted, and all others are delivered', async () => {
  const made = await changedWorld(130)
  made.sandbox.workable.poison(made.sandbox.workable.jobs[117]!.shortcode)
  const result = await made.update()
  expect(result.status).toBe('success_with_failures')
  expect(nonZero(result)).toEqual({ read_success: 129, list_failure: 1, write_success: 129 })
})

test('a list page that fails ends the reading: what was read is delivered', async () => {
  const made = await changedWorld(150)
  made.sandbox.fault({ service: 'workable', path: '/jobs', when: ({ query }) => 'since_id' in query, answer: 'close' })
  const result = await made.update()
  expect(result).toMatchObject({ status: 'success_with_failures', reason: 'none' })
  expect(nonZero(result)).toEqual({ read_success: 100, list_failure: 1, write_success: 100 })
})

test('a missing board ends the run at once, naming the parameter', async () => {
  const made = await changedWorld(60)
  const result = await made.update({ push_parameters: { board_key: 'f'.repeat(40) } })
  expect(result).toMatchObject({ status: 'fatal', reason: 'write_failure', error: { code: 'unknown_board' } })
  expect(result.error?.hint).toContain('board_key')
  expect(addsUp(result)).toBe(true)
  expect(made.counts().get).toBeLessThanOrEqual(32)
  expect(made.counts().put).toBe(0)
})

test('a key that HrFlow echoes appears nowhere', async () => {
  const made = await changedWorld(3)
  const secret = 'ask_do-not-show/me+anywhere=0123456789'
  const lines: string[] = []
  const log = (fields: object, message: string) => void lines.push(JSON.stringify(fields), message)
  const logger = { debug: log, info: log, warn: log, error: log }
  const hrflow_auth = { api_secret: secret, api_user: made.sandbox.hrflow.api_user }
  const result = await made.update({ hrflow_auth }, { logger })
  expect(result).toMatchObject({ status: 'fatal', reason: 'write_failure', error: { code: 'unauthorized' } })
  expect(result.error?.message).toContain('***')
  const everything = [JSON.stringify(result), JSON.stringify(made.events), ...lines].join('\n')
  expect(everything).toContain('***')
  for (const form of [secret, encodeURIComponent(secret), 'do-not-show']) expect(everything).not.toContain(form)
})

test('a wrong Workable token is fatal at once and appears nowhere', async () => {
  const made = await changedWorld(3)
  const connector_auth = { api_access_token: 'a-wrong-token-0123', subdomain: made.sandbox.workable.subdomain }
  const result = await made.update({ connector_auth })
  expect(result).toMatchObject({ status: 'fatal', reason: 'read_failure', error: { code: 'unauthorized' } })
  expect(result.error?.hint).toContain('api_access_token')
  expect(made.counts()).toMatchObject({ list: 1, detail: 0, get: 0 })
  expect(JSON.stringify([result, made.events])).not.toContain('a-wrong-token-0123')
})

test('an unknown subdomain is fatal and says so', async () => {
  const made = await changedWorld(3)
  const connector_auth = { api_access_token: made.sandbox.workable.token, subdomain: 'nobody' }
  const result = await made.update({ connector_auth })
  expect(result).toMatchObject({ status: 'fatal', reason: 'read_failure', error: { code: 'unknown_subdomain' } })
  expect(result.error?.hint).toContain('subdomain')
})

test('a redirect is not followed', async () => {
  const made = await changedWorld(3, [
    {
      service: 'workable',
      path: '/jobs',
      answer: { status: 302, headers: { location: 'http://127.0.0.1:9/elsewhere' } },
    },
  ])
  const result = await made.update()
  expect(result).toMatchObject({ status: 'fatal', reason: 'read_failure', error: { code: 'unknown_subdomain' } })
  expect(result.requests.origin.sent).toBe(1)
})

test('details that are all forbidden end the run, naming the scope', async () => {
  const made = await changedWorld(30, [{ service: 'workable', path: /^\/jobs\//, answer: { status: 403 } }])
  const result = await made.update()
  expect(result).toMatchObject({ status: 'fatal', reason: 'read_failure', error: { code: 'forbidden' } })
  expect(result.error?.hint).toContain('r_jobs')
  expect(addsUp(result)).toBe(true)
})

test('one forbidden detail is a failure of that job alone', async () => {
  const made = await changedWorld(5)
  const forbidden = made.sandbox.workable.jobs[3]!.shortcode
  made.sandbox.fault({ service: 'workable', path: `/jobs/${forbidden}`, answer: { status: 403 } })
  const result = await made.update()
  expect(nonZero(result)).toEqual({ read_success: 4, read_failure: 1, write_success: 4 })
})

test('a job deleted after it was listed is gone, after two more looks', async () => {
  const made = await changedWorld(5)
  const gone = made.sandbox.workable.jobs[1]!.shortcode
  made.sandbox.fault({
    service: 'workable',
    path: `/jobs/${gone}`,
    answer: { status: 404, body: '{"error":"Not found"}' },
  })
  const result = await made.update()
  expect(result.status).toBe('success')
  expect(nonZero(result)).toEqual({ read_success: 4, read_gone: 1, write_success: 4 })
  expect(made.events.filter((event) => event.type === 'request' && event.request.status === 404)).toHaveLength(3)
})

test('a 404 that was a mistake of a replica is tried again', async () => {
  const made = await changedWorld(2, [{ service: 'workable', path: /^\/jobs\//, answer: { status: 404 }, times: 2 }])
  expect(nonZero(await made.update())).toEqual({ read_success: 2, write_success: 2 })
})

describe('stopped in mid-run', () => {
  test('reading ends, what was read is written, and the result says interrupted', async () => {
    const made = await changedWorld(60)
    const stop = new AbortController()
    let written = 0
    const observer = (event: { type: string; outcome?: string }) => {
      if (event.outcome === 'write_success' && ++written === 5) stop.abort()
    }
    const result = await made.update({}, { signal: stop.signal, observer })
    expect(result).toMatchObject({ status: 'success_with_failures', reason: 'interrupted', error: null })
    expect(result.events.write_success).toBeGreaterThanOrEqual(5)
    expect(result.events.read_skipped).toBeGreaterThan(0)
    expect(listedCount(result.events)).toBe(60)
    expect(addsUp(result)).toBe(true)
  })

  test('to make way for others, it ends as yielded, and the next run does the rest', async () => {
    const made = await changedWorld(60)
    const stop = new AbortController()
    let written = 0
    const observer = (event: { type: string; outcome?: string }) => {
      if (event.outcome === 'write_success' && ++written === 5) stop.abort(new YieldError())
    }
    const store = new MemoryStore({ clock: made.clock })
    const result = await made.update({ incremental: true }, { store, signal: stop.signal, observer })
    expect(result).toMatchObject({ status: 'success_with_failures', reason: 'yielded', incremental_token: null })
    const next = await made.update({ incremental: true }, { store })
    expect(next.reason).toBe('none')
    expect(next.events.write_success + result.events.write_success).toBe(60)
  })

  test('a request that never answers is cut when the time to drain is over', async () => {
    const made = await changedWorld(8)
    const stop = new AbortController()
    made.sandbox.fault({ service: 'hrflow', method: 'PUT', answer: 'hang' })
    setTimeout(() => stop.abort(), 150)
    const http = { attempt_timeout_ms: 40, max_attempts: 1_000_000, total_timeout_ms: 1e9 }
    const result = await made.update({}, { signal: stop.signal, http })
    expect(result.reason).toBe('interrupted')
    expect(result.events.write_skipped).toBeGreaterThan(0)
    expect(addsUp(result)).toBe(true)
  })

  test('a deadline stops as a signal does', async () => {
    const made = await changedWorld(60)
    const result = await made.update({}, { deadline: made.clock.now() + 15_000 })
    expect(result.reason).toBe('interrupted')
    expect(result.events.write_success).toBeGreaterThan(0)
    expect(result.events.read_skipped).toBeGreaterThan(0)
    expect(addsUp(result)).toBe(true)
  })

  test('a signal that fired before the run reads nothing', async () => {
    const made = await changedWorld(3)
    const result = await made.update({}, { signal: AbortSignal.abort() })
    expect(result).toMatchObject({ status: 'success_with_failures', reason: 'interrupted' })
    expect(made.counts()).toMatchObject({ list: 0, detail: 0 })
  })
})
