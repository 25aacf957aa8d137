import { RunError } from '../errors.js'
import type { Journal } from '../state/journal.js'
import type { Ending } from './cancellation.js'
import type { Report, RunEnd } from './report.js'

/** How far a run has come. */
export interface Progress {
  /** The list was read to its end. */
  listedWhole: boolean
  /** So was what the list does not bring. */
  readWhole: boolean
  /** When the list began, by the origin's clock. */
  began_at: number | undefined
  /** The formatted items that were written or found unchanged; empty when no callback wants them. */
  delivered: unknown[]
}

/** Told to stop is interrupted only where something was left undone. */
export function endOf(ending: Ending, report: Report, { readWhole }: Progress): RunEnd {
  const { read_skipped, write_skipped } = report.events
  const skipped = read_skipped + write_skipped + (report.planning?.totals.skipped ?? 0) > 0
  return { fatal: ending.fatal, interrupted: ending.reading.aborted && (!readWhole || skipped) }
}

/** The end of the run: its outcome, what is pending and, where nothing can be lost by it, the cursor. */
export async function writeDown(journal: Journal, report: Report, ending: Ending, progress: Progress): Promise<void> {
  const { status, reason } = report.result(endOf(ending, report, progress))
  const whole = progress.readWhole && status !== 'fatal' && reason !== 'interrupted'
  const cursor = whole ? journal.advance(progress.began_at) : null
  report.incremental_token = cursor ?? journal.cursor
  if (journal.remembers) report.pending = journal.pendingCount
  if (report.pending !== null && report.pending > 0) report.note(pendingNote(report.pending))
  try {
    await journal.commit(cursor, () => report.result(endOf(ending, report, progress)), report.failures)
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    report.incremental_token = journal.cursor
    ending.fail(error, 'ends')
  } finally {
    journal.close()
  }
}

function pendingNote(count: number): string {
  return count === 1
    ? '1 item is pending: a later run tries it again.'
    : `${count} items are pending: later runs try them again.`
}
