import type { Explanation } from './explanation.js'

// What became of an item, in sentences.

/** A sentence for each place that knows something of the item. */
export function sentencesOf(explained: Explanation) {
  const { next } = explained
  return {
    origin: originLine(explained),
    mapping: mappingLine(explained),
    record: recordLine(explained),
    pending: explained.pending && pendingLine(explained.pending),
    leavings: explained.leavings.map(leavingLine),
    target: targetLine(explained),
    next: `${NEXT[next.does]}. ${next.why}`,
  }
}

const NEXT: Record<Explanation['next']['does'], string> = {
  nothing: 'nothing',
  deliver: 'deliver it',
  archive: 'archive it',
  bring_back: 'bring it back',
  look_again: 'look for it again',
  try_again: 'try it again',
}

function originLine({ origin, failure }: Explanation): string {
  if (failure) return `could not be asked: ${failure.message}`
  if (origin === null) return 'does not have it.'
  const version = origin.version === null ? '' : `, version ${origin.version}`
  return `has it${version}: ${origin.is_inside ? 'inside the filter' : 'outside the filter'}.`
}

function mappingLine({ mapping }: Explanation): string {
  if (mapping === null) return 'not tried: there is nothing to deliver.'
  if (mapping.outcome === 'discarded') return 'logics discard it.'
  if (mapping.failure) return `fails in ${mapping.failure.stage}: ${mapping.failure.message}`
  return `makes ${mapping.target ?? 'an item'} of it.`
}

function recordLine({ record }: Explanation): string {
  if (record === null) return 'none: it was not dealt with under this workflow yet.'
  const words = {
    delivered: 'delivered',
    delivering: 'was about to be delivered when the run ended',
    discarded: 'discarded by logics',
    missing: 'not on the target, and not added',
    left: 'left',
  }
  const version = record.version === null ? '' : `, at version ${record.version}`
  const run = record.run_id === null ? '' : `, by run ${record.run_id.slice(0, 8)}`
  const due = record.details_due ? ', without its details' : ''
  return `${words[record.outcome]}${due}, ${record.at}${version}${run}.`
}

function pendingLine(pending: NonNullable<Explanation['pending']>): string {
  const { stage, code, message, attempts, next_attempt_at } = pending
  const when = next_attempt_at === null ? 'tried again when it changes' : `tried again from ${next_attempt_at} on`
  return `failed in ${stage} ${attempts === 1 ? 'once' : `${attempts} times`} (${code}): ${message} It is ${when}.`
}

function leavingLine({ target, reason, state, since, archived_at }: Explanation['leavings'][number]): string {
  const why = {
    filter: 'outside the filter',
    discarded: 'discarded by logics',
    renamed: 'has another reference by now',
    deleted: 'not found any more',
  }
  const done = {
    seen: 'it is decided at the end of a run',
    archiving: 'it was about to be archived when the run ended',
    archived: `archived by this workflow${archived_at === null ? '' : `, ${archived_at}`}`,
    settled: 'somebody else had archived or removed it',
  }
  return `${target}: ${why[reason]} since ${since}; ${done[state]}.`
}

function targetLine({ target }: Explanation): string {
  if (target === null) return 'cannot be looked at.'
  if (target.shown === 'none') return `does not have ${target.reference}.`
  if (target.shown === 'live') return `shows ${target.reference} live.`
  const by = target.by === 'workflow' ? 'by this workflow' : 'by somebody else'
  return `has ${target.reference} archived since ${target.archived_at ?? 'an unknown moment'}, ${by}.`
}
