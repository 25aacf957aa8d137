// How many columns of a terminal a text takes: wide characters two, marks that combine none.

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** East Asian wide and full-width characters (Unicode, UAX 11), in ranges of whole blocks. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f/u
const EMPTY = /^[\p{Mn}\p{Me}\p{Cf}\u200b]*$/u

function widthOfSign(sign: string): number {
  if (EMPTY.test(sign)) return 0
  return WIDE.test(sign) || EMOJI.test(sign) ? 2 : 1
}

/** Columns that a text takes. */
export function columnsOf(text: string): number {
  // The common case needs no look at each sign.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += widthOfSign(segment)
  return columns
}

/** The text and as many blanks as fill the columns. */
export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

/** The beginning of a text that fits the columns, with a mark where something is cut. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  return `${headOf(text, columns - 1)}…`
}

/** Lines of at most so many columns, broken at blanks, and within a word that is too long for one. */
export function linesOf(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.trim().split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (columnsOf(longer) <= columns) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (columnsOf(line) > columns) {
      const head = headOf(line, columns)
      lines.push(head)
      line = line.slice(head.length)
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

/** At least one sign, so that whoever cuts again and again comes to an end. */
export function headOf(text: string, columns: number): string {
  let used = 0
  let head = ''
  for (const { segment } of graphemes.segment(text)) {
    used += widthOfSign(segment)
    if (used > columns && head !== '') break
    head += segment
  }
  return head
}
