import { MemoryStore, Workable } from '../src/index.js'
import { startSandbox } from '../src/sandbox/index.js'
import { FastClock } from '../test/fast-clock.js'

/** How well a run under Workable's real limit used it. */
export interface LimiterUse {
  jobs: number
  requests: number
  /** Slots of 10 s in which there was work from beginning to end. */
  full_slots: number
  /** Of the requests that these slots allow. */
  used: number
  refused: number
  /** By the clock of the run, which passes over waits. */
  seconds: number
}

const ALLOWED = 9

/** A run of so many jobs under the real limit, on a clock that jumps over waits. */
export async function limiterUse(jobs: number): Promise<LimiterUse> {
  const clock = new FastClock()
  const now = () => clock.now()
  const sandbox = await startSandbox({ workable: { jobs, now }, hrflow: { now } })
  try {
    for (const { shortcode } of sandbox.workable.jobs)
      sandbox.hrflow.seed(sandbox.board_key, { reference: shortcode, name: 'Old' })
    const started = clock.now()
    const result = await Workable.updateJobsInHrflow(
      {
        workflow_id: 'bench',
        connector_auth: { api_access_token: sandbox.workable.token, subdomain: sandbox.workable.subdomain },
        hrflow_auth: { api_secret: sandbox.hrflow.api_secret, api_user: sandbox.hrflow.api_user },
        push_parameters: { board_key: sandbox.board_key },
        logics: null,
      },
      {
        clock,
        store: new MemoryStore({ clock }),
        dispatcher: clock.dispatcher,
        base_urls: { workable: sandbox.workable_url, hrflow: sandbox.hrflow_url },
      },
    )
    if (result.events.write_success !== jobs) throw new Error(`The limiter's run ended as ${JSON.stringify(result)}`)
    return useOf(sandbox.workable.requests, jobs, (clock.now() - started) / 1000)
  } finally {
    await clock.close()
    await sandbox.close()
  }
}

function useOf(requests: readonly { slot: number; status: number }[], jobs: number, seconds: number): LimiterUse {
  const slots = new Map<number, number>()
  for (const { slot } of requests) slots.set(slot, (slots.get(slot) ?? 0) + 1)
  const [first, last] = [Math.min(...slots.keys()), Math.max(...slots.keys())]
  let used = 0
  // The run begins and ends in the middle of a slot.
  for (let slot = first + 1; slot < last; slot++) used += slots.get(slot) ?? 0
  const full_slots = Math.max(0, last - first - 1)
  const refused = requests.filter(({ status }) => status === 429).length
  return { jobs, requests: requests.length, full_slots, used: used / (full_slots * ALLOWED), refused, seconds }
}
