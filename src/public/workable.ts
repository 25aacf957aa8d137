// Made by `npm run generate`: do not edit.
import type { Callback, Connector, Logic } from '../core/model/connector.js'
import type { Format } from '../core/model/flow.js'
import type { RunResult } from '../core/result/result.js'
import type { RuntimeOptions } from '../runtime/options.js'
import type { HrflowAuth, HrflowJob, HrflowJobInput } from './hrflow.js'

/** Credentials of Workable. */
export interface WorkableAuth {
  /**
   * The API access token of the Workable account. It is generated in the Integrations section of the settings of
   * Workable.
   */
  api_access_token: string
  /** The subdomain of the Workable account: NAME in https://NAME.workable.com */
  subdomain: string
}

/** A job of Workable. Fields that are not listed pass as they are. */
export interface WorkableJob {
  /** Id of the job, hexadecimal. */
  id?: string | null | undefined
  /** Title, as typed: not trimmed. */
  title?: string | null | undefined
  /** Title followed by code, city or country. */
  full_title?: string | null | undefined
  /** Key of the job in all other requests; its reference in HrFlow. */
  shortcode?: string | null | undefined
  /** Code given by the customer; not unique. */
  code?: string | null | undefined
  /** `draft`, `published`, `closed` (internal or confidential) or `archived`. */
  state?: string | null | undefined
  /** True for Workable's demonstration jobs. In the list only. */
  sample?: boolean | null | undefined
  /** True for a confidential job. */
  confidential?: boolean | null | undefined
  /** Name of the leaf department. */
  department?: string | null | undefined
  /** Departments from the root to the leaf. */
  department_hierarchy?: ({
    /** Id of the department. */
    id?: number | string | null | undefined
    /** Name of the department. */
    name?: string | null | undefined
  } | null)[] | null | undefined
  /** Public page of the job. */
  url?: string | null | undefined
  /** Public page of the application form. */
  application_url?: string | null | undefined
  /** Short address of the public page. */
  shortlink?: string | null | undefined
  /** `on_site`, `hybrid` or `remote`. */
  workplace_type?: string | null | undefined
  /** Primary or advertised place. */
  location?: {
    /** City, region and country as one text, in the language of the job. In the list only. */
    location_str?: string | null | undefined
    /** Country, by name. */
    country?: string | null | undefined
    /** Country, two letters; may be empty. */
    country_code?: string | null | undefined
    /** Region, by name; may be null while `region_code` is not. */
    region?: string | null | undefined
    /** Region: a code, or its full name. */
    region_code?: string | null | undefined
    /** City; null for a remote job. */
    city?: string | null | undefined
    /** Postal code, as typed. */
    zip_code?: string | null | undefined
    /** True for a remote job; false for a hybrid one. */
    telecommuting?: boolean | null | undefined
    /** `on_site`, `hybrid` or `remote`. */
    workplace_type?: string | null | undefined
  } | null | undefined
  /** All places, the primary one first; empty for jobs not touched for years. */
  locations?: ({
    /** Code of this place. */
    shortcode?: string | null | undefined
    /** Country, two letters. */
    country_code?: string | null | undefined
    /** Country, by name. */
    country_name?: string | null | undefined
    /** State: a code, its full name, or empty. */
    state_code?: string | null | undefined
    /** Region, by name. */
    subregion?: string | null | undefined
    /** Postal code, as typed. */
    zip_code?: string | null | undefined
    /** City; empty for a remote job. */
    city?: string | null | undefined
    /** Latitude and longitude in degrees, `51.5073509, -0.1277583`; the centre of the country for a remote job. */
    coords?: string | null | undefined
    /** True when the place is not shown on the careers page. */
    hidden?: boolean | null | undefined
  } | null)[] | null | undefined
  /** Salary range; often absent. */
  salary?: {
    /** Lower bound: a number, or a text that holds one. */
    salary_from?: number | string | null | undefined
    /** Upper bound: a number, or a text that holds one. */
    salary_to?: number | string | null | undefined
    /** Currency, three letters, mostly in lower case. */
    salary_currency?: string | null | undefined
  } | null | undefined
  /** When the job was created, ISO 8601 in UTC, to the second. */
  created_at?: string | null | undefined
  /** When the job changed last, ISO 8601 in UTC, to the second; absent before 2026. */
  updated_at?: string | null | undefined
  /** Keywords: a text or a list of texts. */
  keywords?: string | string[] | null | undefined
  /** Description, requirements and benefits as one HTML text. */
  full_description?: string | null | undefined
  /** Description, HTML. */
  description?: string | null | undefined
  /** Requirements, HTML. */
  requirements?: string | null | undefined
  /** Benefits, HTML. */
  benefits?: string | null | undefined
  /** Such as `Full-time`. In the detail only. */
  employment_type?: string | null | undefined
  /** Such as `Computer Software`. In the detail only. */
  industry?: string | null | undefined
  /** Such as `Engineering`. In the detail only. */
  function?: string | null | undefined
  /** Such as `Associate`. In the detail only. */
  experience?: string | null | undefined
  /** Such as `Bachelor's Degree`. In the detail only. */
  education?: string | null | undefined
}

/** Which jobs are read from Workable. */
export interface WorkableCreateJobsInHrflowPullParameters {
  /**
   * Only jobs in this state: draft, published, closed or archived. Without it, drafts, confidential jobs and sample
   * jobs are put on the board too: give published to show only what is public.
   *
   * One of `archived`, `closed`, `draft`, `published`.
   */
  state?: 'archived' | 'closed' | 'draft' | 'published' | null | undefined
  /** Only jobs whose id is this one or greater. */
  since_id?: string | null | undefined
  /** Only jobs whose id is this one or less. */
  max_id?: string | null | undefined
  /** Only jobs created after this moment: ISO 8601 or Unix seconds. */
  created_after?: string | number | null | undefined
  /** Only jobs updated after this moment: ISO 8601 or Unix seconds. */
  updated_after?: string | number | null | undefined
}

/** The pull parameters as a callback is given them: checked, and with their defaults. */
export interface WorkableCreateJobsInHrflowPullValues extends Omit<WorkableCreateJobsInHrflowPullParameters, 'created_after' | 'updated_after'> {
  /** Only jobs created after this moment: ISO 8601 or Unix seconds. */
  created_after?: string | null | undefined
  /** Only jobs updated after this moment: ISO 8601 or Unix seconds. */
  updated_after?: string | null | undefined
}

/** Where and how jobs are written to HrFlow. */
export interface WorkableCreateJobsInHrflowPushParameters {
  /** HrFlow.ai board key */
  board_key: string
  /**
   * When true, each job is enriched with what the text parsing of HrFlow.ai finds.
   *
   * Default: `false`.
   */
  enrich_with_parsing?: boolean | undefined
}

/** The push parameters as a callback is given them: checked, and with their defaults. */
export interface WorkableCreateJobsInHrflowPushValues extends Omit<WorkableCreateJobsInHrflowPushParameters, 'enrich_with_parsing'> {
  /**
   * When true, each job is enriched with what the text parsing of HrFlow.ai finds.
   *
   * Default: `false`.
   */
  enrich_with_parsing: boolean
}

/** The parameters of `workable.create_jobs_in_hrflow`. */
export interface WorkableCreateJobsInHrflowParameters {
  /** Credentials of Workable. They are sent to its host only, and appear in no result, error or log. */
  connector_auth: WorkableAuth
  /** Credentials of HrFlow. They are sent to its host only, and appear in no result, error or log. */
  hrflow_auth: HrflowAuth
  /** Which items are read. Unknown names and values that cannot be right make the run fatal before any request. */
  pull_parameters?: WorkableCreateJobsInHrflowPullParameters | null | undefined
  /** Where and how items are written. */
  push_parameters: WorkableCreateJobsInHrflowPushParameters
  /** A stable identifier: what is remembered from run to run is kept under it. */
  workflow_id: string
  /**
   * A list of functions called in sequence with each item pulled from the origin. Each function returns its argument,
   * changed or not, or null to discard the item. A discarded item is not pushed to the target.
   */
  logics: readonly Logic<WorkableJob>[] | null
  /** A function applied to each item pulled, before the push. Without one, the format of the connector is used. */
  format?: Format<WorkableJob, HrflowJobInput> | null | undefined
  /** A function called once at the end of an execution that was not fatal and was no dry run. */
  callback?: Callback<WorkableCreateJobsInHrflowPullValues, WorkableCreateJobsInHrflowPushValues, HrflowJob> | null | undefined
  /**
   * When false, the run is a dry run: items are pulled but not pushed to the target.
   *
   * Default: `true`.
   */
  persist?: boolean | undefined
  /**
   * When true, only items that changed since the last run of the workflow are read.
   *
   * Default: `false`.
   */
  incremental?: boolean | undefined
}

/** Which jobs are read from Workable. */
export interface WorkableUpdateJobsInHrflowPullParameters {
  /**
   * Only jobs in this state: draft, published, closed or archived.
   *
   * One of `archived`, `closed`, `draft`, `published`.
   */
  state?: 'archived' | 'closed' | 'draft' | 'published' | null | undefined
  /** Only jobs whose id is this one or greater. */
  since_id?: string | null | undefined
  /** Only jobs whose id is this one or less. */
  max_id?: string | null | undefined
  /** Only jobs created after this moment: ISO 8601 or Unix seconds. */
  created_after?: string | number | null | undefined
  /** Only jobs updated after this moment: ISO 8601 or Unix seconds. */
  updated_after?: string | number | null | undefined
  /**
   * When the five fields are read that cost a request per job (`employment_type`, `industry`, `function`, `experience`,
   * `education`). `with` reads them before a job is written, and so does a call that says nothing. `after` writes every
   * job from the list at once, which takes minutes, and once more with its details. `without` never reads them, and
   * what the board has of them stays.
   *
   * One of `with`, `after`, `without`.
   */
  details?: 'with' | 'after' | 'without' | null | undefined
}

/** The pull parameters as a callback is given them: checked, and with their defaults. */
export interface WorkableUpdateJobsInHrflowPullValues extends Omit<WorkableUpdateJobsInHrflowPullParameters, 'created_after' | 'updated_after'> {
  /** Only jobs created after this moment: ISO 8601 or Unix seconds. */
  created_after?: string | null | undefined
  /** Only jobs updated after this moment: ISO 8601 or Unix seconds. */
  updated_after?: string | null | undefined
}

/** Where and how jobs are written to HrFlow. */
export interface WorkableUpdateJobsInHrflowPushParameters {
  /** HrFlow.ai board key */
  board_key: string
  /**
   * How a job of the board is edited: merge reads the stored job and changes only what this connector owns. replace
   * sends one blind PUT, which also removes what others added: for keys that may only write.
   *
   * One of `merge`, `replace`. Default: `merge`.
   */
  edit?: 'merge' | 'replace' | undefined
  /**
   * What to do with a job that the board does not have: skip counts it, create adds it.
   *
   * One of `skip`, `create`. Default: `skip`.
   */
  on_missing?: 'skip' | 'create' | undefined
  /**
   * What to do with a job of the board that left: its state is outside the filter, it was deleted, or logics discard
   * it. keep leaves it as it is. archive archives it, and brings it back when it returns: needs state and edit: merge.
   *
   * One of `keep`, `archive`. Default: `keep`.
   */
  on_left?: 'keep' | 'archive' | undefined
}

/** The push parameters as a callback is given them: checked, and with their defaults. */
export interface WorkableUpdateJobsInHrflowPushValues extends Omit<WorkableUpdateJobsInHrflowPushParameters, 'edit' | 'on_missing' | 'on_left'> {
  /**
   * How a job of the board is edited: merge reads the stored job and changes only what this connector owns. replace
   * sends one blind PUT, which also removes what others added: for keys that may only write.
   *
   * One of `merge`, `replace`. Default: `merge`.
   */
  edit: 'merge' | 'replace'
  /**
   * What to do with a job that the board does not have: skip counts it, create adds it.
   *
   * One of `skip`, `create`. Default: `skip`.
   */
  on_missing: 'skip' | 'create'
  /**
   * What to do with a job of the board that left: its state is outside the filter, it was deleted, or logics discard
   * it. keep leaves it as it is. archive archives it, and brings it back when it returns: needs state and edit: merge.
   *
   * One of `keep`, `archive`. Default: `keep`.
   */
  on_left: 'keep' | 'archive'
}

/** The parameters of `workable.update_jobs_in_hrflow`. */
export interface WorkableUpdateJobsInHrflowParameters {
  /** Credentials of Workable. They are sent to its host only, and appear in no result, error or log. */
  connector_auth: WorkableAuth
  /** Credentials of HrFlow. They are sent to its host only, and appear in no result, error or log. */
  hrflow_auth: HrflowAuth
  /** Which items are read. Unknown names and values that cannot be right make the run fatal before any request. */
  pull_parameters?: WorkableUpdateJobsInHrflowPullParameters | null | undefined
  /** Where and how items are written. */
  push_parameters: WorkableUpdateJobsInHrflowPushParameters
  /** A stable identifier: what is remembered from run to run is kept under it. */
  workflow_id: string
  /**
   * A list of functions called in sequence with each item pulled from the origin. Each function returns its argument,
   * changed or not, or null to discard the item. A discarded item is not pushed to the target.
   */
  logics: readonly Logic<WorkableJob>[] | null
  /** A function applied to each item pulled, before the push. Without one, the format of the connector is used. */
  format?: Format<WorkableJob, HrflowJobInput> | null | undefined
  /** A function called once at the end of an execution that was not fatal and was no dry run. */
  callback?: Callback<WorkableUpdateJobsInHrflowPullValues, WorkableUpdateJobsInHrflowPushValues, HrflowJob> | null | undefined
  /**
   * When false, the run is a dry run: items are pulled but not pushed to the target.
   *
   * Default: `true`.
   */
  persist?: boolean | undefined
  /**
   * When true, only items that changed since the last run of the workflow are read.
   *
   * Default: `false`.
   */
  incremental?: boolean | undefined
}

/** Which jobs are read from Workable. */
export interface WorkableArchiveJobsInHrflowPullParameters {
  /**
   * Only jobs in this state: draft, published, closed or archived. Without it, only archived jobs are taken. With
   * published, the jobs that are live are archived on the board.
   *
   * One of `archived`, `closed`, `draft`, `published`.
   */
  state?: 'archived' | 'closed' | 'draft' | 'published' | null | undefined
  /** Only jobs whose id is this one or greater. */
  since_id?: string | null | undefined
  /** Only jobs whose id is this one or less. */
  max_id?: string | null | undefined
  /** Only jobs created after this moment: ISO 8601 or Unix seconds. */
  created_after?: string | number | null | undefined
  /** Only jobs updated after this moment: ISO 8601 or Unix seconds. */
  updated_after?: string | number | null | undefined
}

/** The pull parameters as a callback is given them: checked, and with their defaults. */
export interface WorkableArchiveJobsInHrflowPullValues extends Omit<WorkableArchiveJobsInHrflowPullParameters, 'state' | 'created_after' | 'updated_after'> {
  /**
   * Only jobs in this state: draft, published, closed or archived. Without it, only archived jobs are taken. With
   * published, the jobs that are live are archived on the board.
   *
   * One of `archived`, `closed`, `draft`, `published`.
   */
  state: 'archived' | 'closed' | 'draft' | 'published'
  /** Only jobs created after this moment: ISO 8601 or Unix seconds. */
  created_after?: string | null | undefined
  /** Only jobs updated after this moment: ISO 8601 or Unix seconds. */
  updated_after?: string | null | undefined
}

/** Where and how jobs are written to HrFlow. */
export interface WorkableArchiveJobsInHrflowPushParameters {
  /** HrFlow.ai board key */
  board_key: string
}

/** The parameters of `workable.archive_jobs_in_hrflow`. */
export interface WorkableArchiveJobsInHrflowParameters {
  /** Credentials of Workable. They are sent to its host only, and appear in no result, error or log. */
  connector_auth: WorkableAuth
  /** Credentials of HrFlow. They are sent to its host only, and appear in no result, error or log. */
  hrflow_auth: HrflowAuth
  /** Which items are read. Unknown names and values that cannot be right make the run fatal before any request. */
  pull_parameters?: WorkableArchiveJobsInHrflowPullParameters | null | undefined
  /** Where and how items are written. */
  push_parameters: WorkableArchiveJobsInHrflowPushParameters
  /** A stable identifier: what is remembered from run to run is kept under it. */
  workflow_id: string
  /**
   * A list of functions called in sequence with each item pulled from the origin. Each function returns its argument,
   * changed or not, or null to discard the item. A discarded item is not pushed to the target.
   */
  logics: readonly Logic<WorkableJob>[] | null
  /** A function applied to each item pulled, before the push. Without one, the format of the connector is used. */
  format?: Format<WorkableJob, {
    /** The origin's id of the job, unique on its board. */
    reference: string | number
  }> | null | undefined
  /** A function called once at the end of an execution that was not fatal and was no dry run. */
  callback?: Callback<WorkableArchiveJobsInHrflowPullValues, WorkableArchiveJobsInHrflowPushParameters, {
    /** The origin's id of the job, unique on its board. */
    reference: string
  }> | null | undefined
  /**
   * When false, the run is a dry run: items are pulled but not pushed to the target.
   *
   * Default: `true`.
   */
  persist?: boolean | undefined
  /**
   * When true, only items that changed since the last run of the workflow are read.
   *
   * Default: `false`.
   */
  incremental?: boolean | undefined
}

/** The actions of Workable, a method each. */
export interface WorkableActions {
  /**
   * Send new job(s) from Workable to HrFlow. Reads jobs: the list with its texts, and one detail request for each job
   * that changed. Adds jobs that the board does not have yet.
   *
   * Returns a `RunResult` whatever a service, a function of yours or a parameter does; throws only for a programming
   * error. Without `runtime` a default one is made from the environment.
   */
  createJobsInHrflow: (parameters: WorkableCreateJobsInHrflowParameters, runtime?: RuntimeOptions) => Promise<RunResult>
  /**
   * Send updated job(s) from Workable to HrFlow. Reads jobs: the list with its texts, and one detail request for each
   * job that changed. Edits jobs of the board where something differs.
   *
   * Returns a `RunResult` whatever a service, a function of yours or a parameter does; throws only for a programming
   * error. Without `runtime` a default one is made from the environment.
   */
  updateJobsInHrflow: (parameters: WorkableUpdateJobsInHrflowParameters, runtime?: RuntimeOptions) => Promise<RunResult>
  /**
   * Send archived job(s) from Workable to HrFlow. Reads archived jobs from the list. Archives jobs of the board.
   *
   * Returns a `RunResult` whatever a service, a function of yours or a parameter does; throws only for a programming
   * error. Without `runtime` a default one is made from the environment.
   */
  archiveJobsInHrflow: (parameters: WorkableArchiveJobsInHrflowParameters, runtime?: RuntimeOptions) => Promise<RunResult>
}

/** Workable as a connector: its definition, and a method per action. */
export type WorkableConnector = Connector & WorkableActions
