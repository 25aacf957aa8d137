import type { SchedulingStore, ServeHolder } from '../core/ports/schedule.js'
import { openTimetable, type WorkflowFile } from '../workflows/index.js'
import { BOSS_TIMES, type BossTimes, openBoss } from './boss.js'
import { fileDefinitions, registeredOf, StoredDefinitions } from './definitions.js'
import { InProcessEngine } from './in-process-engine.js'
import { PgBossEngine } from './pg-boss-engine.js'
import { Place } from './place.js'
import { registering } from './planning.js'
import { Server, type ServeOptions } from './serve.js'

export type OpenOptions = Omit<ServeOptions, 'definitions' | 'engine' | 'place'> & {
  /** Runs at once in this process, each of another account. */
  concurrency: number
}

/**
 * A server of the workflows of a file, the only one over its state: it takes the place of the one that serves. Who has it already
 * is returned instead. Throws `StateError`, `WorkflowFileError`.
 */
export async function openFileServer(
  file: WorkflowFile,
  options: OpenOptions,
): Promise<Server | { other: ServeHolder }> {
  const { store, clock, concurrency, times } = options
  const { schedules } = store
  const definitions = await fileDefinitions(file)
  const place = new Place({ schedules, clock, ttl_ms: times.place_ms })
  const other = await place.hold()
  if (other !== null) return { other }
  const scheduled = file.workflows.filter(({ schedule, full_schedule }) => schedule !== null || full_schedule !== null)
  const registered = await Promise.all(scheduled.map((workflow) => registeredOf(workflow, file.listeners)))
  await schedules.replaceScheduled(registering(registered, await openTimetable()))
  const engine = new InProcessEngine({ clock, concurrency, schedules })
  return new Server({ ...options, definitions, engine, place })
}

/** A server of the workflows that were pushed, one of any number over one PostgreSQL. Throws `StateError`. */
export async function openStoredServer(
  env: NodeJS.ProcessEnv,
  options: OpenOptions,
  boss_times: BossTimes = BOSS_TIMES,
): Promise<Server> {
  const { store, clock, logger, concurrency, times } = options
  const { schedules } = store
  const db = databaseOf(store)
  try {
    const boss = await openBoss(db, logger, boss_times)
    const definitions = new StoredDefinitions(schedules, env)
    const pauses = { poll_ms: times.queue_ms, touch_ms: (boss_times.heartbeat_s * 1_000) / 4 }
    const engine = new PgBossEngine({ boss, schedules, clock, logger, concurrency, ...pauses, close: () => db.close() })
    return new Server({ ...options, definitions, engine, place: null })
  } catch (error) {
    await db.close()
    throw error
  }
}

/** The connections of an engine. The store must be one that processes share: PostgreSQL. */
export function databaseOf(store: SchedulingStore) {
  if (store.openDatabase === null) throw new Error('An engine needs state in PostgreSQL.')
  return store.openDatabase()
}
