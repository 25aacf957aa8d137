import { defineWarehouse } from '../../core/kit.js'
import { HrflowApi } from './api.js'
import { hrflowAuth } from './auth.js'
import { checkHrflow } from './check.js'
import { hrflowJob } from './jobs/schema.js'
import { archiveJobs, createJobs, updateJobs } from './jobs/writes.js'

const warehouse = defineWarehouse({
  id: 'hrflow',
  name: 'HrFlow',
  auth: hrflowAuth,
  about: {
    credentials: [
      '`api_secret`: an API key of the workspace that may read and write, `ask_...`. With one that may only write, `askw_...`, an update needs `edit: replace`, and the other actions cannot run.',
      '`api_user`: the email of a user of the workspace.',
      '`board_key`: the key of the board, 40 hexadecimal digits.',
    ],
    limits: [
      'A PUT replaces the whole job, and there is no ETag: a change that somebody else makes between the GET and the PUT of a job is lost.',
      'There is no batch endpoint: one GET per job, and one PUT or POST for each that differs.',
      'No rate limit is published. Concurrency grows from 4 to 32 while answers come in time, and halves on 429 and 503; `http.requests_per_minute` sets a limit of your own.',
    ],
  },
  connect: (auth, http) => new HrflowApi(auth, http),
  check: checkHrflow,
  aisles: {
    job: { schema: hrflowJob, write: { create: createJobs, update: updateJobs, archive: archiveJobs } },
  },
})

/** The type of `hrflow`, by a name: so the declarations of a connector that leads to it can be written down. */
export interface HrflowWarehouse extends Readonly<typeof warehouse> {}

/** HrFlow.ai: a warehouse like any other, to which the connectors' flows lead. */
export const hrflow: HrflowWarehouse = warehouse
