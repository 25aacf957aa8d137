import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { type PostgresServer, postgresServer } from '../test/support/postgres.js'

/** What PostgreSQL has done so far. */
export interface Done {
  statements: number
  transactions: number
  /** Of all its processes; null where /proc does not tell. */
  cpu_s: number | null
}

/** One statement, and what it took. */
export interface Statement {
  query: string
  calls: number
  total_ms: number
}

/** How long a workflow that was due waited for its run, and how long that run took. */
export interface Ran {
  /** After the first that was due. */
  due_ms: number
  lag_ms: number
  took_ms: number
}

/** So many clock ticks a second, as Linux tells times of processes. */
const TICKS = 100

/** A PostgreSQL server of its own that counts statements, and what the benchmark asks of it. */
export class ScaleDatabase {
  readonly #server: PostgresServer
  readonly #client: pg.Client

  private constructor(server: PostgresServer, client: pg.Client) {
    this.#server = server
    this.#client = client
  }

  static async start(): Promise<ScaleDatabase> {
    const server = await postgresServer()
    await server.start()
    const setting = await connected(server.url)
    await setting.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`)
    await setting.end()
    await server.stop()
    await server.start()
    const client = await connected(server.url)
    await client.query('create extension pg_stat_statements')
    return new ScaleDatabase(server, client)
  }

  get url(): string {
    return this.#server.url
  }

  async stop(): Promise<void> {
    await this.#client.end()
    await this.#server.remove()
  }

  /** Makes all workflows due: the first in a second, the others spread evenly over so long. Returns when the first is due. */
  async makeDue(over_ms: number): Promise<number> {
    const { rows } = await this.#client.query<{ first: string }>(
      `select ((extract(epoch from clock_timestamp()) * 1000)::bigint + 1000)::text as first`,
    )
    const first = Number(rows[0]?.first)
    await this.#client.query(
      `update hrflow_connectors.schedules as one set next_run_at = $1::bigint + numbered.at * $2 / numbered.number
         from (select workflow_id, row_number() over (order by md5(workflow_id)) - 1 as at, count(*) over () as number
           from hrflow_connectors.schedules) as numbered
         where one.workflow_id = numbered.workflow_id`,
      [first, over_ms],
    )
    await this.#client.query('drop table if exists due')
    await this.#client.query(
      'create temporary table due as select workflow_id, next_run_at as at from hrflow_connectors.schedules',
    )
    return first
  }

  /** How many runs have ended since all were made due. */
  async ended(first: number): Promise<number> {
    const text =
      'select count(*)::int as ended from hrflow_connectors.runs where started_at >= $1 and finished_at is not null'
    const { rows } = await this.#client.query<{ ended: number }>(text, [first])
    return rows[0]?.ended ?? 0
  }

  /** The runs since all were made due; throws when one did not end well. */
  async ran(first: number): Promise<Ran[]> {
    const { rows } = await this.#client.query<Ran & { result: string }>(
      `select (due.at - $1)::float as due_ms, (started_at - due.at)::float as lag_ms, (finished_at - started_at)::float as took_ms, result
         from hrflow_connectors.runs join due using (workflow_id) where started_at >= $1`,
      [first],
    )
    const bad = rows.find(({ result }) => !result.includes('"status":"success"'))
    if (bad !== undefined) throw new Error(`A run did not end well: ${bad.result}`)
    return rows
  }

  async done(): Promise<Done> {
    const { rows } = await this.#client.query<Record<'statements' | 'transactions', string>>(
      `select (select sum(calls) from pg_stat_statements) as statements,
         (select sum(xact_commit) from pg_stat_database) as transactions`,
    )
    const { statements, transactions } = rows[0] ?? { statements: NaN, transactions: NaN }
    return { statements: Number(statements), transactions: Number(transactions), cpu_s: this.#cpu() }
  }

  /** What has taken the most since the statistics were cleared. */
  async dearest(number: number): Promise<Statement[]> {
    const { rows } = await this.#client.query<Statement>(
      `select regexp_replace(query, '\\s+', ' ', 'g') as query, calls::int, total_exec_time as total_ms
         from pg_stat_statements order by total_exec_time desc limit $1`,
      [number],
    )
    return rows
  }

  async clear(): Promise<void> {
    await this.#client.query('select pg_stat_statements_reset()')
  }

  /** Of the server, and of all that it has started. */
  #cpu(): number | null {
    if (process.platform !== 'linux') return null
    const main = readFileSync(join(this.#server.folder, 'postmaster.pid'), 'utf8').split('\n')[0]
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(timesOf)
    const ticks = all.map(({ pid, parent, own, ended }) => (pid === main ? own + ended : parent === main ? own : 0))
    return ticks.reduce((sum, some) => sum + some, 0) / TICKS
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

/** A process that has ended meanwhile has none; its parent has them. */
function timesOf(pid: string): { pid: string; parent: string | undefined; own: number; ended: number }[] {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const ticks = (at: number) => Number(fields[at])
    return [{ pid, parent: fields[1], own: ticks(11) + ticks(12), ended: ticks(13) + ticks(14) }]
  } catch {
    return []
  }
}
