import { z } from 'zod'
import type { HrflowFakeOptions, WorkableFakeOptions } from '../connectors/fakes.js'
import { problemsOf } from '../core/text/validation.js'
import type { Fault, Latency } from './faults.js'

/** How a sandbox is set up. */
export interface SandboxOptions {
  /**
   * `rate_limit` is null here by default, so that tests do not wait: no request is refused, and the headers announce a limit
   * that nobody reaches. `rate_limit: { limit: 10 }` is Workable's own, per 10 seconds.
   */
  workable?: WorkableFakeOptions
  hrflow?: HrflowFakeOptions
  /**
   * Workable accounts, each with a subdomain, a token, jobs and a budget of requests of its own: the first is as `workable`
   * says, the others are numbered after it, `acme-2`. Default: 1.
   */
  accounts?: number
  /** Boards of the HrFlow workspace, unless `hrflow.boards` names them. Default: 1. */
  boards?: number
  /** Default: 0, any free port. */
  port?: number
  /**
   * Opens the control address at this port, where jobs are changed from outside; 0 is any free one. Default: there is none,
   * as a program changes them by `workable` and `hrflow`.
   */
  control_port?: number
  /** Of several, the first that fits a request counts. Default: none. */
  latency?: Latency | readonly Latency[]
  /** Default: none. More can be added while it runs. */
  faults?: readonly Fault[]
  /** Seeds jitter, probabilities and, unless it has a seed of its own, the Workable account. Default: 1. */
  seed?: number
}

const count = z.int().min(0).optional()
const several = z.int().min(1).max(100).optional()
const port = z.int().min(0).max(65_535).optional()
const other = z.unknown().optional()

// What its own part does not check; the others are passed on as they are.
const workableOptions = z.strictObject({
  subdomain: other,
  token: other,
  jobs: count,
  seed: other,
  now: other,
  clock_offset_ms: other,
  rate_limit: z.strictObject({ limit: z.int().min(1), slot_ms: z.number().min(1).optional() }).nullish(),
  since_id: other,
  next: other,
  updated_at: other,
  stale_details: count,
  end_of_list: other,
} satisfies Record<keyof WorkableFakeOptions, z.ZodType>)

const hrflowOptions = z.strictObject({
  boards: other,
  foreign_boards: other,
  api_secret: other,
  api_user: other,
  permission: other,
  now: other,
  content_type: other,
  created_status: other,
  validation_status: other,
  geocode: other,
  dates: z.enum(['rendered', 'as_sent']).optional(),
} satisfies Record<keyof HrflowFakeOptions, z.ZodType>)

const sandboxOptions = z.strictObject({
  workable: workableOptions.optional(),
  hrflow: hrflowOptions.optional(),
  accounts: several,
  boards: several,
  port,
  control_port: port,
  latency: other,
  faults: other,
  seed: z.number().optional(),
} satisfies Record<keyof SandboxOptions, z.ZodType>)

/** Throws when the caller's own code is wrong: nothing is served then. */
export function checkOptions(options: SandboxOptions): void {
  const parsed = sandboxOptions.safeParse(options)
  if (parsed.success) {
    if (options.boards === undefined || options.hrflow?.boards === undefined) return
    throw new TypeError('sandbox.boards: hrflow.boards names the boards already. Give one of the two.')
  }
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, options, sandboxOptions))
  throw new TypeError(problems.map(({ path, message }) => `sandbox.${path}: ${message}`).join(' '))
}
