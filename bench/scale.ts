// `npm run bench -- --only scale`: what it takes to serve thousands of accounts over one PostgreSQL. It takes minutes and a machine
// that has nothing else to do, and is no part of the whole benchmark.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fleet } from './fleet.js'
import { planned } from './planned.js'
import { type Done, ScaleDatabase, type Statement } from './scale-database.js'

export interface ScaleOptions {
  accounts: number
  /** Each is measured with so many processes. */
  processes: number[]
  /** Over how long the accounts become due where they do not all at once. */
  spread_s: number
}

/** Every account once, with nothing to do for it: what that took. */
export interface Round {
  processes: number
  /** Over how long the accounts became due; 0: all at once. */
  spread_s: number
  /** From the first that was due to the last that was done. */
  wall_s: number
  lag_s: { median: number; p99: number; worst: number }
  run_ms: { median: number; p99: number }
  /** Of all processes that serve. */
  cpu_ms_per_run: number
  /** Of each. */
  rss_mib: number[]
  postgres_cpu_ms_per_run: number | null
  statements_per_run: number
  statements_per_s: number
  transactions_per_s: number
  requests: number
  refused: number
}

export interface Scale {
  accounts: number
  jobs: number
  latency_ms: number
  push_s: number
  first_syncs_s: number
  /** Of one process while nothing is due. */
  resting: { cpu_ms_per_s: number; statements_per_s: number }
  rounds: Round[]
  planned: { schedules: number; plan_ms: number }
  dearest: Statement[]
}

/** Of an account. */
const JOBS = 3
const LATENCY_MS = 100
const REST_MS = 20_000

export async function scale(options: ScaleOptions, say: (text: string) => void): Promise<Scale> {
  const { accounts, spread_s } = options
  say('20,000 schedules planned')
  const database = await ScaleDatabase.start()
  try {
    const planning = await planned(database.url, 20_000)
    const fleet = await Fleet.start(database.url, { jobs: JOBS, latency_ms: LATENCY_MS })
    try {
      say(`${accounts} workflows pushed`)
      const push_s = (await fleet.push(accounts)) / 1_000
      await fleet.serve(1)
      say('first syncs')
      const first = await round({ fleet, database, accounts }, 1, 0)
      const rounds: Round[] = []
      say('nothing is due')
      const resting = await rest(fleet, database)
      if (spread_s > 0) {
        say(`due over ${spread_s} s, one process`)
        rounds.push(await round({ fleet, database, accounts }, 1, spread_s))
      }
      let dearest: Statement[] = []
      for (const processes of options.processes) {
        say(`all due at once, ${processes} processes`)
        await fleet.serve(processes)
        await database.clear()
        rounds.push(await round({ fleet, database, accounts }, processes, 0))
        if (dearest.length === 0) dearest = await database.dearest(25)
      }
      const figures = { accounts, jobs: JOBS, latency_ms: LATENCY_MS, push_s, first_syncs_s: first.wall_s }
      return { ...figures, resting, rounds, planned: planning, dearest }
    } finally {
      await fleet.stop()
    }
  } finally {
    await database.stop()
  }
}

interface Measured {
  fleet: Fleet
  database: ScaleDatabase
  accounts: number
}

/** Makes every account due, and waits until each has run once. */
async function round({ fleet, database, accounts }: Measured, processes: number, spread_s: number): Promise<Round> {
  await fleet.asked()
  const [used, done] = [await fleet.used(), await database.done()]
  const first = await database.makeDue(spread_s * 1_000)
  while ((await database.ended(first)) < accounts) await sleep(500)
  const [usedThen, doneThen] = [await fleet.used(), await database.done()]
  const ran = await database.ran(first)
  const cpu_s = sum(usedThen.map((then, at) => then.cpu_s - (used[at]?.cpu_s ?? 0)))
  const wall_s = Math.max(...ran.map(({ lag_ms, took_ms, due_ms }) => due_ms + lag_ms + took_ms)) / 1_000
  const lags = ran.map(({ lag_ms }) => lag_ms / 1_000)
  const took = ran.map(({ took_ms }) => took_ms)
  const per_run = changesOf(done, doneThen, accounts)
  return {
    ...{ processes, spread_s, wall_s },
    lag_s: { median: quantile(lags, 0.5), p99: quantile(lags, 0.99), worst: quantile(lags, 1) },
    run_ms: { median: quantile(took, 0.5), p99: quantile(took, 0.99) },
    cpu_ms_per_run: (cpu_s * 1_000) / accounts,
    rss_mib: usedThen.map(({ rss_mib }) => rss_mib),
    postgres_cpu_ms_per_run: per_run.cpu_s === null ? null : per_run.cpu_s * 1_000,
    statements_per_run: per_run.statements,
    statements_per_s: (per_run.statements * accounts) / wall_s,
    transactions_per_s: (per_run.transactions * accounts) / wall_s,
    ...(await fleet.asked()),
  }
}

/** What one process takes while it only looks. */
async function rest(fleet: Fleet, database: ScaleDatabase): Promise<Scale['resting']> {
  await sleep(5_000)
  const [[used], done] = [await fleet.used(), await database.done()]
  await sleep(REST_MS)
  const [[usedThen], doneThen] = [await fleet.used(), await database.done()]
  const cpu_s = (usedThen?.cpu_s ?? NaN) - (used?.cpu_s ?? NaN)
  const { statements } = changesOf(done, doneThen, REST_MS / 1_000)
  return { cpu_ms_per_s: (cpu_s * 1_000) / (REST_MS / 1_000), statements_per_s: statements }
}

function changesOf(before: Done, then: Done, by: number): Done {
  return {
    statements: (then.statements - before.statements) / by,
    transactions: (then.transactions - before.transactions) / by,
    cpu_s: then.cpu_s === null || before.cpu_s === null ? null : (then.cpu_s - before.cpu_s) / by,
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
