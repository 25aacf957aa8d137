import type { Listed } from '../model/read.js'
import type { Mode } from '../model/write.js'
import type { DeliveryRecord, Leaving } from '../ports/store.js'
import { isOlder, wasDelivered } from './decisions.js'
import { isOwn, isUndecided } from './leavings.js'

/**
 * What becomes of an item that is listed, before it is loaded. `stale`: what is listed is older than what was seen before, and
 * proves nothing; `filtered`: outside the filter, and nobody's affair; `leaves`: outside, and live at the target, which follows
 * the origin; `unchanged`: brought to its end at this version before.
 */
export type Way = 'stale' | 'filtered' | 'leaves' | 'unchanged' | 'deliver'

export interface WayFacts {
  listed: Pick<Listed<unknown>, 'version'>
  record: Pick<DeliveryRecord, 'outcome' | 'memo' | 'version'> | undefined
  /** From the reference at the target that the record names. */
  leaving: Leaving | undefined
  /** Whether it is inside the filter. */
  inside: boolean
  mode: Mode
  /** Whether the target follows the origin: what left is archived. */
  follows: boolean
  /** Whether it was brought to its end at this version, by this mapping. */
  isUnchanged: boolean
  incremental: boolean
  /** It is pending, or was asked for by itself. */
  must: boolean
  /** It is only told where it is outside the filter. */
  only_leaving: boolean
}

/** The decision of a run, and of `explain`. */
export function wayOf(facts: WayFacts): Way {
  const { listed, record, leaving, inside, mode, follows, must } = facts
  if (follows && !inside) return outside(facts)
  if (follows && record?.outcome === 'left' && isOlder(listed.version, record.version)) return 'stale'
  if (!inside) return mode === 'update' && wasDelivered(record) ? 'deliver' : 'filtered'
  if (facts.only_leaving) return 'filtered'
  const isBack = leaving !== undefined && isOwn(leaving)
  return facts.isUnchanged && facts.incremental && !must && !isBack ? 'unchanged' : 'deliver'
}

function outside({ listed, record, leaving }: WayFacts): Way {
  if (record === undefined || !isOnTarget(record, leaving)) return 'filtered'
  return isOlder(listed.version, record.version) ? 'stale' : 'leaves'
}

/** Whether an item may be live at the target: delivered, or told to have left and not archived since. */
export function isOnTarget(
  record: Pick<DeliveryRecord, 'outcome' | 'memo'> | undefined,
  leaving: Leaving | undefined,
): boolean {
  return wasDelivered(record) || (record?.outcome === 'left' && (leaving === undefined || isUndecided(leaving)))
}
