// What must not compile: checked by `npm run types`. Nothing here is run.
import { z } from 'zod'
import { hrflow } from '../../src/connectors/hrflow/index.js'
import type { hrflowJob } from '../../src/connectors/hrflow/jobs/schema.js'
import type { registry } from '../../src/connectors/index.js'
import type { workableJob } from '../../src/connectors/workable/jobs/schema.js'
import type { CallableConnector } from '../../src/core/model/connector.js'
import type { Known } from '../../src/core/model/flow.js'
import {
  type Connector,
  defineConnector,
  defineWarehouse,
  defineWorkflows,
  flow,
  type HrflowJob,
  type HrflowJobInput,
  read,
  type RunResult,
  type RuntimeOptions,
  withRuntime,
  Workable,
  type WorkableJob,
} from '../../src/index.js'
import type * as published from '../../src/public/index.js'

const auth = {
  workflow_id: 'types',
  connector_auth: { api_access_token: 'token', subdomain: 'acme' },
  hrflow_auth: { api_secret: 'ask_', api_user: 'owner@example.com' },
}
const call = { ...auth, push_parameters: { board_key: 'key' }, logics: null }

export const result: Promise<RunResult> = Workable.updateJobsInHrflow({
  ...call,
  pull_parameters: {
    state: 'published',
    since_id: null,
    max_id: '5c0a11',
    created_after: 1436356721,
    updated_after: '2026-11-01',
  },
  logics: [(job) => (job.department === 'Engineering' ? job : null), (job: WorkableJob) => Promise.resolve(job)],
  format: (job) => ({ reference: job.shortcode ?? '', name: job.title ?? null }),
  callback: (pull, push, events, items) => [pull.state, push.board_key, events.write_success, items[0]?.reference],
  persist: true,
  incremental: false,
})
void Workable.createJobsInHrflow({ ...call, push_parameters: { board_key: 'key', enrich_with_parsing: true } })
void Workable.archiveJobsInHrflow({ ...call, pull_parameters: null })

// @ts-expect-error a misspelt pull parameter
void Workable.updateJobsInHrflow({ ...call, pull_parameters: { update_after: '2026-11-01' } })
// @ts-expect-error a state that does not exist
void Workable.updateJobsInHrflow({ ...call, pull_parameters: { state: 'open' } })
// @ts-expect-error a push parameter of another action
void Workable.updateJobsInHrflow({ ...call, push_parameters: { board_key: 'key', enrich_with_parsing: true } })
// @ts-expect-error no board_key
void Workable.updateJobsInHrflow({ ...call, push_parameters: {} })
// @ts-expect-error logics must be given, if only as null
void Workable.updateJobsInHrflow({ ...auth, push_parameters: { board_key: 'key' } })
// @ts-expect-error a logic that returns undefined
void Workable.updateJobsInHrflow({ ...call, logics: [() => undefined] })
// @ts-expect-error a logic that returns something else
void Workable.updateJobsInHrflow({ ...call, logics: [() => 'job'] })
// @ts-expect-error a format that returns no reference
void Workable.updateJobsInHrflow({ ...call, format: (job) => ({ name: job.title ?? null }) })
// @ts-expect-error a format whose tags are no list
void Workable.updateJobsInHrflow({ ...call, format: (job) => ({ reference: job.shortcode ?? '', tags: 'a, b' }) })
// @ts-expect-error no such action
void Workable.deleteJobsInHrflow(call)

const job = z.looseObject({ id: z.string() })
const readonlyJobs = read({
  parameters: z.strictObject({}),
  async *list() {},
  load: () => Promise.resolve({ item: { id: '1' }, read_at: 0 }),
})
const warehouse = defineWarehouse({
  id: 'other',
  name: 'Other',
  auth: z.strictObject({ token: z.string() }),
  connect: (credentials) => credentials.token,
  aisles: { job: { schema: job, read: { update: readonlyJobs } } },
})
const format = (item: { id: string }) => ({ reference: item.id })
const good = flow({ mode: 'update', entity: 'job', from: warehouse, to: hrflow, format, format_version: '1' })
export const Other = defineConnector({ warehouse, flows: [good] })

const flowOf = { mode: 'update', entity: 'job', from: warehouse, to: hrflow, format_version: '1' } as const

// @ts-expect-error the aisle is not readable in this mode
flow({ ...flowOf, format, mode: 'create' })
// @ts-expect-error there is no such aisle
flow({ ...flowOf, format, entity: 'profile' })
// @ts-expect-error the warehouse cannot be written
flow({ ...flowOf, format, to: warehouse })
// @ts-expect-error the format takes another item
flow({ ...flowOf, format: (item: { shortcode: string }) => ({ reference: item.shortcode }) })
// @ts-expect-error the format returns what the writer does not take
flow({ ...flowOf, format: (item: { id: string }) => ({ ref: item.id }) })

const account = { id: 'account', name: 'Account', auth: z.strictObject({ token: z.string() }), aisles: {} }
// @ts-expect-error an auth field that the schema does not have
defineWarehouse({ ...account, connect: (credentials): unknown => credentials.key })

// @ts-expect-error a logic that returns something that is no job
void Workable.updateJobsInHrflow({ ...call, logics: [() => ({ foo: 1 })] })
// @ts-expect-error a misspelt field of a job
void Workable.updateJobsInHrflow({ ...call, logics: [(item) => (item.titel ? item : null)] })
// @ts-expect-error a flow that flow() did not make
defineConnector({ warehouse, flows: [{ mode: 'update', entity: 'job', from: warehouse, to: hrflow }] })
const noLogics: readonly ((item: WorkableJob) => WorkableJob)[] = []
void Workable.updateJobsInHrflow({ ...call, logics: noLogics })

const update = 'workable.update_jobs_in_hrflow'
export const workflows = defineWorkflows({
  'acme-jobs': {
    action: update,
    connector_auth: { api_access_token: process.env['WORKABLE_API_ACCESS_TOKEN'], subdomain: 'acme' },
    pull_parameters: { state: 'published' },
    push_parameters: { on_missing: 'create' },
    incremental: true,
    schedule: { cron: '*/15 * * * *', time_zone: 'Europe/Paris' },
    logics: [(job) => (job.department === 'Sales' ? job : null), './logics.ts#only', { if: 'department = "Sales"' }],
    format: (job) => ({ reference: job.shortcode ?? '', name: job.title ?? null }),
    callback: (pull, push, events, items) => [pull.state, push.on_missing, events.write_success, items[0]?.reference],
  },
  other: {
    action: 'workable.create_jobs_in_hrflow',
    push_parameters: { board_key: 'key', enrich_with_parsing: true },
    schedule: '0 * * * *',
    format: { base: 'none', fields: { reference: 'shortcode', name: 'title' } },
  },
})
// @ts-expect-error no such action
defineWorkflows({ a: { action: 'workable.update_job_in_hrflow' } })
// @ts-expect-error there is no action
defineWorkflows({ a: { incremental: true } })
// @ts-expect-error a misspelt key
defineWorkflows({ a: { action: update, incrementl: true } })
// @ts-expect-error a misspelt parameter
defineWorkflows({ a: { action: update, connector_auth: { subdomian: 'acme' } } })
// @ts-expect-error a state that does not exist
defineWorkflows({ a: { action: update, pull_parameters: { state: 'open' } } })
// @ts-expect-error a push parameter of another action
defineWorkflows({ a: { action: 'workable.create_jobs_in_hrflow', push_parameters: { on_missing: 'create' } } })
// @ts-expect-error a misspelt field of a job
defineWorkflows({ a: { action: update, logics: [(job) => (job.titel ? job : null)] } })
// @ts-expect-error a format that returns no reference
defineWorkflows({ a: { action: update, format: (job) => ({ name: job.title ?? null }) } })
// @ts-expect-error a base that does not exist
defineWorkflows({ a: { action: update, format: { base: 'own', fields: { name: 'title' } } } })

// The types that are made from the schemas are those that follow from the schemas, down to which keys may be missing.
type Plain<T> =
  T extends Promise<infer Value>
    ? Promise<Plain<Value>>
    : T extends (...values: infer Values) => infer Returned
      ? (...values: Plain<Values>) => Plain<Returned>
      : T extends object
        ? { [Key in keyof T]: Plain<T[Key]> }
        : T
type Same<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false
type ParametersOf<Method> = Method extends (parameters: infer Given, ...others: never[]) => unknown ? Given : never
type MethodOf<Name, Method> = Name extends keyof typeof published
  ? Method extends keyof (typeof published)[Name]
    ? (typeof published)[Name][Method]
    : never
  : never
type Inferred = { [Name in keyof typeof registry]: CallableConnector<(typeof registry)[Name]['flows'], RuntimeOptions> }
type MethodNames<C> = Exclude<keyof C, keyof Connector>
type Differing = {
  [Name in keyof Inferred]: {
    [Method in MethodNames<Inferred[Name]>]: Same<
      ParametersOf<Inferred[Name][Method]>,
      ParametersOf<MethodOf<Name, Method>>
    > extends true
      ? never
      : `${Name}.${Method & string}`
  }[MethodNames<Inferred[Name]>]
}[keyof Inferred]
export const differing: Same<Differing, never> = true
export const all: Same<
  { [Name in keyof Inferred]: MethodNames<Inferred[Name]> },
  { [Name in keyof Inferred]: MethodNames<(typeof published)[Name]> }
> = true
// That two types differ is seen: by a key that may be missing, undefined, null, by its values, and by what a function takes.
export const seen: [
  Same<{ a?: 1 }, { a: 1 }>,
  Same<{ a?: 1 }, { a?: 1 | undefined }>,
  Same<{ a: 1 | null }, { a: 1 }>,
  Same<{ a: { b: 'c' | 'd' } }, { a: { b: 'c' } }>,
  Same<{ a: (b: { c: 1 }) => void }, { a: (b: { c?: 1 }) => void }>,
  Same<ParametersOf<typeof Workable.createJobsInHrflow>, ParametersOf<typeof Workable.updateJobsInHrflow>>,
  Same<ParametersOf<typeof Workable.archiveJobsInHrflow>, ParametersOf<typeof Workable.updateJobsInHrflow>>,
] = [false, false, false, false, false, false, false]
export const jobs: [
  Same<WorkableJob, Known<z.output<typeof workableJob>>>,
  Same<HrflowJob, Known<z.output<typeof hrflowJob>>>,
  Same<HrflowJobInput, Known<z.input<typeof hrflowJob>>>,
] = [true, true, true]
// A connector of one's own has typed methods too.
void withRuntime(Other).updateJobsInHrflow({ ...call, connector_auth: { token: 'token' }, logics: [(item) => item] })
// @ts-expect-error an auth field that its schema does not have
void withRuntime(Other).updateJobsInHrflow({ ...call, connector_auth: { key: 'token' } })
