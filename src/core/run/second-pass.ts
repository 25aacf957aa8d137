import { messageOf, RunError, StoppedError } from '../errors.js'
import type { Listed, Unlisted } from '../model/read.js'
import type { ItemOutcome } from '../result/outcome.js'
import { isInside, isOlder } from '../state/decisions.js'
import type { KnownItems } from '../state/known-items.js'
import { eachConcurrently, ITEMS_IN_FLIGHT } from './concurrency.js'
import type { Passage, RunContext } from './context.js'
import { deliver } from './deliver.js'
import { entriesOf } from './listing.js'

/** Refused credentials concern the whole run. What else the origin says now concerns the details alone. */
const FATAL = ['unauthorized', 'forbidden']

interface Pass {
  /** Items without their details. */
  due: number
  /** What ended the pass before its end. */
  ended?: RunError
}

/**
 * Loads what this run has delivered by its list entry alone, and delivers it whole. `asked` is what the list was asked for.
 * All of it is on the target already, so what fails here is due and no failure: it holds neither cursor nor status.
 */
export async function secondPass(context: RunContext, asked: Record<string, unknown>): Promise<void> {
  const { flow, origin, request, journal, report, partials, cancellation } = context
  if (!request.persist || partials.count === 0 || cancellation.reading.aborted) return
  const pass: Pass = { due: partials.count }
  report.detailsLeft(pass.due)
  try {
    await journal.flushRecords()
    const { all } = partials
    const entries = all
      ? keptOf(context, all)
      : entriesOf(flow.read.list(origin, asked), { journal, isEnough: () => pass.ended !== undefined })
    await eachConcurrently(entries, ITEMS_IN_FLIGHT, ([listed, known]) => complete(context, listed, known, pass))
  } catch (thrown) {
    failed(context, pass, thrown, 'list')
  }
  if (pass.ended) report.note(`Details are still due. ${pass.ended.message}`)
}

function* keptOf(
  { journal }: RunContext,
  all: readonly Listed<unknown>[],
): Generator<[Listed<unknown> | Unlisted, KnownItems]> {
  const known = journal.lookUp(all.map(({ reference }) => reference))
  for (const listed of all) yield [listed, known]
}

async function complete(
  context: RunContext,
  listed: Listed<unknown> | Unlisted,
  known: KnownItems,
  pass: Pass,
): Promise<void> {
  const { flow, request, journal, leavings, report, partials, cancellation } = context
  if ('problem' in listed || cancellation.reading.aborted || pass.ended) return
  const { reference } = listed
  const first = partials.take(reference)
  if (first === undefined) return
  const passage: Passage = { stage: 'load', listed, known, record: undefined, leavings: [] }
  try {
    const record = await known.record(reference)
    // What has left in the meantime, or is older here than it was, is the next run's.
    if (!record?.partial || isOlder(listed.version, record.version)) return
    if (!isInside(flow.read, listed, request.pull_parameters)) return
    passage.record = record
    if (leavings.isOn) passage.leavings = await known.leavings(reference)
    const outcome = await deliver(context, passage, true)
    if (outcome !== first && !HAS_WRITTEN.includes(first)) report.amend(reference, first, outcome)
    pass.due -= 1
    report.detailsLeft(pass.due)
    await journal.keepUp()
  } catch (thrown) {
    failed(context, pass, thrown, passage.stage, reference)
  }
}

/** One that was written is counted so, whatever its details bring. */
const HAS_WRITTEN: readonly ItemOutcome[] = ['write_success', 'write_unarchived']

function failed(
  { report, cancellation }: RunContext,
  pass: Pass,
  thrown: unknown,
  stage: Passage['stage'] | 'list',
  reference?: string,
): void {
  if (thrown instanceof StoppedError) return
  const isReading = stage === 'load' || stage === 'list'
  if (!(thrown instanceof RunError)) report.stillDue(reference, messageOf(thrown))
  else if (thrown.reason === 'read_failure' && !FATAL.includes(thrown.code)) pass.ended ??= thrown
  else cancellation.fail(thrown, isReading ? 'goes_on' : 'ends')
}
