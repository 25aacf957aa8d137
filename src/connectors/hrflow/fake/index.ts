import { identity } from './job.js'
import type { HrflowFakeJob, HrflowFakeJobInput } from './job.js'
import { Workspace } from './workspace.js'

export type { HrflowFakeJob, HrflowFakeJobInput, HrflowFakeLocation } from './job.js'

/** How the stand-in is set up. */
export interface HrflowFakeOptions {
  /** Board keys of the workspace, 40 hex digits each. Default: one board. */
  boards?: readonly string[]
  /** Boards of another workspace: 401. Default: none. */
  foreign_boards?: readonly string[]
  /** The API key that is let in. Default: 32 zeros after the prefix of the permission. */
  api_secret?: string
  /** Email of the workspace user. Default: `owner@example.com`. */
  api_user?: string
  /** What the key may do. Default: `all`. */
  permission?: 'all' | 'read' | 'write'
  /** The clock, epoch milliseconds. Default: `Date.now`. */
  now?: () => number
  /** Media type of every answer. Default: `application/json`. */
  content_type?: string
  /** HTTP status of a created job; the code in the body is always 201. Default: 201. */
  created_status?: 200 | 201
  /** Status of a missing or malformed field. Default: 400, as users report; 422 stands in the status table. */
  validation_status?: 400 | 422
  /** Whether a location with a text and no coordinates is given some. Default: true. */
  geocode?: boolean
  /**
   * How a later GET shows dates: `rendered` as `YYYY-MM-DDTHH:MM:SS+0000`, as in recordings, or `as_sent`. Which one HrFlow
   * does with every date is not known. The answers to POST and PUT show them as they were sent. Default: `rendered`.
   */
  dates?: 'rendered' | 'as_sent'
}

/** A request as it arrived. `path` is the part below `/v1`; `body` is null where none was sent. */
export interface HrflowFakeRequest {
  at: number
  method: string
  path: string
  query: Record<string, string>
  body: unknown
  status: number
}

/** An HrFlow workspace that lives in memory. */
export interface HrflowFake {
  /** Answers a request for `/v1/...`, whatever stands in front of it. */
  fetch(request: Request): Promise<Response>
  readonly api_secret: string
  readonly api_user: string
  readonly boards: readonly string[]
  /** One job, archived or not. Throws when the board is unknown. */
  job(board_key: string, reference: string): HrflowFakeJob | undefined
  /** All jobs of a board, archived ones too, oldest first. Throws when the board is unknown. */
  jobs(board_key: string): HrflowFakeJob[]
  /** Puts a job on a board as if by hand; what is left out of `name` and `location` is made up. */
  seed(board_key: string, job?: HrflowFakeJobInput): HrflowFakeJob
  /** Changes a job as if by hand. Throws when there is no such job. */
  edit(board_key: string, reference: string, patch: HrflowFakeJobInput): void
  /** Every request that arrived, oldest first. */
  readonly requests: readonly HrflowFakeRequest[]
}

/** Starts a workspace with empty boards. It opens no port: hand `fetch` to a client, or serve it with the sandbox. */
export function hrflowFake(options: HrflowFakeOptions = {}): HrflowFake {
  const workspace = new Workspace(options)
  const { store } = workspace
  return {
    fetch: (request) => workspace.answer(request),
    api_secret: workspace.secret,
    api_user: workspace.user,
    boards: workspace.boards,
    job: (board_key, reference) => store.find(board_key, { reference }),
    jobs: (board_key) => store.jobs(board_key),
    seed(board_key, job = {}) {
      const ids = identity.parse(job)
      if (store.find(board_key, ids))
        throw new Error(`hrflowFake: ${ids.reference ?? ids.key} is on the board already.`)
      const made = store.create(board_key, { name: 'Untitled', location: { text: null }, ...job }, ids)
      return store.find(board_key, { key: made.key }) ?? made
    },
    edit(board_key, reference, patch) {
      const job = store.find(board_key, { reference })
      if (!job) throw new Error(`hrflowFake: there is no job ${reference}.`)
      store.replace(job, { ...job, ...patch })
    },
    requests: workspace.requests,
  }
}
