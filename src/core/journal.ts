import { guarded, RunError } from './errors.js'
import type { Ending } from './ending.js'
import type { CachedDetail, Clock, DeliveryRecord, ItemFailure, Lease, Store } from './ports.js'
import type { RunResult } from './result.js'

const LEASE_MS = 60_000
const BATCH = 50
const BATCH_MS = 1_000
const DETAIL_LIFETIME_MS = 30 * 24 * 3_600_000

export interface JournalOptions {
  store: Store
  clock: Clock
  ending: Ending
  workflow_id: string
  action: string
  scope: string
  holder: string
  /** False: a dry run, which takes no lease and marks nothing. */
  writes: boolean
}

/** A run's view of the state: what is known of its items, and what it writes down of them, in batches, under its lease. */
export class Journal {
  readonly #options: JournalOptions
  readonly #records: Lookup<DeliveryRecord>
  readonly #details = new Map<string, Lookup<CachedDetail>>()
  readonly #newRecords: DeliveryRecord[] = []
  readonly #newDetails = new Map<string, CachedDetail[]>()
  readonly #done = new AbortController()
  #lease: Lease | undefined
  #writing: Promise<void> = Promise.resolve()
  #flushPlanned = false

  constructor(options: JournalOptions) {
    this.#options = options
    const { store, workflow_id, scope } = options
    this.#records = new Lookup((references) => guarded(() => store.records(workflow_id, scope, references)))
  }

  /** Takes the workflow for this run; a workflow that is running already is a `RunError`. */
  async open(): Promise<void> {
    const { store, workflow_id, action, holder, writes } = this.#options
    if (!writes) return
    const lease = await guarded(() => store.acquireLease(workflow_id, action, holder, LEASE_MS))
    if (!('epoch' in lease)) {
      const since = new Date(lease.since).toISOString()
      throw new RunError(
        'workflow_already_running',
        'workflow_already_running',
        `Workflow ${workflow_id} is already running: ${lease.holder}, since ${since}.`,
        {
          hint: 'Wait for that run to end, or use another workflow_id for another set of parameters.',
        },
      )
    }
    this.#lease = lease
    void this.#keepLease()
  }

  /** Whether what is written down will be there in the next run. */
  get remembers(): boolean {
    return this.#options.store.remembers && this.#options.writes
  }

  async record(reference: string): Promise<DeliveryRecord | undefined> {
    return this.#options.store.remembers ? this.#records.get(reference) : undefined
  }

  /** What is kept of an item's detail at this version, if it is neither too old nor read too soon after the change. */
  async detail(
    account: string,
    item: { reference: string; version: string },
    settles_after_ms: number,
  ): Promise<CachedDetail | undefined> {
    const { store, clock } = this.#options
    if (!store.remembers) return undefined
    let lookup = this.#details.get(account)
    if (!lookup) {
      lookup = new Lookup((references) => guarded(() => store.cachedDetails(account, references)))
      this.#details.set(account, lookup)
    }
    const kept = await lookup.get(item.reference)
    if (kept?.version !== item.version || !settled(kept, settles_after_ms)) return undefined
    return clock.now() - kept.read_at < DETAIL_LIFETIME_MS ? kept : undefined
  }

  keepRecord(record: DeliveryRecord): void {
    if (!this.remembers) return
    this.#newRecords.push(record)
    this.#planFlush(this.#newRecords.length)
  }

  keepDetail(account: string, detail: CachedDetail): void {
    if (!this.remembers) return
    const details = this.#newDetails.get(account) ?? []
    this.#newDetails.set(account, details)
    details.push(detail)
    this.#planFlush(details.length)
  }

  /** Writes down what is left and how the run ended. */
  async commit(result: () => RunResult, failures: ItemFailure[]): Promise<void> {
    await this.#flush()
    const { store, scope, workflow_id, action, clock } = this.#options
    const lease = this.#lease
    if (!lease || !this.remembers) return
    const ended = result()
    const { run_id, started_at } = ended
    const run = {
      run_id,
      workflow_id,
      action,
      started_at: Date.parse(started_at),
      finished_at: clock.now(),
      result: ended,
    }
    await guarded(() => store.commitRun(lease, { run, failures, scope, pending: [], settled: [] }))
  }

  /** Gives the workflow back. What cannot be given back runs out by itself. */
  async close(): Promise<void> {
    this.#done.abort()
    const lease = this.#lease
    if (lease) await this.#options.store.releaseLease(lease).catch(() => undefined)
  }

  #planFlush(waiting: number): void {
    if (waiting >= BATCH) void this.#flush()
    if (this.#flushPlanned) return
    this.#flushPlanned = true
    void this.#options.clock.sleep(BATCH_MS, this.#done.signal).then(() => {
      this.#flushPlanned = false
      return this.#flush()
    })
  }

  /** One write at a time. A store that fails ends the run: what was done could not be written down. */
  async #flush(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const lease = this.#lease
      const records = this.#newRecords.splice(0)
      const details = [...this.#newDetails]
      this.#newDetails.clear()
      if (!lease) return
      const { store, scope, ending } = this.#options
      try {
        if (records.length > 0) await guarded(() => store.saveRecords(lease, scope, records))
        for (const [account, kept] of details) await guarded(() => store.saveDetails(account, kept))
      } catch (error) {
        if (error instanceof RunError) ending.fail(error, 'ends')
      }
    })
    await this.#writing
  }

  async #keepLease(): Promise<void> {
    const { store, clock, ending } = this.#options
    while (this.#lease) {
      await clock.sleep(LEASE_MS / 3, this.#done.signal)
      if (this.#done.signal.aborted) return
      const lease = this.#lease
      try {
        this.#lease = await guarded(() => store.renewLease(lease, LEASE_MS))
      } catch (error) {
        if (error instanceof RunError) ending.fail(error, 'ends')
        return
      }
    }
  }
}

/** Whether what was read shows all of its version: versions are cut to a grain, and read too soon one hides changes. */
export function settled(kept: { version: string | null; read_at: number }, settles_after_ms: number): boolean {
  if (kept.version === null) return false
  const at = Date.parse(kept.version)
  return settles_after_ms === 0 || (Number.isFinite(at) && kept.read_at >= at + settles_after_ms)
}

/** Asks for many references at once: all that are wanted in the same turn of the event loop. */
class Lookup<V extends { reference: string }> {
  readonly #fetch: (references: string[]) => Promise<V[]>
  #next: { references: string[]; found: Promise<Map<string, V>> } | undefined

  constructor(fetch: (references: string[]) => Promise<V[]>) {
    this.#fetch = fetch
  }

  async get(reference: string): Promise<V | undefined> {
    this.#next ??= this.#open()
    const batch = this.#next
    batch.references.push(reference)
    return (await batch.found).get(reference)
  }

  #open(): { references: string[]; found: Promise<Map<string, V>> } {
    const references: string[] = []
    const turn = new Promise<void>((resolve) => setImmediate(resolve))
    const found = turn.then(async () => {
      this.#next = undefined
      return new Map((await this.#fetch(references)).map((value) => [value.reference, value]))
    })
    return { references, found }
  }
}
