export { startSandbox } from './server.js'
export type { Sandbox } from './server.js'
export type { SandboxOptions } from './options.js'
export type { Fault, FaultAnswer, Latency, SandboxRequest, Service } from './faults.js'
export { hrflowFake, workableFake } from '../connectors/fakes.js'
export type {
  HrflowFake,
  HrflowFakeJob,
  HrflowFakeJobInput,
  HrflowFakeLocation,
  HrflowFakeOptions,
  HrflowFakeRequest,
  WorkableFake,
  WorkableFakeJob,
  WorkableFakeJobInput,
  WorkableFakeOptions,
  WorkableFakeRequest,
} from '../connectors/fakes.js'
