import { RunError, WorkflowFileError, YieldError, messageOf } from '../core/errors.js'
import type { Action } from '../core/model/flow.js'
import type { Clock } from '../core/ports/clock.js'
import type { Logger, RunEvent } from '../core/ports/events.js'
import type { Decide, SchedulingStore } from '../core/ports/schedule.js'
import type { Lease, RunCommit, Store } from '../core/ports/store.js'
import type { RunResult } from '../core/result/result.js'
import { refused } from '../core/run/run.js'
import { accountIn } from '../core/state/scope.js'
import type { RuntimeOptions } from '../runtime/options.js'
import { runAction } from '../runtime/run.js'
import type { Workflow } from '../workflows/index.js'
import type { Claim } from './decisions.js'
import type { Engine, Job } from './engine.js'

/** Then a run ends in good order, and is gone on with: an hour later the engine would hand it out again. */
const LONGEST_RUN_MS = 23 * 3_600_000
/** How often a run that has had its time looks whether others wait. */
const LOOK_MS = 5_000

export interface RunnerOptions {
  store: Store
  engine: Engine
  clock: Clock
  logger: Logger | null
  observer: (job: Job, event: RunEvent) => void
  /** After so long an incremental run makes way for others. */
  yield_ms: number
  /** Of tests: what a run is given besides. */
  runtime?: RuntimeOptions
}

/** Runs one workflow for what it was started for: everything, or what has changed. */
export async function runWorkflow(
  workflow: Workflow,
  { full }: Claim,
  job: Job,
  signal: AbortSignal,
  options: RunnerOptions,
): Promise<RunResult> {
  const { store, logger, observer, clock } = options
  const { parameters } = await workflow.resolve()
  const incremental = workflow.incremental && !full
  const stop = new AbortController()
  const over = new AbortController()
  const stopNow = () => stop.abort(signal.reason)
  if (signal.aborted) stopNow()
  signal.addEventListener('abort', stopNow, { signal: over.signal })
  if (incremental) void makeWay(job, stop, over.signal, options)
  const told = logger === null ? {} : { logger }
  const seen = (event: RunEvent) => observer(job, event)
  const deadline = clock.now() + LONGEST_RUN_MS
  const runtime = { ...options.runtime, ...told, store, observer: seen, signal: stop.signal, deadline }
  try {
    return await runAction(workflow.action, { ...parameters, incremental, persist: true }, runtime)
  } finally {
    over.abort()
  }
}

/** Ends a run that has had its time, once others wait: it is queued behind them. */
async function makeWay(
  job: Job,
  stop: AbortController,
  over: AbortSignal,
  { clock, engine, yield_ms }: RunnerOptions,
): Promise<void> {
  await clock.sleep(yield_ms, over)
  while (!over.aborted && !stop.signal.aborted) {
    if (await engine.isWanted(job)) stop.abort(new YieldError())
    await clock.sleep(LOOK_MS, over)
  }
}

/** The result of a run that could not be begun: its workflow cannot be filled in, or the program is wrong. */
export function couldNotRun(action: Action, error: unknown, clock: Clock): RunResult {
  const isFile = error instanceof WorkflowFileError
  // Of a mistake in the program nobody knows what its words hold.
  const said = isFile
    ? messageOf(error).split('\n')[0]
    : `It failed in a way that is no answer of a service: ${nameOf(error)}.`
  const hint = isFile ? 'Correct the workflow file, or set what it names.' : 'See the logs.'
  const reason = isFile ? 'bad_origin_parameters' : 'read_failure'
  return refused(action, new RunError(reason, isFile ? 'bad_workflow_file' : 'unexpected', said ?? '', { hint }), clock)
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/**
 * Whose budget a workflow uses, by the name that budgets have: `workable:acme`. What cannot be told yet, as a variable is
 * missing, is an account of its own.
 */
export async function accountOf(workflow: Workflow): Promise<string> {
  const { parameters } = await workflow.resolve().catch(() => ({ parameters: {} }))
  const account = Object.values(accountIn(workflow.action, parameters))
  return account.length === 0 ? `workflow:${workflow.id}` : [workflow.action.flow.from.id, ...account].join(':')
}

/**
 * The store that runs are given. What a run commits at its end is written with what becomes of its workflow, which
 * `decide` says, in one transaction.
 */
export function committing(
  store: SchedulingStore,
  decide: (workflow_id: string, result: RunResult) => Decide | null,
): Store {
  const commitRun = (lease: Lease, commit: RunCommit): Promise<void> => {
    const { result } = commit.run
    const decided = result === null ? null : decide(lease.workflow_id, result)
    return decided === null ? store.commitRun(lease, commit) : store.schedules.commitRun(lease, commit, decided)
  }
  return new Proxy<Store>(store, {
    get(_, name): unknown {
      if (name === 'commitRun') return commitRun
      const value: unknown = Reflect.get(store, name, store)
      if (typeof value !== 'function') return value
      return (...given: unknown[]): unknown => Reflect.apply(value, store, given)
    },
  })
}
