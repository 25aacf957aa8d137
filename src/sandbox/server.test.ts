import { afterEach, describe, expect, it } from 'vitest'
import type { Fault, FaultAnswer } from './faults.js'
import { startSandbox } from './server.js'
import type { SandboxOptions } from './options.js'
import type { Sandbox } from './server.js'

const running: Sandbox[] = []

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options)
  running.push(sandbox)
  return sandbox
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()))
})

function workable(sandbox: Sandbox, path: string, init: RequestInit = {}): Promise<Response> {
  const url = sandbox.workable_url.replace('{subdomain}', sandbox.workable.subdomain)
  return fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${sandbox.workable.token}` } })
}

function hrflow(sandbox: Sandbox, path: string, init: RequestInit = {}): Promise<Response> {
  const { HRFLOW_API_SECRET = '', HRFLOW_API_USER = '' } = sandbox.env
  const headers = { 'x-api-key': HRFLOW_API_SECRET, 'x-user-email': HRFLOW_API_USER }
  return fetch(`${sandbox.hrflow_url}${path}`, { ...init, headers })
}

const create = (sandbox: Sandbox, reference: string) =>
  hrflow(sandbox, '/job/indexing', {
    method: 'POST',
    body: JSON.stringify({ board_key: sandbox.board_key, reference, name: 'Bäcker', location: { text: null } }),
  })

describe('the sandbox', () => {
  it('serves both services on one port, and says how to get there', async () => {
    const sandbox = await start({ workable: { subdomain: 'other', jobs: 3, rate_limit: { limit: 10 } } })
    expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(sandbox.env).toEqual({
      WORKABLE_API_ACCESS_TOKEN: 'workable-sandbox-token',
      WORKABLE_SUBDOMAIN: 'other',
      WORKABLE_API_URL: `${sandbox.url}/workable/{subdomain}/spi/v3`,
      HRFLOW_API_SECRET: `ask_${'0'.repeat(32)}`,
      HRFLOW_API_USER: 'owner@example.com',
      HRFLOW_BOARD_KEY: sandbox.board_key,
      HRFLOW_API_URL: `${sandbox.url}/hrflow/v1`,
    })
    const jobs = await workable(sandbox, '/jobs?limit=2')
    expect(jobs.headers.get('x-rate-limit-remaining')).toBe('9')
    expect(await jobs.json()).toMatchObject({
      paging: {
        next: expect.stringContaining(`${sandbox.url}/workable/other/spi/v3/jobs?limit=2&since_id=`) as string,
      },
    })
    expect((await create(sandbox, 'R1')).status).toBe(201)
    expect(sandbox.hrflow.job(sandbox.board_key, 'R1')?.name).toBe('Bäcker')
    expect((await fetch(`${sandbox.url}/elsewhere`)).status).toBe(404)
    expect((await fetch(`${sandbox.url}/workable/nobody/spi/v3/jobs`)).headers.get('content-type')).toContain(
      'text/html',
    )
  })

  it('shows the clock of the service in Date, and keeps connections open', async () => {
    const sandbox = await start({ workable: { clock_offset_ms: -3_600_000 } })
    const answer = await workable(sandbox, '/accounts')
    await answer.text()
    const behind = Date.now() - Date.parse(answer.headers.get('date') ?? '')
    expect(behind).toBeGreaterThan(3_500_000)
    for (let n = 0; n < 20; n++) await (await workable(sandbox, '/accounts')).text()
    expect(sandbox.connections).toBeLessThanOrEqual(2)
  })

  it('cannot start twice on one port', async () => {
    const { url } = await start()
    await expect(startSandbox({ port: Number(new URL(url).port) })).rejects.toThrow('EADDRINUSE')
  })
})

describe('faults', () => {
  const once = (answer: FaultAnswer, more: Partial<Fault> = {}): SandboxOptions => ({
    faults: [{ service: 'hrflow', method: 'post', path: '/job/indexing', times: 1, answer, ...more }],
  })

  it('answers with another status, and the service sees nothing', async () => {
    const sandbox = await start(once({ status: 503, body: '{"code":503}', headers: { 'retry-after': '1' } }))
    const answer = await create(sandbox, 'R1')
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([503, '1', { code: 503 }])
    expect(sandbox.hrflow.requests).toEqual([])
    expect((await create(sandbox, 'R1')).status).toBe(201)
  })

  it('closes the socket before the service sees the request', async () => {
    const sandbox = await start(once('close'))
    await expect(create(sandbox, 'R1')).rejects.toThrow()
    expect(sandbox.hrflow.requests).toEqual([])
  })

  it('closes the socket after the service did its work', async () => {
    const sandbox = await start(once('close_after'))
    await expect(create(sandbox, 'R1')).rejects.toThrow()
    expect(sandbox.hrflow.job(sandbox.board_key, 'R1')).toBeDefined()
  })

  it('hangs until it is closed', async () => {
    const sandbox = await start(once('hang'))
    await expect(
      hrflow(sandbox, '/job/indexing', { method: 'POST', signal: AbortSignal.timeout(20) }),
    ).rejects.toThrow()
    sandbox.fault({ answer: 'hang' })
    const hanging = expect(create(sandbox, 'R1')).rejects.toThrow()
    await new Promise((resolve) => setTimeout(resolve, 10))
    await sandbox.close()
    await hanging
  })

  it('breaks off in the middle of the body', async () => {
    const sandbox = await start(once('half_body'))
    const answer = await create(sandbox, 'R1')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([201, 'application/json'])
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(100)
    await expect(answer.text()).rejects.toThrow()
  })

  it('answers with a page', async () => {
    const sandbox = await start(once('html'))
    const answer = await create(sandbox, 'R1')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await answer.text()).toContain('<html>')
    expect(sandbox.hrflow.jobs(sandbox.board_key)).toEqual([])
  })

  it('answers rightly with the wrong media type', async () => {
    const sandbox = await start(once('wrong_media_type'))
    const answer = await create(sandbox, 'R1')
    expect(answer.headers.get('content-type')).toBe('text/plain')
    expect(await answer.json()).toMatchObject({ code: 201 })
  })

  it('sends without end until the client leaves', async () => {
    const sandbox = await start(once('too_large'))
    const leave = new AbortController()
    const answer = await hrflow(sandbox, '/job/indexing', { method: 'POST', signal: leave.signal })
    const reader = answer.body!.getReader()
    let bytes = 0
    while (bytes < 5_000_000) {
      const chunk: unknown = (await reader.read()).value
      bytes += chunk instanceof Uint8Array ? chunk.length : 0
    }
    leave.abort()
    await expect(reader.read()).rejects.toThrow()
  })

  it('skips, counts, matches and is removed', async () => {
    const sandbox = await start()
    const answer = { status: 500 }
    const remove = sandbox.fault({ path: /^\/jobs\/.+/g, skip: 1, times: 2, answer })
    const { shortcode } = sandbox.workable.jobs[0]!
    const statuses: number[] = []
    for (let n = 0; n < 4; n++) statuses.push((await workable(sandbox, `/jobs/${shortcode}`)).status)
    expect(statuses).toEqual([200, 500, 500, 200])
    remove()
    const again = sandbox.fault({ when: ({ query, body }) => query['limit'] === '3' && body === '', answer })
    expect((await workable(sandbox, '/jobs?limit=2')).status).toBe(200)
    expect((await workable(sandbox, '/jobs?limit=3')).status).toBe(500)
    again()
    expect((await workable(sandbox, '/jobs?limit=3')).status).toBe(200)
  })

  it('strikes by chance, the same way for the same seed', async () => {
    const strike = async () => {
      const sandbox = await start({
        seed: 5,
        workable: { rate_limit: null },
        faults: [{ probability: 0.5, answer: { status: 500 } }],
      })
      const statuses: number[] = []
      for (let n = 0; n < 20; n++) statuses.push((await workable(sandbox, '/accounts')).status)
      return statuses
    }
    const statuses = await strike()
    expect(new Set(statuses)).toEqual(new Set([200, 500]))
    expect(await strike()).toEqual(statuses)
  })

  it('shows a rule that fails', async () => {
    const sandbox = await start()
    sandbox.fault({
      answer: 'close',
      when: () => {
        throw new Error('my rule')
      },
    })
    const answer = await workable(sandbox, '/jobs')
    expect([answer.status, await answer.text()]).toEqual([500, 'Sandbox: Error: my rule'])
  })
})

describe('latency', () => {
  it('passes half before the request arrives and half after, for the routes it is given for', async () => {
    const sandbox = await start({
      latency: [
        { ms: 40, service: 'workable', route: '/jobs' },
        { ms: 0, jitter_ms: 2 },
      ],
    })
    const sent = Date.now()
    await workable(sandbox, '/jobs')
    const took = Date.now() - sent
    const arrived = (sandbox.workable.requests[0]?.at ?? 0) - sent
    expect(took).toBeGreaterThanOrEqual(38)
    expect(arrived).toBeGreaterThanOrEqual(18)
    expect(took - arrived).toBeGreaterThanOrEqual(18)
    expect((await hrflow(sandbox, '/auth')).status).toBe(200)
  })
})

describe('options of the sandbox', () => {
  it.each<[object, string]>([
    [{ port: 65_536 }, 'sandbox.port: must be at most 65535.'],
    [{ port: -1 }, 'sandbox.port: must be at least 0.'],
    [{ workable: { jobs: 1.5 } }, 'sandbox.workable.jobs: expected int'],
    [{ workable: { jobs: -1 } }, 'sandbox.workable.jobs: must be at least 0.'],
    [{ workable: { rate_limit: { limit: 0 } } }, 'sandbox.workable.rate_limit.limit: must be at least 1.'],
    [{ prot: 1 }, 'sandbox.prot: unknown parameter. Did you mean port?'],
    [{ workable: { job: 3 } }, 'sandbox.workable.job: unknown parameter. Did you mean jobs?'],
  ])('%j is refused before anything is served', async (options, message) => {
    await expect(startSandbox(options)).rejects.toThrow(message)
  })
})
