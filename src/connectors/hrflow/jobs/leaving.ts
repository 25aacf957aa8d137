import { type Comparison, type Delivery, ItemError, type LeavingWrite, type Once, RunError } from '../../../core/kit.js'
import type { HrflowApi } from '../api.js'
import { UNCHANGED } from './changes.js'
import type { UpdateParameters } from './parameters.js'
import type { StoredJob } from './schema.js'
import { findJob, isArchived, isSince, nameOf } from './stored.js'

type Following = LeavingWrite<HrflowApi, UpdateParameters>
type Ended = Awaited<ReturnType<Following['archive']>>

const GONE: Ended = { outcome: 'settled', archived_at: null }

/** How the board follows: PATCH after a GET shows the job live, and a GET that tells since when it is archived. */
export const leavingJobs: Following = {
  isOn: ({ on_left }) => on_left === 'archive',
  check(hrflow, { edit }) {
    if (edit !== 'merge') throw cannotFollow('edit: replace sends without reading', 'Leave edit out, or give merge.')
    if (hrflow.may === 'write')
      throw cannotFollow('this api_secret may only write (askw_)', 'Use one that may read too (ask_).')
  },
  async archive(hrflow, { board_key }, reference, how) {
    let isOwn = how.announced
    return hrflow.http.retry(async (once): Promise<Ended> => {
      const stored = await hrflow.getJob(once, board_key, reference)
      if (stored === null) return GONE
      if (isArchived(stored)) return ending(stored, isOwn || isSince(stored, how.archived_at))
      await how.announce()
      isOwn = true
      if (!(await hrflow.archiveJob(once, board_key, reference))) return GONE
      const after = await hrflow.getJob(once, board_key, reference)
      if (after === null) return GONE
      if (isArchived(after)) return ending(after, true)
      const said =
        '[hrflow] The job is still live, although HrFlow took the request to archive it. The next run tries again.'
      throw new ItemError('not_archived', said)
    })
  },
  async compare(hrflow, { board_key }, reference): Promise<Comparison> {
    const stored = await findJob(hrflow, board_key, reference)
    return stored === null || isArchived(stored) ? UNCHANGED : { outcome: 'archive', changes: [], ...nameOf(stored) }
  },
}

function ending({ archived_at }: StoredJob, isOurs: boolean): Ended {
  const at = typeof archived_at === 'string' ? archived_at : null
  return { outcome: isOurs ? 'archived' : 'settled', archived_at: at }
}

function cannotFollow(why: string, hint: string): RunError {
  const said = `on_left: archive has to read the board, and ${why}.`
  return new RunError('bad_target_parameters', 'bad_target_parameters', said, { hint })
}

type Archived = Delivery<unknown, unknown>['archived']

/** Whether a stored job is archived by this workflow, which has it to bring back. */
export function isOurs(stored: StoredJob, archived: Archived): boolean {
  if (archived === undefined || !isArchived(stored)) return false
  const { archived_at } = archived
  return archived_at === null || isSince(stored, archived_at)
}

/** The job live again, as it is then; null when the board has it no longer. `onTaken`: HrFlow took the request. */
export async function bringBack(
  hrflow: HrflowApi,
  once: Once,
  { board_key, reference }: { board_key: string; reference: string },
  onTaken: () => void,
): Promise<StoredJob | null> {
  if (!(await hrflow.archiveJob(once, board_key, reference, 0))) return null
  onTaken()
  const stored = await hrflow.getJob(once, board_key, reference)
  if (stored === null || !isArchived(stored)) return stored
  const said =
    '[hrflow] The job stays archived, although HrFlow took the request to bring it back. Bring it back in HrFlow.'
  throw new ItemError('still_archived', said, { final: true })
}
