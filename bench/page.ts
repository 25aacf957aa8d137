import type { LimiterUse } from './limiter.js'
import { limitedName } from './rows.js'
import { markdown, tableOf, type Figures } from './table.js'
import { syncOf, targetsOf } from './targets.js'

/** Everything that one run of the benchmark found. */
export interface Latest {
  machine: string
  command: string
  seconds: number
  rows: Figures[]
  limiter: LimiterUse
}

/** The page with the figures of the latest run between their marks; the rest of it is written by hand. */
export function pageOf(page: string, latest: Latest): string {
  return fill(fill(page, 'measured', measured(latest)), 'compared', compared(latest))
}

function fill(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`The page lacks ${begin} or ${end}.`)
  return `${before}${begin}\n\n${text}\n\n${end}${after}`
}

function measured({ machine, command, seconds, rows, limiter }: Latest): string {
  return [
    `\`${command}\`, ${Math.ceil(seconds / 60)} minutes, on ${machine}.`,
    targetsOf(rows, limiter),
    tableOf(rows),
    `The limiter alone, on a fake clock: ${number(limiter.requests)} requests took ${number(limiter.seconds)} s, ` +
      `${(limiter.used * 100).toFixed(1)} % of what ${number(limiter.full_slots)} full slots allow, ${limiter.refused} refused.`,
  ].join('\n\n')
}

/** The original's figures were recorded on 2026-11-23: see the text around them. */
function compared({ rows }: Latest): string {
  const [slow, fast, many] = [syncOf(rows, 2_000, 20), syncOf(rows, 2_000, 0), syncOf(rows, 10_000, 0)]
  const memory = `${mib(fast)} MiB${many ? `, and ${mib(many)} MiB with 10,000 jobs` : ''}`
  return markdown(
    ['2,000 jobs', 'original', 'here'],
    [
      ['requests', '4,040, one after another', `${number(fast?.requests)}, up to 48 at once`],
      ['at 20 ms', '93.8 s', `${slow?.wall_s.toFixed(1) ?? ''} s`],
      ['at 0 ms', '5.4 s', `${fast?.wall_s.toFixed(1) ?? ''} s`],
      ['memory', '65.5 MiB, and 15 KiB more per job', memory],
      ['200 jobs, 10 requests per 10 s, 200 ms', '40 updated', limitedText(rows)],
    ],
  )
}

/** A row is there only when every job was written. */
function limitedText(rows: readonly Figures[]): string {
  const row = rows.find(({ name }) => name === limitedName(10))
  if (!row) return 'not measured'
  const seconds = Math.round(row.wall_s)
  return `${number(row.jobs ?? 0)} updated, in ${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

function mib(row: Figures | undefined): string {
  return row?.peak_mib.toFixed(0) ?? ''
}

function number(value: number | undefined): string {
  return value === undefined ? '' : Math.round(value).toLocaleString('en-US')
}
