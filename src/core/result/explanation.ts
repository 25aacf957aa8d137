import type { ItemFailure } from './result.js'

/** What became of one item, and what the next run would do with it. Instants are ISO. */
export interface Explanation {
  workflow_id: string
  action: string
  reference: string
  /** What the origin says of it now; null: it does not have it. */
  origin: { id: string | null; version: string | null; is_inside: boolean } | null
  /** Why the origin could not be asked for it; null: it could. */
  failure: ItemFailure | null
  /** How far logics and format bring it; null where it was not tried, as there is no item, or nobody wants it. */
  mapping: { outcome: 'mapped' | 'discarded' | 'failed'; target: string | null; failure?: ItemFailure } | null
  /** What was written down when it was dealt with last; null: nothing was. */
  record: {
    outcome: 'delivered' | 'delivering' | 'discarded' | 'missing' | 'left'
    version: string | null
    target: string | null
    at: string
    run_id: string | null
    /** It was delivered by its list entry alone: its details are still to be read. */
    details_due: boolean
  } | null
  /** It failed and is tried again; `next_attempt_at` null: not before it changes, or a person says so. */
  pending: (Omit<ItemFailure, 'at' | 'reference'> & { first_failed_at: string; next_attempt_at: string | null }) | null
  /** It left, or another reference of it did: what is decided of that. */
  leavings: {
    target: string
    reason: 'filter' | 'discarded' | 'renamed' | 'deleted'
    state: 'seen' | 'archiving' | 'archived' | 'settled'
    since: string
    archived_at: string | null
  }[]
  /** What the target has; null where it cannot be told. */
  target: {
    reference: string
    shown: 'live' | 'archived' | 'none'
    archived_at: string | null
    by: 'workflow' | 'others' | null
  } | null
  /** What the next run would do with it, and why. */
  next: { does: NextStep; why: string }
}

export type NextStep = 'nothing' | 'deliver' | 'archive' | 'bring_back' | 'look_again' | 'try_again'
