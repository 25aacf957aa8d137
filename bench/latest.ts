import { readFileSync } from 'node:fs'
import { z } from 'zod'

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
  /** Wall time compared to the floor's. */
  times_floor: z.number().positive().nullable(),
  /** CPU beyond the floor's, per job. */
  cpu_ms_beyond_per_job: z.number().nullable(),
  /** Wall time of one request at a time, compared to ours. */
  times_faster_than_serial: z.number().positive().nullable(),
})

const limiterUse = z.object({
  requests: z.number(),
  /** Slots of 10 s in which there was work from beginning to end. */
  full_slots: z.number(),
  /** Of the requests that these slots allow. */
  used: z.number(),
  refused: z.number(),
  /** By the clock of the run. */
  seconds: z.number(),
})

const jsonCost = z.object({
  /** By `JSON.parse` and `JSON.stringify`. */
  plain_ms: z.number().positive(),
  /** The same job, by what keeps every number. */
  exact_ms: z.number().positive(),
  /** The job with a number that would change. */
  careful_ms: z.number().positive(),
})

const boardTimes = z.object({
  jobs: z.number(),
  /** Until the last job was on the board, with its details and before them, by the clock of the run. */
  with_s: z.number(),
  after_s: z.number(),
  /** List requests up to then, where details come later. */
  lists: z.number(),
  /** And until all details were there too. */
  whole_s: z.number(),
})

const consoleTimes = z.object({
  /** What is asked for. */
  page: z.string(),
  median_ms: z.number().positive(),
  most_ms: z.number().positive(),
})

/** What one run of the benchmark found. A part that was not run is left out. */
export const latestSchema = z.object({
  machine: z.string(),
  command: z.string(),
  /** The day, as YYYY-MM-DD. */
  measured_on: z.iso.date().optional(),
  seconds: z.number(),
  rows: z.array(figures),
  limiter: limiterUse.optional(),
  exact_json: jsonCost.optional(),
  board: z.array(boardTimes).optional(),
  console: z.array(consoleTimes).optional(),
})

/** A row in numbers: medians, and ratios of medians of one run of the benchmark. */
export type Figures = z.output<typeof figures>
/** How well the limiter used Workable's real limit. */
export type LimiterUse = z.output<typeof limiterUse>
/** How soon a first run shows every job under Workable's real limit. */
export type BoardTimes = z.output<typeof boardTimes>
/** CPU time of reading and writing one job. */
export type JsonCost = z.output<typeof jsonCost>
/** How long the console takes for an answer, over 10,000 runs and 100,000 failures. */
export type ConsoleTimes = z.output<typeof consoleTimes>
export type Latest = z.output<typeof latestSchema>

/** What bench/latest.json holds. Throws when that is no run of the benchmark. */
export function readLatest(): Latest {
  return latestSchema.parse(JSON.parse(readFileSync(new URL('latest.json', import.meta.url), 'utf8')))
}

/** The row of a first full run. */
export function syncOf(rows: readonly Figures[], jobs: number, latency_ms: number): Figures | undefined {
  return rows.find((row) => row.name === 'full sync' && row.jobs === jobs && row.latency_ms === latency_ms)
}

/** The row of a start. */
export function startOf(rows: readonly Figures[], name: string): Figures | undefined {
  return rows.find((row) => row.name === name && row.jobs === null)
}
