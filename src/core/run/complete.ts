import { messageOf, RunError, StoppedError } from '../errors.js'
import type { Listed, Unlisted } from '../model/read.js'
import type { DeliveryRecord } from '../ports/store.js'
import type { ItemOutcome } from '../result/outcome.js'
import { isInside, isOlder } from '../state/decisions.js'
import type { KnownItems } from '../state/known-items.js'
import { eachConcurrently } from './concurrency.js'
import type { Passage, RunContext } from './context.js'
import { deliver } from './deliver.js'
import { entriesOf } from './listing.js'

const IN_FLIGHT = 48

/**
 * The second pass: what this run has delivered by its list entry alone is loaded and delivered whole. `asked` is what the list
 * was asked for. What fails here is on the target already: it is due, no failure, and a later run reads it.
 */
export async function complete(context: RunContext, asked: Record<string, unknown>): Promise<void> {
  const { flow, origin, journal, report, partials, cancellation } = context
  if (partials.count === 0 || cancellation.reading.aborted) return
  const progress: Progress = { due: partials.count, done: new Set() }
  report.detailsLeft(progress.due)
  try {
    await journal.flushRecords()
    const { all } = partials
    const entries = all ? keptOf(context, all) : entriesOf(flow.read.list(origin, asked), { journal })
    await eachConcurrently(entries, IN_FLIGHT, ([listed, known]) => completeOne(context, listed, known, progress))
  } catch (thrown) {
    if (thrown instanceof RunError) cancellation.fail(thrown, 'goes_on')
    else if (!(thrown instanceof StoppedError)) report.log.say('warn', report.redact(messageOf(thrown)))
  }
}

interface Progress {
  due: number
  /** Listed twice, an item is loaded once. */
  done: Set<string>
}

function* keptOf(
  { journal }: RunContext,
  all: readonly Listed<unknown>[],
): Generator<[Listed<unknown> | Unlisted, KnownItems]> {
  const known = journal.lookUp(all.map(({ reference }) => reference))
  for (const listed of all) yield [listed, known]
}

async function completeOne(
  context: RunContext,
  listed: Listed<unknown> | Unlisted,
  known: KnownItems,
  progress: Progress,
): Promise<void> {
  if ('problem' in listed || context.cancellation.reading.aborted || progress.done.has(listed.reference)) return
  const { flow, request, journal, leavings, report, cancellation } = context
  const { reference } = listed
  progress.done.add(reference)
  try {
    const record = await known.record(reference)
    if (!record || record.partial === null || !journal.isOfThisRun(record) || isOlder(listed.version, record.version))
      return
    // What has left in the meantime is the next run's.
    if (!isInside(flow.read, listed, request.pull_parameters)) return
    const before = leavings.isOn ? await known.leavings(reference) : []
    const passage: Passage = { stage: 'load', listed, known, record, leavings: before }
    const outcome = await deliver(context, passage, true)
    const first = firstOutcome(record)
    if (outcome === 'write_success' && first !== outcome) report.amend(reference, first, outcome)
    progress.due -= 1
    report.detailsLeft(progress.due)
    await journal.keepUp()
  } catch (thrown) {
    if (thrown instanceof RunError) cancellation.fail(thrown, 'goes_on')
    else if (!(thrown instanceof StoppedError))
      report.log.say('warn', report.redact(messageOf(thrown)), { reference: report.redact(reference) })
  }
}

/** How it was counted when it was delivered by its list entry. */
function firstOutcome({ outcome, partial }: DeliveryRecord): ItemOutcome {
  if (outcome === 'discarded') return 'logics_discard'
  return partial === 'written' ? 'write_success' : 'write_unchanged'
}
