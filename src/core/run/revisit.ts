import { RunError, StoppedError } from '../errors.js'
import type { DeliveryRecord } from '../ports/store.js'
import { isFiltered } from '../state/decisions.js'
import { eachConcurrently } from './concurrency.js'
import type { RunContext } from './context.js'
import { seek } from './item.js'

/**
 * Items are asked for one by one, with two requests each. Two runs that retry the same item are 15 minutes apart at least: so many
 * items take a quarter of the smallest budget, 9 requests per 10 s.
 */
const PER_RUN = 100
/** Items whose details are due, likewise: half of that budget. */
const DUE_PER_RUN = 200
/** More than this have left: the cursor stays, and the next incremental run lists them. */
const LEFT_MAX = 1_000
const IN_FLIGHT = 16

/**
 * Reads what the list did not bring: items that failed before and are due, items that the target did not have and has by
 * now, items that were delivered without their details and, after a full run, items that have left its filter. False: the list or this was not read to its end.
 */
export async function revisit(context: RunContext, listedWhole: boolean): Promise<boolean> {
  const { flow, request, journal, cancellation, planning, leavings } = context
  const { read, write, mode } = flow
  // A plan looks for what the run would look for. It writes nothing down, so it has to know itself what it has dealt with.
  if (!context.remembers || !read.find) return listedWhole
  const isNew = ({ reference }: { reference: string }) => !planning.seen.has(reference)

  await eachConcurrently(journal.due(PER_RUN).filter(isNew), IN_FLIGHT, (entry) => seek(context, entry))
  if (request.incremental && write.has) {
    const missing = await journal.missing(PER_RUN + planning.seen.size)
    const asked = missing.filter(isNew).slice(0, PER_RUN)
    await eachConcurrently(asked, IN_FLIGHT, (record) => lookFor(context, record))
  }
  if (request.persist && context.details !== 'without' && read.partial)
    await eachConcurrently(await journal.partial(DUE_PER_RUN), IN_FLIGHT, (record) =>
      seek(context, record, { due: true }),
    )
  const mayHaveLeft = leavings.isOn || isFiltered(read, request.pull_parameters)
  if (listedWhole && !request.incremental && mode === 'update' && mayHaveLeft) {
    // What another filter listed need not be listed by this one: it is only told where it has left.
    const unseen = await journal.unseen(LEFT_MAX + planning.seen.size)
    const asked = unseen.filter(isNew).slice(0, LEFT_MAX)
    const isOthers = (scope: string) => !leavings.isOn && scope !== journal.scope
    await eachConcurrently(asked, IN_FLIGHT, (record) =>
      seek(context, record, { only_leaving: isOthers(record.scope) }),
    )
    const told = leavings.isOn
      ? (await leavings.told(PER_RUN + planning.seen.size)).filter(isNew).slice(0, PER_RUN)
      : []
    await eachConcurrently(told, IN_FLIGHT, (record) => seek(context, record))
  }
  return listedWhole && !cancellation.reading.aborted
}

/** Delivers an item that the target has by now, and notes when it was looked for in vain. */
async function lookFor(context: RunContext, record: DeliveryRecord): Promise<void> {
  const { flow, target, request, journal, cancellation, admission } = context
  if (cancellation.reading.aborted || admission.isFull()) return
  let isThere: boolean | undefined
  try {
    isThere = await flow.write.has?.(target, request.push_parameters, record.target ?? record.reference)
  } catch (error) {
    // Not this run's item: it is looked for again in the next one.
    if (error instanceof RunError) cancellation.fail(error, 'ends')
    if (error instanceof RunError || error instanceof StoppedError) return
  }
  if (isThere === true) await seek(context, record)
  // Where it could not be asked, it is as unknown as before.
  else journal.keepRecord(isThere === false ? { ...record, outcome: 'missing' } : record)
}
