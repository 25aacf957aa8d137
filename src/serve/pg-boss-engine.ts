import type { Job as BossJob, PgBoss } from 'pg-boss'
import { z } from 'zod'
import { messageOf } from '../core/errors.js'
import type { Clock } from '../core/ports/clock.js'
import type { Logger } from '../core/ports/events.js'
import type { ReadyWorkflow, ScheduleStore, SqlPort } from '../core/ports/schedule.js'
import { QUEUE } from './boss.js'
import type { Engine, Job, Turn } from './engine.js'

/** Jobs taken at once. */
const BATCH = 50
/** Between two looks at the queue, whatever happens. */
const LEAST_PAUSE_MS = 100
/** Sent so long ago and not taken up, a job waits for a place. */
const WAITS_LONG_MS = 15_000

export interface PgBossOptions {
  boss: PgBoss
  schedules: ScheduleStore
  clock: Clock
  logger: Logger | null
  /** Jobs at work at once in this process. */
  concurrency: number
  /** How often the queue is looked at where nothing else says so. */
  poll_ms: number
  /** How often the engine hears of what is at work. */
  touch_ms: number
  /** Closes what pg-boss works over. */
  close: () => Promise<void>
}

const jobData = z.object({ account: z.string(), workflow_id: z.string() })

/** A job that was taken, as pg-boss knows it: of this attempt alone. */
type Attempt = Pick<BossJob, 'id' | 'retryCount'>

/**
 * The engine of any number of processes over one PostgreSQL: pg-boss. What may run is marked and queued in one transaction, so each
 * is queued once; what is queued and lost, with a process or otherwise, is queued again.
 */
export class PgBossEngine implements Engine {
  readonly #options: PgBossOptions
  readonly #atWork = new Map<string, Attempt>()
  /** Whether the last look at the queue may have left something there. */
  #isFull = false
  #isWoken = false
  #awake: () => void = () => undefined

  constructor(options: PgBossOptions) {
    this.#options = options
  }

  async queueReady(account?: string): Promise<void> {
    const { schedules, boss } = this.#options
    const queue = async (ready: ReadyWorkflow[], db: SqlPort) => {
      const jobs = ready.map((workflow) => ({ data: workflow, singletonKey: workflow.workflow_id }))
      await boss.insert(QUEUE, jobs, { db })
    }
    if ((await schedules.sendReady(queue, account)) > 0) this.#wake()
  }

  async isWanted(job: Job): Promise<boolean> {
    const { schedules, concurrency } = this.#options
    if (await schedules.isWanted(job)) return true
    return this.#atWork.size >= concurrency && (await schedules.sentCount(WAITS_LONG_MS)) > 0
  }

  async counts(): Promise<{ waiting: number | null; active: number }> {
    const waiting = await this.#options.schedules.sentCount().catch(() => null)
    return { waiting, active: this.#atWork.size }
  }

  async work(turn: Turn, stop: AbortSignal): Promise<void> {
    const { clock, poll_ms, concurrency } = this.#options
    const turns = new Set<Promise<void>>()
    const over = new AbortController()
    const touching = this.#touch(over.signal)
    stop.addEventListener('abort', () => this.#wake(), { once: true })
    while (!stop.aborted) {
      this.#isWoken = false
      const free = Math.min(BATCH, concurrency - this.#atWork.size)
      const jobs = free > 0 ? await this.#fetch(free) : []
      this.#isFull = jobs.length === free
      for (const job of jobs) {
        const taken = this.#take(job, turn, stop).finally(() => turns.delete(taken))
        turns.add(taken)
      }
      await clock.sleep(LEAST_PAUSE_MS, stop)
      const mayTakeMore = this.#isFull && this.#atWork.size < concurrency
      if (!mayTakeMore) await this.#sleep(poll_ms, stop)
    }
    await Promise.all(turns)
    over.abort()
    await touching
  }

  async close(): Promise<void> {
    const { boss, close } = this.#options
    await boss.stop({ graceful: false })
    await close()
  }

  /** What cannot be taken now is there the next time. */
  async #fetch(batchSize: number): Promise<BossJob[]> {
    try {
      return await this.#options.boss.fetch<object>(QUEUE, { batchSize })
    } catch (error) {
      this.#say(error)
      return []
    }
  }

  async #take(job: BossJob, turn: Turn, stop: AbortSignal): Promise<void> {
    const { boss } = this.#options
    const attempt = { id: job.id, retryCount: job.retryCount }
    this.#atWork.set(job.id, attempt)
    let isDueAgain = false
    try {
      const parsed = jobData.safeParse(job.data)
      // When to take it again stands in its row; what is due at once may be queued already.
      if (parsed.success) isDueAgain = (await turn(parsed.data, stop)) !== null
      await boss.complete(QUEUE, attempt)
    } catch (error) {
      // It is given out again once nothing has been heard of it for a while.
      this.#say(error)
    } finally {
      this.#atWork.delete(job.id)
      if (isDueAgain || this.#isFull) this.#wake()
    }
  }

  /** Says again and again that what is at work is. */
  async #touch(over: AbortSignal): Promise<void> {
    const { boss, clock, touch_ms } = this.#options
    for (;;) {
      await clock.sleep(touch_ms, over)
      if (over.aborted) return
      const attempts = [...this.#atWork.values()]
      if (attempts.length > 0) await boss.touch(QUEUE, attempts).catch((error: unknown) => this.#say(error))
    }
  }

  async #sleep(ms: number, stop: AbortSignal): Promise<void> {
    if (this.#isWoken || stop.aborted) return
    const woken = new AbortController()
    this.#awake = () => woken.abort()
    await this.#options.clock.sleep(ms, woken.signal)
  }

  /** The queue is looked at as soon as may be. */
  #wake(): void {
    this.#isWoken = true
    this.#awake()
  }

  #say(error: unknown): void {
    this.#options.logger?.error({}, `The engine: ${messageOf(error)}`)
  }
}
