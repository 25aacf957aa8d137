import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, describe, expect, it } from 'vitest'
import { storeConformance } from '../../test/store-conformance.js'
import { StateError } from '../core/errors.js'
import { openStore } from './open.js'
import { openSqlite } from './sqlite.js'

const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const fresh = () => join(folder, `${files++}`, 'deeper', 'state.db')

storeConformance('SqlStore on SQLite', (clock) => openSqlite(fresh(), clock))

describe('a SQLite state', () => {
  it('is for its owner alone', async () => {
    const path = fresh()
    const store = await openSqlite(path)
    await store.takeBudget({ account: 'a', slots: [1], cap: 1 })
    const mode = (file: string) => (statSync(file).mode & 0o777).toString(8)
    expect([mode(join(path, '..')), mode(path), mode(`${path}-wal`)]).toEqual(['700', '600', '600'])
    await store.close()
  })

  it('is as it was left when it is opened again', async () => {
    const path = fresh()
    const first = await openSqlite(path)
    await first.saveDetails('acme', [{ reference: 'A', version: '1', read_at: Date.now(), detail: { a: 1 } }])
    await first.close()
    const second = await openSqlite(path)
    expect(await second.cachedDetails('acme', ['A'])).toMatchObject([{ reference: 'A', detail: { a: 1 } }])
    expect((await second.summary()).bytes).toBeGreaterThan(0)
    await second.close()
  })

  it('of a newer version is refused, and left as it is', async () => {
    const path = fresh()
    await (await openSqlite(path)).close()
    const database = new Database(path)
    database.exec("update meta set value = '99' where name = 'schema_version'")
    database.close()
    await expect(openSqlite(path)).rejects.toThrow(/version 99, which is newer/)
    await expect(openSqlite(path)).rejects.toBeInstanceOf(StateError)
  })

  it('that is no database is refused, and left as it is', async () => {
    const path = join(folder, 'text.db')
    writeFileSync(path, 'This is a text that somebody wrote, and no database at all. '.repeat(10))
    await expect(openSqlite(path)).rejects.toThrow(/text\.db.*not a database/)
    expect(statSync(path).size).toBe(600)
  })

  it('that cannot be there is refused with what to do', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    await expect(openSqlite(join(file, 'state.db'))).rejects.toMatchObject({
      code: 'state_unusable',
      hint: expect.stringContaining('HRFLOW_CONNECTORS_STATE') as string,
    })
  })

  it.skipIf(process.getuid?.() === 0)('in a folder that is read-only is refused', async () => {
    const path = fresh()
    await (await openSqlite(path)).close()
    chmodSync(join(path, '..'), 0o500)
    chmodSync(path, 0o400)
    await expect(openSqlite(path)).rejects.toBeInstanceOf(StateError)
  })
})

describe('a location', () => {
  it.each(['sqlite:', 'postgres:/x', 'mysql://x', '/tmp/state.db', ''])('%j is refused', async (location) => {
    await expect(openStore(location)).rejects.toMatchObject({ code: 'bad_state_location' })
  })

  it.each([
    ['memory:', 'memory'],
    [`sqlite:${fresh()}`, 'sqlite'],
    [`sqlite://${fresh()}`, 'sqlite'],
  ])('%s is a store of kind %s', async (location, kind) => {
    const store = await openStore(location)
    expect(store.kind).toBe(kind)
    await store.close()
  })
})
