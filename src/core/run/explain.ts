import { failureOf, GoneError, guarded, RunError } from '../errors.js'
import { type Action, follows } from '../model/flow.js'
import type { Listed } from '../model/read.js'
import { detailsOf, type RunRequest } from '../model/request.js'
import type { HttpSession } from '../ports/http.js'
import type { RunPorts } from '../ports/run.js'
import type { DeliveryRecord, Leaving, PendingEntry, Store } from '../ports/store.js'
import type { Explanation } from '../result/explanation.js'
import type { Stage } from '../result/outcome.js'
import type { ItemFailure } from '../result/result.js'
import { isDue, isInside, isKnown, wasDelivered } from '../state/decisions.js'
import { isOwn } from '../state/leavings.js'
import { wayOf, type Way } from '../state/way.js'
import { scopeOf, type Scope } from '../state/scope.js'
import type { Redact } from '../text/redact.js'
import { Cancellation } from './cancellation.js'
import { applyLogics, format } from './map.js'

/** What is written down of an item. */
interface Known {
  record: DeliveryRecord | undefined
  pending: PendingEntry | undefined
  leavings: Leaving[]
}

/** Told of an item as each side has it, for whoever shows it. */
export interface Saw {
  /** As it was read. */
  loaded?(item: unknown): void
  /** As the format made it. */
  formatted?(item: unknown): void
  /** As the target has it. */
  found?(item: unknown): void
}

type Mapped = NonNullable<Explanation['mapping']>

/**
 * What became of one item: what its origin says now, what is written down of it, what the target shows, and what the next run
 * would do, by the run's own decisions. Only reads, with four requests at most, retries apart. Throws `RunError` for what would
 * end a run, too.
 */
export async function explain(
  action: Action,
  request: RunRequest,
  ports: RunPorts,
  { reference, redact, saw = {} }: { reference: string; redact: Redact; saw?: Saw },
): Promise<Explanation> {
  const { flow } = action
  const cancellation = new Cancellation(ports)
  const session = (side: 'origin' | 'target'): HttpSession => ({
    ...{ side, redact, waits: cancellation.reading, requests: cancellation.everything },
    observe: () => undefined,
  })
  try {
    const { store, http } = await guarded(() => ports.open())
    const scope = scopeOf(action, request)
    const known = await knownOf(store, request.workflow_id, scope, reference)
    const origin = flow.from.connect(request.origin_auth, http(session('origin')))
    const target = flow.to.connect(request.target_auth, http(session('target')))
    const id = known.record?.id ?? known.pending?.id ?? null
    const { listed, failure } = await find(action, origin, { reference, id }, redact)
    const inside = listed !== null && isInside(flow.read, listed, request.pull_parameters)
    const wanted = listed !== null && (inside || wasDelivered(known.record))
    const mapping = wanted ? await map(action, request, { listed, origin, cancellation, saw }, redact) : null
    if (listed !== null && !wanted && saw.loaded) await showUnwanted(action, origin, listed, saw)
    const at = known.record?.target ?? mapping?.target ?? reference
    const leaving = known.leavings.find((one) => one.target === at)
    const by = { read: flow.read, mapping: scope.mapping, details: detailsOf(flow, request) }
    const isUnchanged = listed !== null && isKnown(known.record, listed, by)
    const isFollowing = follows(flow, request.push_parameters)
    const facts = { record: known.record, leaving, inside, mode: flow.mode, follows: isFollowing, isUnchanged }
    const { pending } = known
    const must = pending !== undefined
    const way = listed && wayOf({ ...facts, listed, must, incremental: request.incremental, only_leaving: false })
    const isNow = must && (isDue(pending, ports.clock.now()) || !request.incremental)
    return {
      workflow_id: request.workflow_id,
      action: action.id,
      reference: redact(reference),
      origin: listed && { id: listed.id, version: listed.version, is_inside: inside },
      failure,
      mapping,
      record: known.record ? recordOf(known.record) : null,
      pending: known.pending ? pendingOf(known.pending) : null,
      leavings: known.leavings.map(leavingOf),
      target: await targetOf(action, request, target, { reference: at, leaving, saw }),
      next: failure ? unasked(failure) : nextOf(way, { ...known, leaving, mapping, isFollowing, isNow }),
    }
  } finally {
    cancellation.dispose()
  }
}

async function knownOf(store: Store, workflow_id: string, { scope, place }: Scope, reference: string): Promise<Known> {
  if (!store.remembers) return { record: undefined, pending: undefined, leavings: [] }
  return guarded(async () => ({
    record: (await store.records(workflow_id, place, [reference]))[0],
    pending: (await store.pending(workflow_id, scope)).find((entry) => entry.reference === reference),
    leavings: await store.leavings(workflow_id, place, [reference]),
  }))
}

/** The item as its origin lists it now; null: it is not there. */
async function find(
  { flow }: Action,
  origin: unknown,
  known: { reference: string; id: string | null },
  redact: Redact,
): Promise<{ listed: Listed<unknown> | null; failure: ItemFailure | null }> {
  if (!flow.read.find) {
    const said = `${flow.from.name} cannot be asked for one item.`
    throw new RunError('mode_not_supported_by_origin', 'no_find', said, { hint: 'Look at a plan instead.' })
  }
  try {
    return { listed: await flow.read.find(origin, known), failure: null }
  } catch (error) {
    if (error instanceof RunError) throw error
    if (error instanceof GoneError) return { listed: null, failure: null }
    return { listed: null, failure: failureAt('load', error, known.reference, redact) }
  }
}

/** What nobody wants to deliver may be wanted to be seen. That it cannot be read is no answer to anything. */
async function showUnwanted({ flow }: Action, origin: unknown, listed: Listed<unknown>, saw: Saw): Promise<void> {
  const loaded = await flow.read.load(origin, listed).catch((error: unknown) => {
    if (error instanceof RunError) throw error
    return null
  })
  if (loaded !== null) saw.loaded?.(loaded.item)
}

interface MappedItem {
  listed: Listed<unknown>
  origin: unknown
  cancellation: Cancellation
  saw: Saw
}

/** How far logics and format bring it, by the run's own stages. */
async function map(
  { flow }: Action,
  request: RunRequest,
  { listed, origin, cancellation, saw }: MappedItem,
  redact: Redact,
): Promise<Mapped> {
  const context = { flow, request, cancellation, tap: undefined }
  let stage: Stage = 'load'
  try {
    const listedItem = detailsOf(flow, request) === 'without' ? flow.read.partial?.item(listed, true) : null
    const { item: loaded } = listedItem ?? (await flow.read.load(origin, listed))
    saw.loaded?.(loaded)
    stage = 'logics'
    const item = await applyLogics(context, loaded)
    if (item === null) return { outcome: 'discarded', target: null }
    stage = 'format'
    const formatted = await format(context, item, listed.reference)
    saw.formatted?.(formatted)
    return { outcome: 'mapped', target: formatted.reference }
  } catch (thrown) {
    if (thrown instanceof RunError) throw thrown
    return { outcome: 'failed', target: null, failure: failureAt(stage, thrown, listed.reference, redact) }
  }
}

function failureAt(stage: Stage, thrown: unknown, of: string, redact: Redact): ItemFailure {
  const { message, ...failure } = failureOf(thrown, stage)
  return { ...failure, stage, reference: redact(of), message: redact(message) }
}

async function targetOf(
  { flow }: Action,
  request: RunRequest,
  target: unknown,
  { reference, leaving, saw }: { reference: string; leaving: Leaving | undefined; saw: Saw },
): Promise<Explanation['target']> {
  if (!flow.write.look) return null
  const found = await flow.write.look(target, request.push_parameters, reference)
  if (found === null) return { reference, shown: 'none', archived_at: null, by: null }
  const { archived_at, item } = found
  saw.found?.(item)
  if (archived_at === null) return { reference, shown: 'live', archived_at, by: null }
  // About to be archived by this workflow, it may bear a moment that nobody has written down.
  const isOurs =
    leaving !== undefined && isOwn(leaving) && (leaving.state === 'archiving' || leaving.archived_at === archived_at)
  return { reference, shown: 'archived', archived_at, by: isOurs ? 'workflow' : 'others' }
}

function recordOf({ outcome, version, target, checked_at, run_id, partial }: DeliveryRecord): Explanation['record'] {
  return { outcome, version, target, at: new Date(checked_at).toISOString(), run_id, details_due: partial }
}

function pendingOf(entry: PendingEntry): Explanation['pending'] {
  const { stage, code, message, attempts, first_failed_at, next_attempt_at } = entry
  const next = next_attempt_at === null ? null : new Date(next_attempt_at).toISOString()
  const times = { first_failed_at: new Date(first_failed_at).toISOString(), next_attempt_at: next }
  return { stage, code, message, attempts, ...times }
}

function leavingOf({ target, reason, state, since, archived_at }: Leaving): Explanation['leavings'][number] {
  return { target, reason, state, since: new Date(since).toISOString(), archived_at }
}

interface Facts extends Known {
  leaving: Leaving | undefined
  mapping: Mapped | null
  isFollowing: boolean
  /** What is pending is tried again by the next run, listed or not. */
  isNow: boolean
}

function nextOf(
  way: Way | null,
  { record, pending, leaving, mapping, isFollowing, isNow }: Facts,
): Explanation['next'] {
  if (way === null) {
    if (!isFollowing || !wasDelivered(record)) return nothing('The origin does not have it.')
    const why = 'The origin does not have it: it is archived once two runs at least an hour apart have not found it.'
    return { does: 'look_again', why }
  }
  switch (way) {
    case 'unchanged':
      return nothing('It was brought to its end at this version, by this mapping.')
    case 'stale':
      return nothing('What the origin lists is older than what was seen of it before: that proves nothing.')
    case 'leaves':
      return { does: 'archive', why: 'It is outside the filter, and the target has it live.' }
    case 'filtered':
      return nothing(
        leaving?.state === 'archived'
          ? 'It is outside the filter, and was archived by this workflow.'
          : 'It is outside the filter, and was not delivered from here.',
      )
    case 'deliver':
      if (mapping?.outcome === 'discarded' && isFollowing && wasDelivered(record))
        return { does: 'archive', why: 'Logics discard it, and the target has it live.' }
      if (mapping?.outcome === 'discarded') return nothing('Logics discard it.')
      if (pending) return { does: 'try_again', why: whyAgain(pending, isNow) }
      if (leaving && isOwn(leaving))
        return { does: 'bring_back', why: 'It is inside the filter again, and was archived by this workflow.' }
      return { does: 'deliver', why: whyDelivered(record) }
  }
}

function whyAgain({ code, next_attempt_at }: PendingEntry, isNow: boolean): string {
  if (isNow) return `It failed before (${code}), and is tried again.`
  const at = next_attempt_at === null ? '' : `from ${new Date(next_attempt_at).toISOString()} on, or `
  return `It failed before (${code}). It is tried again ${at}as soon as it changes; a full run tries it at once.`
}

function whyDelivered(record: DeliveryRecord | undefined): string {
  if (record?.partial === true) return 'Its details are still to be read.'
  if (record === undefined)
    return 'Nothing is known of it: it is compared with what the target has, and written where they differ.'
  return 'It is compared with what the target has, and written where they differ.'
}

/** Nothing is known of it now but what is written down. */
function unasked({ message }: ItemFailure): Explanation['next'] {
  return { does: 'try_again', why: `The origin could not be asked for it. ${message}` }
}

const nothing = (why: string): Explanation['next'] => ({ does: 'nothing', why })
