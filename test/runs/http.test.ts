import { expect, test } from 'vitest'
import { MemoryStore } from '../../src/index.js'
import { buildPorts } from '../../src/runtime/ports.js'
import { serve } from '../support/server.js'
import { nonZero, world } from '../support/world.js'

test('a next page on another host is asked for at our own, and the token stays there', async () => {
  const elsewhere: string[] = []
  const origin = await serve((request, response) => {
    elsewhere.push(request.url ?? '')
    response.end('{}')
  })
  const { sandbox, update } = await world({ workable: { jobs: 3 } })
  const ids = sandbox.workable.jobs.map(({ id }) => id)
  const entries = sandbox.workable.jobs.map(({ id, shortcode, title, created_at, updated_at }) => ({
    id,
    shortcode,
    title,
    created_at,
    updated_at,
  }))
  const next = `${origin}/spi/v3/jobs?limit=1&since_id=${String(ids[1])}`
  sandbox.fault({
    service: 'workable',
    path: '/jobs',
    when: ({ query }) => query['since_id'] === undefined,
    answer: { status: 200, body: JSON.stringify({ jobs: entries.slice(0, 1), paging: { next } }) },
  })
  const result = await update()
  expect(nonZero(result)).toEqual({ read_success: 3, write_not_found: 3 })
  expect(elsewhere).toEqual([])
})

test.each(['own_host', 'other_host', 'forgets_filters'] as const)(
  'a list whose next is %s is read whole, filters and all',
  async (next) => {
    for (const since_id of ['inclusive', 'exclusive'] as const) {
      const { sandbox, update } = await world({ workable: { jobs: 230, next, since_id, rate_limit: { limit: 1000 } } })
      const published = sandbox.workable.jobs.filter(({ state }) => state === 'published').length
      const result = await update({ pull_parameters: { state: 'published' } })
      expect(nonZero(result)).toEqual({ read_success: published, write_not_found: published })
      const pages = sandbox.workable.requests.filter(({ path }) => path === '/jobs')
      expect(pages.every(({ query }) => query['state'] === 'published' && query['include_fields'] !== undefined)).toBe(
        true,
      )
    }
  },
)

test('an address that is neither https nor on this machine gets no token', async () => {
  const { update } = await world()
  const wrong = [
    'http://workable.example/v3',
    'https://user:pass@workable.example/v3',
    'https://a.example//b.example',
    'https://workable.example/v3?token=user:pass',
    'https://workable.example/v3#fragment',
    'no url',
  ]
  for (const workable of wrong) {
    const result = await update({}, { base_urls: { workable } })
    expect(result).toMatchObject({ status: 'fatal', reason: 'bad_origin_parameters', error: { code: 'bad_base_url' } })
    expect(result.requests.origin.sent).toBe(0)
    expect(JSON.stringify(result)).not.toContain('user:pass')
  }
})

test('an overridden address is said, without what else its URL holds', async () => {
  const { update, fillBoard } = await world()
  await fillBoard()
  const result = await update()
  expect(result.notes[0]).toMatch(/^workable is reached at 127\.0\.0\.1:\d+, not at its own address\.$/)
})

test('the environment names other addresses, and nothing else is taken from it', () => {
  const env = {
    WORKABLE_API_URL: ' http://127.0.0.1:1/{subdomain} ',
    HRFLOW_API_URL: '',
    WORKABLE_API_ACCESS_TOKEN: 'secret',
  }
  const { notes } = buildPorts({}, env)
  expect(notes).toEqual(['workable is reached at 127.0.0.1:1, not at its own address.'])
})

test('limits that make no sense are a programming error, named by path', () => {
  expect(() => buildPorts({ http: { max_attempts: 0 } }, {})).toThrow('runtime.http.max_attempts: must be at least 1.')
  expect(() => buildPorts({ http: { attempt_timeout: 5 } as never }, {})).toThrow('Did you mean attempt_timeout_ms?')
})

test('keep-alive: a run opens no more connections than it has requests in flight', async () => {
  const made = await world({ workable: { jobs: 120, rate_limit: { limit: 1000 } } })
  await made.fillBoard()
  const before = made.sandbox.connections
  await made.update()
  expect(made.sandbox.connections - before).toBeLessThanOrEqual(64)
})

test('the budget of the account is kept by several runs in one process: no 429', async () => {
  const made = await world({ workable: { jobs: 20 } })
  await made.fillBoard()
  const results = await Promise.all(['a', 'b', 'c'].map((workflow_id) => made.update({ workflow_id })))
  expect(results.map(({ status }) => status)).toEqual(['success', 'success', 'success'])
  expect(made.sandbox.workable.requests.filter(({ status }) => status === 429)).toEqual([])
})

test('a path stays below its own host, whatever it looks like', async () => {
  const { sandbox, runtime } = await world()
  const seen: string[] = []
  const opened = await buildPorts(runtime, {}).open()
  const http = opened.http({
    side: 'origin',
    redact: (text) => text.replaceAll('secret', '***'),
    waits: new AbortController().signal,
    requests: new AbortController().signal,
    observe: ({ path }) => seen.push(path),
  })
  const client = http.open({
    id: 'x',
    base_url: sandbox.url,
    headers: {},
    pace: { kind: 'adaptive', initial: 1, max: 1 },
  })
  await expect(client.request({ method: 'GET', path: '//127.0.0.1:9/secret' })).rejects.toThrow('404')
  // Of no service, so that it is tried again.
  expect([...new Set(seen)]).toEqual(['//127.0.0.1:9/***'])
})

test('a request that waited for its connection while the run lost its workflow is not sent after all', async () => {
  const { sandbox, clock, fillBoard, counts, update } = await world({ workable: { jobs: 1 } })
  await fillBoard()
  sandbox.workable.edit(sandbox.workable.jobs[0]?.shortcode ?? '', { title: 'Changed' })
  let asleep = 0
  const later = { now: () => clock.now() + asleep, sleep: clock.sleep.bind(clock) }
  const store = new MemoryStore({ clock: later })
  let taken: Promise<unknown> | undefined
  const dispatcher = clock.dispatcher.compose((dispatch) => (options, handler) => {
    if (options.method === 'PUT' && taken === undefined) {
      asleep = 61_000
      taken = store.acquireLease('test', 'update_jobs_in_hrflow', { name: 'another', process: null }, 60_000)
    }
    return dispatch(options, handler)
  })
  const result = await update({}, { clock: later, store, dispatcher })
  expect(await taken).toHaveProperty('expires_at')
  expect(result).toMatchObject({ status: 'fatal', reason: 'workflow_lease_lost' })
  expect(counts().put).toBe(0)
})

test('all runs of a process with one key share the pace of a service without a published limit', async () => {
  let [inFlight, most] = [0, 0]
  const url = await serve((_, response) => {
    inFlight += 1
    most = Math.max(most, inFlight)
    setTimeout(() => {
      inFlight -= 1
      response.end('{}')
    }, 20)
  })
  const clientOf = async (key: string) => {
    const { http } = await buildPorts({ store: new MemoryStore() }, {}).open()
    const { signal } = new AbortController()
    const session = {
      side: 'target',
      redact: String,
      waits: signal,
      requests: signal,
      observe: () => undefined,
    } as const
    const pace = { kind: 'adaptive', initial: 1, max: 1 } as const
    return http(session).open({ id: 'hrflow', base_url: url, headers: { 'x-api-key': key }, pace })
  }
  const askAll = async (keys: string[]) => {
    most = 0
    const clients = await Promise.all(keys.map(clientOf))
    await Promise.all(clients.map((client) => client.request({ method: 'GET', path: '/' })))
    return most
  }
  expect(await askAll(['a', 'a', 'a'])).toBe(1)
  expect(await askAll(['a', 'b', 'c'])).toBe(3)
})
