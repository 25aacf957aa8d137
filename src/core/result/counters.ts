import type { ItemOutcome } from './outcome.js'

const READ_ENDS = ['read_failure', 'read_unchanged', 'read_filtered', 'read_gone', 'read_skipped'] as const

/**
 * What a run counted. In every run that is not a dry run:
 * listed = read_success + read_failure + read_unchanged + read_filtered + read_gone + read_skipped, and
 * read_success = logics_discard + logics_failure + format_failure + write_success + write_unchanged + write_not_found +
 * write_archived + write_unarchived + write_failure + write_skipped.
 */
export interface EventCounters {
  /** Items read whole. */
  read_success: number
  /** Items that could not be read. */
  read_failure: number
  /** Items already delivered at this version. */
  read_unchanged: number
  /** Items outside the filter. */
  read_filtered: number
  /** Items listed and then deleted. */
  read_gone: number
  /** Items listed, not loaded: the run ended first. */
  read_skipped: number
  /** Pages, or entries on them, that could not be listed. */
  list_failure: number
  format_failure: number
  logics_discard: number
  logics_failure: number
  /** Items written. */
  write_success: number
  /** Items with nothing to change, created before, or archived already. */
  write_unchanged: number
  /** Updates for items that the target does not have. */
  write_not_found: number
  /** Items that left and were archived, however they were found: each counts as listed and read. */
  write_archived: number
  /** Items that came back and are live again, updated or not. */
  write_unarchived: number
  write_failure: number
  /** Items read, not written: the run ended first. */
  write_skipped: number
  /** Items that left and were held back, as too many left at once. They are no ends: each has one besides. */
  left_held: number
  /** Items on the target whose details are still to be read, at the end of the run. They are no ends, and no failures. */
  details_due: number
  callback_failure: number
  callback_executed: number
  getting_incremental_token_failure: number
}

export function emptyCounters(): EventCounters {
  return {
    read_success: 0,
    read_failure: 0,
    read_unchanged: 0,
    read_filtered: 0,
    read_gone: 0,
    read_skipped: 0,
    list_failure: 0,
    format_failure: 0,
    logics_discard: 0,
    logics_failure: 0,
    write_success: 0,
    write_unchanged: 0,
    write_not_found: 0,
    write_archived: 0,
    write_unarchived: 0,
    write_failure: 0,
    write_skipped: 0,
    left_held: 0,
    details_due: 0,
    callback_failure: 0,
    callback_executed: 0,
    getting_incremental_token_failure: 0,
  }
}

/** Counts one item's end. Whatever ends after the reading was read. */
export function countOutcome(events: EventCounters, outcome: ItemOutcome): void {
  if (!isReadEnd(outcome)) events.read_success += 1
  if (outcome !== 'previewed') events[outcome] += 1
}

/** Counts one item's end otherwise than before; both are ends of items that were read. */
export function amendOutcome(events: EventCounters, before: ItemOutcome, outcome: ItemOutcome): void {
  if (before !== 'previewed') events[before] -= 1
  if (outcome !== 'previewed') events[outcome] += 1
}

/** Items listed, as the counters have it. */
export function listedCount(events: EventCounters): number {
  return events.read_success + READ_ENDS.reduce((sum, name) => sum + events[name], 0)
}

function isReadEnd(outcome: ItemOutcome): outcome is (typeof READ_ENDS)[number] {
  return READ_ENDS.some((name) => name === outcome)
}
