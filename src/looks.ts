import { checkParameters, checkSides, checkState, type CheckedLine } from './core/check.js'
import { RunError } from './core/errors.js'
import { checkRequest, groupsOf, secretsIn } from './core/parameters.js'
import type { Observer, RunPorts } from './core/ports.js'
import { Preview, type PreviewedItem } from './core/preview.js'
import { redactor } from './core/redact.js'
import type { RunResult } from './core/result.js'
import type { Action } from './core/run.js'
import { buildPorts, isIncremental, runAction, type RuntimeOptions } from './runtime.js'

// What is looked at before a run, for the faces.

/** So that one that does not answer is told within half a minute. */
const CHECK_LIMITS = { max_attempts: 2, attempt_timeout_ms: 10_000, total_timeout_ms: 30_000 }

/**
 * Looks at everything a run would use: parameters, state, and what both services say to a few requests. Writes to none of
 * them; opens the state where there is one.
 */
export async function* checkAction(
  action: Action,
  parameters: unknown,
  runtime: RuntimeOptions = {},
): AsyncGenerator<CheckedLine> {
  const { store, ...options } = { ...runtime, http: { ...CHECK_LIMITS, ...runtime.http } }
  const run = { incremental: isIncremental(parameters), action, leaves_no_trace: 'check' } as const
  const ports = buildPorts({ ...options, ...(store ? { store } : {}) }, process.env, run)
  yield* checkParameters(action, parameters)
  const network = networkLine(ports)
  if (network?.verdict === 'bad') {
    yield network
    return
  }
  const state = await checkState(ports)
  yield state
  for (const said of ports.notes ?? []) yield { about: 'Network', what: 'address', verdict: 'warning', said }
  if (network !== null) yield network
  // The services can be asked all the same.
  const sides = state.verdict === 'bad' ? buildPorts({ ...options, state: 'memory:' }, process.env, run) : ports
  yield* checkSides(action, parameters, sides)
}

/** The proxy that requests go through, by host and port; null for none. */
function networkLine(ports: RunPorts): CheckedLine | null {
  const about = { about: 'Network', what: 'proxy' }
  try {
    const proxy = ports.proxy?.() ?? null
    if (proxy === null) return null
    const said = `Requests go through the proxy ${proxy.host} (${proxy.variable}), but to this machine and to hosts in NO_PROXY.`
    return { ...about, verdict: 'good', said }
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    return { ...about, verdict: 'bad', said: error.message, ...(error.hint === undefined ? {} : { todo: error.hint }) }
  }
}

/** Reads the first items of an action and maps them, each in full. Sends nothing to the target. */
export async function previewAction(
  action: Action,
  parameters: Record<string, unknown>,
  limit: number,
  runtime: RuntimeOptions = {},
): Promise<{ items: PreviewedItem[]; result: RunResult }> {
  const checked = checkRequest(action.flow, groupsOf(action.flow, action.own), parameters)
  const secrets = checked.ok ? secretsIn(action.flow, checked.request) : []
  const preview = new Preview(action, limit, redactor(secrets))
  const observer: Observer = (event) => {
    preview.see(event)
    return runtime.observer?.(event)
  }
  const dry = { ...parameters, persist: false, incremental: false, callback: null }
  const result = await runAction(preview.action, dry, { ...runtime, observer })
  return { items: preview.items, result }
}
