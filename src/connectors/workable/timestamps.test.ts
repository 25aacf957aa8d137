import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTimestamp, timestamp, wireFormat } from './timestamps.js'

const RUNS = { numRuns: 200 }
const WIRE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/
/** The first second that is milliseconds rather than seconds, by a wide margin on both sides. */
const FIRST_OF_5000 = Date.UTC(5000, 0) / 1000

function wire(value: string | number): string {
  const read = readTimestamp(value)
  if (!read.ok) throw new Error(`${String(value)} was refused: ${read.message}`)
  return read.wire
}

function refusal(value: string | number): string {
  const read = readTimestamp(value)
  if (read.ok) throw new Error(`${String(value)} was taken as ${read.wire}`)
  return read.message
}

/** Every form in which a person may write an instant, by a clock `offset` minutes ahead of UTC. */
function writtenForms(seconds: number, offset: number, fraction: string): string[] {
  const local = new Date((seconds + offset * 60) * 1000).toISOString().slice(0, 19)
  const sign = offset < 0 ? '-' : '+'
  const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')
  const minutes = String(Math.abs(offset) % 60).padStart(2, '0')
  const zones = [`${sign}${hours}:${minutes}`, `${sign}${hours}${minutes}`]
  if (minutes === '00') zones.push(`${sign}${hours}`)
  if (offset === 0) zones.push('Z', '')
  const clocks = [local, `${local}.${fraction}`, `${local},${fraction}`]
  if (local.endsWith(':00')) clocks.push(local.slice(0, 16))
  const extended = clocks.flatMap((clock) => zones.map((zone) => `${clock}${zone}`))
  const basic = clocks.flatMap((clock) => zones.map((zone) => `${clock.replace(/[-:]/g, '')}${zone}`))
  const dates =
    offset === 0 && local.endsWith('T00:00:00') ? [local.slice(0, 10), local.slice(0, 10).replace(/-/g, '')] : []
  return [...extended, ...basic, ...dates]
}

describe('readTimestamp', () => {
  it.each([
    ['2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z'],
    ['20261101T000000Z', '2026-11-01T00:00:00Z'],
    ['2026-11-01T12:30Z', '2026-11-01T12:30:00Z'],
    ['20261101T1230Z', '2026-11-01T12:30:00Z'],
    ['  2026-11-01T12:30:00Z\n', '2026-11-01T12:30:00Z'],
  ])('takes extended and basic ISO 8601: %j', (written, expected) => {
    expect(wire(written)).toBe(expected)
  })

  it.each(['2026-11-01', '20261101'])('takes a date alone for midnight UTC: %s', (written) => {
    expect(wire(written)).toBe('2026-11-01T00:00:00Z')
  })

  it.each(['2026-11-01T08:15:30', '20261101T081530'])('takes a time without zone for UTC: %s', (written) => {
    expect(wire(written)).toBe('2026-11-01T08:15:30Z')
  })

  it.each([
    ['2026-11-01T00:30:00+02:00', '2026-10-31T22:30:00Z'],
    ['2026-12-31T23:30:00-0100', '2027-01-01T00:30:00Z'],
    ['20261101T053000+0530', '2026-11-01T00:00:00Z'],
    ['2026-11-01T00:00:00+14', '2026-10-31T10:00:00Z'],
    ['2026-11-01T00:00:00-00:00', '2026-11-01T00:00:00Z'],
  ])('reckons with the offset of %s', (written, expected) => {
    expect(wire(written)).toBe(expected)
  })

  it.each(['2026-11-01T00:00:00+15:00', '2026-11-01T00:00:00+02:60', '2026-11-01T00:00:00-99'])(
    'refuses the zone of %s',
    (written) => {
      expect(refusal(written)).toMatch(/zone/)
    },
  )

  it.each(['2026-11-01T08:15:30.999999Z', '2026-11-01T08:15:30,9', '20261101T081530.5+0000'])(
    'cuts the fraction of %s, never rounds it',
    (written) => {
      expect(wire(written)).toBe('2026-11-01T08:15:30Z')
    },
  )

  it('takes Unix seconds as a number and as text', () => {
    expect(wire(1_793_491_200)).toBe('2026-11-01T00:00:00Z')
    expect(wire('1793491200')).toBe('2026-11-01T00:00:00Z')
    expect(wire(0)).toBe('1970-01-01T00:00:00Z')
    expect(wire('0')).toBe('1970-01-01T00:00:00Z')
  })

  it('takes every number of Unix seconds that can be no date', () => {
    // 3 March 1973; month 99 does not exist, so it cannot have been meant as a date.
    expect(wire(99_999_999)).toBe('1973-03-03T09:46:39Z')
  })

  it.each([1_793_491_200_000, '1793491200000', 978_307_200_000])(
    'recognises milliseconds and refuses them with a hint: %s',
    (value) => {
      expect(refusal(value)).toMatch(/milliseconds.*divide by 1000/)
    },
  )

  it('refuses a date as a number, which would be a moment in 1970, with a hint', () => {
    expect(refusal(20_261_101)).toMatch(/must be text/)
  })

  it.each([
    '2026-02-29',
    '20260229',
    '2100-02-29',
    '2026-02-30T00:00:00Z',
    '2026-04-31',
    '2026-11-00',
    '2026-11-32',
    '2026-13-01',
    '20261301',
    '2026-00-01',
    '0000-01-01',
    '2026-11-01T24:00:00Z',
    '2026-11-01T24:00',
    '20261101T240000Z',
    '2026-11-01T25:00:00Z',
    '2026-11-01T23:60:00Z',
    '2026-11-01T23:59:60Z',
  ])('refuses a day or time that does not exist: %s', (written) => {
    expect(refusal(written)).toMatch(/does not exist/)
  })

  it.each(['2028-02-29', '20280229', '2000-02-29T00:00:00Z'])('takes 29 February of a leap year: %s', (written) => {
    expect(wire(written)).toMatch(/-02-29T00:00:00Z$/)
  })

  it.each([
    '',
    ' ',
    'yesterday',
    '01/11/2026',
    '2026-11',
    '-1',
    '1e9',
    '0x10',
    '2026-1-1',
    '2026-11-01Z',
    '2026-11-01T',
    '2026-11-01T00:00:00Zulu',
    'Sun, 01 Nov 2026 00:00:00 GMT',
    '２０２６-11-01',
  ])('refuses %j and says what was expected', (written) => {
    expect(refusal(written)).toMatch(/ISO 8601.*Unix seconds/)
  })

  it.each([-1, 1.5, NaN, Infinity, -Infinity, 1e300, Number.MAX_SAFE_INTEGER])('refuses the number %s', (value) => {
    expect(readTimestamp(value).ok).toBe(false)
  })

  it('gives the same wire text for an instant in whatever form it is written', () => {
    const instant = fc.oneof(
      fc.integer({ min: 0, max: FIRST_OF_5000 - 1 }),
      fc.integer({ min: 0, max: FIRST_OF_5000 / 86_400 - 1 }).map((day) => day * 86_400),
      fc.integer({ min: 0, max: FIRST_OF_5000 / 60 - 1 }).map((minute) => minute * 60),
    )
    const offset = fc.oneof(fc.constant(0), fc.integer({ min: -14 * 60, max: 14 * 60 }))
    const fraction = fc.stringMatching(/^\d{1,9}$/)
    fc.assert(
      fc.property(instant, offset, fraction, (seconds, minutes, fraction) => {
        const expected = wireFormat(seconds * 1000)
        expect(expected).toMatch(WIRE)
        for (const written of writtenForms(seconds, minutes, fraction))
          expect([written, wire(written)]).toEqual([written, expected])
      }),
      RUNS,
    )
  })

  it('gives the same wire text for Unix seconds as number and text', () => {
    // With eight digits they could be a date.
    fc.assert(
      fc.property(fc.integer({ min: 100_000_000, max: FIRST_OF_5000 }), (seconds) => {
        expect(wire(seconds)).toBe(wireFormat(seconds * 1000))
        expect(wire(String(seconds))).toBe(wireFormat(seconds * 1000))
      }),
      RUNS,
    )
  })

  it('takes exactly the days that exist', () => {
    const part = (max: number, digits: number) =>
      fc.integer({ min: 0, max }).map((value) => String(value).padStart(digits, '0'))
    fc.assert(
      fc.property(fc.integer({ min: 1900, max: 9999 }), part(13, 2), part(32, 2), (year, month, day) => {
        const written = `${year}-${month}-${day}`
        const at = Date.parse(`${written}T00:00:00Z`)
        const exists = Number.isFinite(at) && new Date(at).toISOString().startsWith(written)
        expect(readTimestamp(written).ok).toBe(exists)
        expect(readTimestamp(written.replace(/-/g, '')).ok).toBe(exists)
      }),
      RUNS,
    )
  })

  it('never throws, and what it takes has the form of the wire', () => {
    const digits = fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), maxLength: 400 })
    const likeDate = fc.stringMatching(/^\d{4}-?[01]\d-?[0-3]\d(T[0-2]\d:?[0-5]\d(:?[0-6]\d)?(Z|[+-]\d\d(:?\d\d)?)?)?$/)
    const any = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), digits, likeDate, fc.double(), fc.integer())
    fc.assert(
      fc.property(any, (value) => {
        const read = readTimestamp(value)
        if (read.ok) expect(read.wire).toMatch(WIRE)
        else expect(read.message).not.toBe('')
      }),
      RUNS,
    )
  })

  it.each(['9999-12-31T23:59:59-01:00', '99991231T235959-14'])(
    'sends nothing that is not of the wire form, at the end of the calendar either: %s',
    (written) => {
      const read = readTimestamp(written)
      if (read.ok) expect(read.wire).toMatch(WIRE)
    },
  )
})

describe('timestamp', () => {
  const schema = timestamp('When.')

  it('turns text and numbers into the wire format, and takes null and nothing for none', () => {
    expect(schema.parse('2026-11-01')).toBe('2026-11-01T00:00:00Z')
    expect(schema.parse(1_793_491_200)).toBe('2026-11-01T00:00:00Z')
    expect(schema.parse(null)).toBeNull()
    expect(schema.parse(undefined)).toBeUndefined()
  })

  it('refuses with the reason', () => {
    const messages = (value: unknown) => schema.safeParse(value).error?.issues.map((issue) => issue.message)
    expect(messages(1_793_491_200_000)).toEqual([expect.stringMatching(/milliseconds/)])
    expect(messages('2026-02-29')).toEqual([expect.stringMatching(/does not exist/)])
    expect(messages('')).toEqual([expect.stringMatching(/ISO 8601/)])
  })

  it.each([true, {}, [], 1.5, NaN, 10n, new Date(0)])(
    'refuses what is neither text nor a whole number: %s',
    (value) => {
      expect(schema.safeParse(value).success).toBe(false)
    },
  )

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const parsed = schema.safeParse(value)
        if (parsed.success && typeof parsed.data === 'string') expect(parsed.data).toMatch(WIRE)
      }),
      RUNS,
    )
  })
})
