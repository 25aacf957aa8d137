import { RunError } from '../errors.js'
import { type Action, type AnyFlow, follows } from '../model/flow.js'
import type { Details } from '../model/read.js'
import { detailsOf, type RunRequest } from '../model/request.js'
import type { Side } from '../ports/events.js'
import type { HttpPort, HttpSession } from '../ports/http.js'
import type { RunPorts } from '../ports/run.js'
import type { Store } from '../ports/store.js'
import { Journal } from '../state/journal.js'
import { HeldLease } from '../state/lease.js'
import { Leavings } from '../state/leavings.js'
import type { Scope } from '../state/scope.js'
import type { Cancellation } from './cancellation.js'
import { Turns } from './concurrency.js'
import type { RunContext } from './context.js'
import type { Begun } from './finish.js'
import { Partials } from './partials.js'
import type { Admission } from './planning.js'
import { References } from './references.js'
import type { Report } from './report.js'

// What a run opens before it reads: its workflow, its journal, its two sides, and whether the target follows.

/** What a run has found and taken when it connects. */
interface Opened extends Begun {
  store: Store
  http: (session: HttpSession) => HttpPort
  scope: Scope
  lease: HeldLease | undefined
  /** Parameters of the scope that were others in the run before. */
  changed: string[]
  admission: Admission
}

/** Connects both sides, and lays out what the run works with. Throws `RunError`. */
export function contextOf(
  flow: AnyFlow,
  request: RunRequest,
  ports: RunPorts,
  { store, http, scope, lease, changed, ...opened }: Opened,
  delivered: RunContext['delivered'],
): RunContext {
  const { journal, report, cancellation } = opened
  const { clock, compare, tap } = ports
  const { workflow_id } = request
  const origin = flow.from.connect(request.origin_auth, http(session('origin', report, cancellation)))
  const target = flow.to.connect(request.target_auth, http(session('target', report, cancellation, lease)))
  const isOn = archivesWhatLeft(flow, request, store, target)
  const place = flow.write.place
  if (isOn && changed.includes(place)) report.note(`${place} changed: what was written there before stays as it is.`)
  return {
    ...{ ...opened, flow, request, origin, target, clock, tap, mapping: scope.mapping },
    leavings: new Leavings({ ...scope, isOn, store, clock, workflow_id, lease, behind: journal.behind }),
    details: whenDetails(flow, request, store, report),
    partials: new Partials(),
    guard: { changed: changed.length > 0, allowed: ports.allow_left === true },
    references: new References(flow.read, origin),
    turns: new Turns(),
    remembers: compare ? store.remembers : journal.remembers,
    // The last form of each.
    delivered: request.callback ? delivered : () => undefined,
  }
}

/** Whether what left is to be archived. Throws `RunError` where that is asked for and cannot be done. */
export function archivesWhatLeft(flow: AnyFlow, request: RunRequest, store: Store, target: unknown): boolean {
  if (!follows(flow, request.push_parameters)) return false
  flow.write.leaving?.check(target, request.push_parameters)
  if (store.remembers) return true
  const said = 'To archive what left, a run must know what it has delivered, and no state is kept.'
  throw new RunError('bad_target_parameters', 'no_state', said, {
    hint: 'Name a place to keep state in HRFLOW_CONNECTORS_STATE, or leave on_left out.',
  })
}

/** When details are read. Throws `RunError` where they are to be read later, and nobody would know of which items. */
export function whenDetails(flow: AnyFlow, request: RunRequest, store: Store, report: Report): Details {
  const details = detailsOf(flow, request)
  if (details !== 'with' && flow.write.replaces?.(request.push_parameters) === true) {
    const said = `details: ${details} writes what is not whole, in place of what is stored: the rest would be lost.`
    const hint = 'Leave details out, or let the target merge what it has.'
    throw new RunError('bad_origin_parameters', 'details_need_merge', said, { hint })
  }
  if (details === 'after' && !store.remembers) {
    const said = 'To read details later, a run must know what it has delivered, and no state is kept.'
    throw new RunError('bad_origin_parameters', 'no_state', said, {
      hint: 'Name a place to keep state in HRFLOW_CONNECTORS_STATE, or leave details out.',
    })
  }
  if (details === 'with' && flow.read.partial?.details(request.pull_parameters) === 'after') report.note(WAITS)
  return details
}

const WAITS =
  "Details are read before delivery: a function or an expression waits for them. A function that needs the list alone says so by a property, details: 'list'."

/** Takes the workflow. A run that loses it ends: another one has it by now. */
export function takeLease(
  { id }: Action,
  { workflow_id }: RunRequest,
  ports: RunPorts,
  { store, report, cancellation }: { store: Store; report: Report; cancellation: Cancellation },
): Promise<HeldLease> {
  const onLost = (error: RunError) => cancellation.fail(error, 'ends')
  const say = (message: string, fields: Record<string, unknown>) => report.log.say('debug', message, fields)
  const { clock, holder } = ports
  const isDead = (process: string) => ports.isDead(process)
  return HeldLease.take({ store, clock, workflow_id, action: id, holder, isDead, onLost, say })
}

/** The journal of this run. A run whose state cannot be written ends: what it did could not be told. */
export function openJournal(
  { workflow_id }: RunRequest,
  { clock }: RunPorts,
  parts: { store: Store; scope: Scope; lease: HeldLease | undefined; report: Report; cancellation: Cancellation },
): Journal {
  const { store, scope, lease, report, cancellation } = parts
  const onFailure = (error: RunError) => cancellation.fail(error, 'ends')
  return new Journal({ store, clock, workflow_id, ...scope, run_id: report.run_id, lease, onFailure })
}

/** What one side of this run lays down for its requests. Given a lease, nothing is sent once another run has the workflow. */
export function session(side: Side, report: Report, cancellation: Cancellation, lease?: HeldLease): HttpSession {
  return {
    side,
    redact: report.redact,
    // Once the run is told to end, nothing new is read; what was read is still written.
    waits: side === 'origin' ? cancellation.reading : cancellation.everything,
    requests: cancellation.everything,
    observe: (event) => report.request(side, event),
    ...(lease ? { confirm: () => lease.confirm(), holds: () => lease.holds() } : {}),
  }
}
