// Runs an update in a process of its own and tells its result and the heap that was in use at most, after collection.
import process from 'node:process'
import { Workable } from '../../../dist/index.js'

const { env, push_parameters, keep } = JSON.parse(process.argv[2])
let items = 0
let peak = 0

const result = await Workable.updateJobsInHrflow(
  {
    workflow_id: 'child',
    connector_auth: { api_access_token: env.WORKABLE_API_ACCESS_TOKEN, subdomain: env.WORKABLE_SUBDOMAIN },
    hrflow_auth: { api_secret: env.HRFLOW_API_SECRET, api_user: env.HRFLOW_API_USER },
    push_parameters,
    logics: null,
    callback: keep ? () => undefined : null,
  },
  {
    base_urls: { workable: env.WORKABLE_API_URL, hrflow: env.HRFLOW_API_URL },
    observer: (event) => {
      if (event.type !== 'item' || ++items % 100 !== 0) return
      globalThis.gc()
      peak = Math.max(peak, process.memoryUsage().heapUsed)
    },
  },
)
process.stdout.write(JSON.stringify({ status: result.status, events: result.events, peak }))
