import { chartOf, chartText } from './chart.js'
import { type Figures, type Latest, readLatest, syncOf } from './latest.js'
import { type MeasuredCost, type Original, readOriginal } from './original.js'
import { limitedName } from './plans.js'
import { markdown, tableOf, whole } from './table.js'
import { targetsOf } from './targets.js'

const PAGE = 'docs/performance.md'
const CHART = 'images/performance.svg'

/** The page and its chart, as they follow from bench/latest.json and bench/original.json; by their paths in the project. */
export function performanceFiles(read: (path: string) => string): Map<string, string> {
  const [latest, original] = [readLatest(), readOriginal()]
  return new Map([
    [PAGE, pageOf(read(PAGE), latest, original)],
    [`docs/${CHART}`, chartOf(latest, original)],
  ])
}

/** The page with the figures between their marks; the rest of it is written by hand. */
export function pageOf(page: string, latest: Latest, original: Original): string {
  const made = `\`${latest.command}\`, ${dayOf(latest)}${Math.ceil(latest.seconds / 60)} minutes, on ${latest.machine}.`
  const compared = `${comparisonOf(latest, original)}\n\n![${chartText(latest, original)}](${CHART})`
  return fill(fill(page, 'measured', `${made}\n\n${measuredText(latest)}`), 'compared', compared)
}

function fill(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`The page lacks ${begin} or ${end}.`)
  return `${before}${begin}\n\n${text}\n\n${end}${after}`
}

function dayOf({ measured_on }: Latest): string {
  return measured_on === undefined ? '' : `${measured_on}, `
}

/** Targets, rows, and what is in no row; in Markdown. */
export function measuredText(latest: Latest): string {
  const rows = latest.rows.length === 0 ? '' : tableOf(latest.rows)
  const parts = [
    targetsOf(latest),
    rows,
    boardText(latest),
    consoleText(latest),
    limiterText(latest),
    exactText(latest),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function boardText({ board = [] }: Latest): string {
  const lines = board.map(
    ({ jobs, with_s, after_s, whole_s }) =>
      `${whole(jobs)} jobs are on the board ${seconds(after_s)} after the beginning with \`details: after\` (all their details after ${seconds(whole_s)}), with \`details: with\` after ${seconds(with_s)}.`,
  )
  return lines.length === 0 ? '' : `On a clock that does not wait, under 10 requests per 10 s: ${lines.join(' ')}`
}

function consoleText({ console: pages = [] }: Latest): string {
  if (pages.length === 0) return ''
  const rows = pages.map(({ page, median_ms, most_ms }) => [`\`${page}\``, median_ms.toFixed(1), most_ms.toFixed(1)])
  const said = 'The console, at the server, over a SQLite state of 10,000 runs, 100,000 failures and 100,000 records:'
  return `${said}\n\n${markdown(['answer', 'median ms', 'most ms'], rows)}`
}

function limiterText({ limiter }: Latest): string {
  if (!limiter) return ''
  const used = `${(limiter.used * 100).toFixed(1)} % of what ${whole(limiter.full_slots)} full slots allow`
  return `The limiter alone, on a fake clock: ${whole(limiter.requests)} requests took ${whole(limiter.seconds)} s, ${used}, ${limiter.refused} refused.`
}

function exactText({ exact_json }: Latest): string {
  if (!exact_json) return ''
  const { plain_ms, exact_ms, careful_ms } = exact_json
  return (
    `Reading and writing one recorded HrFlow job takes ${plain_ms.toFixed(3)} ms of CPU time by \`JSON\`, ${exact_ms.toFixed(3)} ms with ` +
    `every number kept as it was, and ${careful_ms.toFixed(3)} ms where a number would have changed.`
  )
}

/** Both on one day, and beside them what the latest run of the benchmark found here. */
function comparisonOf(latest: Latest, { measured_on, syncs, limited }: Original): string {
  const day = latest.measured_on ?? 'latest run'
  const here = latest.rows.find(({ name, jobs }) => name === limitedName(limited.limit) && jobs === limited.jobs)
  const lines = syncs.map(({ jobs, latency_ms, original, here: then }) => [
    `${whole(jobs)} jobs${jobs === 0 ? '' : ` at ${latency_ms} ms`}`,
    costText(original),
    costText(then),
    figuresText(syncOf(latest.rows, jobs, latency_ms), original),
  ])
  const under = [
    `${limited.jobs} jobs, ${limited.limit} requests per 10 s`,
    `${limited.original.updated} updated, ${limited.original.refused} pushed without a reference`,
    `${limited.here.updated} updated, in ${seconds(limited.here.wall_s)}`,
    // A row is there only when every job was written.
    here ? `${whole(here.jobs)} updated, in ${seconds(here.wall_s)}` : '',
  ]
  return markdown(['', `original, ${measured_on}`, `here, ${measured_on}`, `here, ${day}`], [...lines, under])
}

/** What was measured of the latest run, as far as there is something to compare it to. */
function figuresText(row: Figures | undefined, { peak_mib }: MeasuredCost): string {
  if (!row) return ''
  return costText({ wall_s: row.wall_s, ...(peak_mib === undefined ? {} : { peak_mib: Math.round(row.peak_mib) }) })
}

function costText({ wall_s, peak_mib }: MeasuredCost): string {
  return `${seconds(wall_s)}${peak_mib === undefined ? '' : `, ${peak_mib} MiB`}`
}

function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} s`
}
