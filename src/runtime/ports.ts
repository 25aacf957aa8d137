import { hostname } from 'node:os'
import type { Action } from '../core/model/flow.js'
import type { RunPorts } from '../core/ports/run.js'
import { isLoopback } from '../http/base-url.js'
import { openHttp } from '../http/client.js'
import type { Pacer } from '../http/pacing/pacer.js'
import { proxySecrets, shownProxy } from '../http/proxy.js'
import { DEFAULT_HTTP_LIMITS } from '../http/retry.js'
import { defaultLocation, secretsOf } from '../stores/open.js'
import { VERSION } from '../version.js'
import { allActions, servicesOf } from './actions.js'
import { systemClock } from './clock.js'
import { given, proxySettings, variableName } from './environment.js'
import { checkOptions, type RuntimeOptions } from './options.js'
import { isDead, processIdentity } from './process.js'
import { dispatcherOf, pacersOf, sharedParts } from './shared.js'
import { stateOf } from './state.js'

/** Whether all services are on this machine, to which no request goes through a proxy: what it is does not matter then. */
function isLocal(services: readonly string[], base_urls: Record<string, string | undefined>): boolean {
  return services.every((id) => {
    const url = base_urls[id]?.replace('{subdomain}', 'subdomain') ?? ''
    return URL.canParse(url) && isLoopback(new URL(url))
  })
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
    allow_left: options.allow_left === true,
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

/** The host alone: a URL may carry credentials. */
function hostOf(url: string): string {
  const plain = url.replace('{subdomain}', 'subdomain')
  return URL.canParse(plain) ? new URL(plain).host : 'an address that is no URL'
}
