import { z } from 'zod'
import { heldToday, landslide } from '../core/state/leavings.js'
import { scopeOf } from '../core/state/scope.js'
import { RunError } from '../core/errors.js'
import { type Action, follows } from '../core/model/flow.js'
import { checkRequest, groupsOf, refusal, secretsIn, watchesOf } from '../core/model/request.js'
import type { Observer } from '../core/ports/events.js'
import type { RunPorts } from '../core/ports/run.js'
import { type CheckedLine, checkParameters, checkSides, checkState } from '../core/preflight/check.js'
import { Preview, type PreviewedItem } from '../core/preflight/preview.js'
import type { RunResult } from '../core/result/result.js'
import type { Explanation } from '../core/result/explanation.js'
import { explain, type Saw } from '../core/run/explain.js'
import { redactor, storable } from '../core/text/redact.js'
import type { RuntimeOptions } from './options.js'
import { buildPorts } from './ports.js'
import { isIncremental, runAction } from './run.js'

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
  const usable =
    state.verdict === 'bad' ? { ...options, state: 'memory:' } : { ...options, ...(store ? { store } : {}) }
  const sides = state.verdict === 'bad' ? buildPorts(usable, process.env, run) : ports
  let isReadable = true
  for await (const line of checkSides(action, parameters, sides)) {
    isReadable &&= !(line.about === action.flow.from.name && line.verdict === 'bad')
    yield line
  }
  const leaving = state.verdict === 'bad' ? null : await leavingLine(action, parameters, ports)
  if (leaving !== null) yield leaving
  yield* checkExpressions(action, parameters, usable, isReadable)
}

/** Items that expressions are tried with: each costs a request, and a slot has few. */
const TRIED = 3

/** What the expressions of a mapping and of conditions make of the first items, where there are expressions. */
async function* checkExpressions(
  action: Action,
  parameters: unknown,
  runtime: RuntimeOptions,
  isReadable: boolean,
): AsyncGenerator<CheckedLine> {
  const checked = checkRequest(action.flow, groupsOf(action.flow, action.own), parameters)
  const watches = checked.ok ? watchesOf(checked.request) : []
  const given = z.record(z.string(), z.unknown()).safeParse(parameters)
  if (watches.length === 0 || !given.success) return
  const { items } = isReadable ? await previewAction(action, given.data, TRIED, runtime) : { items: [] }
  const about = 'Mapping'
  const told = watches.flatMap((watch) => watch.told(0))
  for (const { what, said } of told) yield { about, what, verdict: 'warning', said }
  const failed = new Set<string>()
  for (const { failure } of items)
    if (failure?.stage === 'logics' || failure?.stage === 'format') failed.add(failure.message)
  for (const said of failed)
    yield { about, what: 'expressions', verdict: 'warning', said: `They fail for an item. ${said}` }
  if (told.length > 0 || failed.size > 0) return
  const tried = items.filter(({ origin }) => origin !== null).length
  yield tried === 0
    ? { about, what: 'expressions', verdict: 'unknown', said: 'There was no item to try the expressions with.' }
    : {
        about,
        what: 'expressions',
        verdict: 'good',
        said: `The expressions were tried with ${tried === 1 ? '1 item' : `${tried} items`}.`,
      }
}

/** What is held live, and what has left and waits to be decided, where the target follows the origin. */
async function leavingLine(action: Action, parameters: unknown, ports: RunPorts): Promise<CheckedLine | null> {
  const { flow } = action
  const checked = checkRequest(flow, groupsOf(flow, action.own), parameters)
  if (!checked.ok || !follows(flow, checked.request.push_parameters)) return null
  const { workflow_id } = checked.request
  const { place } = scopeOf(action, checked.request)
  const { store } = await ports.open()
  const held = await heldToday(store, { workflow_id, place }, ports.clock.now())
  const waiting = await store.leavings(workflow_id, place, null)
  const why = landslide(waiting, held, { changed: false, allowed: false })
  const counts = `${held.live} are held live, ${held.archived} were archived in the last 24 hours, ${waiting.length} have left and wait to be decided.`
  const about = { about: flow.to.name, what: 'what left' }
  if (why === null) return { ...about, verdict: 'good', said: counts }
  const todo = 'Look at them with plan. If they are meant to leave, run once with --allow-left.'
  return { ...about, verdict: 'warning', said: `${counts} The next run holds them: ${why}.`, todo }
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

/**
 * What became of one item, and what the next run would do with it and why. Only reads. Throws `RunError` for what would end a run,
 * too: a parameter that is wrong, a service that refuses.
 */
export async function explainAction(
  action: Action,
  parameters: unknown,
  reference: string,
  runtime: RuntimeOptions = {},
  saw: Saw = {},
): Promise<Explanation> {
  const checked = checkRequest(action.flow, groupsOf(action.flow, action.own), parameters)
  if (!checked.ok) throw refusal(checked)
  const about = { incremental: true, action, leaves_no_trace: 'check' } as const
  const ports = buildPorts(runtime, process.env, about)
  const redact = redactor([...secretsIn(action.flow, checked.request), ...(ports.secrets ?? [])])
  return explain(action, checked.request, ports, { reference, redact: (text) => storable(redact(text)), saw })
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
  const watches = checked.ok ? watchesOf(checked.request) : []
  const preview = new Preview(limit, redactor(secrets), (entry) => {
    // An entry is the connector's own: the item as the list has it may be a part of it.
    const parts: unknown[] = typeof entry === 'object' && entry !== null ? Object.values(entry) : []
    for (const watch of watches) for (const part of [entry, ...parts]) watch.look(part)
  })
  const observer: Observer = (event) => {
    preview.see(event)
    return runtime.observer?.(event)
  }
  const dry = { ...parameters, persist: false, incremental: false, callback: null }
  const result = await runAction(action, dry, { ...runtime, observer }, preview.tap)
  return { items: preview.items, result }
}
