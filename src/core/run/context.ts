import type { AnyFlow } from '../model/flow.js'
import type { RunRequest } from '../model/request.js'
import type { Journal } from '../state/journal.js'
import type { Ending } from './cancellation.js'
import type { Report } from './report.js'

export interface Line {
  flow: AnyFlow
  request: RunRequest
  origin: unknown
  target: unknown
  journal: Journal
  report: Report
  ending: Ending
  /** Takes each formatted item that was written or found unchanged; left out when no callback wants them. */
  delivered?: (item: unknown) => void
}
