import { type RunEvent, Workable } from '../src/index.js'
import { startSandbox } from '../src/sandbox/index.js'
import { MemoryStore } from '../src/stores/memory.js'
import { FastClock } from '../src/testing/fast-clock.js'
import type { BoardTimes } from './latest.js'

/** How long a first run takes to show all of so many jobs under Workable's real limit, on a clock that does not wait. */
export async function untilOnBoard(jobs: number): Promise<BoardTimes> {
  const [whole, early] = [await firstRun(jobs, 'with'), await firstRun(jobs, 'after')]
  return { jobs, with_s: whole.shown_s, after_s: early.shown_s, lists: early.lists, whole_s: early.ended_s }
}

/** Seconds from the beginning to the last job's delivery and to the end, and the list requests up to the former. */
async function firstRun(jobs: number, details: 'with' | 'after') {
  const clock = new FastClock()
  const now = () => clock.now()
  const sandbox = await startSandbox({ workable: { jobs, now, rate_limit: { limit: 10 } }, hrflow: { now } })
  const begun = now()
  let [shown, lists, asked] = [begun, 0, 0]
  const observer = (event: RunEvent) => {
    if (event.type === 'request' && event.side === 'origin' && event.request.path === '/jobs') asked += 1
    if (event.type === 'item') [shown, lists] = [now(), asked]
  }
  const { workable, hrflow, board_key } = sandbox
  try {
    const { events } = await Workable.updateJobsInHrflow(
      {
        workflow_id: 'bench',
        connector_auth: { api_access_token: workable.token, subdomain: workable.subdomain },
        hrflow_auth: { api_secret: hrflow.api_secret, api_user: hrflow.api_user },
        pull_parameters: { details },
        push_parameters: { board_key, on_missing: 'create' },
        logics: null,
      },
      {
        ...{ clock, observer, store: new MemoryStore({ clock }), dispatcher: clock.dispatcher },
        base_urls: { workable: sandbox.workable_url, hrflow: sandbox.hrflow_url },
      },
    )
    if (events.write_success !== jobs || events.details_due !== 0)
      throw new Error(`details: ${details}: ${events.write_success} written, ${events.details_due} due`)
    return { shown_s: (shown - begun) / 1000, ended_s: (now() - begun) / 1000, lists }
  } finally {
    await clock.close()
    await sandbox.close()
  }
}
