import { guarded, type RunError } from '../errors.js'
import type { CachedDetail, DeliveryRecord, PendingEntry, WorkflowRecord } from '../ports/store.js'
import type { ItemFailure, RunResult } from '../result/result.js'
import type { Json } from '../text/json.js'
import { isAhead, isSameMapping } from './decisions.js'
import { KnownItems, type KnownItemsOptions } from './known-items.js'
import type { HeldLease } from './lease.js'
import { heldToday } from './leavings.js'
import { PendingItems } from './pending.js'
import { WriteBehind } from './write-behind.js'

/** A record as an item makes it; the journal adds when and by which run. */
export type KeptRecord = Omit<DeliveryRecord, 'checked_at' | 'epoch' | 'scope' | 'board' | 'run_id'>

export interface JournalOptions extends KnownItemsOptions {
  run_id: string
  scope: string
  board: string
  /** What the scope is made of. */
  parameters: Json
  /** Undefined: a dry run, which takes no lease and marks nothing. */
  lease: HeldLease | undefined
  /** The state cannot be written: what was done cannot be told any more. */
  onFailure: (error: RunError) => void
}

/** A run's view of the state: what is known of its workflow and items, and what it writes down of them. */
export class Journal {
  readonly #options: JournalOptions
  readonly #pending: PendingItems
  readonly #behind: WriteBehind
  #workflow: WorkflowRecord | null = null
  /** How far the look for deleted items has come; undefined: where it was. */
  #round: string | null | undefined
  /** A failure that no pending entry can hold: the cursor must stay, so that it is listed again. */
  #unheld = false

  /** What waits to be written. */
  get behind(): WriteBehind {
    return this.#behind
  }

  get round(): string | null {
    return this.#round === undefined ? (this.#workflow?.round ?? null) : this.#round
  }

  set round(last: string | null) {
    this.#round = last
  }

  constructor(options: JournalOptions) {
    this.#options = options
    this.#pending = new PendingItems(options.clock)
    this.#behind = new WriteBehind(options)
  }

  /** Reads what the runs before have left, and writes down that this one has begun. */
  async open({ run_id, action, started_at }: { run_id: string; action: string; started_at: number }): Promise<void> {
    const { store, workflow_id, scope, lease, parameters } = this.#options
    if (!store.remembers) return
    this.#workflow = await guarded(() => store.workflow(workflow_id))
    this.#pending.add(await guarded(() => store.pending(workflow_id, scope)))
    const begun = { run_id, workflow_id, action, started_at, finished_at: null, result: null }
    const remapped = this.#workflow !== null && !isSameMapping(this.#workflow.parameters, parameters)
    if (lease) await guarded(() => store.startRun(lease.current, begun, remapped))
  }

  get scope(): string {
    return this.#options.scope
  }

  /** Whether what is written down will be there in the next run. */
  get remembers(): boolean {
    return this.#options.store.remembers && this.#options.lease !== undefined
  }

  /** As it was before this run; null for one that never ran. */
  get workflow(): WorkflowRecord | null {
    return this.#workflow
  }

  /** The cursor of this scope and mapping, an ISO instant. */
  get cursor(): string | null {
    const { scope, parameters, clock } = this.#options
    const known = this.#workflow
    if (known === null || known.cursor === null) return null
    if (isAhead(Date.parse(known.cursor), clock.now())) return null
    return known.scope === scope && isSameMapping(known.parameters, parameters) ? known.cursor : null
  }

  get pendingCount(): number {
    return this.#pending.count
  }

  /** Pending entries that are due, longest first, and not dealt with by this run yet. */
  due(limit: number): PendingEntry[] {
    return this.#pending.due(limit)
  }

  async missing(limit: number): Promise<DeliveryRecord[]> {
    await this.flushRecords()
    const { store, workflow_id, place } = this.#options
    return guarded(() => store.missing(workflow_id, place, this.#epoch, limit))
  }

  /** What was delivered by its list entry alone before this run, longest first. */
  async partial(limit: number): Promise<DeliveryRecord[]> {
    await this.flushRecords()
    const { store, workflow_id, place } = this.#options
    return guarded(() => store.partial(workflow_id, place, this.#epoch, limit))
  }

  /** How many items were delivered by their list entries alone. */
  async partialCount(): Promise<number> {
    await this.flushRecords()
    const { store, workflow_id, place } = this.#options
    return guarded(() => store.partialCount(workflow_id, place))
  }

  /** How many items the target has live by what was written down. */
  async liveCount(): Promise<number> {
    const { store, clock } = this.#options
    if (!store.remembers) return 0
    return (await guarded(() => heldToday(store, this.#options, clock.now()))).live
  }

  isOfThisRun({ epoch }: DeliveryRecord): boolean {
    return epoch === this.#epoch
  }

  /** What was delivered before this run, and neither listed nor failed in it. */
  async unseen(limit: number): Promise<DeliveryRecord[]> {
    await this.flushRecords()
    const { store, workflow_id, place } = this.#options
    const records = await guarded(() => store.unseen(workflow_id, place, this.#epoch, limit))
    if (records.length === limit) this.#unheld = true
    return records.filter(({ reference }) => !this.#pending.hasFailed(reference))
  }

  /** What is written down of these items. */
  lookUp(references: string[]): KnownItems {
    return new KnownItems(this.#options, references)
  }

  keepRecord(record: KeptRecord): void {
    if (!this.remembers) return
    const { clock, scope, board, run_id } = this.#options
    this.#behind.record({ ...record, checked_at: clock.now(), epoch: this.#epoch, scope, board, run_id })
  }

  /** Of a dry run too, which marks nothing: that an item was read is true whatever becomes of it. */
  keepDetail(account: string, detail: CachedDetail): void {
    if (this.#options.store.remembers) this.#behind.detail(account, detail)
  }

  /** Waits where more is done than written down. */
  async keepUp(): Promise<void> {
    await this.#behind.keepUp()
  }

  async flush(): Promise<void> {
    await this.#behind.flush()
  }

  async flushRecords(): Promise<void> {
    await this.#behind.flushRecords()
  }

  isPending(reference: string): boolean {
    return this.#pending.has(reference)
  }

  /** An item came to its end: it is pending no longer. */
  settle(reference: string): void {
    this.#pending.settle(reference)
  }

  /** An item failed: later runs try it again, where that may help. A reference of null cannot be found again. */
  fail(...failed: Parameters<PendingItems['fail']>): void {
    if (this.remembers && !this.#pending.fail(...failed)) this.#unheld = true
  }

  /** The cursor that a run which read everything leaves behind: never an earlier one. Null: it must stay as it is. */
  advance(began_at: number | undefined): string | null {
    if (began_at === undefined || this.#unheld || !this.remembers) return null
    const { cursor } = this
    return cursor !== null && Date.parse(cursor) > began_at ? cursor : new Date(began_at).toISOString()
  }

  /** Writes down how the run ended, what is pending, and the cursor: null leaves it. Throws `RunError`. */
  async commit(cursor: string | null, result: RunResult, failures: ItemFailure[]): Promise<void> {
    const { store, scope, workflow_id, clock, lease, parameters } = this.#options
    if (!lease || !this.remembers) return
    const { run_id, started_at, action } = result
    const times = { started_at: Date.parse(started_at), finished_at: clock.now() }
    const run = { run_id, workflow_id, action, ...times, result }
    const moved = {
      ...(cursor === null ? {} : { cursor }),
      ...(this.#round === undefined ? {} : { round: this.#round }),
    }
    const commit = { run, failures, scope, parameters, ...this.#pending.changes, ...moved }
    await guarded(() => store.commitRun(lease.current, commit))
  }

  /** Nothing more is written. */
  close(): void {
    this.#behind.close()
  }

  /** Of this run's lease. */
  get #epoch(): number {
    return this.#options.lease?.current.epoch ?? Number.MAX_SAFE_INTEGER
  }
}
