import type { ReadyWorkflow } from '../core/ports/schedule.js'

/** A workflow that is to run, and its account: of one account one runs at a time. What is due of it stands in its row. */
export type Job = ReadyWorkflow

/**
 * Does what a job asks for. Returns when the job is to be taken again, epoch milliseconds; null: it is done with. Its row says
 * the same: an engine that is given what is ready again and again need not remember it.
 */
export type Turn = (job: Job, signal: AbortSignal) => Promise<number | null>

/** Queues jobs and hands them out: of each workflow at most one waits and one is at work. */
export interface Engine {
  /** Queues what may run now, of one account or of all, behind all that wait. Throws `StateError`. */
  queueReady(account?: string): Promise<void>
  /** Works off what is queued, until it is told to stop; then the turns that are under way are told by their signal. */
  work(turn: Turn, stop: AbortSignal): Promise<void>
  /** Whether others wait for what a job that is at work has: its account, or its place. */
  isWanted(job: Job): Promise<boolean>
  /** Jobs that wait (null: it cannot be told at present), and jobs at work in this process. */
  counts(): Promise<{ waiting: number | null; active: number }>
  close(): Promise<void>
}
