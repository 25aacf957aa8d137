/** Everything that a connector imports: what it is made of, what it throws, and what it is given. */
export {
  read,
  type Listed,
  type ListPage,
  type Loaded,
  type Read,
  type DetailCache,
  type Unlisted,
  type Whole,
} from './model/read.js'
export { write, type Delivery, type LeavingWrite, type Mode, type Write, type Written } from './model/write.js'
export { defineWarehouse, type Aisle, type About, type Entity, type Warehouse } from './model/warehouse.js'
export { flow, type Flow, type Format, type Known } from './model/flow.js'
export { defineConnector, type Connector } from './model/connector.js'
export { personal, requiredText, secret } from './model/parameters.js'
export type { CheckedSide, CheckLine } from './model/check.js'
export { connectionLine } from './model/connection.js'
export { ConnectorError, failureOf, GoneError, HttpError, ItemError, ListError, RunError } from './errors.js'
export type {
  HttpAnswer,
  HttpClient,
  HttpPort,
  HttpRequest,
  Once,
  Pace,
  RetryOptions,
  ServiceOptions,
} from './ports/http.js'
export type { Clock } from './ports/clock.js'
export type { Change, Comparison } from './result/plan.js'
export { isRecord, type Json } from './text/json.js'
