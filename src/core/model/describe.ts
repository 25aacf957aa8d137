import { z } from 'zod'
import type { Action } from './flow.js'
import { groupsOf, otherParameters } from './request.js'

/** One parameter, as docs, help texts and forms show it. Everything comes from its schema. */
export interface ParameterDescription {
  name: string
  /** `string`, `integer`, `boolean`, `array`, `Callable`, joined by `|`; `null` last where it is allowed. */
  type: string
  /** The values, where only these are allowed. */
  values: string[]
  required: boolean
  /** Null: none. */
  default: unknown
  secret: boolean
  description: string
  /** What a first workflow most likely wants, by the schema's `examples`; null: nothing is suggested. */
  suggested: string | null
}

/** A group of an action's parameters. */
export interface ParameterGroup {
  name: 'connector_auth' | 'hrflow_auth' | 'pull_parameters' | 'push_parameters' | 'other'
  title: string
  parameters: ParameterDescription[]
}

/** `workable.update_jobs_in_hrflow`: how an action is named among all connectors' actions. */
export function qualifiedName(action: Action): string {
  return `${action.own.id}.${action.id}`
}

/** Which of the items an action sends, in a word: `updated`. */
export function adjectiveOf({ flow }: Action): string {
  return { create: 'new', update: 'updated', archive: 'archived' }[flow.mode]
}

/** What an action does, one sentence. */
export function summaryOf(action: Action): string {
  const { flow } = action
  return `Send ${adjectiveOf(action)} ${flow.entity}(s) from ${flow.from.name} to ${flow.to.name}.`
}

/** Every parameter of an action, by group, in the order of its page. */
export function parameterGroups(action: Action): ParameterGroup[] {
  const { flow } = action
  const { origin_auth, target_auth } = groupsOf(flow, action.own)
  const auth = (name: typeof origin_auth, warehouse: { name: string; auth: z.ZodObject }) => ({
    name,
    title: `${name === 'hrflow_auth' ? 'HrFlow.ai' : warehouse.name} Auth Parameters`,
    parameters: describeParameters(warehouse.auth),
  })
  return [
    auth(origin_auth, flow.from),
    auth(target_auth, flow.to),
    {
      name: 'pull_parameters',
      title: `Pull Parameters (${flow.from.name})`,
      parameters: describeParameters(flow.read.parameters),
    },
    {
      name: 'push_parameters',
      title: `Push Parameters (${flow.to.name})`,
      parameters: describeParameters(flow.write.parameters),
    },
    { name: 'other', title: 'Other Parameters', parameters: describeParameters(others) },
  ]
}

const others = z.strictObject(otherParameters)

const property = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
  secret: z.boolean().optional(),
  examples: z.array(z.unknown()).optional(),
  get anyOf() {
    return z.array(property).optional()
  },
})

type Property = z.output<typeof property>

/** By schema: a command line asks for those of every action many times before it has read a word. */
const described = new WeakMap<z.ZodObject, ParameterDescription[]>()

function describeParameters(schema: z.ZodObject): ParameterDescription[] {
  const parameters = described.get(schema) ?? parametersOf(schema)
  described.set(schema, parameters)
  return parameters
}

function parametersOf(schema: z.ZodObject): ParameterDescription[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const properties = z.record(z.string(), property).parse(json.properties ?? {})
  return Object.entries(properties).map(([name, field]) => {
    const types = [...new Set(typesOf(field))]
    return {
      name,
      type: [...types.filter((type) => type !== 'null'), ...types.filter((type) => type === 'null')].join('|'),
      values: valuesOf(field),
      // A list of functions must be given, if only as null, although a missing one is read as null at run time.
      required: (json.required ?? []).includes(name) || name === 'logics',
      default: field.default ?? null,
      secret: field.secret === true,
      description: field.description ?? '',
      suggested: z.string().safeParse(field.examples?.[0]).data ?? null,
    }
  })
}

function typesOf(field: Property): string[] {
  if (field.anyOf !== undefined) return field.anyOf.flatMap(typesOf)
  // JSON Schema has no functions.
  return [field.type ?? 'Callable'].flat()
}

function valuesOf(field: Property): string[] {
  return [...(field.enum ?? []).map(String), ...(field.anyOf ?? []).flatMap(valuesOf)]
}
