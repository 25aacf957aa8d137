/**
 * Everything that a connector outside this package is written with: what our own connectors import, HrFlow as the side to
 * write to, and a way to run what was made. Its conformance suite is `hrflow-connectors/testing`.
 */
export * from './core/kit.js'

/** Zod, as this package uses it: parameters and schemas of a connector are made with the same one. */
export { z } from 'zod'

export { hrflow, type HrflowWarehouse } from './connectors/hrflow/index.js'
export { hrflowDate, hrflowJob, instantOf } from './connectors/hrflow/jobs/schema.js'
export type { HrflowAuth, HrflowJob, HrflowJobInput } from './public/hrflow.js'
export { htmlToText } from './html-to-text.js'

export { withRuntime } from './runtime/callable.js'
export { checkAction } from './runtime/preflight.js'
export type { RuntimeOptions } from './runtime/options.js'
export type { HttpLimits } from './http/retry.js'
export { MemoryStore } from './stores/memory.js'
export { openStore } from './stores/open.js'

export type { CheckedLine } from './core/preflight/check.js'
export type { ActionParameters, CallableConnector, Callback, ConnectorType, Logic } from './core/model/connector.js'
export type { Action } from './core/model/flow.js'
export { DefinitionError, StateError, type HttpFailure } from './core/errors.js'
export type { Logger, Observer, RequestEvent, RunEvent } from './core/ports/events.js'
export type { Store } from './core/ports/store.js'
export type { EventCounters } from './core/result/counters.js'
export type { ItemOutcome, Reason, Stage, Status } from './core/result/outcome.js'
export type { Plan, PlannedItem, PlanTotals } from './core/result/plan.js'
export type { ItemFailure, RequestTally, RunResult } from './core/result/result.js'
