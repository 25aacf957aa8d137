import { stat } from 'node:fs/promises'
import { messageOf, WorkflowFileError } from '../core/errors.js'
import type { ScheduleStore } from '../core/ports/schedule.js'
import { isRecord } from '../core/text/json.js'
import { openSource, readSource } from '../workflows/load.js'
import { loadStored, type Workflow } from '../workflows/index.js'
import type { About } from './contract.js'

/** A workflow that is defined somewhere. */
export interface Defined {
  /** Null: it cannot be read, and `problem` says why. */
  workflow: Workflow | null
  /** As it is written. */
  given: Record<string, unknown>
  problem: string | null
}

export interface Definitions {
  workflows: ReadonlyMap<string, Defined>
  /** Why nothing can be read at all. */
  problem: string | null
}

/** Where workflows come from. What is changed there is seen. */
export interface Catalogue {
  source(): Promise<About['workflows']>
  read(): Promise<Definitions>
}

const NONE: Definitions = { workflows: new Map(), problem: null }

/** The workflows of a file, which need not be there yet. What was read stays known while the file cannot be read. */
export class FileCatalogue implements Catalogue {
  readonly path: string
  readonly #env: NodeJS.ProcessEnv
  #stamp: string | null = null
  #known: Promise<Definitions> = Promise.resolve(NONE)

  constructor(path: string, env: NodeJS.ProcessEnv) {
    this.path = path
    this.#env = env
  }

  async source(): Promise<About['workflows']> {
    return (await stampOf(this.path)) === null ? null : { kind: 'file', path: this.path }
  }

  async read(): Promise<Definitions> {
    const stamp = await stampOf(this.path)
    if (stamp === this.#stamp) return this.#known
    this.#stamp = stamp
    const before = this.#known
    this.#known = stamp === null ? Promise.resolve(NONE) : this.#load(before)
    return this.#known
  }

  async #load(before: Promise<Definitions>): Promise<Definitions> {
    try {
      const source = await openSource({ file: this.path, cwd: process.cwd() })
      const { workflows } = await readSource(source, this.#env)
      const given = isRecord(source.value) && isRecord(source.value['workflows']) ? source.value['workflows'] : {}
      const defined = workflows.map((workflow): [string, Defined] => {
        const own = given[workflow.id]
        return [workflow.id, { workflow, given: isRecord(own) ? own : {}, problem: null }]
      })
      return { workflows: new Map(defined), problem: null }
    } catch (error) {
      if (!(error instanceof WorkflowFileError)) throw error
      return { ...(await before), problem: messageOf(error) }
    }
  }
}

/** Workflows that were pushed to a database. */
export class StoredCatalogue implements Catalogue {
  readonly #schedules: ScheduleStore
  readonly #env: NodeJS.ProcessEnv
  readonly #known = new Map<string, Defined & { pushed_at: number }>()

  constructor(schedules: ScheduleStore, env: NodeJS.ProcessEnv) {
    this.#schedules = schedules
    this.#env = env
  }

  source(): Promise<About['workflows']> {
    return Promise.resolve({ kind: 'database' })
  }

  async read(): Promise<Definitions> {
    const stored = await this.#schedules.stored()
    const ids = new Set(stored.map(({ workflow_id }) => workflow_id))
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id)
    for (const one of stored) {
      if (this.#known.get(one.workflow_id)?.pushed_at === one.pushed_at) continue
      const given = isRecord(one.definition) ? one.definition : {}
      const read = await loadStored(one, this.#env).catch((error: unknown) => {
        if (error instanceof WorkflowFileError) return error
        throw error
      })
      const isBad = read instanceof WorkflowFileError
      const defined = { workflow: isBad ? null : read.workflow, given, problem: isBad ? messageOf(read) : null }
      this.#known.set(one.workflow_id, { ...defined, pushed_at: one.pushed_at })
    }
    return { workflows: this.#known, problem: null }
  }
}

/** Null: there is no such file. */
async function stampOf(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null)
  return found === null ? null : `${found.mtimeMs} ${found.size} ${found.ino}`
}
