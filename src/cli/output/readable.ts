import type { Json } from '../../core/text/json.js'
import { htmlToText } from '../../html-to-text.js'
import { printable } from '../terminal.js'

/** Tags that texts of jobs are made of. Angle brackets alone are not HTML: titles have them too. */
const HTML =
  /<\/?(?:p|br|ul|ol|li|div|span|h[1-6]|strong|em|b|i|u|a|table|tr|td|th|tbody|thead|img|script|style|blockquote|pre|code|hr|font|section|article)\b[^>]*>/i

/** A value as one line that a terminal can show: HTML as its text, without control characters. */
export function readable(value: Json): string {
  if (value === null) return 'none'
  if (typeof value === 'string')
    return printable(HTML.test(value) ? htmlToText(value).replace(/\s+/g, ' ') : value).trim()
  if (Array.isArray(value)) return value.map(readable).join('; ')
  if (typeof value !== 'object') return String(value)
  const said = Object.entries(value).map(([key, part]) => `${printable(key)}: ${readable(part)}`)
  return said.length === 0 ? 'there, without a value' : said.join(', ')
}

/** Two texts without what they have in common: the part that differs, and a little of what stands around it. */
export interface Difference {
  before: string
  from: string
  to: string
  after: string
}

/** Words to show around what differs. */
const AROUND = 4

/** Where two texts differ: by words, from the first that does to the last. */
export function differenceOf(from: string, to: string): Difference {
  const [old, now] = [from.split(' '), to.split(' ')]
  const shorter = Math.min(old.length, now.length)
  let head = 0
  while (head < shorter && old[head] === now[head]) head += 1
  let tail = 0
  while (tail < shorter - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1
  const [first, last] = [Math.max(0, head - AROUND), Math.min(tail, AROUND)]
  const before = old.slice(first, head)
  const after = tail === 0 ? [] : old.slice(old.length - tail, old.length - tail + last)
  return {
    before: [...(first > 0 ? ['…'] : []), ...before].join(' '),
    from: old.slice(head, old.length - tail).join(' '),
    to: now.slice(head, now.length - tail).join(' '),
    after: [...after, ...(tail > last ? ['…'] : [])].join(' '),
  }
}
