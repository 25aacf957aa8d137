import { z } from 'zod'
import { nearest } from './did-you-mean.js'

export interface Problem {
  /** Where, e.g. `pull_parameters.updated_after`. */
  path: string
  message: string
}

type Issue = z.core.$ZodIssue

/** What an issue says to a person: where, what was expected, and what was probably meant; never the refused value. */
export function problemsOf(issue: Issue, input: unknown, schema: z.ZodType): Problem[] {
  const path = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(schema, issue.path)
    return issue.keys.map((key) => {
      const meant = nearest(key, known)
      const hint = meant === undefined ? ` Known: ${known.join(', ')}.` : ` Did you mean ${meant}?`
      return { path: path === '' ? key : `${path}.${key}`, message: `unknown parameter.${hint}` }
    })
  }
  return [{ path: path === '' ? 'parameters' : path, message: saidOf(issue, valueAt(input, issue.path)) }]
}

function saidOf(issue: Issue, value: unknown): string {
  const missing = value === undefined
  switch (issue.code) {
    case 'invalid_type':
      return missing ? `missing; expected ${issue.expected}.` : `expected ${issue.expected}, received ${kindOf(value)}.`
    case 'invalid_value': {
      const options = issue.values.map(String)
      const meant = typeof value === 'string' ? nearest(value, options) : undefined
      return `expected one of ${options.join(', ')}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`
    }
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty.' : `must be at least ${String(issue.minimum)}.`
    case 'too_big':
      return `must be at most ${String(issue.maximum)}${issue.origin === 'string' ? ' characters' : ''}.`
    case 'invalid_union': {
      const expected = issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_type' ? [inner.expected] : []))
      return `expected ${[...new Set<string>(expected)].join(' or ')}, received ${kindOf(value)}.`
    }
    default:
      return missing && issue.code === 'custom' ? `missing; ${issue.message}.` : `${issue.message}.`
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1).toLowerCase() : typeof value
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  )
}

function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = bare(schema)
  for (const key of path) at = at instanceof z.ZodObject ? bare(Reflect.get(at.shape, key)) : undefined
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

/** The schema itself, without what makes it optional or prepares its input. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return bare(schema.out)
  if (schema instanceof z.ZodUnion) return schema.options.map(bare).find((option) => option instanceof z.ZodObject)
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? bare(schema.unwrap()) : schema
}
