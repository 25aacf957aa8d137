import type { Logger, RequestEvent, RunEvent, Side } from '../ports/events.js'
import type { RunResult } from '../result/result.js'

type Level = keyof Logger
type Fields = Record<string, unknown>

/** Which run a line belongs to: on every line. */
export interface RunOfLine {
  run_id: string
  workflow_id: string | null
  connector: string
  action: string
}

/**
 * Says in a logger what a run does. debug: each request, each item's end, the lease; info: beginning, notes, end with
 * counters; warn: what failed or must be tried again; error: why a run is fatal. It is given redacted text, and no
 * content of items or of queries.
 */
export class RunLog {
  readonly #logger: Logger | null
  readonly #run: () => RunOfLine

  constructor(logger: Logger | null, run: () => RunOfLine) {
    this.#logger = logger
    this.#run = run
  }

  say(level: Level, message: string, fields: Fields = {}): void {
    try {
      this.#logger?.[level]({ ...this.#run(), ...fields }, message)
    } catch {
      // A logger that fails must not end the run, and there is nobody left to tell.
    }
  }

  see(event: RunEvent): void {
    // Nothing is put together that nobody reads.
    if (this.#logger === null) return
    if (event.type === 'run_started') this.say('info', 'run started')
    if (event.type === 'request') this.#request(event.side, event.request)
    if (event.type === 'run_finished') this.#finished(event.result)
    if (event.type !== 'item' || event.failure !== undefined) return
    this.say('debug', `item ${event.outcome}`, { reference: event.reference, outcome: event.outcome })
  }

  #request(side: Side, request: RequestEvent): void {
    const { method, path, status, attempt, duration_ms, waited_ms } = request
    const again = attempt > 1 ? `, attempt ${attempt}` : ''
    const level = isTrouble(status) ? 'warn' : 'debug'
    this.say(level, `${method} ${path}: ${status ?? 'no answer'}${again}`, {
      side,
      ...request,
      duration_ms: Math.round(duration_ms),
      waited_ms: Math.round(waited_ms),
    })
  }

  #finished(result: RunResult): void {
    const { status, reason, error, events, requests, incremental_token } = result
    const duration_ms = Date.parse(result.finished_at) - Date.parse(result.started_at)
    if (error) {
      const message = error.hint === null ? error.message : `${error.message} ${error.hint}`
      this.say('error', message, { code: error.code, reason })
    }
    const said = reason === 'none' ? status : `${status}, ${reason}`
    const facts = { status, reason, duration_ms, events, requests, incremental_token }
    this.say('info', `run finished: ${said.replaceAll('_', ' ')}`, facts)
  }
}

/** What is tried again. A 404 is an ordinary answer to the question whether something is there. */
function isTrouble(status: number | null): boolean {
  return status === null || status === 408 || status === 425 || status === 429 || status >= 500
}
