import type { ScheduledWorkflow, SchedulingStore, ServeHolder } from '../core/ports/schedule.js'
import { openTimetable, type Storable, type WorkflowFile } from '../workflows/index.js'
import { migrateBoss } from './boss.js'
import { registeredOf } from './definitions.js'
import { Metrics } from './metrics.js'
import { databaseOf, openFileServer, type OpenOptions, openStoredServer } from './open.js'
import { registering } from './planning.js'
import { type Server, STANDARD_TIMES } from './serve.js'
import { type Also, listen, webApp } from './web.js'

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

export type ServingOptions = Omit<OpenOptions, 'observer' | 'times' | 'runtime'> & {
  /** Where it is listened at. */
  host: string
  port: number
  /** The console, where it is wanted on the same port. */
  also?: Also | undefined
}

/**
 * Serves the workflows of a file; who does already is returned instead. Throws `StateError`, `WorkflowFileError`, and the
 * system's error when the port cannot be had.
 */
export async function serveFile(
  file: WorkflowFile,
  options: ServingOptions,
): Promise<Serving | { other: ServeHolder }> {
  const metrics = new Metrics(options.store.schedules, options.clock)
  const server = await openFileServer(file, { ...options, ...serverOptions(metrics, options) })
  return 'other' in server ? server : serving(server, metrics, options)
}

/** Serves the workflows that were pushed. Throws `StateError`, and the system's error when the port cannot be had. */
export async function serveStored(env: NodeJS.ProcessEnv, options: ServingOptions): Promise<Serving> {
  const metrics = new Metrics(options.store.schedules, options.clock)
  return serving(await openStoredServer(env, { ...options, ...serverOptions(metrics, options) }), metrics, options)
}

function serverOptions(metrics: Metrics, { also }: ServingOptions): Pick<OpenOptions, 'observer' | 'times'> {
  const observer: OpenOptions['observer'] = (job, event) => {
    metrics.see(job, event)
    also?.see(job.workflow_id, event)
  }
  return { observer, times: STANDARD_TIMES }
}

async function serving(
  server: Server,
  metrics: Metrics,
  { store, host, port, also }: ServingOptions,
): Promise<Serving> {
  metrics.watch(server.engine)
  const app = webApp({ isReady: () => server.isReady, metrics, also })
  const web = await listen(app, host, port).catch(async (error: unknown) => {
    await server.close()
    throw error
  })
  return {
    url: web.url,
    scheduled: await store.schedules.scheduled(),
    run: () => server.run().finally(() => web.close()),
    stop: () => server.stop(),
  }
}

/** Stores workflows, or what has become of them, for the processes that serve a database. Throws `StateError`. */
export async function pushWorkflows(workflows: readonly Storable[], store: SchedulingStore): Promise<void> {
  const registered = await Promise.all(workflows.map(({ workflow, listeners }) => registeredOf(workflow, listeners)))
  const stored = workflows.map((storable) => storable.stored)
  await store.schedules.push(stored, registering(registered, await openTimetable()))
}

/** Makes the tables of the engine in the database of a store, or brings them to this version. Returns it. Throws `StateError`. */
export async function migrateEngine(store: SchedulingStore): Promise<number> {
  const db = databaseOf(store)
  try {
    return await migrateBoss(db)
  } finally {
    await db.close()
  }
}
