import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differenceOf, readable } from './readable.js'

describe('a value on one line', () => {
  it.each([
    [null, 'none'],
    ['<p>One</p><ul><li>two</li><li>three &amp; four</li></ul>', 'One - two - three & four'],
    ['<h1>Title</h1><script>alert(1)</script>', 'Title'],
    ['Backend (C++) <Routing> & more', 'Backend (C++) <Routing> & more'],
    [3, '3'],
    [false, 'false'],
    [{ value_min: 1, unit: 'EUR' }, 'value_min: 1, unit: EUR'],
    [{}, 'there, without a value'],
    [['a', null], 'a; none'],
    ['a\nb\tc', 'a b c'],
  ])('%j is %s', (value, expected) => expect(readable(value)).toBe(expected))

  it('holds no control character, also where HTML hides it', () => {
    for (const text of ['a\u001b[2Jb', '<p>a&#27;[2Jb&#x9b;c</p>', { 'k\u001bey': '\u0007' }])
      expect(readable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })

  it('bears HTML of any depth', () => {
    expect(readable(`${'<div>'.repeat(50_000)}deep`)).toBeTypeOf('string')
  })
})

describe('the difference of two texts', () => {
  it('is what lies between their beginnings and ends, with a little around it', () => {
    const text = (word: string) => `one two three four five six ${word} seven eight nine ten eleven`
    expect(differenceOf(text('old'), text('brand new'))).toEqual({
      before: '… three four five six',
      from: 'old',
      to: 'brand new',
      after: 'seven eight nine ten …',
    })
    expect(differenceOf('a b', 'a b c')).toEqual({ before: 'a b', from: '', to: 'c', after: '' })
  })

  it('leaves nothing out of what differs', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 }).map((list) => list.join(' '))
    fc.assert(
      fc.property(words, words, (from, to) => {
        const { before, from: old, to: now, after } = differenceOf(from, to)
        const around = (part: string) => [before, part, after].join(' ').replaceAll('…', '').replace(/\s+/g, ' ').trim()
        expect(from).toContain(around(old))
        expect(to).toContain(around(now))
        if (from === to) expect([old, now]).toEqual(['', ''])
        else expect(old).not.toBe(now)
      }),
    )
  })
})
