import type { ScheduledWorkflow } from '../core/ports/schedule.js'
import type { RunResult } from '../core/result/result.js'
import type { Claim, Start } from './decisions.js'
import type { Job, Turn } from './engine.js'

/** What a worker does with a job. It knows neither engine nor database. */
export interface Work {
  /** Takes what is due of a workflow. */
  claim(job: Job): Promise<Start>
  /** Runs it. What it throws is a mistake of the program, or of what the workflow is made of. */
  run(claim: Claim, job: Job, signal: AbortSignal): Promise<RunResult>
  /** What a run that could not even be begun amounts to. */
  fail(job: Job, error: unknown): RunResult
  /** Writes down how it ended. Returns the workflow as it is then. */
  finish(claim: Claim, result: RunResult): Promise<ScheduledWorkflow | null>
  /** The state cannot be used: when to try again. */
  delay(job: Job, error: unknown): number
}

/** One job, from its claim to its end. Never throws. */
export function turnOf(work: Work): Turn {
  return async (job, signal) => {
    try {
      const start = await work.claim(job)
      if (start === null) return null
      if ('again_at' in start) return start.again_at
      const { claim } = start
      const result = await work.run(claim, job, signal).catch((error: unknown) => work.fail(job, error))
      return nextOf(await work.finish(claim, result))
    } catch (error) {
      return work.delay(job, error)
    }
  }
}

/** What is still due, or due again, is taken again at once, behind those that wait. */
function nextOf(workflow: ScheduledWorkflow | null): number | null {
  if (workflow === null || (workflow.run_due === null && workflow.full_due === null)) return null
  return workflow.waits_until ?? 0
}
