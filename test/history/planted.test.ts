import { describe, expect, test } from 'vitest'
import { registry } from '../../src/connectors/index.js'
import type { Action } from '../../src/core/model/flow.js'
import type { Clock } from '../../src/core/ports/clock.js'
import type { DeliveryRecord, Lease, RunCommit, WorkflowRecord } from '../../src/core/ports/store.js'
import { MemoryStore } from '../../src/stores/memory.js'
import { checkHistories } from './history.js'
import { fieldsOf } from './oracle.js'

// The connector with mistakes that others have made: if the histories let one pass, they would let it pass in earnest.

const AT_MOST = 400

/** The cursor is the largest `updated_at` that was seen, not the moment the reading began. */
class LargestUpdatedAt extends MemoryStore {
  #largest = ''

  override saveRecords(lease: Lease, scope: string, records: DeliveryRecord[]): Promise<void> {
    for (const { version } of records) if (version !== null && version > this.#largest) this.#largest = version
    return super.saveRecords(lease, scope, records)
  }

  override commitRun(lease: Lease, commit: RunCommit): Promise<void> {
    const moved = commit.cursor !== undefined && this.#largest !== ''
    return super.commitRun(lease, moved ? { ...commit, cursor: this.#largest } : commit)
  }
}

/** The cursor moves also when the run was fatal or interrupted. */
class CursorOnFatal extends MemoryStore {
  override commitRun(lease: Lease, commit: RunCommit): Promise<void> {
    return super.commitRun(lease, { ...commit, cursor: commit.cursor ?? new Date(commit.run.started_at).toISOString() })
  }
}

/** The next run asks for what changed after the cursor, not from a while before it. */
class NoOverlap extends MemoryStore {
  override async workflow(workflow_id: string): Promise<WorkflowRecord | null> {
    const known = await super.workflow(workflow_id)
    if (known?.cursor === undefined || known.cursor === null) return known
    return { ...known, cursor: new Date(Date.parse(known.cursor) + 120_000).toISOString() }
  }
}

/** What failed is not written down. */
class NoPending extends MemoryStore {
  override commitRun(lease: Lease, commit: RunCommit): Promise<void> {
    return super.commitRun(lease, { ...commit, pending: [] })
  }
}

/** A record counts for its version whenever it was read: what changed later in the same second is hidden. */
class RecordWithoutReadAt extends MemoryStore {
  override saveRecords(lease: Lease, scope: string, records: DeliveryRecord[]): Promise<void> {
    return super.saveRecords(
      lease,
      scope,
      records.map((record) => ({ ...record, read_at: record.read_at + 60_000 })),
    )
  }
}

/** A board or filter that changed is not noticed. */
class ScopeIgnored extends MemoryStore {
  #asked: string | null = null

  override async workflow(workflow_id: string): Promise<WorkflowRecord | null> {
    const known = await super.workflow(workflow_id)
    const asked = () => this.#asked
    return known && Object.defineProperty({ ...known }, 'scope', { get: asked })
  }

  override pending(workflow_id: string, scope?: string) {
    this.#asked = scope ?? null
    return super.pending(workflow_id, 'one')
  }

  override records(workflow_id: string, _: string, references: string[]) {
    return super.records(workflow_id, 'one', references)
  }

  override missing(workflow_id: string, _: string, before: number, limit: number) {
    return super.missing(workflow_id, 'one', before, limit)
  }

  override saveRecords(lease: Lease, _: string, records: DeliveryRecord[]) {
    return super.saveRecords(lease, 'one', records)
  }

  override commitRun(lease: Lease, commit: RunCommit): Promise<void> {
    return super.commitRun(lease, { ...commit, scope: 'one' })
  }
}

/** What the board did not have is not looked for again. */
class NoMissing extends MemoryStore {
  override missing(): Promise<DeliveryRecord[]> {
    return Promise.resolve([])
  }
}

/** A full run reads only what its filter lists. */
class NoUnseen extends MemoryStore {
  override unseen(): Promise<DeliveryRecord[]> {
    return Promise.resolve([])
  }
}

/** The detail's location takes the place of the list's, whole. */
function shallowOverlay(): Action {
  const action = registry.Workable.actions.find(({ id }) => id === 'update_jobs_in_hrflow')
  if (!action) throw new Error('There is no update action.')
  const { flow } = action
  const load: typeof flow.read.load = async (api, listed) => {
    const { item, read_at } = await flow.read.load(api, listed)
    const job = fieldsOf(item)
    return { item: { ...job, location: { ...fieldsOf(job['location']), location_str: undefined } }, read_at }
  }
  return { ...action, flow: { ...flow, read: { ...flow.read, load } } }
}

describe('histories catch', () => {
  /** Each with a seed whose first history catches it, so that it need not be looked for; after a change others may. */
  const stores: [string, new (options: { clock: Clock }) => MemoryStore, number][] = [
    ['a cursor that is the largest updated_at', LargestUpdatedAt, 271],
    ['a cursor that is saved when the run was fatal', CursorOnFatal, 34],
    ['a cursor without overlap', NoOverlap, 2],
    ['failures that are not kept', NoPending, 76],
    ['a record that does not say when it was read', RecordWithoutReadAt, 39],
    ['a scope that is ignored', ScopeIgnored, 176],
    ['a job that came to the board late and is not looked for', NoMissing, 22],
    ['a job that left the filter before a full run', NoUnseen, 176],
  ]

  test.each(stores)('%s', { timeout: 300_000 }, async (_, Broken, seed) => {
    const found = checkHistories({ runs: AT_MOST, hasty: true, seed, store: (clock) => new Broken({ clock }) })
    await expect(found).rejects.toThrow(/Property failed/)
  })

  test('a location that is overlaid whole', { timeout: 300_000 }, async () => {
    const store = (clock: Clock) => new MemoryStore({ clock })
    const found = checkHistories({ runs: AT_MOST, hasty: true, store, action: shallowOverlay() })
    await expect(found).rejects.toThrow(/Property failed/)
  })
})
