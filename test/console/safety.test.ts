import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { csv } from '../../src/console/csv.js'
import { opened, requestOf, TOKEN, WORKFLOW } from './opened.js'

const POST = { method: 'POST', body: '{"kind":"run"}' }
const shown = z.object({ parameters: z.array(z.object({ name: z.string(), value: z.unknown() })) })
const OURS = { 'content-type': 'application/json', 'x-requested-by': 'console' }

describe('the console lets in', () => {
  it('who has the token, by a cookie that no script and no other page gets', async () => {
    const { ask } = await opened()
    const entered = await ask(`/?token=${TOKEN}`, { headers: { cookie: '' } })
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/'])
    expect(entered.headers.get('set-cookie')).toMatch(
      /^hrflow_console_4000=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(entered.headers.get('set-cookie')).not.toContain(TOKEN)
    expect((await ask('/api/about')).status).toBe(200)
  })

  it.each(['', 'hrflow_console_4000=', `hrflow_console_4000=${TOKEN}`, 'hrflow_console_4001=x'])(
    'nobody with the cookie %j',
    async (cookie) => {
      const { ask } = await opened()
      for (const path of ['/api/about', '/api/home', '/api/runs/x/failures.csv', '/', '/?token=', '/?token=wrong']) {
        const answer = await ask(path, { headers: { cookie } })
        expect([path, answer.status]).toEqual([path, 401])
        expect(await answer.text()).toMatch(/Open the address that the command has shown/)
      }
    },
  )

  it.each([
    ['a name that leads here', { host: 'evil.example:4000' }, 'wrong_host'],
    ['a name that begins as ours', { host: '127.0.0.1.evil.example' }, 'wrong_host'],
    ['another page', { origin: 'https://evil.example' }, 'foreign_origin'],
    ['another port of this machine', { origin: 'http://127.0.0.1:4001' }, 'foreign_origin'],
    ['a page without an address', { origin: 'null' }, 'foreign_origin'],
    ['a script of another page', { 'sec-fetch-site': 'cross-site' }, 'foreign_origin'],
  ])('not %s, whatever cookie it brings', async (_, headers, code) => {
    const { ask, json } = await opened()
    expect(await json('/api/home', { headers })).toMatchObject({ code })
    expect(
      await (await ask('/api/workflows/acme/runs', { ...POST, headers: { ...OURS, ...headers } })).json(),
    ).toMatchObject({ code })
  })

  it('a page of its own, by all the names of this machine', async () => {
    const { ask } = await opened()
    const own = { origin: 'http://127.0.0.1:4000', 'sec-fetch-site': 'same-origin' }
    expect((await ask('/api/home', { headers: own })).status).toBe(200)
    for (const host of ['localhost:4000', '[::1]:4000'])
      expect((await ask('/api/home', { headers: { host } })).status).toBe(200)
  })

  it('a host that was named, and no other', async () => {
    const { ask } = await opened({ given: { access: { token: TOKEN, hosts: ['hr.example'] } } })
    expect((await ask(`/?token=${TOKEN}`, { headers: { host: 'hr.example' } })).status).toBe(303)
    expect((await ask(`/?token=${TOKEN}`, { headers: { host: 'hr2.example' } })).status).toBe(403)
  })
})

describe('a change', () => {
  it.each([
    ['without the header of the page', { 'content-type': 'application/json' }, 403],
    ['that is no JSON', { ...OURS, 'content-type': 'text/plain' }, 400],
  ])('%s is refused', async (_, headers, status) => {
    const { ask, store } = await opened()
    expect((await ask('/api/workflows/acme/runs', { ...POST, headers })).status).toBe(status)
    expect(await store.history.audit({ limit: 9 })).toEqual([])
    expect(await store.runs({ limit: 9 })).toEqual([])
  })

  it('by another method, too large, or with what nobody knows is refused', async () => {
    const { ask, post } = await opened()
    expect((await ask('/api/home', { method: 'DELETE', headers: OURS })).status).toBe(403)
    expect((await post('/api/workflows/acme/runs', { kind: 'run', more: 'x'.repeat(300_000) })).status).toBe(413)
    for (const body of [{ kind: 'else' }, { kind: 'run', limit: 0 }, { kind: 'run', extra: 1 }, [], null, 'run'])
      expect((await post('/api/workflows/acme/runs', body)).status).toBe(400)
    expect((await ask('/api/workflows/acme/runs', { ...POST, body: '{', headers: OURS })).status).toBe(400)
  })

  it.each(['?after=x', '?after=1', '?unknown=1', '?stage=none', `?q=${'x'.repeat(201)}`])(
    'and a question is read strictly: pending%s',
    async (query) => {
      const { ask } = await opened()
      const answer = await ask(`/api/workflows/acme/pending${query}`)
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'bad_request' }])
    },
  )

  it('is written down: who, when, what', async () => {
    const made = await opened()
    await made.run('acme')
    await made.run('acme', { kind: 'full' })
    await made.run('acme', { kind: 'plan' })
    await made.change('/api/workflows/acme/pending', { references: ['A', 'B'], change: 'dismiss' })
    expect(await made.json('/api/audit')).toMatchObject({
      entries: [
        { who: 'ada@host', what: 'dismiss', workflow_id: 'acme', detail: 'A, B: given up until they change.' },
        { what: 'plan' },
        { what: 'full_run' },
        { what: 'run', detail: 'It was run.' },
      ],
      next: null,
    })
    expect(await made.json('/api/workflows/acme')).toMatchObject({ audit: [{ what: 'dismiss' }, {}, {}, {}] })
  })
})

describe('an answer', () => {
  it('tells browsers to run nothing but what is ours, to show it nowhere else and to keep nothing', async () => {
    const { ask } = await opened()
    for (const path of ['/api/home', '/api/unknown', '/', '/api/workflows/none']) {
      const { headers } = await ask(path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';/,
      )
      expect(policy).toMatch(/base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/)
      expect(policy).not.toMatch(/unsafe|\*/)
      expect([headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual([
        'nosniff',
        'no-referrer',
      ])
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
    expect((await ask('/api/home', { headers: { cookie: '' } })).headers.get('content-security-policy')).toContain(
      "'none'",
    )
  })

  it('never holds a secret, whatever is asked for', async () => {
    const made = await opened({
      text: `${WORKFLOW}    format: { fields: { tags.secret: "'workable-sandbox-token'" } }\n`,
    })
    const { sandbox, ask, store } = made
    // A service repeats the key.
    sandbox.fault({
      ...{ service: 'hrflow', method: 'POST', times: 2 },
      answer: { status: 400, body: JSON.stringify({ code: 400, message: `Bad key ${sandbox.hrflow.api_secret}` }) },
    })
    const run_id = await made.run('acme')
    const plan = await made.run('acme', { kind: 'plan' })
    const [failed] = (await store.run(run_id))?.failures ?? []
    const reference = sandbox.workable.jobs.find(({ shortcode }) => shortcode !== failed?.reference)?.shortcode ?? ''
    const all = [
      'about',
      'home',
      'runs',
      'audit',
      'setup',
      'workflows/acme',
      'workflows/acme/pending',
      'workflows/acme/jobs',
    ]
    const runs = [run_id, plan].flatMap((id) => [
      `runs/${id}`,
      ...['', '.csv', '.json'].map((end) => `runs/${id}/failures${end}`),
    ])
    const jobs = [
      `workflows/acme/jobs/${reference}`,
      `workflows/acme/mapping?reference=${reference}`,
      `runs/${run_id}/events`,
    ]
    const secrets = [sandbox.workable.token, sandbox.hrflow.api_secret, TOKEN]
    for (const path of [...all, ...runs, ...jobs]) {
      const answer = await ask(`/api/${path}`)
      const text = await answer.text()
      expect([path, answer.status]).toEqual([path, 200])
      for (const secret of secrets) expect(text.includes(secret) ? `${path} holds ${secret}` : '').toBe('')
    }
    const { parameters } = shown.parse(await made.json('/api/workflows/acme'))
    const hidden = parameters.filter(({ name }) => name === 'api_access_token' || name === 'api_secret')
    expect(hidden.map(({ value }) => value)).toEqual([{ secret: true }, { secret: true }])
    const tried = await made.post('/api/workflows/acme/mapping', {
      reference,
      mapping: { name: "'workable-sandbox-token'" },
    })
    expect(await tried.text()).not.toContain('workable-sandbox-token')
  })

  it('says of a mistake in the program nothing that it may not', async () => {
    const { store, json } = await opened()
    store.workflows = () => Promise.reject(new Error('at /home/ada/secret: token-1234'))
    const answer = await json('/api/home')
    expect(answer).toMatchObject({ code: 'unexpected' })
    expect(JSON.stringify(answer)).not.toMatch(/ada|1234/)
  })

  it('gives a spreadsheet no formula', () => {
    const cells = ['=1+1', '+1', '-1', '@sum', '\t=1', 'a "b", c', 'plain']
    expect(csv([cells])).toBe(`"'=1+1","'+1","'-1","'@sum","'\t=1","a ""b"", c","plain"\r\n`)
  })
})

describe('the page', () => {
  it('says so where it was not built, and serves no file beside it', async () => {
    const { ask } = await opened()
    expect(await (await ask('/')).text()).toMatch(/was not built/)
    for (const path of [
      '/../state.db',
      '/%2e%2e/state.db',
      '/assets/..%2f..%2fstate.db',
      '/hrflow-connectors.yaml',
      '/x.js',
    ])
      expect((await ask(path)).status).toBeGreaterThanOrEqual(404)
  })

  it('is not shown to who was not let in', async () => {
    const { ask } = await opened()
    expect((await ask('/assets/index.js', { headers: { cookie: '' } })).status).toBe(401)
    expect(requestOf('/').url).toBe('http://127.0.0.1:4000/')
  })
})
