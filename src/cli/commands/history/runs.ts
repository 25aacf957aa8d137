import type { RunRecord, Store } from '../../../core/ports/store.js'
import { failureCount, type ItemFailure } from '../../../core/result/result.js'
import { holderOf } from '../../../runtime/process.js'
import { unknownName } from '../../input/usage.js'
import { endOf, summarise } from '../../output/summary.js'
import { drawTable } from '../../output/table.js'
import { answer, duration, moment, printable, type Terminal, UsageError } from '../../terminal.js'
import { emptyNote, findWorkflow, withStore } from './store.js'

const LONGEST = 100_000

/** Enough of a run's id to tell it from others. */
const SHORT_ID = 8

export interface RunsOptions {
  workflow?: string
  limit?: string
  json?: boolean
}

type State = 'finished' | 'running' | 'died'
type SeenRun = RunRecord & { state: State }

/** `runs`: the newest runs, a line each. */
export async function listRuns(options: RunsOptions, terminal: Terminal): Promise<void> {
  const limit = limitOf(options.limit ?? '20')
  const { workflow, json } = options
  await withStore(terminal, async (store) => {
    const runs = await store.runs({ limit, ...(workflow === undefined ? {} : { workflow_id: workflow }) })
    // A workflow that was reset is known by its history alone.
    if (workflow !== undefined && runs.length === 0) await findWorkflow(store, workflow)
    const seen = await stateOfEach(store, runs)
    const none = `No runs yet.${emptyNote(store)}`
    const draw = () => (seen.length === 0 ? none : drawRuns(seen, terminal))
    answer(terminal.stdout, json, seen.map(toJson), draw)
  })
}

/** `runs ID`: one run in full, with all failures that were kept of it. */
export async function showRun(id: string, { json }: RunsOptions, terminal: Terminal): Promise<void> {
  await withStore(terminal, async (store) => {
    const { run, failures } = await findRun(store, id)
    const [seen] = await stateOfEach(store, [run])
    if (!seen) return
    answer(terminal.stdout, json, { ...toJson(seen), failures }, () => describeRun(seen, failures, terminal))
  })
}

function limitOf(value: string): number {
  const limit = /^\d{1,6}$/.test(value) ? Number(value) : 0
  if (limit < 1 || limit > LONGEST) throw new UsageError(`--limit: expected a whole number from 1 to ${LONGEST}.`)
  return limit
}

/** By its id, or by the beginning of it where no other run's begins alike. */
async function findRun(store: Store, id: string): Promise<{ run: RunRecord; failures: ItemFailure[] }> {
  const whole = await store.run(id)
  if (whole) return whole
  const alike = (await store.runs({ limit: LONGEST })).filter(({ run_id }) => run_id.startsWith(id.toLowerCase()))
  if (alike.length > 1) throw new UsageError(`${alike.length} runs begin with ${id}. Give more of the id.`)
  const found = alike[0] === undefined ? null : await store.run(alike[0].run_id)
  if (found) return found
  const { message } = unknownName('run', id, [])
  throw new UsageError(`${message} hrflow-connectors runs lists them; a dry run leaves none.`)
}

/** A run without an end is running if it is the newest of a workflow that is held; every other one has died. */
async function stateOfEach(store: Store, runs: RunRecord[]): Promise<SeenRun[]> {
  const running = new Set<string>()
  for (const workflow of await store.workflows()) {
    if (holderOf(workflow) === null) continue
    const [newest] = await store.runs({ workflow_id: workflow.workflow_id, limit: 1 })
    if (newest) running.add(newest.run_id)
  }
  const stateOf = ({ run_id, finished_at }: RunRecord): State =>
    finished_at !== null ? 'finished' : running.has(run_id) ? 'running' : 'died'
  return runs.map((run) => ({ ...run, state: stateOf(run) }))
}

function toJson({ started_at, finished_at, ...run }: SeenRun) {
  return {
    ...run,
    started_at: new Date(started_at).toISOString(),
    finished_at: finished_at === null ? null : new Date(finished_at).toISOString(),
  }
}

function drawRuns(runs: SeenRun[], terminal: Terminal): string {
  const left = ['RUN', 'STARTED', 'STATUS', 'WORKFLOW', 'ACTION']
  const numbers = ['TOOK', 'WRITTEN', 'UNCHANGED', 'FAILED', 'REQUESTS']
  const titles = [...left.slice(0, 2), ...numbers, ...left.slice(2)]
  return drawTable(
    {
      columns: titles.map((title) => (numbers.includes(title) ? { title, align: 'right' } : { title })),
      rows: runs.map((run) => ({
        cells: [
          run.run_id.slice(0, SHORT_ID),
          moment(run.started_at),
          tookOf(run),
          ...countsOf(run),
          requestsOf(run),
          statusOf(run),
          run.workflow_id,
          run.action,
        ],
      })),
    },
    terminal,
  )
}

function tookOf({ state, started_at, finished_at }: SeenRun): string {
  return state === 'died' ? '-' : duration((finished_at ?? Date.now()) - started_at)
}

function statusOf({ state, result }: SeenRun): string {
  if (result === null) return state
  const { status, reason } = endOf(result)
  return `${status}${reason}`
}

function countsOf({ result }: SeenRun): string[] {
  if (result === null) return ['-', '-', '-']
  const { events } = result
  return [events.write_success, events.read_unchanged + events.write_unchanged, failureCount(result)].map(String)
}

function requestsOf({ result }: SeenRun): string {
  return result === null ? '-' : `${result.requests.origin.sent} + ${result.requests.target.sent}`
}

function describeRun(run: SeenRun, failures: ItemFailure[], { stdout, env }: Terminal): string {
  const head = `Run ${run.run_id}\n  workflow    ${printable(run.workflow_id)}\n  started     ${moment(run.started_at)}`
  const { result } = run
  // The result knows more of the first ones: where they were thrown.
  const whole = failures.map((failure, at) => ({ ...result?.failures[at], ...failure }))
  if (result !== null) return `${head}\n${summarise(result, stdout, env, { failures: whole })}`
  const said =
    run.state === 'running'
      ? `running for ${tookOf(run)}: ${run.action}`
      : `died: ${run.action}. Its process ended before it could say how it went; the next run does what is left.`
  return `${head}\n${said}`
}
