import { GoneError, RunError, StoppedError } from '../errors.js'
import type { HeldCounts, Leaving } from '../ports/store.js'
import { isInside, isOlder } from '../state/decisions.js'
import { isConfirmed, landslide } from '../state/leavings.js'
import { eachConcurrently } from './concurrency.js'
import type { RunContext } from './context.js'
import { failed, isSuspected, leave, seek } from './item.js'

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
  const announced = due.filter(({ state }) => state === 'archiving')
  const why = landslide(fresh, await held(context, fresh, announced), guard)
  if (why !== null) report.held(fresh.length, `Nothing leaves: ${why}. ${WAYS_OUT}`)
  await eachConcurrently(why === null ? due : announced, IN_FLIGHT, async (leaving) => {
    if (!leavings.isOld(leaving) || (await isStillOutside(context, leaving))) await archive(context, leaving)
  })
}

/** What the guard measures by. What was announced may have happened, and is not written down as archived. */
async function held(context: RunContext, fresh: Leaving[], announced: Leaving[]): Promise<HeldCounts> {
  const { live, archived, deleted } = await context.leavings.counts()
  const told = await toldBefore(context, fresh)
  const isDeleted = ({ reason }: Leaving) => reason === 'deleted'
  return {
    live: live + told,
    archived: archived + announced.length,
    deleted: deleted + announced.filter(isDeleted).length,
  }
}

/**
 * Whether what an earlier run saw leaving has still left, asked by itself: it may have come back where this run's list did
 * not show it, or while nothing was archived.
 */
async function isStillOutside(context: RunContext, leaving: Leaving): Promise<boolean> {
  const { flow, origin, request, journal, cancellation } = context
  const { reference, id, reason, target } = leaving
  if (!flow.read.find || cancellation.reading.aborted) return false
  const record = await journal.lookUp([reference]).record(reference)
  if (reason === 'renamed') return record?.target !== target
  const found = await flow.read.find(origin, { reference, id }).catch((thrown: unknown) => {
    if (thrown instanceof RunError) cancellation.fail(thrown, 'goes_on')
    return thrown instanceof GoneError ? null : undefined
  })
  // Deleted in the meantime: one run's word.
  if (found === null) await isSuspected(context, leaving)
  if (!found) return false
  context.leavings.seenAt(target, found.version)
  if (!isInside(flow.read, found, request.pull_parameters)) return !isOlder(found.version, record?.version ?? null)
  return reason === 'discarded' && record?.outcome === 'discarded' && record.version === found.version
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
      // It could not be written down: then nothing is changed either.
      cancellation.everything.throwIfAborted()
    }
    const how = { announced: leaving.state === 'archiving', archived_at: leaving.archived_at, announce }
    const { outcome, archived_at } = await turns.take(leaving.target, () =>
      means.archive(target, request.push_parameters, leaving.target, how),
    )
    // Found as it was archived before: that was counted then.
    const isNew = archived_at === null || archived_at !== leaving.archived_at
    const decided_at = isNew ? clock.now() : leaving.decided_at
    leavings.save({ ...leaving, state: outcome, archived_at, decided_at })
    const record = leaving.reason === 'renamed' ? undefined : await journal.lookUp([reference]).record(reference)
    // Nothing older than that brings it back.
    if (record) leave(context, { ...record, version: leavings.versionOf(leaving.target) ?? record.version })
    const otherwise = leavings.end(reference)
    if (outcome === 'archived' && isNew) report.item(reference, 'write_archived')
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
    // A page that cannot be read is read by the next run.
    if (error instanceof RunError) cancellation.fail(error, 'goes_on')
  }
}
