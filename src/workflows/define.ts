import type { Actions } from '../public/actions.js'
import type { Told } from '../core/ports/schedule.js'

/** Everything may be left out or undefined: the environment fills it in, or the run says what is missing. */
type Optional<T> = { [Key in keyof T]?: T[Key] | undefined }

/** What every action takes, whatever its sides. */
interface AnyParameters {
  connector_auth: object
  hrflow_auth: object
  pull_parameters?: unknown
  push_parameters: object
  logics: readonly unknown[] | null
  format?: unknown
  callback?: unknown
}

interface WorkflowOf<Name extends string, Parameters extends AnyParameters> {
  /** Which action runs, such as `workable.update_jobs_in_hrflow`. */
  action: Name
  /** Credentials of the connector's own side. What is left out comes from the environment. */
  connector_auth?: Optional<Parameters['connector_auth']> | undefined
  /** Credentials of HrFlow.ai, likewise. */
  hrflow_auth?: Optional<Parameters['hrflow_auth']> | undefined
  /** Which items are read. */
  pull_parameters?: Parameters['pull_parameters']
  /** Where and how items are written; `board_key` may come from the environment. */
  push_parameters?: Optional<Parameters['push_parameters']> | undefined
  /** True: only what has changed since the last run. Default false. */
  incremental?: boolean | undefined
  /** A cron expression of five fields in UTC, or with a time zone. */
  schedule?: string | { cron: string; time_zone?: string | undefined } | null | undefined
  /** When it reads everything, whatever was delivered before, and so heals what was edited by hand; likewise. */
  full_schedule?: string | { cron: string; time_zone?: string | undefined } | null | undefined
  /** An address that `serve` calls after each run that is not fatal. */
  heartbeat?: string | null | undefined
  /** Applied to each item in turn: a function, `./file.ts#name`, or a condition in JSONata. */
  logics?: readonly (NonNullable<Parameters['logics']>[number] | string | { if: string })[] | null | undefined
  /** A function, `./file.ts#name`, or a mapping of targets and JSONata. Default: the connector's own format. */
  format?: Parameters['format'] | string | MappingDefinition
  /** Called once after the writes: a function or `./file.ts#name`. */
  callback?: Parameters['callback'] | string
}

/** A format without code: targets and JSONata over the item, on top of the connector's own format or in place of it. */
export interface MappingDefinition {
  base?: 'default' | 'none' | undefined
  fields: Record<string, string | number | boolean | null>
}

/** A workflow, its parameters typed by its action. */
export type WorkflowDefinition = { [Name in keyof Actions]: WorkflowOf<Name, Actions[Name]> }[keyof Actions]

/** Whom `serve` tells of what: `export const notify: NotifyDefinition[] = [...]` beside the workflows. */
export interface NotifyDefinition {
  /** Where a message is posted. */
  url: string
  /** What is told there. Default: all. */
  on?: readonly Told[] | undefined
  /** Signs each message, HMAC-SHA256. Default: none is signed. */
  secret?: string | undefined
}

/** Types the workflows of a `.ts` or `.js` file, by name: `export default defineWorkflows({ 'acme-jobs': { ... } })`. */
export function defineWorkflows<const Id extends string>(
  workflows: Record<Id, WorkflowDefinition>,
): Record<Id, WorkflowDefinition> {
  return workflows
}
