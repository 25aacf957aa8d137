import type { Json } from '../text/json.js'

/** One part of an item that a run would change. What is not there is null. */
export interface Change {
  /** Where: `name`, `location.lat`, `tags.department` (the entry of that name). */
  path: string
  /** What the target has. */
  from: Json
  /** What it would have. */
  to: Json
}

/** What a writer would do with an item. */
export interface Comparison {
  /** `not_found`: the target does not have the item, and it would not be put there. */
  outcome: 'create' | 'update' | 'archive' | 'unchanged' | 'not_found'
  /** Empty unless something would be created or updated. */
  changes: Change[]
  /** What the item is called, for whoever reads the plan. */
  name?: string
  /** A sentence for whoever reads the plan. */
  note?: string
}

/** An item on the plan, by its reference at the origin. */
export interface PlannedItem extends Comparison {
  reference: string
}

/** Every item that reached the writer, by what would become of it. */
export type PlanTotals = Record<
  | Comparison['outcome']
  /** It could not be compared: see the result's failures. */
  | 'failed'
  /** The run ended first. */
  | 'skipped',
  number
>

/** What a run would do: every item but those that are unchanged, at most 1,000. */
export interface Plan {
  /** By reference. Items with something to write go before those that the target does not have. */
  items: PlannedItem[]
  /** How many more there are. */
  omitted: number
  /** The limit ended it: there is more that was not looked at. */
  partial?: true
  totals: PlanTotals
}
