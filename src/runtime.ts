import { hostname } from 'node:os'
import { Agent, type Dispatcher } from 'undici'
import { z } from 'zod'
import { callable, type CallableConnector, type Connector } from './core/connector.js'
import { describe } from './core/parameters.js'
import type { Clock, Logger, Observer, RunPorts, Store } from './core/ports.js'
import type { RunResult } from './core/result.js'
import { run, type Action } from './core/run.js'
import { openHttp } from './http/client.js'
import type { Pacer } from './http/pace.js'
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http/retry.js'
import { MemoryStore } from './state/memory.js'
import { silentLogger } from './telemetry/log.js'

const VERSION = '0.1.0'

/** What a caller may inject into a run. All of it is optional. */
export interface RuntimeOptions {
  /** Where state is kept. Default: nothing is kept beyond the call. */
  store?: Store
  /** Default: silent. A pino logger fits. */
  logger?: Logger
  /** Receives every event of a run, each item's outcome among them. */
  observer?: Observer
  /** Stops the run: reading ends, what is in flight is finished within 20 s, state is saved, the result says `interrupted`. */
  signal?: AbortSignal
  /** Epoch milliseconds at which the run stops as by `signal`. */
  deadline?: number
  /** Default: the system's. */
  clock?: Clock
  /** Base URLs instead of the services' own, by service; `{subdomain}` stands for the account. Default: `WORKABLE_API_URL`, `HRFLOW_API_URL`. */
  base_urls?: { workable?: string | undefined; hrflow?: string | undefined }
  /** Limits and timeouts of requests; see `HttpLimits`. */
  http?: Partial<HttpLimits> & {
    /** Requests per minute to HrFlow. Default: as fast as it answers. */
    requests_per_minute?: number
  }
  /** undici dispatcher for all requests, e.g. a proxy agent. Default: one agent per process. */
  dispatcher?: Dispatcher
}

/** The system's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(done, signal?.aborted === true ? 0 : ms)
      function done() {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      signal?.addEventListener('abort', done, { once: true })
    }),
}

const limit = (smallest: number) => z.number().min(smallest).optional()

const httpOptions = z.strictObject({
  attempt_timeout_ms: limit(1),
  max_attempts: z.int().min(1).optional(),
  base_ms: limit(0),
  cap_ms: limit(0),
  total_timeout_ms: limit(0),
  max_body_bytes: limit(1),
  requests_per_minute: limit(1),
})

/** What all runs of this process share unless they bring their own: connections, and the budget of an account. */
interface Shared {
  dispatcher: Dispatcher
  store: Store
  pacers: WeakMap<Store, Map<string, Pacer>>
}

let shared: Shared | undefined

function sharedParts(): Shared {
  shared ??= {
    // At most 32 requests are in flight per side of a run; idle connections do not keep the process alive.
    dispatcher: new Agent({ connections: 64, keepAliveTimeout: 10_000 }),
    store: new MemoryStore({ remembers: false }),
    pacers: new WeakMap(),
  }
  return shared
}

/** What the runs of this process have learnt of the accounts' limits. Budgets live in a store, so this does too. */
function pacersOf(store: Store): Map<string, Pacer> {
  const { pacers } = sharedParts()
  const known = pacers.get(store) ?? new Map<string, Pacer>()
  pacers.set(store, known)
  return known
}

/** Everything a run needs, from what the caller gives, the environment and the defaults. The only reader of the environment. */
export function buildPorts(options: RuntimeOptions, env: NodeJS.ProcessEnv = process.env): RunPorts {
  const { requests_per_minute, ...limits } = checkedHttp(options.http ?? {})
  const clock = options.clock ?? systemClock
  const store = options.store ?? sharedParts().store
  const base_urls = {
    workable: options.base_urls?.workable ?? given(env['WORKABLE_API_URL']),
    hrflow: options.base_urls?.hrflow ?? given(env['HRFLOW_API_URL']),
  }
  const http = {
    clock,
    limits: { ...DEFAULT_HTTP_LIMITS, ...limits },
    dispatcher: options.dispatcher ?? sharedParts().dispatcher,
    store,
    // Another clock is another time: what was learnt by the system's does not hold there.
    pacers: options.clock === undefined ? pacersOf(store) : new Map<string, Pacer>(),
    base_urls,
    user_agent: `hrflow-connectors/${VERSION}`,
    requests_per_minute,
    random: Math.random,
  }
  return {
    store,
    clock,
    http: (session) => openHttp(http, session),
    observer: options.observer ?? (() => undefined),
    logger: options.logger ?? silentLogger,
    holder: `process ${process.pid} on ${hostname()}`,
    notes: Object.entries(base_urls).flatMap(([service, url]) =>
      url === undefined ? [] : [`${service} is reached at ${hostOf(url)}, not at its own address.`],
    ),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.deadline === undefined ? {} : { deadline: options.deadline }),
  }
}

/** A connector with a typed method per action; without a runtime the default one is built from the environment. */
export function withRuntime<const Flows extends readonly object[]>(
  connector: Connector<Flows>,
): CallableConnector<Flows, RuntimeOptions> {
  return callable(connector, (action: Action, parameters: unknown, runtime?: RuntimeOptions): Promise<RunResult> => {
    return run(action, parameters, buildPorts(runtime ?? {}))
  })
}

function checkedHttp(
  http: NonNullable<RuntimeOptions['http']>,
): Partial<HttpLimits> & { requests_per_minute: number | undefined } {
  const parsed = httpOptions.safeParse(http)
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => describe(issue, http, httpOptions))
    // The caller's own code is wrong: nothing was asked of any service.
    throw new TypeError(`runtime.http: ${problems.map(({ path, message }) => `${path}: ${message}`).join(' ')}`)
  }
  const set = Object.entries(parsed.data).filter(([, value]) => value !== undefined)
  return { requests_per_minute: undefined, ...Object.fromEntries(set) }
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}

/** The host alone: a URL may carry credentials. */
function hostOf(url: string): string {
  const plain = url.replace('{subdomain}', 'subdomain')
  return URL.canParse(plain) ? new URL(plain).host : 'an address that is no URL'
}
