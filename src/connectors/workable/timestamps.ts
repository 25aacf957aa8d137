import { z } from 'zod'

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/
const BASIC = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(?:(\d{2})(?:[.,]\d+)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/

const FORMS = 'ISO 8601 (2026-11-01T00:00:00Z, 20261101T000000Z, 2026-11-01) or Unix seconds'
/** What the wire form can say, and what can be meant. */
const EARLIEST = Date.UTC(1900, 0, 1)
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59)
/** From here on a number of seconds would lie beyond the year 5000: it is milliseconds. */
const MILLISECONDS_FROM = 100_000_000_000

export type Timestamp = { ok: true; wire: string } | { ok: false; message: string }

/**
 * Reads a moment as a person writes it; `wire` is how it is sent: `YYYY-MM-DDTHH:MM:SSZ`. A date alone is midnight UTC, a
 * time without zone is UTC, fractions are cut. Workable documents ISO 8601 and Unix seconds, nothing of milliseconds.
 */
export function readTimestamp(value: string | number): Timestamp {
  const text = typeof value === 'string' ? value.trim() : String(value)
  const written = DATE_TIME.exec(text) ?? (typeof value === 'string' ? BASIC.exec(text) : null)
  if (written) return fromParts(written)
  if (!/^\d+$/.test(text)) return { ok: false, message: `expected ${FORMS}` }
  return fromSeconds(text)
}

function fromSeconds(text: string): Timestamp {
  if (Number(text) >= MILLISECONDS_FROM) {
    return { ok: false, message: 'expected Unix seconds, this looks like milliseconds: divide by 1000' }
  }
  // As Unix seconds both would lie in 1970 and let everything through.
  if (/^(19|20)\d\d(0[1-9]|1[0-2])?$/.test(text)) return { ok: false, message: 'expected a whole date: 2026-01-31' }
  const digits = BASIC.exec(text)
  if (digits && fromParts(digits).ok) return { ok: false, message: 'a date must be text: "20261101"' }
  return { ok: true, wire: wireFormat(Number(text) * 1000) }
}

function fromParts(parts: RegExpExecArray): Timestamp {
  const [year, month, day, hour, minute, second] = parts
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0))
  if (year === undefined || month === undefined || day === undefined) return { ok: false, message: `expected ${FORMS}` }
  const clock = { hour: hour ?? 0, minute: minute ?? 0, second: second ?? 0 }
  const at = Date.UTC(year, month - 1, day, clock.hour, clock.minute, clock.second)
  const date = new Date(at)
  const exists =
    year >= 1900 && date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!exists || clock.hour > 23 || clock.minute > 59 || clock.second > 59) {
    return { ok: false, message: 'this day or time does not exist' }
  }
  const offset = offsetMinutes(parts[7])
  if (offset === null) return { ok: false, message: 'this time zone does not exist' }
  const instant = at - offset * 60_000
  if (instant < EARLIEST || instant > LATEST) return { ok: false, message: 'this day is out of range' }
  return { ok: true, wire: wireFormat(instant) }
}

function offsetMinutes(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z') return 0
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2))]
  if (hours > 14 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** `YYYY-MM-DDTHH:MM:SSZ`. */
export function wireFormat(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

/** A moment as a parameter: text or number in, wire format out. */
export function timestamp(description: string) {
  return z
    .union([z.string(), z.int()])
    .transform((value, context) => {
      const read = readTimestamp(value)
      if (read.ok) return read.wire
      context.issues.push({ code: 'custom', message: read.message, input: value })
      return z.NEVER
    })
    .pipe(z.string())
    .nullish()
    .describe(description)
}
