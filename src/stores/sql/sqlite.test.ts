import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, describe, expect, it } from 'vitest'
import { QuietClock } from '../../../test/history/clock.js'
import { scheduleConformance } from '../../../test/support/schedule-conformance.js'
import { storeConformance } from '../../../test/support/store-conformance.js'
import { StateError } from '../../core/errors.js'
import { openStore } from '../open.js'
import { openSqlite } from './sqlite.js'

const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const fresh = () => join(folder, `${files++}`, 'deeper', 'state.db')

storeConformance('SqlStore on SQLite', (clock) => openSqlite(fresh(), clock))
scheduleConformance('SqlStore on SQLite', (clock) => openSqlite(fresh(), clock))

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

  it('keeps the last 1,000 runs of a workflow, none older than 90 days, and their failures', async () => {
    const clock = new QuietClock(Date.UTC(2026, 10, 1))
    const store = await openSqlite(fresh(), clock)
    const lease = await store.acquireLease('w', 'a', { name: 'me', process: null }, 60_000)
    if ('since' in lease) throw new Error('It is held.')
    const run = (run_id: string, started_at: number) => ({
      run: { run_id, workflow_id: 'w', action: 'a', started_at, finished_at: started_at, result: null },
      failures: [{ reference: 'A', stage: 'load' as const, code: 'x', message: 'y', attempts: 1 }],
      scope: 's',
      parameters: null,
      pending: [],
      settled: [],
    })
    const now = clock.now()
    await store.commitRun(lease, run('old', now - 89 * 24 * 3_600_000))
    for (let i = 0; i < 1_000; i++) await store.startRun(lease, run(`r${i}`, now + i).run)
    expect(await store.run('old')).toMatchObject({ failures: [{ reference: 'A' }] })
    await store.commitRun(lease, run('last', now + 1_000))
    const kept = (await store.runs({ limit: 5_000 })).map(({ run_id }) => run_id)
    expect([kept.length, kept[0], kept.at(-1), await store.run('old')]).toEqual([1_000, 'last', 'r1', null])
    clock.pass(91 * 24 * 3_600_000)
    await store.commitRun(lease, run('later', clock.now()))
    expect((await store.runs({ limit: 5_000 })).map(({ run_id }) => run_id)).toEqual(['later'])
    await store.close()
  })

  it('of the version before is brought to this one, with all that it holds', async () => {
    const path = fresh()
    const first = await openSqlite(path)
    await first.saveDetails('acme', [{ reference: 'A', version: '1', read_at: Date.now(), detail: { a: 1 } }])
    await first.close()
    const database = new Database(path)
    database.exec(
      `drop table schedules; drop table outbox; drop table stored; drop table audit; drop index runs_by_moment;
       drop index runs_by_workflow; drop index failures_by_kind; alter table runs drop column summary;
       create index runs_by_start on runs (workflow_id, started_at);
       update meta set value = '4' where name = 'schema_version'`,
    )
    database.close()
    const store = await openSqlite(path)
    expect(await store.schedules.scheduled()).toEqual([])
    expect(await store.cachedDetails('acme', ['A'])).toHaveLength(1)
    await store.close()
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
