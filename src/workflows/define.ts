import type { registry } from '../connectors/index.js'
import type { ActionParameters, QualifiedName, TypedFlow } from '../core/connector.js'

type Flows = Extract<(typeof registry)[keyof typeof registry]['flows'][number], TypedFlow>

/** Everything may be left out or undefined: the environment fills it in, or the run says what is missing. */
type Optional<T> = { [Key in keyof T]?: T[Key] | undefined }

type LogicOf<F extends TypedFlow> = NonNullable<ActionParameters<F>['logics']>[number]

interface WorkflowOf<F extends TypedFlow> {
  /** Which action runs, such as `workable.update_jobs_in_hrflow`. */
  action: QualifiedName<F>
  /** Credentials of the connector's own side. What is left out comes from the environment. */
  connector_auth?: Optional<ActionParameters<F>['connector_auth']> | undefined
  /** Credentials of HrFlow.ai, likewise. */
  hrflow_auth?: Optional<ActionParameters<F>['hrflow_auth']> | undefined
  /** Which items are read. */
  pull_parameters?: ActionParameters<F>['pull_parameters']
  /** Where and how items are written; `board_key` may come from the environment. */
  push_parameters?: Optional<ActionParameters<F>['push_parameters']> | undefined
  /** True: only what has changed since the last run. Default false. */
  incremental?: boolean | undefined
  /** A cron expression of five fields in UTC, or with a time zone. */
  schedule?: string | { cron: string; time_zone?: string | undefined } | null | undefined
  /** Applied to each item in turn: a function, `./file.ts#name`, or a condition in JSONata. */
  logics?: readonly (LogicOf<F> | string | { if: string })[] | null | undefined
  /** A function, `./file.ts#name`, or a mapping of targets and JSONata. Default: the connector's own format. */
  format?: ActionParameters<F>['format'] | string | MappingDefinition
  /** Called once after the writes: a function or `./file.ts#name`. */
  callback?: ActionParameters<F>['callback'] | string
}

/** A format without code: targets and JSONata over the item, on top of the connector's own format or in place of it. */
export interface MappingDefinition {
  base?: 'default' | 'none' | undefined
  fields: Record<string, string | number | boolean | null>
}

type EachFlow<F> = F extends TypedFlow ? WorkflowOf<F> : never

/** A workflow, its parameters typed by its action. */
export type WorkflowDefinition = EachFlow<Flows>

/** Types the workflows of a `.ts` or `.js` file, by name: `export default defineWorkflows({ 'acme-jobs': { ... } })`. */
export function defineWorkflows<const Id extends string>(
  workflows: Record<Id, WorkflowDefinition>,
): Record<Id, WorkflowDefinition> {
  return workflows
}
