import { type Figures, type JsonCost, type Latest, startOf, syncOf } from './latest.js'
import { IDLE, LIBRARY } from './starts.js'
import { markdown, whole } from './table.js'

interface Target {
  what: string
  /** What was measured; nothing when it was not. */
  measured: number | undefined
  /** At most or at least so much. */
  bound: { most: number } | { least: number }
  /** With its unit. */
  show: (value: number) => string
}

/** What is aimed at, what was measured, and whether that is enough; in Markdown. What was not measured is left out, be it all. */
export function targetsOf(latest: Latest): string {
  const all = [...limitTargets(latest), ...startTargets(latest.rows), ...syncTargets(latest), ...consoleTargets(latest)]
  const lines = all.flatMap(({ what, measured, bound, show }) => {
    if (measured === undefined) return []
    const isMost = 'most' in bound
    const met = isMost ? measured <= bound.most : measured >= bound.least
    return [[what, aimOf(bound, show), show(measured), met ? 'met' : 'not met']]
  })
  return lines.length === 0 ? '' : markdown(['target', 'aim', 'measured', ''], lines)
}

function consoleTargets({ console: pages }: Latest): Target[] {
  const measured = pages && Math.max(...pages.map(({ median_ms }) => median_ms))
  return [
    { what: 'slowest answer of the console', measured, bound: { most: 200 }, show: (value) => `${whole(value)} ms` },
  ]
}

function aimOf(bound: Target['bound'], show: (value: number) => string): string {
  if (!('most' in bound)) return `>= ${show(bound.least)}`
  return bound.most === 0 ? '0' : `<= ${show(bound.most)}`
}

const times = (value: number) => value.toFixed(2)
const tenths = (value: number) => value.toFixed(1)
const percent = (value: number) => `${(value * 100).toFixed(1)} %`
const mib = (value: number) => `${value.toFixed(1)} MiB`
const perJob = (value: number) => `${value.toFixed(2)} ms/job`

function atMost(what: string, measured: number | null | undefined, most: number, show: Target['show']): Target {
  return { what, measured: measured ?? undefined, bound: { most }, show }
}

function limitTargets({ limiter, board = [] }: Latest): Target[] {
  return [
    ...board.map(({ jobs, lists }) =>
      atMost(`${whole(jobs)} jobs on the board, list requests before the last`, lists, jobs / 100 + 5, String),
    ),
    { what: 'allowed requests used in full slots', measured: limiter?.used, bound: { least: 0.98 }, show: percent },
    atMost('refused (429), alone on the account', limiter?.refused, 0, String),
  ]
}

/** What starting takes, beside a Node process that does as little as may be. */
function startTargets(rows: readonly Figures[]): Target[] {
  const start = (name: string, floor: string, most: number) =>
    atMost(`${name}, times ${floor}`, startOf(rows, name)?.times_floor, most, times)
  return [
    start('--version', '`node -e 0`', 2),
    start('--help', '`node` importing commander', 2),
    start(LIBRARY, '`node -e 0`', 3),
    start('check', '`node` importing undici, zod, libsql', 2),
    start(IDLE, '`node` importing undici', 2.2),
    atMost(`${IDLE}, peak memory`, startOf(rows, IDLE)?.peak_mib, 85, mib),
  ]
}

function syncTargets({ rows, exact_json }: Latest): Target[] {
  const [little, few, many, most] = [200, 2_000, 10_000, 100_000].map((jobs) => syncOf(rows, jobs, 0))
  const growth = few && most && most.peak_mib / few.peak_mib
  const serial = syncOf(rows, 2_000, 20)?.times_faster_than_serial ?? undefined
  const beyond = (jobs: string, row: Figures | undefined, bound: number) =>
    atMost(`${jobs} jobs at 0 ms, CPU beyond the bare client`, row?.cpu_ms_beyond_per_job, bound, perJob)
  const share = exact_json && exactShare(exact_json, rows)
  return [
    atMost('200 jobs at 0 ms, times the bare client', little?.times_floor, 2, times),
    { what: '2,000 jobs at 20 ms, times faster than serial', measured: serial, bound: { least: 20 }, show: tenths },
    beyond('2,000', few, 0.6),
    beyond('10,000', many, 0.35),
    atMost('numbers kept exactly, of the CPU of a job', share, 0.03, percent),
    atMost('10,000 jobs at 0 ms, peak memory', many?.peak_mib, 120, mib),
    atMost('peak memory, 100,000 jobs to 2,000', growth, 1.15, times),
  ]
}

/** What keeping every number takes beyond `JSON`, of the CPU time of a job at 10,000 jobs; nothing when that was not measured. */
function exactShare({ plain_ms, exact_ms }: JsonCost, rows: readonly Figures[]): number | undefined {
  const row = syncOf(rows, 10_000, 0)
  return row && (exact_ms - plain_ms) / ((row.cpu_s * 1000) / 10_000)
}
