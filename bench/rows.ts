import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { CLI, measure, REQUESTS, Services, type Cost } from './measure.js'

/** What was measured once. */
export interface Sample extends Cost {
  /** Requests that reached the services. */
  requests: number
}

/** One line of the table: medians of its samples, and what they are compared to. */
export interface Row {
  name: string
  jobs: number | null
  latency_ms: number | null
  samples: Sample[]
  /** The same requests by the bare client, or an empty Node process. */
  floor?: Sample[]
  /** The same requests, one at a time. */
  serial?: Sample[]
}

/** Requests of a run, for the baselines to repeat. */
interface Load {
  lists: number
  details: number
  gets: number
  puts: number
}

const RUN = [CLI, 'run', 'workable.update_jobs_in_hrflow', '--json']
const result = z.object({ status: z.string(), events: z.record(z.string(), z.number()) })

/** How often, and what beyond the first full run. */
export interface Plan {
  jobs: number
  latency_ms: number
  /** Of Workable, in requests per 10 s, beyond which the bare client would be refused: no floor then. Default: none. */
  limit?: number
  repetitions: number
  /** How often the loop of one request at a time is run. */
  serial: number
  /** Later runs on the same state too. */
  later: boolean
}

/** A board brought up to date from nothing, and then by later runs; each time the sandbox is a new one. */
export async function syncs(plan: Plan): Promise<Row[]> {
  const { jobs, latency_ms, limit = 10_000_000 } = plan
  const rows = new Map<string, Row>()
  for (let repetition = 0; repetition < plan.repetitions; repetition++) {
    const services = await Services.start({ jobs, latency_ms, limit })
    const folder = mkdtempSync(join(tmpdir(), 'bench-state-'))
    try {
      const env = { ...services.env, HRFLOW_CONNECTORS_STATE: `sqlite:${join(folder, 'state.db')}` }
      for (const step of stepsOf(plan)) {
        await services.tell(step.edit)
        const row = rows.get(step.name) ?? { name: step.name, jobs, latency_ms, samples: [], floor: [], serial: [] }
        rows.set(step.name, row)
        row.samples.push(await sync(services, env, step))
        if (plan.limit === undefined) row.floor?.push(await repeat(services, { ...step.load, at_once: 48 }))
        if (step.serial && repetition < plan.serial) {
          row.serial?.push(await repeat(services, { ...step.load, at_once: 1 }))
        }
      }
    } finally {
      services.stop()
      rmSync(folder, { recursive: true })
    }
  }
  return [...rows.values()]
}

interface Step {
  name: string
  flags: string[]
  load: Load
  written: number
  edit?: number
  serial?: boolean
}

function stepsOf({ jobs, later, limit }: Plan): Step[] {
  const lists = Math.ceil(jobs / 100)
  const few = Math.ceil(jobs / 100)
  const all = { details: jobs, gets: jobs, puts: jobs }
  const some = { details: few, gets: few, puts: few }
  const none = { details: 0, gets: 0, puts: 0 }
  const incremental = ['--incremental']
  const name = limit === undefined ? 'full sync' : limitedName(limit)
  const first = { name, flags: [], load: { lists, ...all }, written: jobs, serial: true }
  if (!later) return [first]
  return [
    first,
    { name: 'second full run', flags: [], load: { lists, ...none, gets: jobs }, written: 0 },
    // What was written by hand would be put right by the next full run.
    { name: 'incremental, 0 % changed', flags: incremental, load: { lists: 1, ...none }, written: 0 },
    { name: 'incremental, 1 % changed', flags: incremental, load: { lists: 1, ...some }, written: few, edit: few },
    { name: 'incremental, 100 % changed', flags: incremental, load: { lists, ...all }, written: jobs, edit: jobs },
  ]
}

/** The row of a first full run under a limit. */
export function limitedName(limit: number): string {
  return `full sync, ${limit} requests per 10 s`
}

async function sync(services: Services, env: Record<string, string>, step: Step): Promise<Sample> {
  const { stdout, ...cost } = await measure([...RUN, ...step.flags], env)
  const { status, events } = result.parse(JSON.parse(stdout))
  const written = events['write_success']
  if (status !== 'success' || written !== step.written)
    throw new Error(`${step.name}: ${status}, ${String(written)} written instead of ${step.written}`)
  const { workable, hrflow } = await services.tell()
  return { ...cost, requests: workable + hrflow }
}

async function repeat(services: Services, load: Load & { at_once: number }): Promise<Sample> {
  const { wall_ms, cpu_ms, peak_mib } = await measure([REQUESTS, JSON.stringify(load)], services.env)
  const { workable, hrflow } = await services.tell()
  return { wall_ms, cpu_ms, peak_mib, requests: workable + hrflow }
}

/** Starting, compared to Node doing nothing. */
export async function starts(repetitions: number): Promise<Row[]> {
  const programs: [string, string[]][] = [
    ['--version', [CLI, '--version']],
    ['import of the library', ['--input-type=module', '-e', `await import(${JSON.stringify(library())})`]],
  ]
  const rows = programs.map(([name]): Row => ({ name, jobs: null, latency_ms: null, samples: [], floor: [] }))
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [index, [, words]] of programs.entries()) {
      rows[index]?.floor?.push(await plain(['-e', '0']))
      rows[index]?.samples.push(await plain(words))
    }
  }
  return rows
}

function library(): string {
  return new URL('../dist/index.js', import.meta.url).href
}

async function plain(words: string[]): Promise<Sample> {
  const { wall_ms, cpu_ms, peak_mib } = await measure(words)
  return { wall_ms, cpu_ms, peak_mib, requests: 0 }
}
