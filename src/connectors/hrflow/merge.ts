import { createHash } from 'node:crypto'
import { hrflowDate, instantOf, LOCATION_FIELDS, type FormattedJob, type StoredJob } from './schemas.js'

// What is written and what is compared, as pure functions. HrFlow's PUT replaces the whole job, so the body is the
// stored job with what the formatted job owns laid over it. Nothing here changes its input; bodies share parts with it.

/** Never taken from a formatted job, never compared: HrFlow makes them, or the call gives them. */
const SERVER_KEYS = new Set(['id', 'key', 'board', 'board_key', 'archive', 'archived_at', 'updated_at'])

const NAMED_LISTS = [
  'sections',
  'skills',
  'languages',
  'certifications',
  'courses',
  'tasks',
  'interests',
  'tags',
  'metadatas',
  'ranges_float',
  'ranges_date',
]

const TEXTS = [
  'name',
  'url',
  'picture',
  'summary',
  'culture',
  'responsibilities',
  'requirements',
  'benefits',
  'interviews',
]

/** HrFlow drops silently what it does not know, so other keys are compared only where the stored job shows them. */
const JOB_KEYS = new Set(['reference', 'created_at', ...TEXTS])
const ENTRY_KEYS = ['name', 'title', 'description', 'type', 'value', 'value_min', 'value_max', 'unit']
const LOCATION_KEYS = new Set(['text', 'lat', 'lng', 'gmaps', 'fields'])
const FIELD_KEYS = new Set(LOCATION_FIELDS)

const DATE_KEYS = new Set(['created_at', 'updated_at', 'archived_at', 'value_min', 'value_max'])

/** Degrees: about ten centimetres. */
const NEAR = 1e-6

/** Names of entries per named list. */
export type Names = Record<string, string[]>

export interface MergeInput {
  stored: StoredJob
  ours: FormattedJob
  board_key: string
  /** Names that this connector wrote before: those that `ours` no longer has are removed. */
  written_names?: Names | undefined
  /** Whether stored coordinates equal to one of `refused_points` are cleared. False once that was done. */
  clear_refused: boolean
}

export interface MergeResult {
  /** The body of the PUT. */
  body: Record<string, unknown>
  /** The names of ours that the body holds, for the record. */
  names: Names
  /** Whether refused coordinates were cleared. */
  cleared: boolean
  /** Whether the body says anything that the stored job does not: otherwise no PUT is needed. */
  changed: boolean
}

/** Lays a formatted job over the stored one. Merging over its own result changes nothing. */
export function mergeJob(input: MergeInput): MergeResult {
  const { stored, ours, board_key, written_names = {}, clear_refused } = input
  const lists = NAMED_LISTS.filter((list) => ours[list] !== undefined || (written_names[list] ?? []).length > 0)
  const merged = lists.map((list) => [list, mergeList(list, stored[list], ours[list], written_names[list])] as const)
  const location = mergeLocation(stored.location, ours.location, clear_refused)
  const body = {
    ...pick(stored, (key) => key !== 'board'),
    ...ownScalars(ours),
    ...Object.fromEntries(merged),
    ...(location === null ? {} : { location: location.location }),
    board_key,
  }
  const cleared = location?.cleared ?? false
  return { body, names: namesOf(ours), cleared, changed: cleared || !sameJob(stored, body) }
}

/** The body of a POST, and of a PUT that replaces everything: what a formatted job holds, and what HrFlow demands. */
export function newJob(ours: FormattedJob, board_key: string): Record<string, unknown> {
  const lists = NAMED_LISTS.filter((list) => ours[list] !== undefined)
  return {
    name: null,
    sections: [],
    ...ownScalars(ours),
    ...Object.fromEntries(lists.map((list) => [list, ownEntries(list, ours[list])])),
    location: ownLocation(recordOf(ours.location)),
    board_key,
  }
}

/** The names, per list, of the entries that are stored when `ours` is written. */
export function namesOf(ours: FormattedJob): Names {
  const names = NAMED_LISTS.map((list): [string, string[]] => {
    return [list, [...new Set(ownEntries(list, ours[list]).flatMap(entryNames))]]
  })
  return Object.fromEntries(names.filter(([, found]) => found.length > 0))
}

/**
 * Whether a stored job already says all that a body says: null, absent, '' and [] are the same, dates are instants,
 * coordinates are equal to 1e-6 degrees, entries may be in any order, and what HrFlow drops does not count. What the body
 * leaves out or, within `location`, leaves null is HrFlow's to fill. So clearing coordinates cannot be seen here: see
 * `changed` of `mergeJob`.
 */
export function sameJob(stored: unknown, body: unknown): boolean {
  if (!isRecord(stored) || !isRecord(body)) return false
  return Object.entries(body).every(([key, value]) => {
    if (SERVER_KEYS.has(key) || value === undefined) return true
    if (key === 'location') return sameLocation(recordOf(stored.location), recordOf(value))
    if (NAMED_LISTS.includes(key)) return sameEntries(listOf(stored[key]), listOf(value))
    if (!JOB_KEYS.has(key) && !Object.hasOwn(stored, key)) return true
    return same(stored[key], value, key)
  })
}

/**
 * The part of a job (as stored, or as sent) that a formatted job owns, in one normal form, so that equal hashes mean that
 * nobody changed it. Null keys of our `location` are not owned: HrFlow geocodes.
 */
export function ownedPart(
  job: Record<string, unknown>,
  ours: FormattedJob,
  written_names: Names = {},
): Record<string, unknown> {
  const keys = Object.keys(ours).filter((key) => !SERVER_KEYS.has(key) && ours[key] !== undefined)
  const part = [...new Set([...keys, ...NAMED_LISTS.filter((list) => written_names[list] !== undefined)])].map(
    (key) => {
      if (key === 'location')
        return [key, normal(ownedLocation(recordOf(job.location), recordOf(ours.location)))] as const
      if (!NAMED_LISTS.includes(key)) return [key, normal(job[key], key)] as const
      const owned = ownedNames(ours[key], written_names[key])
      return [key, normalEntries(listOf(job[key]).filter((entry) => isNamed(entry, owned)))] as const
    },
  )
  return inOrder(part)
}

/** A hash of an owned part: `v1:` and 64 hexadecimal digits. */
export function hashOf(part: Record<string, unknown>): string {
  return `v1:${createHash('sha256').update(JSON.stringify(part)).digest('hex')}`
}

// Lists -------------------------------------------------------------------------------------------------------------

function mergeList(list: string, stored: unknown, ours: unknown, written: string[] | undefined): unknown[] {
  const owned = ownedNames(ours, written)
  return [...listOf(stored).filter((entry) => !isNamed(entry, owned)), ...ownEntries(list, ours)]
}

function ownedNames(ours: unknown, written: string[] = []): Set<string> {
  return new Set([...listOf(ours).flatMap(entryNames), ...written])
}

/** Our entries but those that say "mine, and absent". */
function ownEntries(list: string, ours: unknown): unknown[] {
  return listOf(ours).filter((entry) => !isRecord(entry) || !saysAbsent(list, entry))
}

/** Whether an entry of ours says "mine, and absent". */
export function saysAbsent(list: string, entry: Record<string, unknown>): boolean {
  switch (list) {
    case 'tags':
    case 'metadatas':
      return isEmpty(entry.value)
    case 'sections':
      return isEmpty(entry.description)
    case 'ranges_float':
    case 'ranges_date':
      return isEmpty(entry.value_min) && isEmpty(entry.value_max)
    default:
      return false
  }
}

function entryNames(entry: unknown): string[] {
  return isRecord(entry) && typeof entry.name === 'string' ? [entry.name] : []
}

function isNamed(entry: unknown, names: Set<string>): boolean {
  return entryNames(entry).some((name) => names.has(name))
}

function sameEntries(stored: unknown[], body: unknown[]): boolean {
  const shown = new Set([...ENTRY_KEYS, ...stored.flatMap((entry) => Object.keys(recordOf(entry)))])
  const known = body.map((entry) => (isRecord(entry) ? pick(entry, (key) => shown.has(key)) : entry))
  return JSON.stringify(normalEntries(stored)) === JSON.stringify(normalEntries(known))
}

// Location ----------------------------------------------------------------------------------------------------------

/** Null: ours says nothing about the place, the stored one stays. */
function mergeLocation(
  stored: unknown,
  given: unknown,
  clear_refused: boolean,
): { location: Record<string, unknown>; cleared: boolean } | null {
  if (!isRecord(given)) return null
  const ours = wholePoint(given)
  const theirs = recordOf(stored)
  // Coordinates and fields of another place are worth nothing for this one.
  if (ours.text !== undefined && !same(theirs.text, ours.text)) return { location: ownLocation(ours), cleared: false }
  const cleared = clear_refused && isRefused(theirs, ours)
  const merged = {
    ...theirs,
    ...(cleared ? { lat: null, lng: null, gmaps: null } : {}),
    ...pick(ours, (key, value) => isOwnLocationKey(key) && !isEmpty(value)),
  }
  const fields = { ...recordOf(theirs.fields), ...filledFields(ours) }
  return {
    location: { text: null, lat: null, lng: null, ...merged, fields },
    cleared,
  }
}

/** Our location alone. HrFlow wants text, lat and lng to be there, if only as null. */
function ownLocation(ours: Record<string, unknown>): Record<string, unknown> {
  const own = pick(wholePoint(ours), (key, value) => isOwnLocationKey(key) && value !== undefined)
  return { text: null, lat: null, lng: null, gmaps: null, ...own, fields: filledFields(ours) }
}

/** Half a point is none: with the other half of theirs it would be a third place. */
function wholePoint(location: Record<string, unknown>): Record<string, unknown> {
  const isWhole = !isEmpty(location.lat) && !isEmpty(location.lng)
  return isWhole ? location : { ...location, lat: null, lng: null }
}

function isOwnLocationKey(key: string): boolean {
  return key !== 'refused_points' && key !== 'fields'
}

function filledFields(location: Record<string, unknown>): Record<string, unknown> {
  return pick(recordOf(location.fields), (_key, value) => !isEmpty(value))
}

function isRefused(stored: Record<string, unknown>, ours: Record<string, unknown>): boolean {
  if (!isEmpty(ours.lat)) return false
  return listOf(ours.refused_points)
    .map(recordOf)
    .some((point) => isNear(stored.lat, point.lat) && isNear(stored.lng, point.lng))
}

function ownedLocation(location: Record<string, unknown>, given: Record<string, unknown>): Record<string, unknown> {
  const ours = wholePoint(given)
  const own = pick(
    location,
    (key) => isOwnLocationKey(key) && (key === 'text' ? ours.text !== undefined : !isEmpty(ours[key])),
  )
  const fields = filledFields(ours)
  return { ...own, fields: pick(recordOf(location.fields), (key) => Object.hasOwn(fields, key)) }
}

function sameLocation(stored: Record<string, unknown>, body: Record<string, unknown>): boolean {
  if (body.text !== undefined && !same(stored.text, body.text)) return false
  const said = pick(body, (key) => isOwnLocationKey(key) && (LOCATION_KEYS.has(key) || Object.hasOwn(stored, key)))
  const theirs = recordOf(stored.fields)
  const fields = pick(filledFields(body), (key) => FIELD_KEYS.has(key) || Object.hasOwn(theirs, key))
  return isIn(said, stored) && isIn(fields, theirs)
}

/** Whether each value that `part` has is the same in `whole`. */
function isIn(part: Record<string, unknown>, whole: Record<string, unknown>): boolean {
  return Object.entries(part).every(
    ([key, value]) => isEmpty(value) || isNear(value, whole[key]) || same(value, whole[key], key),
  )
}

// Values ------------------------------------------------------------------------------------------------------------

/** The top-level values of ours that are neither a named list nor the location. */
function ownScalars(ours: FormattedJob): Record<string, unknown> {
  const other = (key: string) => SERVER_KEYS.has(key) || NAMED_LISTS.includes(key) || key === 'location'
  return pick(ours, (key, value) => !other(key) && value !== undefined)
}

/** One form for all that HrFlow may render in several; undefined for what is empty. `key` is where the value was found. */
function normal(value: unknown, key = ''): unknown {
  if (isEmpty(value)) return undefined
  if (typeof value === 'number' && (key === 'lat' || key === 'lng')) return Math.round(value * 1e6) / 1e6 + 0
  if (typeof value === 'number' && key === 'reference') return String(value)
  if (typeof value === 'string' && DATE_KEYS.has(key)) return normalDate(value)
  if (Array.isArray(value))
    return emptyAsUndefined(value.map((item) => normal(item)).filter((item) => item !== undefined))
  if (!isRecord(value)) return value
  return emptyAsUndefined(inOrder(Object.entries(value).map(([name, item]) => [name, normal(item, name)] as const)))
}

/** Without what is empty, and in one order of keys, so that the same is the same text too. */
function inOrder(entries: (readonly [string, unknown])[]): Record<string, unknown> {
  const filled = entries.filter(([, value]) => value !== undefined)
  return Object.fromEntries(filled.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function normalDate(text: string): string {
  const instant = instantOf(text)
  return instant === null ? text : hrflowDate(instant)
}

/** Named entries in one order. */
function normalEntries(entries: unknown[]): unknown[] | undefined {
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

function same(a: unknown, b: unknown, key = ''): boolean {
  return a === b || JSON.stringify(normal(a, key)) === JSON.stringify(normal(b, key))
}

function isNear(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= NEAR
}

function emptyAsUndefined(value: unknown): unknown {
  return isEmpty(value) ? undefined : value
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function pick(
  value: Record<string, unknown>,
  wanted: (key: string, item: unknown) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key, item]) => wanted(key, item)))
}
