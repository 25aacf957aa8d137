import { defineWarehouse } from '../../core/model.js'
import { HrflowApi, hrflowAuth } from './api.js'
import { checkHrflow } from './check.js'
import { archiveJobs, createJobs, updateJobs } from './jobs.js'
import { hrflowJob } from './schemas.js'

/** HrFlow.ai: a warehouse like any other, to which the connectors' flows lead. */
export const hrflow = defineWarehouse({
  id: 'hrflow',
  name: 'HrFlow',
  auth: hrflowAuth,
  connect: (auth, http) => new HrflowApi(auth, http),
  check: checkHrflow,
  aisles: {
    job: { schema: hrflowJob, write: { create: createJobs, update: updateJobs, archive: archiveJobs } },
  },
})
