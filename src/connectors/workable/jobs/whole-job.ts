import { isRecord } from '../../../core/kit.js'
import { instantOf } from '../../hrflow/jobs/schema.js'
import { type Fields, VERSION_GRAIN_MS } from '../api.js'
import { amountOf, coordinatesOf, workableJob, type WorkableJob } from './schema.js'

// One job from what the list and the detail say of it. What one of them does not say the other may, and what neither says
// stays undefined: it changes nothing on the board.

/** Documented: the four texts that `include_fields` brings into the list. */
export const TEXTS = ['description', 'full_description', 'requirements', 'benefits'] as const

/** Documented and recorded in the detail only: what a detail request is worth its budget for. */
export const DETAILS = ['employment_type', 'industry', 'function', 'experience', 'education'] as const

/** A job as the list has it. */
export class Entry {
  readonly job: Fields
  /** Whether its page brought any of the texts: then one that is missing is empty (recorded 2016). */
  readonly has_texts: boolean
  #read: WorkableJob | undefined

  constructor(job: Fields, has_texts: boolean) {
    this.job = job
    this.has_texts = has_texts
  }

  /** As far as it could be read: parsed once, and only when it is asked for. */
  get read(): WorkableJob {
    return (this.#read ??= workableJob.parse(this.job))
  }
}

export interface WholeJob {
  item: WorkableJob
  /** Fields that the list or the detail gave in a form that cannot be read: `location`, `salary.salary_from`. */
  unread: string[]
}

/** The list entry with the detail laid over it. Recorded: a job without a salary has no such field, in list and detail. */
export function wholeJob(entry: Entry, detail: Fields): WholeJob {
  const isSilent = !('salary' in entry.job || 'salary' in detail || isStub(detail))
  return laidOver(entry, isSilent ? { ...detail, salary: null } : detail)
}

/** The same where little of the detail is known: what it leaves out says nothing. */
export function laidOver(entry: Entry, detail: Fields): WholeJob {
  const loaded = workableJob.parse(detail)
  return {
    item: laid(entry, detail, loaded),
    unread: [...new Set([...unreadIn(entry.job, entry.read), ...unreadIn(detail, loaded)])],
  }
}

/** The list entry with a detail laid over it, which is given as it came and as it was read. */
export function laid(entry: Entry, detail: Fields, loaded: WorkableJob): WorkableJob {
  const listed = entry.read
  const isSame = isSameMoment(listed.updated_at, loaded.updated_at)
  const item = overlay(listed, loaded, isSame)
  // The list's word is what the next list is compared with.
  if (isSame && listed.updated_at) item['updated_at'] = listed.updated_at
  const brings = bringsText(detail)
  for (const text of TEXTS) {
    if (text in detail || (text in entry.job && (isSame || !brings))) continue
    if (brings || entry.has_texts) item[text] = null
  }
  return item
}

/** Whether a page entry or a detail brings a text, or says of all of them that they are empty. */
export function bringsText(job: Fields): boolean {
  const texts = TEXTS.map((text) => job[text])
  return (
    texts.some((text) => typeof text === 'string' && text !== '') ||
    texts.every((text) => typeof text === 'string' || text === null)
  )
}

/** Seen with proxies and replicas: an answer that has little but the shortcode. */
function isStub(detail: Fields): boolean {
  return DETAILS.every((field) => !(field in detail))
}

/** A detail that does not say when it changed is taken for what was listed. */
function isSameMoment(listed: string | null | undefined, detail: string | null | undefined): boolean {
  const apart = Date.parse(listed ?? '') - Date.parse(detail ?? '')
  return Number.isNaN(Date.parse(detail ?? '')) || Math.abs(apart) < VERSION_GRAIN_MS
}

/** Where both are of one version, null above does not beat a value below. `location` and `salary` are laid key by key. */
function overlay(below: Fields, above: Fields, isSame: boolean): Fields {
  const laid = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const under = below[key]
    if (value === undefined || (value === null && isSame && under !== undefined)) continue
    laid[key] = isRecord(value) && isRecord(under) ? overlay(under, value, isSame) : value
  }
  return laid
}

/** Whether one job says empty, at any depth, where the other has a value. */
export function empties(job: Fields, other: Fields): boolean {
  return Object.entries(job).some(([key, value]) => {
    const there = other[key]
    if (value === null) return there !== null && there !== undefined
    return isRecord(value) && isRecord(there) && empties(value, there)
  })
}

/** The fields of the schema that a job has and that were not read. */
function unreadIn(raw: Fields, read: WorkableJob): string[] {
  const places = Array.isArray(raw['locations']) ? raw['locations'].filter(isRecord) : []
  const isUnread = {
    created_at: typeof read.created_at === 'string' && read.created_at !== '' && instantOf(read.created_at) === null,
    'salary.salary_from': amountOf(read.salary?.salary_from) === undefined && read.salary?.salary_from !== undefined,
    'salary.salary_to': amountOf(read.salary?.salary_to) === undefined && read.salary?.salary_to !== undefined,
    'locations.coords': places.some(({ coords }) => typeof coords === 'string' && coordinatesOf(coords) === undefined),
  }
  const meant = Object.entries(isUnread).flatMap(([path, is]) => (is ? [path] : []))
  const found: string[] = []
  findDifferences(raw, read, [], found)
  return [...found, ...meant]
}

/** What says that there is nothing, whatever is expected. */
function isEmpty(raw: unknown): boolean {
  return raw === '' || (Array.isArray(raw) && raw.length === 0)
}

/** Adds the path to each value that was given and is not what was read. */
function findDifferences(raw: unknown, read: unknown, path: string[], found: string[]): void {
  if (raw === read || raw === null || raw === undefined) return
  if (read === null || read === undefined) {
    if (read !== null || !isEmpty(raw)) found.push(path.join('.'))
  } else if (Array.isArray(raw) && Array.isArray(read)) {
    for (const [at, entry] of raw.entries()) findDifferences(entry, read[at], path, found)
  } else if (isRecord(raw) && isRecord(read)) {
    for (const key of Object.keys(raw))
      if (raw[key] !== read[key]) findDifferences(raw[key], read[key], [...path, key], found)
  }
}
