import { setMaxListeners } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HrflowFake, mulberry32, type WorkableFake } from '../connectors/fakes.js'
import { environmentOf, makeAccounts, makeWorkspace } from './accounts.js'
import { deliver, intercept, isIntercepted, page, replyOf } from './answers.js'
import { openControl } from './control/server.js'
import { type Fault, Faults, halfWay, type Latency, type SandboxRequest } from './faults.js'
import { headersOf, type Listener, listen, readBody } from './listener.js'
import { checkOptions, type SandboxOptions } from './options.js'

/** Both services on one local port. */
export interface Sandbox {
  url: string
  /** Contains the literal `{subdomain}`. */
  workable_url: string
  hrflow_url: string
  /** Where its jobs are changed from outside, on a port of its own; null unless it was asked for. */
  control_url: string | null
  /** The environment that points a connector here: keys, users, board and URLs. */
  env: Record<string, string>
  /** The first of the accounts. */
  workable: WorkableFake
  accounts: readonly WorkableFake[]
  hrflow: HrflowFake
  /** The first board of the HrFlow workspace. */
  board_key: string
  /** Sockets of the services opened so far. */
  readonly connections: number
  /** Adds a fault, and returns what removes it again. */
  fault(fault: Fault): () => void
  /** Stops listening and destroys open sockets, also those of requests that hang. */
  close(): Promise<void>
}

/**
 * Serves the stand-ins of Workable and HrFlow over HTTP on 127.0.0.1. It is fast unless it is told otherwise: no rate limit,
 * no latency, no faults. Rejects when a port is taken, or an option is unknown or out of bounds.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  checkOptions(options)
  const { seed = 1 } = options
  const [accounts, hrflow] = [makeAccounts(options), makeWorkspace(options)]
  const faults = new Faults(options.faults ?? [], seed)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const latency = [options.latency ?? []].flat()
  const parts = { accounts, hrflow, faults, latency, random: mulberry32(seed + 1), signal: closing.signal }
  const services = await listen(options.port ?? 0, answering(parts))
  const { url } = services
  const served = {
    accounts,
    hrflow,
    workable_url: `${url}/workable/{subdomain}/spi/v3`,
    hrflow_url: `${url}/hrflow/v1`,
  }
  const control = await controlOf(options, services, parts)
  const control_url = control?.url ?? null
  return {
    url,
    ...served,
    control_url,
    env: { ...environmentOf(served), ...(control_url === null ? {} : { HRFLOW_CONNECTORS_SANDBOX: control_url }) },
    workable: accounts[0],
    board_key: hrflow.boards[0] ?? '',
    get connections() {
      return services.connections
    },
    fault: (fault) => faults.add(fault),
    async close() {
      closing.abort()
      await Promise.all([services.close(), control?.close()])
    },
  }
}

/** The control address, if it is wanted; where it cannot be had, nothing is served. */
async function controlOf(options: SandboxOptions, services: Listener, parts: Parts): Promise<Listener | undefined> {
  if (options.control_port === undefined) return undefined
  try {
    return await openControl(options.control_port, parts)
  } catch (error) {
    await services.close()
    throw error
  }
}

interface Parts {
  accounts: readonly [WorkableFake, ...WorkableFake[]]
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
  const body = (await readBody(incoming)) ?? ''
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
  const service = route.service === 'hrflow' ? parts.hrflow : accountOf(parts.accounts, route.account)
  const reply = await replyOf(await service.fetch(request))
  await onTheWay()
  deliver(response, reply, fault)
}

/** The account of that name; the first one says what becomes of a name that nobody has. */
function accountOf(accounts: Parts['accounts'], name: string | null): WorkableFake {
  return accounts.find(({ subdomain }) => subdomain === name) ?? accounts[0]
}

/** The service, the account that a path names, and the path below its base URL. */
function serviceOf(pathname: string): Pick<SandboxRequest, 'service' | 'account' | 'path'> | undefined {
  const [, service, path = ''] = /^\/(workable|hrflow)(\/.*)?$/.exec(pathname) ?? []
  if (service === 'hrflow') return { service, account: null, path: path.replace(/^\/v1(?=\/|$)/, '') }
  if (service !== 'workable') return undefined
  const [base = '', account = null] = /^\/([^/]+)\/spi\/v3(?=\/|$)/.exec(path) ?? []
  return { service, account, path: path.slice(base.length) }
}
