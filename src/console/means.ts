import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { z } from 'zod'
import type { Clock } from '../core/ports/clock.js'
import type { Logger } from '../core/ports/events.js'
import { keepsSchedules, type ScheduleStore } from '../core/ports/schedule.js'
import type { Store } from '../core/ports/store.js'
import { type Redact, redactedJson, redactor } from '../core/text/redact.js'
import type { RuntimeOptions } from '../runtime/options.js'
import type { Workflow } from '../workflows/index.js'
import type { Catalogue, Definitions } from './catalogue.js'
import type { Changes } from './live/changes.js'
import type { LiveRuns } from './live/live-runs.js'
import { noWorkflow, Refused } from './refused.js'

/** What pages are made of. */
export interface MeansOptions {
  store: Store
  catalogue: Catalogue
  clock: Clock
  logger: Logger | null
  live: LiveRuns
  changes: Changes
  /** What runs, and looks at a service, are given besides. */
  runtime: RuntimeOptions
  /** What a new workflow is filled from. */
  env: NodeJS.ProcessEnv
  /** Over the sandbox, with invented data. */
  demo: boolean
  /** This process serves what is due. */
  serves: boolean
  /** Who uses it, as the system knows him. */
  who: string
  /** Values that must not reach the page, those that workflows bring not among them. */
  secrets: readonly string[]
  /** Fires when the console is closed. */
  closing: AbortSignal
}

/** Means of all pages, and the ways in which all of them answer. */
export class Means {
  readonly options: MeansOptions
  readonly #secrets: Set<string>
  #redact: Redact

  constructor(options: MeansOptions) {
    this.options = options
    this.#secrets = new Set(options.secrets)
    this.#redact = redactor(options.secrets)
  }

  get store(): Store {
    return this.options.store
  }

  get clock(): Clock {
    return this.options.clock
  }

  /** What lists, charts and logs of changes are read from. */
  get history(): Store['history'] {
    return this.options.store.history
  }

  /** Null: this state keeps no due times. */
  get schedules(): ScheduleStore | null {
    return keepsSchedules(this.options.store) ? this.options.store.schedules : null
  }

  get redact(): Redact {
    return this.#redact
  }

  definitions(): Promise<Definitions> {
    return this.options.catalogue.read()
  }

  /** A workflow that can be run. Throws `Refused` where there is none, or it cannot be read. */
  async workflow(id: string): Promise<{ workflow: Workflow; given: Record<string, unknown> }> {
    const { workflows, problem } = await this.definitions()
    const found = workflows.get(id)
    if (found?.workflow) return { workflow: found.workflow, given: found.given }
    const said = found?.problem ?? problem
    if (said === null) throw noWorkflow(id)
    throw new Refused(422, 'bad_workflow_file', said, 'Correct it where it is written. What is changed there is seen.')
  }

  /** What a workflow is made of, filled in. From then on its secrets are known, and kept from every answer. Throws `WorkflowFileError`. */
  async resolved(workflow: Workflow): Promise<Record<string, unknown>> {
    const { parameters, secrets } = await workflow.resolve()
    this.hide(secrets)
    return parameters
  }

  hide(secrets: readonly string[]): void {
    const fresh = secrets.filter((secret) => !this.#secrets.has(secret))
    if (fresh.length === 0) return
    for (const secret of fresh) this.#secrets.add(secret)
    this.#redact = redactor([...this.#secrets])
  }

  /** As text, without a secret. */
  text(value: unknown): string {
    return JSON.stringify(redactedJson(value, this.#redact))
  }

  answer(context: Context, value: object): Response {
    return context.body(this.text(value), 200, { 'content-type': 'application/json; charset=utf-8' })
  }

  /** Writes down what is about to be changed by hand. */
  async audit(what: string, workflow_id: string | null, detail: string): Promise<void> {
    const at = await this.now()
    const entry = { id: randomUUID(), at, who: this.options.who, what, workflow_id, detail: this.#redact(detail) }
    await this.history.addAudit(entry)
    this.options.changes.tell()
  }

  /** By the clock of the state, where it has one: several machines share it. */
  async now(): Promise<number> {
    return (await this.schedules?.now()) ?? this.clock.now()
  }
}

/** What is asked for behind the question mark, as a schema has it. Throws `Refused`. */
export function queryOf<T extends z.ZodType>(context: Context, schema: T): z.output<T> {
  return checked(schema, context.req.query())
}

/** What is sent. Throws `Refused`. */
export async function bodyOf<T extends z.ZodType>(context: Context, schema: T): Promise<z.output<T>> {
  const body: unknown = await context.req.json().catch(() => {
    throw new Refused(400, 'bad_request', 'What was sent is no JSON.')
  })
  return checked(schema, body)
}

function checked<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') ?? ''
  throw new Refused(
    400,
    'bad_request',
    `${where === '' ? 'The request' : where}: ${issue?.message ?? 'cannot be read'}.`,
  )
}

/** What is in a path, by its name there. */
export function paramOf(context: Context, name: string): string {
  const value = context.req.param(name) ?? ''
  if (value === '' || value.length > 300) throw new Refused(400, 'bad_request', `${name}: cannot be read.`)
  return value
}

const POSITION = /^(\d{1,16})\.(.{1,300})$/s

/** Where a page ends: `MOMENT.ID`. */
export const position = z
  .string()
  .regex(POSITION, 'is no place where a page ends')
  .transform((text) => {
    const [, at = '', id = ''] = POSITION.exec(text) ?? []
    return { at: Number(at), id }
  })

/** Of a page that is full: where it ends. */
export function nextOf<T>(page: readonly T[], limit: number, of: (last: T) => string): string | null {
  const last = page.at(-1)
  return last === undefined || page.length < limit ? null : of(last)
}

export const iso = (at: number): string => new Date(at).toISOString()
