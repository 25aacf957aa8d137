import type { Figures } from './latest.js'
import type { Cost } from './measure.js'

/** What was measured once. */
export interface Sample extends Cost {
  /** Requests that reached the services. */
  requests: number
}

/** One line of the table: its samples, and those it is compared to. */
export interface Row {
  name: string
  jobs: number | null
  latency_ms: number | null
  samples: Sample[]
  /** What is least: the same requests by the bare client, or Node with what the program needs. */
  floor: Sample[]
  /** The same requests, one at a time. */
  serial: Sample[]
}

/** A row that nothing was measured of yet. */
export function emptyRow(name: string, jobs: number | null = null, latency_ms: number | null = null): Row {
  return { name, jobs, latency_ms, samples: [], floor: [], serial: [] }
}

export function figuresOf({ name, jobs, latency_ms, samples, floor, serial }: Row): Figures {
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
    jobs_per_s: jobs ? jobs / (wall / 1000) : null,
    times_floor: floor.length === 0 ? null : wall / median(floor, 'wall_ms'),
    cpu_ms_beyond_per_job: jobs && floor.length > 0 ? (cpu - median(floor, 'cpu_ms')) / jobs : null,
    times_faster_than_serial: serial.length === 0 ? null : median(serial, 'wall_ms') / wall,
  }
}

function median(samples: readonly Sample[], of: keyof Sample): number {
  const sorted = samples.map((sample) => sample[of]).sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN
}
