import type { HttpFailure } from '../core/errors.js'
import type { RequestEvent } from '../core/ports/events.js'
import type { Pace } from '../core/ports/http.js'
import { TooLargeError, UnpackError } from './exchange.js'

/** An answer, as far as it could be read. */
export interface Received {
  status: number
  headers: Record<string, string | undefined>
  /** Undefined when it is not JSON. */
  body: unknown
  /** Something was said, and it is not even the beginning of an object or a list of JSON: a web page, a sentence. */
  isText: boolean
}

/** No answer came in time. */
export class TimeoutError extends Error {}

/**
 * Whether something in between answered in place of the service: a challenge, a login page, a firewall. Workable and HrFlow
 * speak JSON also where they refuse (recorded), whatever media type is said. Of a service that fails a proxy may tell: that
 * is an ordinary 5xx, but for 511, the word of a network that wants a login.
 */
export function isForeign({ status, headers, body, isText }: Received): boolean {
  if (status === 407 || status === 511) return true
  if (status >= 500 || status === 408 || status === 425 || status === 429) return false
  return isText || (status >= 400 && body === undefined && /^text\/html/i.test(headers['content-type'] ?? ''))
}

const BEGINS_AS_JSON = /^\s*(?:$|\{\s*(?:["}]|$)|\[\s*(?:["{[\]]|-?\d|true|false|null|$))/

/** See `isText` of `Received`. */
export function isSentence(text: string, body: unknown): boolean {
  return (body === undefined || typeof body === 'string') && !BEGINS_AS_JSON.test(text)
}

/**
 * A firewall may not like what a record says: such a write is left to a later run. A page with 200 (maintenance, a login)
 * says nothing of the record: the writer repeats its unit, which begins with reading.
 */
export function isRefusedWrite(kind: HttpFailure, status: number | null, method: string): boolean {
  return kind === 'blocked' && method !== 'GET' && (status ?? 0) >= 400
}

/** The status by which a proxy refused to make a connection; undici says it in a sentence alone. */
export function refusedByProxy(cause: unknown): number | null {
  const [, status] = (cause instanceof Error && /^Proxy response \((\d{3})\)/.exec(cause.message)) || []
  return status === undefined ? null : Number(status)
}

/** What kept an answer from coming. */
export function failureKind(cause: unknown): HttpFailure {
  if (cause instanceof TimeoutError) return 'timeout'
  if (cause instanceof UnpackError) return 'not_json'
  if (cause instanceof TooLargeError) return 'too_large'
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return code.includes('TIMEOUT') ? 'timeout' : 'network'
}

/** What an answer says of the budget. */
export function budgetOf(headers: Received['headers'], pace: Pace): RequestEvent['budget'] {
  if (pace.kind !== 'slots') return null
  const { spare, slot_ms, headers: names } = pace
  const [limit, remaining] = [Number(headers[names.limit]), Number(headers[names.remaining])]
  return Number.isInteger(limit) && Number.isInteger(remaining) ? { limit, remaining, spare, slot_ms } : null
}
