import { failureOf, GoneError, isFinal, messageOf, RunError, StoppedError } from '../errors.js'
import type { Listed, Unlisted } from '../model/read.js'
import type { ItemOutcome, Stage } from '../result/outcome.js'
import type { ItemFailure } from '../result/result.js'
import { isInside, isKnown, isOlder } from '../state/decisions.js'
import { isOnTarget, wayOf, type Way } from '../state/way.js'
import type { KnownItems } from '../state/known-items.js'
import type { KeptRecord } from '../state/journal.js'
import { leavingOf, type Passage, type RunContext, targetOf } from './context.js'
import { deliver } from './deliver.js'
import { isAnothers } from './references.js'

/** How an item is taken that is asked for by itself. */
interface How {
  /** Also when that was done at this version before. */
  again?: boolean
  /** Not unless it is outside the filter. */
  only_leaving?: boolean
  /** It is on the target without its details: that they cannot be read is no failure. */
  due?: boolean
}

const AFTER_FAILURE: Record<Stage, ItemOutcome> = {
  list: 'read_failure',
  load: 'read_failure',
  logics: 'logics_failure',
  format: 'format_failure',
  write: 'write_failure',
  callback: 'write_failure',
}

/** Brings an item to its one outcome, or counts what could not be listed. `known` is of this item, and maybe of others. */
export async function take(
  context: RunContext,
  listed: Listed<unknown> | Unlisted,
  known: KnownItems,
  how: How = {},
): Promise<void> {
  if ('problem' in listed) {
    notListed(context, listed)
    return
  }
  const { report, cancellation, journal, planning, leavings } = context
  const passage: Passage = { stage: 'load', listed, known, record: undefined, leavings: [] }
  planning.see(listed.reference)
  try {
    const outcome = cancellation.reading.aborted ? 'read_skipped' : await pass(context, passage, how)
    if (outcome === null) return
    if (outcome !== 'read_skipped') journal.settle(listed.reference)
    if (passage.isPartial === true && context.details === 'after') context.partials.add(listed, outcome)
    if (passage.isLeaving === true) leavings.defer(listed.reference, outcome)
    else report.item(listed.reference, outcome)
    await journal.keepUp()
  } catch (thrown) {
    if (how.due === true && isOfItem(thrown)) {
      detailsStayDue(context, passage.record, thrown, passage.stage)
      return
    }
    failed(context, thrown, passage.stage, listed)
    // Failed at this version: the record of a delivery before must not count for it.
    const { record } = passage
    if (record && !(thrown instanceof StoppedError)) journal.keepRecord({ ...record, version: null, partial: false })
  }
}

/** An item that is known from before, asked for by itself. */
export async function seek(
  context: RunContext,
  known: { reference: string; id: string | null },
  how: How = {},
): Promise<void> {
  const { flow, origin, cancellation, journal, admission } = context
  if (cancellation.reading.aborted || admission.isFull()) return
  const found = journal.lookUp([known.reference])
  let listed: Listed<unknown> | null | undefined
  try {
    listed = await flow.read.find?.(origin, known)
    if (listed === null) throw new GoneError(known.reference)
  } catch (thrown) {
    // Not counted: it was neither listed nor read.
    if (thrown instanceof StoppedError) return
    if (thrown instanceof GoneError && (await isSuspected(context, known))) return
    if (how.due === true && isOfItem(thrown)) {
      detailsStayDue(context, await found.record(known.reference), thrown, 'load')
      return
    }
    failed(context, thrown, 'load', { ...known, version: null })
    if (thrown instanceof GoneError) isGone(context, await found.record(known.reference).catch(() => undefined))
    return
  }
  if (!listed) return
  // Found by its id, the service may have given it another reference.
  if (listed.reference !== known.reference) {
    journal.settle(known.reference)
    const before = await found.record(known.reference)
    if (before?.partial === true) journal.keepRecord(notDue(before))
  }
  await take(context, listed, journal.lookUp([listed.reference]), { ...how, again: true })
}

/** An item is on the target, and its details could not be delivered: no failure. What trying again does not help waits for a change. */
function detailsStayDue(
  { report, journal }: RunContext,
  record: KeptRecord | undefined,
  thrown: unknown,
  stage: Stage,
): void {
  report.stillDue(record?.reference, messageOf(thrown))
  if (record) journal.keepRecord(isFinal(thrown, stage) ? { ...record, partial: false } : record)
}

/** Whether what was thrown concerns one item alone, which is still there. */
function isOfItem(thrown: unknown): boolean {
  return !(thrown instanceof RunError || thrown instanceof StoppedError || thrown instanceof GoneError)
}

/** Null: a plan or a preview has as many items as it was limited to. */
async function pass(context: RunContext, passage: Passage, { again, only_leaving }: How): Promise<ItemOutcome | null> {
  const { flow, request, journal, references, admission, mapping, leavings, details } = context
  const { listed } = passage
  const { read, mode } = flow
  const record = await passage.known.record(listed.reference)
  await references.list(listed, record)
  passage.record = record
  const inside = isInside(read, listed, request.pull_parameters)
  if (leavings.isOn) passage.leavings = await passage.known.leavings(listed.reference)
  const leaving = leavingOf(passage)
  const isUnchanged = isKnown(record, listed, { read, mapping, details })
  const way = wayOf({
    ...{ listed, record, leaving, inside, mode, isUnchanged },
    follows: leavings.isOn,
    incremental: request.incremental,
    must: again === true || journal.isPending(listed.reference),
    only_leaving: only_leaving === true,
  })
  if (way === 'stale' || way === 'leaves' || way === 'filtered') return stayOut(context, passage, way, inside)
  if (inside && !(isUnchanged && record?.outcome === 'discarded')) leavings.stays(targetOf(passage), leaving)
  if (way === 'unchanged') return 'read_unchanged'
  // Asked for by itself, it costs its requests anyway; outside, it is delivered for the last time. Whoever looks on sees it whole.
  passage.byListEntry = details === 'without' || (details === 'after' && inside && again !== true && !context.tap)
  return admission.admit() ? deliver(context, passage, inside) : null
}

/** An item that is not delivered: what is written down of that. */
function stayOut(
  context: RunContext,
  passage: Passage,
  way: Exclude<Way, 'unchanged' | 'deliver'>,
  inside: boolean,
): ItemOutcome {
  const { leavings, journal } = context
  const { listed, record } = passage
  if (record === undefined) return 'read_filtered'
  if (way !== 'filtered') {
    // It was listed, so it need not be looked for.
    journal.keepRecord(way === 'leaves' ? notDue(record) : record)
    if (way === 'stale') return 'read_filtered'
    leavings.see({ ...listed, target: record.target }, 'filter', leavingOf(passage))
    passage.isLeaving = true
    return 'read_filtered'
  }
  if (!leavings.isOn) {
    // Nobody need look for it again: the target does not have it, or another filter has it.
    if (inside || record.outcome === 'missing') leave(context, record)
    return 'read_filtered'
  }
  // Nothing older brings it back.
  const isNewer = record.outcome === 'left' && record.version !== listed.version
  if (isNewer && !isOlder(listed.version, record.version))
    journal.keepRecord({ ...record, version: listed.version, read_at: listed.read_at })
  return 'read_filtered'
}

/** An item that leaves needs no details. Back again, it is delivered as by another mapping, for it was never whole. */
function notDue(record: KeptRecord): KeptRecord {
  return record.partial ? { ...record, partial: false, mapping: '' } : record
}

/** What the origin does not have any more: whether it is live at the target, so that it is to be archived in time. */
export async function isSuspected(
  { leavings, journal }: RunContext,
  { reference, id }: { reference: string; id: string | null },
): Promise<boolean> {
  if (!leavings.isOn) return false
  const known = journal.lookUp([reference])
  const record = await known.record(reference)
  const item = { listed: { reference }, record, leavings: await known.leavings(reference) }
  const leaving = leavingOf(item)
  if (!isOnTarget(record, leaving)) return false
  leavings.see({ reference, id: id ?? record?.id ?? null, target: targetOf(item) }, 'deleted', leaving)
  leavings.defer(reference, 'read_gone')
  if (record?.partial === true) journal.keepRecord(notDue(record))
  journal.settle(reference)
  return true
}

/** A deleted item need not be looked for again. One that the target does not have from here has not left it. */
function isGone(context: RunContext, record: KeptRecord | undefined): void {
  const { leavings, journal } = context
  if (!leavings.isOn || record === undefined || record.outcome === 'left') leave(context, record)
  else journal.keepRecord({ ...record, outcome: 'discarded', partial: false, memo: null, version: null })
}

/** The item is outside the filter or deleted, and nobody need look for it again. */
export function leave({ journal }: RunContext, record: KeptRecord | undefined): void {
  if (record) journal.keepRecord({ ...record, outcome: 'left', partial: false })
}

function notListed({ report, journal }: RunContext, { problem, reference, counts_as }: Unlisted): void {
  const failure = failureOf(problem, 'list')
  journal.fail({ reference: null, id: null, version: null }, { stage: 'list', ...failure }, true)
  if (counts_as === 'list_failure') report.listFailure(failure)
  else report.item(reference, 'read_failure', { stage: 'list', ...failure })
}

export function failed(
  context: RunContext,
  thrown: unknown,
  stage: Stage,
  item: Pick<Listed<unknown>, 'reference' | 'id' | 'version'>,
): void {
  const { report, cancellation, journal } = context
  const { reference, id, version } = item
  if (thrown instanceof RunError) cancellation.fail(thrown, stage === 'load' ? 'goes_on' : 'ends')
  // That the state cannot be used is no failure of the item.
  if (thrown instanceof StoppedError || (thrown instanceof RunError && thrown.reason === 'backend_not_configured'))
    return ended(context, reference, stage === 'load' ? 'read_skipped' : 'write_skipped')
  if (thrown instanceof GoneError) {
    journal.settle(reference)
    return report.item(reference, 'read_gone')
  }
  const failure = { stage, ...failureOf(thrown, stage) }
  report.thrown(reference, thrown, failure)
  const shown = { ...failure, message: report.redact(failure.message) }
  if (!(thrown instanceof RunError) && !isAnothers(thrown))
    journal.fail({ reference, id, version }, shown, !isFinal(thrown, stage))
  ended(context, reference, AFTER_FAILURE[stage], failure)
}

/** In a plan what a write would have counted is counted there: a dry run writes nothing. */
function ended(
  { report, planning }: RunContext,
  reference: string,
  outcome: ItemOutcome,
  failure?: Omit<ItemFailure, 'reference'>,
): void {
  const isWrite = outcome === 'write_failure' || outcome === 'write_skipped'
  const isPlanned = isWrite && planning.miss(failure ? 'failed' : 'skipped')
  report.item(reference, isPlanned ? 'previewed' : outcome, failure)
}
