import type { CheckLine } from '../core/model/check.js'
import type { EventCounters } from '../core/result/counters.js'
import type { Explanation } from '../core/result/explanation.js'
import type { Reason, Stage, Status } from '../core/result/outcome.js'
import type { Plan } from '../core/result/plan.js'
import type { ItemFailure, RequestTally } from '../core/result/result.js'
import type { Condition, Schedule } from '../core/ports/schedule.js'
import type { Json } from '../core/text/json.js'

// What the console's server and its page say to each other: JSON, instants in ISO, below /api. An answer other than 2xx is a
// `Refusal`. Changes are POST with JSON, and bear the header `x-requested-by: console`.

/** Why something was not done. */
export interface Refusal {
  code: string
  message: string
  hint: string | null
}

/** GET /api/about: what this console is and may do. */
export interface About {
  version: string
  /** It runs over the sandbox with invented data. */
  demo: boolean
  /** Where state is, without credentials. */
  state: string
  /** Where workflows come from: a file (with its path), or the database they were pushed to; null: there are none yet. */
  workflows: { kind: 'file'; path: string } | { kind: 'database' } | null
  /** Whether a process of `serve` runs what is due (this one, another), and null: nobody does. */
  served_by: 'this' | 'other' | null
  now: string
}

/** One run in lists. */
export interface RunLine {
  run_id: string
  workflow_id: string
  started_at: string
  /** Null: it is running, or its process died. */
  finished_at: string | null
  /** Running in this process: it can be followed live. */
  live: boolean
  kind: 'run' | 'full' | 'dry'
  status: Status | null
  reason: Reason | null
  /** Why it is fatal. */
  error: string | null
  listed: number
  written: number
  failed: number
  duration_ms: number | null
}

/** How a workflow stands, most wanted first. */
export interface Attention {
  workflow_id: string
  condition: Exclude<Condition, 'ok'>
  since: string
  /** What happened, and what to do. */
  said: string
  todo: string
}

export interface WorkflowLine {
  workflow_id: string
  action: string
  /** The origin's and the target's names, for reading. */
  from: string
  to: string
  condition: Condition
  said: string | null
  since: string | null
  paused: boolean
  last_run: RunLine | null
  /** A run that holds it now. */
  running: { run_id: string | null; since: string; live: boolean } | null
  /** How long the target has been behind at most: since the last run that ended well began. Null: it never ran. */
  lag_ms: number | null
  pending: number
  schedule: Schedule | null
  full_schedule: Schedule | null
  next_run_at: string | null
  next_full_at: string | null
  /** The last 20 runs, oldest first. */
  sparkline: { status: Status | null; written: number; failed: number; duration_ms: number | null }[]
  /** Its parameters can be read: it is in the file, or was pushed. Else only its history is known. */
  defined: boolean
}

/** GET /api/home */
export interface Home {
  about: About
  attention: Attention[]
  workflows: WorkflowLine[]
}

/** GET /api/workflows/:id */
export interface WorkflowView {
  line: WorkflowLine
  /** What it was given, secrets replaced by `{ secret: true }`. */
  parameters: { group: string; name: string; value: Json | { secret: true }; description: string | null }[]
  incremental: boolean
  cursor: string | null
  /** The last 100 runs, oldest first, for charts. */
  history: {
    run_id: string
    started_at: string
    duration_ms: number
    status: Status
    kind: RunLine['kind']
    events: EventCounters
    /** Share of the origin's budget that was used while it ran, 0 to 1; null: not known. */
    budget_share: number | null
  }[]
  /** Why parameters cannot be read, where they cannot. */
  problem: string | null
  /** The last changes made by hand. */
  audit: AuditEntry[]
}

export interface AuditEntry {
  at: string
  who: string
  /** `run`, `full_run`, `pause`, `resume`, `retry`, `dismiss`, `save_workflow`, ... */
  what: string
  workflow_id: string | null
  /** For reading; no secret. */
  detail: string
}

/** GET /api/audit?after=CURSOR */
export interface AuditPage {
  entries: AuditEntry[]
  next: string | null
}

/** GET /api/runs?workflow_id=&after=CURSOR: newest first, 50. */
export interface RunPage {
  runs: RunLine[]
  next: string | null
}

export interface PendingItem {
  reference: string
  stage: Stage
  code: string
  message: string
  attempts: number
  first_failed_at: string
  /** Null: it waits for a new version, or a person. */
  next_attempt_at: string | null
}

/** GET /api/workflows/:id/pending?after=CURSOR&stage=&q=: 100 a page. */
export interface PendingPage {
  items: PendingItem[]
  total: number
  next: string | null
}

/** POST /api/workflows/:id/pending {references: string[] | null, change: 'retry' | 'dismiss'} -> {changed: number} */
export interface PendingChange {
  references: string[] | null
  change: 'retry' | 'dismiss'
}

/** POST /api/workflows/:id/runs {kind, allow_left?} -> {run_id}; `plan` is a dry run that compares. 409: it is running already. */
export interface RunStart {
  kind: 'run' | 'full' | 'dry' | 'plan'
  allow_left?: boolean
  /** Of dry runs and plans: at most so many items. */
  limit?: number
}

/** POST /api/runs/:run_id/stop -> {}: of a run of this process. POST /api/workflows/:id/pause and /resume {} -> WorkflowLine. */

/** GET /api/runs/:run_id */
export interface RunView {
  run: RunLine
  action: string
  incremental: boolean
  incremental_token: string | null
  events: EventCounters | null
  notes: string[]
  error: { code: string; message: string; hint: string | null } | null
  requests: { origin: RequestTally; target: RequestTally } | null
  from: string
  to: string
  entity: string
  /** Failures by stage and code, most first. */
  groups: { stage: Stage; code: string; count: number }[]
  failures_total: number
  /** Of a dry run that compared, while this process remembers it. */
  plan: Plan | null
}

/** GET /api/runs/:run_id/failures?stage=&code=&q=&after=CURSOR: 100 a page. `.csv` and `.json` beside it give all as files. */
export interface FailurePage {
  failures: ItemFailure[]
  next: string | null
}

/**
 * GET /api/runs/:run_id/events: server-sent events of a run of this process, event `progress` at most twice a second with this
 * as data, then `end` with {run_id}. GET /api/events tells `home` (no data) when something changed that home shows.
 */
export interface LiveProgress {
  run_id: string
  at: string
  elapsed_ms: number
  /** Of the whole, where it is known. */
  expected: number | null
  listed: number
  done: number
  events: EventCounters
  /** Items a second over the last ten seconds. */
  rate: number
  eta_ms: number | null
  details_due: number | null
  /** Requests of the origin by slot, newest last, at most 30, against what is allowed. */
  slots: { at: string; sent: number; limit: number | null }[]
  failures: ItemFailure[]
  stopping: boolean
}

/** GET /api/workflows/:id/jobs?q=: references that records know, at most 20, for picking. */
export interface JobSuggestions {
  references: string[]
}

/** GET /api/workflows/:id/jobs/:reference */
export interface JobView {
  explanation: Explanation
  /** Sentences for reading, as the command `explain` has them. */
  timeline: { at: string | null; what: string; detail: string | null; kind: 'good' | 'bad' | 'neutral' }[]
  /** Field by field; what one side lacks is null. */
  sides: { path: string; origin: Json; ours: Json; target: Json; differs: boolean }[]
  /** Says why a side is missing. */
  notes: string[]
}

/** GET /api/workflows/:id/mapping?reference= */
export interface MappingView {
  /** The mapping as the workflow has it: target field -> expression; null: the connector's own format. */
  mapping: Record<string, string> | null
  /** Conditions of logics in text. */
  conditions: string[]
  reference: string | null
  references: string[]
  origin: Json
  fields: { path: string; type: string; description: string | null; example: Json }[]
  targets: { path: string; type: string; description: string | null }[]
}

/** POST /api/workflows/:id/mapping {reference, mapping} -> MappingTry: nothing is saved. */
export interface MappingTry {
  results: { target: string; value: Json; problem: string | null }[]
  /** The item that would be written; null: it fails or is discarded. */
  item: Json
  problems: string[]
}

/** GET /api/setup */
export interface SetupView {
  actions: {
    action: string
    label: string
    groups: {
      group: 'connector_auth' | 'hrflow_auth' | 'pull_parameters' | 'push_parameters'
      label: string
      /** JSON Schema (draft 2020-12) of this group, as schemas/ has it. `writeOnly` marks secrets. */
      schema: Json
      /** Environment variables that fill a field where the file refers to them. */
      variables: Record<string, string>
    }[]
  }[]
  /** Workflow names that are taken. */
  taken: string[]
  /** Where it can be saved. */
  targets: ('file' | 'database')[]
}

/** What a form holds. Secrets are never values: the name of a variable or file that has them. */
export interface SetupDraft {
  workflow_id: string
  action: string
  groups: Record<string, Record<string, Json>>
  incremental: boolean
  schedule: string | null
  full_schedule: string | null
}

/** POST /api/setup/check SetupDraft -> stream of server-sent events `line` with this, then `end`. */
export interface SetupLine extends CheckLine {
  about: string
  /** The field it concerns, as group.name; null: of the whole. */
  field: string | null
}

/** POST /api/setup/yaml SetupDraft -> SetupYaml; POST /api/setup/save {draft, target} -> {workflow_id}. */
export interface SetupYaml {
  yaml: string
  /** What is wrong with the draft: field as group.name, or null. */
  problems: { field: string | null; said: string }[]
}
