import { onTestFinished } from 'vitest'
import type { RunResult } from '../../src/core/result/result.js'
import { systemClock } from '../../src/runtime/clock.js'
import { proxySettings } from '../../src/runtime/environment.js'
import { dispatcherOf } from '../../src/runtime/shared.js'
import { BOSS_TIMES, migrateBoss } from '../../src/serve/boss.js'
import type { Sandbox } from '../../src/sandbox/index.js'
import { databaseOf, openStoredServer } from '../../src/serve/open.js'
import { STANDARD_TIMES } from '../../src/serve/serve.js'
import { openPostgres } from '../../src/stores/sql/postgres.js'

/** What happened in which of the servers. */
export interface Seen {
  server: number
  workflow_id: string
  result: RunResult
}

interface Options {
  sandbox: Sandbox
  count: number
  times?: Partial<typeof STANDARD_TIMES>
  boss_times?: typeof BOSS_TIMES
}

/** Servers of what was pushed, as they run in a process each, with times that a process cannot be given. */
export async function storedServers(state: string, { sandbox, count, times = {}, boss_times = BOSS_TIMES }: Options) {
  const store = await openPostgres(state)
  const db = databaseOf(store)
  await migrateBoss(db, boss_times)
  await db.close()
  const started: string[] = []
  const ran: Seen[] = []
  const options = {
    ...{ concurrency: 10, clock: systemClock, logger: null, dispatcher: dispatcherOf(proxySettings({})) },
    runtime: { base_urls: { workable: sandbox.workable_url, hrflow: sandbox.hrflow_url } },
    times: { ...STANDARD_TIMES, queue_ms: 500, ...times },
  }
  const opened = Array.from({ length: count }, async (_, server) => {
    const own = await openPostgres(state)
    const serving = await openStoredServer(
      sandbox.env,
      {
        ...{ ...options, store: own },
        observer: ({ workflow_id }, event) => {
          if (event.type === 'run_started') started.push(workflow_id)
          if (event.type === 'run_finished') ran.push({ server, workflow_id, result: event.result })
        },
      },
      boss_times,
    )
    const ended = serving.run().finally(() => own.close())
    return { serving, ended }
  })
  const servers = await Promise.all(opened)
  onTestFinished(async () => {
    for (const { serving } of servers) serving.stop()
    await Promise.all(servers.map(({ ended }) => ended))
    await store.close()
  })
  const one = async (id: string) => (await store.schedules.scheduled()).find(({ workflow_id }) => workflow_id === id)!
  return { started, ran, one }
}
