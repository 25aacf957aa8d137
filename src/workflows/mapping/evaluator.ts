import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { sentenceOf, type Told } from './expression-errors.js'
import type { ExpressionLimits } from './limits.js'

const DEFAULT_LIMITS: ExpressionLimits = { deadline_ms: 1_000, depth: 200, size: 1_000_000, memory_mb: 256 }

/** JSONata looks at the clock itself, but not within one step, such as a regular expression that never ends. */
const GRACE_MS = 250

/** An expression that took too much for so many items in a row is not tried again: it would for all others too. */
const OVERRUNS = 5

/** A thread that has nothing to do is ended after this. */
const IDLE_MS = 5_000

/** An expression has no result for an item: which, and why. The sentence holds nothing of the item. */
export class EvaluationError extends Error {
  readonly index: number

  constructor(index: number, sentence: string) {
    super(sentence)
    this.index = index
  }
}

const answer = z.union([
  z.object({ results: z.array(z.string().nullable()) }),
  z.object({
    failed: z.int(),
    code: z.unknown(),
    token: z.unknown(),
    argument: z.unknown(),
    said: z.string().nullable(),
  }),
])

interface Task {
  indexes: readonly number[]
  item: string
  resolve: (results: unknown[]) => void
  reject: (error: Error) => void
}

/**
 * Evaluates expressions over items in a thread of its own, one item at a time. What takes too long or too much memory
 * fails alone: the thread is ended, and the next item gets a new one. Nothing keeps the process alive between items.
 */
export class Evaluator {
  readonly #expressions: readonly string[]
  readonly #limits: ExpressionLimits
  readonly #waiting: Task[] = []
  #running: Task | undefined
  #worker: Worker | undefined
  #progress = new Int32Array(new SharedArrayBuffer(4))
  #timer: NodeJS.Timeout | undefined
  /** In a row, by expression. */
  readonly #overruns = new Map<number, number>()

  constructor(expressions: readonly string[], limits: Partial<ExpressionLimits> = {}) {
    this.#expressions = expressions
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
  }

  /** The results of the expressions at these places, in their order; undefined where one finds nothing. Throws `EvaluationError`. */
  evaluate(indexes: readonly number[], item: unknown): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const text = textOf(item)
      if (text === null) {
        reject(new EvaluationError(indexes[0] ?? 0, 'the item holds something that JSON has no form for.'))
        return
      }
      this.#waiting.push({ indexes, item: text, resolve, reject })
      this.#next()
    })
  }

  #next(): void {
    if (this.#running) return
    clearTimeout(this.#timer)
    const task = this.#waiting.shift()
    if (!task) {
      this.#rest()
      return
    }
    const spoilt = task.indexes.find((index) => (this.#overruns.get(index) ?? 0) >= OVERRUNS)
    if (spoilt !== undefined) {
      const sentence = `took too long, or too much memory, for ${OVERRUNS} items in a row, and is not tried again.`
      task.reject(new EvaluationError(spoilt, sentence))
      this.#next()
      return
    }
    this.#running = task
    this.#worker ??= this.#start()
    this.#worker.ref()
    Atomics.store(this.#progress, 0, -1)
    this.#watch(-1)
    this.#worker.postMessage({ indexes: task.indexes, item: task.item })
  }

  #start(): Worker {
    const { memory_mb } = this.#limits
    this.#progress = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(new URL('./expression-worker.js', import.meta.url), {
      workerData: { expressions: this.#expressions, limits: this.#limits, progress: this.#progress.buffer },
      // No secret reaches the thread, and none of this process's own flags.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memory_mb, maxYoungGenerationSizeMb: Math.ceil(memory_mb / 8) },
    })
    worker.on('message', (message) => this.#answered(worker, message))
    worker.on('error', (error) => this.#broke(worker, error))
    worker.on('exit', () => this.#broke(worker, {}))
    return worker
  }

  /** Ends the thread when a look finds it at the expression where the look before found it. */
  #watch(seen: number): void {
    this.#timer = setTimeout(() => {
      const now = Atomics.load(this.#progress, 0)
      if (now === -1 || now !== seen) this.#watch(now)
      else this.#broke(this.#worker, { code: 'TIMEOUT' })
    }, this.#limits.deadline_ms + GRACE_MS)
  }

  #answered(worker: Worker, message: unknown): void {
    const task = this.#running
    if (worker !== this.#worker || !task) return
    const parsed = answer.parse(message)
    this.#running = undefined
    if ('results' in parsed) {
      for (const index of task.indexes) this.#overruns.delete(index)
      task.resolve(parsed.results.map((text): unknown => (text === null ? undefined : JSON.parse(text))))
    } else this.#fail(task, parsed.failed, parsed)
    this.#next()
  }

  #broke(worker: Worker | undefined, error: unknown): void {
    if (worker === undefined || worker !== this.#worker) return
    this.#worker = undefined
    void worker.terminate()
    const task = this.#running
    this.#running = undefined
    const index = task?.indexes[Math.max(0, Atomics.load(this.#progress, 0))] ?? 0
    const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
    if (task) this.#fail(task, index, { code })
    this.#next()
  }

  #fail(task: Task, index: number, told: Told): void {
    const tooMuch = ['TIMEOUT', 'D1012', 'ERR_WORKER_OUT_OF_MEMORY'].some((code) => code === told.code)
    this.#overruns.set(index, tooMuch ? (this.#overruns.get(index) ?? 0) + 1 : 0)
    task.reject(new EvaluationError(index, sentenceOf(told, this.#limits)))
  }

  /** Until the next item comes: soon, within a run. */
  #rest(): void {
    const worker = this.#worker
    if (!worker) return
    worker.unref()
    this.#timer = setTimeout(() => {
      this.#worker = undefined
      void worker.terminate()
    }, IDLE_MS)
    this.#timer.unref()
  }
}

/** An item as JSON text, or null where that is not possible. A logic may have put anything into it. */
function textOf(item: unknown): string | null {
  try {
    return JSON.stringify(item ?? null)
  } catch {
    // A cycle, a BigInt, or a toJSON that throws.
    return null
  }
}
