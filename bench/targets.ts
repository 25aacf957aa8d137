import type { LimiterUse } from './limiter.js'
import { markdown, type Figures } from './table.js'

/** The row of a first full run. */
export function syncOf(rows: readonly Figures[], jobs: number, latency_ms: number): Figures | undefined {
  return rows.find((row) => row.name === 'full sync' && row.jobs === jobs && row.latency_ms === latency_ms)
}

/** What is aimed at, what was measured, and whether that is enough; in Markdown. What was not measured is left out. */
export function targetsOf(rows: readonly Figures[], limiter: LimiterUse): string {
  const version = rows.find((row) => row.name === '--version')?.times_floor
  const [few, most] = [syncOf(rows, 2_000, 0), syncOf(rows, 100_000, 0)]
  const growth = few && most ? most.peak_mib / few.peak_mib : undefined
  const serial = syncOf(rows, 2_000, 20)?.times_faster_than_serial
  // Where there are enough jobs that starting does not count.
  const beyond = syncOf(rows, 10_000, 0)?.cpu_ms_beyond_per_job
  const targets: [string, string, string | undefined, boolean][] = [
    ['allowed requests used in full slots', '>= 98 %', `${(limiter.used * 100).toFixed(1)} %`, limiter.used >= 0.98],
    ['refused (429), alone on the account', '0', String(limiter.refused), limiter.refused === 0],
    ['2,000 jobs at 20 ms, times faster than serial', '>= 20', serial?.toFixed(1), (serial ?? 0) >= 20],
    ['10,000 jobs at 0 ms, CPU beyond the bare client', '<= 0.6 ms/job', beyond?.toFixed(2), (beyond ?? 1) <= 0.6],
    ['peak memory, 100,000 jobs to 2,000', '<= 1.15', growth?.toFixed(2), (growth ?? 2) <= 1.15],
    ['--version, times `node -e 0`', '< 2', version?.toFixed(2), (version ?? 2) < 2],
  ]
  const lines = targets.flatMap(([what, aim, measured, met]) =>
    measured === undefined ? [] : [[what, aim, measured, met ? 'met' : 'not met']],
  )
  return markdown(['target', 'aim', 'measured', ''], lines)
}
