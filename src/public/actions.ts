// Made by `npm run generate`: do not edit.
import type { WorkableCreateJobsInHrflowParameters, WorkableUpdateJobsInHrflowParameters, WorkableArchiveJobsInHrflowParameters } from './workable.js'

/** Every action by its name, and what it takes. */
export interface Actions {
  /**
   * Send new job(s) from Workable to HrFlow. Reads jobs: the list with its texts, and one detail request for each job
   * that changed. Adds jobs that the board does not have yet.
   */
  'workable.create_jobs_in_hrflow': WorkableCreateJobsInHrflowParameters
  /**
   * Send updated job(s) from Workable to HrFlow. Reads jobs: the list with its texts, and one detail request for each
   * job that changed. Edits jobs of the board where something differs.
   */
  'workable.update_jobs_in_hrflow': WorkableUpdateJobsInHrflowParameters
  /** Send archived job(s) from Workable to HrFlow. Reads archived jobs from the list. Archives jobs of the board. */
  'workable.archive_jobs_in_hrflow': WorkableArchiveJobsInHrflowParameters
}
