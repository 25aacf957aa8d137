import { guarded, RunError } from '../errors.js'
import type { CachedDetail, DeliveryRecord, PendingEntry, WorkflowRecord } from '../ports/store.js'
import type { ItemFailure, RunResult } from '../result/result.js'
import type { Ending } from '../run/cancellation.js'
import type { Json } from '../text/json.js'
import { isAhead, isDue, isSameMapping, nextAttempt } from './decisions.js'
import { Lookup, type LookupOptions } from './known-items.js'
import type { HeldLease } from './lease.js'

/** With as many on their way to be written down, a run that dies leaves at most 50 to be repeated. */
const BATCH = 25

/** Details that are not written down in time are read again, no more; at Workable's pace there are two in a second. */
const DETAILS_BATCH = 100
const BATCH_MS = 1_000

/** More than this is no longer a list a person can look through: then the cursor stays instead. */
const PENDING_MAX = 500

/** A record as an item makes it; the journal adds when and by which run. */
export type KeptRecord = Omit<DeliveryRecord, 'checked_at' | 'epoch' | 'scope'>

export interface JournalOptions extends LookupOptions {
  ending: Ending
  scope: string
  /** What the scope is made of. */
  parameters: Json
  /** Undefined: a dry run, which takes no lease and marks nothing. */
  lease: HeldLease | undefined
}

/** A run's view of the state: what is known of its items, and what it writes down of them, in batches, under its lease. */
export class Journal {
  readonly #options: JournalOptions
  readonly #newRecords: DeliveryRecord[] = []
  readonly #newDetails = new Map<string, CachedDetail[]>()
  readonly #pending = new Map<string, PendingEntry>()
  readonly #failed = new Map<string, PendingEntry>()
  readonly #settled = new Set<string>()
  readonly #done = new AbortController()
  #workflow: WorkflowRecord | null = null
  #writing: Promise<unknown> = Promise.resolve()
  #flushPlanned = false
  /** A failure that no pending entry can hold: the cursor must stay, so that it is listed again. */
  #unheld = false

  constructor(options: JournalOptions) {
    this.#options = options
  }

  /** Reads what the runs before have left, and writes down that this one has begun. */
  async open({ run_id, action, started_at }: { run_id: string; action: string; started_at: number }): Promise<void> {
    const { store, workflow_id, scope, lease } = this.#options
    if (!store.remembers) return
    this.#workflow = await guarded(() => store.workflow(workflow_id))
    for (const entry of await guarded(() => store.pending(workflow_id, scope)))
      this.#pending.set(entry.reference, entry)
    const begun = { run_id, workflow_id, action, started_at, finished_at: null, result: null }
    const remapped = this.#workflow !== null && !isSameMapping(this.#workflow.parameters, this.#options.parameters)
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
    const { scope, parameters } = this.#options
    const known = this.#workflow
    if (known === null || known.cursor === null) return null
    if (isAhead(Date.parse(known.cursor), this.#options.clock.now())) return null
    return known.scope === scope && isSameMapping(known.parameters, parameters) ? known.cursor : null
  }

  /** How many items wait to be tried again, as it stands now. */
  get pendingCount(): number {
    return new Set([...this.#pending.keys(), ...this.#failed.keys()]).size
  }

  /** Entries that are due, longest first, and not dealt with by this run yet. */
  due(limit: number): PendingEntry[] {
    const now = this.#options.clock.now()
    return [...this.#pending.values()]
      .filter((entry) => isDue(entry, now) && !this.#failed.has(entry.reference))
      .sort((a, b) => Number(a.next_attempt_at) - Number(b.next_attempt_at))
      .slice(0, limit)
  }

  async missing(limit: number): Promise<DeliveryRecord[]> {
    await this.flushRecords()
    const { store, workflow_id, place } = this.#options
    return guarded(() => store.missing(workflow_id, place, this.#epoch, limit))
  }

  /** What was delivered before this run, and neither listed nor failed in it. */
  async unseen(limit: number): Promise<DeliveryRecord[]> {
    await this.flushRecords()
    const { store, workflow_id, place } = this.#options
    const records = await guarded(() => store.unseen(workflow_id, place, this.#epoch, limit))
    if (records.length === limit) this.#unheld = true
    return records.filter(({ reference }) => !this.#failed.has(reference))
  }

  /** What is written down of these items. */
  lookUp(references: string[]): Lookup {
    return new Lookup(this.#options, references)
  }

  keepRecord(record: KeptRecord): void {
    if (!this.remembers) return
    const { clock, scope } = this.#options
    this.#newRecords.push({ ...record, checked_at: clock.now(), epoch: this.#epoch, scope })
    if (this.#newRecords.length >= BATCH) void this.flushRecords()
    this.#planFlush()
  }

  /** Waits where more is done than written down: a run that dies must not leave much to be repeated. */
  async keepUp(): Promise<void> {
    if (this.#newRecords.length >= BATCH) await this.flushRecords()
  }

  /** Of a dry run too, which marks nothing: that an item was read is true whatever becomes of it. */
  keepDetail(account: string, detail: CachedDetail): void {
    if (!this.#options.store.remembers) return
    const details = this.#newDetails.get(account) ?? []
    this.#newDetails.set(account, details)
    details.push(detail)
    if (details.length >= DETAILS_BATCH) void this.flush()
    this.#planFlush()
  }

  isPending(reference: string): boolean {
    return this.#pending.has(reference)
  }

  /** An item came to its end: it is pending no longer. */
  settle(reference: string): void {
    if (this.#pending.delete(reference)) this.#settled.add(reference)
    this.#failed.delete(reference)
  }

  /** An item failed: later runs try it again, where that may help. A reference of null cannot be found again. */
  fail(
    item: { reference: string | null; id: string | null; version: string | null },
    failure: Omit<ItemFailure, 'reference' | 'attempts'>,
    mayHelp: boolean,
  ): void {
    if (!this.remembers) return
    const { reference } = item
    if (reference === null || (this.pendingCount >= PENDING_MAX && !this.#pending.has(reference))) {
      this.#unheld = true
      return
    }
    const now = this.#options.clock.now()
    const known = this.#pending.get(reference)
    const attempts = (known?.attempts ?? 0) + 1
    const { stage, code, message } = failure
    this.#failed.set(reference, {
      ...item,
      reference,
      stage,
      code,
      message,
      attempts,
      first_failed_at: known?.first_failed_at ?? now,
      next_attempt_at: mayHelp ? nextAttempt(attempts, now) : null,
    })
  }

  /** The cursor that a run which read everything leaves behind: never an earlier one. Null: it must stay as it is. */
  advance(began_at: number | undefined): string | null {
    if (began_at === undefined || this.#unheld || !this.remembers) return null
    const { cursor } = this
    return cursor !== null && Date.parse(cursor) > began_at ? cursor : new Date(began_at).toISOString()
  }

  /** Writes down what is left, how the run ended, what is pending, and the cursor: null leaves it. Throws `RunError`. */
  async commit(cursor: string | null, result: () => RunResult, failures: ItemFailure[]): Promise<void> {
    const { store, scope, workflow_id, clock, lease, parameters, ending } = this.#options
    if (!lease || !this.remembers || ending.fatal?.reason === 'workflow_lease_lost') return
    const ended = result()
    const { run_id, started_at, action } = ended
    const times = { started_at: Date.parse(started_at), finished_at: clock.now() }
    const run = { run_id, workflow_id, action, ...times, result: ended }
    const pending = [...this.#failed.values()]
    const moved = cursor === null ? {} : { cursor }
    const commit = { run, failures, scope, parameters, pending, settled: [...this.#settled], ...moved }
    await guarded(() => store.commitRun(lease.current, commit))
  }

  /** Nothing more is written. */
  close(): void {
    this.#done.abort()
  }

  /** Of this run's lease. */
  get #epoch(): number {
    return this.#options.lease?.current.epoch ?? Number.MAX_SAFE_INTEGER
  }

  #planFlush(): void {
    if (this.#flushPlanned) return
    this.#flushPlanned = true
    void this.#options.clock.sleep(BATCH_MS, this.#done.signal).then(async () => {
      this.#flushPlanned = false
      if (!this.#done.signal.aborted) await this.flush()
    })
  }

  /** Writes down all that waits for it. */
  async flush(): Promise<void> {
    const { store, lease } = this.#options
    if (lease && !(await this.flushRecords())) return
    await this.#write(async () => {
      const details = [...this.#newDetails]
      this.#newDetails.clear()
      for (const [account, kept] of details) await guarded(() => store.saveDetails(account, kept))
    })
  }

  /** False: it failed, or there is nothing to write under. */
  async flushRecords(): Promise<boolean> {
    const { store, place, lease } = this.#options
    if (!lease) return false
    return this.#write(async () => {
      const records = this.#newRecords.splice(0)
      if (records.length > 0) await guarded(() => store.saveRecords(lease.current, place, records))
    })
  }

  /** One write at a time. A store that fails ends the run, as what was done cannot be told; a dry run has done nothing. */
  #write(work: () => Promise<void>): Promise<boolean> {
    const { lease, ending } = this.#options
    const written = this.#writing.then(async () => {
      try {
        await work()
        return true
      } catch (error) {
        if (lease && error instanceof RunError) ending.fail(error, 'ends')
        return false
      }
    })
    this.#writing = written
    return written
  }
}
