/** What a connector outside this package is tested with, in any test runner. */
export { type Check, type CheckId, conformance, type ConformanceOptions } from './conformance.js'
export type { StandIn } from './world.js'
