// Our own connector passes what outside connectors are tried with.
import { test } from 'vitest'
import { workable } from '../../src/connectors/workable/index.js'
import { startSandbox } from '../../src/sandbox/index.js'
import { conformance } from '../../src/testing/index.js'

/** More than a page of jobs, all in one state. */
async function serve(jobs: number, state: string) {
  const sandbox = await startSandbox({ workable: { jobs } })
  for (const { shortcode } of sandbox.workable.jobs) sandbox.workable.edit(shortcode, { state })
  return sandbox
}

const probe = await serve(104, 'published')
const { token, subdomain, jobs } = probe.workable
const references = jobs.map(({ shortcode }) => shortcode)
await probe.close()

const actions = [
  ['create_jobs_in_hrflow', 'published'],
  ['update_jobs_in_hrflow', 'published'],
  ['archive_jobs_in_hrflow', 'archived'],
] as const

for (const [action, state] of actions) {
  const checks = conformance(workable, {
    ...{ action, references },
    async start(holds) {
      const sandbox = await serve(holds === 'items' ? references.length : 0, state)
      return { url: sandbox.workable_url, close: () => sandbox.close() }
    },
    auth: { api_access_token: token, subdomain },
    pull_parameters: { state },
  })
  for (const { name, run } of checks) test(name, run)
}
