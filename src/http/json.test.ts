import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExactJson } from './json.js'

const back = (text: string) => {
  const json = new ExactJson()
  return json.stringify(json.parse(text))
}

describe('ExactJson', () => {
  const number = fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/)

  it('gives every number back digit by digit', () => {
    fc.assert(
      fc.property(number, number, fc.constantFrom('', ' ', '\n  '), (a, b, blank) => {
        const text = `{"a":${blank}[${blank}${a},${blank}{"b":${blank}${b}}],"c":${a}}`
        expect(back(text)).toBe(text.replaceAll(blank === '' ? '\0' : blank, ''))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each(['0.0000001', '-0.0000012', '0.00000123456', '-0', '-0.0', '1E400', '100000000000000000000000'])(
    'also %s, which JavaScript writes otherwise',
    (digits) => {
      expect(back(`{"a":${digits},"b":[${digits}]}`)).toBe(`{"a":${digits},"b":[${digits}]}`)
    },
  )

  it('reads and writes everything else as JSON does, also beside such a number', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('1', '1.0'), (text, odd) => {
        const json = new ExactJson()
        json.parse(`[${odd}]`)
        const plain: unknown = JSON.parse(text)
        expect(json.stringify(json.parse(text))).toBe(JSON.stringify(plain))
      }),
    )
    expect(back('{"a":1.0,"__proto__":{"b":1},"a":2,"text":", 1.0"}')).toBe(
      '{"a":2,"__proto__":{"b":1},"text":", 1.0"}',
    )
    const json = new ExactJson()
    json.parse('[1.0]')
    expect(json.stringify({ a: undefined, b: [undefined], c: new Date(0) })).toBe(
      JSON.stringify({ a: undefined, b: [undefined], c: new Date(0) }),
    )
  })

  it('throws where it is no JSON, also where that has such a number', () => {
    for (const text of ['', '{', '{"a":1.0', '[1.0,]', '{"a":01.0}', '[1e]', '<html>'])
      expect(() => back(text)).toThrow()
  })
})
