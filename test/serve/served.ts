import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { RunResult } from '../../src/core/result/result.js'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.js'
import { openFileServer } from '../../src/serve/open.js'
import { type Server, STANDARD_TIMES } from '../../src/serve/serve.js'
import type { Telling } from '../../src/serve/telling.js'
import { openSqlite } from '../../src/stores/sql/sqlite.js'
import { FastClock } from '../../src/testing/fast-clock.js'
import { loadWorkflows } from '../../src/workflows/index.js'

/** A workflow file: what stands before its workflows, and the lines of each. */
export interface FileText {
  head?: string[]
  workflows: Record<string, string[]>
}

const UPDATE = [
  'action: workable.update_jobs_in_hrflow',
  'push_parameters: { on_missing: create }',
  'incremental: true',
]

export function fileText({ head = [], workflows }: FileText): string {
  const lines = Object.entries(workflows).flatMap(([id, own]) => [
    `  ${id}:`,
    ...[...UPDATE, ...own].map((line) => `    ${line}`),
  ])
  return [...head, 'workflows:', ...lines, ''].join('\n')
}

/** A run that ended, with the moment of the server's clock. */
export interface Ran {
  workflow_id: string
  at: number
  result: RunResult
}

/** A server over the sandbox whose clock does not wait. Everything is closed when the test ends. */
export async function served(text: FileText, options: SandboxOptions = {}, times: Partial<typeof STANDARD_TIMES> = {}) {
  const clock = new FastClock()
  const now = () => clock.now()
  const sandbox: Sandbox = await startSandbox({
    ...options,
    workable: { jobs: 4, now, rate_limit: { limit: 10 }, ...options.workable },
    hrflow: { now, ...options.hrflow },
  })
  const cwd = mkdtempSync(join(tmpdir(), 'hrflow-connectors-serve-'))
  writeFileSync(join(cwd, 'hrflow-connectors.yaml'), fileText(text))
  const env: NodeJS.ProcessEnv = { ...sandbox.env }
  const store = await openSqlite(join(cwd, 'state.db'), clock)
  const ran: Ran[] = []
  const running = new Set<Server>()
  const start = async () => {
    const file = await loadWorkflows({ cwd, env })
    const opened = await openFileServer(file, {
      ...{ store, concurrency: 10, clock, logger: null },
      times: { ...STANDARD_TIMES, ...times },
      dispatcher: clock.dispatcher,
      observer: ({ workflow_id }, event) => {
        if (event.type === 'run_finished') ran.push({ workflow_id, at: clock.now(), result: event.result })
      },
      runtime: {
        ...{ clock, dispatcher: clock.dispatcher, http: { attempt_timeout_ms: 2_000 } },
        base_urls: { workable: sandbox.workable_url, hrflow: sandbox.hrflow_url },
      },
    })
    if ('other' in opened)
      return { ...opened, server: null, ended: Promise.resolve(null), stop: () => Promise.resolve(null) }
    running.add(opened)
    const ended = opened.run().finally(() => running.delete(opened))
    const stop = () => {
      opened.stop()
      return ended
    }
    return { server: opened, other: null, ended, stop }
  }
  onTestFinished(async () => {
    for (const server of running) server.stop()
    await until(() => running.size === 0)
    await clock.close()
    await store.close()
    await sandbox.close()
    rmSync(cwd, { recursive: true, force: true })
  })
  const one = async (id: string) => (await store.schedules.scheduled()).find(({ workflow_id }) => workflow_id === id)!
  return { clock, sandbox, store, env, ran, start, one, cwd }
}

export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(5)
}

/** Somebody who is told things, over real HTTP; `answer` says with which status. */
export async function receiver() {
  const got: { body: string; told: Telling; headers: IncomingHttpHeaders; path: string }[] = []
  const made = { url: '', got, status: () => 200, events: () => got.map(({ told }) => told.event) }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += String(part)))
    request.on('end', () => {
      const told = (body === '' ? {} : JSON.parse(body)) as Telling
      got.push({ body, told, headers: request.headers, path: request.url ?? '' })
      response.writeHead(made.status()).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  made.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return made
}
