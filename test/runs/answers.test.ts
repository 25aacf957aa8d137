// Whose word an answer is, and what a service asks for: over real HTTP.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MemoryStore, type RunEvent, type RunResult } from '../../src/index.js'
import { nonZero, world } from '../support/world.js'

type Made = Awaited<ReturnType<typeof world>>

const CHALLENGE = '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>'
const asPage = (status: number, body = CHALLENGE) => ({ status, body, headers: { 'content-type': 'text/html' } })

/** Both services on a board that holds the jobs, of which one has changed. */
async function filled(jobs = 3): Promise<Made> {
  const made = await world({ workable: { jobs } })
  await made.fillBoard()
  return made
}

const said = ({ error }: RunResult) => `${error?.code} ${error?.message} ${error?.hint}`

describe('Retry-After', () => {
  test.each(['/jobs', /^\/jobs\//])('is waited for by all requests of the account (429 on %s)', async (path) => {
    const made = await filled()
    const { sandbox, clock, update } = made
    const refused: number[] = []
    sandbox.fault({
      service: 'workable',
      path,
      times: 1,
      when: () => refused.push(clock.now()) > 0,
      answer: { status: 429, body: '{}', headers: { 'retry-after': '60' } },
    })
    const sent: number[] = []
    const observer = (event: RunEvent) => {
      if (event.type === 'request' && event.side === 'origin') sent.push(clock.now())
    }
    const result = await update({}, { observer })
    expect(result.status).toBe('success')
    const after = sent.filter((at) => at > refused[0]! + 2_000)
    expect(after.length).toBeGreaterThan(0)
    expect(Math.min(...after)).toBeGreaterThanOrEqual(refused[0]! + 60_000)
  })

  test('of a 503 as well, and told as a date', async () => {
    const { sandbox, clock, update } = await filled()
    const began = clock.now()
    const headers = { 'retry-after': new Date(began + 90_000).toUTCString(), date: new Date(began).toUTCString() }
    sandbox.fault({ service: 'workable', path: '/jobs', times: 1, answer: { status: 503, body: '{}', headers } })
    expect((await update()).status).toBe('success')
    expect(clock.now() - began).toBeGreaterThanOrEqual(89_000)
  })

  test('of HrFlow is waited for by every run of the process with that key', async () => {
    const { sandbox, clock, update } = await filled()
    sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, { title: 'New' })
    const began = clock.now()
    const answer = { status: 429, body: '{}', headers: { 'retry-after': '120' } }
    sandbox.fault({ service: 'hrflow', method: 'PUT', times: 1, answer })
    expect((await update()).status).toBe('success')
    expect(clock.now() - began).toBeGreaterThanOrEqual(120_000)
  })

  test('of more than five minutes is told, nothing is sent, and the run after it goes on', async () => {
    const { sandbox, clock, update } = await filled(30)
    const answer = { status: 429, body: '{}', headers: { 'retry-after': '1800' } }
    const heal = sandbox.fault({ service: 'workable', path: /^\/jobs\//, skip: 4, times: 1, answer })
    const first = await update({ incremental: true })
    expect(first).toMatchObject({ status: 'fatal', reason: 'read_failure', error: { code: 'held' } })
    expect(said(first)).toMatch(/until \d{4}-.*Z.*Run again after that/)
    expect(first.events.read_skipped).toBeGreaterThan(0)
    heal()
    const again = await update({ incremental: true })
    expect(again).toMatchObject({ error: { code: 'held' }, requests: { origin: { sent: 0 } } })
    await clock.sleep(1_800_000)
    expect((await update({ incremental: true })).status).toBe('success')
  })

  test('binds the other processes that share the store', async () => {
    const { sandbox, clock, update, runtime } = await filled()
    const store = new MemoryStore({ clock })
    await store.holdAccount(`workable:${sandbox.workable.subdomain}`, 100_000)
    const began = clock.now()
    expect((await update({}, { ...runtime, store })).status).toBe('success')
    expect(clock.now() - began).toBeGreaterThanOrEqual(100_000)
  })

  test.each(['-5', 'soon', '1e9', '0', new Date(0).toUTCString(), '5, 10', ' '])(
    'that makes no sense does no harm: %j',
    async (value) => {
      const { sandbox, update } = await filled()
      const answer = { status: 429, body: '{}', headers: { 'retry-after': value } }
      sandbox.fault({ service: 'workable', path: '/jobs', times: 2, answer })
      expect((await update()).status).toBe('success')
    },
  )
})

describe('an answer of something in between', () => {
  test.each([
    [403, CHALLENGE],
    [401, '<html><body>Sign in</body></html>'],
    [200, '<html><head><title>Maintenance</title></head></html>'],
    [403, 'Access denied'],
    [403, '[Blocked by policy]'],
    [403, '{{ blocked }}'],
    [401, '"Access denied"'],
    [511, '<html><body>Log in to this network</body></html>'],
    [200, 'Please accept the terms of this network.'],
    [407, ''],
    [403, ''],
  ])('is told as that on the list, and no word of the token (%i %s)', async (status, body) => {
    const { sandbox, update } = await filled()
    sandbox.fault({ service: 'workable', answer: asPage(status, body) })
    const result = await update()
    expect(result).toMatchObject({ status: 'fatal', reason: 'read_failure', error: { code: 'blocked' } })
    expect(said(result)).toContain('something between here and Workable answered')
    expect(said(result)).not.toMatch(/token|scope/)
  })

  test.each([401, 403, 404])('on the details fails these items, and no job is gone (%i)', async (status) => {
    const { sandbox, update } = await filled()
    sandbox.workable.edit(sandbox.workable.jobs[0]!.shortcode, { title: 'New' })
    sandbox.fault({ service: 'workable', path: /^\/jobs\//, answer: asPage(status) })
    const result = await update({ incremental: true })
    expect(result.status).toBe('success_with_failures')
    expect(nonZero(result)).toEqual({ read_failure: 3 })
    expect(result.failures.map(({ code }) => code)).toEqual(['blocked', 'blocked', 'blocked'])
    expect(result.requests.origin.sent).toBe(1 + 3 * 2)
  })

  test('on detail after detail ends the reading', async () => {
    const { sandbox, update } = await filled(60)
    sandbox.fault({ service: 'workable', path: /^\/jobs\//, skip: 5, answer: asPage(403) })
    const result = await update()
    expect(result).toMatchObject({ status: 'fatal', error: { code: 'blocked' } })
    expect(result.events.read_skipped).toBeGreaterThan(0)
    expect(result.events.write_unchanged).toBe(5)
  })

  test('that passes is tried again', async () => {
    const { sandbox, update } = await filled()
    sandbox.fault({ service: 'workable', path: '/jobs', times: 2, answer: asPage(403) })
    sandbox.fault({ service: 'hrflow', times: 2, answer: asPage(401) })
    expect((await update()).status).toBe('success')
  })

  test('in place of HrFlow fails items, and says nothing of the key', async () => {
    const { sandbox, update } = await filled()
    sandbox.fault({ service: 'hrflow', answer: asPage(401) })
    const result = await update({ incremental: true })
    expect(result.status).toBe('success_with_failures')
    expect(result.failures[0]).toMatchObject({ code: 'blocked', stage: 'write' })
    expect(result.failures[0]?.message).toContain('something between here and HrFlow answered')
    expect(result.failures[0]?.message).not.toMatch(/api_secret|key/)
  })

  test('in JSON is the service’s own', async () => {
    const { sandbox, update } = await filled()
    const body = '{"error":"unauthorized"}'
    for (const answer of [{ status: 401, body }, asPage(401, body), asPage(401, ` [${body}]`)]) {
      const heal = sandbox.fault({ service: 'workable', answer })
      expect(await update()).toMatchObject({ error: { code: 'unauthorized' } })
      heal()
    }
  })
})

describe('a list', () => {
  /** Pages of a list: each names the next one by its number. */
  function pagesOf(made: Made, pages: { jobs: unknown[]; next?: string }[]) {
    const { sandbox } = made
    const url = sandbox.workable_url.replace('{subdomain}', sandbox.workable.subdomain)
    const healing = [...pages.entries()].map(([number, { jobs, next }]) => {
      const paging = next === undefined ? undefined : { next: `${url}/jobs?${next}` }
      return sandbox.fault({
        service: 'workable',
        path: '/jobs',
        when: ({ query }) => query['since_id'] === undefined && (query['cursor'] ?? '0') === String(number),
        answer: { status: 200, body: JSON.stringify({ jobs, paging }) },
      })
    })
    return () => healing.forEach((heal) => heal())
  }

  const entriesOf = ({ sandbox }: Made) => sandbox.workable.jobs.map((job) => structuredClone(job) as object)

  test('is read on after a page that is empty, and after one that brings nothing new', async () => {
    const made = await filled(3)
    const [one, two, three] = entriesOf(made)
    pagesOf(made, [
      { jobs: [one], next: 'cursor=1' },
      { jobs: [], next: 'cursor=2' },
      { jobs: [one], next: 'cursor=3' },
      { jobs: [two, three] },
    ])
    const result = await made.update()
    // One that comes again later is looked at again.
    expect(result.events).toMatchObject({ read_success: 4, list_failure: 0, write_failure: 0 })
  })

  test.each(['https://x.test/jobs?since_id=2', 5, true, [1], { next: 5 }, { next: ['?a=1'] }, { next: false }])(
    'that says in no readable form whether it goes on is not taken for a whole one: %j',
    async (paging) => {
      const { sandbox, update } = await filled(1)
      const body = JSON.stringify({ jobs: sandbox.workable.jobs, paging })
      sandbox.fault({ service: 'workable', path: '/jobs', answer: { status: 200, body } })
      expect((await update({ incremental: true })).failures.map(({ code }) => code)).toEqual(['list_stuck'])
    },
  )

  test.each([null, '', [], {}, { next: null }, { next: '' }, { previous: '?a=1' }])(
    'ends with paging %j',
    async (paging) => {
      const { sandbox, update } = await filled(1)
      const body = JSON.stringify({ jobs: sandbox.workable.jobs, paging })
      sandbox.fault({ service: 'workable', path: '/jobs', answer: { status: 200, body } })
      expect((await update()).status).toBe('success')
    },
  )

  test('that leads back to itself is not taken for a whole one', async () => {
    const made = await filled(2)
    const [one, two] = entriesOf(made)
    pagesOf(made, [
      { jobs: [one], next: 'cursor=1' },
      { jobs: [two], next: 'cursor=1' },
    ])
    const result = await made.update()
    expect(result.failures.map(({ code }) => code)).toEqual(['list_stuck'])
    expect(result.events).toMatchObject({ read_success: 2, list_failure: 1 })
  })

  test('that never brings anything again ends as failed', async () => {
    const made = await filled(1)
    const [one] = entriesOf(made)
    const empty = Array.from({ length: 130 }, (_, at) => ({ jobs: [], next: `cursor=${at + 2}` }))
    pagesOf(made, [{ jobs: [one], next: 'cursor=1' }, ...empty])
    const result = await made.update()
    expect(result.failures.map(({ code }) => code)).toEqual(['list_stuck'])
    expect(result.requests.origin.sent).toBeLessThan(110)
  })

  test('with two jobs of one id brings both', async () => {
    const made = await filled(2)
    const [one, two] = entriesOf(made)
    pagesOf(made, [{ jobs: [one, { ...two, id: (one as { id: string }).id }] }])
    const result = await made.update()
    expect(result.events).toMatchObject({ read_success: 2, list_failure: 0, read_failure: 0 })
    expect(result.events.write_success + result.events.write_unchanged).toBe(2)
  })

  test('with one shortcode under two ids delivers one, the same in every run, and names both', async () => {
    const made = await filled(2)
    const { sandbox, counts, update } = made
    const [one, two] = entriesOf(made) as { id: string; shortcode: string; updated_at: string }[]
    const twin = (city: string) => ({ location: { city, location_str: city }, locations: [] })
    const twins = [
      { ...one, ...twin('Leeds') },
      { ...two, shortcode: one!.shortcode, ...twin('York') },
    ]
    const heal = pagesOf(made, [{ jobs: [twins[0]], next: 'cursor=1' }, { jobs: [twins[1]] }])
    // A look for one job by its id.
    for (const { id } of twins as { id: string }[]) {
      const jobs = twins.filter((job) => job.id === id)
      const when = ({ query }: { query: Record<string, string> }) => query['max_id'] === id
      sandbox.fault({
        service: 'workable',
        path: '/jobs',
        when,
        answer: { status: 200, body: JSON.stringify({ jobs }) },
      })
    }
    const detail = Object.fromEntries(Object.entries(one!).filter(([name]) => name !== 'location'))
    const path = `/jobs/${one!.shortcode}`
    sandbox.fault({ service: 'workable', path, answer: { status: 200, body: JSON.stringify(detail) } })
    const puts: number[] = []
    for (const incremental of [true, false, true, false]) {
      const result = await update({ incremental })
      puts.push(counts().put)
      if (incremental && puts.length > 1) continue
      expect(result.failures).toHaveLength(1)
      expect(result.failures[0]).toMatchObject({ code: 'reference_listed_twice', reference: one!.shortcode })
      expect(result.failures[0]?.message).toContain(one!.id)
      expect(result.failures[0]?.message).toContain(two!.id)
      expect(result.events).toMatchObject({ read_success: 1, read_failure: 1 })
    }
    expect(puts.slice(1)).toEqual(puts.slice(1).map(() => puts[0]))
    expect(sandbox.hrflow.job(sandbox.board_key, one!.shortcode)?.location.text).toBe('Leeds')
    // Changed alone, the other one does not take its place.
    heal()
    const later = new Date(Date.parse(two!.updated_at) + 3_600_000).toISOString()
    const changed = JSON.stringify({ jobs: [{ ...twins[1], updated_at: later }] })
    sandbox.fault({ service: 'workable', path: '/jobs', answer: { status: 200, body: changed } })
    const alone = await update({ incremental: true })
    expect(alone.failures.map(({ code }) => code)).toEqual(['reference_listed_twice'])
    expect(counts().put).toBe(puts[0])
  })
})

describe('a packed answer', () => {
  /** A server in front of the sandbox that packs what it says. */
  async function packing(made: Made, pack: (body: Buffer) => Buffer, coding: string | string[]) {
    const asked: (string | undefined)[] = []
    const server = createServer((request, response) => void forward(request, response))
    const forward = async (request: IncomingMessage, response: ServerResponse) => {
      asked.push(request.headers['accept-encoding'])
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      delete headers['host']
      delete headers['connection']
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }
      delete headers['content-length']
      const answer = await fetch(`${made.sandbox.url}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        headers,
        ...body,
      })
      const whole = Buffer.from(await answer.arrayBuffer())
      const limits = Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith('x-rate')))
      response.setHeader('content-encoding', coding)
      response.writeHead(answer.status, { ...limits, 'content-type': 'application/json' })
      response.end(pack(whole))
    }
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const workable = made.sandbox.workable_url.replace(/:\d+/, `:${port}`)
    const hrflow = made.sandbox.hrflow_url.replace(/:\d+/, `:${port}`)
    return { base_urls: { workable, hrflow }, asked }
  }

  test.each([
    ['gzip', gzipSync, 'gzip'],
    ['gzip by its old name', gzipSync, 'X-GZIP'],
    ['deflate', deflateSync, 'deflate'],
    ['deflate without its wrapper', deflateRawSync, 'deflate'],
    ['brotli', brotliCompressSync, 'br'],
    ['twice', (body: Buffer) => brotliCompressSync(gzipSync(body)), 'gzip, br'],
    ['twice, each with its own name', (body: Buffer) => brotliCompressSync(gzipSync(body)), ['gzip', 'br']],
    ['by name only', (body: Buffer) => body, 'gzip'],
    ['identity', (body: Buffer) => body, 'identity'],
  ])('is unpacked: %s', async (_name, pack, coding) => {
    const made = await filled()
    made.sandbox.workable.edit(made.sandbox.workable.jobs[0]!.shortcode, { title: 'Ünpacked' })
    const { base_urls, asked } = await packing(made, pack, coding)
    const result = await made.update({}, { base_urls })
    expect(nonZero(result)).toEqual({ read_success: 3, write_success: 1, write_unchanged: 2 })
    expect([...new Set(asked)]).toEqual(['gzip'])
    expect(made.sandbox.hrflow.jobs(made.sandbox.board_key).map(({ name }) => name)).toContain('Ünpacked')
  })

  test('is bounded by what it unpacks to', async () => {
    const made = await filled(1)
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))
    expect(bomb.length).toBeLessThan(100_000)
    const { base_urls } = await packing(made, () => bomb, 'gzip')
    const result = await made.update({}, { base_urls, http: { max_body_bytes: 1024 * 1024, max_attempts: 2 } })
    expect(result).toMatchObject({ status: 'fatal', reason: 'read_failure' })
    expect(result.failures[0]).toMatchObject({ code: 'http_too_large' })
  })

  test.each([
    ['cut', (body: Buffer) => gzipSync(body).subarray(0, 40), 'gzip'],
    ['of a coding that nobody knows', (body: Buffer) => body, 'zstd'],
    ['of too many codings', (body: Buffer) => body, 'gzip,gzip,gzip,gzip,gzip,gzip'],
  ])('that is %s is a broken answer', async (_name, pack, coding) => {
    const made = await filled(1)
    const { base_urls } = await packing(made, pack, coding)
    const result = await made.update({}, { base_urls, http: { max_attempts: 2 } })
    expect(result).toMatchObject({ status: 'fatal', reason: 'read_failure' })
    expect(result.failures[0]).toMatchObject({ code: 'http_not_json', attempts: 2 })
  })

  test('of the sandbox is read', async () => {
    const { sandbox, update } = await filled()
    sandbox.fault({ answer: 'gzip' })
    expect((await update()).status).toBe('success')
  })
})

test.each([-13, 987, 0, -999])('versions of list and detail are compared by the second (%i ms)', async (apart) => {
  const { sandbox, update, clock } = await filled(1)
  const [job] = sandbox.workable.jobs
  const at = Date.parse(String(job?.updated_at)) + 3_600_000
  const list = { jobs: [{ ...job, updated_at: new Date(at).toISOString().replace('.000', '') }] }
  const detail = { ...job, updated_at: new Date(at + apart).toISOString() }
  sandbox.fault({ service: 'workable', path: '/jobs', answer: { status: 200, body: JSON.stringify(list) } })
  const asked: string[] = []
  const when = ({ path }: { path: string }) => asked.push(path) > 0
  const answer = { status: 200, body: JSON.stringify(detail) }
  sandbox.fault({ service: 'workable', path: /^\/jobs\//, when, answer })
  await clock.sleep(7_200_000)
  expect((await update({ incremental: true })).status).toBe('success')
  // What was read is kept under the list's version.
  expect(nonZero(await update({ incremental: true }))).toEqual({ read_unchanged: 1 })
  expect(nonZero(await update())).toEqual({ read_success: 1, write_unchanged: 1 })
  expect(asked).toHaveLength(1)
})
