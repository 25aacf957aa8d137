import { randomUUID } from 'node:crypto'
import { Ending } from './ending.js'
import { failureOf, RunError, StoppedError } from './errors.js'
import { call, ItemLine, type Line } from './item.js'
import { Journal } from './journal.js'
import type { AnyFlow } from './model.js'
import { checkRequest, groupsOf, scopeOf, secretsIn, type Checked, type RunRequest } from './parameters.js'
import { eachConcurrently } from './pool.js'
import type { HttpSession, RunPorts, Side } from './ports.js'
import { redactor } from './redact.js'
import { Report, type RunEnd } from './report.js'
import type { RunResult } from './result.js'

/** Items on their way at once: enough to keep 32 loads and 32 writes in flight. */
const ITEMS_IN_FLIGHT = 64

/** A flow under its documented name, e.g. `update_jobs_in_hrflow`. */
export interface Action {
  id: string
  flow: AnyFlow
  /** The connector's own warehouse: its credentials are `connector_auth`. */
  own: { id: string; name: string }
}

/**
 * Runs an action: read -> logics -> format -> write -> callback -> result, streamed. Never throws for what a service, a
 * user's function or a parameter does: the result says it.
 */
export async function run(action: Action, input: unknown, ports: RunPorts): Promise<RunResult> {
  const { flow } = action
  const report = new Report({ ...ports, run_id: randomUUID(), action: action.id })
  const checked = checkRequest(flow, groupsOf(flow, action.own), input)
  if (!checked.ok) return report.finish({ fatal: refusal(checked), interrupted: false })

  const { request } = checked
  report.begin(request, redactor(secretsIn(flow, request)), ports.notes)
  const ending = new Ending(ports)
  const journal = new Journal({
    ...ports,
    ...request,
    ending,
    action: action.id,
    scope: scopeOf(action, request),
    writes: request.persist,
  })
  const delivered: unknown[] = []
  let readWhole = false
  try {
    if (request.incremental) throw notIncremental()
    const origin = flow.from.connect(request.origin_auth, ports.http(session('origin', report, ending)))
    const target = flow.to.connect(request.target_auth, ports.http(session('target', report, ending)))
    await journal.open()
    const keep = request.callback ? { delivered: (item: unknown) => void delivered.push(item) } : {}
    readWhole = await readAll({ flow, request, origin, target, journal, report, ending, ...keep })
    if (request.persist)
      await runCallback(request, report, ending, { items: delivered, end: endOf(ending, report, readWhole) })
    await journal.commit(() => report.result(endOf(ending, report, readWhole)), report.failures)
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    ending.fail(error, 'ends')
  } finally {
    await journal.close()
    ending.dispose()
  }
  return report.finish(endOf(ending, report, readWhole))
}

/** Told to stop is interrupted only where something was left undone. */
function endOf(ending: Ending, report: Report, readWhole: boolean): RunEnd {
  const skipped = report.events.read_skipped + report.events.write_skipped > 0
  return { fatal: ending.fatal, interrupted: ending.reading.aborted && (!readWhole || skipped) }
}

/** Sends every listed item on its way. False: the list was not read to its end. */
async function readAll(line: Line): Promise<boolean> {
  const { flow, origin, request, report, ending } = line
  const items = new ItemLine(line)
  try {
    const listing = flow.read.list(origin, request.pull_parameters)
    await eachConcurrently(listing, ITEMS_IN_FLIGHT, (listed) => items.take(listed))
    return true
  } catch (thrown) {
    if (thrown instanceof StoppedError) return false
    report.listFailure(failureOf(thrown, 'list'))
    // What was read is on its way to be written, and is written down, whatever ended the reading.
    if (thrown instanceof RunError) ending.fail(thrown, 'goes_on')
    return false
  }
}

/** Once, after the writes, unless the run is fatal: on a copy of the counters, which it must not change. */
async function runCallback(
  request: RunRequest,
  report: Report,
  ending: Ending,
  { items, end }: { items: unknown[]; end: RunEnd },
): Promise<void> {
  const { callback } = request
  if (!callback || report.result(end).status === 'fatal') return
  report.events.callback_executed = 1
  try {
    await ending.unlessCut(
      call(callback, request.pull_parameters, request.push_parameters, { ...report.events }, items),
    )
  } catch (thrown) {
    report.callbackFailure(failureOf(thrown, 'callback'))
  }
}

function session(side: Side, report: Report, ending: Ending): HttpSession {
  return {
    side,
    redact: report.redact,
    // Once the run is told to end, nothing new is read; what was read is still written.
    waits: side === 'origin' ? ending.reading : ending.everything,
    requests: ending.everything,
    observe: (event) => report.request(side, event),
  }
}

function refusal(checked: Extract<Checked, { ok: false }>): RunError {
  const said = checked.problems.map(({ path, message }) => `${path}: ${message}`).join(' ')
  return new RunError(checked.reason, checked.reason, said, {
    hint: 'Nothing was requested. Correct the parameters and run again.',
  })
}

function notIncremental(): RunError {
  return new RunError(
    'backend_not_configured',
    'no_state',
    'Incremental runs need a durable state store, and none is available.',
    {
      hint: 'Run with incremental: false: a full run writes only what differs.',
    },
  )
}
