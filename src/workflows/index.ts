export { workflowsJsonSchema } from './json-schema.js'
export { loadWorkflows, type WorkflowFile } from './load.js'
export { checkSchedule, nextRun, openTimetable, ScheduleError, type Timetable } from './schedule.js'
export type { Workflow } from './workflow.js'
