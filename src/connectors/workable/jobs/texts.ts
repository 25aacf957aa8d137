/** What shows something although it is no text. */
const SHOWN = /<(?:img|picture|svg|iframe|embed|object|video|audio|canvas)\b/i
const HIDDEN = 'style|script|template|title'
const HIDDEN_BEGINS = new RegExp(`<(?:${HIDDEN})\\b[^<>]*>`, 'i')
const HIDDEN_ENDS = new RegExp(`</(?:${HIDDEN})[^<>]*>`, 'i')
const TAGS = /<\/?[a-z!?][^<>]*>/gi
const BLANKS = /&(?:nbsp|ensp|emsp|thinsp|hairsp|numsp|puncsp|zwn?j|shy|lrm|rlm|tab|newline|zerowidthspace|nobreak);?/gi
const NUMBERED = /&#(?:x([\da-f]{1,6})|(\d{1,7}))(?![\da-f]);?/gi

/** Blanks, soft hyphens and joiners. */
const NOTHING = /^[\s\u00ad\u200b-\u200f\u2060]*$/u

/** Nearly every text has a letter or a digit behind its first tags. */
const BEGINS_WITH_TEXT = new RegExp(`^(?:\\s*<(?!${HIDDEN})[a-z][^<>]*>)*[^<>&]*[\\p{L}\\p{N}]`, 'iu')

/** A text as it is, HTML or not; null when it shows nothing: no letter or sign, no image, no embedded page. */
export function textOf(html: string | null | undefined): string | null | undefined {
  if (html === null || html === undefined || BEGINS_WITH_TEXT.test(html) || SHOWN.test(html)) return html
  const shown = without(without(html, '<!--', '-->'), HIDDEN_BEGINS, HIDDEN_ENDS)
  const text = shown.replace(TAGS, '').replace(BLANKS, '').replace(NUMBERED, numbered)
  return NOTHING.test(text) ? null : html
}

/** The text without what stands between two marks, in one pass: a pattern for all of it would try each beginning with each end. */
function without(text: string, begins: string | RegExp, ends: string | RegExp): string {
  const [first = '', ...others] = text.split(begins)
  const kept = others.map((part) => part.split(ends).slice(1).join(''))
  return first + kept.join('')
}

/** The sign of `&#160;` or `&#xa0;`; the text as it is where there is none. */
function numbered(text: string, hexadecimal: string | undefined, decimal: string | undefined): string {
  const point = hexadecimal === undefined ? Number(decimal) : parseInt(hexadecimal, 16)
  return point <= 0x10ffff ? String.fromCodePoint(point) : text
}
