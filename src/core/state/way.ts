import type { Listed } from '../model/read.js'
import type { Mode } from '../model/write.js'
import type { DeliveryRecord, Leaving } from '../ports/store.js'
import { isKnown, isOlder, wasDelivered } from './decisions.js'

/**
 * What becomes of an item that is listed, before it is loaded. `stale`: what is listed is older than what was seen before;
 * `filtered`: outside the filter, and nobody's affair; `leaves`: outside, and live at the target, which follows the origin;
 * `unchanged`: brought to its end at this version before.
 */
export type Way = 'stale' | 'filtered' | 'leaves' | 'unchanged' | 'deliver'

export interface WayFacts {
  listed: Listed<unknown>
  record: DeliveryRecord | undefined
  /** Of the reference at the target that the record names. */
  leaving: Leaving | undefined
  inside: boolean
  mode: Mode
  /** Whether the target follows the origin: what left is archived. */
  follows: boolean
  mapping: string
  incremental: boolean
  /** It is pending and due, or was asked for by itself. */
  must: boolean
  /** It is only told where it is outside the filter. */
  only_leaving: boolean
  settles_after_ms: number
}

export function wayOf(facts: WayFacts): Way {
  const { listed, record, leaving, inside, mode, follows, must } = facts
  if (follows && !inside) return outside(listed, record, leaving)
  if (follows && record?.outcome === 'left' && isOlder(listed.version, record.version)) return 'stale'
  if (!inside) return mode === 'update' && wasDelivered(record) ? 'deliver' : 'filtered'
  if (facts.only_leaving) return 'filtered'
  const isUnchanged = isKnown(record, listed, facts.mapping, facts.settles_after_ms)
  const isBack = leaving !== undefined && isOwn(leaving)
  return isUnchanged && facts.incremental && !must && !isBack ? 'unchanged' : 'deliver'
}

function outside(listed: Listed<unknown>, record: DeliveryRecord | undefined, leaving: Leaving | undefined): Way {
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

/** Whether this workflow has archived it, or was about to. */
export function isOwn({ state }: Leaving): boolean {
  return state === 'archived' || state === 'archiving'
}

/** Whether it was seen to leave and nothing is done yet, as far as is known. */
export function isUndecided({ state }: Leaving): boolean {
  return state === 'seen' || state === 'archiving'
}
