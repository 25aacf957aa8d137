import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { CLI, measure, REQUESTS, Services } from './measure.js'
import { limitedName, type Plan } from './plans.js'
import { emptyRow, type Row, type Sample } from './rows.js'

/** Requests of a run, for the baselines to repeat. */
interface Load {
  lists: number
  details: number
  gets: number
  puts: number
}

/** One run of the connector, and what it must come to. */
export interface Step {
  name: string
  flags: string[]
  load: Load
  written: number
  /** How many jobs are edited before. */
  edit?: number
  serial?: boolean
}

/** The action that is measured. */
export const ACTION = 'workable.update_jobs_in_hrflow'
const result = z.object({ status: z.string(), events: z.record(z.string(), z.number()) })

/** A board brought up to date from nothing, and then by later runs; each time the sandbox is a new one. */
export async function syncs(plan: Plan, say: (text: string) => void): Promise<Row[]> {
  const { jobs, latency_ms, limit, repetitions } = plan
  const steps = stepsOf(plan)
  const rows = steps.map(({ name }) => emptyRow(name, jobs, latency_ms))
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const limited = limit === undefined ? '' : `, ${limit} requests per 10 s`
    say(`${jobs} jobs, ${latency_ms} ms${limited}: ${repetition + 1} of ${repetitions}`)
    await withState({ jobs, latency_ms, ...(limit === undefined ? {} : { limit }) }, async (services, env) => {
      for (const [index, step] of steps.entries()) {
        if (step.edit !== undefined) await services.edit(step.edit)
        const row = rows[index]
        row?.samples.push(await sync(services, env, step))
        if (limit === undefined) row?.floor.push(await repeat(services, { ...step.load, at_once: 48 }))
        if (step.serial && repetition < plan.serial)
          row?.serial.push(await repeat(services, { ...step.load, at_once: 1 }))
      }
    })
  }
  return rows
}

/** Services of their own, and the environment of runs against them with state in a new file. */
export async function withState(
  { limit = 10_000_000, ...sandbox }: { jobs: number; latency_ms: number; limit?: number },
  use: (services: Services, env: Record<string, string>) => Promise<void>,
): Promise<void> {
  const services = await Services.start({ ...sandbox, limit })
  const folder = mkdtempSync(join(tmpdir(), 'bench-state-'))
  try {
    await use(services, { ...services.env, HRFLOW_CONNECTORS_STATE: `sqlite:${join(folder, 'state.db')}` })
  } finally {
    services.stop()
    rmSync(folder, { recursive: true })
  }
}

function stepsOf({ jobs, later, limit }: Plan): Step[] {
  const lists = Math.max(1, Math.ceil(jobs / 100))
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

/** One run of the command. Throws when it did not write what it should have. */
export async function sync(
  services: Services,
  env: Record<string, string>,
  { name, flags, written }: Pick<Step, 'name' | 'flags' | 'written'>,
): Promise<Sample> {
  const { stdout, ...cost } = await measure([CLI, 'run', ACTION, '--json', ...flags], env)
  const { status, events } = result.parse(JSON.parse(stdout))
  const wrote = events['write_success']
  if (status !== 'success' || wrote !== written)
    throw new Error(`${name}: ${status}, ${String(wrote)} written instead of ${written}`)
  return { ...cost, requests: await services.asked() }
}

async function repeat(services: Services, load: Load & { at_once: number }): Promise<Sample> {
  const { wall_ms, cpu_ms, peak_mib } = await measure([REQUESTS, JSON.stringify(load)], services.env)
  return { wall_ms, cpu_ms, peak_mib, requests: await services.asked() }
}
