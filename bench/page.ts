import type { LimiterUse } from './limiter.js'
import { tableOf, type Figures } from './table.js'
import { targetsOf } from './targets.js'

/** Everything that one run of the benchmark found. */
export interface Latest {
  machine: string
  command: string
  seconds: number
  rows: Figures[]
  limiter: LimiterUse
}

const [BEGIN, END] = ['<!-- measured: begin -->', '<!-- measured: end -->']

/** The page with the figures of the latest run between its two marks; the rest of it is written by hand. */
export function pageOf(page: string, latest: Latest): string {
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`The page lacks ${BEGIN} or ${END}.`)
  return `${before}${BEGIN}\n\n${measured(latest)}\n\n${END}${after}`
}

function measured({ machine, command, seconds, rows, limiter }: Latest): string {
  return [
    `\`${command}\`, ${Math.round(seconds / 60)} minutes, on ${machine}.`,
    targetsOf(rows, limiter),
    tableOf(rows),
    `Under the real limit, on a clock that passes over waits: ${limiter.jobs.toLocaleString('en-US')} jobs took ` +
      `${limiter.requests.toLocaleString('en-US')} requests to Workable in ${Math.round(limiter.seconds).toLocaleString('en-US')} s, ` +
      `${(limiter.used * 100).toFixed(1)} % of what ${limiter.full_slots.toLocaleString('en-US')} full slots allow, ${limiter.refused} refused.`,
  ].join('\n\n')
}
