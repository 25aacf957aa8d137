import type { Loaded } from '../model/read.js'
import type { ItemOutcome } from '../result/outcome.js'
import { isFiltered, isWhole, wasDelivered } from '../state/decisions.js'
import type { KeptRecord } from '../state/journal.js'
import type { Json } from '../text/json.js'
import { storable } from '../text/redact.js'
import type { Passage, RunContext } from './context.js'
import { load } from './load.js'
import { applyLogics, format } from './map.js'

/** What is written down of an item besides what was read: the writer's memo, and its reference at the target. */
type About = Pick<KeptRecord, 'memo' | 'target'>

/** The way of an item that is to be delivered: load, logics, format, write. */
export async function deliver(context: RunContext, passage: Passage, inside: boolean): Promise<ItemOutcome> {
  const { report, request, references, journal } = context
  const { listed, known } = passage
  const { memo = null, target = null } = passage.record ?? {}
  const loaded = await load(context, listed, known)
  for (const field of loaded.unread ?? []) report.unread(field, listed.reference)
  passage.stage = 'logics'
  const item = await applyLogics(context, loaded.item)
  const mark = (outcome: KeptRecord['outcome'], about: About) => {
    const record = recordOf(context, passage, loaded, inside, outcome, about)
    journal.keepRecord(record)
    return record
  }
  if (item === null) {
    mark('discarded', { memo, target })
    return 'logics_discard'
  }
  passage.stage = 'format'
  const formatted = await format(context, item, listed.reference)
  references.claim(formatted.reference, listed.reference)
  passage.stage = 'write'
  if (loaded.note !== undefined) report.note(loaded.note)
  if (!request.persist) return foresee(context, listed.reference, formatted, memo)
  const about = { memo, target: storable(formatted.reference) }
  if (inside && mustAnnounce(context, passage.record)) {
    passage.record = mark('delivering', about)
    await journal.flushRecords()
  }
  const written = await context.turns.take(formatted.reference, () => write(context, formatted, memo))
  mark(written.outcome === 'not_found' ? 'missing' : 'delivered', { ...about, memo: written.memo })
  if (written.note !== undefined) report.note(written.note)
  if (written.outcome === 'not_found') return 'write_not_found'
  context.delivered(formatted)
  return written.outcome === 'written' ? 'write_success' : 'write_unchanged'
}

function recordOf(
  { flow, mapping }: RunContext,
  { listed }: Passage,
  loaded: Loaded<unknown>,
  inside: boolean,
  outcome: KeptRecord['outcome'],
  about: About,
): KeptRecord {
  const { reference, id, version } = listed
  const read_at = Math.min(listed.read_at, loaded.read_at)
  // Outside the filter it was delivered for the last time, unless it changed while it was read.
  const last = inside || !isWhole(listed, loaded, flow.read.settles_after_ms ?? 0) ? outcome : 'left'
  return { reference, id, version, read_at, outcome: last, mapping, ...about }
}

/** The end of an item in a dry run: nothing is written, and what would be is found out where a plan is wanted. */
async function foresee(
  { request, target, planning, cancellation }: RunContext,
  reference: string,
  item: { reference: string },
  memo: Json,
): Promise<ItemOutcome> {
  cancellation.everything.throwIfAborted()
  await planning.compare(reference, target, { item, parameters: request.push_parameters, memo })
  return 'previewed'
}

async function write(
  { flow, request, target, journal, cancellation }: RunContext,
  item: { reference: string },
  memo: Json,
) {
  cancellation.everything.throwIfAborted()
  return flow.write.write(target, { item, parameters: request.push_parameters, memo, remembers: journal.remembers })
}

/** Where an item can leave the filter: that it may be at the target must be known even if this run dies right after. */
function mustAnnounce({ flow, request, journal }: RunContext, record: KeptRecord | undefined): boolean {
  const mayLeave = flow.mode === 'update' && isFiltered(flow.read, request.pull_parameters)
  return journal.remembers && mayLeave && !wasDelivered(record)
}
