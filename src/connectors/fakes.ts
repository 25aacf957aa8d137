/** The stand-ins of the services, for the sandbox and for tests of your own. */
export { workableFake } from './workable/fake/index.js'
export type {
  WorkableFake,
  WorkableFakeJob,
  WorkableFakeJobInput,
  WorkableFakeOptions,
  WorkableFakeRequest,
} from './workable/fake/index.js'
export { JOB_STATES, jobChange, withConsequences } from './workable/fake/editing.js'
export type { JobChange } from './workable/fake/editing.js'
export { mulberry32 } from './workable/fake/jobs.js'
export { boardKey } from './hrflow/fake/store.js'
export { hrflowFake } from './hrflow/fake/index.js'
export type { HrflowFake, HrflowFakeJob, HrflowFakeJobInput, HrflowFakeLocation } from './hrflow/fake/index.js'
export type { HrflowFakeOptions, HrflowFakeRequest } from './hrflow/fake/options.js'
