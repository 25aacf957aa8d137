import { z } from 'zod'
import { problemsOf } from '../../core/text/validation.js'
import { nearest } from '../../core/text/did-you-mean.js'

type Fields = Record<string, unknown>

/** A place in the item to write, such as `name`, `tags.seniority` or `location.fields.city`. */
export interface Target {
  /** As it is written in the file. */
  text: string
  /** The same place has the same key, however it is written. */
  key: string
  /** How many steps it has. */
  depth: number
  /** A copy of the item with the value there; undefined says nothing of the place. Throws `TargetError` where it does not fit. */
  set(item: Fields, value: unknown): Fields
}

/** A target does not exist, or a value does not fit in it. The sentence holds no value. */
export class TargetError extends Error {}

const fields = z.record(z.string(), z.unknown())

/**
 * Finds a target in the schema of the item to write. Steps are separated by dots; a step that holds a dot stands in double
 * quotes, `tags."v1.0"`. Throws `TargetError`, naming what was probably meant.
 */
export function targetOf(text: string, schema: z.ZodType): Target {
  const steps = stepsOf(text)
  const [top = '', ...rest] = steps
  const shape = shapeOf(schema)
  const field = Object.hasOwn(shape, top) ? shape[top] : undefined
  if (field === undefined) throw new TargetError(unknown('field', top, Object.keys(shape)))
  const inner = bare(field)
  const place = { text, key: JSON.stringify(steps), depth: steps.length }
  const entry = inner instanceof z.ZodArray ? bare(inner.element) : undefined
  if (rest.length > 0 && entry instanceof z.ZodObject && 'name' in entry.shape)
    return { ...place, set: inList(top, rest, entry, namesIn(field.meta()?.['about'])) }
  if (rest.length > 0 && inner instanceof z.ZodObject) return { ...place, set: inObject(top, rest, inner) }
  if (rest.length > 0) throw new TargetError(`${top} holds one value: there is nothing below it.`)
  const asList = inner instanceof z.ZodArray
  return { ...place, set: (item, value) => ({ ...item, [top]: fitting(field, asList ? listOf(value) : value) }) }
}

/** Names that a schema holds beside its types. */
function namesIn(meta: unknown): string[] {
  return z.array(z.string()).safeParse(meta).data ?? []
}

/** JSONata gives a list of one as its entry. */
function listOf(value: unknown): unknown {
  return value === null || value === undefined || Array.isArray(value) ? value : [value]
}

/** `tags.NAME`, `ranges_float.NAME.value_min`: the entry of that name, which is made where there is none. */
function inList(
  list: string,
  [name = '', property, ...rest]: string[],
  entry: z.ZodObject,
  about: readonly string[],
): Target['set'] {
  if (name === '') throw new TargetError(`${list} is a list of named entries: give a name, ${list}.NAME.`)
  if (rest.length > 0) throw new TargetError(`${list}.NAME has no deeper parts than ${list}.NAME.PART.`)
  const parts = Object.keys(entry.shape).filter((part) => part !== 'name')
  if (property !== undefined && !parts.includes(property))
    throw new TargetError(unknown(`part of ${list}.NAME`, property, parts))
  const main = property ?? parts.find((part) => part === 'value' || part === 'description')
  return (item, value) => {
    const before = entriesOf(item[list])
    const at = before.findIndex((known) => known['name'] === name)
    const known: Fields = before[at] ?? { name, ...(parts.includes('title') ? { title: name } : {}) }
    // A range has no main part: its entry is given as a whole.
    const given =
      main === undefined
        ? value === null || value === undefined
          ? allAs(value, parts)
          : value
        : { [main]: fitting(entry.shape[main], value) }
    const made = { ...known, ...fields.parse(main === undefined ? fitting(entry.partial(), given) : given), name }
    const others = before.filter((other) => other['name'] !== name)
    // In most lists nothing says "absent": there the entry is left out, and what was written before is removed.
    const gone = value === null && property === undefined && about.length === 0
    return { ...item, [list]: gone ? others : insert(others, made, at) }
  }
}

function allAs(value: null | undefined, parts: string[]): Fields {
  return Object.fromEntries(parts.map((part) => [part, value]))
}

function insert(entries: Fields[], entry: Fields, at: number): Fields[] {
  return at < 0 ? [...entries, entry] : [...entries.slice(0, at), entry, ...entries.slice(at)]
}

function entriesOf(value: unknown): Fields[] {
  return z.array(fields).safeParse(value).data ?? []
}

/** `location.text`, `location.fields.city`. */
function inObject(path: string, [step = '', ...rest]: string[], schema: z.ZodObject): Target['set'] {
  const known = Object.fromEntries(
    Object.entries(shapeOf(schema)).filter(([, part]) => part.meta()?.['internal'] !== true),
  )
  const field: unknown = Object.hasOwn(known, step) ? known[step] : undefined
  if (!(field instanceof z.ZodType)) throw new TargetError(unknown(`part of ${path}`, step, Object.keys(known)))
  const inner = bare(field)
  const below = rest.length > 0 ? inRecord(`${path}.${step}`, rest, field, inner) : undefined
  return (item, value) => {
    const before = fields.safeParse(item[path]).data ?? {}
    return { ...item, [path]: { ...before, [step]: below ? below(before[step], value) : fitting(field, value) } }
  }
}

function inRecord(path: string, [name = '', ...rest]: string[], field: z.ZodType, inner: unknown) {
  if (!(inner instanceof z.ZodRecord)) throw new TargetError(`${path} holds one value: there is nothing below it.`)
  const known = namesIn(inner.meta()?.['names'] ?? field.meta()?.['names'])
  if (rest.length > 0 || !known.includes(name))
    throw new TargetError(unknown(`part of ${path}`, [name, ...rest].join('.'), known))
  const { valueType } = inner
  return (before: unknown, value: unknown) => ({
    ...fields.safeParse(before).data,
    [name]: valueType instanceof z.ZodType ? fitting(valueType, value) : value,
  })
}

/** The value, if the schema takes it. */
function fitting(schema: unknown, value: unknown): unknown {
  if (!(schema instanceof z.ZodType)) return value
  const parsed = schema.safeParse(value)
  if (parsed.success) return value
  if (value === undefined) throw new TargetError('the expression found nothing, and a value is needed.')
  const [problem] = parsed.error.issues.flatMap((issue) => problemsOf(issue, value, schema))
  const where = problem === undefined || problem.path === 'parameters' ? '' : `${problem.path}: `
  throw new TargetError(`${where}${problem?.message ?? 'a value that does not fit.'}`)
}

function stepsOf(text: string): string[] {
  const steps: string[] = []
  let rest = text
  do {
    const [whole = '', quoted, plain] = /^\s*(?:("(?:[^"\\]|\\.)*")|([^."]+))\s*(?=\.|$)/.exec(rest) ?? []
    if (whole === '') {
      throw new TargetError(
        'is not a path: steps are separated by dots, and one that holds a dot stands in double quotes.',
      )
    }
    steps.push(quoted === undefined ? (plain ?? '').trim() : unquote(quoted))
    rest = rest.slice(whole.length)
    if (rest === '') return steps
    rest = rest.slice(1)
  } while (true)
}

function unquote(text: string): string {
  try {
    return z.string().parse(JSON.parse(text))
  } catch {
    // Not JSON: an escape that does not exist.
    throw new TargetError('holds an escape in double quotes that JSON does not have.')
  }
}

function unknown(kind: string, word: string, known: string[]): string {
  const meant = nearest(word, known)
  const hint = meant === undefined ? `Known: ${known.join(', ')}.` : `Did you mean ${meant}?`
  return `there is no ${kind} ${word}. ${hint}`
}

/** The documented fields of a schema that may be optional, null, or transformed. */
export function shapeOf(schema: unknown): Record<string, z.ZodType> {
  const inner = bare(schema)
  if (!(inner instanceof z.ZodObject)) return {}
  return Object.fromEntries(
    Object.entries(inner.shape).flatMap(([name, field]) => (field instanceof z.ZodType ? [[name, field]] : [])),
  )
}

function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return bare(schema.in)
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodCatch
  return wrapped ? bare(schema.unwrap()) : schema
}
