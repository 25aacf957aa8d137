import { guarded, RunError } from '../errors.js'
import type { Clock } from '../ports/clock.js'
import type { CachedDetail, DeliveryRecord, Leaving, Store } from '../ports/store.js'
import type { HeldLease } from './lease.js'

/** With as many on their way to be written down, a run that dies leaves at most 50 to be repeated. */
const RECORDS_BATCH = 25

/** Details that are not written down in time are read again, no more; at Workable's pace there are two in a second. */
const DETAILS_BATCH = 100
const BATCH_MS = 1_000

export interface WriteBehindOptions {
  store: Store
  clock: Clock
  /** What records belong to. */
  place: string
  /** Undefined: a dry run, which writes no record. */
  lease: HeldLease | undefined
  /** The state cannot be written: what was done cannot be told any more. */
  onFailure: (error: RunError) => void
}

/** Records and details on their way to the store: written in batches, one write at a time, under the run's lease. */
export class WriteBehind {
  readonly #options: WriteBehindOptions
  readonly #records: DeliveryRecord[] = []
  readonly #details = new Map<string, CachedDetail[]>()
  /** By reference at the target; null: to be forgotten. */
  readonly #leavings = new Map<string, Leaving | null>()
  readonly #done = new AbortController()
  #writing: Promise<unknown> = Promise.resolve()
  #flushPlanned = false

  constructor(options: WriteBehindOptions) {
    this.#options = options
  }

  record(record: DeliveryRecord): void {
    this.#records.push(record)
    if (this.#records.length >= RECORDS_BATCH) void this.flushRecords()
    this.#planFlush()
  }

  /** Of a dry run none is kept. */
  leaving(leaving: Leaving): void {
    if (this.#options.lease) this.#leavings.set(leaving.target, leaving)
    this.#planFlush()
  }

  forget(target: string): void {
    if (this.#options.lease) this.#leavings.set(target, null)
    this.#planFlush()
  }

  detail(account: string, detail: CachedDetail): void {
    const details = this.#details.get(account) ?? []
    this.#details.set(account, details)
    details.push(detail)
    if (details.length >= DETAILS_BATCH) void this.flush()
    this.#planFlush()
  }

  /** Waits where more is done than written down: a run that dies must not leave much to be repeated. */
  async keepUp(): Promise<void> {
    if (this.#records.length >= RECORDS_BATCH) await this.flushRecords()
  }

  /** Writes down all that waits for it. */
  async flush(): Promise<void> {
    const { store, lease } = this.#options
    if (lease && !(await this.flushRecords())) return
    await this.#write(async () => {
      const details = [...this.#details]
      this.#details.clear()
      for (const [account, kept] of details) await guarded(() => store.saveDetails(account, kept))
    })
  }

  /** False: it failed, or there is nothing to write under. */
  async flushRecords(): Promise<boolean> {
    const { store, place, lease } = this.#options
    if (!lease) return false
    return this.#write(async () => {
      // First: a record must not say that an item was dealt with whose leaving is not known.
      const changes = [...this.#leavings]
      this.#leavings.clear()
      const saved = changes.flatMap(([, leaving]) => leaving ?? [])
      const forgotten = changes.flatMap(([target, leaving]) => (leaving === null ? target : []))
      if (changes.length > 0) await guarded(() => store.changeLeavings(lease.current, place, { saved, forgotten }))
      const records = this.#records.splice(0)
      if (records.length > 0) await guarded(() => store.saveRecords(lease.current, place, records))
    })
  }

  /** Nothing more is written. */
  close(): void {
    this.#done.abort()
  }

  #planFlush(): void {
    if (this.#flushPlanned) return
    this.#flushPlanned = true
    void this.#options.clock.sleep(BATCH_MS, this.#done.signal).then(async () => {
      this.#flushPlanned = false
      if (!this.#done.signal.aborted) await this.flush()
    })
  }

  /** A store that fails ends the run; a dry run has done nothing that must be told. */
  #write(work: () => Promise<void>): Promise<boolean> {
    const { lease, onFailure } = this.#options
    const written = this.#writing.then(async () => {
      try {
        await work()
        return true
      } catch (error) {
        if (lease && error instanceof RunError) onFailure(error)
        return false
      }
    })
    this.#writing = written
    return written
  }
}
