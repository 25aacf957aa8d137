import { planning, registering } from '../src/serve/planning.js'
import { openPostgres } from '../src/stores/sql/postgres.js'
import { openTimetable } from '../src/workflows/index.js'

const HOUR_MS = 3_600_000

/** How long it takes until so many schedules that come due at once are planned, in a database of nothing else. */
export async function planned(url: string, schedules: number): Promise<{ schedules: number; plan_ms: number }> {
  const timetable = await openTimetable()
  let now = Date.UTC(2026, 0, 1)
  const store = await openPostgres(url, { now: () => now })
  try {
    const given = Array.from({ length: schedules }, (_, at) => ({
      ...{ workflow_id: `planned-${at}`, account: `planned:${at}`, listeners: [] },
      ...{ schedule: { cron: `${at % 60} * * * *`, time_zone: 'Europe/Paris' }, full_schedule: null },
    }))
    await store.schedules.replaceScheduled(registering(given, timetable))
    now += HOUR_MS
    const began = performance.now()
    const changed = await store.schedules.changeDue(planning(timetable))
    const plan_ms = performance.now() - began
    if (changed !== schedules) throw new Error(`${changed} of ${schedules} schedules were planned.`)
    await store.schedules.replaceScheduled(() => [])
    return { schedules, plan_ms }
  } finally {
    await store.close()
  }
}
