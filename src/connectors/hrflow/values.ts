import { stringify } from 'safe-stable-stringify'
import type { Json } from '../../core/ports.js'
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
  const entries = Object.entries(value).map(([name, item]) => [name, normal(item, name)] as const)
  return emptyAsUndefined(Object.fromEntries(entries.filter(([, item]) => item !== undefined)))
}

function normalDate(text: string): string {
  const instant = instantOf(text)
  return instant === null ? text : hrflowDate(instant)
}

/** Named entries in one order. */
export function normalEntries(entries: unknown[]): unknown[] | undefined {
  const known = entries.map((entry) => normal(entry)).filter((entry) => entry !== undefined)
  const keyed = known.map((entry) => ({ entry, key: stringify(entry) }))
  const sorted = keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ entry }) => entry)
  return sorted.length === 0 ? undefined : sorted
}

export function same(a: unknown, b: unknown, key = ''): boolean {
  return stringify(normal(a, key)) === stringify(normal(b, key))
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
