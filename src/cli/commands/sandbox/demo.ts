import { registry } from '../../../connectors/index.js'
import type { RunResult } from '../../../core/result/result.js'
import { withRuntime } from '../../../runtime/callable.js'
import { type HrflowFakeJob, type Sandbox, startSandbox } from '../../../sandbox/index.js'
import { ProgressLine } from '../../output/progress.js'
import { summarise } from '../../output/summary.js'
import { type ExitCode, type Terminal, textWidth, widthOf, wrap } from '../../terminal.js'

/** What a person put on the board by hand, and no update may lose. */
const handMade = {
  skills: [
    { name: 'negotiation', type: 'soft', value: null },
    { name: 'added by hand', type: null, value: null },
  ],
  tags: [{ name: 'owner', value: 'Maria' }],
} as const

/** `demo`: the main job on the sandbox, over real HTTP, with no account. */
export async function demo(realLimit: boolean, terminal: Terminal): Promise<ExitCode> {
  const [jobs, limit] = [200, realLimit ? 10 : 1_000]
  const sandbox = await startSandbox({ workable: { jobs, rate_limit: { limit } }, latency: { ms: 20, jitter_ms: 20 } })
  try {
    return await new Demo(sandbox, terminal, realLimit ? 'after' : 'with').show(limit, realLimit)
  } finally {
    await sandbox.close()
  }
}

class Demo {
  readonly #sandbox: Sandbox
  readonly #terminal: Terminal
  readonly #details: 'with' | 'after'

  constructor(sandbox: Sandbox, terminal: Terminal, details: 'with' | 'after') {
    this.#sandbox = sandbox
    this.#terminal = terminal
    this.#details = details
  }

  async show(limit: number, realLimit: boolean): Promise<ExitCode> {
    const onBoard = fillHalf(this.#sandbox)
    const example = onBoard.find((shortcode) => hasSalary(this.#sandbox, shortcode)) ?? onBoard[0] ?? ''
    this.#tell(`Workable sandbox: ${this.#sandbox.workable.jobs.length} jobs, ${this.#sandbox.url}`)
    this.#tell(
      `HrFlow sandbox: a board with ${onBoard.length} of them, out of date, with skills and tags added by hand`,
    )
    this.#tell(`This sandbox announces ${limit} requests per 10 s, which the limiter learns from the first answer.`)
    this.#tell(
      realLimit
        ? 'Like the real Workable it refuses the tenth, so a run uses nine per 10 s. With details: after every job is on the board in seconds, and the details follow, one request for each job.'
        : 'The real Workable allows 10: there the details of 200 jobs take about four minutes (demo --real-limit).',
    )
    const before = boardJob(this.#sandbox, example)
    this.#say('\nFirst run: update, adding what the board does not have')
    const first = await this.#update()
    this.#showChange(before, boardJob(this.#sandbox, example))
    this.#say('\nSecond run: nothing has changed since')
    const second = await this.#update()
    const again = second.events.write_success
    this.#say(again === 0 ? 'Nothing was written again.' : `${again} jobs were written again.`)
    return first.status === 'success' && second.status === 'success' && again === 0 ? 0 : 1
  }

  async #update(): Promise<RunResult> {
    const { workable, hrflow, board_key, workable_url, hrflow_url } = this.#sandbox
    const progress = new ProgressLine(this.#terminal.stderr, { total: workable.jobs.length, entity: 'job' })
    const result = await withRuntime(registry.Workable).updateJobsInHrflow(
      {
        workflow_id: 'demo',
        connector_auth: { api_access_token: workable.token, subdomain: workable.subdomain },
        hrflow_auth: { api_secret: hrflow.api_secret, api_user: hrflow.api_user },
        pull_parameters: { details: this.#details },
        push_parameters: { board_key, on_missing: 'create' },
        logics: null,
      },
      {
        state: 'memory:',
        base_urls: { workable: workable_url, hrflow: hrflow_url },
        observer: (event) => {
          // That this is no real account was said already.
          if (event.type !== 'run_started') progress.see(event)
        },
      },
    )
    progress.end()
    this.#say(summarise({ ...result, notes: [] }, this.#terminal.stdout, this.#terminal.env))
    return result
  }

  #showChange(before: HrflowFakeJob, after: HrflowFakeJob): void {
    const room = Math.floor((widthOf(this.#terminal.stdout) - 20) / 2)
    const row = (name: string, old: string, now: string) =>
      this.#say(`  ${name.padEnd(12)}${cut(old, room).padEnd(room)} -> ${cut(now, room)}`)
    this.#say(`\nJob ${String(after.reference)} on the board, before and after:`)
    row('name', before.name, after.name)
    row('location', String(before.location.text), String(after.location.text))
    row('salary', ranges(before), ranges(after))
    for (const name of ['owner', 'state', 'department']) row(name, tag(before, name), tag(after, name))
    row('skills', names(before.skills), names(after.skills))
  }

  #say(line: string): void {
    this.#terminal.stdout.write(`${line}\n`)
  }

  #tell(text: string): void {
    this.#say(wrap(text, textWidth(this.#terminal.stdout)))
  }
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

function hasSalary(sandbox: Sandbox, shortcode: string): boolean {
  const job = sandbox.workable.jobs.find((known) => known.shortcode === shortcode)
  return job?.state === 'published' && JSON.stringify(job['salary'] ?? null).includes('salary_from')
}

function boardJob(sandbox: Sandbox, reference: string): HrflowFakeJob {
  const job = sandbox.hrflow.job(sandbox.board_key, reference)
  if (!job) throw new Error(`The demo's board has no job ${reference}.`)
  return job
}

const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).join(', ')

const tag = (job: HrflowFakeJob, name: string) => String(job.tags.find((known) => known.name === name)?.value ?? 'none')

const ranges = (job: HrflowFakeJob) =>
  job.ranges_float
    .map((range) => `${String(range.value_min)} to ${String(range.value_max)} ${String(range.unit)}`)
    .join(', ') || 'none'

const cut = (text: string, width: number) => (text.length > width ? `${text.slice(0, width - 1)}…` : text)
