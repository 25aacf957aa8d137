export { workflowsJsonSchema } from './json-schema.js'
export { loadWorkflows, type WorkflowFile } from './load.js'
export { checkSchedule, nextRun, ScheduleError } from './schedule.js'
export type { Workflow } from './workflow.js'
