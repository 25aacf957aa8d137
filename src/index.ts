import { formatJob } from './connectors/workable/jobs/to-hrflow-job.js'
import type { HrflowJob, WorkableJob } from './public/index.js'

// Every connector with a method per action, and its types: made from the registry and the schemas.
export * from './public/index.js'

/** The format that Workable's jobs get unless another one is given: for formats that build on it. */
export const formatWorkableJob: (job: WorkableJob) => HrflowJob = formatJob

export { MemoryStore } from './stores/memory.js'
export { openStore } from './stores/open.js'
export type { RuntimeOptions } from './runtime/options.js'
export type { ActionParameters, Callback, Connector, Logic } from './core/model/connector.js'
export { defineConnector } from './core/model/connector.js'
export {
  ConnectorError,
  DefinitionError,
  GoneError,
  HttpError,
  ItemError,
  LeaseLostError,
  ListError,
  RunError,
  StateError,
  WorkflowFileError,
} from './core/errors.js'
export { defineWarehouse } from './core/model/warehouse.js'
export { flow } from './core/model/flow.js'
export { read } from './core/model/read.js'
export { write } from './core/model/write.js'
export type { Format } from './core/model/flow.js'
export type { HttpLimits } from './http/retry.js'
export type { Clock } from './core/ports/clock.js'
export type {
  DeliveryRecord,
  PendingEntry,
  RunRecord,
  Store,
  StoreSummary,
  WorkflowRecord,
} from './core/ports/store.js'
export type { ItemFailure, RequestTally } from './core/result/result.js'
export type { Logger, Observer, RequestEvent, RunEvent } from './core/ports/events.js'
export type { Change, Plan, PlannedItem, PlanTotals } from './core/result/plan.js'
export type { EventCounters } from './core/result/counters.js'
export type { ItemOutcome, Reason, Stage, Status } from './core/result/outcome.js'
export type { RunResult } from './core/result/result.js'
export { withRuntime } from './runtime/callable.js'
export { defineWorkflows } from './workflows/define.js'
export type { MappingDefinition, NotifyDefinition, WorkflowDefinition } from './workflows/define.js'
