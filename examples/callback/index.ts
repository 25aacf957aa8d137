import { Workable } from 'hrflow-connectors'

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
  // Once, after the writes, unless the run is fatal. `items` are the jobs that were written or found unchanged.
  callback: async (_pull_parameters, push_parameters, events, items) => {
    const text = `${events.write_success} jobs written to ${push_parameters.board_key}: ${items.map(({ name }) => name).join(', ')}`
    const answer = await fetch(process.env.WEBHOOK_URL ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    })
    // What a callback throws is counted as callback_failure, and the run is success_with_failures.
    if (!answer.ok) throw new Error(`The webhook answered ${answer.status}.`)
  },
})

console.log(result.status, result.events)
process.exitCode = result.status === 'fatal' ? 1 : 0
