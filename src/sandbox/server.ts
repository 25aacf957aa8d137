import { setMaxListeners } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import {
  hrflowFake,
  type HrflowFake,
  type HrflowFakeOptions,
  mulberry32,
  workableFake,
  type WorkableFake,
  type WorkableFakeOptions,
} from '../connectors/fakes.js'
import { problemsOf } from '../core/text/validation.js'
import { deliver, intercept, isIntercepted, page, replyOf } from './answers.js'
import { type Fault, Faults, halfWay, type Latency, type SandboxRequest, type Service } from './faults.js'

/** How a sandbox is set up. */
export interface SandboxOptions {
  /**
   * `rate_limit` is null here by default, so that tests do not wait: no request is refused, and the headers announce a limit
   * that nobody reaches. `rate_limit: { limit: 10 }` is Workable's own, per 10 seconds.
   */
  workable?: WorkableFakeOptions
  hrflow?: HrflowFakeOptions
  /** Default: 0, any free port. */
  port?: number
  /** Of several, the first that fits a request counts. Default: none. */
  latency?: Latency | readonly Latency[]
  /** Default: none. More can be added while it runs. */
  faults?: readonly Fault[]
  /** Seeds jitter, probabilities and, unless it has a seed of its own, the Workable account. Default: 1. */
  seed?: number
}

/** Both services on one local port. */
export interface Sandbox {
  url: string
  /** Contains the literal `{subdomain}`. */
  workable_url: string
  hrflow_url: string
  /** The environment that points a connector here: keys, users, board and URLs. */
  env: Record<string, string>
  workable: WorkableFake
  hrflow: HrflowFake
  /** The first board of the HrFlow workspace. */
  board_key: string
  /** Sockets opened so far. */
  readonly connections: number
  /** Adds a fault, and returns what removes it again. */
  fault(fault: Fault): () => void
  /** Stops listening and destroys open sockets, also those of requests that hang. */
  close(): Promise<void>
}

const count = z.int().min(0).optional()
const other = z.unknown().optional()

// What its own part does not check; the others are passed on as they are.
const workableOptions = z.strictObject({
  subdomain: other,
  token: other,
  jobs: count,
  seed: other,
  now: other,
  clock_offset_ms: other,
  rate_limit: z.strictObject({ limit: z.int().min(1), slot_ms: z.number().min(1).optional() }).nullish(),
  since_id: other,
  next: other,
  updated_at: other,
  stale_details: count,
  end_of_list: other,
} satisfies Record<keyof WorkableFakeOptions, z.ZodType>)

const hrflowOptions = z.strictObject({
  boards: other,
  foreign_boards: other,
  api_secret: other,
  api_user: other,
  permission: other,
  now: other,
  content_type: other,
  created_status: other,
  validation_status: other,
  geocode: other,
  dates: z.enum(['rendered', 'as_sent']).optional(),
} satisfies Record<keyof HrflowFakeOptions, z.ZodType>)

const sandboxOptions = z.strictObject({
  workable: workableOptions.optional(),
  hrflow: hrflowOptions.optional(),
  port: z.int().min(0).max(65_535).optional(),
  latency: other,
  faults: other,
  seed: z.number().optional(),
} satisfies Record<keyof SandboxOptions, z.ZodType>)

/** Throws when the caller's own code is wrong: nothing is served then. */
function checkOptions(options: SandboxOptions): void {
  const parsed = sandboxOptions.safeParse(options)
  if (parsed.success) return
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, options, sandboxOptions))
  throw new TypeError(problems.map(({ path, message }) => `sandbox.${path}: ${message}`).join(' '))
}

/** A client that reads no limit keeps to the documented one, so that none has to be announced as one. */
const NO_LIMIT = { limit: 1_000_000 }

/**
 * Serves the stand-ins of Workable and HrFlow over HTTP on 127.0.0.1. It is fast unless it is told otherwise: no rate limit,
 * no latency, no faults. Rejects when the port is taken, or an option is unknown or out of bounds.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  checkOptions(options)
  const { seed = 1 } = options
  const workable = workableFake({ seed, ...options.workable, rate_limit: options.workable?.rate_limit ?? NO_LIMIT })
  const hrflow = hrflowFake(options.hrflow)
  const faults = new Faults(options.faults ?? [], seed)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const latency = [options.latency ?? []].flat()
  const answer = answering({ workable, hrflow, faults, latency, random: mulberry32(seed + 1), signal: closing.signal })
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void answer(request, response))
  let connections = 0
  server.on('connection', () => (connections += 1))
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve(portOf(server.address())))
  })
  const addresses = addressesOf(`http://127.0.0.1:${port}`)
  const board_key = hrflow.boards[0] ?? ''
  return {
    ...addresses,
    env: environment(addresses, workable, hrflow),
    workable,
    hrflow,
    board_key,
    get connections() {
      return connections
    },
    fault: (fault) => faults.add(fault),
    close() {
      closing.abort()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('The sandbox has no port.')
  return address.port
}

function addressesOf(url: string) {
  return { url, workable_url: `${url}/workable/{subdomain}/spi/v3`, hrflow_url: `${url}/hrflow/v1` }
}

function environment(addresses: ReturnType<typeof addressesOf>, workable: WorkableFake, hrflow: HrflowFake) {
  return {
    WORKABLE_API_ACCESS_TOKEN: workable.token,
    WORKABLE_SUBDOMAIN: workable.subdomain,
    WORKABLE_API_URL: addresses.workable_url,
    HRFLOW_API_SECRET: hrflow.api_secret,
    HRFLOW_API_USER: hrflow.api_user,
    HRFLOW_BOARD_KEY: hrflow.boards[0] ?? '',
    HRFLOW_API_URL: addresses.hrflow_url,
  }
}

interface Parts {
  workable: WorkableFake
  hrflow: HrflowFake
  faults: Faults
  latency: readonly Latency[]
  random: () => number
  signal: AbortSignal
}

/** What answers a request. It never rejects; what fails in a fake or a rule is shown to the caller. */
function answering(parts: Parts) {
  return async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await answerOne(parts, incoming, response)
    } catch (error) {
      // The client left, or the sandbox closes: nobody to tell.
      if (response.destroyed || response.headersSent || parts.signal.aborted) response.destroy()
      else deliver(response, page(500, `Sandbox: ${String(error)}`), undefined)
    }
  }
}

async function answerOne(parts: Parts, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(incoming)
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? '127.0.0.1'}`)
  const route = serviceOf(url.pathname)
  if (!route) {
    deliver(response, page(404, '<html><body>Sandbox: /workable or /hrflow</body></html>'), undefined)
    return
  }
  const method = incoming.method ?? 'GET'
  const seen: SandboxRequest = { ...route, method, query: Object.fromEntries(url.searchParams), body }
  const fault = parts.faults.next(seen)
  const half = halfWay(parts.latency, seen, parts.random)
  const onTheWay = async () => {
    if (half > 0) await sleep(half, undefined, { signal: parts.signal })
  }
  await onTheWay()
  if (fault !== undefined && isIntercepted(fault)) return intercept(response, fault)
  const request = new Request(url, { method, headers: headersOf(incoming), ...(body === '' ? {} : { body }) })
  const reply = await replyOf(await parts[route.service].fetch(request))
  await onTheWay()
  deliver(response, reply, fault)
}

/** The service, and the path below its base URL. */
function serviceOf(pathname: string): { service: Service; path: string } | undefined {
  const [, service, path = ''] = /^\/(workable|hrflow)(\/.*)?$/.exec(pathname) ?? []
  if (service === 'workable') return { service, path: path.replace(/^\/[^/]+\/spi\/v3(?=\/|$)/, '') }
  if (service === 'hrflow') return { service, path: path.replace(/^\/v1(?=\/|$)/, '') }
  return undefined
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  let body = ''
  incoming.setEncoding('utf8')
  for await (const chunk of incoming) body += String(chunk)
  return body
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headersDistinct)) {
    for (const one of value ?? []) headers.append(name, one)
  }
  return headers
}
