import type { Context, Hono } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'
import type { LiveRun } from '../live/live-runs.js'
import { type Means, paramOf } from '../means.js'
import { Refused } from '../refused.js'

/** At most twice a second. */
const TOLD_MS = 500
/** Other processes change the state without a word. */
const LOOK_MS = 5_000

/** What happens while somebody looks on: server-sent events. */
export function addEvents(app: Hono, means: Means): void {
  app.get('/api/runs/:run_id/events', (context) => {
    const run_id = paramOf(context, 'run_id')
    const live = means.options.live.get(run_id)
    const said = 'This run is not one of this process: it cannot be followed, only read again.'
    if (live === null) throw new Refused(404, 'not_live', said)
    return streaming(context, means, (stream, signal) => follow(live, stream, signal, means))
  })
  app.get('/api/events', (context) => streaming(context, means, (stream, signal) => watch(stream, signal, means)))
}

/** Until its work is done, whoever reads it leaves, or the console is closed. */
export function streaming(
  context: Context,
  means: Means,
  work: (stream: SSEStreamingApi, signal: AbortSignal) => Promise<void>,
): Response {
  const gone = new AbortController()
  const signal = AbortSignal.any([gone.signal, means.options.closing])
  return streamSSE(context, async (stream) => {
    stream.onAbort(() => gone.abort())
    await work(stream, signal)
  })
}

async function follow(live: LiveRun, stream: SSEStreamingApi, signal: AbortSignal, means: Means): Promise<void> {
  while (!signal.aborted) {
    const ended = live.result !== null
    await stream.writeSSE({ event: 'progress', data: means.text(live.progress()) })
    if (ended) {
      await stream.writeSSE({ event: 'end', data: means.text({ run_id: live.run_id }) })
      return
    }
    await Promise.race([means.clock.sleep(TOLD_MS, signal), live.ended])
  }
}

async function watch(stream: SSEStreamingApi, signal: AbortSignal, means: Means): Promise<void> {
  const { changes } = means.options
  let seen = await marksOf(means)
  // So that whoever reads it knows that it is open.
  await stream.write(': open\n\n')
  while (!signal.aborted) {
    const changed = await Promise.race([
      changes.next().then(() => true),
      means.clock.sleep(LOOK_MS, signal).then(() => false),
    ])
    const marks = await marksOf(means)
    if (changed || marks !== seen) await stream.writeSSE({ event: 'home', data: '{}' })
    else await stream.write(': still open\n\n')
    seen = marks
    if (changed) await means.clock.sleep(TOLD_MS, signal)
  }
}

/** What differs when something has happened that home shows. */
async function marksOf(means: Means): Promise<string> {
  const runs = await means.history.runs({ limit: 20 })
  const [change] = await means.history.audit({ limit: 1 })
  const scheduled = (await means.schedules?.scheduled()) ?? []
  const stands = scheduled.map(({ condition, paused, started_at, next_run_at }) => [
    ...[condition, paused, started_at, next_run_at],
  ])
  return JSON.stringify([runs.map(({ run_id, finished_at }) => [run_id, finished_at]), change?.id, stands])
}
