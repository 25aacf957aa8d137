import { formatJob } from './connectors/workable/formats.js'
import type { HrflowJob, WorkableJob } from './public/index.js'

// Every connector with a method per action, and its types: made from the registry and the schemas.
export * from './public/index.js'

/** The format that Workable's jobs get unless another one is given: for formats that build on it. */
export const formatWorkableJob: (job: WorkableJob) => HrflowJob = formatJob

export { MemoryStore } from './state/memory.js'
export { openStore } from './state/open.js'
export type { RuntimeOptions } from './runtime.js'
export type { ActionParameters, Callback, Connector, Logic } from './core/connector.js'
export { defineConnector } from './core/connector.js'
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
export { defineWarehouse, flow, read, write } from './core/model.js'
export type { Format } from './core/model.js'
export type { HttpLimits } from './http/retry.js'
export type {
  Clock,
  DeliveryRecord,
  ItemFailure,
  Logger,
  Observer,
  PendingEntry,
  RequestEvent,
  RequestTally,
  RunEvent,
  RunRecord,
  Store,
  StoreSummary,
  WorkflowRecord,
} from './core/ports.js'
export type { Change, Plan, PlannedItem, PlanTotals } from './core/plan.js'
export type { EventCounters, ItemOutcome, Reason, RunResult, Stage, Status } from './core/result.js'
export { withRuntime } from './runtime.js'
export { defineWorkflows } from './workflows/define.js'
export type { MappingDefinition, WorkflowDefinition } from './workflows/define.js'
