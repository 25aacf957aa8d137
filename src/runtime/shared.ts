import type { Dispatcher } from 'undici'
import type { Store } from '../core/ports/store.js'
import type { Pacer } from '../http/pacing/pacer.js'
import { openDispatcher, type ProxySettings } from '../http/proxy.js'
import { MemoryStore } from '../stores/memory.js'
import { loadOpenTelemetry, type OpenTelemetry } from '../telemetry/opentelemetry.js'

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

export function sharedParts(): Shared {
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
export function dispatcherOf(proxies: ProxySettings): Dispatcher {
  const { dispatchers } = sharedParts()
  const key = JSON.stringify(proxies)
  const dispatcher = dispatchers.get(key) ?? openDispatcher(proxies)
  dispatchers.set(key, dispatcher)
  return dispatcher
}

/** What the runs of this process have learnt of the accounts' limits. Budgets live in a store, so this does too. */
export function pacersOf(store: Store): Map<string, Pacer> {
  const { pacers } = sharedParts()
  const known = pacers.get(store) ?? new Map<string, Pacer>()
  pacers.set(store, known)
  return known
}
