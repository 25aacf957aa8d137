import { describe, expect, it } from 'vitest'
import { columnsOf, cutTo, linesOf, padTo } from './width.js'

describe('columns of a terminal', () => {
  it.each([
    ['plain', 5],
    ['東京', 4],
    ['（ア）', 6],
    ['é', 1],
    ['e\u0301', 1],
    ['👩‍💻', 2],
    ['🇫🇷', 2],
    ['한국', 4],
    ['a\u200bb', 2],
    ['', 0],
  ])('%s takes %i', (text, columns) => expect(columnsOf(text)).toBe(columns))

  it('are filled and cut by width, never in the middle of a sign', () => {
    expect(padTo('東', 4)).toBe('東  ')
    expect(padTo('long', 2)).toBe('long')
    expect(cutTo('東京都庁', 5)).toBe('東京…')
    expect(cutTo('short', 5)).toBe('short')
    expect(cutTo('👩‍💻👩‍💻', 3)).toBe('👩‍💻…')
  })

  it('hold lines that break at blanks, and within what has none', () => {
    expect(linesOf('one two three', 7)).toEqual(['one two', 'three'])
    expect(linesOf('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij'])
    expect(linesOf('東京都庁', 4)).toEqual(['東京', '都庁'])
    expect(linesOf('東', 1)).toEqual(['東'])
    expect(linesOf('', 10)).toEqual([''])
  })
})
