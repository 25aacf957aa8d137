/** What shows something although it is no text. */
const SHOWN = /<(?:img|picture|svg|iframe|embed|object|video|audio|canvas)\b/i
const HIDDEN = 'style|script|template|title'
const HIDDEN_BEGINS = new RegExp(`<(?:${HIDDEN})\\b[^<>]*>`, 'i')
const HIDDEN_ENDS = new RegExp(`</(?:${HIDDEN})[^<>]*>`, 'i')
const TAGS = /<\/?[a-z!?][^<>]*>/gi
const BLANKS =
  /&(?:nbsp|ensp|emsp|thinsp|zwn?j|shy|zerowidthspace|#0*(?:9|10|13|32|160|173|819[2-9]|820[0-7]|65279)(?!\d)|#x0*(?:9|a|d|20|a0|ad|200[\da-f]|feff)(?![\da-f]));?/gi
/** Blanks, soft hyphens and joiners. */
const NOTHING = /^[\s\u00ad\u200b-\u200f\u2060]*$/u
/** Nearly every text has a letter or a digit behind its first tags. */
const BEGINS_WITH_TEXT = new RegExp(`^(?:\\s*<(?!${HIDDEN})[a-z][^<>]*>)*[^<>&]*[\\p{L}\\p{N}]`, 'iu')

/** A text as it is, HTML or not; null when it shows nothing: no letter or sign, no image, no embedded page. */
export function textOf(html: string | null | undefined): string | null | undefined {
  if (html === null || html === undefined || BEGINS_WITH_TEXT.test(html) || SHOWN.test(html)) return html
  const shown = without(without(html, '<!--', '-->'), HIDDEN_BEGINS, HIDDEN_ENDS)
  return NOTHING.test(shown.replace(TAGS, '').replace(BLANKS, '')) ? null : html
}

/** The text without what stands between two marks, in one pass: a pattern for all of it would try each beginning with each end. */
function without(text: string, begins: string | RegExp, ends: string | RegExp): string {
  const [first = '', ...others] = text.split(begins)
  const kept = others.map((part) => part.split(ends).slice(1).join(''))
  return first + kept.join('')
}
