/** A workflow that is to run. The job holds nothing else: what is due of it stands in its row. */
export interface Job {
  workflow_id: string
  /** Of one account one runs at a time. */
  account: string
}

/** Does what a job asks for. Returns when the job is to be taken again, epoch milliseconds; null: it is done with. */
export type Turn = (job: Job, signal: AbortSignal) => Promise<number | null>

/** Queues jobs and hands them out: of each workflow at most one waits and one is at work. */
export interface Engine {
  /** Queues jobs behind all that wait. One whose workflow waits already keeps its place. */
  send(jobs: readonly Job[]): Promise<void>
  /** Works off what is queued, until it is told to stop; then the turns that are under way are told by their signal. */
  work(turn: Turn, stop: AbortSignal): Promise<void>
  /** Whether others wait for what a job that is at work has: its account, or its place. */
  isWanted(job: Job): Promise<boolean>
  /** Jobs that wait, and jobs at work. */
  counts(): Promise<{ waiting: number; active: number }>
}
