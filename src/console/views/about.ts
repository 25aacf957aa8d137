import { VERSION } from '../../version.js'
import type { About } from '../contract.js'
import { iso, type Means } from '../means.js'

/** Planned so long ago, nobody plans any more. */
const UNPLANNED_MS = 180_000

export async function aboutOf(means: Means): Promise<About> {
  const { demo, catalogue } = means.options
  const [summary, now, workflows] = await Promise.all([means.store.summary(), means.now(), catalogue.source()])
  return {
    version: VERSION,
    demo,
    state: summary.location,
    workflows,
    served_by: await servedBy(means, now),
    now: iso(now),
  }
}

/** Who runs what is due. Of many processes none has a place: there it is told by what is planned. */
async function servedBy(means: Means, now: number): Promise<About['served_by']> {
  if (means.options.serves) return 'this'
  const { schedules } = means
  if (schedules === null) return null
  if ((await schedules.serveHolder()) !== null) return 'other'
  if ((await means.options.catalogue.source())?.kind !== 'database') return null
  const planned = (await schedules.scheduled()).filter(({ paused }) => !paused)
  const isLate = (at: number | null) => at !== null && at < now - UNPLANNED_MS
  const isLeft = planned.some(({ next_run_at, next_full_at }) => isLate(next_run_at) || isLate(next_full_at))
  return planned.length > 0 && !isLeft ? 'other' : null
}
