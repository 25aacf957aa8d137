import { messageOf } from '../../core/errors.js'
import type { Clock } from '../../core/ports/clock.js'
import type { Logger, Observer, RunEvent } from '../../core/ports/events.js'
import type { RunResult } from '../../core/result/result.js'
import type { LiveProgress, RunLine } from '../contract.js'
import type { Changes } from './changes.js'
import { Progress } from './progress.js'

/** Runs that have ended are remembered, the last of them: of a dry run nobody else knows anything. */
const MOST_ENDED = 50

export interface LiveAbout {
  workflow_id: string
  action: string
  kind: RunLine['kind']
}

/** A run of this process. */
export interface LiveRun extends LiveAbout {
  run_id: string
  started_at: number
  /** Null: it has not ended. */
  result: RunResult | null
  /** Fulfilled when it has ended, however that was. */
  ended: Promise<void>
  progress(): LiveProgress
  /** Null: whoever has started it stops it. */
  stop: (() => void) | null
}

/** Starts a run, which is told where its events go and when to stop. */
export type Begin = (observer: Observer, signal: AbortSignal) => Promise<RunResult>

/** Runs of this process: started here, or seen. */
export class LiveRuns {
  readonly #clock: Clock
  readonly #changes: Changes
  readonly #logger: Logger | null
  readonly #runs = new Map<string, Followed>()
  readonly #stops = new Set<AbortController>()
  readonly #running = new Set<Promise<unknown>>()

  constructor({ clock, changes, logger }: { clock: Clock; changes: Changes; logger: Logger | null }) {
    this.#clock = clock
    this.#changes = changes
    this.#logger = logger
  }

  /** The run once it has begun, or the result of one that never did. */
  async start(about: LiveAbout, begin: Begin): Promise<LiveRun | { refused: RunResult }> {
    let begins: (run: LiveRun) => void = () => undefined
    const begun = new Promise<LiveRun>((resolve) => (begins = resolve))
    const running = this.#run(about, begin, (run) => begins(run))
    const settled = running.then(
      () => undefined,
      () => undefined,
    )
    this.#running.add(settled)
    void settled.then(() => this.#running.delete(settled))
    return Promise.race([begun, running.then((refused) => ({ refused }))])
  }

  /** Follows a run that somebody else has started: every event of it. */
  see(workflow_id: string, event: RunEvent): void {
    if (event.type === 'run_started')
      this.#follow({ workflow_id, action: event.action, kind: 'run' }, event.run_id, null)
    const run = this.#runs.get(event.type === 'run_finished' ? event.result.run_id : event.run_id)
    run?.see(event)
    if (event.type === 'run_finished') this.#end(run, event.result)
  }

  get(run_id: string): LiveRun | null {
    return this.#runs.get(run_id) ?? null
  }

  /** Of a workflow, the run that is under way. */
  of(workflow_id: string): LiveRun | null {
    return this.all().find((run) => run.workflow_id === workflow_id && run.result === null) ?? null
  }

  /** Newest first. */
  all(): LiveRun[] {
    return [...this.#runs.values()].reverse()
  }

  /** Ends the runs that were started here, in good order. */
  async close(): Promise<void> {
    for (const stop of this.#stops) stop.abort()
    await Promise.all(this.#running)
  }

  async #run(about: LiveAbout, begin: Begin, begun: (run: LiveRun) => void): Promise<RunResult> {
    const stop = new AbortController()
    this.#stops.add(stop)
    let followed: Followed | undefined
    try {
      const result = await begin((event) => {
        if (event.type === 'run_started') {
          followed = this.#follow(about, event.run_id, () => stop.abort())
          begun(followed)
        }
        followed?.see(event)
      }, stop.signal)
      this.#end(followed, result)
      return result
    } catch (error) {
      this.#logger?.error({ workflow_id: about.workflow_id }, messageOf(error))
      this.#end(followed, null)
      throw error
    } finally {
      this.#stops.delete(stop)
    }
  }

  #follow(about: LiveAbout, run_id: string, stop: (() => void) | null): Followed {
    const followed = new Followed({ ...about, run_id, stop }, this.#clock)
    this.#runs.set(run_id, followed)
    this.#changes.tell()
    return followed
  }

  #end(run: Followed | undefined, result: RunResult | null): void {
    if (run === undefined) return
    run.end(result)
    // One that broke has nothing to tell.
    if (result === null) this.#runs.delete(run.run_id)
    const ended = [...this.#runs.values()].filter((known) => known.result !== null)
    for (const old of ended.slice(0, -MOST_ENDED)) this.#runs.delete(old.run_id)
    this.#changes.tell()
  }
}

class Followed implements LiveRun {
  readonly workflow_id: string
  readonly action: string
  readonly kind: LiveRun['kind']
  readonly run_id: string
  readonly started_at: number
  readonly ended: Promise<void>
  readonly stop: LiveRun['stop']
  result: RunResult | null = null
  readonly #clock: Clock
  readonly #progress: Progress
  #end: () => void = () => undefined

  constructor(about: LiveAbout & { run_id: string; stop: (() => void) | null }, clock: Clock) {
    this.workflow_id = about.workflow_id
    this.action = about.action
    this.kind = about.kind
    this.run_id = about.run_id
    this.#clock = clock
    this.started_at = clock.now()
    this.#progress = new Progress(this.started_at)
    this.ended = new Promise((resolve) => (this.#end = resolve))
    const { stop } = about
    this.stop = stop && this.#stopping(stop)
  }

  see(event: RunEvent): void {
    this.#progress.see(event, this.#clock.now())
  }

  progress(): LiveProgress {
    return this.#progress.told(this.run_id, this.#clock.now())
  }

  end(result: RunResult | null): void {
    this.result = result
    this.#end()
  }

  #stopping(stop: () => void): () => void {
    return () => {
      this.#progress.stopping = true
      stop()
    }
  }
}
