import type { Dispatcher } from 'undici'
import { messageOf } from '../core/errors.js'
import type { Clock } from '../core/ports/clock.js'
import type { Logger } from '../core/ports/events.js'
import type { Decide, ScheduledWorkflow, SchedulingStore, ServeHolder } from '../core/ports/schedule.js'
import type { RunResult } from '../core/result/result.js'
import type { RuntimeOptions } from '../runtime/options.js'
import { type NotifyTarget, openTimetable, type Workflow } from '../workflows/index.js'
import { type Claim, ending, type Start, starting } from './decisions.js'
import type { Engine, Job } from './engine.js'
import { beat } from './heartbeat.js'
import { InProcessEngine } from './in-process-engine.js'
import { listenersOf, Notifier } from './notifier.js'
import { Place } from './place.js'
import { Planner } from './planner.js'
import { accountOf, committing, couldNotRun, type RunnerOptions, runWorkflow } from './runner.js'
import type { Listener } from './telling.js'
import { turnOf } from './worker.js'

/** How serving is timed. Tests shorten it. */
export interface ServeTimes {
  /** How often it looks for what is due. */
  poll_ms: number
  /** After so long an incremental run makes way for others. */
  yield_ms: number
  /** So long the place of a process that serves lasts when it says nothing. */
  place_ms: number
}

export const STANDARD_TIMES: ServeTimes = { poll_ms: 2_000, yield_ms: 600_000, place_ms: 60_000 }

export interface ServeOptions {
  store: SchedulingStore
  workflows: readonly Workflow[]
  notify: readonly NotifyTarget[]
  /** Runs at once, each of another account. */
  concurrency: number
  /** For messages and heartbeats. */
  dispatcher: Dispatcher
  clock: Clock
  logger: Logger | null
  /** Told every event of the run of a job. */
  observer: RunnerOptions['observer']
  times?: ServeTimes
  /** Of tests: what a run is given besides. */
  runtime?: RuntimeOptions
}

/** After the state could not be used. */
const PAUSE_MS = 10_000
/** How long the last heartbeats have when all else has ended. */
const LAST_BEATS_MS = 5_000
/** Planned so long ago, it is not ready. */
const STALE_MS = 60_000

/** Runs the workflows of a file by themselves: one process for a state. */
export class Server {
  readonly engine: Engine
  readonly #options: ServeOptions
  readonly #times: ServeTimes
  readonly #place: Place
  readonly #notifier: Notifier
  readonly #listeners: Listener[]
  readonly #runner: RunnerOptions
  readonly #workflows: ReadonlyMap<string, Workflow>
  /** By workflow: the run that is on its way. */
  readonly #claims = new Map<string, Claim>()
  readonly #heartbeats = new Map<string, string>()
  readonly #beating = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  /** Fires when nobody waits for heartbeats any more. */
  readonly #end = new AbortController()
  #planner: Planner | undefined
  #planned_at: number | null = null

  constructor(options: ServeOptions) {
    const { store, clock, logger, concurrency, observer, runtime = {}, notify } = options
    const { schedules } = store
    this.#options = options
    this.#times = options.times ?? STANDARD_TIMES
    this.#workflows = new Map(options.workflows.map((workflow) => [workflow.id, workflow]))
    this.#listeners = listenersOf(notify)
    this.#place = new Place({ schedules, clock, ttl_ms: this.#times.place_ms })
    this.#notifier = new Notifier({ schedules, targets: notify, dispatcher: options.dispatcher, clock, logger })
    this.engine = new InProcessEngine({ clock, concurrency })
    const { yield_ms } = this.#times
    const committed = committing(store, (workflow_id, result) => this.#decide(workflow_id, result))
    this.#runner = { store: committed, engine: this.engine, clock, logger, observer, yield_ms, runtime }
  }

  /** Whether it plans and runs at present. */
  get isReady(): boolean {
    const { clock } = this.#options
    return !this.#stop.signal.aborted && this.#planned_at !== null && clock.now() - this.#planned_at < STALE_MS
  }

  /** Takes the place of the one that serves. Returns who has it instead. Throws `StateError`, `WorkflowFileError`. */
  async open(): Promise<ServeHolder | null> {
    for (const workflow of this.#workflows.values()) {
      const address = await workflow.resolveHeartbeat()
      if (address !== null) this.#heartbeats.set(workflow.id, address)
    }
    const other = await this.#place.hold()
    if (other !== null) return other
    const registered = []
    for (const workflow of this.#workflows.values()) {
      const { id, schedule, full_schedule } = workflow
      if (schedule === null && full_schedule === null) continue
      registered.push({ workflow_id: id, account: await accountOf(workflow), schedule, full_schedule })
    }
    const { schedules } = this.#options.store
    const timetable = await openTimetable()
    const { engine } = this
    this.#planner = new Planner({ schedules, engine, timetable, registered, listeners: this.#listeners })
    await this.#planner.register()
    return null
  }

  /** Runs what is due until it is told to stop and what is under way has ended. Returns who has taken its place, if one has. */
  async run(): Promise<ServeHolder | null> {
    const { signal } = this.#stop
    const work = turnOf({
      claim: (job) => this.#claim(job),
      run: (claim, job, stop) => this.#run(claim, job, stop),
      fail: (job, error) => this.#fail(job, error),
      finish: (claim, result) => this.#finish(claim, result),
      delay: (job, error) => this.#delay(job, error),
    })
    const keeping = this.#place.keep(signal).then((other) => {
      if (other !== null) this.stop()
      return other
    })
    await Promise.all([
      this.engine.work(work, signal),
      this.#repeat(() => this.#plan()),
      this.#repeat(() => this.#notifier.deliver(signal)),
    ])
    await Promise.race([Promise.all(this.#beating), this.#options.clock.sleep(LAST_BEATS_MS, this.#end.signal)])
    this.#end.abort()
    const other = await keeping
    await this.#place.release()
    return other
  }

  /** Gives the place back, of a server that was opened and is not run. */
  close(): Promise<void> {
    return this.#place.release()
  }

  /** Nothing more is started; runs end in good order. */
  stop(): void {
    this.#stop.abort()
  }

  async #plan(): Promise<void> {
    await this.#planner?.plan()
    this.#planned_at = this.#options.clock.now()
  }

  /** Again and again, whatever goes wrong with the state. */
  async #repeat(work: () => Promise<unknown>): Promise<void> {
    const { clock, logger } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      let pause_ms = this.#times.poll_ms
      try {
        await work()
      } catch (error) {
        pause_ms = Math.max(pause_ms, PAUSE_MS)
        logger?.error({}, messageOf(error))
      }
      await clock.sleep(pause_ms, signal)
    }
  }

  async #claim({ workflow_id }: Job): Promise<Start> {
    if (!this.#workflows.has(workflow_id)) return null
    const asked: { start: Start } = { start: null }
    await this.#options.store.schedules.changeOne(workflow_id, (workflow, facts) => {
      const { start, decision } = starting(workflow, facts, this.#listeners)
      asked.start = start
      return decision
    })
    return asked.start
  }

  async #run(claim: Claim, job: Job, stop: AbortSignal): Promise<RunResult> {
    const workflow = this.#workflows.get(claim.workflow_id)
    if (!workflow) throw new Error('A workflow that is not there was claimed.')
    this.#claims.set(claim.workflow_id, claim)
    return runWorkflow(workflow, claim, job, stop, this.#runner)
  }

  #fail(job: Job, error: unknown): RunResult {
    const { workflow_id } = job
    const { logger, clock, observer } = this.#options
    const workflow = this.#workflows.get(workflow_id)
    if (!workflow) throw new Error('A workflow that is not there was run.')
    const result = couldNotRun(workflow.action, error, clock)
    logger?.error({ workflow_id }, result.error?.message ?? '')
    observer(job, { type: 'run_finished', run_id: result.run_id, result, pending: null })
    return result
  }

  /** What becomes of a workflow with the run that ends: written with what that run commits. */
  #decide(workflow_id: string, result: RunResult): Decide | null {
    const claim = this.#claims.get(workflow_id)
    return claim === undefined ? null : ending(claim, result, this.#listeners)
  }

  /** Of a run that committed nothing it is written now; of one that did, it is done, and nothing changes. */
  async #finish(claim: Claim, result: RunResult): Promise<ScheduledWorkflow | null> {
    const { workflow_id } = claim
    this.#claims.delete(workflow_id)
    if (result.status !== 'fatal') this.#beat(workflow_id)
    const decide = ending(claim, result, this.#listeners)
    const after = await this.#options.store.schedules.changeOne(workflow_id, decide)
    const { logger } = this.#options
    const waits_until = after?.waits_until ?? null
    if (waits_until !== null) logger?.info({ workflow_id }, `It waits until ${new Date(waits_until).toISOString()}.`)
    return after
  }

  #delay({ workflow_id }: Job, error: unknown): number {
    const { logger, clock } = this.#options
    logger?.error({ workflow_id }, messageOf(error))
    return clock.now() + PAUSE_MS
  }

  #beat(workflow_id: string): void {
    const url = this.#heartbeats.get(workflow_id)
    if (url === undefined) return
    const { dispatcher, clock, logger } = this.#options
    const beating = beat(workflow_id, url, { dispatcher, clock, logger, signal: this.#end.signal })
    const tracked = beating.finally(() => this.#beating.delete(tracked))
    this.#beating.add(tracked)
  }
}
