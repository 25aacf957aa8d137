import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { RunError } from '../core/errors.js'
import { checkInput } from '../core/model/request.js'
import type { Clock } from '../core/ports/clock.js'
import type { Logger, Observer } from '../core/ports/events.js'
import type { Store } from '../core/ports/store.js'
import type { HttpLimits } from '../http/retry.js'
import { LONGEST_TIMER_MS } from './clock.js'

/** What a caller may inject into a run. All of it is optional. */
export interface RuntimeOptions {
  /** Where state is kept. Default: what `state` names. */
  store?: Store
  /**
   * `memory:`, `sqlite:PATH` or `postgres://...`; opened once per process, and not made by a dry run. Default:
   * `HRFLOW_CONNECTORS_STATE`; without it an incremental run uses SQLite below `$XDG_STATE_HOME`, and of a full run nothing is kept.
   */
  state?: string
  /** Told what a run does, with its ids on every line. Default: silent. A pino logger fits. */
  logger?: Logger
  /** Receives every event of a run, each item's outcome among them. */
  observer?: Observer
  /** Stops the run: reading ends, what is in flight is finished within 20 s, state is saved, the result says `interrupted`. */
  signal?: AbortSignal
  /** Epoch milliseconds at which the run stops as by `signal`. */
  deadline?: number
  /** Default: the system's. */
  clock?: Clock
  /**
   * Base URLs instead of the services' own, by service (`workable`, `hrflow`); `{subdomain}` stands for the account.
   * Default: `WORKABLE_API_URL`, `HRFLOW_API_URL`.
   */
  base_urls?: Record<string, string | undefined>
  /**
   * With `persist: false`: reads HrFlow too, writes nothing, and fills `result.plan` with what a run would change there.
   * With a limit it reads and compares so many items and no more. Any other call with it is refused.
   */
  compare?: boolean | { limit?: number | undefined }
  /**
   * Lets all go that left, however much at once: for one run, after `too_many_left` was looked at. Default: a guard holds them.
   */
  allow_left?: boolean
  /** Limits and timeouts of requests; see `HttpLimits`. */
  http?: { [Name in keyof HttpLimits]?: number | undefined } & {
    /** Requests per minute to HrFlow. Default: as fast as it answers. */
    requests_per_minute?: number | undefined
  }
  /**
   * Dispatcher of undici 7 for all requests. Default: one agent per process, which goes through the proxy that
   * `HTTPS_PROXY` names, unless `NO_PROXY` names the host.
   */
  dispatcher?: Dispatcher
}

const limit = (smallest: number, largest = LONGEST_TIMER_MS) => z.number().min(smallest).max(largest).optional()

/** Something with these methods. */
function having(...methods: string[]) {
  const has = (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof Reflect.get(value, name) === 'function')
  return z.custom(has, { error: `expected an object with the methods ${methods.join(', ')}` }).optional()
}

const isFunction = (value: unknown) => typeof value === 'function'
const isSignal = (value: unknown) => value instanceof AbortSignal

const runtimeOptions = z.strictObject({
  store: having('acquireLease', 'takeBudget', 'commitRun'),
  state: z.string().min(1).optional(),
  logger: having('debug', 'info', 'warn', 'error'),
  observer: z.custom(isFunction, { error: 'expected a function' }).optional(),
  signal: z.custom(isSignal, { error: 'expected an AbortSignal' }).optional(),
  deadline: z.number().optional(),
  clock: having('now', 'sleep'),
  dispatcher: having('dispatch', 'compose'),
  allow_left: z.boolean().optional(),
  compare: z.union([z.boolean(), z.strictObject({ limit: z.int().min(1).optional() })]).optional(),
  http: z
    .strictObject({
      attempt_timeout_ms: limit(1),
      max_attempts: z.int().min(1).optional(),
      base_ms: limit(0),
      cap_ms: limit(0),
      total_timeout_ms: limit(0),
      max_body_bytes: limit(1, Number.MAX_SAFE_INTEGER),
      requests_per_minute: limit(1),
    })
    .optional(),
})

/** Throws a `RunError` when the caller's own code is wrong: nothing was asked of any service. */
export function checkOptions(options: unknown, services: readonly string[]): void {
  const urls = Object.fromEntries(services.map((id) => [id, z.string().optional()]))
  const schema = runtimeOptions.extend({ base_urls: z.strictObject(urls).optional() })
  const checked = checkInput(schema, options)
  if ('data' in checked) return
  const said = checked.problems.map(
    ({ path, message }) => `runtime${path === 'parameters' ? '' : `.${path}`}: ${message}`,
  )
  throw badRuntime(said.join(' '))
}

export function badRuntime(message: string): RunError {
  return new RunError('bad_origin_parameters', 'bad_runtime', message, {
    hint: 'Correct the second argument of the call.',
  })
}
