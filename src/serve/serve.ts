import type { Dispatcher } from 'undici'
import { messageOf, WorkflowFileError } from '../core/errors.js'
import type { Clock } from '../core/ports/clock.js'
import type { Logger } from '../core/ports/events.js'
import type { Decide, Facts, ScheduledWorkflow, SchedulingStore, ServeHolder } from '../core/ports/schedule.js'
import type { RunResult } from '../core/result/result.js'
import type { RuntimeOptions } from '../runtime/options.js'
import { isDead } from '../runtime/process.js'
import { openTimetable, type Workflow } from '../workflows/index.js'
import { type Claim, ending, refusing, type Start, starting } from './decisions.js'
import type { Definition, Definitions } from './definitions.js'
import type { Engine, Job } from './engine.js'
import { beat } from './heartbeat.js'
import { Notifier } from './notifier.js'
import type { Place } from './place.js'
import { Planner } from './planner.js'
import { committing, couldNotRun, type RunnerOptions, runWorkflow } from './runner.js'
import { turnOf } from './worker.js'

/** How serving is timed. Tests shorten it. */
export interface ServeTimes {
  /** How often it looks for what is due. */
  poll_ms: number
  /** After so long an incremental run makes way for others. */
  yield_ms: number
  /** So long the place of a process that serves lasts when it says nothing. */
  place_ms: number
  /** How often a process looks whether another has queued something. */
  queue_ms: number
}

export const STANDARD_TIMES: ServeTimes = { poll_ms: 2_000, yield_ms: 600_000, place_ms: 60_000, queue_ms: 5_000 }

export interface ServeOptions {
  store: SchedulingStore
  definitions: Definitions
  engine: Engine
  /** Where one process serves a state: its place. */
  place: Place | null
  /** For messages and heartbeats. */
  dispatcher: Dispatcher
  clock: Clock
  logger: Logger | null
  /** Told every event of the run of a job. */
  observer: RunnerOptions['observer']
  times: ServeTimes
  /** Of tests: what a run is given besides. */
  runtime?: RuntimeOptions
}

/** After the state could not be used. */
const PAUSE_MS = 10_000
/** How long the last heartbeats have when all else has ended. */
const LAST_BEATS_MS = 5_000
/** Planned so long ago, it is not ready. */
const STALE_MS = 60_000

/** Runs workflows by themselves: plans them, and takes what an engine hands out. */
export class Server {
  readonly #options: ServeOptions
  readonly #notifier: Notifier
  readonly #runner: RunnerOptions
  readonly #planner: Promise<Planner>
  /** By workflow: the run that is on its way, and what it was made of. */
  readonly #claims = new Map<string, { claim: Claim; definition: Definition }>()
  readonly #beating = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  /** Fires when nobody waits for heartbeats any more. */
  readonly #end = new AbortController()
  #planned_at: number | null = null

  constructor(options: ServeOptions) {
    const { store, engine, clock, logger, observer, runtime = {}, definitions, dispatcher } = options
    const { schedules } = store
    this.#options = options
    const targetOf: Definitions['targetOf'] = (message) => definitions.targetOf(message)
    this.#notifier = new Notifier({ schedules, targetOf, dispatcher, clock, logger })
    const committed = committing(store, (workflow_id, result) => this.#decide(workflow_id, result))
    const { yield_ms } = options.times
    this.#runner = { store: committed, engine, clock, logger, observer, yield_ms, runtime }
    this.#planner = openTimetable().then((timetable) => new Planner({ schedules, engine, timetable }))
  }

  get engine(): Engine {
    return this.#options.engine
  }

  /** Whether it plans and runs at present. */
  get isReady(): boolean {
    const { clock } = this.#options
    return !this.#stop.signal.aborted && this.#planned_at !== null && clock.now() - this.#planned_at < STALE_MS
  }

  /** Runs what is due until it is told to stop and what is under way has ended. Returns who has taken its place, if one has. */
  async run(): Promise<ServeHolder | null> {
    const { signal } = this.#stop
    const { engine, place, clock } = this.#options
    const work = turnOf({
      claim: (job) => this.#claim(job),
      run: (claim, job, stop) => this.#run(claim, job, stop),
      fail: (job, error) => this.#fail(job, error),
      finish: (claim, result) => this.#finish(claim, result),
      delay: (job, error) => this.#delay(job, error),
    })
    const keeping = (place?.keep(signal) ?? Promise.resolve(null)).then((other) => {
      if (other !== null) this.stop()
      return other
    })
    await Promise.all([
      engine.work(work, signal),
      this.#repeat(() => this.#plan()),
      this.#repeat(() => this.#notifier.deliver(signal)),
    ])
    await Promise.race([Promise.all(this.#beating), clock.sleep(LAST_BEATS_MS, this.#end.signal)])
    this.#end.abort()
    const other = await keeping
    await this.close()
    return other
  }

  /** Gives back what it has, also of a server that is not run. */
  async close(): Promise<void> {
    await this.#options.place?.release()
    await this.#options.engine.close()
  }

  /** Nothing more is started; runs end in good order. */
  stop(): void {
    this.#stop.abort()
  }

  async #plan(): Promise<void> {
    await (await this.#planner).plan()
    this.#planned_at = this.#options.clock.now()
  }

  /** Again and again, whatever goes wrong with the state. */
  async #repeat(work: () => Promise<unknown>): Promise<void> {
    const { clock, logger } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      let pause_ms = this.#options.times.poll_ms
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
    const { store, definitions } = this.#options
    const found = await definitions.find(workflow_id).catch((error: unknown) => {
      if (error instanceof WorkflowFileError) return error
      throw error
    })
    if (found === null) return null
    const asked: { start: Start } = { start: null }
    const isBad = found instanceof WorkflowFileError
    await store.schedules.startOne(workflow_id, isBad ? null : found.account, (workflow, facts) => {
      const { start, decision } = isBad
        ? refusing(workflow, facts, lineOf(found))
        : starting(workflow, { ...facts, held_ms: leftOf(facts) })
      asked.start = start
      return decision
    })
    if (!isBad && asked.start !== null && 'claim' in asked.start)
      this.#claims.set(workflow_id, { claim: asked.start.claim, definition: found })
    return asked.start
  }

  async #run(claim: Claim, job: Job, stop: AbortSignal): Promise<RunResult> {
    const { workflow } = this.#claimed(claim.workflow_id).definition
    return runWorkflow(workflow, claim, job, stop, this.#runner)
  }

  #fail(job: Job, error: unknown): RunResult {
    const { workflow_id } = job
    const { logger, clock, observer } = this.#options
    const { workflow } = this.#claimed(workflow_id).definition
    const result = couldNotRun(workflow.action, error, clock)
    logger?.error({ workflow_id }, result.error?.message ?? '')
    observer(job, { type: 'run_finished', run_id: result.run_id, result, pending: null })
    return result
  }

  #claimed(workflow_id: string) {
    const claimed = this.#claims.get(workflow_id)
    if (claimed === undefined) throw new Error('A workflow was run that was not claimed.')
    return claimed
  }

  /** What becomes of a workflow with the run that ends: written with what that run commits. */
  #decide(workflow_id: string, result: RunResult): Decide | null {
    const claimed = this.#claims.get(workflow_id)
    return claimed === undefined ? null : ending(claimed.claim, result)
  }

  /** Of a run that committed nothing it is written now; of one that did, it is done, and nothing changes. */
  async #finish(claim: Claim, result: RunResult): Promise<ScheduledWorkflow | null> {
    const { workflow_id } = claim
    const { definition } = this.#claimed(workflow_id)
    this.#claims.delete(workflow_id)
    if (result.status !== 'fatal') this.#beat(definition.workflow)
    const { store, logger, engine } = this.#options
    const after = await store.schedules.changeOne(workflow_id, ending(claim, result))
    const waits_until = after?.waits_until ?? null
    if (waits_until !== null) logger?.info({ workflow_id }, `It waits until ${new Date(waits_until).toISOString()}.`)
    if (!this.#stop.signal.aborted) await engine.queueReady(definition.account)
    return after
  }

  #delay({ workflow_id }: Job, error: unknown): number {
    const { logger, clock } = this.#options
    logger?.error({ workflow_id }, messageOf(error))
    return clock.now() + PAUSE_MS
  }

  #beat(workflow: Workflow): void {
    const { dispatcher, clock, logger } = this.#options
    const { id: workflow_id } = workflow
    const beating = workflow
      .resolveHeartbeat()
      .then((url) =>
        url === null ? undefined : beat(workflow_id, url, { dispatcher, clock, logger, signal: this.#end.signal }),
      )
      .catch((error: unknown) => logger?.error({ workflow_id }, messageOf(error)))
    const tracked = beating.finally(() => this.#beating.delete(tracked))
    this.#beating.add(tracked)
  }
}

/** For how long a run still holds a workflow: one whose process is certain to be gone holds nothing. */
function leftOf({ held_ms, held_by }: Facts): number {
  return held_by !== null && isDead(held_by) ? 0 : held_ms
}

/** The first problem is enough to look with. */
function lineOf(error: WorkflowFileError): string {
  return error.message.split('\n')[0] ?? ''
}
