import type { Action } from '../../core/model/flow.js'
import type { Logger } from '../../core/ports/events.js'
import type { RunResult } from '../../core/result/result.js'
import { eachConcurrently } from '../../core/run/concurrency.js'
import { stateLocation } from '../../runtime/environment.js'
import type { RuntimeOptions } from '../../runtime/options.js'
import { runAction } from '../../runtime/run.js'
import { complain } from '../input/usage.js'
import { ProgressLine, Screen } from '../output/progress.js'
import { summarise } from '../output/summary.js'
import { answer, type ExitCode, type Terminal } from '../terminal.js'
import { grouped } from './grouped.js'
import { loggerOf } from './logs.js'
import { onSignals } from './signals.js'
import { withoutStrays } from './unhandled-rejections.js'
import { waitingFor } from './waiting.js'

/** What a run on the command line asks for. */
export interface Execution {
  action: Action
  parameters: Record<string, unknown>
  /** How it is started. Default: it runs. */
  start?: (runtime: RuntimeOptions) => Promise<RunResult>
  /** How long it waits for another run of its workflow to end. Default: not at all. */
  wait_ms?: number
  /** Whether all that left may go, however much at once. */
  allow_left?: boolean
}

/** What a command shows that looks before a run. */
export interface LookOptions {
  /** Items to look at; null: all of them. */
  limit: number | null
  json: boolean
}

/** A run that came to its end. */
export interface Executed {
  execution: Execution
  result: RunResult
  /** Notes that were said while it ran. */
  said: readonly string[]
  /** Why a run is fatal stands in the logs. */
  logged: boolean
}

/** How a result is answered: as a document, and as a person reads it. */
export interface Answer {
  /** Default: the result. */
  document?: (executed: Executed) => unknown
  /** Default: its summary. */
  draw?: (executed: Executed) => string
}

/** Runs an action and shows its result. */
export async function execute(
  execution: Execution,
  json: boolean,
  terminal: Terminal,
  { document = ({ result }) => result, draw = (executed) => resultText(executed, terminal) }: Answer = {},
): Promise<ExitCode> {
  const { stdout } = terminal
  const [code] = await executeEach([execution], terminal, (executed) => {
    answer(stdout, json, document(executed), () => draw(executed))
    sayError(executed, terminal)
    return exitCodeOf(executed.result)
  })
  return code ?? 130
}

/** How executions share the command that runs them. */
export interface Together {
  /** What shares a name runs one after another, in order. Default: all of them. */
  lane?: (execution: Execution) => string
  /** Lanes that run side by side. Default: 1. */
  concurrency?: number
  /** Which one of several it is, for whoever looks on. Default: it is the only one. */
  name?: (execution: Execution) => string
  /** Before the process is ended by a later signal. */
  quit?: () => void
}

/**
 * Runs actions under the signals of a terminal: the first one drains and no further action is run, a later one quits at
 * once. State is kept.
 */
export async function executeEach<T>(
  executions: readonly Execution[],
  terminal: Terminal,
  ended: (executed: Executed) => T,
  together: Together = {},
): Promise<T[]> {
  return withoutStrays(terminal, () => executeAll(executions, terminal, ended, together))
}

async function executeAll<T>(
  executions: readonly Execution[],
  terminal: Terminal,
  ended: (executed: Executed) => T,
  { lane = () => '', concurrency = 1, name, quit }: Together,
): Promise<T[]> {
  const logger = await loggerOf(terminal)
  const screen = new Screen(terminal.stderr)
  const stop = new AbortController()
  const stopNow = () => {
    screen.stopping = true
    if (logger === null || screen.isLive)
      screen.say('Stopping: finishing what is in flight, at most 20 s. Once more to quit at once.')
    stop.abort()
  }
  const quitNow = () => {
    screen.clear()
    quit?.()
    process.exit(130)
  }
  const release = onSignals(stopNow, quitNow)
  const all: T[] = []
  try {
    await eachConcurrently(grouped(executions, lane), concurrency, async (inLane) => {
      for (const execution of inLane) {
        if (stop.signal.aborted) return
        const executed = await executeOne(execution, terminal, { screen, stop, logger, name: name?.(execution) })
        screen.clear()
        all.push(ended(executed))
      }
    })
    return all
  } finally {
    screen.clear()
    release()
  }
}

interface Stage {
  screen: Screen
  stop: AbortController
  logger: Logger | null
  name: string | undefined
}

async function executeOne(
  execution: Execution,
  terminal: Terminal,
  { screen, stop, logger, name }: Stage,
): Promise<Executed> {
  const quiet = logger !== null
  if (name !== undefined && (!quiet || screen.isLive)) screen.say(`Running ${name}`)
  const progress = new ProgressLine(terminal.stderr, { quiet, screen, name, entity: execution.action.flow.entity })
  const state = stateLocation(terminal.env)
  const start = execution.start ?? ((runtime) => runAction(execution.action, execution.parameters, runtime))
  const { wait_ms = 0 } = execution
  const runtime: RuntimeOptions = {
    state,
    signal: stop.signal,
    observer: (event) => progress.see(event),
    ...(logger === null ? {} : { logger }),
    ...(execution.allow_left === true ? { allow_left: true } : {}),
  }
  try {
    const wait = { wait_ms, state, progress, signal: stop.signal, logger }
    const result = await waitingFor(execution, wait, () => start(runtime))
    return { execution, result, said: progress.said, logged: quiet }
  } finally {
    progress.end()
  }
}

/** A result as a person reads it. */
export function resultText({ execution, result, said }: Executed, { stdout, env }: Terminal): string {
  return summarise(result, stdout, env, {
    said,
    more: moreOf(result, execution.parameters, env),
  })
}

/** Whoever reads the result elsewhere, or not at all, still sees why there is none, here or in the logs. */
export function sayError({ result: { error }, logged }: Executed, terminal: Terminal, name?: string): void {
  if (!error || logged || terminal.onePlace === true) return
  const said = [error.message, error.hint ?? ''].join(' ').trim()
  complain(name === undefined ? said : `${name}: ${said}`, terminal)
}

/** Where the failures are that a summary does not show. A dry run leaves no trace, and memory ends with the process. */
function moreOf(result: RunResult, parameters: Record<string, unknown>, env: NodeJS.ProcessEnv): string {
  const kept = parameters['persist'] === true && stateLocation(env) !== 'memory:'
  return `; --json lists the first 100${kept ? `, hrflow-connectors runs ${result.run_id.slice(0, 8)} all of them` : ''}`
}

/** What a result alone ends the command with. */
export function exitCodeOf({ status, reason, requests: { origin, target } }: RunResult): ExitCode {
  if (reason === 'interrupted' || reason === 'yielded') return 130
  if (status === 'success') return 0
  if (status === 'success_with_failures') return 3
  if (reason === 'workflow_already_running') return 4
  if (reason === 'bad_origin_parameters' || reason === 'bad_target_parameters') return 2
  // A state that fails in the middle of a run is no wrong configuration.
  return reason === 'backend_not_configured' && origin.sent + target.sent === 0 ? 2 : 1
}
