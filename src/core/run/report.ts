import { messageOf, type RunError } from '../errors.js'
import type { Clock } from '../ports/clock.js'
import type { Logger, Observer, RequestEvent, RunEvent, Side } from '../ports/events.js'
import { amendOutcome, countOutcome, emptyCounters, type EventCounters } from '../result/counters.js'
import type { ItemOutcome } from '../result/outcome.js'
import type { Plan } from '../result/plan.js'
import { conclude, type ItemFailure, type RunResult, type StoppedBy } from '../result/result.js'
import { type Redact, storable } from '../text/redact.js'
import { stackOf } from '../text/thrown-at.js'
import { RunLog } from './log.js'
import { Notes } from './notes.js'

const FAILURES_IN_RESULT = 100
const FAILURES_IN_HISTORY = 10_000

/** How a run came to its end, or stands. */
export interface RunEnd {
  stopped: StoppedBy | null
  fatal: RunError | undefined
  /** Where the next run goes on from. */
  incremental_token: string | null
  /** Items that later runs try again; null: not known. */
  pending: number | null
  /** Of a dry run that compares. */
  plan?: Plan | undefined
}

/** Of a run that had nothing to begin with. */
export const NOTHING_DONE: RunEnd = { stopped: null, fatal: undefined, incremental_token: null, pending: null }

export interface ReportedRun {
  run_id: string
  action: string
  connector: string
  /** What is moved, and where to: for sentences. */
  entity: string
  target: string
  clock: Clock
  observer: Observer
  logger: Logger | null
}

/** Collects what a run does and turns it into its result. Every string that passes here is redacted. */
export class Report {
  readonly log: RunLog
  readonly run_id: string
  readonly action: string
  /** Epoch milliseconds. */
  readonly started_at: number
  readonly #events = emptyCounters()
  readonly #failures: ItemFailure[] = []
  readonly #notes = new Notes()
  #incremental = false
  #workflow_id: string | null = null
  #redact: Redact = storable
  readonly #requests = {
    origin: { sent: 0, retried: 0, waited_ms: 0 },
    target: { sent: 0, retried: 0, waited_ms: 0 },
  }
  readonly #run: ReportedRun

  constructor(run: ReportedRun) {
    this.#run = run
    this.run_id = run.run_id
    this.action = run.action
    this.started_at = run.clock.now()
    const { run_id, connector, action } = run
    this.log = new RunLog(run.logger, () => ({ run_id, workflow_id: this.#workflow_id, connector, action }))
  }

  /** The parameters are good: from here on strings are redacted and the observer is told. */
  begin(request: { workflow_id: string; incremental: boolean }, redact: Redact, notes: string[] = []): void {
    this.#redact = (text) => storable(redact(text))
    const workflow_id = redact(request.workflow_id)
    this.#workflow_id = workflow_id
    this.#incremental = request.incremental
    const { run_id, action, started_at: at } = this
    const shown = notes.map((note) => this.redact(note))
    this.#tell({ type: 'run_started', run_id, workflow_id, action, at, notes: shown })
    for (const note of notes) this.note(note)
  }

  /** A text as it may be shown. */
  readonly redact: Redact = (text) => this.#redact(text)

  get events(): Readonly<EventCounters> {
    return this.#events
  }

  /** For the run history; the result shows the first 100. */
  get failures(): ItemFailure[] {
    return this.#failures
  }

  /** A listed item has come to its end. */
  item(reference: string | null, outcome: ItemOutcome, failure?: Omit<ItemFailure, 'reference'>): void {
    countOutcome(this.#events, outcome)
    const shown = reference === null ? null : this.redact(reference)
    const event = { type: 'item' as const, run_id: this.#run.run_id, outcome, reference: shown }
    if (failure === undefined) return this.#tell(event)
    const whole = { ...failure, reference: shown, message: this.redact(failure.message) }
    this.#keep(whole)
    // A copy: an observer's hands must not reach the result.
    this.#tell({ ...event, failure: { ...whole } })
  }

  /** A page, or an entry on it, could not be listed. */
  listFailure(failure: Omit<ItemFailure, 'reference' | 'stage'>): void {
    this.#events.list_failure += 1
    const message = this.redact(failure.message)
    this.#keep({ ...failure, reference: null, stage: 'list', message })
    this.#tell({ type: 'list_failure', run_id: this.#run.run_id, message })
  }

  /** So many items left and are held back: told once, as what a person must look at. */
  held(count: number, message: string): void {
    this.#events.left_held += count
    this.#keep({ reference: null, stage: 'write', code: 'too_many_left', message: this.redact(message), attempts: 1 })
  }

  /** An item was delivered once more, whole, and that ended otherwise than it was counted. */
  amend(reference: string, before: ItemOutcome, outcome: ItemOutcome): void {
    amendOutcome(this.#events, before, outcome)
    this.#tell({ type: 'item_amended', run_id: this.#run.run_id, reference: this.redact(reference), before, outcome })
  }

  /** About so many items are there to be listed; 0: nobody knows. */
  expects(items: number): void {
    if (items > 0) this.#tell({ type: 'expected', run_id: this.#run.run_id, items })
  }

  /** So many items that are delivered still wait for their details. */
  detailsLeft(due: number): void {
    this.#tell({ type: 'details', run_id: this.#run.run_id, due })
  }

  /** The details of an item could not be delivered, which is no failure: a note tells of how many, and the log of which. */
  stillDue(reference: string | undefined, message: string): void {
    this.note('Details could not be delivered: a later run tries them again.')
    this.log.say('warn', this.redact(message), { reference: reference === undefined ? null : this.redact(reference) })
  }

  /** What later runs are left to read. */
  detailsDue(count: number): void {
    this.#events.details_due = count
  }

  callbackExecuted(): void {
    this.#events.callback_executed = 1
  }

  callbackFailure(failure: Omit<ItemFailure, 'reference' | 'stage'>): void {
    this.#events.callback_failure += 1
    this.#keep({ ...failure, reference: null, stage: 'callback', message: this.redact(failure.message) })
  }

  /** The stack of what a function of the caller's threw: for whoever looks for the mistake in it. */
  thrown(reference: string | null, thrown: unknown, { at }: Pick<ItemFailure, 'at'>): void {
    const stack = stackOf(thrown)
    if (at === undefined || stack === null) return
    const shown = reference === null ? null : this.redact(reference)
    this.log.say('debug', `thrown at ${at}`, { reference: shown, stack: this.redact(stack) })
  }

  request(side: Side, request: RequestEvent): void {
    const tally = this.#requests[side]
    tally.sent += 1
    if (request.attempt > 1) tally.retried += 1
    tally.waited_ms += Math.round(request.waited_ms)
    this.#tell({ type: 'request', run_id: this.#run.run_id, side, request })
  }

  /** A sentence for the result; one that is true of several items is said once, with their number. */
  note(sentence: string): void {
    const redacted = this.redact(sentence)
    if (this.#notes.add(redacted)) this.log.say('info', redacted)
  }

  /** A field of an item could not be read: a note tells in how many, and the log in which. */
  unread(field: string, reference: string): void {
    const fields = { field: this.redact(field), reference: this.redact(reference) }
    this.#notes.unread(fields.field)
    this.log.say('warn', `${fields.field} could not be read`, fields)
  }

  /** The result, told to the observer. Call it once, at the end. */
  finish(run: RunEnd): RunResult {
    const result = this.result(run)
    this.#tell({ type: 'run_finished', run_id: this.#run.run_id, result, pending: run.pending })
    return result
  }

  /** The result as it stands. */
  result(run: RunEnd): RunResult {
    const { plan } = run
    const { status, reason } = run.fatal
      ? { status: 'fatal' as const, reason: run.fatal.reason }
      : conclude(this.#events, {
          incremental: this.#incremental,
          stopped: run.stopped,
          ...(plan ? { plan } : {}),
        })
    return {
      status,
      reason,
      run_id: this.#run.run_id,
      workflow_id: this.#workflow_id,
      action: this.#run.action,
      events: { ...this.#events },
      incremental: this.#incremental,
      incremental_token: run.incremental_token,
      started_at: new Date(this.started_at).toISOString(),
      finished_at: new Date(this.#run.clock.now()).toISOString(),
      error: status === 'fatal' ? this.#error(run.fatal, reason) : null,
      failures: this.#failures.slice(0, FAILURES_IN_RESULT).map((failure) => ({ ...failure })),
      notes: this.#notes.sentences(this.#run),
      requests: { origin: { ...this.#requests.origin }, target: { ...this.#requests.target } },
      ...(plan ? { plan } : {}),
    }
  }

  #error(fatal: RunError | undefined, reason: string): RunResult['error'] {
    if (fatal) {
      return {
        code: fatal.code,
        message: this.redact(fatal.message),
        hint: fatal.hint === undefined ? null : this.redact(fatal.hint),
      }
    }
    const first = this.#failures[0]
    const message = reason === 'read_failure' ? 'Nothing could be read.' : `Every item failed: ${reason}.`
    return {
      code: first?.code ?? reason,
      message,
      hint: first === undefined ? null : `The first failure: ${first.message}`,
    }
  }

  #keep(failure: ItemFailure): void {
    if (this.#failures.length < FAILURES_IN_HISTORY) this.#failures.push(failure)
    const { message, ...facts } = failure
    this.log.say('warn', message, facts)
  }

  /** An observer looks on; what it throws or rejects must not change the run. */
  #tell(event: RunEvent): void {
    this.log.see(event)
    const failed = (error: unknown) => this.log.say('error', `The observer failed: ${this.redact(messageOf(error))}`)
    try {
      const returned: unknown = this.#run.observer(event)
      if (returned instanceof Promise) returned.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}
