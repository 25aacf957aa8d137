import { hostname } from 'node:os'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { registry } from './connectors/index.js'
import { callable, type CallableConnector, type Connector } from './core/connector.js'
import { RunError, StateError } from './core/errors.js'
import { checkInput, groupsOf } from './core/parameters.js'
import type { Clock, Logger, Observer, Opened, RunPorts, Store } from './core/ports.js'
import type { RunResult } from './core/result.js'
import { refused, run, type Action } from './core/run.js'
import { isLoopback } from './http/base-url.js'
import { openHttp } from './http/client.js'
import type { Pacer } from './http/pace.js'
import { openDispatcher, proxySecrets, shownProxy, type ProxySettings } from './http/proxy.js'
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http/retry.js'
import { MemoryStore } from './state/memory.js'
import { defaultLocation, openExisting, openStore, secretsOf, shownLocation, tryToMake } from './state/open.js'
import { isDead, processIdentity } from './state/process.js'
import { loadOpenTelemetry, traced, type OpenTelemetry } from './telemetry/opentelemetry.js'
import { VERSION } from './version.js'

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

/** Timers overflow above this and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The system's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0 && signal?.aborted !== true; left -= LONGEST_TIMER_MS) {
      await timer(Math.min(left, LONGEST_TIMER_MS), signal)
    }
  },
}

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const handle = setTimeout(done, ms)
    function done() {
      clearTimeout(handle)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done, { once: true })
  })
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

/** What all runs of this process share unless they bring their own: connections, and the budget of an account. */
interface Shared {
  /** By what the environment says of proxies. */
  dispatchers: Map<string, Dispatcher>
  /** For runs of which nothing is kept. */
  store: Store
  /** By location. */
  stores: Map<string, Promise<Store>>
  pacers: WeakMap<Store, Map<string, Pacer>>
  /** Of services without a published limit, by service and key. */
  adaptive: Map<string, Pacer>
  /** Null where it is not installed. */
  opentelemetry: Promise<OpenTelemetry | null>
}

let shared: Shared | undefined

function sharedParts(): Shared {
  shared ??= {
    dispatchers: new Map(),
    store: new MemoryStore({ remembers: false }),
    stores: new Map(),
    pacers: new WeakMap(),
    adaptive: new Map(),
    opentelemetry: loadOpenTelemetry(),
  }
  return shared
}

/** One for all that go the same way. Throws `RunError` for a proxy that cannot be used. */
function dispatcherOf(proxies: ProxySettings): Dispatcher {
  const { dispatchers } = sharedParts()
  const key = JSON.stringify(proxies)
  const dispatcher = dispatchers.get(key) ?? openDispatcher(proxies)
  dispatchers.set(key, dispatcher)
  return dispatcher
}

/** As curl and others read them: lower case first. */
function proxySettings(env: NodeJS.ProcessEnv): ProxySettings {
  const setting = (...variables: string[]) => {
    const variable = variables.find((name) => given(env[name]) !== undefined)
    return variable === undefined ? undefined : { variable, value: given(env[variable]) ?? '' }
  }
  const https = setting('https_proxy', 'HTTPS_PROXY')
  const http = setting('http_proxy', 'HTTP_PROXY')
  const none = setting('no_proxy', 'NO_PROXY')
  return { ...(https && { https }), ...(http && { http }), ...(none && { none: none.value }) }
}

/** Whether all services are on this machine, to which no request goes through a proxy: what it is does not matter then. */
function isLocal(services: readonly string[], base_urls: Record<string, string | undefined>): boolean {
  return services.every((id) => {
    const url = base_urls[id]?.replace('{subdomain}', 'subdomain') ?? ''
    return URL.canParse(url) && isLoopback(new URL(url))
  })
}

/** What the runs of this process have learnt of the accounts' limits. Budgets live in a store, so this does too. */
function pacersOf(store: Store): Map<string, Pacer> {
  const { pacers } = sharedParts()
  const known = pacers.get(store) ?? new Map<string, Pacer>()
  pacers.set(store, known)
  return known
}

/** The store of a location, opened once per process. Throws `StateError`. */
export function stateAt(location: string): Promise<Store> {
  const { stores } = sharedParts()
  const opened = stores.get(location) ?? openStore(location)
  stores.set(location, opened)
  // What could not be opened may be there next time.
  opened.catch(() => stores.delete(location))
  return opened
}

/** The store of a location where there is one already: to look for something must not make it. Null: there is none. */
export async function stateIfThere(location: string): Promise<Store | null> {
  const { stores } = sharedParts()
  const opened = stores.get(location)
  if (opened) return opened
  const found = await openExisting(location)
  if (found) stores.set(location, Promise.resolve(found))
  return found
}

/**
 * State for a run that leaves no trace: what is there is read, and nothing is made. A file that cannot be used is told, and
 * done without.
 */
async function stateWithoutTrace(
  location: string,
  probes: boolean,
): Promise<Pick<Opened, 'store' | 'notes' | 'lacking'>> {
  const opened = sharedParts().stores.get(location)
  try {
    const store = opened === undefined ? await openExisting(location) : await opened
    if (store !== null) return { store }
    if (probes) tryToMake(location)
    return { store: new MemoryStore(), lacking: { location: shownLocation(location) } }
  } catch (error) {
    // What is wrong with a word of the caller's, or with a server that others share a budget in, is not passed over.
    if (!(error instanceof StateError) || error.code === 'bad_state_location' || isServer(location)) throw error
    const notes = [`Nothing is known of earlier runs. ${error.message}`]
    return { store: new MemoryStore(), notes, lacking: { location, error } }
  }
}

function isServer(location: string): boolean {
  return location.startsWith('postgres')
}

async function stateOf({ store }: RuntimeOptions, location: string | null, leaves_no_trace?: 'dry run' | 'check') {
  if (store) return { store }
  if (location === null) return { store: sharedParts().store }
  if (leaves_no_trace === undefined) return { store: await stateAt(location) }
  return stateWithoutTrace(location, leaves_no_trace === 'check')
}

/** Where state is kept when a caller says nothing: as the environment says, else the user's own place. */
export function stateLocation(env: NodeJS.ProcessEnv = process.env): string {
  return given(env['HRFLOW_CONNECTORS_STATE']) ?? defaultLocation(env)
}

/** The level of logs that the environment asks the faces for; a library call has a `logger`, or is silent. */
export function logLevel(env: NodeJS.ProcessEnv): string | undefined {
  return given(env['HRFLOW_CONNECTORS_LOG_LEVEL'])
}

/** Everything a run needs, from what the caller gives, the environment and the defaults. The only reader of the environment. */
export function buildPorts(
  options: RuntimeOptions,
  env: NodeJS.ProcessEnv = process.env,
  run: { incremental: boolean; action?: Action; leaves_no_trace?: 'dry run' | 'check' } = { incremental: false },
): RunPorts {
  const used = servicesOf(run.action ? [run.action] : allActions())
  checkOptions(options, [...used, ...servicesOf(allActions())])
  const { requests_per_minute, ...given_limits } = options.http ?? {}
  const limits = Object.fromEntries(Object.entries(given_limits).filter(([, value]) => value !== undefined))
  const base_urls = Object.fromEntries(
    used.map((id) => [id, options.base_urls?.[id] ?? given(env[variableName({ id }, 'api_url')])]),
  )
  const proxies = options.dispatcher || isLocal(used, base_urls) ? {} : proxySettings(env)
  const { clock = systemClock } = options
  const http = {
    clock,
    limits: { ...DEFAULT_HTTP_LIMITS, ...limits },
    base_urls,
    user_agent: `hrflow-connectors/${VERSION}`,
    requests_per_minute,
    random: Math.random,
  }
  const configured = options.state ?? given(env['HRFLOW_CONNECTORS_STATE'])
  const location = configured ?? (run.incremental ? defaultLocation(env) : null)
  return {
    clock,
    async open() {
      const { store, ...said } = await stateOf(options, location, run.leaves_no_trace)
      // Another clock is another time: what was learnt by the system's does not hold there.
      const own = options.clock !== undefined
      const pacers = own ? new Map<string, Pacer>() : pacersOf(store)
      const adaptive = own ? new Map<string, Pacer>() : sharedParts().adaptive
      const dispatcher = options.dispatcher ?? dispatcherOf(proxies)
      const way = { dispatcher, proxy: shownProxy(proxies) }
      return { store, ...said, http: (session) => openHttp({ ...http, ...way, store, pacers, adaptive }, session) }
    },
    observer: options.observer ?? (() => undefined),
    logger: options.logger ?? null,
    holder: { name: `process ${process.pid} on ${hostname()}`, process: processIdentity() },
    isDead,
    secrets: [...proxySecrets(proxies), ...(location === null ? [] : secretsOf(location))],
    proxy: () => shownProxy(proxies),
    compare: comparing(options.compare),
    notes: Object.entries(base_urls).flatMap(([service, url]) =>
      url === undefined ? [] : [`${service} is reached at ${hostOf(url)}, not at its own address.`],
    ),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.deadline === undefined ? {} : { deadline: options.deadline }),
  }
}

function comparing(compare: RuntimeOptions['compare']): RunPorts['compare'] {
  if (compare === undefined || compare === false) return undefined
  return { limit: (compare === true ? undefined : compare.limit) ?? Infinity }
}

/** A connector with a typed method per action; without a runtime the default one is built from the environment. */
export function withRuntime<const Flows extends readonly object[]>(
  connector: Connector<Flows>,
): CallableConnector<Flows, RuntimeOptions> {
  return callable(connector, runAction)
}

/** Every action of every connector. */
export function allActions(): Action[] {
  return Object.values(registry).flatMap((connector) => connector.actions)
}

/** The services that actions talk to, by id. */
function servicesOf(actions: readonly Action[]): string[] {
  return [...new Set(actions.flatMap(({ flow }) => [flow.from.id, flow.to.id]))]
}

/** Throws a `RunError` when the caller's own code is wrong: nothing was asked of any service. */
function checkOptions(options: unknown, services: readonly string[]): void {
  const urls = Object.fromEntries(services.map((id) => [id, z.string().optional()]))
  const schema = runtimeOptions.extend({ base_urls: z.strictObject(urls).optional() })
  const checked = checkInput(schema, options)
  if ('data' in checked) return
  const said = checked.problems.map(
    ({ path, message }) => `runtime${path === 'parameters' ? '' : `.${path}`}: ${message}`,
  )
  throw badRuntime(said.join(' '))
}

function badRuntime(message: string): RunError {
  return new RunError('bad_origin_parameters', 'bad_runtime', message, {
    hint: 'Correct the second argument of the call.',
  })
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}

/** The host alone: a URL may carry credentials. */
function hostOf(url: string): string {
  const plain = url.replace('{subdomain}', 'subdomain')
  return URL.canParse(plain) ? new URL(plain).host : 'an address that is no URL'
}

/** Runs an action by its name, for the faces: what a caller of a typed method gets. */
export async function runAction(action: Action, parameters: unknown, runtime: RuntimeOptions = {}): Promise<RunResult> {
  let ports: RunPorts
  try {
    const isDry = parameterOf(parameters, 'persist') === false
    const trace = isDry ? { leaves_no_trace: 'dry run' as const } : {}
    ports = buildPorts(runtime, process.env, { incremental: isIncremental(parameters), action, ...trace })
    if (ports.compare && !isDry)
      throw badRuntime('runtime.compare: needs persist: false, as a call that compares writes nothing.')
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    return refused(action, error, systemClock)
  }
  const api = await sharedParts().opentelemetry
  if (api === null) return run(action, parameters, ports)
  return traced(api, { connector: action.own.id, action: action.id }, (watch) =>
    run(action, parameters, { ...ports, observer: both(ports.observer, watch) }),
  )
}

/** What one of them throws does not keep an event from the other. */
function both(first: Observer, second: Observer): Observer {
  return (event) => {
    try {
      return first(event)
    } finally {
      second(event)
    }
  }
}

/** What a call asks for, before its parameters are checked. */
export function isIncremental(parameters: unknown): boolean {
  return parameterOf(parameters, 'incremental') === true
}

function parameterOf(parameters: unknown, name: string): unknown {
  try {
    return typeof parameters === 'object' && parameters !== null ? Reflect.get(parameters, name) : undefined
  } catch {
    // A getter that throws: the check of the parameters says so.
    return undefined
  }
}

/** The variable of a warehouse's parameter: `WORKABLE_API_ACCESS_TOKEN`, `HRFLOW_BOARD_KEY`. */
function variableName(warehouse: { id: string }, parameter: string): string {
  return `${warehouse.id}_${parameter}`.toUpperCase()
}

/** A parameter that the environment fills, and by which variable. */
export interface EnvironmentVariable {
  group: 'connector_auth' | 'hrflow_auth' | 'push_parameters'
  parameter: string
  variable: string
}

/** What of an action the environment may fill: both sides' credentials, and `board_key`. */
export function environmentVariables({ flow, own }: Action): EnvironmentVariable[] {
  const { origin_auth, target_auth } = groupsOf(flow, own)
  const of = (warehouse: { id: string }, group: EnvironmentVariable['group'], names: string[]) =>
    names.map((parameter) => ({ group, parameter, variable: variableName(warehouse, parameter) }))
  return [
    ...of(flow.from, origin_auth, Object.keys(flow.from.auth.shape)),
    ...of(flow.to, target_auth, Object.keys(flow.to.auth.shape)),
    ...of(
      flow.to,
      'push_parameters',
      Object.keys(flow.write.parameters.shape).filter((name) => name === 'board_key'),
    ),
  ]
}

/** What the environment says of them: for the faces, which fill in what was not given. */
export function environmentParameters(action: Action, env: NodeJS.ProcessEnv): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {}
  for (const { group, parameter, variable } of environmentVariables(action)) {
    const value = given(env[variable])
    if (value !== undefined) found[group] = { ...found[group], [parameter]: value }
  }
  return found
}
