import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Latest, pageOf } from '../../bench/page.js'
import { figuresOf } from '../../bench/table.js'
import { targetsOf } from '../../bench/targets.js'

const figures = z.object({
  name: z.string(),
  jobs: z.number().nullable(),
  latency_ms: z.number().nullable(),
  samples: z.number(),
  wall_s: z.number().positive(),
  cpu_s: z.number().positive(),
  peak_mib: z.number().positive(),
  requests: z.number(),
  jobs_per_s: z.number().nullable(),
  times_floor: z.number().positive().nullable(),
  cpu_ms_beyond_per_job: z.number().nullable(),
  times_faster_than_serial: z.number().positive().nullable(),
})
const printed = z.object({
  machine: z.string(),
  command: z.string(),
  seconds: z.number(),
  rows: z.array(figures),
  limiter: z.object({
    requests: z.number(),
    full_slots: z.number(),
    used: z.number(),
    refused: z.number(),
    seconds: z.number(),
  }),
})

const costs = { wall_ms: 1_000, cpu_ms: 500, peak_mib: 100, requests: 602 }

test('the benchmark runs with 200 jobs, and counts what each run must cost', { timeout: 300_000 }, async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const jiti = fileURLToPath(new URL('../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url))
  const words = [jiti, 'bench/main.ts', '--jobs', '200', '--once', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root })
  const { rows, limiter } = printed.parse(JSON.parse(stdout))
  const requests = rows.filter(({ latency_ms }) => latency_ms === 0).map((row) => [row.name, row.requests])
  expect(requests).toEqual([
    ['full sync', 602],
    ['second full run', 202],
    ['incremental, 0 % changed', 1],
    ['incremental, 1 % changed', 7],
    ['incremental, 100 % changed', 602],
  ])
  expect(rows.filter(({ jobs }) => jobs === 200).every(({ times_floor }) => times_floor !== null)).toBe(true)
  // On a clock of its own, so that it does not depend on the machine.
  expect(limiter).toMatchObject({ requests: 2_020, refused: 0 })
  expect(limiter.used).toBeGreaterThanOrEqual(0.98)
})

test('a row is of medians, beside those of its floor', () => {
  const samples = [3, 1, 2].map((times) => ({ ...costs, wall_ms: times * 1_000, cpu_ms: times * 200 }))
  const row = figuresOf({ name: 'full sync', jobs: 200, latency_ms: 0, samples, floor: [costs], serial: [costs] })
  expect(row).toMatchObject({ samples: 3, wall_s: 2, jobs_per_s: 100, times_floor: 2, times_faster_than_serial: 0.5 })
  expect(row.cpu_ms_beyond_per_job).toBe(-0.5)
})

test('figures take the place of those before, and a target that is missed is called so', () => {
  const row = figuresOf({ name: 'full sync', jobs: 2_000, latency_ms: 20, samples: [costs], serial: [costs] })
  const limiter = { requests: 2, full_slots: 1, used: 0.97, refused: 0, seconds: 1 }
  const latest: Latest = { machine: 'M', command: 'C', seconds: 61, rows: [row], limiter }
  const page =
    'A\n<!-- measured: begin -->old<!-- measured: end -->\nB\n<!-- compared: begin --><!-- compared: end -->\nC'
  const once = pageOf(page, latest)
  expect(once).toContain('`C`, 2 minutes, on M.')
  expect(once).not.toContain('old')
  expect(pageOf(once, latest)).toBe(once)
  expect(() => pageOf('nothing', latest)).toThrow('lacks')
  expect(targetsOf([row], limiter)).toMatch(/allowed requests .* 97\.0 % \| not met/)
  expect(targetsOf([row], limiter)).toMatch(/times faster .* 1\.0 \| not met/)
})
