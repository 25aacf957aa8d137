import type { Json } from '../../core/ports.js'
import { ENTRY_KEYS } from './job-keys.js'
import { hrflowDate, instantOf } from './schemas.js'

// Values of jobs as HrFlow may render them, and when two of them say the same.

const DATE_KEYS = new Set(['created_at', 'updated_at', 'archived_at', 'value_min', 'value_max'])

/** Degrees: about ten centimetres. */
const NEAR = 1e-6

/** One form for all that HrFlow may render in several; undefined for what is empty. `key` is where the value was found. */
export function normal(value: unknown, key = ''): unknown {
  if (isEmpty(value)) return undefined
  if (typeof value === 'number' && (key === 'lat' || key === 'lng')) return Math.round(value * 1e6) / 1e6 + 0
  if (typeof value === 'number' && key === 'reference') return String(value)
  if (typeof value === 'string' && DATE_KEYS.has(key)) return normalDate(value)
  if (Array.isArray(value))
    return emptyAsUndefined(value.map((item) => normal(item)).filter((item) => item !== undefined))
  if (!isRecord(value)) return value
  return emptyAsUndefined(inOrder(Object.keys(value), (name) => normal(value[name], name)))
}

/** What `valueOf` finds by its keys, without what is undefined, in one order, so that the same is the same text too. */
export function inOrder(keys: string[], valueOf: (key: string) => unknown): Record<string, unknown> {
  // Without a prototype `__proto__` is a key like any other.
  const found: Record<string, unknown> = { __proto__: null }
  for (const key of keys.sort()) {
    const value = valueOf(key)
    if (value !== undefined) found[key] = value
  }
  return found
}

function normalDate(text: string): string {
  const instant = instantOf(text)
  return instant === null ? text : hrflowDate(instant)
}

/** Entries without the keys that HrFlow would drop: those that it neither documents nor shows. */
export function asShown(entries: unknown[], stored: unknown[]): unknown[] {
  const shown = new Set([...ENTRY_KEYS, ...stored.flatMap((entry) => Object.keys(recordOf(entry)))])
  return entries.map((entry) => (isRecord(entry) ? pick(entry, (key) => shown.has(key)) : entry))
}

/** Named entries in one order. */
export function normalEntries(entries: unknown[]): unknown[] | undefined {
  const known = entries.map((entry) => normal(entry)).filter((entry) => entry !== undefined)
  return known.length === 0 ? undefined : known.sort(byName)
}

/** By the rest too only where the names are equal: texts are long. */
function byName(a: unknown, b: unknown): number {
  const [left, right] = [nameOf(a), nameOf(b)]
  if (left !== right) return left < right ? -1 : 1
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

function nameOf(entry: unknown): string {
  return isRecord(entry) && typeof entry.name === 'string' ? entry.name : ''
}

export function same(a: unknown, b: unknown, key = ''): boolean {
  return a === b || JSON.stringify(normal(a, key)) === JSON.stringify(normal(b, key))
}

export function isNear(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= NEAR
}

function emptyAsUndefined(value: unknown): unknown {
  return isEmpty(value) ? undefined : value
}

export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function pick(
  value: Record<string, unknown>,
  wanted: (key: string, item: unknown) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key, item]) => wanted(key, item)))
}

/** As JSON would have it; null for what is empty. */
export function toJson(value: unknown): Json {
  if (isEmpty(value)) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(toJson)
  return Object.fromEntries(Object.entries(recordOf(value)).map(([key, item]) => [key, toJson(item)]))
}
