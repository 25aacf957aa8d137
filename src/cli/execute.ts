import type { RunResult } from '../core/result.js'
import type { Action } from '../core/run.js'
import { runAction, stateLocation, type RuntimeOptions } from '../runtime.js'
import { loggerOf } from './logs.js'
import { Progress } from './progress.js'
import { withoutStrays } from './strays.js'
import { summarise } from './summary.js'
import { answer, type ExitCode, type Terminal } from './terminal.js'
import { complain } from './usage.js'

// A terminal that is closed, or a connection that breaks, is a reason to end in good order as well.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What a run on the command line asks for. */
export interface Execution {
  action: Action
  parameters: Record<string, unknown>
  /** How it is started. Default: it runs. */
  start?: (runtime: RuntimeOptions) => Promise<RunResult>
  /** Said before it runs. Default: nothing is. */
  title?: string
}

/** What a command shows that looks before a run. */
export interface LookOptions {
  /** Items at most. */
  limit: number
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
  { document = ({ result }) => result, draw = (executed) => summaryOf(executed, terminal) }: Answer = {},
): Promise<ExitCode> {
  const { stdout } = terminal
  const [code] = await executeEach([execution], terminal, (executed) => {
    answer(stdout, json, document(executed), () => draw(executed))
    if (json || stdout.isTTY !== true) sayError(executed, terminal)
    return exitCodeOf(executed.result)
  })
  return code ?? 130
}

/**
 * Runs actions one after another under the signals of a terminal: the first one drains and no further action is run, the
 * second quits at once. State is kept.
 */
export async function executeEach<T>(
  executions: readonly Execution[],
  terminal: Terminal,
  ended: (executed: Executed) => T,
): Promise<T[]> {
  return withoutStrays(terminal, () => executeAll(executions, terminal, ended))
}

async function executeAll<T>(
  executions: readonly Execution[],
  terminal: Terminal,
  ended: (executed: Executed) => T,
): Promise<T[]> {
  const logger = await loggerOf(terminal)
  const logged = logger !== null
  let progress: Progress | undefined
  const stop = new AbortController()
  const onSignal = () => {
    if (stop.signal.aborted) {
      progress?.clear()
      process.exit(130)
    }
    progress?.stopping()
    stop.abort()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  const all: T[] = []
  try {
    for (const execution of executions) {
      if (stop.signal.aborted) break
      const shown = (progress = new Progress(terminal.stderr, { quiet: logged }))
      if (execution.title !== undefined) shown.say(execution.title)
      const { action, parameters } = execution
      const start = execution.start ?? ((runtime) => runAction(action, parameters, runtime))
      const result = await start({
        state: stateLocation(terminal.env),
        signal: stop.signal,
        observer: (event) => shown.see(event),
        ...(logger === null ? {} : { logger }),
      })
      shown.end()
      all.push(ended({ execution, result, said: shown.said, logged }))
    }
    return all
  } finally {
    progress?.end()
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

/** A result as a person reads it. */
export function summaryOf({ execution, result, said }: Executed, { stdout, env }: Terminal): string {
  return summarise(result, stdout, env, { said, more: moreOf(result, execution.parameters, env) })
}

/** Whoever reads the result elsewhere, or not at all, still sees why there is none, here or in the logs. */
export function sayError({ result: { error }, logged }: Executed, terminal: Terminal): void {
  if (error && !logged) complain([error.message, error.hint ?? ''].join(' ').trim(), terminal)
}

/** Where the failures are that a summary does not show. A dry run leaves no trace, and memory ends with the process. */
function moreOf(result: RunResult, parameters: Record<string, unknown>, env: NodeJS.ProcessEnv): string {
  const kept = parameters['persist'] === true && stateLocation(env) !== 'memory:'
  return `; --json lists the first 100${kept ? `, hrflow-connectors runs ${result.run_id.slice(0, 8)} all of them` : ''}`
}

/** What a result alone ends the command with. */
export function exitCodeOf({ status, reason }: RunResult): ExitCode {
  if (reason === 'interrupted') return 130
  if (status === 'success') return 0
  if (status === 'success_with_failures') return 3
  return reason === 'bad_origin_parameters' || reason === 'bad_target_parameters' || reason === 'backend_not_configured'
    ? 2
    : 1
}
