import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PgBoss, Queue } from 'pg-boss'
import { z } from 'zod'
import { messageOf, StateError } from '../core/errors.js'
import type { Logger } from '../core/ports/events.js'
import type { SqlPort } from '../core/ports/schedule.js'

// pg-boss, as it is used here: its settings, its tables, and what is said when it cannot be used.

/** Of its tables, beside those of the state. */
const SCHEMA = 'hrflow_connectors_engine'
export const QUEUE = 'workflows'

/** How the engine treats a job. Tests shorten it. */
export interface BossTimes {
  /** A job that is at work is taken from its process after so long, whatever that says. */
  expire_s: number
  /** A process that has said nothing of a job for so long has lost it. At least 10. */
  heartbeat_s: number
  /** How often it looks for such jobs. */
  supervise_s: number
}

export const BOSS_TIMES: BossTimes = { expire_s: 24 * 3_600, heartbeat_s: 20, supervise_s: 10 }

/** Runs may take hours, and what has failed stands in our own rows: the defaults would end the one and keep the other. */
function queueOf({ expire_s, heartbeat_s }: BossTimes): Omit<Queue, 'name' | 'policy'> {
  return {
    expireInSeconds: expire_s,
    heartbeatSeconds: heartbeat_s,
    ...{ retryLimit: 1_000, retryDelay: 1, retryBackoff: true, retryDelayMax: 60 },
    deleteAfterSeconds: 3_600,
  }
}

/** pg-boss over a database, working; its tables must be those of this version. Throws `StateError`. */
export async function openBoss(db: SqlPort, logger: Logger | null, times: BossTimes): Promise<PgBoss> {
  const { boss, expected } = await newBoss(db, { migrate: false, supervise_s: times.supervise_s })
  boss.on('error', (error) => logger?.error({}, `The engine: ${messageOf(error)}`))
  boss.on('warning', ({ message }) => logger?.warn({}, `The engine: ${message}`))
  const found = (await boss.isInstalled()) ? await boss.schemaVersion() : null
  if (found !== expected) throw otherTables(found, expected)
  await boss.start()
  if ((await boss.getQueue(QUEUE)) !== null) return boss
  await boss.stop({ graceful: false })
  throw otherTables(null, expected)
}

/** Makes the engine's tables, or brings them to this version. Returns the version. Throws `StateError` for newer ones. */
export async function migrateBoss(db: SqlPort, times: BossTimes = BOSS_TIMES): Promise<number> {
  const { boss, expected } = await newBoss(db, { migrate: true, supervise_s: times.supervise_s })
  const found = (await boss.isInstalled()) ? await boss.schemaVersion() : null
  if (found !== null && found > expected) throw otherTables(found, expected)
  // Its failures are those of `start` and of the queries below.
  boss.on('error', () => undefined)
  await boss.start()
  try {
    // Indexes are built behind it.
    const isBuilding = async () =>
      (await boss.getBamStatus()).some(({ status }) => status === 'pending' || status === 'in_progress')
    while (await isBuilding()) await sleep(1_000)
    await boss.createQueue(QUEUE, { policy: 'stately', ...queueOf(times) })
    await boss.updateQueue(QUEUE, queueOf(times))
  } finally {
    await boss.stop({ graceful: false })
  }
  return expected
}

async function newBoss(db: SqlPort, { migrate, supervise_s }: { migrate: boolean; supervise_s: number }) {
  const { PgBoss, expected } = await loadBoss()
  const boss = new PgBoss({
    ...{ db, schema: SCHEMA, migrate, createSchema: migrate, schedule: false, registerInstance: false },
    // Jobs of processes that are gone are looked for when both intervals are over: as long a second one would skip every other time.
    ...{
      supervise: !migrate,
      superviseIntervalSeconds: supervise_s,
      monitorIntervalSeconds: Math.ceil(supervise_s / 2),
    },
    // Jobs here depend on no others, and an index of a few thousand rows needs no rebuilding.
    ...{ flowIntervalSeconds: 3_600, reindex: false, bamIntervalSeconds: 10 },
  })
  return { boss, expected }
}

const packageJson = z.looseObject({ pgboss: z.looseObject({ schema: z.int() }) })

/** It is an optional peer: one machine does without. */
async function loadBoss() {
  try {
    const { PgBoss } = await import('pg-boss')
    const { pgboss } = packageJson.parse(createRequire(import.meta.url)('pg-boss/package.json'))
    return { PgBoss, expected: pgboss.schema }
  } catch (error) {
    throw new StateError('no_pg_boss', `serve on PostgreSQL needs the package pg-boss, which cannot be loaded.`, {
      hint: 'npm install pg pg-boss@~12.38, beside this package.',
      cause: error,
    })
  }
}

function otherTables(found: number | null, expected: number): StateError {
  if (found === null)
    return new StateError('no_engine', 'The engine has no tables in this database yet.', {
      hint: 'Make them once: hrflow-connectors state migrate.',
    })
  const said = `The engine's tables have version ${found}, and the package pg-boss here works with version ${expected}.`
  const hint =
    found > expected
      ? 'Install the pg-boss here that the other machines have: npm install pg-boss@~12.38.'
      : 'Stop the other machines, and bring them up: hrflow-connectors state migrate.'
  return new StateError('other_engine', said, { hint })
}
