import { defineConnector, defineWarehouse, flow } from '../../core/kit.js'
import { hrflow } from '../hrflow/index.js'
import { WorkableApi } from './api.js'
import { workableAuth } from './auth.js'
import { checkWorkable } from './check.js'
import { archivedJobs, createdJobs, updatedJobs } from './jobs/reads.js'
import { workableJob } from './jobs/schema.js'
import { formatArchivedJob, formatJob } from './jobs/to-hrflow-job.js'

const warehouse = defineWarehouse({
  id: 'workable',
  name: 'Workable',
  auth: workableAuth,
  about: {
    credentials: [
      '`api_access_token`: in Workable, open Settings > Integrations > Apps and generate an API access token with the scope `r_jobs`.',
      '`subdomain`: NAME in `https://NAME.workable.com`.',
    ],
    limits: [
      'A token of an account may send 10 requests per 10 seconds, and the tenth is refused already: nine are used, by all processes with the same state together. The texts of a job come with the list; five fields (`employment_type`, `industry`, `function`, `experience`, `education`) cost one request per job. So the first full read of 10,000 jobs takes about three hours; with `details: after` every job is on the board within two minutes, and its five fields follow. With state, a job that has not changed costs no request of its own.',
      'A job that is deleted in Workable leaves no trace in its API. With `on_left: archive` it is archived once two runs at least an hour apart have not found it; else it stays on the board.',
      '`updated_at` is cut to the second. A job that was read within two seconds of its change is not taken as read: the next run reads it again.',
      'Without `state`, create and update read drafts, confidential and sample jobs too. Workable gives internal and confidential jobs the state `closed`.',
      'Only jobs are moved, no candidates.',
    ],
  },
  connect: (auth, http) => new WorkableApi(auth, http),
  check: checkWorkable,
  aisles: {
    job: { schema: workableJob, read: { create: createdJobs, update: updatedJobs, archive: archivedJobs } },
  },
})

/** Changes when `formatJob` maps differently: jobs delivered by an older version are delivered again. */
const format_version = 'workable-job-2'

export const workable = defineConnector({
  warehouse,
  type: 'HCM',
  logo: 'https://raw.githubusercontent.com/Riminder/hrflow-connectors/master/src/hrflow_connectors/v2/connectors/workable/logo.jpeg',
  flows: [
    flow({ mode: 'create', entity: 'job', from: warehouse, to: hrflow, format: formatJob, format_version }),
    flow({ mode: 'update', entity: 'job', from: warehouse, to: hrflow, format: formatJob, format_version }),
    flow({ mode: 'archive', entity: 'job', from: warehouse, to: hrflow, format: formatArchivedJob, format_version }),
  ],
})
