import type { AnyFlow } from '../model/flow.js'
import type { Details, Listed } from '../model/read.js'
import type { RunRequest } from '../model/request.js'
import type { Clock } from '../ports/clock.js'
import type { Leaving } from '../ports/store.js'
import type { Tap } from '../ports/run.js'
import type { Stage } from '../result/outcome.js'
import type { Leavings } from '../state/leavings.js'
import type { Journal } from '../state/journal.js'
import type { KnownItems } from '../state/known-items.js'
import type { KeptRecord } from '../state/journal.js'
import type { Cancellation } from './cancellation.js'
import type { Turns } from './concurrency.js'
import type { Partials } from './partials.js'
import type { Admission, Planning } from './planning.js'
import type { References } from './references.js'
import type { Report } from './report.js'

/** What a run works with: the same for all its items. */
export interface RunContext {
  flow: AnyFlow
  request: RunRequest
  /** The two sides, connected. */
  origin: unknown
  target: unknown
  journal: Journal
  report: Report
  cancellation: Cancellation
  /** How many items may be looked at. */
  admission: Admission
  planning: Planning
  tap: Tap | undefined
  /** Whether what is known of an item will be found by the next run, or would be by the run that is planned. */
  remembers: boolean
  references: References
  leavings: Leavings
  /** When the details of items are read. */
  details: Details
  /** Items that were delivered by their list entries alone. */
  partials: Partials
  /** Of the guard against landslides: whether what chooses items has changed, and whether all may leave. */
  guard: { changed: boolean; allowed: boolean }
  clock: Clock
  /** Writes to one item of the target, one after another. */
  turns: Turns
  /** What makes an item what it is at the target: another mapping delivers again. */
  mapping: string
  /** Takes each formatted item that was written or found unchanged, by its reference at the origin. */
  delivered(reference: string, item: unknown): void
}

/** How far an item has come, and what was known of it before. */
export interface Passage {
  stage: Stage
  listed: Listed<unknown>
  known: KnownItems
  record: KeptRecord | undefined
  /** What it has left before, at whatever reference; empty where nothing is archived. */
  leavings: Leaving[]
  /** Its list entry is enough for now: its details are read later, or not at all. */
  byListEntry?: boolean
  /** It was delivered, or discarded, by its list entry alone. */
  isPartial?: boolean
  /** It leaves: how it ends is decided when the list was read. */
  isLeaving?: boolean
}

/** What is known of an item from before, at whatever reference at the target. */
type Before = Pick<Passage, 'record' | 'leavings'> & { listed: { reference: string } }

/** Where an item was written last: by its reference at the target, or its own where that was not written down. */
export function targetOf({ record, listed }: Before): string {
  return record?.target ?? listed.reference
}

/** What is written down of its leaving from there. */
export function leavingOf(item: Before): Leaving | undefined {
  return item.leavings.find(({ target }) => target === targetOf(item))
}
