import type { RunResult } from '../core/result.js'
import type { Action } from '../core/run.js'
import { runAction, stateLocation } from '../runtime.js'
import { loggerOf } from './logs.js'
import { Progress } from './progress.js'
import { summarise } from './summary.js'
import { answer, type ExitCode, type Terminal } from './terminal.js'
import { complain } from './usage.js'

// A terminal that is closed, or a connection that breaks, is a reason to end in good order as well.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What a run on the command line asks for, and how its result is shown. */
export interface Execution {
  action: Action
  parameters: Record<string, unknown>
  json: boolean
}

/** Runs an action under the signals of a terminal: the first one drains, the second quits at once. State is kept. */
export async function execute(execution: Execution, terminal: Terminal): Promise<ExitCode> {
  const logger = await loggerOf(terminal)
  const progress = new Progress(terminal.stderr, { quiet: logger !== null })
  const stop = new AbortController()
  const onSignal = () => {
    if (stop.signal.aborted) {
      progress.clear()
      process.exit(130)
    }
    progress.stopping()
    stop.abort()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  try {
    const result = await runAction(execution.action, execution.parameters, {
      state: stateLocation(terminal.env),
      signal: stop.signal,
      observer: (event) => progress.see(event),
      ...(logger === null ? {} : { logger }),
    })
    progress.end()
    show(result, { said: progress.said, logged: logger !== null }, execution, terminal)
    return exitCodeOf(result)
  } finally {
    progress.end()
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

/** `said`: notes that were shown already. `logged`: why a run is fatal stands in the logs. */
function show(
  result: RunResult,
  { said, logged }: { said: readonly string[]; logged: boolean },
  { parameters, json }: Execution,
  terminal: Terminal,
): void {
  const { stdout, env } = terminal
  answer(stdout, json, result, () => summarise(result, stdout, env, { said, more: moreOf(result, parameters, env) }))
  // Whoever reads the result elsewhere, or not at all, still sees why there is none.
  if (result.error && !logged && (json || stdout.isTTY !== true))
    complain([result.error.message, result.error.hint ?? ''].join(' ').trim(), terminal)
}

/** Where the failures are that a summary does not show. A dry run leaves no trace, and memory ends with the process. */
function moreOf(result: RunResult, parameters: Record<string, unknown>, env: NodeJS.ProcessEnv): string {
  const kept = parameters['persist'] === true && stateLocation(env) !== 'memory:'
  return `; --json lists the first 100${kept ? `, hrflow-connectors runs ${result.run_id.slice(0, 8)} all of them` : ''}`
}

function exitCodeOf({ status, reason }: RunResult): ExitCode {
  if (reason === 'interrupted') return 130
  if (status === 'success') return 0
  if (status === 'success_with_failures') return 3
  return reason === 'bad_origin_parameters' || reason === 'bad_target_parameters' || reason === 'backend_not_configured'
    ? 2
    : 1
}
