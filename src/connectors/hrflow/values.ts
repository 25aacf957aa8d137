import { LosslessNumber } from 'lossless-json'
import { isRecord as isMap, type Json } from '../../core/kit.js'
import { ENTRY_KEYS } from './jobs/keys.js'
import { hrflowDate, instantOf } from './jobs/schema.js'

// Values of jobs as HrFlow may render them, and when two of them say the same.

const DATE_KEYS = new Set(['created_at', 'updated_at', 'archived_at', 'value_min', 'value_max'])

/** Degrees: about ten centimetres. */
const NEAR = 1e-6

/**
 * One text for all that HrFlow may render in several ways; '' for what is empty. `key` is where the value was found. Like
 * JSON, but that texts are told by their length: looking through long ones for what must be escaped takes longest.
 */
export function normal(value: unknown, key = ''): string {
  if (isEmpty(value)) return ''
  const number = numberOf(value)
  if (number !== null && (key === 'lat' || key === 'lng')) return String(Math.round(number * 1e6) / 1e6 + 0)
  if (number !== null && key === 'reference') return quoted(String(value))
  if (number !== null) return String(number + 0)
  if (typeof value === 'string') return quoted(DATE_KEYS.has(key) ? normalDate(value) : value)
  if (Array.isArray(value)) return listText(value.map((item) => normal(item)))
  return isRecord(value) ? inOrder(Object.keys(value), (name) => normal(value[name], name)) : String(value)
}

/** What `textOf` finds by its keys, without what is empty, in one order. */
export function inOrder(keys: string[], textOf: (key: string) => string): string {
  let members = ''
  for (const key of keys.sort()) {
    const text = textOf(key)
    if (text !== '') members += `${quoted(key)}${text},`
  }
  return members === '' ? '' : `{${members}}`
}

function listText(texts: string[]): string {
  let items = ''
  for (const text of texts) if (text !== '') items += `${text},`
  return items === '' ? '' : `[${items}]`
}

function quoted(text: string): string {
  return `"${text.length}:${text}`
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
export function normalEntries(entries: unknown[]): string {
  return listText(entries.map((entry) => normal(entry)).sort())
}

export function same(a: unknown, b: unknown, key = ''): boolean {
  return a === b || normal(a, key) === normal(b, key)
}

export function isNear(a: unknown, b: unknown): boolean {
  const [one, other] = [numberOf(a), numberOf(b)]
  return one !== null && other !== null && Math.abs(one - other) <= NEAR
}

/** A number, also one that is kept digit by digit; null for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  return value instanceof LosslessNumber ? Number(value.value) : null
}

export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return isMap(value) && !(value instanceof LosslessNumber)
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
  if (typeof value === 'string' || typeof value === 'boolean') return value
  const number = numberOf(value)
  if (number !== null) return number
  if (Array.isArray(value)) return value.map(toJson)
  return Object.fromEntries(Object.entries(recordOf(value)).map(([key, item]) => [key, toJson(item)]))
}
