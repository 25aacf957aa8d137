import type { JobFilter } from './store.js'

/** A list request as the service reads it; undefined where a value is unreadable, which is answered with 400. */
export function readJobFilter(query: URLSearchParams): JobFilter | undefined {
  const limit = readLimit(query.get('limit'))
  const state = query.get('state') ?? ''
  const ids = { since_id: query.get('since_id') ?? '', max_id: query.get('max_id') ?? '' }
  const moments = { created_after: query.get('created_after') ?? '', updated_after: query.get('updated_after') ?? '' }
  const filter: JobFilter = { limit: limit ?? 0 }
  // Inferred: an unknown state and an unreadable value are malformed requests; an empty value counts as absent.
  if (limit === undefined || (state !== '' && !STATES.has(state))) return undefined
  if (state !== '') filter.state = state
  if (!fill(ids, readId, (key, value) => (filter[key] = value))) return undefined
  if (!fill(moments, readMoment, (key, value) => (filter[key] = value))) return undefined
  return filter
}

const STATES = new Set(['draft', 'published', 'archived', 'closed'])

function fill<K extends string>(
  given: Record<K, string>,
  read: (text: string) => number | undefined,
  set: (key: K, value: number) => void,
): boolean {
  for (const key in given) {
    if (given[key] === '') continue
    const value = read(given[key])
    if (value === undefined) return false
    set(key, value)
  }
  return true
}

/** Docs: default 50, maximum 100. Inferred: a larger one is clamped, one below 1 or not a number is malformed. */
function readLimit(text: string | null): number | undefined {
  if (text === null || text === '') return 50
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0
  return limit < 1 ? undefined : Math.min(limit, 100)
}

function readId(text: string): number | undefined {
  return /^[0-9a-f]{1,13}$/i.test(text) ? Number.parseInt(text, 16) : undefined
}

const ISO = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/

/**
 * Docs: ISO 8601 in basic form (`20150708T115616Z`) and Unix seconds. Third-party code in production sends extended
 * forms, with milliseconds and offsets. Inferred: milliseconds since the epoch are not read.
 */
export function readMoment(text: string): number | undefined {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000
  const parts = ISO.exec(text)
  if (!parts) return undefined
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', offset = 'Z'] = parts
  const zone = offset === 'Z' ? 'Z' : `${offset.slice(0, 3)}:${offset.slice(-2)}`
  const moment = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`)
  return Number.isNaN(moment) ? undefined : moment
}
