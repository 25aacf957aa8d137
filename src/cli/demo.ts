// `npm run demo`: the main job on the bundled sandbox, over real HTTP, with no account.
import { MemoryStore, Workable, type RunEvent, type RunResult } from '../index.js'
import { startSandbox, type HrflowFakeJob, type Sandbox } from '../sandbox/index.js'

const JOBS = 200
const LIMIT = 1_000

const out = (line = '') => process.stdout.write(`${line}\n`)

/** What a person put on the board by hand, and no update may lose. */
const handMade = {
  skills: [
    { name: 'negotiation', type: 'soft', value: null },
    { name: 'added by hand', type: null, value: null },
  ],
  tags: [{ name: 'owner', value: 'Maria' }],
} as const

async function main(): Promise<void> {
  const sandbox = await startSandbox({
    workable: { jobs: JOBS, rate_limit: { limit: LIMIT } },
    latency: { ms: 20, jitter_ms: 20 },
  })
  try {
    await show(sandbox)
  } finally {
    await sandbox.close()
  }
}

async function show(sandbox: Sandbox): Promise<void> {
  const onBoard = fillHalf(sandbox)
  out(`Workable sandbox: ${JOBS} jobs at ${sandbox.workable_url.replace('{subdomain}', sandbox.workable.subdomain)}`)
  out(`HrFlow sandbox:   a board with ${onBoard.length} of them, out of date, with skills and tags added by hand`)
  out(`This sandbox announces ${LIMIT} requests per 10 s, which the limiter learns from the first answer.`)
  out('The real Workable allows an account 10 per 10 s: there these jobs take about four minutes the first time.')
  const example = onBoard.find((shortcode) => hasSalary(sandbox, shortcode)) ?? ''
  const before = boardJob(sandbox, example)

  const store = new MemoryStore()
  out()
  out('First run: Workable.updateJobsInHrflow, on_missing: create')
  printResult(await update(sandbox, store))
  printChange(before, boardJob(sandbox, example))

  out()
  out('Second run, nothing has changed:')
  const second = await update(sandbox, store)
  printResult(second)
  const { write_success } = second.events
  out(
    write_success === 0
      ? 'Nothing was written, and no detail was asked for again.'
      : `${write_success} jobs were written again.`,
  )
}

function hasSalary(sandbox: Sandbox, shortcode: string): boolean {
  const job = sandbox.workable.jobs.find((known) => known.shortcode === shortcode)
  return job?.state === 'published' && JSON.stringify(job['salary'] ?? null).includes('salary_from')
}

/** Every second job is on the board already, as it was some time ago. */
function fillHalf(sandbox: Sandbox): string[] {
  const half = sandbox.workable.jobs.filter((_, index) => index % 2 === 0)
  for (const job of half) {
    sandbox.hrflow.seed(sandbox.board_key, {
      reference: job.shortcode,
      name: `${job.title} (old title)`,
      location: { text: 'Somewhere else', lat: null, lng: null },
      skills: [...handMade.skills],
      tags: [...handMade.tags, { name: 'state', value: 'draft' }],
    })
  }
  return half.map((job) => job.shortcode)
}

async function update(sandbox: Sandbox, store: MemoryStore): Promise<RunResult> {
  const { workable, hrflow, board_key, workable_url, hrflow_url } = sandbox
  const progress = new Progress()
  const result = await Workable.updateJobsInHrflow(
    {
      workflow_id: 'demo',
      connector_auth: { api_access_token: workable.token, subdomain: workable.subdomain },
      hrflow_auth: { api_secret: hrflow.api_secret, api_user: hrflow.api_user },
      push_parameters: { board_key, on_missing: 'create' },
      logics: null,
    },
    { store, base_urls: { workable: workable_url, hrflow: hrflow_url }, observer: (event) => progress.see(event) },
  )
  progress.end()
  return result
}

/** A line that is drawn over on a terminal, and a line now and then elsewhere. */
class Progress {
  #done = 0
  #requests = 0
  readonly #live = process.stderr.isTTY

  see(event: RunEvent): void {
    if (event.type === 'request') this.#requests += 1
    if (event.type !== 'item') return
    this.#done += 1
    if (this.#live) process.stderr.write(`\r${this.#line()}`)
    else if (this.#done % 50 === 0) process.stderr.write(`${this.#line()}\n`)
  }

  end(): void {
    if (this.#live) process.stderr.write('\n')
  }

  #line(): string {
    const filled = Math.round((this.#done / JOBS) * 30)
    return `[${'#'.repeat(filled).padEnd(30, '.')}] ${this.#done}/${JOBS} jobs, ${this.#requests} requests`
  }
}

function printResult(result: RunResult): void {
  const { events, requests } = result
  const seconds = (Date.parse(result.finished_at) - Date.parse(result.started_at)) / 1000
  out(`${result.status} in ${seconds.toFixed(1)} s`)
  if (result.error) out(`  ${result.error.message} ${result.error.hint ?? ''}`)
  out(`  read     ${events.read_success} of ${JOBS}, ${requests.origin.sent} requests to Workable`)
  out(
    `  written  ${events.write_success}, unchanged ${events.write_unchanged}, failed ${events.write_failure}, ${requests.target.sent} requests to HrFlow`,
  )
  for (const failure of result.failures.slice(0, 3)) out(`  ${failure.reference ?? 'list'}: ${failure.message}`)
}

function printChange(before: HrflowFakeJob, after: HrflowFakeJob): void {
  out()
  out(`Job ${String(after.reference)} on the board:`)
  const row = (name: string, old: string, now: string) =>
    out(`  ${name.padEnd(9)}${cut(old, 32).padEnd(34)} -> ${cut(now, 70)}`)
  row('name', before.name, after.name)
  row('location', String(before.location.text), String(after.location.text))
  row('salary', ranges(before), ranges(after))
  row('tags', tags(before), tags(after))
  row('skills', names(before.skills), `${names(after.skills)} (kept)`)
}

const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).join(', ')

const tags = (job: HrflowFakeJob) => job.tags.map(({ name, value }) => `${name}=${String(value)}`).join(', ')

const ranges = (job: HrflowFakeJob) =>
  job.ranges_float
    .map((range) => `${String(range.value_min)} to ${String(range.value_max)} ${String(range.unit)}`)
    .join(', ') || 'none'

const cut = (text: string, width: number) => (text.length > width ? `${text.slice(0, width - 1)}…` : text)

function boardJob(sandbox: Sandbox, reference: string): HrflowFakeJob {
  const job = sandbox.hrflow.job(sandbox.board_key, reference)
  if (!job) throw new Error(`The demo's board has no job ${reference}.`)
  return job
}

await main()
