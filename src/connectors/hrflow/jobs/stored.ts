import { RunError } from '../../../core/kit.js'
import type { HrflowApi } from '../api.js'
import { type HrflowJob, instantOf, type StoredJob } from './schema.js'

// A job as the board has it.

/** Of any action: whether the board has a job, and since when it is archived there. */
export async function lookAtJob(hrflow: HrflowApi, { board_key }: { board_key: string }, reference: string) {
  const stored = await findJob(hrflow, board_key, reference)
  if (stored === null) return null
  return { archived_at: isArchived(stored) ? String(stored.archived_at) : null, item: stored }
}

export async function hasJob(
  hrflow: HrflowApi,
  { board_key }: { board_key: string },
  reference: string,
): Promise<boolean> {
  return (await hrflow.http.retry((once) => hrflow.getJob(once, board_key, reference))) !== null
}

/** The stored job that a delivery is compared with. */
export async function findJob(hrflow: HrflowApi, board_key: string, reference: string): Promise<StoredJob | null> {
  if (hrflow.may === 'write') {
    const said = 'This api_secret may only write (askw_): what is on the board cannot be compared.'
    throw new RunError('write_failure', 'unauthorized', said, { hint: 'Compare with one that may read too (ask_).' })
  }
  return hrflow.http.retry((once) => hrflow.getJob(once, board_key, reference))
}

export function nameOf({ name }: HrflowJob | StoredJob): { name?: string } {
  return typeof name === 'string' ? { name } : {}
}

/** HrFlow shows a date for an archived job, and null for a live one. */
export function isArchived({ archived_at }: StoredJob): boolean {
  return archived_at !== null && archived_at !== undefined && archived_at !== ''
}

/** Whether a stored job is archived since this moment. */
export function isSince({ archived_at }: StoredJob, at: string | null): boolean {
  if (at === null || typeof archived_at !== 'string') return false
  return at === archived_at || instantOf(at) === instantOf(archived_at)
}
