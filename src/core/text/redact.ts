import type { Json } from './json.js'

/** Replaces secret values by `***` in whatever leaves: logs, errors, results, state, pages. */
export type Redact = (text: string) => string

const SHORTEST = 4

/** A value that holds itself has no JSON. */
const DEEPEST = 100
const MARKS = ['***', '[redacted]', '<redacted>', '…']

/**
 * A redactor of values, not of field names: a service's own error may repeat a key (HrFlow's 401 does), as it is or
 * URL-encoded. Values shorter than four characters are left alone: they are no secrets and would tear words apart.
 */
export function redactor(secrets: readonly string[]): Redact {
  const forms = new Set(secrets.filter((secret) => secret.length >= SHORTEST).flatMap(formsOf))
  if (forms.size === 0) return (text) => text
  // Longest first: a form may contain another.
  const alternatives = [...forms]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(alternatives.join('|'), 'gi')
  // A mark that shares characters with a secret could make one anew with what stands beside it.
  const mark = MARKS.find((candidate) => ![...forms].some((form) => form.includes(candidate.charAt(0)))) ?? ''
  return (text) => text.replace(pattern, mark)
}

/** As it is, URL-encoded as the various languages do it, and as a part of JSON text. */
function formsOf(secret: string): string[] {
  const component = encodeURIComponent(secret.toWellFormed())
  const reserved = component.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  const form = new URLSearchParams({ s: secret }).toString().slice(2)
  return [
    secret,
    component,
    encodeURI(secret.toWellFormed()),
    reserved,
    reserved.replaceAll('~', '%7e'),
    form,
    JSON.stringify(secret).slice(1, -1),
  ]
}

/** PostgreSQL has no form for NUL, and a text that cannot be stored must not end a run. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD')
}

/** A value as JSON has it, with every text redacted. What JSON has no form for is null. */
export function redactedJson(value: unknown, redact: Redact, depth = 0): Json {
  if (typeof value === 'string') return redact(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'boolean') return value
  if (depth > DEEPEST) return null
  if (Array.isArray(value)) return value.map((entry) => redactedJson(entry, redact, depth + 1))
  if (typeof value !== 'object' || value === null) return null
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [redact(key), redactedJson(entry, redact, depth + 1)]),
  )
}
