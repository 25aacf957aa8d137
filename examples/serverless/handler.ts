import { Workable } from 'hrflow-connectors'

/** What a schedule sends, and what the platform says of the time that is left: as on AWS Lambda. */
interface Schedule {
  board_key: string
}
interface Invocation {
  getRemainingTimeInMillis(): number
}

/** What is in flight at the deadline may take 20 s to finish; the rest is for saving state and answering. */
const RESERVE_MS = 25_000

export async function handler(event: Schedule, invocation: Invocation) {
  const { status, reason, events, error } = await Workable.updateJobsInHrflow(
    {
      workflow_id: `jobs-of-${event.board_key}`,
      connector_auth: {
        api_access_token: process.env.WORKABLE_API_ACCESS_TOKEN ?? '',
        subdomain: process.env.WORKABLE_SUBDOMAIN ?? '',
      },
      hrflow_auth: {
        api_secret: process.env.HRFLOW_API_SECRET ?? '',
        api_user: process.env.HRFLOW_API_USER ?? '',
      },
      pull_parameters: { state: 'published' },
      push_parameters: { board_key: event.board_key, on_missing: 'create' },
      logics: null,
      incremental: true,
    },
    {
      // postgres://USER:PASSWORD@HOST/DATABASE: a function keeps no files between two calls.
      state: process.env.HRFLOW_CONNECTORS_STATE ?? '',
      deadline: Date.now() + invocation.getRemainingTimeInMillis() - RESERVE_MS,
    },
  )
  // For the platform to raise its alarm. What was done is written down, and the next call goes on from there.
  if (status === 'fatal') throw new Error(error?.message ?? reason)
  return { status, reason, events }
}
