import { Workable } from 'hrflow-connectors'

const result = await Workable.updateJobsInHrflow({
  workflow_id: 'engineering-jobs',
  connector_auth: {
    api_access_token: process.env.WORKABLE_API_ACCESS_TOKEN ?? '',
    subdomain: process.env.WORKABLE_SUBDOMAIN ?? '',
  },
  hrflow_auth: {
    api_secret: process.env.HRFLOW_API_SECRET ?? '',
    api_user: process.env.HRFLOW_API_USER ?? '',
  },
  pull_parameters: { state: 'published' },
  push_parameters: { board_key: process.env.HRFLOW_BOARD_KEY ?? '', on_missing: 'create' },
  // Each is given the job of the one before. Null discards it.
  logics: [(job) => (job.department === 'Engineering' ? job : null)],
})

console.log(result.status, result.events)
for (const failure of result.failures) console.error(failure.reference, failure.message)
process.exitCode = result.status === 'fatal' ? 1 : 0
