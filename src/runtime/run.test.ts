import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { MemoryStore } from '../stores/memory.js'
import { stateLocation } from './environment.js'
import { buildPorts } from './ports.js'

const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-runtime-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const env = { XDG_STATE_HOME: join(folder, 'state') }
const file = join(folder, 'state', 'hrflow-connectors', 'state.db')

describe('state', () => {
  it('is not kept by a full run, which touches no disk', async () => {
    const { store } = await buildPorts({}, env).open()
    expect([store.kind, store.remembers, existsSync(file)]).toEqual(['memory', false, false])
  })

  it('is kept in the home of the user by an incremental run, in one store for the process', async () => {
    const open = async () => (await buildPorts({}, env, { incremental: true }).open()).store
    const store = await open()
    expect([store.kind, store.remembers, existsSync(file)]).toEqual(['sqlite', true, true])
    expect(await open()).toBe(store)
    await store.close()
  })

  it('is where the caller says, then where the environment says', async () => {
    const named = { ...env, HRFLOW_CONNECTORS_STATE: 'memory:' }
    const own = new MemoryStore()
    expect((await buildPorts({ store: own }, named).open()).store).toBe(own)
    expect((await buildPorts({}, named).open()).store).toMatchObject({ kind: 'memory', remembers: true })
    expect(stateLocation(named)).toBe('memory:')
    expect(stateLocation(env)).toBe(`sqlite:${file}`)
  })

  it('that cannot be opened may be there the next time', async () => {
    const bad = buildPorts({ state: 'sqlite:/dev/null/state.db' }, env)
    await expect(bad.open()).rejects.toMatchObject({ code: 'state_unusable' })
    await expect(bad.open()).rejects.toMatchObject({ code: 'state_unusable' })
  })
})

it('a base URL of a service that nobody knows is refused: the run would go to the real one', () => {
  const build = () => buildPorts({ base_urls: { workabel: 'http://127.0.0.1:1' } }, env)
  expect(build).toThrow('runtime.base_urls.workabel: unknown parameter. Did you mean workable?')
})
