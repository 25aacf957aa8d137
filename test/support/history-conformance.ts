import { expect, it } from 'vitest'
import type { AuditRecord } from '../../src/core/ports/history.js'
import type { PendingEntry, RunCommit, RunRecord, Store } from '../../src/core/ports/store.js'
import { emptyCounters } from '../../src/core/result/counters.js'
import type { ItemFailure, RunResult } from '../../src/core/result/result.js'

const ACTION = 'update_jobs_in_hrflow'
const NOW = 1_800_000_000_000

type Fresh = () => Promise<{ store: Store; clock: { now(): number }; pass: (ms: number) => Promise<void> }>

/** What people look at: page by page, in order, and nothing of others. */
export function testHistory(fresh: Fresh): void {
  testRunPages(fresh)
  testFailurePages(fresh)
  testPendingPages(fresh)
  testReferences(fresh)
  testAudit(fresh)
}

function testRunPages(fresh: Fresh): void {
  it('gives runs page by page, newest first, each once, also of one moment', async () => {
    const { store, clock } = await fresh()
    const [w, v] = [await lease(store, 'w'), await lease(store, 'v')]
    for (const [at, id] of ['a', 'b', 'c', 'd', 'e'].entries())
      await store.commitRun(at % 2 === 0 ? w : v, commit(run(id, at % 2 === 0 ? 'w' : 'v', clock.now())))
    const pages = async (workflow_id?: string) => {
      const seen: string[] = []
      let after: { at: number; id: string } | undefined
      for (;;) {
        const page = await store.history.runs({ workflow_id, after, limit: 2 })
        seen.push(...page.map(({ run_id }) => run_id))
        const last = page.at(-1)
        if (page.length < 2 || last === undefined) return seen
        after = { at: last.started_at, id: last.run_id }
      }
    }
    expect(await pages()).toEqual(['e', 'd', 'c', 'b', 'a'])
    expect(await pages('w')).toEqual(['e', 'c', 'a'])
    expect(await pages('nobody')).toEqual([])
  })

  it('gives of a run what lists show, and of one that has not ended that it has not', async () => {
    const { store, clock } = await fresh()
    const held = await lease(store, 'w')
    await store.commitRun(held, commit(run('ended', 'w', clock.now()), { failures: [failure('A')] }))
    await store.startRun(held, { ...run('begun', 'w', clock.now() + 1), finished_at: null, result: null })
    const [begun, ended] = await store.history.runs({ limit: 9 })
    expect(begun).toMatchObject({ run_id: 'begun', finished_at: null, result: null })
    const { status, reason, incremental, error, events, requests } = resultOf('ended', 'w')
    expect(ended?.result).toEqual({ status, reason, incremental, error, events, requests })
    expect(await store.history.run('ended')).toEqual(run('ended', 'w', clock.now()))
    expect(await store.history.run('nobody')).toBeNull()
  })

  it('gives the last runs of each workflow', async () => {
    const { store, clock } = await fresh()
    for (const id of ['w', 'v']) {
      const held = await lease(store, id)
      for (let at = 0; at < 4; at++) await store.commitRun(held, commit(run(`${id}${at}`, id, clock.now() + at)))
    }
    const latest = await store.history.latest(['w', 'v', 'nobody'], 3)
    const ids = [...latest].map(([id, runs]) => [id, runs.map(({ run_id }) => run_id)] as const)
    expect(new Map(ids)).toEqual(
      new Map([
        ['w', ['w3', 'w2', 'w1']],
        ['v', ['v3', 'v2', 'v1']],
      ]),
    )
    expect(await store.history.latest([], 3)).toEqual(new Map())
  })
}

function testFailurePages(fresh: Fresh): void {
  it('gives failures page by page in their order, by stage, code and text, and counts them', async () => {
    const { store, clock } = await fresh()
    const held = await lease(store, 'w')
    const failures = [
      failure('A1', { code: 'http_500' }),
      failure('B2', { code: 'http_404', message: 'Nothing of 100% was there.' }),
      failure('A3', { stage: 'format', code: 'format_invalid' }),
      failure(null, { stage: 'list', code: 'http_500', message: 'The page is broken.' }),
      failure('B5', { code: 'http_500' }),
    ]
    await store.commitRun(held, commit(run('r', 'w', clock.now()), { failures }))
    await store.commitRun(held, commit(run('other', 'w', clock.now()), { failures: [failure('Z')] }))
    const { history } = store
    const references = async (query: object, after = -1, limit = 9) =>
      (await history.failures({ run_id: 'r', ...query }, after, limit)).map(({ reference }) => reference)
    expect(await references({})).toEqual(['A1', 'B2', 'A3', null, 'B5'])
    const [first, second] = await history.failures({ run_id: 'r' }, -1, 2)
    expect([first, second]).toMatchObject(failures.slice(0, 2))
    expect(await references({}, second?.position, 2)).toEqual(['A3', null])
    expect(await references({ stage: 'write' })).toEqual(['A1', 'B2', 'B5'])
    expect(await references({ stage: 'write', code: 'http_500' })).toEqual(['A1', 'B5'])
    expect(await references({ text: 'b' })).toEqual(['B2', null, 'B5'])
    expect(await references({ text: '100%' })).toEqual(['B2'])
    expect(await references({ text: '1_' })).toEqual([])
    expect(await history.failureGroups('r')).toEqual([
      { stage: 'write', code: 'http_500', count: 2 },
      { stage: 'format', code: 'format_invalid', count: 1 },
      { stage: 'list', code: 'http_500', count: 1 },
      { stage: 'write', code: 'http_404', count: 1 },
    ])
    expect(await history.failureGroups('nobody')).toEqual([])
  })
}

function testPendingPages(fresh: Fresh): void {
  it('gives pending items page by page, failed longest ago first', async () => {
    const { store, clock } = await fresh()
    const held = await lease(store, 'w')
    const pending = [
      entry('C', { first_failed_at: 2_000 }),
      entry('B', { first_failed_at: 1_000, stage: 'format', message: 'It has no name.' }),
      entry('A', { first_failed_at: 2_000 }),
      entry('D', { first_failed_at: 3_000 }),
    ]
    await store.commitRun(held, commit(run('r', 'w', clock.now()), { pending }))
    const { history } = store
    const first = await history.pending({ workflow_id: 'w' }, null, 2)
    expect(first.map(({ reference }) => reference)).toEqual(['B', 'A'])
    const last = first.at(-1)
    const after = { at: last?.first_failed_at ?? 0, id: last?.reference ?? '' }
    expect(await history.pending({ workflow_id: 'w' }, after, 9)).toEqual([pending[0], pending[3]])
    expect(await history.pendingCount({ workflow_id: 'w' })).toBe(4)
    expect(await history.pendingCount({ workflow_id: 'w', stage: 'write' })).toBe(3)
    expect(await history.pending({ workflow_id: 'w', text: 'NO NAME' }, null, 9)).toEqual([pending[1]])
    expect(await history.pendingCount({ workflow_id: 'nobody' })).toBe(0)
  })
}

function testReferences(fresh: Fresh): void {
  it('finds items by how their reference begins', async () => {
    const { store } = await fresh()
    const held = await lease(store, 'w')
    const record = (reference: string) => ({
      ...{ reference, id: null, version: null, read_at: 1, checked_at: 1, partial: false, board: 'b', run_id: 'r' },
      ...{ epoch: 1, scope: 's', target: reference, outcome: 'delivered' as const, mapping: 'm', memo: null },
    })
    await store.saveRecords(held, 'one', ['AB2', 'AB1', 'ab3', 'B1', 'A%'].map(record))
    await store.saveRecords(held, 'other', ['AB1', 'AC1'].map(record))
    const { history } = store
    expect(await history.references('w', 'ab', 9)).toEqual(['AB1', 'AB2', 'ab3'])
    expect(await history.references('w', 'A%', 9)).toEqual(['A%'])
    expect(await history.references('w', '', 2)).toEqual(['A%', 'AB1'])
    expect(await history.references('nobody', '', 2)).toEqual([])
  })
}

function testAudit(fresh: Fresh): void {
  it('keeps what was changed by hand, newest first, for a year', async () => {
    const { store, clock, pass } = await fresh()
    const { history } = store
    const change = (id: string, at: number, workflow_id: string | null = 'w'): AuditRecord => {
      return { id, at, who: 'ada@host', what: 'pause', workflow_id, detail: `It was paused as ${id}.` }
    }
    const now = clock.now()
    const all = [change('a', now), change('b', now), change('c', now + 1, null), change('d', now + 2)]
    for (const entry of all) await history.addAudit(entry)
    await history.addAudit(change('a', now))
    const ids = async (query: Partial<Parameters<typeof history.audit>[0]>) =>
      (await history.audit({ limit: 9, ...query })).map(({ id }) => id)
    expect(await history.audit({ limit: 1 })).toEqual([all[3]])
    expect(await ids({})).toEqual(['d', 'c', 'b', 'a'])
    expect(await ids({ limit: 2, after: { at: now + 1, id: 'c' } })).toEqual(['b', 'a'])
    expect(await ids({ workflow_id: 'w' })).toEqual(['d', 'b', 'a'])
    await pass(370 * 24 * 3_600_000)
    await history.addAudit(change('e', clock.now()))
    // A database may have a clock of its own, by which no year has passed.
    expect((await ids({}))[0]).toBe('e')
  })
}

function entry(reference: string, changes: Partial<PendingEntry> = {}): PendingEntry {
  return {
    ...{ reference, id: null, version: null, stage: 'write', code: 'http_500', message: 'It failed.', attempts: 1 },
    ...{ first_failed_at: 1_000, next_attempt_at: null },
    ...changes,
  }
}

function failure(reference: string | null, changes: Partial<ItemFailure> = {}): ItemFailure {
  return { reference, stage: 'write', code: 'http_500', message: 'It failed.', attempts: 1, ...changes }
}

function resultOf(run_id: string, workflow_id: string): RunResult {
  const none = { sent: 1, retried: 0, waited_ms: 0 }
  return {
    ...{ status: 'success', reason: 'none', run_id, workflow_id, action: ACTION, incremental: true },
    ...{ events: { ...emptyCounters(), read_success: 3 }, incremental_token: null, error: null },
    ...{ started_at: new Date(NOW).toISOString(), finished_at: new Date(NOW).toISOString() },
    ...{ failures: [], notes: ['A note.'], requests: { origin: none, target: none } },
  }
}

function run(run_id: string, workflow_id: string, started_at: number): RunRecord {
  const result = resultOf(run_id, workflow_id)
  return { run_id, workflow_id, action: ACTION, started_at, finished_at: started_at + 1, result }
}

function commit(of: RunRecord, changes: Partial<RunCommit> = {}): RunCommit {
  return { run: of, failures: [], scope: 's', parameters: null, pending: [], settled: [], ...changes }
}

async function lease(store: Store, workflow_id: string) {
  const taken = await store.acquireLease(workflow_id, ACTION, { name: 'me', process: null }, 60_000)
  if ('since' in taken) throw new Error(`The lease is held by ${taken.name}.`)
  return taken
}
