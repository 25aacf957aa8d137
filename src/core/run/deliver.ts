import { listIsEnough } from '../model/request.js'
import type { Leaving } from '../ports/store.js'
import type { ItemOutcome } from '../result/outcome.js'
import { isFiltered, isWhole, wasDelivered } from '../state/decisions.js'
import type { KeptRecord } from '../state/journal.js'
import { isOwn, isUndecided } from '../state/leavings.js'
import type { Json } from '../text/json.js'
import { storable } from '../text/redact.js'
import { leavingOf, type Passage, type RunContext, targetOf } from './context.js'
import { type Brought, load } from './load.js'
import { applyLogics, format } from './map.js'

/** What is written down of an item besides what was read: the writer's memo, its reference at the target, whether it is whole. */
type About = Pick<KeptRecord, 'memo' | 'target' | 'partial'>

/** The way of an item that is to be delivered: load, logics, format, write. */
export async function deliver(context: RunContext, passage: Passage, inside: boolean): Promise<ItemOutcome> {
  const { report, request, references, journal, leavings } = context
  const { listed } = passage
  const { memo = null, target = null } = passage.record ?? {}
  const loaded = await load(context, passage)
  for (const field of loaded.unread ?? []) report.unread(field, listed.reference)
  passage.stage = 'logics'
  const item = await applyLogics(context, loaded.item)
  const mark = (outcome: KeptRecord['outcome'], about: About) => {
    const record = recordOf(context, passage, loaded, inside, outcome, about)
    journal.keepRecord(record)
    return record
  }
  if (item === null) {
    const row = passage.leavings.find((leaving) => leaving.target === target)
    const hasLeft = passage.record?.outcome === 'left' && row !== undefined && !isUndecided(row)
    const waits = !hasLeft && discards(context, passage, loaded)
    mark(hasLeft ? 'left' : 'discarded', { memo, target, partial: waits })
    return 'logics_discard'
  }
  passage.stage = 'format'
  const formatted = await format(context, item, listed.reference)
  references.claim(formatted.reference, listed.reference)
  passage.stage = 'write'
  if (loaded.note !== undefined) report.note(loaded.note)
  const about = { memo, target: storable(formatted.reference), partial: false } satisfies About
  const archived = inside ? passage.leavings.find((one) => one.target === about.target && isOwn(one)) : undefined
  if (leavings.isOn) renames(context, passage, about.target)
  if (!request.persist) return foresee(context, passage, loaded, { item: formatted, memo, archived })
  if (inside && mustAnnounce(context, passage.record, archived)) {
    passage.record = mark(archived ? 'delivered' : 'delivering', about)
    // Brought back, it may be live from here on: if that fails or it leaves again, it is not known at this version.
    if (archived) journal.keepRecord({ ...passage.record, version: null })
    await journal.flushRecords()
  }
  const outside = !inside
  const written = await context.turns.take(formatted.reference, () =>
    write(context, { item: formatted, memo, archived, outside }),
  )
  const isThere = written.outcome !== 'not_found'
  passage.isPartial = isThere && loaded.isPartial
  mark(isThere ? 'delivered' : 'missing', { ...about, memo: written.memo, partial: passage.isPartial })
  if (outside) await staysDue(context, passage, about.target)
  if (written.note !== undefined) report.note(written.note)
  // Live again, or archived by somebody else since: either way it is this workflow's no more.
  if (archived) leavings.forget(archived.target)
  if (!isThere) return 'write_not_found'
  context.delivered(listed.reference, formatted)
  if (written.outcome === 'unarchived') return 'write_unarchived'
  return written.outcome === 'written' ? 'write_success' : 'write_unchanged'
}

function recordOf(
  { flow, mapping }: RunContext,
  { listed }: Passage,
  loaded: Brought,
  inside: boolean,
  outcome: KeptRecord['outcome'],
  about: About,
): KeptRecord {
  const { reference, id, version } = listed
  const read_at = Math.min(listed.read_at, loaded.read_at)
  // Outside the filter it was delivered for the last time, unless it changed while it was read.
  const last = inside || !isWhole(listed, loaded, flow.read.settles_after_ms ?? 0) ? outcome : 'left'
  const left = last === 'left' ? { partial: false } : {}
  return { reference, id, version, read_at, outcome: last, mapping, ...about, ...left }
}

/** Told that it is outside, where nothing is archived now: what was archived before and may be live again is due later. */
async function staysDue({ leavings }: RunContext, { listed, known }: Passage, target: string): Promise<void> {
  const row = (await known.leavings(listed.reference)).find((leaving) => leaving.target === target)
  if (row) leavings.see({ ...listed, target }, 'filter', row)
}

/** The end of an item in a dry run: nothing is written, and what would be is found out where a plan is wanted. */
async function foresee(
  { request, target, planning, cancellation, report, details }: RunContext,
  { listed }: Passage,
  { isPartial }: Brought,
  delivery: { item: { reference: string }; memo: Json; archived: Leaving | undefined },
): Promise<ItemOutcome> {
  cancellation.everything.throwIfAborted()
  await planning.compare(listed.reference, target, { ...delivery, parameters: request.push_parameters })
  if (isPartial && details === 'after') report.note('Looked at by the list alone: a run reads its details too.')
  return 'previewed'
}

async function write(
  { flow, request, target, journal, cancellation }: RunContext,
  delivery: { item: { reference: string }; memo: Json; archived: Leaving | undefined; outside: boolean },
) {
  cancellation.everything.throwIfAborted()
  const { push_parameters: parameters } = request
  return flow.write.write(target, { ...delivery, parameters, remembers: journal.remembers })
}

/**
 * Logics discard an item: one that is live leaves, unless it was not read whole. True: what they say of it by its list entry is
 * not their last word.
 */
function discards({ flow, request, leavings, details }: RunContext, passage: Passage, loaded: Brought): boolean {
  const { listed, record } = passage
  const known = leavingOf(passage)
  const isLive = leavings.isOn && (wasDelivered(record) || (known !== undefined && isUndecided(known)))
  // Functions that need the list alone have said all. What is live leaves only once it was read whole, where it will be.
  const isFinal = !loaded.isPartial || (listIsEnough(request) && !(isLive && details === 'after' && request.persist))
  passage.isPartial = !isFinal
  if (!isFinal || !isLive || !isWhole(listed, loaded, flow.read.settles_after_ms ?? 0)) return !isFinal
  leavings.see({ ...listed, target: targetOf(passage) }, 'discarded', known)
  passage.isLeaving = true
  return false
}

/** An item has another reference at the target than before: the old one leaves. What is inside leaves nothing else. */
function renames({ leavings }: RunContext, { listed, record, leavings: known }: Passage, now: string): void {
  const before = record?.target ?? null
  if (before !== null && before !== now && wasDelivered(record)) {
    const row = known.find(({ target }) => target === before)
    leavings.see({ ...listed, target: before }, 'renamed', row)
  }
  for (const leaving of known) if (leaving.target === now && !isOwn(leaving)) leavings.forget(now)
}

/** Where an item can leave the filter: that it may be at the target must be known even if this run dies right after. */
function mustAnnounce(
  { flow, request, journal }: RunContext,
  record: KeptRecord | undefined,
  archived: Leaving | undefined,
): boolean {
  const mayLeave = archived !== undefined || (flow.mode === 'update' && isFiltered(flow.read, request.pull_parameters))
  return journal.remembers && mayLeave && !wasDelivered(record)
}
