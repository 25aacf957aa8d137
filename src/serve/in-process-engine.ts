import type { Clock } from '../core/ports/clock.js'
import type { ScheduleStore } from '../core/ports/schedule.js'
import type { Engine, Job, Turn } from './engine.js'

/** The engine of one process: a queue in memory. What is lost with it is sent again, as what is due stands in the rows. */
export class InProcessEngine implements Engine {
  readonly #clock: Clock
  readonly #concurrency: number
  readonly #schedules: Pick<ScheduleStore, 'ready'>
  /** By workflow, in the order of their arrival. */
  readonly #waiting = new Map<string, Job>()
  readonly #atWork = new Map<string, Job>()
  readonly #accounts = new Set<string>()
  #isFirst = true
  #wake: () => void = () => undefined

  constructor(options: { clock: Clock; concurrency: number; schedules: Pick<ScheduleStore, 'ready'> }) {
    this.#clock = options.clock
    this.#concurrency = options.concurrency
    this.#schedules = options.schedules
  }

  /** At first also what was begun before this process: nobody else goes on with it. Of an account it has all anyway. */
  async queueReady(account?: string): Promise<void> {
    if (account !== undefined) return
    this.send(await this.#schedules.ready(this.#isFirst))
    this.#isFirst = false
  }

  async counts(): Promise<{ waiting: number; active: number }> {
    return { waiting: this.#waiting.size, active: this.#atWork.size }
  }

  send(jobs: readonly Job[]): void {
    for (const job of jobs) if (!this.#waiting.has(job.workflow_id)) this.#waiting.set(job.workflow_id, job)
    this.#wake()
  }

  async isWanted({ workflow_id, account }: Job): Promise<boolean> {
    const others = [...this.#waiting.values()].filter((job) => job.workflow_id !== workflow_id)
    if (others.some((job) => job.account === account)) return true
    const isFull = this.#atWork.size >= this.#concurrency
    return isFull && others.some((job) => !this.#accounts.has(job.account))
  }

  async close(): Promise<void> {
    // Nothing of it is kept.
  }

  async work(turn: Turn, stop: AbortSignal): Promise<void> {
    const turns = new Set<Promise<void>>()
    stop.addEventListener('abort', () => this.#wake(), { once: true })
    while (!stop.aborted) {
      const job = this.#next()
      if (job === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve))
        continue
      }
      const taken = this.#take(job, turn, stop).finally(() => turns.delete(taken))
      turns.add(taken)
    }
    await Promise.all(turns)
  }

  /** The first that waits, whose account is free. */
  #next(): Job | undefined {
    if (this.#atWork.size >= this.#concurrency) return undefined
    for (const job of this.#waiting.values())
      if (!this.#atWork.has(job.workflow_id) && !this.#accounts.has(job.account)) return job
    return undefined
  }

  async #take(job: Job, turn: Turn, stop: AbortSignal): Promise<void> {
    const { workflow_id, account } = job
    this.#waiting.delete(workflow_id)
    this.#atWork.set(workflow_id, job)
    this.#accounts.add(account)
    let again_at: number | null = null
    try {
      again_at = await turn(job, stop)
    } finally {
      this.#atWork.delete(workflow_id)
      this.#accounts.delete(account)
      if (again_at !== null) void this.#again(job, again_at, stop)
      this.#wake()
    }
  }

  async #again(job: Job, at: number, stop: AbortSignal): Promise<void> {
    await this.#clock.sleep(Math.max(0, at - this.#clock.now()), stop)
    if (!stop.aborted) this.send([job])
  }
}
