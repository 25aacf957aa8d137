// Made by `npm run generate`: do not edit.
import { registry } from '../connectors/index.js'
import { withRuntime } from '../runtime/callable.js'
import type { WorkableConnector } from './workable.js'

/** Workable: `createJobsInHrflow`, `updateJobsInHrflow`, `archiveJobsInHrflow`. */
export const Workable: WorkableConnector = withRuntime(registry.Workable)

export type * from './hrflow.js'
export type * from './workable.js'
