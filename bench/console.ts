import Database from 'libsql'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileCatalogue, openConsole } from '../src/console/index.js'
import { summaryOfResult } from '../src/core/ports/history.js'
import { emptyCounters } from '../src/core/result/counters.js'
import type { ItemFailure, RunResult } from '../src/core/result/result.js'
import { systemClock } from '../src/runtime/clock.js'
import { openSqlite } from '../src/stores/sql/sqlite.js'
import type { ConsoleTimes } from './latest.js'

const WORKFLOWS = 10
const RUNS = 1_000
/** Runs with as many failures as are kept of one. */
const FAILED_RUNS = 10
const FAILURES = 10_000
const PENDING = 500
const RECORDS = 10_000
const HOUR_MS = 3_600_000

const TOKEN = 'token-of-the-benchmark'
const HOST = '127.0.0.1:4780'

/** How long the console takes for each of its answers over a large state, at the server. */
export async function consoleTimes(samples: number): Promise<ConsoleTimes[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-bench-console-'))
  try {
    const path = join(folder, 'state.db')
    await (await openSqlite(path)).close()
    fill(path)
    const file = join(folder, 'hrflow-connectors.yaml')
    const env = { WORKABLE_API_ACCESS_TOKEN: 'a-token', WORKABLE_SUBDOMAIN: 'acme', HRFLOW_API_SECRET: 'ask_secret' }
    writeFileSync(
      file,
      `workflows:\n${names()
        .map((id) => `  ${id}: { action: workable.update_jobs_in_hrflow }\n`)
        .join('')}`,
    )
    const store = await openSqlite(path)
    const opened = openConsole({
      ...{
        store,
        env,
        clock: systemClock,
        logger: null,
        runtime: {},
        demo: false,
        serves: false,
        secrets: ['ask_secret'],
      },
      ...{ catalogue: new FileCatalogue(file, env), access: { token: TOKEN, hosts: [] }, page: folder },
    })
    const entered = await opened.fetch(requestOf(`/?token=${TOKEN}`))
    const [cookie = ''] = entered.headers.get('set-cookie')?.split(';') ?? []
    const times: ConsoleTimes[] = []
    for (const page of pages()) times.push(await timeOf(page, samples, (at) => opened.fetch(requestOf(at, cookie))))
    await opened.close()
    await store.close()
    return times
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const names = () => Array.from({ length: WORKFLOWS }, (_, at) => `workflow-${at}`)
const idOf = (workflow: number, run: number) => `run-${workflow}-${run}`

function pages(): string[] {
  const run = `/api/runs/${idOf(0, RUNS - 1)}`
  const middle = Date.now() - (RUNS / 2) * HOUR_MS
  return [
    ...['/api/about', '/api/home', '/api/workflows/workflow-0', '/api/workflows/workflow-0/pending'],
    ...['/api/workflows/workflow-0/pending?q=r49', '/api/workflows/workflow-0/jobs?q=r99', '/api/runs'],
    ...[`/api/runs?after=${middle}.x`, `/api/runs?workflow_id=workflow-5&after=${middle}.x`, run, `${run}/failures`],
    ...[`${run}/failures?after=9800`, `${run}/failures?q=r9999`, `${run}/failures?stage=write&code=http_503`],
    ...[`${run}/failures.csv?stage=format`, '/api/audit', '/api/setup'],
  ]
}

async function timeOf(
  page: string,
  samples: number,
  ask: (page: string) => Response | Promise<Response>,
): Promise<ConsoleTimes> {
  const taken: number[] = []
  // The first one is not counted: a program that has just begun is slow.
  for (let at = 0; at <= samples; at++) {
    const begun = performance.now()
    const answer = await ask(page)
    await answer.text()
    if (answer.status !== 200) throw new Error(`${page}: ${answer.status}`)
    if (at > 0) taken.push(performance.now() - begun)
  }
  const sorted = taken.sort((a, b) => a - b)
  const shown = page.replace(/\d{13}/, 'MOMENT')
  return { page: shown, median_ms: sorted[Math.floor(sorted.length / 2)] ?? 0, most_ms: sorted.at(-1) ?? 0 }
}

function requestOf(path: string, cookie = ''): Request {
  return new Request(`http://${HOST}${path}`, { headers: { host: HOST, cookie } })
}

/** Written past the store: by runs it would take an hour. */
function fill(path: string): void {
  const database = new Database(path)
  database.exec('begin')
  const insert = (table: string, columns: number) =>
    database.prepare(`insert into ${table} values (${Array.from({ length: columns }, () => '?').join(', ')})`)
  const run = insert('runs (run_id, workflow_id, action, started_at, finished_at, result, summary)', 7)
  const failed = insert('failures (run_id, position, reference, stage, code, message, attempts)', 7)
  const pending = insert(
    'pending (workflow_id, scope, reference, stage, code, message, attempts, first_failed_at, next_attempt_at)',
    9,
  )
  const record = insert(
    'records (workflow_id, place, reference, read_at, checked_at, epoch, scope, outcome, mapping, memo)',
    10,
  )
  const workflow = insert('workflows (workflow_id, action, parameters, epoch, since, expires_at, last_result)', 7)
  const message = '[hrflow] PUT /job/indexing: 503. The service failed: run again later.'
  for (const [at, name] of names().entries()) {
    for (let number = 0; number < RUNS; number++) {
      const began = Date.now() - (RUNS - number) * HOUR_MS
      const result = resultOf(idOf(at, number), name, began)
      run.run(result.run_id, name, result.action, began, began + 60_000, ...texts(result))
    }
    for (let item = 0; item < PENDING; item++)
      pending.run(name, 'scope', `r${item}`, 'write', 'http_503', message, 3, Date.now() - item * 1_000, null)
    for (let item = 0; item < RECORDS; item++)
      record.run(name, 'place', `r${item}`, 1, 1, 1, 'scope', 'delivered', 'mapping', 'null')
    const last = resultOf(idOf(at, RUNS - 1), name, Date.now() - HOUR_MS)
    workflow.run(name, last.action, 'null', at, 0, 0, JSON.stringify(last))
  }
  for (let at = 0; at < FAILED_RUNS; at++) {
    for (let position = 0; position < FAILURES; position++) {
      const stage = position % 3 === 0 ? 'format' : 'write'
      failed.run(idOf(0, RUNS - 1 - at), position, `r${position}`, stage, `http_50${position % 5}`, message, 5)
    }
  }
  database.exec('commit')
  database.close()
}

function texts(result: RunResult): [string, string] {
  return [JSON.stringify(result), JSON.stringify(summaryOfResult(result))]
}

function resultOf(run_id: string, workflow_id: string, began: number): RunResult {
  const failures = Array.from({ length: 100 }, (_, at): ItemFailure => {
    return {
      reference: `r${at}`,
      stage: 'write',
      code: 'http_503',
      message: 'The service failed: run again later.',
      attempts: 5,
    }
  })
  const tally = { sent: 500, retried: 10, waited_ms: 1_000 }
  return {
    ...{ status: 'success_with_failures', reason: 'none', run_id, workflow_id, action: 'update_jobs_in_hrflow' },
    events: { ...emptyCounters(), read_success: 10_100, write_success: 100, write_failure: 10_000 },
    ...{ incremental: true, incremental_token: null, error: null, failures, notes: [] },
    ...{ started_at: new Date(began).toISOString(), finished_at: new Date(began + 60_000).toISOString() },
    requests: { origin: tally, target: tally },
  }
}
