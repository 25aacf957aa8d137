import { type HrflowFakeJob, type HrflowFakeJobInput, identity } from './job.js'
import type { HrflowFakeOptions, HrflowFakeRequest } from './options.js'
import { Workspace } from './workspace.js'

export type { HrflowFakeJob, HrflowFakeJobInput, HrflowFakeLocation } from './job.js'

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
  /** Archives a job or makes it live again, as if by hand. Throws when there is no such job. */
  archive(board_key: string, reference: string, archived: boolean): void
  /** Every request that arrived, oldest first. */
  readonly requests: readonly HrflowFakeRequest[]
}

/** Starts a workspace with empty boards. It opens no port: hand `fetch` to a client, or serve it with the sandbox. */
export function hrflowFake(options: HrflowFakeOptions = {}): HrflowFake {
  const workspace = new Workspace(options)
  const { store } = workspace
  const find = (board_key: string, reference: string) => {
    const job = store.find(board_key, { reference })
    if (!job) throw new Error(`hrflowFake: there is no job ${reference}.`)
    return job
  }
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
      const job = find(board_key, reference)
      store.replace(job, { ...job, ...patch })
    },
    archive: (board_key, reference, archived) => store.archive(find(board_key, reference), archived),
    requests: workspace.requests,
  }
}
