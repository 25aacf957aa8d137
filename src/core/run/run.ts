import { randomUUID } from 'node:crypto'
import { failureOf, guarded, RunError, StoppedError } from '../errors.js'
import type { Action } from '../model/flow.js'
import { checkRequest, groupsOf, refusal, type RunRequest, secretsIn, watchesOf } from '../model/request.js'
import type { Clock } from '../ports/clock.js'
import type { Side } from '../ports/events.js'
import type { HttpSession } from '../ports/http.js'
import type { RunPorts } from '../ports/run.js'
import type { RunResult } from '../result/result.js'
import { listingParameters, noState, scopeNote } from '../state/decisions.js'
import { Journal } from '../state/journal.js'
import { HeldLease } from '../state/lease.js'
import { placeOf, scopeOf, scopeParameters, versionsOf } from '../state/scope.js'
import { redactor } from '../text/redact.js'
import { Ending } from './cancellation.js'
import { eachConcurrently } from './concurrency.js'
import type { Line } from './context.js'
import { endOf, type Progress, writeDown } from './finish.js'
import { call, ItemLine } from './item.js'
import { entriesOf } from './listing.js'
import { Planning } from './planning.js'
import { Report } from './report.js'
import { readLeftovers } from './revisit.js'

/** Items on their way at once: each needs one load, a read at the target and a write, so 48 keep 32 at the target busy. */
const ITEMS_IN_FLIGHT = 48

/**
 * Runs an action: read -> logics -> format -> write -> callback -> result, streamed. Never throws for what a service, a
 * user's function or a parameter does: the result says it.
 */
export async function run(action: Action, input: unknown, ports: RunPorts): Promise<RunResult> {
  const { flow } = action
  const report = new Report({ ...ports, ...aboutRun(action) })
  const checked = checkRequest(flow, groupsOf(flow, action.own), input)
  if (!checked.ok) return report.finish({ fatal: refusal(checked), interrupted: false })

  const { request } = checked
  report.begin(request, redactor([...secretsIn(flow, request), ...(ports.secrets ?? [])]), ports.notes)
  const ending = new Ending(ports)
  let journal: Journal | undefined
  let lease: HeldLease | undefined
  const progress: Progress = { listedWhole: false, readWhole: false, began_at: undefined, delivered: [] }
  try {
    const { store, http, notes = [] } = await guarded(() => ports.open())
    for (const note of notes) report.note(note)
    if (request.incremental && !store.remembers) throw noState()
    const parts = { ...ports, ...request, store, ending, action: action.id, log: report.log }
    const { compare } = ports
    if (compare) report.planning = new Planning(flow, store.remembers, report.redact, compare.limit)
    if (request.persist) lease = await HeldLease.take(parts)
    const parameters = { ...scopeParameters(action, request), ...versionsOf(flow, request) }
    const scoped = { scope: scopeOf(action, request), place: placeOf(action, request), parameters }
    journal = new Journal({ ...parts, ...scoped, lease })
    await journal.open(report)
    const note = scopeNote(journal.workflow, parameters, ports.clock.now())
    if (note !== null) report.note(note)
    const origin = flow.from.connect(request.origin_auth, http(session('origin', report, ending)))
    const target = flow.to.connect(request.target_auth, http(session('target', report, ending, lease)))
    await readAll({ flow, request, origin, target, journal, report, ending }, progress)
    await journal.flush()
    if (request.persist) await runCallback(request, report, ending, progress)
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    // Told to stop before it began: that another run has the workflow is no failure of this one.
    const isOther = error.reason === 'workflow_already_running' && ending.reading.aborted
    if (!isOther) ending.fail(error, 'ends')
  } finally {
    noteWatched(request, report)
    if (journal) await writeDown(journal, report, ending, progress)
    await lease?.release()
    ending.dispose()
  }
  return report.finish(endOf(ending, report, progress))
}

/** The result of a run that cannot be begun, as the caller's own code is wrong: there is nobody else to tell. */
export function refused(action: Action, fatal: RunError, clock: Clock): RunResult {
  const report = new Report({ ...aboutRun(action), clock, observer: () => undefined, logger: null })
  return report.finish({ fatal, interrupted: false })
}

function aboutRun({ id, own, flow }: Action) {
  return { run_id: randomUUID(), connector: own.id, action: id, entity: flow.entity, target: flow.to.name }
}

/** Sends every listed item on its way, then what the list did not bring. */
async function readAll(line: Line, progress: Progress): Promise<void> {
  const { flow, origin, request, journal, report, ending } = line
  const keep = request.callback ? { delivered: (item: unknown) => void progress.delivered.push(item) } : {}
  const items = new ItemLine({ ...line, ...keep })
  const { pull_parameters } = request
  try {
    const asked = request.incremental ? listingParameters(flow.read, pull_parameters, journal.cursor) : pull_parameters
    const pages = flow.read.list(origin, asked)
    const entries = entriesOf(pages, journal, progress, () => report.planning?.isFull() === true)
    await eachConcurrently(entries, ITEMS_IN_FLIGHT, ([listed, lookup]) => items.take(listed, lookup))
    progress.listedWhole = true
  } catch (thrown) {
    if (thrown instanceof StoppedError) return
    report.listFailure(failureOf(thrown, 'list'))
    // What was read is on its way to be written, and is written down, whatever ended the reading.
    if (thrown instanceof RunError) ending.fail(thrown, 'goes_on')
  }
  progress.readWhole = await readLeftovers(line, items, progress.listedWhole)
}

/** Of an incremental run's few items it says nothing that an expression gave nothing. */
const FEW = 10

function noteWatched(request: RunRequest, report: Report): void {
  const told = watchesOf(request).flatMap((watch) => watch.told(request.incremental ? FEW : 1))
  for (const { what, said } of told) report.note(`${what}: ${said}`)
}

/** Once, after the writes, unless the run is fatal: on a copy of the counters, which it must not change. */
async function runCallback(request: RunRequest, report: Report, ending: Ending, progress: Progress): Promise<void> {
  const { callback, pull_parameters, push_parameters } = request
  if (!callback || report.result(endOf(ending, report, progress)).status === 'fatal') return
  report.events.callback_executed = 1
  try {
    const events = { ...report.events }
    await ending.unlessCut(call(callback, pull_parameters, push_parameters, events, progress.delivered))
  } catch (thrown) {
    const failure = failureOf(thrown, 'callback')
    report.thrown(null, thrown, failure)
    report.callbackFailure(failure)
  }
}

function session(side: Side, report: Report, ending: Ending, lease?: HeldLease): HttpSession {
  return {
    side,
    redact: report.redact,
    // Once the run is told to end, nothing new is read; what was read is still written.
    waits: side === 'origin' ? ending.reading : ending.everything,
    requests: ending.everything,
    observe: (event) => report.request(side, event),
    ...(lease ? { confirm: () => lease.confirm(), holds: () => lease.holds() } : {}),
  }
}
