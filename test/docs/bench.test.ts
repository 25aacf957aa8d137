import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { chartOf } from '../../bench/chart.js'
import { type Latest, latestSchema, readLatest } from '../../bench/latest.js'
import { readOriginal } from '../../bench/original.js'
import { measuredText, pageOf, performanceFiles } from '../../bench/page.js'
import { emptyRow, figuresOf } from '../../bench/rows.js'
import { targetsOf } from '../../bench/targets.js'
import { root } from './blocks.js'

const costs = { wall_ms: 1_000, cpu_ms: 500, peak_mib: 100, requests: 602 }
const original = readOriginal()

/** Prints what the benchmark measured. */
async function bench(...words: string[]): Promise<string> {
  const jiti = fileURLToPath(new URL('../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [jiti, 'bench/main.ts', ...words], { cwd: root })
  return stdout
}

/** A run of the benchmark that found these rows alone. */
function latestOf(...rows: Latest['rows']): Latest {
  return { machine: 'M', command: 'C', measured_on: '2026-12-01', seconds: 61, rows }
}

test('the benchmark runs with 200 jobs, and counts what each run must cost', { timeout: 300_000 }, async () => {
  const { rows, limiter, exact_json, board, console } = latestSchema.parse(
    JSON.parse(await bench('--jobs', '200', '--once', '--json')),
  )
  const requests = rows.filter(({ latency_ms }) => latency_ms === 0).map((row) => [row.name, row.requests])
  expect(requests).toEqual([
    ['full sync', 1],
    ['full sync', 602],
    ['second full run', 202],
    ['incremental, 0 % changed', 1],
    ['incremental, 1 % changed', 7],
    ['incremental, 100 % changed', 602],
  ])
  expect(rows.filter(({ times_floor }) => times_floor === null)).toEqual([])
  const starts = rows.filter(({ jobs }) => jobs === null)
  const names = ['--version', '--help', 'import of the library', 'check', 'a run with nothing to do']
  expect(starts.map(({ name }) => name)).toEqual(names)
  expect(starts.at(-1)?.requests).toBe(1)
  // On a clock of its own, so that it does not depend on the machine.
  expect(limiter).toMatchObject({ requests: 2_020, refused: 0 })
  expect(limiter?.used).toBeGreaterThanOrEqual(0.98)
  expect(board).toMatchObject([{ jobs: 200, lists: 2 }])
  expect(board?.[0]?.after_s).toBeLessThan(15)
  expect(console?.map(({ page }) => page)).toEqual(
    expect.arrayContaining(['/api/home', '/api/runs', '/api/workflows/workflow-0']),
  )
  expect(exact_json?.careful_ms).toBeGreaterThan(exact_json?.plain_ms ?? Infinity)
})

test('a part can be run alone, and is never written as the latest run', { timeout: 60_000 }, async () => {
  const latest = latestSchema.parse(JSON.parse(await bench('--only', 'limiter', '--json')))
  expect(latest).toMatchObject({ command: 'npm run bench -- --only limiter', rows: [], limiter: { refused: 0 } })
  expect(latest).not.toHaveProperty('exact_json')
  await expect(bench('--only', 'limiter', '--write')).rejects.toThrow('leave --only out')
  await expect(bench('--only', 'nothing')).rejects.toThrow('give one of starts, syncs, json, limiter')
})

test('a row is of medians, beside those of its floor', () => {
  const samples = [3, 1, 2].map((times) => ({ ...costs, wall_ms: times * 1_000, cpu_ms: times * 200 }))
  const row = figuresOf({ ...emptyRow('full sync', 200, 0), samples, floor: [costs], serial: [costs] })
  expect(row).toMatchObject({ samples: 3, wall_s: 2, jobs_per_s: 100, times_floor: 2, times_faster_than_serial: 0.5 })
  expect(row.cpu_ms_beyond_per_job).toBe(-0.5)
  const none = figuresOf({ ...emptyRow('full sync', 0, 0), samples, floor: [costs] })
  expect(none).toMatchObject({ times_floor: 2, jobs_per_s: null, cpu_ms_beyond_per_job: null })
})

test('figures take the place of those before, and a target that is missed is called so', () => {
  const row = figuresOf({ ...emptyRow('full sync', 2_000, 20), samples: [costs], serial: [costs] })
  const limiter = { requests: 2, full_slots: 1, used: 0.97, refused: 0, seconds: 1 }
  const latest = { ...latestOf(row), limiter }
  const page =
    'A\n<!-- measured: begin -->old<!-- measured: end -->\nB\n<!-- compared: begin --><!-- compared: end -->\nC'
  const once = pageOf(page, latest, original)
  expect(once).toContain('`C`, 2026-12-01, 2 minutes, on M.')
  expect(once).not.toContain('old')
  expect(pageOf(once, latest, original)).toBe(once)
  expect(() => pageOf('nothing', latest, original)).toThrow('lacks')
  expect(targetsOf(latest)).toMatch(/allowed requests .* 97\.0 % \| not met/)
  expect(targetsOf(latest)).toMatch(/times faster .* 1\.0 \| not met/)
})

test('a target is met at its bound, and what was not measured has none', () => {
  const samples = [{ ...costs, peak_mib: 85, wall_ms: 2_200 }]
  const idle = figuresOf({ ...emptyRow('a run with nothing to do'), samples, floor: [costs] })
  expect(targetsOf(latestOf(idle))).toMatch(/importing undici \| .* <= 2\.20 \| .* 2\.20 \| met/)
  expect(targetsOf(latestOf(idle))).toMatch(/peak memory .* 85\.0 MiB \| +85\.0 MiB \| +met/)
  expect(targetsOf(latestOf({ ...idle, peak_mib: 85.1 }))).toMatch(/85\.1 MiB \| not met/)
  expect(targetsOf(latestOf(idle))).not.toContain('--help')
  expect(measuredText(latestOf())).toBe('')
})

test('what keeping numbers costs is a share of a job of the row with 10,000', () => {
  const row = figuresOf({ ...emptyRow('full sync', 10_000, 0), samples: [{ ...costs, cpu_ms: 10_000 }] })
  const exact_json = { plain_ms: 0.01, exact_ms: 0.03, careful_ms: 0.05 }
  expect(targetsOf({ ...latestOf(row), exact_json })).toMatch(/kept exactly.* 2\.0 % \| +met/)
  expect(targetsOf({ ...latestOf(), exact_json })).toBe('')
})

test('the comparison has both clients of one day, and the latest figures in a column of their own', () => {
  const row = figuresOf({ ...emptyRow('full sync', 10_000, 0), samples: [costs] })
  const page = pageOf(readFileSync(join(root, 'docs/performance.md'), 'utf8'), latestOf(row), original)
  expect(page).toMatch(/\| +original, 2026-11-29 \| +here, 2026-11-29 \| +here, 2026-12-01 \|/)
  expect(page).toMatch(/10,000 jobs at 0 ms +\| +13\.8 s, 188 MiB \| +6\.27 s, 161 MiB \| +1\.00 s, 100 MiB \|/)
  expect(page).toMatch(/2,000 jobs at 20 ms +\| +87\.1 s \| +4\.19 s \| +\|/)
})

test('the chart has every run of both clients where its time is, also when the latest run is a small one', () => {
  const few = chartOf(latestOf(figuresOf({ ...emptyRow('full sync', 200, 0), samples: [costs] })), original)
  const empty = chartOf(latestOf(), original)
  for (const chart of [few, empty, chartOf(readLatest(), original)]) {
    expect(chart).not.toMatch(/NaN|Infinity|undefined/)
    for (const { jobs, latency_ms, original: cost } of original.syncs)
      expect(chart).toContain(
        `original, 2026-11-29: ${jobs.toLocaleString('en-US')} jobs at ${latency_ms} ms: ${cost.wall_s} s`,
      )
  }
  expect(few).toContain('here, 2026-12-01: 200 jobs at 0 ms: 1 s')
  expect(heightOf(few, '2,000 jobs at 20 ms: 87.1 s')).toBeLessThan(heightOf(few, '2,000 jobs at 0 ms: 3.16 s'))
})

/** From the top, of the square that is called so. */
function heightOf(chart: string, called: string): number {
  const [, y] = new RegExp(`<rect [^>]* y="([\\d.]+)"[^>]*><title>original, [\\d-]+: ${called}`).exec(chart) ?? []
  return Number(y)
}

test('the page and its chart are what the latest run says', () => {
  const read = (path: string) => readFileSync(join(root, path), 'utf8')
  const files = performanceFiles(read)
  expect([...files.keys()]).toEqual(['docs/performance.md', 'docs/images/performance.svg'])
  for (const [path, text] of files) expect(read(path), path).toBe(text)
})
