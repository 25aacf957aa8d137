// `npm run bench`: what the connector costs, each figure beside that of a floor from the same run of this program.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { limiterUse } from './limiter.js'
import { pageOf } from './page.js'
import { starts, syncs, type Plan } from './rows.js'
import { figuresOf, tableOf, type Figures } from './table.js'
import { targetsOf } from './targets.js'

const { values } = parseArgs({
  options: {
    /** The largest number of jobs: 200 shows within a minute that it works. */
    jobs: { type: 'string', default: '100000' },
    /** Each row from one sample: for a first look, and for the test. */
    once: { type: 'boolean', default: false },
    /** Brings docs/performance.md and bench/latest.json up to date. */
    write: { type: 'boolean', default: false },
    /** Prints what was measured as JSON. */
    json: { type: 'boolean', default: false },
  },
})

const most = Number(values.jobs)
if (!(most >= 200)) throw new Error(`--jobs ${values.jobs}: give a number of jobs, 200 at least.`)
const say = (text: string) => process.stderr.write(`${text}\n`)

const plans: Plan[] = [
  { jobs: 200, latency_ms: 0, repetitions: 3, serial: 3, later: true },
  { jobs: 200, latency_ms: 5, repetitions: 3, serial: 1, later: false },
  { jobs: 200, latency_ms: 20, repetitions: 3, serial: 1, later: false },
  { jobs: 2_000, latency_ms: 0, repetitions: 3, serial: 3, later: true },
  { jobs: 2_000, latency_ms: 5, repetitions: 3, serial: 1, later: false },
  { jobs: 2_000, latency_ms: 20, repetitions: 3, serial: 1, later: false },
  { jobs: 10_000, latency_ms: 0, repetitions: 3, serial: 1, later: true },
  { jobs: 10_000, latency_ms: 5, repetitions: 3, serial: 0, later: false },
  { jobs: 10_000, latency_ms: 20, repetitions: 3, serial: 0, later: false },
  { jobs: 100_000, latency_ms: 0, repetitions: 1, serial: 0, later: false },
  // Four minutes of waiting, for the whole benchmark alone.
  { jobs: 200, latency_ms: 200, limit: 10, repetitions: 1, serial: 0, later: false },
]
  .filter(({ jobs, limit }) => (limit === undefined ? jobs : 10_000) <= most)
  .map((plan) => (values.once ? { ...plan, repetitions: 1 } : plan))

const begun = performance.now()
const rows: Figures[] = (await starts(values.once ? 1 : 5)).map(figuresOf)
for (const plan of plans) {
  say(`${plan.jobs} jobs, ${plan.latency_ms} ms${plan.limit === undefined ? '' : `, ${plan.limit} requests per 10 s`}`)
  for (const row of await syncs(plan)) rows.push(figuresOf(row))
}
say('limiter')
const limiter = await limiterUse(2_020)
const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
const latest = {
  machine,
  command: `npm run bench${most === 100_000 ? '' : ` -- --jobs ${most}`}`,
  seconds: Math.round((performance.now() - begun) / 1000),
  rows,
  limiter,
}
process.stdout.write(
  values.json ? `${JSON.stringify(latest, null, 2)}\n` : `${tableOf(rows)}\n\n${targetsOf(rows, limiter)}\n`,
)
if (values.write) {
  const page = new URL('../docs/performance.md', import.meta.url)
  writeFileSync(new URL('latest.json', import.meta.url), `${JSON.stringify(latest, null, 2)}\n`)
  writeFileSync(page, pageOf(readFileSync(page, 'utf8'), latest))
}
