import { z } from 'zod'

/** Which type of a schema: what a caller gives, or what the schema makes of it. */
export type Side = 'input' | 'output'

/** The text of a type, indented for a place `depth` levels down. Objects are written out, with their documentation. */
export function typeText(schema: unknown, side: Side, depth = 0): string {
  return joined(membersOf(schema, side, depth))
}

/** A union; what says that there is nothing comes last. */
function joined(all: readonly string[]): string {
  const members = [...new Set(all)]
  if (members.includes('unknown')) return 'unknown'
  const empty = ['null', 'undefined'].filter((word) => members.includes(word))
  return [...members.filter((member) => !empty.includes(member)), ...empty].join(' | ')
}

/** The lines of one field, below its documentation. */
export function fieldLine(name: string, field: unknown, side: Side, depth: number): string[] {
  const type = typeText(field, side, depth)
  const mark = /(^|\| )undefined$/.test(type) ? '?' : ''
  return [...comment(documentationOf(field), depth), `${'  '.repeat(depth)}${name}${mark}: ${type}`]
}

/** A doc comment; no lines where there is nothing to say. */
export function comment(paragraphs: readonly string[], depth: number): string[] {
  const indent = '  '.repeat(depth)
  const filled = paragraphs.filter((text) => text !== '').map((text) => text.replaceAll('*/', '*\\/'))
  const lines = filled.flatMap((text, index) => [
    ...(index === 0 ? [] : ['']),
    ...wrapped(text, WIDTH - indent.length - 3),
  ])
  const [only] = lines
  if (only === undefined) return []
  if (lines.length === 1 && only.length + indent.length + 7 <= WIDTH) return [`${indent}/** ${only} */`]
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`]
}

/** An object that has no fields. */
export const EMPTY = 'Record<string, never>'

const WIDTH = 120

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** The description of a parameter, the values that are allowed, and its default. */
function documentationOf(schema: unknown): string[] {
  const values = valuesOf(schema)
  const standard = defaultOf(schema)
  const facts = [
    values.length === 0 ? '' : `One of ${values.map((value) => `\`${value}\``).join(', ')}.`,
    standard === undefined ? '' : `Default: \`${typeof standard === 'string' ? standard : JSON.stringify(standard)}\`.`,
  ]
  return [descriptionOf(schema), facts.filter((fact) => fact !== '').join(' ')]
}

function membersOf(schema: unknown, side: Side, depth: number): string[] {
  const inner = (of: unknown) => membersOf(of, side, depth)
  if (schema instanceof z.ZodOptional) return [...inner(schema.unwrap()), 'undefined']
  if (schema instanceof z.ZodNullable) return [...inner(schema.unwrap()), 'null']
  if (schema instanceof z.ZodDefault) {
    const members = inner(schema.unwrap())
    return side === 'input' ? [...members, 'undefined'] : members.filter((member) => member !== 'undefined')
  }
  if (schema instanceof z.ZodCatch) return inner(schema.unwrap())
  if (schema instanceof z.ZodPipe) return inner(side === 'input' ? schema.in : schema.out)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(inner)
  if (schema instanceof z.ZodEnum) return schema.options.map((value) => JSON.stringify(value).replaceAll('"', "'"))
  if (schema instanceof z.ZodArray) return [arrayOf(membersOf(schema.element, side, depth))]
  if (schema instanceof z.ZodRecord) return [`Record<string, ${typeText(schema.valueType, side, depth)}>`]
  if (schema instanceof z.ZodObject) {
    const lines = Object.entries(schema.shape).flatMap(([name, field]) => fieldLine(name, field, side, depth + 1))
    return [lines.length === 0 ? EMPTY : `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`]
  }
  // z.preprocess(): anything is taken.
  if (schema instanceof z.ZodTransform && side === 'input') return ['unknown']
  return [plainType(schema)]
}

function plainType(schema: unknown): string {
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return 'string'
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  if (schema instanceof z.ZodNull) return 'null'
  if (schema instanceof z.ZodUnknown) return 'unknown'
  const kind = schema instanceof z.ZodType ? schema.type : typeof schema
  const advice = kind === 'transform' ? ' Follow it with .pipe(), which says what comes out.' : ''
  throw new Error(`The public types have no words for a schema of the kind ${kind}.${advice}`)
}

function arrayOf(element: readonly string[]): string {
  return new Set(element).size > 1 ? `(${joined(element)})[]` : `${joined(element)}[]`
}

/** A schema and what it wraps, from the outside in. */
function* layersOf(schema: unknown): Generator<z.ZodType> {
  if (!(schema instanceof z.ZodType)) return
  yield schema
  if (schema instanceof z.ZodPipe) yield* layersOf(schema.in)
  else if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) yield* layersOf(schema.unwrap())
  else if (schema instanceof z.ZodDefault || schema instanceof z.ZodCatch) yield* layersOf(schema.unwrap())
}

function descriptionOf(schema: unknown): string {
  for (const { description } of layersOf(schema)) if (description !== undefined) return description
  return ''
}

function defaultOf(schema: unknown): unknown {
  for (const layer of layersOf(schema)) if (layer instanceof z.ZodDefault) return layer.def.defaultValue
  return undefined
}

function valuesOf(schema: unknown): (string | number)[] {
  for (const layer of layersOf(schema)) if (layer instanceof z.ZodEnum) return layer.options
  return []
}
