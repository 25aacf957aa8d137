import { z } from 'zod'
import { JOB_STATES } from '../../connectors/fakes.js'

// What the control address takes and answers: read by the server, and by the commands that talk to it.

/** A job of an account, and how it is on the boards. */
export const controlJob = z.object({
  shortcode: z.string(),
  /** Null: no account has the job, as it was deleted, or put on a board by other means. */
  account: z.string().nullable(),
  state: z.string().nullable(),
  title: z.string(),
  updated_at: z.string().nullable(),
  boards: z.array(
    z.object({
      board_key: z.string(),
      name: z.string(),
      /** Null: it is live. */
      archived_at: z.string().nullable(),
      updated_at: z.string(),
    }),
  ),
})

export type ControlJob = z.output<typeof controlJob>

/** `GET /`: what is served. */
export const overview = z.object({
  sandbox: z.literal('hrflow-connectors'),
  accounts: z.array(z.object({ subdomain: z.string(), token: z.string(), jobs: z.number() })),
  boards: z.array(z.object({ board_key: z.string(), live: z.number(), archived: z.number() })),
})

/** `GET /jobs`. */
export const jobList = z.object({ jobs: z.array(controlJob) })

/** The answer to every change: the job as it is now, and whether it is another than before. */
export const changedJob = z.object({ job: controlJob, changed: z.boolean() })

export const refusal = z.object({ error: z.string() })

export const listQuery = z.strictObject({
  account: z.string().optional(),
  state: z.enum([...JOB_STATES, 'none']).optional(),
})

/** Needed only where several accounts have a job of that shortcode. */
export const accountQuery = z.strictObject({ account: z.string().optional() })

export const noQuery = z.strictObject({})

/** `PATCH /boards/BOARD_KEY/jobs/REFERENCE`. */
export const boardChange = z.strictObject({ archived: z.boolean() })

/** What of a job may be changed, and what a new one may be given. */
export { jobChange } from '../../connectors/fakes.js'
export type { JobChange } from '../../connectors/fakes.js'
