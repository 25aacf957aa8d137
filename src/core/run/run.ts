import { randomUUID } from 'node:crypto'
import { failureOf, guarded, RunError, StoppedError } from '../errors.js'
import type { Action } from '../model/flow.js'
import { checkRequest, groupsOf, refusal, type RunRequest, secretsIn, watchesOf } from '../model/request.js'
import type { Clock } from '../ports/clock.js'
import type { RunPorts } from '../ports/run.js'
import type { RunResult } from '../result/result.js'
import { changedParameters, listingParameters, noState, scopeNote, unfiltered } from '../state/decisions.js'
import type { HeldLease } from '../state/lease.js'
import { scopeOf } from '../state/scope.js'
import { redactor } from '../text/redact.js'
import { goRound, letLeave } from './archive-what-left.js'
import { Cancellation } from './cancellation.js'
import { eachConcurrently, ITEMS_IN_FLIGHT } from './concurrency.js'
import type { RunContext } from './context.js'
import { type Begun, endOf, finish, type RunProgress } from './finish.js'
import { take } from './item.js'
import { entriesOf } from './listing.js'
import { call } from './map.js'
import { contextOf, openJournal, takeLease } from './opening.js'
import { Admission, Comparing, NO_PLAN } from './planning.js'
import { NOTHING_DONE, Report } from './report.js'
import { revisit } from './revisit.js'
import { secondPass } from './second-pass.js'

/**
 * Runs an action: read -> logics -> format -> write -> callback -> result, streamed. Never throws for what a service, a
 * user's function or a parameter does: the result says it.
 */
export async function run(action: Action, input: unknown, ports: RunPorts): Promise<RunResult> {
  const { flow } = action
  const report = new Report({ ...ports, ...aboutRun(action) })
  const checked = checkRequest(flow, groupsOf(flow, action.own), input)
  if (!checked.ok) return report.finish({ ...NOTHING_DONE, fatal: refusal(checked) })

  const { request } = checked
  report.begin(request, redactor([...secretsIn(flow, request), ...(ports.secrets ?? [])]), ports.notes)
  const cancellation = new Cancellation(ports)
  const progress: RunProgress = { listedWhole: false, readWhole: false, began_at: undefined, cursor: null }
  const delivered = new Map<string, unknown>()
  let lease: HeldLease | undefined
  let begun: Begun | undefined
  try {
    const { store, http, notes = [] } = await guarded(() => ports.open())
    for (const note of notes) report.note(note)
    if (request.incremental && !store.remembers) throw noState()
    const scope = scopeOf(action, request)
    const admission = new Admission(ports.compare?.limit ?? ports.tap?.limit)
    const { remembers } = store
    const planning = ports.compare ? new Comparing(flow, { remembers, redact: report.redact, admission }) : NO_PLAN
    if (request.persist) lease = await takeLease(action, request, ports, { store, report, cancellation })
    const journal = openJournal(request, ports, { store, scope, lease, report, cancellation })
    begun = { journal, report, cancellation, planning }
    await journal.open(report)
    if (!request.incremental) report.expects(await journal.liveCount())
    const note = scopeNote(journal.workflow, scope.parameters, ports.clock.now())
    if (note !== null) report.note(note)
    const changed = changedParameters(journal.workflow, scope.parameters)

    const parts = { ...begun, store, http, scope, lease, changed, admission }
    const context = contextOf(flow, request, ports, parts, (reference, item) => delivered.set(reference, item))
    await readAll(context, progress)
    await journal.flush()
    if (flow.read.partial && context.details !== 'without' && journal.remembers)
      report.detailsDue(await journal.partialCount())
    if (request.persist) await runCallback(context, progress, [...delivered.values()])
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    // Told to stop before it began: that another run has the workflow is no failure of this one.
    const isOther = error.reason === 'workflow_already_running' && cancellation.reading.aborted
    if (!isOther) cancellation.fail(error, 'ends')
  } finally {
    noteWatched(request, report)
    if (begun) await finish(begun, progress)
    await lease?.release()
    cancellation.dispose()
  }
  const { fatal, reading } = cancellation
  const stopped = reading.aborted ? cancellation.stoppedBy : null
  return report.finish(begun ? endOf(begun, progress) : { ...NOTHING_DONE, fatal, stopped })
}

/** The result of a run that cannot be begun, as the caller's own code is wrong: there is nobody else to tell. */
export function refused(action: Action, fatal: RunError, clock: Clock): RunResult {
  const report = new Report({ ...aboutRun(action), clock, observer: () => undefined, logger: null })
  return report.finish({ ...NOTHING_DONE, fatal })
}

function aboutRun({ id, own, flow }: Action) {
  return { run_id: randomUUID(), connector: own.id, action: id, entity: flow.entity, target: flow.to.name }
}

/** Sends every listed item on its way, then what the list did not bring, then once more what was not read whole. */
async function readAll(context: RunContext, progress: RunProgress): Promise<void> {
  const { flow, origin, request, journal, report, cancellation, admission, leavings, tap } = context
  try {
    const entries = entriesOf(flow.read.list(origin, askedOf(context)), {
      journal,
      isEnough: () => admission.isFull(),
      ...(tap && { onListed: ({ reference, entry }) => tap.listed(reference, entry) }),
      onBegin: (began_at) => {
        progress.began_at = began_at
        leavings.begin(began_at)
      },
    })
    await eachConcurrently(entries, ITEMS_IN_FLIGHT, ([listed, known]) => take(context, listed, known))
    progress.listedWhole = true
  } catch (thrown) {
    if (thrown instanceof StoppedError) return letLeave(context, false)
    report.listFailure(failureOf(thrown, 'list'))
    // What was read is on its way to be written, and is written down, whatever ended the reading.
    if (thrown instanceof RunError) cancellation.fail(thrown, 'goes_on')
  }
  if (request.incremental && progress.listedWhole) await goRound(context)
  progress.readWhole = await revisit(context, progress.listedWhole)
  await letLeave(context, progress.listedWhole)
  if (progress.listedWhole) await secondPass(context, askedOf(context))
}

/** What the list is asked for. */
function askedOf({ flow, request, leavings, journal }: RunContext): Record<string, unknown> {
  const { pull_parameters, incremental } = request
  if (incremental) return listingParameters(flow.read, pull_parameters, journal.cursor)
  return leavings.isOn ? unfiltered(flow.read, pull_parameters) : pull_parameters
}

/** Of an incremental run's few items it says nothing that an expression gave nothing. */
const FEW = 10

function noteWatched(request: RunRequest, report: Report): void {
  const told = watchesOf(request).flatMap((watch) => watch.told(request.incremental ? FEW : 1))
  for (const { what, said } of told) report.note(`${what}: ${said}`)
}

/** Once, after the writes, unless the run is fatal: on a copy of the counters, which it must not change. */
async function runCallback(context: RunContext, progress: RunProgress, delivered: unknown[]): Promise<void> {
  const { request, report, cancellation } = context
  const { callback, pull_parameters, push_parameters } = request
  if (!callback || report.result(endOf(context, progress)).status === 'fatal') return
  report.callbackExecuted()
  try {
    const events = { ...report.events }
    await cancellation.unlessCut(call(callback, pull_parameters, push_parameters, events, delivered))
  } catch (thrown) {
    const failure = failureOf(thrown, 'callback')
    report.thrown(null, thrown, failure)
    report.callbackFailure(failure)
  }
}
