import { mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { StateError } from '../core/errors.js'
import type { Clock } from '../core/ports/clock.js'
import type { Store } from '../core/ports/store.js'
import { MemoryStore } from './memory.js'
import { stateError } from './sql/database-errors.js'
import { readAddress } from './sql/postgres-address.js'

/** Where state is kept when nobody says so: `$XDG_STATE_HOME/hrflow-connectors/state.db`. */
export function defaultLocation(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_STATE_HOME']
  const folder = base !== undefined && isAbsolute(base) ? base : '~/.local/state'
  return `sqlite:${join(folder, 'hrflow-connectors', 'state.db')}`
}

/**
 * Opens a store by its location: `memory:` lives as long as the process, `sqlite:PATH` is a file (`~/` is the home folder),
 * `postgres://...` a database (install `pg` beside this package). Throws `StateError`.
 */
export async function openStore(location: string, clock?: Clock): Promise<Store> {
  const at = locationOf(location)
  switch (at.kind) {
    case 'memory':
      return new MemoryStore(clock === undefined ? {} : { clock })
    case 'sqlite': {
      const { openSqlite } = await import('./sql/sqlite.js')
      return openSqlite(at.path, clock)
    }
    case 'postgres': {
      const { openPostgres } = await import('./sql/postgres.js')
      return openPostgres(at.address, clock)
    }
  }
}

/** The store of a location where there is one already; null: there is none yet. Makes nothing. Throws as `openStore`. */
export async function openExisting(location: string): Promise<Store | null> {
  const at = locationOf(location)
  if (at.kind === 'sqlite' && !isFilled(at.path)) return null
  if (at.kind === 'postgres') {
    const { hasState } = await import('./sql/postgres.js')
    if (!(await hasState(at.address))) return null
  }
  return openStore(location)
}

/** What of a location must not be repeated. */
export function secretsOf(location: string): string[] {
  try {
    const at = locationOf(location)
    return at.kind === 'postgres' ? readAddress(at.address).secrets : []
  } catch {
    // One that cannot be read is refused, and nothing of it is told.
    return []
  }
}

type Location = { kind: 'memory' } | { kind: 'sqlite'; path: string } | { kind: 'postgres'; address: string }

function locationOf(location: string): Location {
  if (location === 'memory:') return { kind: 'memory' }
  if (/^postgres(ql)?:\/\//.test(location)) return { kind: 'postgres', address: location }
  const path = /^sqlite:(.+)$/s.exec(location)?.[1]
  if (path !== undefined) return { kind: 'sqlite', path: resolve(pathOf(path)) }
  throw refused('The location of the state cannot be understood.')
}

function pathOf(path: string): string {
  if (path === ':memory:') throw refused('State in memory is named memory:.')
  if (/^\/\/[^/]/.test(path)) throw refused('After sqlite:// a path begins with a slash of its own: sqlite:///PATH.')
  if (path.startsWith('~/')) return join(homeFolder(), path.slice(2))
  if (path.startsWith('~')) throw refused('Only ~/ is understood as a home folder, that of the user who runs this.')
  return path.replace(/^\/\/(?=\/)/, '')
}

function refused(said: string): StateError {
  return new StateError('bad_state_location', said, {
    hint: 'Give memory:, sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE.',
  })
}

function homeFolder(): string {
  const home = process.env['HOME'] ?? ''
  const said = home === '' ? homeOfUser() : home
  if (isAbsolute(said)) return said
  const why = home === '' ? 'this user has none, and HOME is not set' : 'HOME is not an absolute path'
  throw new StateError('no_home', `The state is kept below the home folder: ${why}.`, {
    hint: 'Set HOME, or name a place in HRFLOW_CONNECTORS_STATE: sqlite:PATH.',
  })
}

function homeOfUser(): string {
  try {
    return userInfo().homedir
  } catch {
    // A user id that the system has no entry of, as in containers.
    return ''
  }
}

/** Whether there is a database in a file. */
function isFilled(path: string): boolean {
  try {
    return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0
  } catch (error) {
    throw stateError('sqlite', path, error)
  }
}

/** Whether a file that is not there could be made: what is made to try it goes again. Throws `StateError` where it could not. */
export function tryToMake(location: string): void {
  const at = locationOf(location)
  if (at.kind !== 'sqlite') return
  try {
    let folder = dirname(at.path)
    while (statSync(folder, { throwIfNoEntry: false }) === undefined) folder = dirname(folder)
    rmdirSync(mkdtempSync(join(folder, '.hrflow-connectors-')))
  } catch (error) {
    throw stateError('sqlite', at.path, error)
  }
}

/** As a person is told it: a file by its path. */
export function shownLocation(location: string): string {
  const at = locationOf(location)
  return at.kind === 'sqlite' ? at.path : at.kind === 'postgres' ? readAddress(at.address).location : location
}
