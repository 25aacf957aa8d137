import { formatWorkableJob, Workable, type HrflowJob, type WorkableJob } from 'hrflow-connectors'

/** What the connector makes of a job, with the department in its name and tags of our own. */
function format(job: WorkableJob): HrflowJob {
  const standard = formatWorkableJob(job)
  return {
    ...standard,
    name: standard.name && job.department ? `${standard.name} (${job.department})` : standard.name,
    tags: [
      ...(standard.tags ?? []),
      // Entries are ours by name. One with the value null is taken from the board; one with the value undefined, of which
      // Workable says nothing, stays there as it is.
      { name: 'seniority', value: job.experience },
      { name: 'careers_page', value: `https://careers.example.com/jobs/${job.shortcode}` },
    ],
  }
}

const result = await Workable.updateJobsInHrflow({
  workflow_id: 'acme-jobs',
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
  logics: null,
  format,
})

console.log(result.status, result.events)
process.exitCode = result.status === 'fatal' ? 1 : 0
