import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { LeaseLostError } from '../../src/core/errors.js'
import type { Clock } from '../../src/core/ports/clock.js'
import type {
  CachedDetail,
  DeliveryRecord,
  Holder,
  Lease,
  Leaving,
  PendingEntry,
  RunCommit,
  RunRecord,
  Store,
} from '../../src/core/ports/store.js'
import { emptyCounters } from '../../src/core/result/counters.js'
import type { ItemFailure, RunResult } from '../../src/core/result/result.js'
import { testHistory } from './history-conformance.js'
import { VirtualClock } from './virtual-clock.js'

const ACTION = 'update_jobs_in_hrflow'
const TTL = 60_000

/** What every store must do, by its interface. `open` gives an empty store that takes its time from `clock`. */
export function storeConformance(name: string, open: (clock: Clock) => Promise<Store>): void {
  describe(name, () => {
    const opened: Store[] = []
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })
    const fresh = async () => {
      const clock = new VirtualClock()
      const store = await open(clock)
      opened.push(store)
      return { store, clock, pass: (ms: number) => clock.run(clock.now() + ms) }
    }
    describe('leases', () => testLeases(fresh))
    describe('writes under a lease that is lost', () => testLostLeases(fresh))
    describe('delivery records', () => testRecords(fresh))
    describe('details', () => testDetails(fresh))
    describe('runs', () => testRuns(fresh))
    describe('budgets', () => testBudgets(fresh))
    describe('what left', () => testLeavings(fresh))
    describe('history', () => testHistory(fresh))
    describe('summary', () => testSummary(fresh))
  })
}

type Fresh = () => Promise<{ store: Store; clock: VirtualClock; pass: (ms: number) => Promise<void> }>

/** Somebody of whom it cannot be told whether he is alive. */
function person(name: string): Holder {
  return { name, process: null }
}

async function lease(store: Store, workflow_id = 'w', holder = 'me'): Promise<Lease> {
  const taken = await store.acquireLease(workflow_id, ACTION, person(holder), TTL)
  if ('since' in taken) throw new Error(`The lease is held by ${taken.name}.`)
  return taken
}

function record(reference: string, changes: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    reference,
    id: '4ba764',
    version: '2026-11-01T00:00:00Z',
    read_at: 1_000,
    checked_at: 2_000,
    partial: false,
    board: 'b',
    run_id: 'r',
    epoch: 1,
    scope: 'of the run',
    target: reference,
    outcome: 'delivered',
    mapping: 'mapping-1',
    memo: { sent: 'a1', names: { tags: ['x'] }, cleared: false, before: null },
    ...changes,
  }
}

function entry(reference: string, changes: Partial<PendingEntry> = {}): PendingEntry {
  return {
    reference,
    id: '4ba764',
    version: null,
    stage: 'write',
    code: 'http_500',
    message: '[hrflow] PUT /job/indexing: 500.',
    attempts: 1,
    first_failed_at: 1_000,
    next_attempt_at: 2_000,
    ...changes,
  }
}

function failure(reference: string | null): ItemFailure {
  return { reference, stage: 'load', code: 'http_404', message: 'It is “gone”.\n', attempts: 3 }
}

function result(run_id: string, workflow_id = 'w'): RunResult {
  return {
    status: 'success_with_failures',
    reason: 'none',
    run_id,
    workflow_id,
    action: ACTION,
    events: { ...emptyCounters(), read_success: 2, write_success: 1, write_failure: 1 },
    incremental: true,
    incremental_token: '2026-11-01T00:00:00Z',
    started_at: '2026-11-01T00:00:00Z',
    finished_at: '2026-11-01T00:01:00Z',
    error: null,
    failures: [failure('A')],
    notes: ['A note, with ünïcödé 😀.'],
    requests: { origin: { sent: 3, retried: 1, waited_ms: 10 }, target: { sent: 2, retried: 0, waited_ms: 0 } },
  }
}

/** `at`: milliseconds after the clock's beginning. */
function started(run_id: string, at = 1_000, workflow_id = 'w'): RunRecord {
  return {
    run_id,
    workflow_id,
    action: ACTION,
    started_at: new VirtualClock().now() + at,
    finished_at: null,
    result: null,
  }
}

function ended(run_id: string, at = 1_000, workflow_id = 'w'): RunRecord {
  const begun = started(run_id, at, workflow_id)
  return {
    ...begun,
    finished_at: begun.started_at + 500,
    result: result(run_id, workflow_id),
  }
}

function commit(run_id: string, changes: Partial<RunCommit> = {}): RunCommit {
  return {
    run: ended(run_id),
    failures: [],
    scope: 's',
    parameters: { board_key: 'B' },
    pending: [],
    settled: [],
    ...changes,
  }
}

function byReference<T extends { reference: string }>(entries: readonly T[]): T[] {
  return [...entries].sort((a, b) => (a.reference < b.reference ? -1 : 1))
}

function references(entries: readonly { reference: string }[]): string[] {
  return entries.map(({ reference }) => reference).sort()
}

function testLeases(fresh: Fresh): void {
  it('gives a workflow to one holder, and tells the others who has it and since when', async () => {
    const { store, clock, pass } = await fresh()
    const since = clock.now()
    expect(await store.acquireLease('w', ACTION, person('first'), TTL)).toMatchObject({
      workflow_id: 'w',
      expires_at: since + TTL,
    })
    await pass(TTL - 1)
    expect(await store.acquireLease('w', ACTION, person('second'), TTL)).toMatchObject({ name: 'first', since })
    expect(await store.acquireLease('w', ACTION, person('first'), TTL)).toMatchObject({ name: 'first', since })
  })

  it('gives a workflow to one of many that ask at the same time', async () => {
    const { store } = await fresh()
    const asked = Array.from({ length: 10 }, (_, index) =>
      store.acquireLease('w', ACTION, person(`holder ${index}`), TTL),
    )
    const answers = await Promise.all(asked)
    expect(answers.filter((answer) => !('since' in answer))).toHaveLength(1)
  })

  it('are none where they end further ahead than one can last: a clock was wrong', async () => {
    const { store } = await fresh()
    const wrong = await store.acquireLease('w', ACTION, person('wrong'), 400 * 24 * 3_600_000)
    expect(wrong).not.toHaveProperty('since')
    expect((await store.workflow('w'))?.running).toBeNull()
    const next = await lease(store, 'w', 'next')
    expect((await store.workflow('w'))?.running).toMatchObject({ name: 'next', epoch: next.epoch })
  })

  it('keeps workflows apart', async () => {
    const { store } = await fresh()
    await lease(store, 'w')
    await lease(store, 'W')
    await lease(store, 'w ')
  })

  it('lets another take over what has run out, under a higher epoch', async () => {
    const { store, pass } = await fresh()
    const first = await lease(store)
    await pass(TTL + 1)
    const second = await lease(store, 'w', 'second')
    expect(second.epoch).toBeGreaterThan(first.epoch)
    await pass(TTL + 1)
    expect((await lease(store, 'w', 'third')).epoch).toBeGreaterThan(second.epoch)
  })

  it('holds on as long as it is renewed', async () => {
    const { store, clock, pass } = await fresh()
    let held = await lease(store)
    const { epoch } = held
    const since = clock.now()
    for (let i = 0; i < 5; i++) {
      await pass(TTL - 1)
      held = await store.renewLease(held, TTL)
      expect(held).toEqual({ workflow_id: 'w', epoch, expires_at: clock.now() + TTL })
    }
    await pass(TTL - 1)
    expect(await store.acquireLease('w', ACTION, person('second'), TTL)).toMatchObject({ name: 'me', since })
    await pass(2)
    await lease(store, 'w', 'second')
  })

  it('is taken over at once from a holder that is known to be dead, and from no other', async () => {
    const { store } = await fresh()
    const first = await lease(store)
    expect(await store.acquireLease('w', ACTION, person('second'), TTL, first.epoch + 1)).toHaveProperty('since')
    const second = await store.acquireLease('w', ACTION, { name: 'second', process: 'boot 1 2' }, TTL, first.epoch)
    expect(second).not.toHaveProperty('since')
    // Whoever was told the same comes too late: the epoch is another one.
    expect(await store.acquireLease('w', ACTION, person('third'), TTL, first.epoch)).toMatchObject({
      name: 'second',
      process: 'boot 1 2',
      epoch: second.epoch,
    })
    await expect(store.renewLease(first, TTL)).rejects.toBeInstanceOf(LeaseLostError)
  })

  it('is free at once when released, and the next has a higher epoch', async () => {
    const { store } = await fresh()
    const first = await lease(store)
    await store.releaseLease(first)
    expect((await lease(store, 'w', 'second')).epoch).toBeGreaterThan(first.epoch)
  })

  it('is not released by one that has lost it', async () => {
    const { store, pass } = await fresh()
    const first = await lease(store)
    await pass(TTL + 1)
    await lease(store, 'w', 'second')
    // Whether it is told or not: it changes nothing.
    await store.releaseLease(first).catch((error: unknown) => expect(error).toBeInstanceOf(LeaseLostError))
    expect(await store.acquireLease('w', ACTION, person('third'), TTL)).toMatchObject({ name: 'second' })
  })

  it('never has two holders, whatever they do', async () => {
    const step = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom('acquire', 'renew', 'release', 'write'),
      pass: fc.constantFrom(0, 1_000, TTL - 1, TTL + 1),
    })
    const { store, clock, pass } = await fresh()
    let workflows = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const workflow = `w ${workflows++}`
        const held: (Lease | undefined)[] = []
        let current = -1
        let expires_at = 0
        let newest = 0
        for (const { who, what, pass: ms } of steps) {
          await pass(ms)
          const mine = held[who]
          if (what === 'acquire') {
            const answer = await store.acquireLease(workflow, ACTION, person(`holder ${who}`), TTL)
            expect(!('since' in answer)).toBe(current < 0 || clock.now() > expires_at)
            if ('since' in answer) continue
            expect(answer.epoch).toBeGreaterThan(newest)
            newest = answer.epoch
            held[who] = answer
            current = who
            expires_at = clock.now() + TTL
            continue
          }
          // Whoever has released has no lease to name any more.
          if (!mine) continue
          const mineStill = current === who && mine.epoch === newest
          if (what === 'release') {
            await store.releaseLease(mine).catch(() => undefined)
            held[who] = undefined
            if (mineStill) current = -1
            continue
          }
          const done =
            what === 'renew' ? store.renewLease(mine, TTL) : store.saveRecords(mine, 's', [record(`by ${who}`)])
          const outcome = await done.then(
            () => true,
            (error: unknown) => {
              expect(error).toBeInstanceOf(LeaseLostError)
              return false
            },
          )
          if (mine.epoch !== newest) expect(outcome).toBe(false)
          if (mineStill && clock.now() <= expires_at) expect(outcome).toBe(true)
          if (what === 'renew' && outcome) expires_at = clock.now() + TTL
        }
      }),
    )
  })
}

function testLostLeases(fresh: Fresh): void {
  const writes: Record<string, (store: Store, lost: Lease) => Promise<unknown>> = {
    renewLease: (store, lost) => store.renewLease(lost, TTL),
    startRun: (store, lost) => store.startRun(lost, started('late')),
    saveRecords: (store, lost) => store.saveRecords(lost, 's', [record('A', { version: 'late' }), record('B')]),
    commitRun: (store, lost) =>
      store.commitRun(lost, {
        run: ended('late'),
        failures: [failure('A')],
        scope: 'late',
        parameters: { board_key: 'late' },
        cursor: '2030-01-01T00:00:00Z',
        pending: [entry('late')],
        settled: ['P'],
      }),
  }

  /** All that can be seen of a workflow. */
  async function everything(store: Store) {
    return {
      workflow: await store.workflow('w'),
      workflows: await store.workflows(),
      runs: await store.runs({ limit: 100 }),
      late: await store.run('late'),
      records: await store.records('w', 's', ['A', 'B']),
      pending: [await store.pending('w', 's'), await store.pending('w', 'late')],
    }
  }

  async function lostLease(fresh: Fresh) {
    const { store, pass } = await fresh()
    const lost = await lease(store)
    await store.startRun(lost, started('r1'))
    await store.saveRecords(lost, 's', [record('A')])
    await store.commitRun(lost, commit('r1', { cursor: '2026-11-01T00:00:00Z', pending: [entry('P')] }))
    await pass(TTL + 1)
    const current = await lease(store, 'w', 'second')
    return { store, lost, current }
  }

  it.each(Object.entries(writes))('%s is refused and changes nothing', async (_, write) => {
    const { store, lost, current } = await lostLease(fresh)
    const before = await everything(store)
    await expect(write(store, lost)).rejects.toBeInstanceOf(LeaseLostError)
    expect(await everything(store)).toEqual(before)
    // The one that holds it is not disturbed.
    await write(store, current)
  })

  it.each(Object.entries(writes))(
    '%s is refused once another run holds a workflow that was reset',
    async (_, write) => {
      const { store } = await fresh()
      const lost = await lease(store)
      await store.resetWorkflow('w')
      // A store may keep the lease through the reset: then there is nobody to disturb.
      const next = await store.acquireLease('w', ACTION, person('second'), TTL)
      if ('since' in next) return
      const before = await everything(store)
      await expect(write(store, lost)).rejects.toBeInstanceOf(LeaseLostError)
      expect(await everything(store)).toEqual(before)
    },
  )

  it.each(Object.entries(writes))('%s is refused for a workflow that nobody knows', async (_, write) => {
    const { store } = await fresh()
    await expect(write(store, { workflow_id: 'w', epoch: 1, expires_at: Infinity })).rejects.toBeInstanceOf(
      LeaseLostError,
    )
    expect(await store.workflows()).toEqual([])
  })
}

function testRecords(fresh: Fresh): void {
  it('are found by workflow, scope and reference', async () => {
    const { store } = await fresh()
    const [w, v] = [await lease(store, 'w'), await lease(store, 'v')]
    const odd = record('o\'dd "ref" %_ 😀', {
      version: null,
      memo: null,
      outcome: 'discarded',
      read_at: 1_793_491_200_123,
    })
    await store.saveRecords(w, 's', [record('A'), odd])
    await store.saveRecords(w, 't', [record('A', { version: 'in t' })])
    await store.saveRecords(v, 's', [record('B')])
    expect(await store.records('w', 's', ['A'])).toEqual([record('A')])
    expect(await store.records('w', 's', ['B', odd.reference, 'a'])).toEqual([odd])
    expect(await store.records('w', 't', ['A', odd.reference])).toEqual([record('A', { version: 'in t' })])
    expect(await store.records('v', 's', ['A', 'B'])).toEqual([record('B')])
    expect(await store.records('w', 'u', ['A'])).toEqual([])
    expect(await store.records('x', 's', ['A'])).toEqual([])
    expect(await store.records('w', 's', [])).toEqual([])
  })

  it('are replaced by newer ones', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    await store.saveRecords(held, 's', [record('A'), record('B')])
    const newer = record('A', {
      version: null,
      read_at: 9,
      outcome: 'missing',
      mapping: 'm2',
      memo: ['x', 1, true, null, {}],
    })
    await store.saveRecords(held, 's', [newer])
    expect(await store.records('w', 's', ['A'])).toEqual([newer])
    expect(await store.records('w', 's', ['B'])).toEqual([record('B')])
  })

  it('are replaced by the later one of the same batch', async () => {
    const { store } = await fresh()
    await store.saveRecords(await lease(store), 's', [record('A'), record('A', { version: 'v2' })])
    expect(await store.records('w', 's', ['A'])).toEqual([record('A', { version: 'v2' })])
  })

  it("are found as they were saved, whatever their values, their keys' order and the length of the batches", async () => {
    const { store } = await fresh()
    const held = await lease(store)
    const text = fc.string({ unit: 'grapheme', maxLength: 8 }).map((drawn) => drawn.replaceAll('\0', ''))
    const values = fc.record({
      // Without types a connector may leave it out.
      id: fc.option(text, { nil: undefined }) as fc.Arbitrary<string | null>,
      version: fc.option(text),
      read_at: fc.integer({ min: 0, max: 2 ** 45 }),
      outcome: fc.constantFrom('delivered', 'missing', 'left'),
      memo: fc.oneof(fc.constant(null), fc.dictionary(fc.constantFrom('sent', 'names'), text)),
      backwards: fc.boolean(),
    })
    const batch = fc.array(values, { maxLength: 6 })
    const saved = fc.asyncProperty(fc.array(batch, { maxLength: 4 }), async (batches) => {
      for (const drawn of batches) {
        const records = drawn.map(({ backwards, ...changes }, index) => {
          const made = record(`R${index}`, changes)
          return backwards ? (Object.fromEntries(Object.entries(made).reverse()) as unknown as DeliveryRecord) : made
        })
        await store.saveRecords(held, 's', records)
        const references = records.map(({ reference }) => reference)
        const found = await store.records('w', 's', references)
        const whole = (one: DeliveryRecord) => ({ ...one, id: one.id ?? null })
        expect(found.map(whole).sort((a, b) => (a.reference < b.reference ? -1 : 1))).toEqual(records.map(whole))
      }
    })
    await fc.assert(saved, { numRuns: 25 })
  })

  it('take an empty batch, and a large one', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    await store.saveRecords(held, 's', [])
    const many = Array.from({ length: 2_500 }, (_, index) => record(`R${index}`))
    await store.saveRecords(held, 's', many)
    const found = await store.records('w', 's', [...many.map(({ reference }) => reference), 'other'])
    expect(references(found)).toEqual(references(many))
  })

  it('outlive their lease', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    await store.saveRecords(held, 's', [record('A')])
    await store.releaseLease(held)
    expect(await store.records('w', 's', ['A'])).toEqual([record('A')])
  })

  it('of items that the target did not have come longest unchecked first', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    const missing = (reference: string, checked_at: number) => record(reference, { checked_at, outcome: 'missing' })
    await store.saveRecords(held, 's', [
      missing('A', 30),
      missing('B', 10),
      record('C', { checked_at: 5 }),
      missing('D', 20),
    ])
    await store.saveRecords(held, 's', [record('E', { checked_at: 1, outcome: 'discarded' })])
    await store.saveRecords(held, 't', [missing('F', 1)])
    const found = async (limit: number) => (await store.missing('w', 's', 9, limit)).map(({ reference }) => reference)
    expect(await store.missing('w', 's', 9, 1)).toEqual([missing('B', 10)])
    expect(await found(100)).toEqual(['B', 'D', 'A'])
    expect(await found(2)).toEqual(['B', 'D'])
    expect(await found(0)).toEqual([])
    // Checked again, delivered since.
    await store.saveRecords(held, 's', [missing('B', 40), record('D', { checked_at: 50 })])
    expect(await found(100)).toEqual(['A', 'B'])
    expect(await store.missing('w', 'u', 9, 100)).toEqual([])
    expect(await store.missing('x', 's', 9, 100)).toEqual([])
  })

  it('are as they were last written, whatever was written before', async () => {
    const scope = fc.constantFrom('s', 't')
    const written = fc.record({
      reference: fc.constantFrom('A', 'B', 'C', 'D'),
      version: fc.constantFrom('1', '2', null),
      id: fc.constantFrom(null, '4ba764'),
      read_at: fc.nat(5),
      checked_at: fc.nat(5),
      board: fc.constantFrom('b', null),
      run_id: fc.constantFrom('r', null),
      partial: fc.boolean(),
      epoch: fc.nat(5),
      scope: fc.constantFrom('s1', 's2'),
      target: fc.constantFrom(null, 'T'),
      outcome: fc.constantFrom(...(['delivered', 'delivering', 'discarded', 'missing', 'left'] as const)),
      mapping: fc.constantFrom('m1', 'm2'),
      memo: fc.constantFrom(null, 'x', { sent: 'a' }),
    })
    const { store } = await fresh()
    let workflows = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(scope, fc.array(written, { maxLength: 4 })), { maxLength: 8 }),
        async (batches) => {
          const workflow = `w ${workflows++}`
          const held = await lease(store, workflow)
          const model = { s: new Map<string, DeliveryRecord>(), t: new Map<string, DeliveryRecord>() }
          for (const [scope, records] of batches) {
            await store.saveRecords(held, scope, records)
            for (const record of records) model[scope].set(record.reference, record)
          }
          for (const scope of ['s', 't'] as const) {
            const records = await store.records(workflow, scope, ['A', 'B', 'C', 'D'])
            expect(new Map(records.map((record) => [record.reference, record]))).toEqual(model[scope])
            const missing = await store.missing(workflow, scope, 3, 100)
            const before = [...model[scope].values()].filter(({ epoch }) => epoch < 3)
            const expected = before.filter(({ outcome }) => outcome === 'missing' || outcome === 'delivering')
            expect(references(missing)).toEqual(references(expected))
            expect(missing.map(({ checked_at }) => checked_at)).toEqual(
              expected.map(({ checked_at }) => checked_at).sort((a, b) => a - b),
            )
            const delivered = before.filter(({ outcome }) => outcome.startsWith('deliver'))
            expect(references(await store.unseen(workflow, scope, 3, 100))).toEqual(references(delivered))
            const partial = before.filter((record) => record.partial)
            expect(references(await store.partial(workflow, scope, 3, 100))).toEqual(references(partial))
            const all = [...model[scope].values()].filter((record) => record.partial)
            expect(await store.partialCount(workflow, scope)).toBe(all.length)
          }
        },
      ),
    )
  })
}

function testDetails(fresh: Fresh): void {
  const detail = (reference: string, version = 'v1'): CachedDetail => ({
    reference,
    version,
    read_at: 1_793_491_200_123,
    detail: { employment_type: 'Full-time', industry: null, list: [1, 'é', false] },
  })

  it('are found by account and reference, and replaced by newer ones', async () => {
    const { store } = await fresh()
    await store.saveDetails('acme', [detail('A'), detail('B')])
    await store.saveDetails('other', [detail('A', 'of other')])
    await store.saveDetails('acme', [detail('B', 'v2')])
    await store.saveDetails('acme', [])
    expect(await store.cachedDetails('acme', ['A'])).toEqual([detail('A')])
    expect(await store.cachedDetails('acme', ['B', 'C'])).toEqual([detail('B', 'v2')])
    expect(await store.cachedDetails('other', ['A', 'B'])).toEqual([detail('A', 'of other')])
    expect(await store.cachedDetails('nobody', ['A'])).toEqual([])
    expect(await store.cachedDetails('acme', [])).toEqual([])
  })

  it('belong to the account, not to a workflow', async () => {
    const { store } = await fresh()
    await store.saveDetails('acme', [detail('A')])
    await lease(store)
    await store.resetWorkflow('w')
    expect(await store.cachedDetails('acme', ['A'])).toEqual([detail('A')])
  })
}

function testRuns(fresh: Fresh): void {
  const CURSOR = '2026-11-01T00:00:00Z'

  it('nothing is known of a workflow that never ran', async () => {
    const { store } = await fresh()
    expect(await store.workflow('w')).toBeNull()
    expect(await store.workflows()).toEqual([])
    expect(await store.pending('w', 's')).toEqual([])
    expect(await store.runs({ limit: 10 })).toEqual([])
    expect(await store.run('r')).toBeNull()
  })

  it('a workflow begins without scope, cursor or result', async () => {
    const { store, clock } = await fresh()
    const held = await lease(store)
    const { epoch } = held
    const running = { name: 'me', process: null, epoch, since: clock.now() }
    const idle = {
      workflow_id: 'w',
      action: ACTION,
      scope: null,
      parameters: null,
      cursor: null,
      last_result: null,
      round: null,
    }
    const begun = { ...idle, running }
    expect(await store.workflow('w')).toEqual(begun)
    expect(await store.workflows()).toEqual([begun])
    await store.releaseLease(held)
    expect(await store.workflow('w')).toEqual({ ...idle, running: null })
  })

  it('a run is there from its start, and its end replaces it', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    await store.startRun(held, started('r1'))
    expect(await store.run('r1')).toEqual({ run: started('r1'), failures: [] })
    expect(await store.runs({ limit: 10 })).toEqual([started('r1')])
    expect((await store.workflow('w'))?.last_result).toBeNull()
    const failures = [failure('A'), failure(null), failure('B')]
    await store.commitRun(held, commit('r1', { failures }))
    expect(await store.run('r1')).toEqual({ run: ended('r1'), failures })
    expect(await store.runs({ limit: 10 })).toEqual([ended('r1')])
    expect((await store.workflow('w'))?.last_result).toEqual(result('r1'))
  })

  it('a run may be committed that was never started', async () => {
    const { store } = await fresh()
    await store.commitRun(await lease(store), commit('r1', { failures: [failure('A')] }))
    expect(await store.run('r1')).toEqual({ run: ended('r1'), failures: [failure('A')] })
  })

  it('runs come newest first, of one workflow or of all, no more than asked for', async () => {
    const { store } = await fresh()
    const [w, v] = [await lease(store, 'w'), await lease(store, 'v')]
    await store.startRun(w, started('r1', 1_000))
    await store.startRun(v, started('r2', 2_000, 'v'))
    await store.startRun(w, started('r3', 3_000))
    await store.commitRun(w, commit('r1'))
    const ids = async (filter: Parameters<Store['runs']>[0]) => (await store.runs(filter)).map(({ run_id }) => run_id)
    expect(await ids({ limit: 10 })).toEqual(['r3', 'r2', 'r1'])
    expect(await ids({ limit: 2 })).toEqual(['r3', 'r2'])
    expect(await ids({ limit: 0 })).toEqual([])
    expect(await ids({ workflow_id: 'w', limit: 10 })).toEqual(['r3', 'r1'])
    expect(await ids({ workflow_id: 'w', limit: 1 })).toEqual(['r3'])
    expect(await ids({ workflow_id: 'x', limit: 10 })).toEqual([])
  })

  it('a commit changes run, cursor, scope, result and pending together', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    await store.commitRun(held, commit('r1', { cursor: CURSOR, pending: [entry('A'), entry('B')], settled: [] }))
    expect(await store.workflow('w')).toMatchObject({
      workflow_id: 'w',
      action: ACTION,
      scope: 's',
      parameters: { board_key: 'B' },
      cursor: CURSOR,
      last_result: result('r1'),
      running: { name: 'me' },
    })
    expect(byReference(await store.pending('w', 's'))).toMatchObject([entry('A'), entry('B')])
    const again = entry('B', {
      attempts: 2,
      next_attempt_at: null,
      version: 'v2',
      stage: 'format',
      code: 'x',
      message: 'y',
    })
    const later = { cursor: '2026-11-02T00:00:00Z', pending: [again, entry('C')], settled: ['A', 'never pending'] }
    await store.commitRun(held, commit('r2', later))
    expect(await store.workflow('w')).toMatchObject({ cursor: '2026-11-02T00:00:00Z', last_result: { run_id: 'r2' } })
    expect(byReference(await store.pending('w', 's'))).toMatchObject([again, entry('C')])
  })

  it('the cursor stays where it is when a commit has none', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    await store.commitRun(held, commit('r1', { cursor: CURSOR }))
    await store.commitRun(held, commit('r2'))
    expect(await store.workflow('w')).toMatchObject({ scope: 's', cursor: CURSOR, last_result: { run_id: 'r2' } })
  })

  it('a cursor is never taken for that of another scope', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    await store.commitRun(held, commit('r1', { scope: 's', cursor: CURSOR }))
    await store.commitRun(held, commit('r2', { scope: 't' }))
    const workflow = await store.workflow('w')
    expect([workflow?.scope, workflow?.cursor]).not.toEqual(['t', CURSOR])
    await store.commitRun(held, commit('r3', { scope: 't', cursor: '2026-11-03T00:00:00Z' }))
    expect(await store.workflow('w')).toMatchObject({ scope: 't', cursor: '2026-11-03T00:00:00Z' })
  })

  it('pending entries belong to their workflow and scope', async () => {
    const { store } = await fresh()
    const [w, v] = [await lease(store, 'w'), await lease(store, 'v')]
    await store.commitRun(w, commit('r1', { pending: [entry('A')] }))
    await store.commitRun(v, commit('r2', { run: ended('r2', 1_000, 'v'), pending: [entry('B')] }))
    await store.commitRun(w, commit('r3', { scope: 't', pending: [entry('C')] }))
    expect(references(await store.pending('w', 's'))).toEqual(['A'])
    expect(references(await store.pending('w', 't'))).toEqual(['C'])
    expect(references(await store.pending('v', 's'))).toEqual(['B'])
    expect(references(await store.pending('v', 't'))).toEqual([])
  })

  it('a pending entry of one scope is neither replaced nor settled by a run of another', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    await store.commitRun(held, commit('r1', { scope: 's', parameters: null, pending: [entry('A'), entry('B')] }))
    await store.commitRun(held, commit('r2', { scope: 't', pending: [entry('A', { attempts: 7 })], settled: ['B'] }))
    expect(references(await store.pending('w', 's'))).toEqual(['A', 'B'])
    expect(await store.pending('w', 't')).toMatchObject([entry('A', { attempts: 7 })])
  })

  it('a cursor of another scope ends what was pending in the old one: everything is read again', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    await store.commitRun(held, commit('r1', { scope: 's', cursor: CURSOR, pending: [entry('A')] }))
    await store.commitRun(held, commit('r2', { scope: 't', cursor: CURSOR, pending: [entry('B')] }))
    expect(references(await store.pending('w'))).toEqual(['B'])
  })

  it('a person may have pending entries tried again at once, or give them up', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    const waiting = ['A', 'B', 'C'].map((reference) => entry(reference, { next_attempt_at: null }))
    await store.commitRun(held, commit('r1', { pending: waiting }))
    expect(await store.changePending('w', ['A', 'A', 'unknown'], 'retry')).toBe(1)
    const due = (await store.pending('w')).filter(({ next_attempt_at }) => next_attempt_at === 0)
    expect(references(due)).toEqual(['A'])
    expect(await store.changePending('w', ['B'], 'dismiss')).toBe(1)
    expect(references(await store.pending('w', 's'))).toEqual(['A', 'C'])
    expect(await store.changePending('x', null, 'dismiss')).toBe(0)
    expect(await store.changePending('w', null, 'retry')).toBe(2)
    expect(await store.changePending('w', null, 'dismiss')).toBe(2)
    expect(await store.pending('w')).toEqual([])
  })

  it('a reset forgets cursor, records and pending of one workflow, and of no other', async () => {
    const { store } = await fresh()
    for (const id of ['w', 'v']) {
      const held = await lease(store, id)
      await store.saveRecords(held, 's', [record('A'), record('M', { outcome: 'missing' })])
      await store.commitRun(
        held,
        commit(`run of ${id}`, { run: ended(`run of ${id}`, 1_000, id), cursor: CURSOR, pending: [entry('A')] }),
      )
      await store.releaseLease(held)
    }
    await store.resetWorkflow('w')
    expect((await store.workflow('w'))?.cursor ?? null).toBeNull()
    expect(await store.records('w', 's', ['A'])).toEqual([])
    expect(await store.missing('w', 's', 9, 10)).toEqual([])
    expect(await store.pending('w', 's')).toEqual([])
    expect(await store.workflow('v')).toMatchObject({ scope: 's', cursor: CURSOR })
    expect(await store.records('v', 's', ['A'])).toEqual([record('A')])
    expect(references(await store.pending('v', 's'))).toEqual(['A'])
    expect(await store.run('run of v')).not.toBeNull()
    // It can be run again at once, and a reset of what nobody knows is none.
    await lease(store, 'w')
    await store.resetWorkflow('unknown')
  })
}

function testSummary(fresh: Fresh): void {
  it('says where the state is and of which version', async () => {
    const { store } = await fresh()
    const { location, schema_version } = await store.summary()
    expect([typeof location, schema_version]).toEqual(['string', 7])
  })
}

function testBudgets(fresh: Fresh): void {
  const request = (slots: number[], cap: number, account = 'acme') => ({ account, slots, cap })

  it('give as many requests per slot as the cap allows', async () => {
    const { store } = await fresh()
    for (let i = 0; i < 9; i++) expect(await store.takeBudget(request([7], 9))).toBe(true)
    expect(await store.takeBudget(request([7], 9))).toBe(false)
    expect(await store.takeBudget(request([7], 10))).toBe(true)
    expect(await store.takeBudget(request([8], 9))).toBe(true)
    expect(await store.takeBudget(request([9], 0))).toBe(false)
  })

  it('are not given while the account is held, but for what is on its way already', async () => {
    const { store, pass } = await fresh()
    expect(await store.accountHold('acme')).toBe(0)
    await store.holdAccount('acme', 60_000)
    // A later word does not shorten it.
    await store.holdAccount('acme', 1_000)
    expect(await store.accountHold('acme')).toBeGreaterThan(59_000)
    expect(await store.takeBudget(request([1], 9))).toBe(false)
    expect(await store.takeBudget(request([1, 2], 9))).toBe(false)
    expect(await store.takeBudget(request([1], Infinity))).toBe(true)
    expect(await store.takeBudget(request([1], 9, 'other'))).toBe(true)
    await pass(60_001)
    expect(await store.accountHold('acme')).toBe(0)
    expect(await store.takeBudget(request([1], 2))).toBe(true)
    expect(await store.takeBudget(request([1], 2))).toBe(false)
  })

  it('are given where an account is held for longer than a service may ask for', async () => {
    const { store } = await fresh()
    await store.holdAccount('acme', 400 * 24 * 3_600_000)
    expect(await store.takeBudget(request([1], 9))).toBe(true)
    await store.holdAccount('acme', 60_000)
    expect(await store.takeBudget(request([1], 9))).toBe(false)
  })

  it('are kept when a clock was far ahead once', async () => {
    const { store } = await fresh()
    await store.takeBudget(request([1_000_000], 3))
    const taken: boolean[] = []
    for (let i = 0; i < 5; i++) taken.push(await store.takeBudget(request([500], 3)))
    expect(taken).toEqual([true, true, true, false, false])
  })

  it('take from all slots or from none', async () => {
    const { store } = await fresh()
    expect(await store.takeBudget(request([2], 1))).toBe(true)
    expect(await store.takeBudget(request([1, 2], 1))).toBe(false)
    expect(await store.takeBudget(request([2, 3], 1))).toBe(false)
    expect(await store.takeBudget(request([1], 1))).toBe(true)
    expect(await store.takeBudget(request([3], 1))).toBe(true)
  })

  it('count a request with an endless cap, whatever is used', async () => {
    const { store } = await fresh()
    for (let i = 0; i < 12; i++) expect(await store.takeBudget(request([1, 2], Infinity))).toBe(true)
    expect(await store.takeBudget(request([1], 12))).toBe(false)
    expect(await store.takeBudget(request([2], 13))).toBe(true)
  })

  it('are apart for each account', async () => {
    const { store } = await fresh()
    expect(await store.takeBudget(request([1], 1))).toBe(true)
    expect(await store.takeBudget(request([1], 1, 'other'))).toBe(true)
    expect(await store.takeBudget(request([1], 1))).toBe(false)
  })

  it('give no more to many that ask at the same time', async () => {
    const { store } = await fresh()
    const asked = await Promise.all(Array.from({ length: 40 }, () => store.takeBudget(request([5, 6], 9))))
    expect(asked.filter(Boolean)).toHaveLength(9)
  })

  it('are as a plain count has it, as time goes on', async () => {
    const asked = fc.record({
      account: fc.constantFrom('a', 'b'),
      back: fc.nat(1),
      both: fc.boolean(),
      cap: fc.constantFrom(0, 1, 2, 3, Infinity),
      step: fc.constantFrom(0, 0, 0, 1, 2, 50),
    })
    const { store } = await fresh()
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 40 }), async (requests) => {
        const run = runs++
        const used = new Map<string, number>()
        let now = 179_349_120
        for (const { account, back, both, cap, step } of requests) {
          now += step
          const slots = both ? [now - 1, now] : [now - back]
          const keys = slots.map((slot) => `${account} ${slot}`)
          const room = keys.every((key) => (used.get(key) ?? 0) < cap)
          expect(await store.takeBudget({ account: `${account} ${run}`, slots, cap })).toBe(room)
          if (room) for (const key of keys) used.set(key, (used.get(key) ?? 0) + 1)
        }
      }),
    )
  })

  it('keep the limit that a run has learnt, for each account', async () => {
    const { store } = await fresh()
    expect(await store.accountLimit('acme')).toBeNull()
    await store.saveAccountLimit('acme', 10)
    await store.saveAccountLimit('acme', 50)
    expect([await store.accountLimit('acme'), await store.accountLimit('other')]).toEqual([50, null])
  })

  it('survive a reset of a workflow', async () => {
    const { store } = await fresh()
    await lease(store)
    await store.takeBudget(request([1], 1))
    await store.resetWorkflow('w')
    expect(await store.takeBudget(request([1], 1))).toBe(false)
  })
}

function leaving(target: string, changes: Partial<Leaving> = {}): Leaving {
  return {
    target,
    reference: target,
    id: null,
    reason: 'filter',
    since: 1,
    seen_at: 2,
    state: 'seen',
    archived_at: null,
    decided_at: null,
    ...changes,
  }
}

function testLeavings(fresh: Fresh): void {
  const none = { saved: [], forgotten: [] }

  it('is kept by its reference at the target, found by that of the origin, and forgotten', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    const renamed = leaving('A-old', { reference: 'A', reason: 'renamed' })
    await store.changeLeavings(held, 's', { ...none, saved: [leaving('A'), renamed, leaving('B', { id: '5' })] })
    expect(byTarget(await store.leavings('w', 's', ['A']))).toEqual([leaving('A'), renamed])
    expect(await store.leavings('w', 't', ['A'])).toEqual([])
    expect(await store.leavings('x', 's', ['A'])).toEqual([])
    await store.changeLeavings(held, 's', { saved: [leaving('B', { state: 'archiving' })], forgotten: ['A'] })
    expect(byTarget(await store.leavings('w', 's', ['A', 'B', 'C']))).toEqual([
      renamed,
      leaving('B', { state: 'archiving' }),
    ])
    await store.resetWorkflow('w')
    expect(await store.leavings('w', 's', null)).toEqual([])
  })

  it('is undecided until it is archived, or somebody else has done it', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    const states = ['seen', 'archiving', 'archived', 'settled'] as const
    const saved = states.map((state) =>
      leaving(state, { state, archived_at: '2026-11-01T00:00:00+0000', decided_at: 5 }),
    )
    await store.changeLeavings(held, 's', { ...none, saved })
    expect(byTarget(await store.leavings('w', 's', null)).map(({ target }) => target)).toEqual(['archiving', 'seen'])
    expect(byTarget(await store.leavings('w', 's', [...states]))).toEqual(byTarget(saved))
  })

  it('is refused under a lease that is lost', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    const lost = { ...held, epoch: held.epoch - 1 }
    await expect(store.changeLeavings(lost, 's', { ...none, saved: [leaving('A')] })).rejects.toThrow(LeaseLostError)
    expect(await store.leavings('w', 's', null)).toEqual([])
  })

  it('is counted beside what is live, from a moment on', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    await store.saveRecords(held, 's', [
      ...(['delivered', 'delivering', 'left', 'missing'] as const).map((outcome) => record(outcome, { outcome })),
      record('discarded', { outcome: 'discarded', memo: {} }),
      record('never', { outcome: 'discarded', memo: null }),
    ])
    const archived = (target: string, decided_at: number, reason: Leaving['reason'] = 'filter') =>
      leaving(target, { state: 'archived', decided_at, reason })
    const saved = [archived('A', 10), archived('B', 20), archived('C', 30, 'deleted'), leaving('D')]
    await store.changeLeavings(held, 's', { ...none, saved })
    expect(await store.heldCounts('w', 's', 20)).toEqual({ live: 3, archived: 2, deleted: 1 })
    expect(await store.heldCounts('w', 't', 0)).toEqual({ live: 0, archived: 0, deleted: 0 })
  })

  it('is told of records without one, and live records are found by the id of the origin', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    const left = (reference: string, checked_at: number) => record(reference, { outcome: 'left', checked_at })
    await store.saveRecords(held, 's', [left('A', 2), left('B', 1), left('C', 3)])
    await store.changeLeavings(held, 's', { ...none, saved: [leaving('C', { state: 'archived' })] })
    expect((await store.told('w', 's', 9, 10)).map(({ reference }) => reference)).toEqual(['B', 'A'])
    expect((await store.told('w', 's', 9, 1)).map(({ reference }) => reference)).toEqual(['B'])
    expect(await store.told('w', 's', 1, 10)).toEqual([])

    const ids = ['0a', '0B', '0c', 'ff']
    await store.saveRecords(held, 't', [
      ...ids.map((id) => record(id, { id })),
      record('x', { id: '0b', outcome: 'left' }),
    ])
    const between = async (after: string, until: string | null) =>
      (await store.liveBetween('w', 't', after, until)).map(({ reference }) => reference).sort()
    expect(await between('', null)).toEqual([...ids].sort())
    expect(await between('0a', '0c')).toEqual(['0c'])
    expect(await between('', '0B')).toEqual(['0B'])
    // Numbers, so the longer one is above.
    await store.saveRecords(held, 't', [record('100', { id: '100' }), record('2', { id: '2' })])
    expect(await between('0c', '100')).toEqual(['100', 'ff'])
    expect(await between('', '0B')).toEqual(['0B', '2'])
  })

  it('is not of an item that another workflow of the board holds live', async () => {
    const { store } = await fresh()
    const held = await lease(store)
    const other = await lease(store, 'other')
    await store.saveRecords(held, 's', [record('A', { target: 'A' })])
    await store.saveRecords(other, 't', [
      record('1', { target: 'A' }),
      record('2', { target: 'B', board: 'another' }),
      record('3', { target: 'C', outcome: 'left' }),
    ])
    expect(await store.heldByOthers('w', 'b', ['A', 'B', 'C', 'D'])).toEqual(['A'])
    expect(await store.heldByOthers('other', 'b', ['A'])).toEqual(['A'])
    expect(await store.heldByOthers('w', 'another', ['A'])).toEqual([])
  })
}

function byTarget(leavings: Leaving[]): Leaving[] {
  return [...leavings].sort((a, b) => (a.target < b.target ? -1 : 1))
}
