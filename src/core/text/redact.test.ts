import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactor } from './redact.js'

const RUNS = { numRuns: 300 }

/** Any text of at least four characters, but for lone surrogates (no URL can hold them) and stars (the mark of a redaction). */
const secret = fc
  .oneof(
    fc.string({ minLength: 4, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 4, maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...Array.from('ab%"\\\n\t +/&=?.*$^(){}[]|é€😀')), minLength: 4, maxLength: 12 }),
  )
  .filter((text) => text.length >= 4 && !text.includes('*'))
const around = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', ' ', '"', '?key=', '\\'))

const forms: Record<string, (text: string) => string> = {
  raw: (text) => text,
  'URL-encoded': encodeURIComponent,
  'URL-encoded as a whole': encodeURI,
  'form-encoded': (text) => new URLSearchParams({ s: text }).toString().slice(2),
  'URL-encoded in lower case': (text) => encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase()),
  'URL-encoded as Python and PHP do': (text) =>
    encodeURIComponent(text).replace(/[!'()]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
  'JSON-escaped': (text) => JSON.stringify(text).slice(1, -1),
}

describe('redactor', () => {
  it.each(Object.entries(forms))('leaves nothing of a secret that is %s, whatever is around it', (_, form) => {
    fc.assert(
      fc.property(secret, around, around, (secret, before, after) => {
        const redacted = redactor([secret])(`${before}${form(secret)}${after}`)
        expect(redacted).not.toContain(secret)
        expect(redacted).not.toContain(form(secret))
        expect(redacted).toContain('***')
      }),
      RUNS,
    )
  })

  it('leaves nothing of any of several secrets, though one may be a part of another', () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), around, (secrets, between) => {
        const all = [...secrets, ...secrets.map((text) => `${text}-long`)]
        const redact = redactor(all)
        for (const [name, form] of Object.entries(forms)) {
          const redacted = redact(all.map(form).join(between))
          for (const text of all) expect([name, redacted.includes(text)]).toEqual([name, false])
        }
      }),
    )
  })

  it('replaces the longest, so that no end of a secret remains', () => {
    for (const secrets of [
      ['abcd', 'abcd-long'],
      ['abcd-long', 'abcd'],
    ]) {
      expect(redactor(secrets)('x abcd-long y')).toBe('x *** y')
    }
  })

  it('leaves nothing of a secret of any kind in a JSON document', () => {
    fc.assert(
      fc.property(secret, (secret) => {
        const redacted = redactor([secret])(
          JSON.stringify({ message: `Bad key ${secret}!`, url: `/x?${encodeURIComponent(secret)}` }),
        )
        expect(redacted).not.toContain(secret)
        expect(redacted).not.toContain(JSON.stringify(secret).slice(1, -1))
      }),
      RUNS,
    )
  })

  it.each([
    ['****', 'key: *****'],
    ['a***', 'key: aa***'],
    ['***z', 'key: ***zz'],
  ])('leaves nothing of a secret that looks like its own mark: %s in %s', (secret, text) => {
    expect(redactor([secret])(text)).not.toContain(secret)
  })

  it('redacts what no URL can hold', () => {
    const lone = 'key\ud800key'
    expect(redactor([lone])(`a ${lone} b`)).toBe('a *** b')
  })

  it('redacts a secret in another case: a host is written in lower case', () => {
    expect(redactor(['AbCd1234'])('https://abcd1234.example')).toBe('https://***.example')
  })

  it('replaces every place', () => {
    expect(redactor(['hunter22'])('hunter22 and hunter22')).toBe('*** and ***')
  })

  it('leaves text without a secret as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('abc %*$')), maxLength: 60 }), (text) => {
        expect(redactor(['0123456789', 'zzzz'])(text)).toBe(text)
        expect(redactor([])(text)).toBe(text)
      }),
    )
  })

  it('leaves values of less than four characters alone: they would tear words apart', () => {
    expect(redactor(['', 'a', 'err'])('an error')).toBe('an error')
  })
})
