import type { Dispatcher } from 'undici'
import type { Clock } from '../core/ports/clock.js'
import type { Budgets } from './pacing/fixed-window.js'
import type { Pacer } from './pacing/pacer.js'
import type { ShownProxy } from './proxy.js'
import type { HttpLimits } from './retry.js'

export interface HttpOptions {
  clock: Clock
  limits: HttpLimits
  dispatcher: Dispatcher
  /** What is told where no connection comes about. Null: no proxy of the environment is used. */
  proxy: ShownProxy | null
  store: Budgets
  /** By account: runs of one process share what they have learnt of a limit. */
  pacers: Map<string, Pacer>
  /** By service and key, of services without a published limit: likewise. */
  adaptive: Map<string, Pacer>
  /** Base URLs to use instead of the services' own, by service id. */
  base_urls: Record<string, string | undefined>
  user_agent: string
  /** Requests per minute to a service without a published limit; undefined: as fast as it answers. */
  requests_per_minute: number | undefined
  random: () => number
}
