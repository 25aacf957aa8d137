import { z } from 'zod'
import { nearest } from '../../../core/text/did-you-mean.js'
import { problemsOf } from '../../../core/text/validation.js'
import { type JobChange, jobChange } from '../../../sandbox/control/messages.js'
import { UsageError } from '../../terminal.js'

/** The change that `--title` and every `--set FIELD=VALUE` ask for. Throws a `UsageError` that repeats no value. */
export function changeFrom({ title, set = [] }: { title?: string; set?: string[] }): JobChange {
  const change: Record<string, unknown> = title === undefined ? {} : { title }
  for (const pair of set) {
    const [, path = '', value = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    if (path === '') throw new UsageError('--set: expected FIELD=VALUE, such as --set department=Sales.')
    put(change, path.trim(), value)
  }
  const parsed = jobChange.safeParse(change)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, change, jobChange))
  throw new UsageError(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'))
}

/** `location.city` is a field of a field. */
function put(change: Record<string, unknown>, path: string, value: string): void {
  const [name = '', inner, ...deeper] = path.split('.')
  const whole = fieldOf(jobChange, name, '')
  if (inner === undefined) {
    change[name] = valueOf(whole, value)
    return
  }
  const fields = bare(whole)
  if (!(fields instanceof z.ZodObject) || deeper.length > 0) throw new UsageError(`There is no field ${path}.`)
  const before = z.record(z.string(), z.unknown()).catch({}).parse(change[name])
  change[name] = { ...before, [inner]: valueOf(fieldOf(fields, inner, `${name}.`), value) }
}

function fieldOf({ shape }: { shape: z.core.$ZodShape }, name: string, before: string): z.core.$ZodType {
  const known = Object.keys(shape)
  const field = Object.hasOwn(shape, name) ? shape[name] : undefined
  if (field) return field
  const meant = nearest(name, known)
  const hint = meant === undefined ? `Fields: ${known.join(', ')}.` : `Did you mean ${before}${meant}?`
  throw new UsageError(`There is no field ${before}${name}. ${hint}`)
}

/** A word is what the field takes: null, the text as it stands, or JSON. */
function valueOf(field: z.core.$ZodType, word: string): unknown {
  const readings = [...(word === 'null' ? [null] : []), word, ...json(word)]
  const [first = word] = readings.filter((reading) => z.safeParse(field, reading).success)
  return first
}

function json(word: string): unknown[] {
  try {
    const value: unknown = JSON.parse(word)
    return [value]
  } catch {
    return [] // A text.
  }
}

function bare(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? bare(schema.unwrap()) : schema
}
