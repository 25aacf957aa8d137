import type { HttpFailure } from '../core/errors.js'

/** Limits and timeouts of requests, in milliseconds where named so. */
export interface HttpLimits {
  /** One attempt, from sending to the last byte of the answer. */
  attempt_timeout_ms: number
  /** How often a request is sent at most. */
  max_attempts: number
  /** Backoff before the second attempt; it doubles up to `cap_ms`, with full jitter. */
  base_ms: number
  /** The longest backoff. */
  cap_ms: number
  /** All attempts and the waits between them. Time queued for budget, or told to wait by a 429, is not counted. */
  total_timeout_ms: number
  /** The largest answer that is read. */
  max_body_bytes: number
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  attempt_timeout_ms: 30_000,
  max_attempts: 5,
  base_ms: 250,
  cap_ms: 20_000,
  total_timeout_ms: 120_000,
  max_body_bytes: 32 * 1024 * 1024,
}

/** What a service may ask for at most: anything longer is taken for a mistake. */
const LONGEST_RETRY_AFTER_MS = 3_600_000

/** After another status than 429 and 503 only the request that was answered so waits. */
const LONGEST_UNPACED_MS = 60_000

/**
 * Whether trying again may help. Too large an answer stays too large, and a redirect is not followed. A write that was
 * answered with something unusable may have happened: writers repeat their whole unit, which begins with reading.
 */
export function isRetryable(kind: HttpFailure, status: number | null): boolean {
  switch (kind) {
    case 'network':
    case 'timeout':
    case 'blocked':
    case 'not_json':
    case 'unusable':
    case 'stale':
      return true
    case 'status':
      return status !== null && (status === 408 || status === 425 || status === 429 || status >= 500)
    default:
      return false
  }
}

/** Backoff after failed attempt number `attempt` (1 is the first), with full jitter; `random` is in [0, 1). */
export function backoffMs(attempt: number, limits: Pick<HttpLimits, 'base_ms' | 'cap_ms'>, random: number): number {
  return Math.floor(random * Math.min(limits.cap_ms, limits.base_ms * 2 ** (attempt - 1)))
}

/**
 * `Retry-After` in milliseconds from now, at most an hour: seconds, or an HTTP date, which is read against the answer's
 * own `Date` so that a local clock that is off does not matter. Null when absent or unreadable.
 */
export function retryAfterMs(headers: Record<string, string | undefined>, now: number): number | null {
  const text = headers['retry-after']?.trim() ?? ''
  if (/^\d+$/.test(text)) return bounded(Number(text) * 1000)
  const date = httpDate(text)
  return date === null ? null : bounded(date - (httpDate(headers['date'] ?? '') ?? now))
}

const bounded = (ms: number) => Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS)

/** Only what looks like an HTTP date: Date.parse takes "-5" and "1.5" for years. */
function httpDate(text: string): number | null {
  // The oldest of the three forms has no zone, and is GMT.
  const zoned = /^[a-z]{3} [a-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/i.test(text) ? `${text} GMT` : text
  const at = /^[a-z]{3,9},? .* GMT$/i.test(zoned) ? Date.parse(zoned) : NaN
  return Number.isFinite(at) ? at : null
}

/** What to do after a failed attempt: wait so long and try again, or (null) give up. */
export function nextAttempt(
  failed: {
    attempt: number
    retryable: boolean
    status: number | null
    retry_after_ms: number | null
    spent_ms: number
  },
  limits: HttpLimits,
  /** The pace of the service makes it wait after a 429 by itself. */
  paced429: boolean,
  random: number,
): { wait_ms: number; counted_ms: number } | null {
  if (!failed.retryable || failed.attempt >= limits.max_attempts) return null
  const backoff_ms = backoffMs(failed.attempt, limits, random)
  // The pace of the service waits for `Retry-After` at the same time: the longer of the two counts.
  if (failed.status === 429) return { wait_ms: paced429 ? 0 : backoff_ms, counted_ms: 0 }
  const told_ms = failed.status === 503 ? 0 : Math.min(failed.retry_after_ms ?? 0, LONGEST_UNPACED_MS)
  const wait_ms = Math.max(told_ms, backoff_ms)
  return failed.spent_ms + wait_ms > limits.total_timeout_ms ? null : { wait_ms, counted_ms: wait_ms }
}
