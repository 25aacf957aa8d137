import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Access, type Console, FileCatalogue, openConsole } from '../../../console/index.js'
import type { Clock } from '../../../core/ports/clock.js'
import type { Store } from '../../../core/ports/store.js'
import { systemClock } from '../../../runtime/clock.js'
import type { RuntimeOptions } from '../../../runtime/options.js'
import { runAction } from '../../../runtime/run.js'
import { openState } from '../../../runtime/state.js'
import { type Sandbox, startSandbox } from '../../../sandbox/index.js'
import { loadWorkflows } from '../../../workflows/index.js'
import { loggerOf } from '../../execution/logs.js'
import type { ExitCode, Terminal } from '../../terminal.js'
import { accessOf } from './access.js'
import { type ConsoleFlags, untilStopped } from './until-stopped.js'

const HOUR_MS = 3_600_000

/** The history begins so long ago. */
const BEGINS_MS = 60 * HOUR_MS
const LIMIT = 1_000

const FILE = `# The workflows of the demo. What is changed here is seen.
workflows:
  acme-jobs:
    action: workable.update_jobs_in_hrflow
    pull_parameters: { state: published }
    push_parameters: { on_missing: create, on_left: archive }
    incremental: true
    schedule: '*/15 * * * *'
    full_schedule: '30 3 * * *'
  northwind-jobs:
    action: workable.update_jobs_in_hrflow
    connector_auth: { subdomain: '\${WORKABLE_SUBDOMAIN_2}', api_access_token: '\${WORKABLE_API_ACCESS_TOKEN_2}' }
    push_parameters: { board_key: '\${HRFLOW_BOARD_KEY_2}', on_missing: create }
    logics:
      - if: state != 'draft'
    format:
      fields:
        tags.team: department
        tags.seniority: "$contains(title, /senior|lead|head/i) ? 'senior' : 'other'"
    incremental: true
    schedule: '0 * * * *'
  globex-jobs:
    action: workable.update_jobs_in_hrflow
    connector_auth: { subdomain: '\${WORKABLE_SUBDOMAIN_3}', api_access_token: '\${WORKABLE_API_ACCESS_TOKEN_3}' }
    push_parameters: { board_key: '\${HRFLOW_BOARD_KEY_3}', on_missing: create }
    incremental: true
    schedule: '*/30 * * * *'
  initech-jobs:
    action: workable.update_jobs_in_hrflow
    connector_auth: { subdomain: '\${WORKABLE_SUBDOMAIN_4}', api_access_token: '\${WORKABLE_API_ACCESS_TOKEN_4}' }
    pull_parameters: { state: published }
    push_parameters: { board_key: '\${HRFLOW_BOARD_KEY_4}', on_missing: create, on_left: archive }
    incremental: true
    schedule: '10 * * * *'
`

/** `console --demo`: invented accounts, real runs. All of it is gone when it ends. */
export async function showDemo(flags: ConsoleFlags, terminal: Terminal): Promise<ExitCode> {
  const access = await accessOf(flags, terminal.env)
  terminal.stderr.write('Running a few days of invented history, for some seconds.\n')
  const demo = await openDemo(access, terminal)
  try {
    return await untilStopped(demo.console, flags, access, terminal)
  } finally {
    await demo.close()
  }
}

interface Demo {
  console: Console
  close(): Promise<void>
}

async function openDemo(access: Access, terminal: Terminal): Promise<Demo> {
  const clock = new PastClock(BEGINS_MS)
  const now = () => clock.now()
  const sandbox = await startSandbox({
    ...{ accounts: 4, boards: 4, latency: { ms: 8, jitter_ms: 12 } },
    workable: { jobs: 48, now, rate_limit: { limit: LIMIT } },
    hrflow: { now },
  })
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-demo-'))
  const file = join(folder, 'hrflow-connectors.yaml')
  writeFileSync(file, FILE)
  const store = await openState(`sqlite:${join(folder, 'state.db')}`, clock)
  const close = async () => {
    await store.close()
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const env = { ...sandbox.env }
    const runtime = { clock, base_urls: { workable: sandbox.workable_url, hrflow: sandbox.hrflow_url } }
    const patience = { max_attempts: 2 }
    await makeHistory({ sandbox, store, clock, env, file, runtime: { ...runtime, http: patience } })
    const opened = openConsole({
      ...{ store, clock, env, access, runtime, demo: true, serves: false },
      logger: await loggerOf(terminal),
      catalogue: new FileCatalogue(file, env),
      secrets: [...sandbox.accounts.map(({ token }) => token), sandbox.hrflow.api_secret],
    })
    const end = async () => {
      await opened.close()
      await close()
    }
    return { console: opened, close: end }
  } catch (error) {
    await close()
    throw error
  }
}

/** The system's clock, put back: it moves on between runs until it is right. */
class PastClock implements Clock {
  #behind_ms: number

  constructor(behind_ms: number) {
    this.#behind_ms = behind_ms
  }

  now(): number {
    return Date.now() - this.#behind_ms
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal)
  }

  /** Never beyond the present. */
  pass(ms: number): void {
    this.#behind_ms = Math.max(0, this.#behind_ms - ms)
  }
}

interface Past {
  sandbox: Sandbox
  store: Store
  clock: PastClock
  env: Record<string, string>
  file: string
  runtime: RuntimeOptions
}

/** What happens between runs, hour by hour: jobs are edited, a service fails, a token is withdrawn, a department closes. */
async function makeHistory(past: Past): Promise<void> {
  const { sandbox, clock, env } = past
  const [acme, northwind, , initech] = sandbox.accounts
  await runAll(past, ['acme-jobs', 'northwind-jobs', 'globex-jobs', 'initech-jobs'])
  for (let round = 1; round <= 9; round++) {
    clock.pass(6 * HOUR_MS)
    for (const account of sandbox.accounts) editSome(account, round, clock)
    if (round === 4) sandbox.fault({ service: 'hrflow', method: 'PUT', times: 12, answer: { status: 500 } })
    if (round === 6 && acme) closeSome(acme, 2)
    if (round === 7 && northwind) poisonSome(sandbox, northwind)
    if (round === 8) env['WORKABLE_API_ACCESS_TOKEN_3'] = 'a-token-that-was-withdrawn'
    if (round === 9 && initech) closeSome(initech, 20)
    await runAll(past, ['acme-jobs', 'northwind-jobs', 'globex-jobs', 'initech-jobs'], round % 4 === 0)
  }
  clock.pass(BEGINS_MS)
  await runAll(past, ['acme-jobs'])
}

async function runAll({ store, env, file, runtime }: Past, ids: readonly string[], full = false): Promise<void> {
  const { workflows } = await loadWorkflows({ file, cwd: '/', env })
  const wanted = workflows.filter(({ id }) => ids.includes(id))
  await Promise.all(
    wanted.map(async (workflow) => {
      const { parameters } = await workflow.resolve()
      await runAction(workflow.action, { ...parameters, incremental: !full, persist: true }, { ...runtime, store })
    }),
  )
}

type Account = Sandbox['accounts'][number]

function editSome(account: Account, round: number, clock: Clock): void {
  const published = account.jobs.filter(({ state }) => state === 'published')
  const some = published.filter((_, at) => (at + round) % 7 === 0)
  for (const { shortcode, title } of some)
    account.edit(shortcode, { title: `${title.replace(/ \(.*$/, '')} (${round})` })
  if (round % 3 === 0) account.add({ state: 'published', created_at: new Date(clock.now()).toISOString() })
}

function closeSome(account: Account, count: number): void {
  const published = account.jobs.filter(({ state }) => state === 'published')
  for (const { shortcode } of published.slice(0, count)) account.edit(shortcode, { state: 'closed' })
}

/** Their details fail from now on. */
function poisonSome(sandbox: Sandbox, account: Account): void {
  const some = account.jobs.filter(({ state }) => state === 'published').slice(0, 5)
  for (const { shortcode } of some) {
    account.edit(shortcode, { employment_type: 'Contract' })
    sandbox.fault({ service: 'workable', path: `/jobs/${shortcode}`, answer: { status: 500 } })
  }
}
