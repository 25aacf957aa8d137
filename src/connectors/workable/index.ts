import { defineConnector } from '../../core/connector.js'
import { defineWarehouse, flow } from '../../core/model.js'
import { hrflow } from '../hrflow/index.js'
import { WorkableApi } from './api.js'
import { workableAuth } from './auth.js'
import { checkWorkable } from './check.js'
import { formatArchivedJob, formatJob } from './formats.js'
import { archivedJobs, createdJobs, updatedJobs } from './jobs.js'
import { workableJob } from './schemas.js'

const warehouse = defineWarehouse({
  id: 'workable',
  name: 'Workable',
  auth: workableAuth,
  connect: (auth, http) => new WorkableApi(auth, http),
  check: checkWorkable,
  aisles: {
    job: { schema: workableJob, read: { create: createdJobs, update: updatedJobs, archive: archivedJobs } },
  },
})

/** Changes when `formatJob` maps differently: jobs delivered by an older version are delivered again. */
const format_version = 'workable-job-1'

export const workable = defineConnector({
  warehouse,
  flows: [
    flow({ mode: 'create', entity: 'job', from: warehouse, to: hrflow, format: formatJob, format_version }),
    flow({ mode: 'update', entity: 'job', from: warehouse, to: hrflow, format: formatJob, format_version }),
    flow({ mode: 'archive', entity: 'job', from: warehouse, to: hrflow, format: formatArchivedJob, format_version }),
  ],
})
