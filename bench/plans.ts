/** So many jobs at such a latency: how often, and what beyond the first full run. */
export interface Plan {
  jobs: number
  latency_ms: number
  /** Of Workable, in requests per 10 s, beyond which the bare client would be refused: no floor then. Default: none. */
  limit?: number
  repetitions: number
  /** How often the loop of one request at a time is run. */
  serial: number
  /** Later runs on the same state too. */
  later: boolean
}

/** Rows that a target is judged by are repeated; those that only show the way to them are not. */
const PLANS: readonly Plan[] = [
  { jobs: 0, latency_ms: 0, repetitions: 5, serial: 0, later: false },
  { jobs: 200, latency_ms: 0, repetitions: 9, serial: 3, later: true },
  { jobs: 200, latency_ms: 5, repetitions: 3, serial: 1, later: false },
  { jobs: 200, latency_ms: 20, repetitions: 3, serial: 1, later: false },
  { jobs: 2_000, latency_ms: 0, repetitions: 5, serial: 3, later: true },
  { jobs: 2_000, latency_ms: 5, repetitions: 1, serial: 1, later: false },
  { jobs: 2_000, latency_ms: 20, repetitions: 3, serial: 1, later: false },
  { jobs: 10_000, latency_ms: 0, repetitions: 5, serial: 1, later: true },
  { jobs: 10_000, latency_ms: 5, repetitions: 1, serial: 0, later: false },
  { jobs: 10_000, latency_ms: 20, repetitions: 1, serial: 0, later: false },
  { jobs: 100_000, latency_ms: 0, repetitions: 1, serial: 0, later: false },
]

/** They wait for the limit most of the time: for the whole benchmark alone. */
const LIMITED: readonly Plan[] = [{ jobs: 60, latency_ms: 200, limit: 10, repetitions: 1, serial: 0, later: false }]

/** What is run with so many jobs at most; `once`: each row from one sample, without those between two others. */
export function plansOf(most: number, once: boolean): Plan[] {
  const plans = [...PLANS.filter(({ jobs }) => jobs <= most), ...(most >= 10_000 ? LIMITED : [])]
  if (!once) return plans
  return plans.filter(({ latency_ms }) => latency_ms !== 5).map((plan) => ({ ...plan, repetitions: 1 }))
}

/** The row of a first full run under a limit. */
export function limitedName(limit: number): string {
  return `full sync, ${limit} requests per 10 s`
}
