import { ItemError, RunError, StoppedError } from '../errors.js'
import type { Leaving } from '../ports/store.js'
import { isConfirmed, landslide } from '../state/leavings.js'
import { eachConcurrently } from './concurrency.js'
import type { RunContext } from './context.js'
import { failed, leave, seek } from './item.js'

const IN_FLIGHT = 16

/** Suspects that are looked for once more in a run, two requests each. */
const SUSPECTS_PER_RUN = 100

const WAYS_OUT =
  'Look at them with plan. If they are meant to leave, run once with --allow-left (allow_left in the runtime).'

/**
 * Decides what leaves the target, once the list was read to its end: what was seen leaving by this run or by those before
 * and is not inside again is archived, unless it is a landslide. Whatever is not archived ends as it would have.
 */
export async function letLeave(context: RunContext, listedWhole: boolean): Promise<void> {
  const { leavings, cancellation, report } = context
  if (!leavings.isOn) return
  try {
    if (listedWhole && !cancellation.reading.aborted) await decide(context)
  } catch (error) {
    if (error instanceof RunError) cancellation.fail(error, 'ends')
    else if (!(error instanceof StoppedError)) throw error
  } finally {
    for (const reference of leavings.deferred) report.item(reference, leavings.end(reference) ?? 'read_filtered')
  }
}

async function decide(context: RunContext): Promise<void> {
  const { leavings, journal, report, guard } = context
  await lookAgain(context)
  await journal.flush()
  const undecided = await leavings.undecided()
  const isDue = (leaving: Leaving) =>
    leaving.reason !== 'deleted' || (leavings.isGone(leaving) && isConfirmed(leaving, leavings.now))
  const due = await leavings.own(undecided.filter((leaving) => leaving.state === 'archiving' || isDue(leaving)))
  // What was announced was decided before, and may have happened.
  const fresh = due.filter(({ state }) => state === 'seen')
  const counts = await leavings.counts()
  const told = await toldBefore(context, fresh)
  const why = landslide(fresh, { ...counts, live: counts.live + told }, guard)
  if (why !== null) report.held(fresh.length, `Nothing leaves: ${why}. ${WAYS_OUT}`)
  const going = why === null ? due : due.filter(({ state }) => state === 'archiving')
  await eachConcurrently(going, IN_FLIGHT, (leaving) => archive(context, leaving))
}

/** Deletions that an earlier run suspected, long enough ago: what is there again stays. */
async function lookAgain(context: RunContext): Promise<void> {
  const { leavings } = context
  const suspects = (await leavings.undecided()).filter(
    (leaving) => leaving.reason === 'deleted' && !leavings.isGone(leaving) && isConfirmed(leaving, leavings.now),
  )
  await eachConcurrently(suspects.slice(0, SUSPECTS_PER_RUN), IN_FLIGHT, (suspect) => seek(context, suspect))
}

/** How many of them are on the target although their records say that they left: nothing was archived then. */
async function toldBefore({ journal }: RunContext, due: Leaving[]): Promise<number> {
  const known = journal.lookUp(due.map(({ reference }) => reference))
  const records = await Promise.all(due.map(({ reference }) => known.record(reference)))
  return records.filter((record) => record?.outcome === 'left').length
}

async function archive(context: RunContext, leaving: Leaving): Promise<void> {
  const { flow, request, target, leavings, journal, report, planning, cancellation, turns, clock } = context
  const { reference, id } = leaving
  try {
    cancellation.everything.throwIfAborted()
    const { leaving: means } = flow.write
    if (!means) return
    if (!request.persist) {
      if (!planning.isOn) return
      const found = await means.compare(target, request.push_parameters, leaving.target)
      planning.leaves(reference, found, leaving.reason)
      return
    }
    const announce = async () => {
      leavings.save({ ...leaving, state: 'archiving' })
      await journal.flushRecords()
    }
    const how = { announced: leaving.state === 'archiving', announce }
    const { outcome, archived_at } = await turns.take(leaving.target, () =>
      means.archive(target, request.push_parameters, leaving.target, how),
    )
    const isOurs = outcome === 'archived'
    const state = isOurs ? 'archived' : 'settled'
    leavings.save({ ...leaving, state, archived_at, decided_at: clock.now() })
    if (leaving.reason !== 'renamed') leave(context, await journal.lookUp([reference]).record(reference))
    const otherwise = leavings.end(reference)
    if (isOurs) report.item(reference, 'write_archived')
    else if (otherwise !== undefined) report.item(reference, otherwise)
    await journal.keepUp()
  } catch (thrown) {
    leavings.end(reference)
    failed(context, thrown, 'write', { reference, id, version: null })
  }
}

/** Looks for deleted items one page further in the list, going round from run to run. Where it has come to, or null. */
export async function goRound(context: RunContext): Promise<void> {
  const { flow, origin, leavings, journal, cancellation } = context
  if (!leavings.isOn || !flow.read.page || cancellation.reading.aborted) return
  try {
    const after = journal.round
    const { ids, last } = await flow.read.page(origin, after)
    const listed = new Set(ids)
    const live = await leavings.liveBetween(after ?? '', last)
    const lacking = live.filter((record) => record.id !== null && !listed.has(record.id))
    await eachConcurrently(lacking.slice(0, SUSPECTS_PER_RUN), IN_FLIGHT, (record) => seek(context, record))
    journal.round = last
  } catch (error) {
    if (error instanceof RunError) cancellation.fail(error, 'goes_on')
    // A page that cannot be read is read by the next run.
    else if (!(error instanceof StoppedError || error instanceof ItemError)) return
  }
}
