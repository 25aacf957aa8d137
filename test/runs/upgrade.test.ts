import Database from 'libsql'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { openSqlite } from '../../src/stores/sql/sqlite.js'
import { nonZero, world } from '../support/world.js'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')

/** What both services held when the state of schema version 3 was written. */
const before = z
  .object({
    now: z.number(),
    board_key: z.string(),
    workable: z.array(z.looseObject({ shortcode: z.string() })),
    board: z.array(z.looseObject({ reference: z.string(), name: z.string(), archived_at: z.string().nullable() })),
  })
  .parse(JSON.parse(fixture('state-version-3.json')))

/** A workflow that follows Workable, with the state that the version before has left. */
async function upgraded() {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-upgrade-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'state.db')
  const database = new Database(path)
  database.exec(fixture('state-version-3.sql'))
  database.close()
  const made = await world({
    workable: { jobs: 0, rate_limit: { limit: 1_000 } },
    hrflow: { boards: [before.board_key] },
  })
  const { sandbox, clock } = made
  await clock.sleep(Math.max(0, before.now + 600_000 - clock.now()))
  for (const job of before.workable) sandbox.workable.add(job)
  for (const { archived_at, ...job } of before.board) sandbox.hrflow.seed(before.board_key, { ...job, archived_at })
  const store = await openSqlite(path, clock)
  onTestFinished(() => store.close())
  const run = (incremental: boolean) =>
    made.update(
      {
        workflow_id: 'acme-jobs',
        pull_parameters: { state: 'published' },
        push_parameters: { board_key: before.board_key, on_missing: 'create', on_left: 'archive' },
        incremental,
      },
      { store },
    )
  return { ...made, store, run }
}

test('a state of the version before delivers nothing again, and goes on where it was', async () => {
  const made = await upgraded()
  const first = await made.run(true)
  expect(first.status).toBe('success')
  expect(first.notes.join(' ')).not.toMatch(/changed|everything is read again/)
  expect(first.events).toMatchObject({ write_success: 0, write_archived: 0, write_unarchived: 0 })
  expect(made.counts()).toMatchObject({ detail: 0, put: 0, post: 0, patch: 0 })
  await made.clock.sleep(3_700_000)
  // A full run compares all, and finds all as it is.
  expect(nonZero(await made.run(false))).toEqual({ read_success: 2, read_filtered: 1, write_unchanged: 2 })
  expect(made.counts()).toMatchObject({ detail: 0, put: 0, post: 0, patch: 0 })
})

test('what the version before has archived is known as its own, and comes back', async () => {
  const made = await upgraded()
  const [closed] = before.workable.filter((job) => job['state'] === 'closed')
  const reference = closed?.shortcode ?? ''
  const now = new Date(made.clock.now()).toISOString()
  made.sandbox.workable.edit(reference, { state: 'published', updated_at: `${now.slice(0, 19)}Z` })
  await made.clock.sleep(600_000)
  expect((await made.run(true)).events).toMatchObject({ write_unarchived: 1, write_success: 0 })
  expect(made.sandbox.hrflow.job(before.board_key, reference)?.archived_at).toBeNull()
})

test('runs of the version before are listed, and their failures counted', async () => {
  const { store } = await upgraded()
  const before_all = await store.runs({ limit: 100 })
  expect(before_all.length).toBeGreaterThan(0)
  const listed = await store.history.runs({ limit: 100 })
  expect(listed.map(({ run_id }) => run_id).sort()).toEqual(before_all.map(({ run_id }) => run_id).sort())
  for (const { run_id, result } of listed) {
    const whole = await store.run(run_id)
    expect(result?.events).toEqual(whole?.run.result?.events)
    const groups = await store.history.failureGroups(run_id)
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(whole?.failures.length)
  }
})
