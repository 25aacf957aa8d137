import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { type ConsoleOptions, FileCatalogue, openConsole } from '../../src/console/index.js'
import type { Clock } from '../../src/core/ports/clock.js'
import type { SchedulingStore } from '../../src/core/ports/schedule.js'
import { systemClock } from '../../src/runtime/clock.js'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.js'
import { openSqlite } from '../../src/stores/sql/sqlite.js'

export const TOKEN = 'token-of-the-test-0123456789'
const HOST = '127.0.0.1:4000'

export interface Opened {
  sandbox: Sandbox
  store: SchedulingStore
  folder: string
  file: string
  env: NodeJS.ProcessEnv
  /** A request of somebody who was let in. */
  ask: (path: string, init?: RequestInit) => Promise<Response>
  /** Its JSON, whatever the status. */
  json: (path: string, init?: RequestInit) => Promise<unknown>
  post: (path: string, body: unknown) => Promise<Response>
  /** Like `post`; its JSON. */
  change: (path: string, body: unknown) => Promise<unknown>
  /** Runs a workflow and waits for its end. */
  run: (id: string, start?: object) => Promise<string>
}

export const WORKFLOW = [
  'workflows:',
  '  acme:',
  '    action: workable.update_jobs_in_hrflow',
  '    push_parameters: { on_missing: create }',
  '    incremental: true',
  '',
].join('\n')

/** A console over the sandbox. Everything is closed when the test ends. */
export async function opened(
  options: { text?: string; sandbox?: SandboxOptions; clock?: Clock; given?: Partial<ConsoleOptions> } = {},
): Promise<Opened> {
  const { text = WORKFLOW, clock = systemClock, given = {} } = options
  const sandbox = await startSandbox({ ...options.sandbox, workable: { jobs: 6, ...options.sandbox?.workable } })
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-console-'))
  const page = join(folder, 'page')
  mkdirSync(page)
  const file = join(folder, 'hrflow-connectors.yaml')
  if (text !== '') writeFileSync(file, text)
  const env: NodeJS.ProcessEnv = { ...sandbox.env }
  const store = await openSqlite(join(folder, 'state.db'), clock)
  const made = openConsole({
    ...{ store, clock, env, page, logger: null, demo: false, serves: false, secrets: [], who: 'ada@host' },
    catalogue: new FileCatalogue(file, env),
    access: { token: TOKEN, hosts: [] },
    runtime: { base_urls: { workable: sandbox.workable_url, hrflow: sandbox.hrflow_url } },
    ...given,
  })
  onTestFinished(async () => {
    await made.close()
    await store.close()
    await sandbox.close()
    rmSync(folder, { recursive: true })
  })
  const fetched = async (path: string, init: RequestInit = {}) => made.fetch(requestOf(path, init))
  const entered = await fetched(`/?token=${TOKEN}`)
  const [cookie = ''] = entered.headers.get('set-cookie')?.split(';') ?? []
  const ask = (path: string, init: RequestInit = {}) =>
    fetched(path, { ...init, headers: { cookie, ...Object.fromEntries(new Headers(init.headers)) } })
  const post = (path: string, body: unknown) =>
    ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'x-requested-by': 'console' },
    })
  const json = async (path: string, init?: RequestInit): Promise<unknown> => (await ask(path, init)).json()
  const change = async (path: string, body: unknown): Promise<unknown> => (await post(path, body)).json()
  const run = async (id: string, start: object = { kind: 'run' }) => {
    const { run_id } = z.object({ run_id: z.string() }).parse(await change(`/api/workflows/${id}/runs`, start))
    // It ends when the run does.
    await (await ask(`/api/runs/${run_id}/events`)).text()
    return run_id
  }
  return { sandbox, store, folder, file, env, ask, json, post, change, run }
}

export function requestOf(path: string, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers)
  if (!headers.has('host')) headers.set('host', HOST)
  return new Request(`http://${HOST}${path}`, { ...init, headers })
}
