import { RunError } from '../core/errors.js'
import { type Action, follows } from '../core/model/flow.js'
import { checkInput } from '../core/model/request.js'
import type { Observer } from '../core/ports/events.js'
import type { RunPorts, Tap } from '../core/ports/run.js'
import type { RunResult } from '../core/result/result.js'
import { refused, run } from '../core/run/run.js'
import { traced } from '../telemetry/opentelemetry.js'
import { systemClock } from './clock.js'
import { badRuntime, type RuntimeOptions } from './options.js'
import { buildPorts } from './ports.js'
import { sharedParts } from './shared.js'

/** Runs an action: what a caller of a typed method gets. `tap`: of a preview. */
export async function runAction(
  action: Action,
  parameters: unknown,
  runtime: RuntimeOptions = {},
  tap?: Tap,
): Promise<RunResult> {
  let ports: RunPorts
  try {
    const isDry = parameterOf(parameters, 'persist') === false
    const trace = isDry ? { leaves_no_trace: 'dry run' as const } : {}
    const about = { incremental: needsState(action, parameters), action, ...trace }
    ports = { ...buildPorts(runtime, process.env, about), ...(tap && { tap }) }
    if (ports.compare && !isDry)
      throw badRuntime('runtime.compare: needs persist: false, as a call that compares writes nothing.')
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    return refused(action, error, systemClock)
  }
  const api = await sharedParts().opentelemetry
  if (api === null) return run(action, parameters, ports)
  return traced(api, { connector: action.own.id, action: action.id }, (watch) =>
    run(action, parameters, { ...ports, observer: both(ports.observer, watch) }),
  )
}

/** Whether a call must know what was delivered: it goes on from there, archives what left, or reads details later. */
function needsState({ flow }: Action, parameters: unknown): boolean {
  const pushed = checkInput(flow.write.parameters, parameterOf(parameters, 'push_parameters') ?? {})
  const pulled = checkInput(flow.read.parameters, parameterOf(parameters, 'pull_parameters') ?? {})
  const isLater = 'data' in pulled && flow.read.partial?.details(pulled.data) === 'after'
  return isIncremental(parameters) || isLater || ('data' in pushed && follows(flow, pushed.data))
}

/** What one of them throws does not keep an event from the other. */
function both(first: Observer, second: Observer): Observer {
  return (event) => {
    try {
      return first(event)
    } finally {
      second(event)
    }
  }
}

/** What a call asks for, before its parameters are checked. */
export function isIncremental(parameters: unknown): boolean {
  return parameterOf(parameters, 'incremental') === true
}

function parameterOf(parameters: unknown, name: string): unknown {
  try {
    return typeof parameters === 'object' && parameters !== null ? Reflect.get(parameters, name) : undefined
  } catch {
    // A getter that throws: the check of the parameters says so.
    return undefined
  }
}
