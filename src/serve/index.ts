import type { ScheduledWorkflow, ServeHolder } from '../core/ports/schedule.js'
import { Metrics } from './metrics.js'
import { Server, type ServeOptions } from './serve.js'
import { listen, webApp } from './web.js'

export { STANDARD_TIMES } from './serve.js'

/** A process that serves. */
export interface Serving {
  /** Where `/healthz`, `/readyz` and `/metrics` are. */
  url: string
  /** What it runs, and when. */
  scheduled: ScheduledWorkflow[]
  /** Runs what is due until it is told to stop. Returns who has taken its place, if one has. */
  run(): Promise<ServeHolder | null>
  stop(): void
}

/**
 * Takes the place of the process that serves a state, and listens; who has the place already is returned. Throws
 * `StateError`, `WorkflowFileError`, and the system's error when the port cannot be had.
 */
export async function openServing(
  options: Omit<ServeOptions, 'observer'>,
  { host, port }: { host: string; port: number },
): Promise<Serving | { other: ServeHolder }> {
  const { clock, store } = options
  const { schedules } = store
  const server = new Server({ ...options, observer: (job, event) => metrics.see(job, event) })
  const metrics = new Metrics({ schedules, engine: server.engine, clock })
  const other = await server.open()
  if (other !== null) return { other }
  const web = await listen(webApp({ isReady: () => server.isReady, metrics }), host, port).catch(
    async (error: unknown) => {
      await server.close()
      throw error
    },
  )
  return {
    url: web.url,
    scheduled: await schedules.scheduled(),
    run: () => server.run().finally(() => web.close()),
    stop: () => server.stop(),
  }
}
