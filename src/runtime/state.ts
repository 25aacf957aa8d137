import { StateError } from '../core/errors.js'
import { secretNames } from '../core/model/request.js'
import type { Clock } from '../core/ports/clock.js'
import type { Opened } from '../core/ports/run.js'
import type { Store } from '../core/ports/store.js'
import { proxySecrets } from '../http/proxy.js'
import { MemoryStore } from '../stores/memory.js'
import { openExisting, openStore, secretsOf, shownLocation, tryToMake } from '../stores/open.js'
import { allActions } from './actions.js'
import { environmentVariables, given, proxySettings, stateLocation } from './environment.js'
import type { RuntimeOptions } from './options.js'
import { sharedParts } from './shared.js'

/** The store of a location, opened once per process. Throws `StateError`. */
export function stateAt(location: string): Promise<Store> {
  const { stores } = sharedParts()
  const opened = stores.get(location) ?? openStore(location)
  stores.set(location, opened)
  // What could not be opened may be there next time.
  opened.catch(() => stores.delete(location))
  return opened
}

/** A store of a location that is shared with nobody, by another clock. Throws `StateError`. */
export function openState(location: string, clock: Clock): Promise<Store> {
  return openStore(location, clock)
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

/** What of an environment must not be repeated: credentials, and passwords in addresses of the state and of proxies. */
export function environmentSecrets(env: NodeJS.ProcessEnv): string[] {
  const credentials = allActions().flatMap((action) => {
    const secrets = [...secretNames(action.flow.from.auth), ...secretNames(action.flow.to.auth)]
    const of = environmentVariables(action).filter(({ parameter }) => secrets.includes(parameter))
    return of.flatMap(({ variable }) => given(env[variable]) ?? [])
  })
  return [...new Set([...credentials, ...secretsOf(stateLocation(env)), ...proxySecrets(proxySettings(env))])]
}

/** Whether a location is a server, which machines share. */
export function isServer(location: string): boolean {
  return location.startsWith('postgres')
}

export async function stateOf(
  { store }: RuntimeOptions,
  location: string | null,
  leaves_no_trace?: 'dry run' | 'check',
) {
  if (store) return { store }
  if (location === null) return { store: sharedParts().store }
  if (leaves_no_trace === undefined) return { store: await stateAt(location) }
  return stateWithoutTrace(location, leaves_no_trace === 'check')
}
