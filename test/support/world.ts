import { onTestFinished } from 'vitest'
import { MemoryStore, type RunEvent, type RunResult, type RuntimeOptions, Workable } from '../../src/index.js'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.js'
import { FastClock } from '../../src/testing/fast-clock.js'

type Action = 'createJobsInHrflow' | 'updateJobsInHrflow' | 'archiveJobsInHrflow'
type UpdateParameters = Parameters<typeof Workable.updateJobsInHrflow>[0]

export interface World {
  sandbox: Sandbox
  clock: FastClock
  /** Every event of every run so far. */
  events: RunEvent[]
  runtime: RuntimeOptions
  /** The parameters of a call that works. */
  parameters: UpdateParameters
  update: (parameters?: Partial<UpdateParameters>, runtime?: RuntimeOptions) => Promise<RunResult>
  /** Any action, with parameters that the types may refuse. */
  call: (action: Action, parameters?: Record<string, unknown>, runtime?: RuntimeOptions) => Promise<RunResult>
  /** Puts every Workable job on the board, as a create run does. */
  fillBoard: () => Promise<void>
  /** Requests that reached a service since the board was filled. */
  counts: () => { list: number; detail: number; get: number; put: number; post: number; patch: number }
}

/** Both services on loopback, real HTTP, and a clock that does not wait. Everything is closed when the test ends. */
export async function world(options: SandboxOptions = {}): Promise<World> {
  const clock = new FastClock()
  const now = () => clock.now()
  const sandbox = await startSandbox({
    ...options,
    workable: { jobs: 6, now, rate_limit: { limit: 10 }, ...options.workable },
    hrflow: { now, ...options.hrflow },
  })
  onTestFinished(async () => {
    await clock.close()
    await sandbox.close()
  })
  const events: RunEvent[] = []
  const seen = { workable: 0, hrflow: 0 }
  const runtime: RuntimeOptions = {
    store: new MemoryStore({ clock }),
    clock,
    dispatcher: clock.dispatcher,
    base_urls: { workable: sandbox.workable_url, hrflow: sandbox.hrflow_url },
    observer: (event) => events.push(event),
    // A busy machine is slow to answer, too; tests of answers that hang set their own.
    http: { attempt_timeout_ms: 2_000 },
  }
  const parameters: UpdateParameters = {
    workflow_id: 'test',
    connector_auth: { api_access_token: sandbox.workable.token, subdomain: sandbox.workable.subdomain },
    hrflow_auth: { api_secret: sandbox.hrflow.api_secret, api_user: sandbox.hrflow.api_user },
    push_parameters: { board_key: sandbox.board_key },
    logics: null,
  }
  const call = (action: Action, more: Record<string, unknown> = {}, changes: RuntimeOptions = {}) => {
    const run: (parameters: never, runtime: RuntimeOptions) => Promise<RunResult> = Workable[action]
    return run({ ...parameters, ...more } as never, { ...runtime, ...changes })
  }
  return {
    sandbox,
    clock,
    events,
    runtime,
    parameters,
    call,
    update: (more = {}, changes = {}) =>
      Workable.updateJobsInHrflow({ ...parameters, ...more }, { ...runtime, ...changes }),
    fillBoard: async () => {
      const result = await call('createJobsInHrflow', { workflow_id: 'fill' }, { store: new MemoryStore({ clock }) })
      // The next run is not to share a slot with this one.
      await clock.sleep(20_000)
      if (result.status !== 'success') throw new Error(`The board could not be filled: ${JSON.stringify(result)}`)
      seen.workable = sandbox.workable.requests.length
      seen.hrflow = sandbox.hrflow.requests.length
      events.length = 0
    },
    counts: () => {
      const of = (requests: readonly { method: string; path: string }[], method: string, path: RegExp) =>
        requests.filter((request) => request.method === method && path.test(request.path)).length
      const workable = sandbox.workable.requests.slice(seen.workable)
      const hrflow = sandbox.hrflow.requests.slice(seen.hrflow)
      return {
        list: of(workable, 'GET', /\/jobs$/),
        detail: of(workable, 'GET', /\/jobs\/[^/]+$/),
        get: of(hrflow, 'GET', /\/job\/indexing$/),
        put: of(hrflow, 'PUT', /\/job\/indexing$/),
        post: of(hrflow, 'POST', /\/job\/indexing$/),
        patch: of(hrflow, 'PATCH', /\/archive$/),
      }
    },
  }
}

/** The counters that are not 0. */
export function nonZero(result: RunResult): Record<string, number> {
  return Object.fromEntries(Object.entries(result.events).filter(([, count]) => count !== 0))
}
