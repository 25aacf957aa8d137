import { RunError } from '../errors.js'
import type { RunContext } from './context.js'
import type { RunEnd } from './report.js'

/** How far a run has come. */
export interface RunProgress {
  /** The list was read to its end. */
  listedWhole: boolean
  /** So was what the list does not bring. */
  readWhole: boolean
  /** When the list began, by the origin's clock. */
  began_at: number | undefined
  /** The cursor, once it is written down where the next run goes on from. */
  cursor: string | null
}

/** What a run has from its beginning on. */
export type Begun = Pick<RunContext, 'journal' | 'report' | 'cancellation' | 'planning'>

/** Told to stop, it was stopped only where something was left undone. */
export function endOf({ journal, report, cancellation, planning }: Begun, progress: RunProgress): RunEnd {
  const { read_skipped, write_skipped } = report.events
  const skipped = read_skipped + write_skipped + planning.skipped > 0
  return {
    fatal: cancellation.fatal,
    stopped: cancellation.reading.aborted && (!progress.readWhole || skipped) ? cancellation.stoppedBy : null,
    incremental_token: progress.cursor ?? journal.cursor,
    pending: journal.remembers ? journal.pendingCount : null,
    plan: planning.plan,
  }
}

/** The end of the run: its outcome, what is pending and, where nothing can be lost by it, the cursor. */
export async function finish(begun: Begun, progress: RunProgress): Promise<void> {
  const { journal, report, cancellation } = begun
  const end = endOf(begun, progress)
  const whole = progress.readWhole && report.result(end).status !== 'fatal' && end.stopped === null
  progress.cursor = whole ? journal.advance(progress.began_at) : null
  if (journal.remembers && journal.pendingCount > 0) report.note(pendingNote(journal.pendingCount))
  try {
    // Another run has the workflow by now: it says what is true.
    if (cancellation.fatal?.reason !== 'workflow_lease_lost')
      await journal.commit(progress.cursor, report.result(endOf(begun, progress)), report.failures)
  } catch (error) {
    progress.cursor = null
    if (!(error instanceof RunError)) throw error
    cancellation.fail(error, 'ends')
  } finally {
    journal.close()
  }
}

function pendingNote(count: number): string {
  return count === 1
    ? '1 item is pending: a later run tries it again.'
    : `${count} items are pending: later runs try them again.`
}
