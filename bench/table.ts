import type { Figures } from './latest.js'

const COLUMNS: [string, (row: Figures) => string][] = [
  ['run', ({ name }) => name],
  ['jobs', ({ jobs }) => whole(jobs)],
  ['latency', ({ latency_ms }) => (latency_ms === null ? '' : `${latency_ms} ms`)],
  ['wall s', ({ wall_s }) => wall_s.toFixed(wall_s < 1 ? 3 : 2)],
  ['jobs/s', ({ jobs_per_s }) => whole(jobs_per_s)],
  ['CPU s', ({ cpu_s }) => cpu_s.toFixed(2)],
  ['peak MiB', ({ peak_mib }) => peak_mib.toFixed(1)],
  ['requests', ({ requests }) => (requests === 0 ? '' : whole(requests))],
  ['x floor', ({ times_floor }) => times_floor?.toFixed(2) ?? ''],
  ['CPU ms/job beyond', ({ cpu_ms_beyond_per_job }) => cpu_ms_beyond_per_job?.toFixed(2) ?? ''],
  ['x faster than serial', ({ times_faster_than_serial }) => times_faster_than_serial?.toFixed(1) ?? ''],
]

/** In Markdown, its columns aligned so that it reads well in a terminal too. */
export function tableOf(rows: readonly Figures[]): string {
  return markdown(
    COLUMNS.map(([head]) => head),
    rows.map((row) => COLUMNS.map(([, show]) => show(row))),
  )
}

export function markdown(heads: string[], lines: string[][]): string {
  const widths = heads.map((head, index) => Math.max(head.length, ...lines.map((line) => line[index]?.length ?? 0)))
  const pad = (cells: string[]) =>
    `| ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))).join(' | ')} |`
  const rule = `| ${widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [pad(heads), rule, ...lines.map(pad)].join('\n')
}

/** As a whole number with its thousands apart; nothing where there is none. */
export function whole(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : Math.round(value).toLocaleString('en-US')
}
