export { workflowsJsonSchema } from './json-schema.js'
export { loadWorkflows, type WorkflowFile } from './load.js'
export { nextRun } from './schedule.js'
export type { Workflow } from './workflow.js'
