import { homedir } from 'node:os'
import { join } from 'node:path'
import { StateError } from '../core/errors.js'
import type { Clock, Store } from '../core/ports.js'
import { MemoryStore } from './memory.js'

/** Where state is kept when nobody says so: `$XDG_STATE_HOME/hrflow-connectors/state.db`. */
export function defaultLocation(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_STATE_HOME']
  const folder = base !== undefined && base.startsWith('/') ? base : join(homedir(), '.local', 'state')
  return `sqlite:${join(folder, 'hrflow-connectors', 'state.db')}`
}

/**
 * Opens a store by its location: `memory:` lives as long as the process, `sqlite:PATH` is a file, `postgres://...` a
 * database (install `pg` beside this package). Throws `StateError`.
 */
export async function openStore(location: string, clock?: Clock): Promise<Store> {
  if (location === 'memory:') return new MemoryStore(clock === undefined ? {} : { clock })
  if (/^sqlite:./.test(location)) {
    const { openSqlite } = await import('./sqlite.js')
    return openSqlite(location.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, ''), clock)
  }
  if (/^postgres(ql)?:\/\//.test(location)) {
    const { openPostgres } = await import('./postgres.js').catch((cause: unknown) => {
      throw new StateError('no_pg', 'State in PostgreSQL needs the package pg.', { hint: 'npm install pg', cause })
    })
    return openPostgres(location, clock)
  }
  throw new StateError('bad_state_location', 'The location of the state cannot be understood.', {
    hint: 'Give memory:, sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE.',
  })
}
