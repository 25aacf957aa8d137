// `npm run bench`: what the connector costs, each figure beside that of a floor from the same run of this program.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { untilOnBoard } from './board.js'
import { exactJson } from './exact-json.js'
import { consoleTimes } from './console.js'
import type { BoardTimes, Latest } from './latest.js'
import { limiterUse } from './limiter.js'
import { measuredText, performanceFiles } from './page.js'
import { plansOf } from './plans.js'
import { figuresOf } from './rows.js'
import { scaleText } from './scale-page.js'
import { scale, type Scale } from './scale.js'
import { starts } from './starts.js'
import { syncs } from './syncs.js'

const PARTS = ['starts', 'syncs', 'json', 'limiter', 'board', 'console'] as const
/** By itself alone: it takes a machine for minutes, and starts PostgreSQL. */
const SCALE = 'scale'

const { values } = parseArgs({
  options: {
    /** The largest number of jobs: 200 shows within a minute or two that it works. */
    jobs: { type: 'string', default: '100000' },
    /** One part alone. */
    only: { type: 'string' },
    /** Each row from one sample: for a first look, and for the test. */
    once: { type: 'boolean', default: false },
    /** Brings bench/latest.json, and what docs/performance.md shows of it, up to date. */
    write: { type: 'boolean', default: false },
    /** Of the scale: accounts, processes one after the other, and seconds over which accounts become due in one round. */
    accounts: { type: 'string', default: '200' },
    processes: { type: 'string', default: '1,2' },
    spread: { type: 'string', default: '0' },
    /** Prints what was measured as JSON. */
    json: { type: 'boolean', default: false },
  },
})

const { only, once } = values
const most = Number(values.jobs)
const isPart = [...PARTS, SCALE].some((part) => part === only)
if (!(most >= 200)) throw new Error(`--jobs ${values.jobs}: give a number of jobs, 200 at least.`)
if (only !== undefined && !isPart) throw new Error(`--only ${only}: give one of ${[...PARTS, SCALE].join(', ')}.`)
if (only !== undefined && values.write) throw new Error('--write takes all parts of one run: leave --only out.')

if (only === SCALE) await printScale()
else await printWhole()

async function printWhole(): Promise<void> {
  const latest = await measured()
  process.stdout.write(values.json ? jsonOf(latest) : `${measuredText(latest)}\n`)
  if (!values.write) return
  const root = new URL('../', import.meta.url)
  writeFileSync(new URL('bench/latest.json', root), jsonOf(latest))
  const files = performanceFiles((path) => readFileSync(new URL(path, root), 'utf8'))
  for (const [path, text] of files) writeFileSync(new URL(path, root), text)
}

async function printScale(): Promise<void> {
  const [accounts, spread_s] = [Number(values.accounts), Number(values.spread)]
  const processes = values.processes.split(',').map(Number)
  if (![accounts, ...processes].every((number) => number >= 1) || !(spread_s >= 0))
    throw new Error('Give numbers: --accounts 2000 --processes 1,2,4 --spread 180.')
  const found = await scale({ accounts, processes, spread_s }, say)
  process.stdout.write(values.json ? jsonOf(found) : `${machine()}\n\n${scaleText(found)}\n`)
  // The package of the database ends the process when nothing is left to do, with 0 whatever was found.
  process.exit()
}

/** Runs the parts that are wanted. */
async function measured(): Promise<Latest> {
  const begun = performance.now()
  const day = new Date().toISOString().slice(0, 10)
  const rows = isWanted('starts') ? (await starts(once ? 1 : 11, say)).map(figuresOf) : []
  if (isWanted('syncs')) {
    for (const plan of plansOf(most, once)) rows.push(...(await syncs(plan, say)).map(figuresOf))
  }
  if (isWanted('json')) say('numbers in JSON')
  const exact_json = isWanted('json') ? await exactJson(once ? 1 : 9) : undefined
  if (isWanted('limiter')) say('limiter')
  const limiter = isWanted('limiter') ? await limiterUse(2_020) : undefined
  const board: BoardTimes[] = []
  for (const jobs of isWanted('board') ? [200, 2_000].filter((jobs) => jobs <= most) : []) {
    say(`${jobs} jobs under the limit, until they are on the board`)
    board.push(await untilOnBoard(jobs))
  }
  if (isWanted('console')) say('answers of the console')
  const console = isWanted('console') ? await consoleTimes(once ? 1 : 9) : undefined
  return {
    machine: machine(),
    command: ['npm run bench', ...flags()].join(' -- '),
    measured_on: day,
    seconds: Math.round((performance.now() - begun) / 1000),
    rows,
    ...(limiter && { limiter }),
    ...(exact_json && { exact_json }),
    ...(board.length > 0 && { board }),
    ...(console && { console }),
  }
}

function isWanted(part: (typeof PARTS)[number]): boolean {
  return only === undefined || only === part
}

/** What was asked for beyond the whole benchmark. */
function flags(): string[] {
  const some = [
    ...(only === undefined ? [] : [`--only ${only}`]),
    ...(most === 100_000 ? [] : [`--jobs ${most}`]),
    ...(once ? ['--once'] : []),
  ]
  return some.length === 0 ? [] : [some.join(' ')]
}

function machine(): string {
  return `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
}

function jsonOf(value: Latest | Scale): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
