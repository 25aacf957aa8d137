import type { Listener, ScheduleStore, WaitingMessage } from '../core/ports/schedule.js'
import {
  type LoadedWorkflow,
  loadStored,
  type NotifyTarget,
  type Workflow,
  type WorkflowFile,
} from '../workflows/index.js'
import type { Registered } from './planning.js'
import { accountOf } from './runner.js'

/** A workflow as it is defined now, and whose budget it uses. */
export interface Definition {
  workflow: Workflow
  account: string
}

/** Where the workflows stand that are served. */
export interface Definitions {
  /** Null: there is none of that name any more. Throws `WorkflowFileError`, and `StateError`. */
  find(workflow_id: string): Promise<Definition | null>
  /** Where a message goes; null: nowhere any more. Throws likewise. */
  targetOf(message: Pick<WaitingMessage, 'workflow_id' | 'target'>): Promise<NotifyTarget | null>
}

/** The workflows of a file, as they were when it was read. Throws `WorkflowFileError` for what its addresses lack. */
export async function fileDefinitions(file: WorkflowFile): Promise<Definitions> {
  const targets = new Map((await file.resolveNotify()).map((target) => [target.target, target]))
  const definitions = new Map<string, Definition>()
  for (const workflow of file.workflows) {
    definitions.set(workflow.id, { workflow, account: await accountOf(workflow) })
    await workflow.resolveHeartbeat()
  }
  return {
    find: (workflow_id) => Promise.resolve(definitions.get(workflow_id) ?? null),
    targetOf: ({ target }) => Promise.resolve(targets.get(target) ?? null),
  }
}

/** A workflow as it is planned. */
export async function registeredOf(workflow: Workflow, listeners: readonly Listener[]): Promise<Registered> {
  const { id: workflow_id, schedule, full_schedule } = workflow
  return { workflow_id, account: await accountOf(workflow), schedule, full_schedule, listeners }
}

/** So many are known at once, with their expressions parsed. */
const MOST_KNOWN = 2_000

/** Workflows that were pushed, filled in from the environment of this process. What is pushed or removed is seen at once. */
export class StoredDefinitions implements Definitions {
  readonly #schedules: ScheduleStore
  readonly #env: NodeJS.ProcessEnv
  /** By name, with when it was pushed; the one that was used last is the last. */
  readonly #known = new Map<string, LoadedWorkflow & { pushed_at: number }>()

  constructor(schedules: ScheduleStore, env: NodeJS.ProcessEnv) {
    this.#schedules = schedules
    this.#env = env
  }

  async find(workflow_id: string): Promise<Definition | null> {
    const known = await this.#load(workflow_id)
    // What says so may be in the environment, or in a file that has changed.
    return known === null ? null : { workflow: known.workflow, account: await accountOf(known.workflow) }
  }

  async targetOf({
    workflow_id,
    target,
  }: Pick<WaitingMessage, 'workflow_id' | 'target'>): Promise<NotifyTarget | null> {
    const known = await this.#load(workflow_id)
    if (known === null || !known.listeners.some((listener) => listener.target === target)) return null
    return (await known.resolveNotify()).find((one) => one.target === target) ?? null
  }

  async #load(workflow_id: string): Promise<LoadedWorkflow | null> {
    const stored = await this.#schedules.storedOne(workflow_id)
    const before = this.#known.get(workflow_id)
    this.#known.delete(workflow_id)
    if (stored === null) return null
    const { pushed_at } = stored
    const known = before?.pushed_at === pushed_at ? before : { ...(await loadStored(stored, this.#env)), pushed_at }
    this.#known.set(workflow_id, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest)
    return known
  }
}
