import { RunError, StoppedError } from '../errors.js'
import { isFiltered } from '../state/decisions.js'
import { eachConcurrently } from './concurrency.js'
import type { Line } from './context.js'
import type { ItemLine } from './item.js'

/**
 * Asked for one by one, two requests each: at the closest distance of two runs that retry the same item, 15 minutes, this
 * is a quarter of the smallest budget, 9 requests per 10 s.
 */
const PER_RUN = 100

/** More than this have left: the cursor stays, and the next incremental run lists them. */
const LEFT_MAX = 1_000
const IN_FLIGHT = 16

/**
 * Reads what the list did not bring: items that failed before and are due, items that the target did not have and has by
 * now, and, after a full run, items that have left its filter. False: the list or this was not read to its end.
 */
export async function readLeftovers(line: Line, items: ItemLine, listedWhole: boolean): Promise<boolean> {
  const { flow, request, journal, ending, report } = line
  const { read, write, mode } = flow
  const { planning } = report
  // A plan looks for what the run would look for. It writes nothing down, so it has to know itself what it has dealt with.
  if (!(planning?.remembers ?? journal.remembers) || !read.find) return listedWhole
  const isNew = ({ reference }: { reference: string }) => planning?.seen.has(reference) !== true
  const seekAll = (known: { reference: string; id: string | null }[]) =>
    eachConcurrently(known.filter(isNew), IN_FLIGHT, (item) => items.seek(item))

  await seekAll(journal.due(PER_RUN))
  if (request.incremental && write.has) {
    const missing = await journal.missing(PER_RUN + (planning?.seen.size ?? 0))
    const asked = missing.filter(isNew).slice(0, PER_RUN)
    await eachConcurrently(asked, IN_FLIGHT, (record) => lookFor(line, items, record))
  }
  if (listedWhole && !request.incremental && mode === 'update' && isFiltered(read, request.pull_parameters)) {
    // What another filter listed need not be listed by this one: it is only told where it has left.
    const unseen = await journal.unseen(LEFT_MAX + (planning?.seen.size ?? 0))
    const asked = unseen.filter(isNew).slice(0, LEFT_MAX)
    await eachConcurrently(asked, IN_FLIGHT, (record) => items.seek(record, record.scope !== journal.scope))
  }
  return listedWhole && !ending.reading.aborted
}

type Missing = Awaited<ReturnType<Line['journal']['missing']>>[number]

/** Delivers an item that the target has by now, and notes when it was looked for in vain. */
async function lookFor(
  { flow, target, request, journal, ending, report }: Line,
  items: ItemLine,
  record: Missing,
): Promise<void> {
  if (ending.reading.aborted || report.planning?.isFull() === true) return
  let isThere: boolean | undefined
  try {
    isThere = await flow.write.has?.(target, request.push_parameters, record.target ?? record.reference)
  } catch (error) {
    // Not this run's item: it is looked for again in the next one.
    if (error instanceof RunError) ending.fail(error, 'ends')
    if (error instanceof RunError || error instanceof StoppedError) return
  }
  if (isThere === true) await items.seek(record)
  // Where it could not be asked, it is as unknown as before.
  else journal.keepRecord(isThere === false ? { ...record, outcome: 'missing' } : record)
}
