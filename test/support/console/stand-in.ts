// A server of the console made of its contract: what it shows is invented, and it can be slow or dead when told.
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { extname, join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import type { Home, LiveProgress, RunView } from '../../../src/console/contract.js'
import { emptyCounters } from '../../../src/core/result/counters.js'
import { ago, AUDIT, FAILURES, HOME, LINES, NOW, PENDING, runsOf, runView, workflowView } from './invented.js'
import { jobView, mappingView, PLAN, REFERENCES, setupView } from './invented-job.js'

const PAGE = new URL('../../../dist/console/page/', import.meta.url)
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

export interface StandIn {
  url: string
  /** What was changed: `POST /api/...` with its body. */
  changes: { path: string; body: unknown }[]
  /** What home shows. */
  home: Home
  /** Answers below a path are held until the returned function is called. */
  hold(path: string): () => void
  /** Answers this refusal to the next change. */
  refuse(message: string, hint: string): void
  /** Tells the run that is live how far it is. */
  progress(some: Partial<LiveProgress>): Promise<void>
  /** Ends the run that is live. */
  end(): Promise<void>
  die(): Promise<void>
  revive(): Promise<void>
  close(): Promise<void>
}

export const LIVE = 'acme-jobs-live'
export const PLANNED = 'acme-jobs-plan'

interface State {
  changes: StandIn['changes']
  home: Home
  held: Map<string, Promise<void>>
  refusal: { code: string; message: string; hint: string } | null
  live: { ended: boolean; last: LiveProgress; streams: Set<SSEStreamingApi> }
}

export async function startStandIn(): Promise<StandIn> {
  const state: State = {
    changes: [],
    home: HOME,
    held: new Map(),
    refusal: null,
    live: { ended: false, last: progressOf({}), streams: new Set() },
  }
  const app = appOf(state)
  let server = await listening(app, 0)
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const die = () =>
    new Promise<void>((done) => {
      server.close(() => done())
      server.closeAllConnections()
    })
  const tellAll = async (event: string, data: unknown) => {
    for (const stream of state.live.streams) await stream.writeSSE({ event, data: JSON.stringify(data) })
  }
  return {
    ...{ url: `http://127.0.0.1:${port}/`, changes: state.changes, die, close: die },
    get home() {
      return state.home
    },
    set home(home) {
      state.home = home
    },
    hold: (path) => {
      let release = () => {}
      state.held.set(path, new Promise<void>((done) => (release = done)))
      return () => {
        state.held.delete(path)
        release()
      }
    },
    refuse: (message, hint) => void (state.refusal = { code: 'refused', message, hint }),
    progress: async (some) => {
      state.live.last = progressOf({ ...state.live.last, ...some })
      await tellAll('progress', state.live.last)
    },
    end: async () => {
      state.live.ended = true
      await tellAll('end', { run_id: LIVE })
    },
    revive: async () => void (server = await listening(app, port)),
  }
}

function listening(app: Hono, port: number): Promise<Server> {
  const listener = getRequestListener(app.fetch)
  const server = createServer((request, response) => void listener(request, response))
  return new Promise((done) => server.listen(port, '127.0.0.1', () => done(server)))
}

function appOf(state: State): Hono {
  const app = new Hono()
  app.use('/api/*', async (context, next) => {
    const { pathname } = new URL(context.req.url)
    for (const [path, held] of state.held) if (pathname.startsWith(path)) await held
    if (context.req.method !== 'POST') return next()
    if (context.req.header('x-requested-by') !== 'console')
      return context.json({ code: 'forged', message: 'No.', hint: null }, 403)
    const isChange = !/\/(mapping|yaml|check)$/.test(pathname)
    if (isChange) state.changes.push({ path: decodeURIComponent(pathname), body: await context.req.raw.clone().json() })
    const { refusal } = state
    if (!isChange || !refusal) return next()
    state.refusal = null
    return context.json(refusal, 409)
  })
  addWorkflows(app, state)
  addRuns(app, state)
  addSetup(app)
  app.get('*', async (context) => {
    const { pathname } = new URL(context.req.url)
    const name = pathname === '/' ? 'index.html' : pathname.slice(1)
    const file = await readFile(join(PAGE.pathname, name)).catch(() => null)
    if (!file) return context.notFound()
    context.header('content-security-policy', POLICY)
    return context.body(new Uint8Array(file), 200, { 'content-type': TYPES[extname(name)] ?? 'text/plain' })
  })
  return app
}

function addWorkflows(app: Hono, state: State): void {
  const lineOf = (id: string) => LINES.find(({ workflow_id }) => workflow_id === id) ?? LINES[0]!
  app.get('/api/about', (context) => context.json(state.home.about))
  app.get('/api/home', (context) => context.json(state.home))
  app.get('/api/events', (context) => streamSSE(context, (stream) => untilAborted(stream)))
  app.get('/api/audit', ({ req, json }) => json(paged(AUDIT, req.query('after'), 50, 'entries')))
  app.get('/api/workflows/:id', (context) => {
    const line = LINES.find(({ workflow_id }) => workflow_id === context.req.param('id'))
    if (line) return context.json(workflowView(line))
    return context.json(
      { code: 'no_workflow', message: 'No workflow has that name.', hint: 'See the list of workflows.' },
      404,
    )
  })
  app.get('/api/workflows/:id/pending', ({ req, json }) => {
    const [stage, text] = [req.query('stage'), req.query('q')]
    const own = req.param('id') === 'globex-jobs' ? PENDING : []
    const items = own.filter((item) => (!stage || item.stage === stage) && (!text || item.reference.includes(text)))
    return json({ ...paged(items, req.query('after'), 100, 'items'), total: items.length })
  })
  app.post('/api/workflows/:id/pending', async ({ req, json }) => {
    const { references }: { references: string[] | null } = await req.json()
    return json({ changed: references?.length ?? PENDING.length })
  })
  app.post('/api/workflows/:id/runs', async ({ req, json }) => {
    const { kind }: { kind: string } = await req.json()
    return json({ run_id: kind === 'plan' ? PLANNED : LIVE })
  })
  app.post('/api/workflows/:id/pause', ({ req, json }) => json({ ...lineOf(req.param('id')), paused: true }))
  app.post('/api/workflows/:id/resume', ({ req, json }) => json({ ...lineOf(req.param('id')), paused: false }))
  app.get('/api/workflows/:id/jobs', ({ req, json }) => {
    return json({ references: REFERENCES.filter((reference) => reference.startsWith(req.query('q') ?? '')) })
  })
  app.get('/api/workflows/:id/jobs/:reference', ({ req, json }) =>
    json(jobView(req.param('id'), req.param('reference'))),
  )
  app.get('/api/workflows/:id/mapping', ({ req, json }) => json(mappingView(req.query('reference') ?? null)))
  app.post('/api/workflows/:id/mapping', async ({ req, json }) => {
    const { mapping }: { mapping: Record<string, string> } = await req.json()
    const results = Object.entries(mapping).map(([target, expression]) => {
      const problem = expression.includes('((') ? 'Expected ")" at the end of the expression.' : null
      return { target, value: problem ? null : `value of ${expression}`, problem }
    })
    const item = Object.fromEntries(results.map(({ target, value }) => [target, value]))
    return json({
      results,
      item,
      problems: results.some(({ problem }) => problem) ? ['The item fails in mapping.'] : [],
    })
  })
}

function addRuns(app: Hono, { live }: State): void {
  const liveView = (): RunView => {
    const view = runView('acme-jobs-0001')!
    if (live.ended) return view
    const run = {
      ...view.run,
      run_id: LIVE,
      started_at: ago(20_000),
      finished_at: null,
      live: true,
      status: null,
      duration_ms: null,
    }
    return { ...view, run, events: null, requests: null }
  }
  const planned = (): RunView => {
    const view = runView('acme-jobs-0001')!
    return { ...view, run: { ...view.run, run_id: PLANNED, kind: 'dry' }, plan: PLAN }
  }
  app.get('/api/runs', ({ req, json }) =>
    json(paged(runsOf(req.query('workflow_id') ?? ''), req.query('after'), 50, 'runs')),
  )
  app.get('/api/runs/:id', (context) => {
    const id = context.req.param('id')
    const view = id === LIVE ? liveView() : id === PLANNED ? planned() : runView(id)
    if (view) return context.json(view)
    return context.json({ code: 'no_run', message: 'No run has that id.', hint: null }, 404)
  })
  app.post('/api/runs/:id/stop', (context) => {
    live.last = { ...live.last, stopping: true }
    return context.json({})
  })
  app.get('/api/runs/:id/events', (context) =>
    streamSSE(context, async (stream) => {
      live.streams.add(stream)
      stream.onAbort(() => void live.streams.delete(stream))
      await stream.writeSSE({ event: 'progress', data: JSON.stringify(live.last) })
      await untilAborted(stream)
    }),
  )
  app.get('/api/runs/:id/failures', ({ req, json }) => {
    const { stage, code, q } = req.query()
    const found = FAILURES.filter((failure) => {
      return (
        (!stage || failure.stage === stage) &&
        (!code || failure.code === code) &&
        (!q || failure.message.includes(q) || failure.reference?.includes(q))
      )
    })
    return json(paged(found, req.query('after'), 100, 'failures'))
  })
}

function addSetup(app: Hono): void {
  app.get('/api/setup', ({ json }) => json(setupView()))
  app.post('/api/setup/yaml', async ({ req, json }) => {
    const { workflow_id, groups }: { workflow_id: string; groups: Record<string, Record<string, unknown>> } =
      await req.json()
    const problems = groups['push_parameters']?.['board_key']
      ? []
      : [{ field: 'push_parameters.board_key', said: 'The key of the board is missing.' }]
    const yaml = `workflows:\n  ${workflow_id}:\n${JSON.stringify(groups, null, 2)}\n`
    return json({ yaml, problems })
  })
  app.post('/api/setup/check', (context) =>
    streamSSE(context, async (stream) => {
      const lines = [
        {
          field: 'connector_auth.api_access_token',
          about: 'Workable',
          what: 'token',
          verdict: 'good',
          said: 'Workable takes the token.',
        },
        {
          field: 'push_parameters.board_key',
          about: 'HrFlow.ai',
          what: 'board_key',
          verdict: 'bad',
          said: 'No board has this key.',
          todo: 'Copy it from the board.',
        },
        { field: null, about: 'State', what: 'state', verdict: 'warning', said: 'The state is new.' },
      ]
      for (const line of lines) await stream.writeSSE({ event: 'line', data: JSON.stringify(line) })
      await stream.writeSSE({ event: 'end', data: '{}' })
    }),
  )
  app.post('/api/setup/save', async ({ req, json }) => {
    const { draft }: { draft: { workflow_id: string } } = await req.json()
    return json({ workflow_id: draft.workflow_id })
  })
}

function untilAborted(stream: SSEStreamingApi): Promise<void> {
  return new Promise((done) => stream.onAbort(done))
}

function paged(rows: readonly unknown[], after: string | undefined, size: number, name: string) {
  const from = Number(after ?? 0)
  const page = rows.slice(from, from + size)
  return { [name]: page, next: from + size < rows.length ? String(from + size) : null }
}

function progressOf(some: Partial<LiveProgress>): LiveProgress {
  return {
    ...{
      run_id: LIVE,
      at: ago(0),
      elapsed_ms: 84_000,
      expected: 1_240,
      listed: 1_240,
      done: 486,
      rate: 8.7,
      eta_ms: 86_000,
    },
    events: {
      ...emptyCounters(),
      read_success: 180,
      read_unchanged: 306,
      write_success: 168,
      write_failure: 9,
      write_archived: 3,
    },
    details_due: 640,
    slots: Array.from({ length: 30 }, (_, at) => ({
      at: new Date(NOW - (30 - at) * 10_000).toISOString(),
      sent: at % 7 === 3 ? 5 : 9,
      limit: 9,
    })),
    failures: FAILURES.slice(0, 3),
    stopping: false,
    ...some,
  }
}
