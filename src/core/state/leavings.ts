import type { Clock } from '../ports/clock.js'
import type { DeliveryRecord, HeldCounts, Leaving, Store } from '../ports/store.js'
import type { ItemOutcome } from '../result/outcome.js'
import { guarded } from '../errors.js'
import type { HeldLease } from './lease.js'
import type { WriteBehind } from './write-behind.js'

// What leaves the target: seen on the way, written down, and decided at the end of a list that was read to its end.

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** However little a workflow holds: so many may leave in a day. */
const ALWAYS = 3
const SHARE = 1 / 5
const SHARE_OF_DELETIONS = 1 / 20

/** Why all leavings are held back, as numbers and words for the failure that says so; null: they may go. */
export function landslide(
  due: readonly Pick<Leaving, 'reason'>[],
  held: HeldCounts,
  { changed, allowed }: { changed: boolean; allowed: boolean },
): string | null {
  if (due.length === 0 || allowed) return null
  const all = held.live + held.archived
  const leaving = due.length + held.archived
  const deletions = due.filter(({ reason }) => reason === 'deleted').length + held.deleted
  const today = held.archived > 0 ? ` (${held.archived} more left in the last 24 hours)` : ''
  const numbers = `${due.length} of ${all} would leave the target${today}`
  if (changed) return `${numbers}, in the first run after the filter, the logics or the mapping changed`
  if (leaving > Math.max(ALWAYS, all * SHARE)) return `${numbers}, more than a fifth`
  if (deletions > Math.max(ALWAYS, all * SHARE_OF_DELETIONS))
    return `${numbers}, ${deletions} of them because they were deleted, more than a twentieth`
  if (due.length > 1 && held.live <= due.length) return `${numbers}, and none would stay`
  return null
}

/** Whether a deletion was seen in two runs that are far enough apart. */
export function isConfirmed({ since }: Leaving, now: number): boolean {
  return now - since >= HOUR_MS
}

/** Whether this workflow has archived it, or was about to: it is known by when it was archived, or by the announcement. */
export function isOwn({ state, archived_at }: Leaving): boolean {
  return state === 'archived' || state === 'archiving' || (state === 'seen' && archived_at !== null)
}

/** Whether it is still to be decided. */
export function isUndecided({ state }: Leaving): boolean {
  return state === 'seen' || state === 'archiving'
}

/** What a workflow holds live at a place, and what of it was archived in the last 24 hours. */
export function heldToday(
  store: Store,
  { workflow_id, place }: { workflow_id: string; place: string },
  now: number,
): Promise<HeldCounts> {
  return store.heldCounts(workflow_id, place, now - DAY_MS)
}

export interface LeavingsOptions {
  /** Whether what left is archived. */
  isOn: boolean
  store: Store
  clock: Clock
  workflow_id: string
  place: string
  board: string
  /** Undefined: a dry run, which writes nothing down. */
  lease: HeldLease | undefined
  behind: WriteBehind
}

/** The items that leave: what runs before have seen, and what this one sees. */
export class Leavings {
  readonly isOn: boolean
  /** The origin's clock when the list began. */
  #now: number
  readonly #options: LeavingsOptions
  /** Of this run, by reference at the target. */
  readonly #saved = new Map<string, Leaving>()
  readonly #forgotten = new Set<string>()
  /** Inside as this run has seen them, whatever was announced before. */
  readonly #staying = new Set<string>()
  /** How a listed item that leaves ends, should it not be archived. */
  readonly #deferred = new Map<string, ItemOutcome>()
  readonly #seenGone = new Set<string>()
  /** At which version they were seen outside, by reference at the target. */
  readonly #versions = new Map<string, string>()

  constructor(options: LeavingsOptions) {
    this.#options = options
    this.isOn = options.isOn
    this.#now = options.clock.now()
  }

  /** The origin's clock, where it tells. */
  begin(at: number | undefined): void {
    if (at !== undefined) this.#now = at
  }

  get now(): number {
    return this.#now
  }

  /** An item is seen to leave. That this workflow has archived it before is not forgotten by that. */
  see(
    item: { reference: string; id: string | null; target: string | null; version?: string | null },
    reason: Leaving['reason'],
    before?: Leaving,
  ): void {
    const { reference, id, version = null } = item
    const target = item.target ?? reference
    this.seenAt(target, version)
    if (reason === 'deleted') this.#seenGone.add(target)
    const known = this.#saved.get(target) ?? before
    const since = known?.state === 'seen' && known.reason === reason ? known.since : this.#now
    const { archived_at, decided_at } = known && isOwn(known) ? known : { archived_at: null, decided_at: null }
    // Archived, and the target does not say when: found so, it is its own.
    const isAnnounced = known?.state === 'archiving' || (known?.state === 'archived' && archived_at === null)
    const state = isAnnounced ? 'archiving' : 'seen'
    this.#staying.delete(target)
    this.save({ target, reference, id, reason, since, seen_at: this.#now, state, archived_at, decided_at })
  }

  /** An item is inside: that it was seen to leave is no longer true. What is its own archive is kept until it is live. */
  stays(target: string, before?: Leaving): void {
    const known = this.#saved.get(target) ?? before
    if (known === undefined) return
    if (isOwn(known)) this.#staying.add(target)
    else this.forget(target)
  }

  /** The end of a listed item waits for what is decided of it. */
  defer(reference: string, outcome: ItemOutcome): void {
    this.#deferred.set(reference, outcome)
  }

  /** How an item that was deferred ends, should it stay; undefined for one that was not, or has ended. */
  end(reference: string): ItemOutcome | undefined {
    const outcome = this.#deferred.get(reference)
    this.#deferred.delete(reference)
    return outcome
  }

  get deferred(): string[] {
    return [...this.#deferred.keys()]
  }

  save(leaving: Leaving): void {
    this.#saved.set(leaving.target, leaving)
    this.#forgotten.delete(leaving.target)
    this.#options.behind.leaving(leaving)
  }

  /** It is inside again, or nobody's affair any more. */
  forget(target: string): void {
    this.#saved.delete(target)
    this.#forgotten.add(target)
    this.#options.behind.forget(target)
  }

  seenAt(target: string, version: string | null): void {
    if (version !== null) this.#versions.set(target, version)
  }

  /** The version at which this run has seen it outside; undefined where there is none. */
  versionOf(target: string): string | undefined {
    return this.#versions.get(target)
  }

  /** Whether it was seen by an earlier run and not by this one. */
  isOld({ target }: Leaving): boolean {
    return !this.#saved.has(target)
  }

  /** Whether a deletion was seen in this run. */
  isGone({ target }: Leaving): boolean {
    return this.#seenGone.has(target)
  }

  /** What is not decided yet, of this run and of those before. Throws `RunError`. */
  async undecided(): Promise<Leaving[]> {
    const { store, workflow_id, place } = this.#options
    const known = await guarded(() => store.leavings(workflow_id, place, null))
    const before = known.filter(({ target }) => !this.#saved.has(target) && !this.#forgotten.has(target))
    const all = [...before, ...this.#saved.values()]
    return all.filter((leaving) => isUndecided(leaving) && !this.#staying.has(leaving.target))
  }

  /** Those that no other workflow of the board holds live. Throws `RunError`. */
  async own(leavings: Leaving[]): Promise<Leaving[]> {
    const { store, workflow_id, board } = this.#options
    if (leavings.length === 0) return []
    const targets = leavings.map(({ target }) => target)
    const others = new Set(await guarded(() => store.heldByOthers(workflow_id, board, targets)))
    return leavings.filter(({ target }) => !others.has(target))
  }

  /** Live, and archived in the last 24 hours. Throws `RunError`. */
  async counts(): Promise<HeldCounts> {
    const { store, clock } = this.#options
    return guarded(() => heldToday(store, this.#options, clock.now()))
  }

  /** Records that were told to have left before anything was archived. Throws `RunError`. */
  async told(limit: number): Promise<DeliveryRecord[]> {
    const { store, workflow_id, place, lease } = this.#options
    const epoch = lease?.current.epoch ?? Number.MAX_SAFE_INTEGER
    const told = await guarded(() => store.told(workflow_id, place, epoch, limit))
    return told.filter(({ target, reference }) => !this.#saved.has(target ?? reference))
  }

  /** Live records between two ids of the origin. Throws `RunError`. */
  async liveBetween(after: string, until: string | null): Promise<DeliveryRecord[]> {
    const { store, workflow_id, place } = this.#options
    return guarded(() => store.liveBetween(workflow_id, place, after, until))
  }
}
