import { RunError } from '../errors.js'
import type { AnyFlow } from '../model/flow.js'
import type { Details, Listed, Loaded } from '../model/read.js'
import type { DeliveryRecord, PendingEntry, WorkflowRecord } from '../ports/store.js'
import type { Json } from '../text/json.js'

// The decisions of an incremental run, as pure functions.

/** How far before the cursor a run reads again: clocks differ, and a service's replicas lag. */
const OVERLAP_MS = 120_000

type Read = AnyFlow['read']

/** Whether a moment that was written down lies further ahead than clocks may differ: one was wrong, and nothing follows. */
export function isAhead(moment: number, now: number): boolean {
  return !(moment <= now + OVERLAP_MS)
}

/**
 * What an incremental run asks the list for: what changed since the cursor, less an overlap, or since the user's own
 * moment where that is later; without the filters that an item may leave by changing.
 */
export function listingParameters(
  read: Read,
  parameters: Record<string, unknown>,
  cursor: string | null,
): Record<string, unknown> {
  const { since } = read
  if (since === undefined) throw notIncremental()
  const kept = Object.entries(unfiltered(read, parameters))
  const own = parameters[since]
  const from = cursor === null ? -Infinity : Date.parse(cursor) - OVERLAP_MS
  const later = typeof own === 'string' && Date.parse(own) >= from ? own : null
  if (later !== null || from === -Infinity) return Object.fromEntries(kept)
  // Through its schema: that knows the form the service wants.
  const moment = read.parameters.partial().parse({ [since]: new Date(from).toISOString() })
  return { ...Object.fromEntries(kept), ...moment }
}

/** What is asked of the list, without the filters that an item may leave by changing: they are applied here. */
export function unfiltered({ leaving }: Read, parameters: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => leaving?.parameters.includes(name) !== true))
}

/** Whether what was read shows all of its version: versions are cut to a grain, and read too soon one hides changes. */
export function settled(kept: { version: string | null; read_at: number }, settles_after_ms: number): boolean {
  if (kept.version === null) return false
  const at = Date.parse(kept.version)
  return settles_after_ms === 0 || (Number.isFinite(at) && kept.read_at >= at + settles_after_ms)
}

/** Whether an item was loaded as it was listed, all of that version: else it will be listed again, with what is new. */
export function isWhole(listed: Listed<unknown>, loaded: Loaded<unknown>, settles_after_ms: number): boolean {
  const { version } = listed
  // Nothing tells them apart: what was read must do.
  if (version === null) return true
  const read_at = Math.min(listed.read_at, loaded.read_at)
  return (loaded.version ?? version) === version && settled({ version, read_at }, settles_after_ms)
}

/** Whether a filter is given that an item can leave by changing. */
export function isFiltered(read: Read, parameters: Record<string, unknown>): boolean {
  const given = (name: string) => parameters[name] !== undefined && parameters[name] !== null
  return read.leaving?.parameters.some(given) === true
}

/** Whether a listed item is inside the filters that an item can leave by changing. */
export function isInside({ leaving }: Read, { entry }: Listed<unknown>, parameters: Record<string, unknown>): boolean {
  return leaving?.includes(entry, parameters) ?? true
}

/** Whether one version is known to be older than another. */
export function isOlder(version: string | null, other: string | null): boolean {
  if (version === null || other === null) return false
  return Date.parse(version) < Date.parse(other)
}

/** Whether the target may have this item from here: what was discarded with a memo was delivered before. */
export function wasDelivered(record: Pick<DeliveryRecord, 'outcome' | 'memo'> | undefined): boolean {
  if (record === undefined) return false
  const { outcome, memo } = record
  return outcome === 'delivered' || outcome === 'delivering' || (outcome === 'discarded' && memo !== null)
}

/** Whether an item was brought to its end at this version before, by this mapping, with its details unless nobody wants them. */
export function isKnown(
  record: DeliveryRecord | undefined,
  listed: Listed<unknown>,
  by: { read: Pick<Read, 'settles_after_ms'>; mapping: string; details: Details },
): boolean {
  if (record === undefined || record.mapping !== by.mapping) return false
  if (record.outcome === 'left' || record.outcome === 'delivering') return false
  if (record.partial && by.details !== 'without') return false
  // Nothing is read before it is listed: the clock of that run was wrong.
  if (isAhead(record.read_at, listed.read_at)) return false
  return record.version === listed.version && settled(record, by.read.settles_after_ms ?? 0)
}

const FIRST_RETRY_MS = 15 * 60_000
const LAST_RETRY_MS = 24 * 3_600_000

/** Whether a pending item is to be tried now. */
export function isDue(entry: PendingEntry, now: number): boolean {
  const { next_attempt_at: at } = entry
  // Further away than any distance: a clock was wrong.
  return at !== null && (at <= now || at > now + LAST_RETRY_MS)
}

/** When an item that has failed so often is tried again. */
export function nextRetryAt(attempts: number, now: number): number {
  return now + Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1))
}

/** What of a scope and its mapping is another than the last run left it; none where nothing is known of that. */
export function changedParameters(known: WorkflowRecord | null, now: Json): string[] {
  if (known === null || known.parameters === null) return []
  const [before, after] = [fieldsOf(known.parameters), fieldsOf(now)]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.filter((name) => before[name] !== after[name]).sort()
}

/** What to say when something that a cursor belongs to has changed since it was written; null when nothing has. */
export function scopeNote(known: WorkflowRecord | null, parameters: Json, now: number): string | null {
  if (known === null || known.cursor === null) return null
  if (isAhead(Date.parse(known.cursor), now))
    return `The last run went up to ${known.cursor}, which is still to come: a clock was wrong, and everything is read again.`
  const changed = changedParameters(known, parameters)
  return changed.length === 0 ? null : `${changed.join(', ')} changed since the last run: everything is read again.`
}

/** Whether a cursor was written with the same mapping: with another one, everything must be delivered again. */
export function isSameMapping(known: Json, now: Json): boolean {
  return ['format', 'logics'].every((name) => fieldsOf(known)[name] === fieldsOf(now)[name])
}

function fieldsOf(parameters: Json): Record<string, Json> {
  return typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters) ? parameters : {}
}

function notIncremental(): RunError {
  const said = 'The origin cannot be asked for what changed since the last run.'
  return new RunError('origin_does_not_support_incremental', 'not_incremental', said, {
    hint: 'Run with incremental: false.',
  })
}

/** An incremental run needs something to go on from. */
export function noState(): RunError {
  const said = 'Incremental runs need a state store that remembers, and there is none.'
  return new RunError('backend_not_configured', 'no_state', said, {
    hint: 'Give one (HRFLOW_CONNECTORS_STATE, or the runtime), or run with incremental: false.',
  })
}
