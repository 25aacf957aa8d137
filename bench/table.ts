import type { Row, Sample } from './rows.js'

/** A row in numbers: medians, and ratios of medians of one run of the benchmark. */
export interface Figures {
  name: string
  jobs: number | null
  latency_ms: number | null
  samples: number
  wall_s: number
  cpu_s: number
  peak_mib: number
  requests: number
  jobs_per_s: number | null
  /** Wall time compared to the floor's. */
  times_floor: number | null
  /** CPU beyond the floor's, per job. */
  cpu_ms_beyond_per_job: number | null
  /** Wall time of one request at a time, compared to ours. */
  times_faster_than_serial: number | null
}

export function figuresOf(row: Row): Figures {
  const { name, jobs, latency_ms, samples, floor = [], serial = [] } = row
  const wall = median(samples, 'wall_ms')
  const cpu = median(samples, 'cpu_ms')
  return {
    name,
    jobs,
    latency_ms,
    samples: samples.length,
    wall_s: wall / 1000,
    cpu_s: cpu / 1000,
    peak_mib: median(samples, 'peak_mib'),
    requests: median(samples, 'requests'),
    jobs_per_s: jobs === null ? null : jobs / (wall / 1000),
    times_floor: floor.length === 0 ? null : wall / median(floor, 'wall_ms'),
    cpu_ms_beyond_per_job: jobs === null || floor.length === 0 ? null : (cpu - median(floor, 'cpu_ms')) / jobs,
    times_faster_than_serial: serial.length === 0 ? null : median(serial, 'wall_ms') / wall,
  }
}

export function median(samples: readonly Sample[], of: keyof Sample): number {
  const sorted = samples.map((sample) => sample[of]).sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN
}

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

function whole(value: number | null): string {
  return value === null ? '' : Math.round(value).toLocaleString('en-US')
}
