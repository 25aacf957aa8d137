import { z } from 'zod'
import { RunError } from '../../core/errors.js'
import type { Callable } from '../../core/model/parameters.js'
import { isRecord, type Json } from '../../core/text/json.js'
import { redactedJson } from '../../core/text/redact.js'
import { previewAction } from '../../runtime/preflight.js'
import type { Workflow } from '../../workflows/index.js'
import { readableFields, writableFields } from '../../workflows/mapping/field-list.js'
import { tryMapping } from '../../workflows/mapping/try-mapping.js'
import type { MappingTry, MappingView } from '../contract.js'
import { inspected } from '../inspected.js'
import type { Means } from '../means.js'
import { Refused } from '../refused.js'

/** Items that are kept while somebody maps them: each costs requests. */
const MOST_KEPT = 20
const KEPT_MS = 600_000
const OFFERED = 20
/** Of a workflow that has not run: items from which one is picked. */
const LOOKED_AT = 3

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]).transform(String)
const written = z.object({ base: z.enum(['default', 'none']).default('default'), fields: z.record(z.string(), scalar) })

/** Items by workflow and reference, as they were read. */
export class MappedItems {
  readonly #means: Means
  readonly #kept = new Map<string, { at: number; item: unknown }>()

  constructor(means: Means) {
    this.#means = means
  }

  /** Undefined: the origin does not have it. */
  async item(workflow: Workflow, reference: string): Promise<unknown> {
    const key = JSON.stringify([workflow.id, reference])
    const now = this.#means.clock.now()
    const known = this.#kept.get(key)
    if (known !== undefined && now - known.at < KEPT_MS) return known.item
    const { origin } = await inspected(workflow, reference, this.#means)
    if (origin !== undefined) this.#keep(key, { at: now, item: origin })
    return origin
  }

  /** The first item that passes, of a workflow that has dealt with none yet; null: there is none. */
  async first(workflow: Workflow): Promise<string | null> {
    const parameters = await this.#means.resolved(workflow)
    const runtime = { ...this.#means.options.runtime, store: this.#means.store }
    const { items, result } = await previewAction(workflow.action, parameters, LOOKED_AT, runtime)
    if (result.error !== null)
      throw new RunError(result.reason, result.error.code, result.error.message, {
        hint: result.error.hint ?? undefined,
      })
    const found = items.find(({ origin }) => origin !== null)
    if (found === undefined) return null
    const kept = { at: this.#means.clock.now(), item: found.origin }
    this.#keep(JSON.stringify([workflow.id, found.reference]), kept)
    return found.reference
  }

  #keep(key: string, kept: { at: number; item: unknown }): void {
    this.#kept.set(key, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }
}

export async function mappingView(
  id: string,
  asked: string | undefined,
  items: MappedItems,
  means: Means,
): Promise<MappingView> {
  const { workflow, given } = await means.workflow(id)
  const { flow } = workflow.action
  const known = await means.history.references(id, '', OFFERED)
  const reference = asked ?? known[0] ?? (await items.first(workflow))
  const item = reference === null ? null : ((await items.item(workflow, reference)) ?? null)
  const origin = redactedJson(item, means.redact)
  const schema = flow.from.aisles[flow.entity]?.schema
  const fields = schema === undefined ? [] : readableFields(schema)
  const references = reference === null || known.includes(reference) ? known : [reference, ...known]
  return {
    mapping: written.safeParse(given['format']).data?.fields ?? null,
    conditions: conditionsOf(given['logics']),
    ...{ reference, references, origin },
    fields: fields.map((field) => ({ ...field, example: exampleAt(origin, field.path.split('.')) })),
    targets: writableFields(flow.write.schema),
  }
}

function conditionsOf(logics: unknown): string[] {
  const all: unknown[] = Array.isArray(logics) ? logics : []
  return all.flatMap((logic) => (isRecord(logic) && typeof logic['if'] === 'string' ? [logic['if']] : []))
}

/** As JSONata reads it: of a list, the first entry that has it. */
function exampleAt(value: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined) return value
  if (Array.isArray(value)) {
    const found = value.map((entry) => exampleAt(entry, [name, ...rest]))
    return found.find((entry) => entry !== null) ?? null
  }
  return isRecord(value) ? exampleAt(value[name] ?? null, rest) : null
}

/** What a mapping makes of an item. Nothing is saved. */
export async function mappingTry(
  id: string,
  { reference, mapping }: { reference: string; mapping: Record<string, string> },
  items: MappedItems,
  means: Means,
): Promise<MappingTry> {
  const { workflow, given } = await means.workflow(id)
  const item = await items.item(workflow, reference)
  if (item === undefined)
    throw new Refused(404, 'no_item', `${workflow.action.flow.from.name} does not have ${reference}.`)
  const base = written.safeParse(given['format']).data?.base ?? 'default'
  const logics = functions.safeParse((await means.resolved(workflow))['logics']).data ?? []
  const tried = await tryMapping(workflow.action, { base, fields: mapping }, item, logics)
  const shown = (value: unknown) => redactedJson(value, means.redact)
  const results = tried.results.map(({ target, value, problem }) => ({ target, value: shown(value), problem }))
  return { results, item: shown(tried.item), problems: tried.problems }
}

const functions = z.array(z.custom<Callable>((value) => typeof value === 'function'))
