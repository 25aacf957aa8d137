import { hash } from 'node:crypto'
import {
  asShown,
  inOrder,
  isEmpty,
  isNear,
  isRecord,
  listOf,
  normal,
  normalEntries,
  pick,
  recordOf,
  same,
} from '../values.js'
import { FIELD_KEYS, JOB_KEYS, LOCATION_KEYS, NAMED_LISTS, SERVER_KEYS } from './keys.js'
import { ABOUT, type FormattedJob, type StoredJob } from './schema.js'

// What is written and what is compared, as pure functions. HrFlow's PUT replaces the whole job, so the body is the
// stored job with what the formatted job owns laid over it. Nothing here changes its input; bodies share parts with it.
// A field of the formatted job that is undefined, or an entry whose value is, says nothing: what is stored stays.

/** Names of entries per named list. */
export type Names = Record<string, string[]>

export interface MergeInput {
  stored: StoredJob
  ours: FormattedJob
  board_key: string
  /** Names that this connector wrote before: those that a list of `ours` no longer has are removed. */
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
  const lists = NAMED_LISTS.filter((list) => ours[list] !== undefined)
  const merged = lists.map((list) => [list, mergeList(list, stored[list], ours[list], written_names[list])] as const)
  const location = mergeLocation(stored.location, ours.location, clear_refused)
  // Undefined is not sent. A copy with all its keys at once stays an object that V8 is quick with.
  const body: Record<string, unknown> = { ...stored, board: undefined }
  Object.assign(body, ownScalars(ours), Object.fromEntries(merged), { board_key })
  if (location !== null) body.location = location.location
  const cleared = location?.cleared ?? false
  return { body, names: namesOf(ours, written_names), cleared, changed: cleared || !sameJob(stored, body) }
}

/** The body of a POST, and of a PUT that replaces everything: what a formatted job holds, and what HrFlow demands. */
export function newJob(ours: FormattedJob, board_key: string): Record<string, unknown> {
  const lists = NAMED_LISTS.filter((list) => ours[list] !== undefined)
  return {
    // A job whose name is not said needs one all the same.
    name: 'name' in ours ? ours.reference : null,
    sections: [],
    ...ownScalars(ours),
    ...Object.fromEntries(lists.map((list) => [list, ownEntries(list, ours[list])])),
    location: ownLocation(recordOf(ours.location)),
    board_key,
  }
}

/** The names, per list, of the entries of ours that are stored when `ours` is written over what was written before. */
export function namesOf(ours: FormattedJob, written_names: Names = {}): Names {
  const names = NAMED_LISTS.map((list): [string, string[]] => {
    const written = written_names[list] ?? []
    if (ours[list] === undefined) return [list, written]
    const silent = silentNames(list, ours[list])
    return [list, [...namesIn(ownEntries(list, ours[list])), ...written.filter((name) => silent.has(name))]]
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
  return Object.keys(body).every((key) => {
    const value = body[key]
    if (SERVER_KEYS.has(key) || value === undefined) return true
    if (key === 'location') return sameLocation(recordOf(stored.location), recordOf(value))
    if (NAMED_LISTS.includes(key)) return sameEntries(listOf(stored[key]), listOf(value))
    if (!JOB_KEYS.has(key) && !Object.hasOwn(stored, key)) return true
    return same(stored[key], value, key)
  })
}

/**
 * The part of a job (as stored, or as formatted) that a formatted job owns, in one normal form, so that equal hashes mean that
 * nobody changed it. Null keys of our `location` are not owned: HrFlow geocodes.
 */
export function ownedPart(job: Record<string, unknown>, ours: FormattedJob, written_names: Names = {}): string {
  const keys = Object.keys(ours).filter((key) => !SERVER_KEYS.has(key) && ours[key] !== undefined)
  return inOrder(keys, (key) => {
    if (key === 'location') return normal(ownedLocation(recordOf(job.location), recordOf(ours.location)))
    if (!NAMED_LISTS.includes(key)) return normal(job[key], key)
    const owned = ownedNames(key, ours[key], written_names[key])
    return normalEntries(listOf(job[key]).filter((entry) => isNamed(entry, owned)))
  })
}

/** A hash of an owned part: `v1:` and 64 hexadecimal digits. */
export function hashOf(part: string): string {
  return `v1:${hash('sha256', part)}`
}

const MAIN_KEYS = new Map<string, readonly string[]>(Object.entries(ABOUT))

// Lists -------------------------------------------------------------------------------------------------------------

function mergeList(list: string, stored: unknown, ours: unknown, written: string[] | undefined): unknown[] {
  const theirs = listOf(stored)
  const owned = ownedNames(list, ours, written)
  return [...theirs.filter((entry) => !isNamed(entry, owned)), ...ownEntries(list, ours, theirs)]
}

/** The names of a list that are ours, but for those that ours says nothing of. */
function ownedNames(list: string, ours: unknown, written: string[] = []): Set<string> {
  const names = namesIn(listOf(ours))
  for (const name of written) names.add(name)
  for (const name of silentNames(list, ours)) names.delete(name)
  return names
}

function namesIn(entries: unknown[]): Set<string> {
  const names = new Set<string>()
  for (const entry of entries) {
    const name = nameOf(entry)
    if (name !== undefined) names.add(name)
  }
  return names
}

/** The names of entries of ours that say nothing. Two of one name say what either says. */
function silentNames(list: string, ours: unknown): Set<string> {
  const [silent, said] = [new Set<string>(), new Set<string>()]
  for (const entry of listOf(ours)) {
    const name = nameOf(entry)
    if (name !== undefined && isRecord(entry)) (saysNothing(list, entry) ? silent : said).add(name)
  }
  for (const name of said) silent.delete(name)
  return silent
}

/** Our entries but those that say nothing, or "mine, and absent". What one leaves undefined is taken from the stored one. */
function ownEntries(list: string, ours: unknown, stored: unknown[] = []): unknown[] {
  return listOf(ours).flatMap((entry) => {
    if (!isRecord(entry)) return [entry]
    if (saysNothing(list, entry)) return []
    const whole = filledIn(entry, stored)
    return saysAbsent(list, whole) ? [] : [whole]
  })
}

function filledIn(entry: Record<string, unknown>, stored: unknown[]): Record<string, unknown> {
  const missing = Object.keys(entry).filter((key) => entry[key] === undefined)
  if (missing.length === 0) return entry
  const before = recordOf(stored.find((other) => nameOf(other) === entry.name))
  return { ...entry, ...pick(before, (key) => missing.includes(key)) }
}

/** What an entry of a list is about. */
function mainKeys(list: string): readonly string[] {
  return MAIN_KEYS.get(list) ?? []
}

function saysNothing(list: string, entry: Record<string, unknown>): boolean {
  const keys = mainKeys(list)
  // Of a skill or a language the name alone says something.
  if (keys.length === 0) return 'value' in entry && entry.value === undefined
  return keys.every((key) => entry[key] === undefined)
}

/** Whether an entry of ours says "mine, and absent". */
function saysAbsent(list: string, entry: Record<string, unknown>): boolean {
  const keys = mainKeys(list)
  return keys.length > 0 && keys.every((key) => isEmpty(entry[key]))
}

function nameOf(entry: unknown): string | undefined {
  return isRecord(entry) && typeof entry.name === 'string' ? entry.name : undefined
}

function isNamed(entry: unknown, names: Set<string>): boolean {
  const name = nameOf(entry)
  return name !== undefined && names.has(name)
}

function sameEntries(stored: unknown[], body: unknown[]): boolean {
  if (stored.length === body.length && stored.every((entry, index) => isAlike(entry, body[index]))) return true
  return normalEntries(stored) === normalEntries(asShown(body, stored))
}

/** Whether two entries are equal as they are. */
function isAlike(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
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
  return Object.keys(part).every(
    (key) => isEmpty(part[key]) || isNear(part[key], whole[key]) || same(part[key], whole[key], key),
  )
}

/** The top-level values of ours that are neither a named list nor the location. */
function ownScalars(ours: FormattedJob): Record<string, unknown> {
  const other = (key: string) => SERVER_KEYS.has(key) || NAMED_LISTS.includes(key) || key === 'location'
  return pick(ours, (key, value) => !other(key) && value !== undefined)
}
