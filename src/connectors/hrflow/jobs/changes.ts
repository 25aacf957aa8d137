import type { Change, Comparison, Json } from '../../../core/kit.js'
import { asShown, isEmpty, isNear, isRecord, listOf, normalEntries, recordOf, same, toJson } from '../values.js'
import { FIELD_KEYS, JOB_KEYS, LOCATION_KEYS, NAMED_LISTS, SERVER_KEYS } from './keys.js'

type Fields = Record<string, unknown>

/** Nothing would be sent. */
export const UNCHANGED: Comparison = { outcome: 'unchanged', changes: [] }

/**
 * What a PUT or POST of `body` changes in the stored job, part by part. Entries of named lists are told by their names, one
 * that goes as `to: null`. What HrFlow drops or makes itself is left out, and so is what only looks different.
 */
export function changesOf(stored: Fields, body: Fields): Change[] {
  return Object.entries(body).flatMap(([key, value]) => {
    if (SERVER_KEYS.has(key) || value === undefined) return []
    if (key === 'location') return locationChanges(recordOf(stored[key]), recordOf(value))
    if (NAMED_LISTS.includes(key)) return listChanges(key, listOf(stored[key]), listOf(value))
    return JOB_KEYS.has(key) || Object.hasOwn(stored, key) ? change(key, stored[key], value, key) : []
  })
}

function change(path: string, from: unknown, to: unknown, key: string): Change[] {
  if (same(from, to, key) || ((key === 'lat' || key === 'lng') && isNear(from, to))) return []
  return [{ path, from: toJson(from), to: toJson(to) }]
}

function locationChanges(stored: Fields, body: Fields): Change[] {
  const parts = (from: Fields, to: Fields, known: ReadonlySet<string>, path: string) =>
    keysOf(from, to)
      .filter((key) => key !== 'fields' && (known.has(key) || Object.hasOwn(from, key)))
      .flatMap((key) => change(`${path}.${key}`, from[key], to[key], key))
  return [
    ...parts(stored, body, LOCATION_KEYS, 'location'),
    ...parts(recordOf(stored.fields), recordOf(body.fields), FIELD_KEYS, 'location.fields'),
  ]
}

function listChanges(list: string, stored: unknown[], body: unknown[]): Change[] {
  const [before, after] = [byName(stored), byName(asShown(body, stored))]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [from, to] = [before.get(name) ?? [], after.get(name) ?? []]
    if (normalEntries(from) === normalEntries(to)) return []
    const path = name === '' ? list : `${list}.${name}`
    const main = list === 'sections' ? 'description' : 'value'
    return isAboutMain(from, to, main)
      ? [{ path, from: toJson(recordOf(from[0])[main]), to: toJson(recordOf(to[0])[main]) }]
      : [{ path, from: wholeEntries(from), to: wholeEntries(to) }]
  })
}

/** Entries by their name; those without one under ''. */
function byName(entries: unknown[]): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>()
  for (const entry of entries) {
    const { name } = recordOf(entry)
    const key = typeof name === 'string' ? name : ''
    found.set(key, [...(found.get(key) ?? []), entry])
  }
  return found
}

/** Whether the value, or text, of one entry is all that differs, so that it can stand for the entry. */
function isAboutMain(from: unknown[], to: unknown[], main: string): boolean {
  if (from.length > 1 || to.length > 1) return false
  const [before, after] = [recordOf(from[0]), recordOf(to[0])]
  const isFilled = [...from, ...to].every((entry) => !isEmpty(recordOf(entry)[main]))
  // The title of a section that comes or goes says nothing where it is the name.
  const [only, other] = [...from, ...to].map(recordOf)
  const isEcho = (key: string) => key === 'title' && other === undefined && only?.['title'] === only?.['name']
  return (
    isFilled &&
    keysOf(before, after).every((key) => key === 'name' || key === main || same(before[key], after[key]) || isEcho(key))
  )
}

/** All that entries of one name say besides it; null when there is none. */
function wholeEntries(entries: unknown[]): Json {
  const said = entries.map((entry) => (isRecord(entry) ? rest(entry) : toJson(entry)))
  return said.length > 1 ? said : (said[0] ?? null)
}

function rest(entry: Fields): Json {
  const { name, ...others } = entry
  const kept = typeof name === 'string' ? others : entry
  return Object.fromEntries(
    Object.entries(kept).flatMap(([key, value]) => (isEmpty(value) ? [] : [[key, toJson(value)]])),
  )
}

function keysOf(...records: Fields[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))]
}
