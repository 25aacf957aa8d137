import type { SetupView } from '../../../contract.js'
import type { Value } from '../../readable.js'

export type Action = SetupView['actions'][number]
export type Group = Action['groups'][number]

/** One field of a form, as the JSON Schema of its group describes it. */
export interface Field {
  name: string
  kind: 'text' | 'number' | 'choice' | 'yes_no' | 'secret'
  description: string
  /** Nothing works without it. */
  required: boolean
  choices: string[]
  /** What stands where nothing is said. */
  fallback: string | null
  /** The variable that fills it where the file says nothing. */
  variable: string | null
}

const isMap = (value: unknown): value is Record<string, Value> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A schema that allows null as well stands for what else it allows. */
function bare(schema: Value | undefined): Record<string, Value> {
  if (!isMap(schema)) return {}
  const options = schema['anyOf']
  if (!Array.isArray(options)) return schema
  const own = options.filter(isMap).find(({ type }) => type !== 'null')
  return own ? { ...schema, ...bare(own) } : schema
}

export function fieldsOf({ schema, variables }: Group): Field[] {
  const { properties, required } = bare(schema)
  if (!isMap(properties)) return []
  return Object.entries(properties).map(([name, property]) => {
    const described = bare(property)
    const { enum: choices, description, default: fallback } = described
    return {
      name,
      kind: kindOf(described),
      description: typeof description === 'string' ? description : '',
      required: Array.isArray(required) && required.includes(name),
      choices: Array.isArray(choices) ? choices.filter((choice) => typeof choice === 'string') : [],
      fallback: fallback === undefined || fallback === null ? null : textOf(fallback),
      variable: variables[name] ?? null,
    }
  })
}

function kindOf({ type, enum: choices, secret, writeOnly }: Record<string, Value>): Field['kind'] {
  if (secret === true || writeOnly === true) return 'secret'
  if (Array.isArray(choices)) return 'choice'
  if (type === 'boolean') return 'yes_no'
  return type === 'number' || type === 'integer' ? 'number' : 'text'
}

export const textOf = (value: Value): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** What is written into a field, as the draft has it; undefined: it is left out. */
export function valueOf(kind: Field['kind'], text: string): Value | undefined {
  if (text === '') return undefined
  if (kind === 'secret') return text.includes('/') ? `\${file:${text}}` : `\${${text}}`
  if (kind === 'yes_no') return text === 'true'
  // What is no number is for the check to name.
  return kind === 'number' && !Number.isNaN(Number(text)) ? Number(text) : text
}

/** What a field shows of what the draft has. */
export function writtenOf(kind: Field['kind'], value: Value | undefined): string {
  if (value === undefined || value === null) return ''
  if (kind === 'secret')
    return textOf(value)
      .replace(/^\$\{(file:)?/, '')
      .replace(/\}$/, '')
  return textOf(value)
}
