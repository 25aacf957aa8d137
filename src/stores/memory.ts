import { LeaseLostError } from '../core/errors.js'
import type { Clock } from '../core/ports/clock.js'
import type { HistoryStore } from '../core/ports/history.js'
import type {
  BudgetRequest,
  CachedDetail,
  DeliveryRecord,
  HeldCounts,
  Holder,
  Lease,
  LeaseHolder,
  Leaving,
  PendingEntry,
  RunCommit,
  RunRecord,
  Store,
  StoreSummary,
  WorkflowRecord,
} from '../core/ports/store.js'
import type { ItemFailure } from '../core/result/result.js'
import { wasDelivered } from '../core/state/decisions.js'
import { isUndecided } from '../core/state/leavings.js'
import { MemoryHistory } from './memory-history.js'
import { KEPT_SLOTS, LONGEST_HOLD_MS, LONGEST_LEASE_MS, RUNS_KEPT } from './retention.js'

interface Workflow extends Omit<WorkflowRecord, 'running'> {
  lease: (LeaseHolder & { expires_at: number }) | null
  /** By place, then by reference. */
  records: Map<string, Map<string, DeliveryRecord>>
  /** By place, then by reference at the target. */
  leavings: Map<string, Map<string, Leaving>>
  /** By scope, then by reference. */
  pending: Map<string, Map<string, PendingEntry>>
}

/** It ends with the process, so it is never of another version. */
const SCHEMA_VERSION = 7

/**
 * State that lives as long as the process. With `remembers: false` only leases and budgets are kept, so that memory does
 * not grow with the number of items: what a library call without a configured store gets.
 */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly remembers: boolean
  readonly history: HistoryStore
  readonly #clock: Pick<Clock, 'now'>
  readonly #workflows = new Map<string, Workflow>()
  /** Of all workflows: a lease from before a reset must not fit one from after it. */
  #epoch = 0
  readonly #runs = new Map<string, { run: RunRecord; failures: ItemFailure[] }>()
  readonly #details = new Map<string, Map<string, CachedDetail>>()
  readonly #budgets = new Map<string, Map<number, number>>()
  readonly #limits = new Map<string, number>()
  /** Until when, epoch milliseconds. */
  readonly #holds = new Map<string, number>()

  constructor(options: { clock?: Pick<Clock, 'now'>; remembers?: boolean } = {}) {
    this.#clock = options.clock ?? Date
    this.remembers = options.remembers ?? true
    this.history = new MemoryHistory({
      clock: this.#clock,
      runs: () => [...this.#runs.values()],
      pending: (workflow_id) => this.pending(workflow_id),
      references: (workflow_id) =>
        [...(this.#workflows.get(workflow_id)?.records.values() ?? [])].flatMap((place) => [...place.keys()]),
    })
  }

  async acquireLease(
    workflow_id: string,
    action: string,
    holder: Holder,
    ttl_ms: number,
    dead?: number,
  ): Promise<Lease | LeaseHolder> {
    const now = this.#clock.now()
    const workflow = this.#workflow(workflow_id, action)
    const held = this.#leaseOf(workflow)
    if (held && held.epoch !== dead) return holderOf(held)
    this.#epoch += 1
    const epoch = this.#epoch
    workflow.action = action
    workflow.lease = { ...holder, epoch, since: now, expires_at: now + ttl_ms }
    return { workflow_id, epoch, expires_at: now + ttl_ms }
  }

  async renewLease(lease: Lease, ttl_ms: number): Promise<Lease> {
    const workflow = this.#held(lease)
    const expires_at = this.#clock.now() + ttl_ms
    workflow.lease = { ...workflow.lease, expires_at }
    return { ...lease, expires_at }
  }

  async releaseLease(lease: Lease): Promise<void> {
    const workflow = this.#workflows.get(lease.workflow_id)
    if (workflow?.lease?.epoch !== lease.epoch) return
    workflow.lease = null
    if (!this.remembers) this.#workflows.delete(lease.workflow_id)
  }

  async workflow(workflow_id: string): Promise<WorkflowRecord | null> {
    const workflow = this.#workflows.get(workflow_id)
    return workflow ? this.#publicPart(workflow) : null
  }

  async workflows(): Promise<WorkflowRecord[]> {
    return [...this.#workflows.values()].map((workflow) => this.#publicPart(workflow))
  }

  async startRun(lease: Lease, run: RunRecord, forget_cursor = false): Promise<void> {
    const workflow = this.#held(lease)
    if (forget_cursor) workflow.cursor = null
    this.#keepRun(run, [])
  }

  async commitRun(lease: Lease, commit: RunCommit): Promise<void> {
    const workflow = this.#held(lease)
    this.#keepRun(commit.run, commit.failures)
    workflow.last_result = commit.run.result
    if (!this.remembers) return
    if (commit.round !== undefined) workflow.round = commit.round
    const pending = workflow.pending.get(commit.scope) ?? new Map<string, PendingEntry>()
    workflow.pending.set(commit.scope, pending)
    for (const reference of commit.settled) pending.delete(reference)
    for (const entry of commit.pending) pending.set(entry.reference, entry)
    if (commit.cursor === undefined) return
    // Together: a cursor of one scope must not be taken for that of another.
    const { scope, cursor, parameters } = commit
    Object.assign(workflow, { scope, cursor, parameters })
    for (const other of workflow.pending.keys()) if (other !== scope) workflow.pending.delete(other)
  }

  async runs(filter: { workflow_id?: string; limit: number }): Promise<RunRecord[]> {
    const runs = [...this.#runs.values()].map(({ run }) => run).reverse()
    return runs
      .filter((run) => filter.workflow_id === undefined || run.workflow_id === filter.workflow_id)
      .slice(0, filter.limit)
  }

  async run(run_id: string): Promise<{ run: RunRecord; failures: ItemFailure[] } | null> {
    return this.#runs.get(run_id) ?? null
  }

  async records(workflow_id: string, place: string, references: string[]): Promise<DeliveryRecord[]> {
    return found(this.#workflows.get(workflow_id)?.records.get(place), references)
  }

  async missing(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]> {
    return this.#before(workflow_id, place, before, limit, hasEnded('missing', 'delivering'))
  }

  async unseen(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]> {
    return this.#before(workflow_id, place, before, limit, hasEnded('delivered', 'delivering'))
  }

  async told(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]> {
    const left = this.#before(workflow_id, place, before, Infinity, hasEnded('left'))
    const references = new Set(this.#leavings(workflow_id, place).map(({ reference }) => reference))
    return left.filter(({ reference }) => !references.has(reference)).slice(0, limit)
  }

  async partial(workflow_id: string, place: string, before: number, limit: number): Promise<DeliveryRecord[]> {
    return this.#before(workflow_id, place, before, limit, ({ partial }) => partial)
  }

  async partialCount(workflow_id: string, place: string): Promise<number> {
    return (await this.partial(workflow_id, place, Infinity, Infinity)).length
  }

  async liveBetween(
    workflow_id: string,
    place: string,
    after: string,
    until: string | null,
  ): Promise<DeliveryRecord[]> {
    const isWithin = ({ id }: DeliveryRecord) =>
      id !== null && isAbove(id, after) && (until === null || !isAbove(id, until))
    return this.#records(workflow_id, place).filter((record) => wasDelivered(record) && isWithin(record))
  }

  async heldByOthers(workflow_id: string, board: string, targets: string[]): Promise<string[]> {
    const asked = new Set(targets)
    const held = [...this.#workflows.values()].flatMap((workflow) => {
      const records = workflow.workflow_id === workflow_id ? [] : [...workflow.records.values()]
      return records.flatMap((place) => [...place.values()])
    })
    const there = held.filter((record) => record.board === board && wasDelivered(record))
    return [...new Set(there.flatMap(({ target }) => (target !== null && asked.has(target) ? target : [])))]
  }

  async heldCounts(workflow_id: string, place: string, archived_since: number): Promise<HeldCounts> {
    const archived = this.#leavings(workflow_id, place).filter(
      ({ state, decided_at }) => state === 'archived' && decided_at !== null && decided_at >= archived_since,
    )
    return {
      live: this.#records(workflow_id, place).filter(wasDelivered).length,
      archived: archived.length,
      deleted: archived.filter(({ reason }) => reason === 'deleted').length,
    }
  }

  async leavings(workflow_id: string, place: string, references: string[] | null): Promise<Leaving[]> {
    const asked = references === null ? null : new Set(references)
    return this.#leavings(workflow_id, place).filter((leaving) =>
      asked === null ? isUndecided(leaving) : asked.has(leaving.reference),
    )
  }

  async changeLeavings(
    lease: Lease,
    place: string,
    { saved, forgotten }: { saved: Leaving[]; forgotten: string[] },
  ): Promise<void> {
    const workflow = this.#held(lease)
    if (!this.remembers) return
    const kept = workflow.leavings.get(place) ?? new Map<string, Leaving>()
    workflow.leavings.set(place, kept)
    for (const target of forgotten) kept.delete(target)
    for (const leaving of saved) kept.set(leaving.target, leaving)
  }

  async saveRecords(lease: Lease, place: string, records: DeliveryRecord[]): Promise<void> {
    const workflow = this.#held(lease)
    if (!this.remembers) return
    const kept = workflow.records.get(place) ?? new Map<string, DeliveryRecord>()
    workflow.records.set(place, kept)
    for (const record of records) kept.set(record.reference, record)
  }

  async pending(workflow_id: string, scope?: string): Promise<PendingEntry[]> {
    const scopes = [...(this.#workflows.get(workflow_id)?.pending ?? [])]
    return scopes.flatMap(([known, entries]) => (scope === undefined || known === scope ? [...entries.values()] : []))
  }

  async changePending(workflow_id: string, references: string[] | null, change: 'retry' | 'dismiss'): Promise<number> {
    let count = 0
    for (const entries of this.#workflows.get(workflow_id)?.pending.values() ?? []) {
      for (const [reference, entry] of entries) {
        if (references?.includes(reference) === false) continue
        count += 1
        if (change === 'dismiss') entries.delete(reference)
        else entries.set(reference, { ...entry, next_attempt_at: 0 })
      }
    }
    return count
  }

  async cachedDetails(account: string, references: string[]): Promise<CachedDetail[]> {
    return found(this.#details.get(account), references)
  }

  async saveDetails(account: string, details: CachedDetail[]): Promise<void> {
    if (!this.remembers) return
    const kept = this.#details.get(account) ?? new Map<string, CachedDetail>()
    this.#details.set(account, kept)
    for (const detail of details) kept.set(detail.reference, detail)
  }

  async takeBudget({ account, slots, cap }: BudgetRequest): Promise<boolean> {
    const used = this.#budgets.get(account) ?? new Map<number, number>()
    this.#budgets.set(account, used)
    if (cap !== Infinity && this.#holdOf(account) > 0) return false
    if (slots.some((slot) => (used.get(slot) ?? 0) >= cap)) return false
    for (const slot of slots) used.set(slot, (used.get(slot) ?? 0) + 1)
    // Slots rise with time, and far ones are of no use: of the past, or of a clock that was wrong.
    const [first, last] = [Math.min(...slots), Math.max(...slots)]
    for (const slot of used.keys()) if (slot < first - KEPT_SLOTS || slot > last + KEPT_SLOTS) used.delete(slot)
    return true
  }

  async holdAccount(account: string, ms: number): Promise<void> {
    if (ms > this.#holdOf(account)) this.#holds.set(account, this.#clock.now() + ms)
  }

  async accountHold(account: string): Promise<number> {
    return this.#holdOf(account)
  }

  #holdOf(account: string): number {
    const left = (this.#holds.get(account) ?? -Infinity) - this.#clock.now()
    return left > LONGEST_HOLD_MS ? 0 : Math.max(0, left)
  }

  async accountLimit(account: string): Promise<number | null> {
    return this.#limits.get(account) ?? null
  }

  async saveAccountLimit(account: string, limit: number): Promise<void> {
    this.#limits.set(account, limit)
  }

  async resetWorkflow(workflow_id: string): Promise<void> {
    this.#workflows.delete(workflow_id)
  }

  async summary(): Promise<StoreSummary> {
    return { location: 'memory:', schema_version: SCHEMA_VERSION, bytes: null }
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  #before(
    workflow_id: string,
    place: string,
    epoch: number,
    limit: number,
    isAsked: (record: DeliveryRecord) => boolean,
  ): DeliveryRecord[] {
    return this.#records(workflow_id, place)
      .filter((record) => isAsked(record) && record.epoch < epoch)
      .sort((a, b) => a.checked_at - b.checked_at)
      .slice(0, limit)
  }

  #records(workflow_id: string, place: string): DeliveryRecord[] {
    return [...(this.#workflows.get(workflow_id)?.records.get(place)?.values() ?? [])]
  }

  #leavings(workflow_id: string, place: string): Leaving[] {
    return [...(this.#workflows.get(workflow_id)?.leavings.get(place)?.values() ?? [])]
  }

  #workflow(workflow_id: string, action: string): Workflow {
    const known = this.#workflows.get(workflow_id)
    if (known) return known
    const workflow: Workflow = {
      workflow_id,
      action,
      scope: null,
      parameters: null,
      cursor: null,
      last_result: null,
      lease: null,
      round: null,
      records: new Map(),
      leavings: new Map(),
      pending: new Map(),
    }
    this.#workflows.set(workflow_id, workflow)
    return workflow
  }

  /** The workflow that this lease still holds. */
  #held(lease: Lease): Workflow & { lease: LeaseHolder & { expires_at: number } } {
    const workflow = this.#workflows.get(lease.workflow_id)
    if (workflow?.lease?.epoch !== lease.epoch) throw new LeaseLostError(lease.workflow_id)
    return Object.assign(workflow, { lease: workflow.lease })
  }

  #publicPart({ workflow_id, action, scope, parameters, cursor, last_result, round, lease }: Workflow): WorkflowRecord {
    const held = this.#leaseOf({ lease })
    return { workflow_id, action, scope, parameters, cursor, last_result, round, running: held && holderOf(held) }
  }

  /** The lease that holds a workflow now. */
  #leaseOf({ lease }: Pick<Workflow, 'lease'>): Workflow['lease'] {
    const left = lease === null ? 0 : lease.expires_at - this.#clock.now()
    return left > 0 && left <= LONGEST_LEASE_MS ? lease : null
  }

  #keepRun(run: RunRecord, failures: ItemFailure[]): void {
    if (!this.remembers) return
    this.#runs.set(run.run_id, structuredClone({ run, failures }))
    const oldest = this.#runs.keys().next()
    if (this.#runs.size > RUNS_KEPT && oldest.done !== true) this.#runs.delete(oldest.value)
  }
}

function hasEnded(...outcomes: DeliveryRecord['outcome'][]) {
  return ({ outcome }: DeliveryRecord) => outcomes.includes(outcome)
}

/** Ids are numbers, in whatever notation: the longer one is above. */
function isAbove(id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length
}

function holderOf({ name, process, epoch, since }: LeaseHolder): LeaseHolder {
  return { name, process, epoch, since }
}

function found<V>(kept: ReadonlyMap<string, V> | undefined, references: string[]): V[] {
  return references.flatMap((reference) => kept?.get(reference) ?? [])
}
