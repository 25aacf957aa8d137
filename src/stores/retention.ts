// How much every store keeps.

/** Of the details of items, until they are read again anyway. */
export { DETAIL_LIFETIME_MS } from '../core/state/known-items.js'

/** Runs of the history: of each workflow in a database, in all in memory. */
export const RUNS_KEPT = 1_000
export const RUN_LIFETIME_MS = 90 * 24 * 3_600_000

/** Of what was changed by hand. */
export const AUDIT_LIFETIME_MS = 365 * 24 * 3_600_000

/** A service that asks for more is told by a clock that was wrong. */
export const LONGEST_HOLD_MS = 3_600_000

/** Slots of a budget on either side of those that are in use. */
export const KEPT_SLOTS = 6

/** A lease is taken for a minute at a time: one that ends later was written by a clock that was wrong, and holds nothing. */
export const LONGEST_LEASE_MS = 120_000
