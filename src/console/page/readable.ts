import type { JobView } from '../contract.js'

/** A value of a job, or of anything else that the server passes on. */
export type Value = JobView['sides'][number]['origin']

/** Elements that begin and end a line. */
const BLOCK =
  /^(ADDRESS|ARTICLE|ASIDE|BLOCKQUOTE|DD|DIV|DL|DT|FIGURE|FOOTER|H[1-6]|HEADER|HR|LI|MAIN|OL|P|PRE|SECTION|TABLE|TR|UL)$/
/** Elements of which no reader sees anything. */
const UNSEEN = /^(SCRIPT|STYLE|TEMPLATE|HEAD|NOSCRIPT|IFRAME|OBJECT)$/

/** Tags with their attributes; what quotes leave open is left to the second. */
const WITH_QUOTES = /<(\/?[a-z][a-z0-9-]*)\b(?:"[^"]*"|'[^']*'|[^'">])*>/gi
const WITHOUT_QUOTES = /<(\/?[a-z][a-z0-9-]*)\b[^>]*>/gi

/** Only what holds an element of a text is taken for HTML: a title that holds anything else in brackets is a text as it stands. */
const looksLikeHtml = (text: string) =>
  /<\/(p|div|ul|ol|li|h[1-6]|strong|em|b|i|u|a|span|table|section|blockquote)>|<br\s*\/?>/i.test(text)

/**
 * HTML as text. It is parsed into a document that is never shown, and without attributes: nothing in it runs, nothing is fetched,
 * and the browser has nothing to refuse.
 */
function textOfHtml(html: string): string {
  const bare = html.replace(WITH_QUOTES, '<$1>').replace(WITHOUT_QUOTES, '<$1>')
  const { body } = new DOMParser().parseFromString(bare, 'text/html')
  return linesOf(body)
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function linesOf(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return (node.nodeValue ?? '').replace(/\s+/g, ' ')
  if (node.nodeType !== Node.ELEMENT_NODE || UNSEEN.test(node.nodeName)) return ''
  if (node.nodeName === 'BR') return '\n'
  const inner = [...node.childNodes].map(linesOf).join('')
  if (node.nodeName === 'LI') return `\n• ${inner.trim()}`
  return BLOCK.test(node.nodeName) ? `\n${inner}\n` : inner
}

/** A value as a person reads it: HTML as text, all else as it is. */
export function readable(value: Value): string {
  if (value === null) return ''
  if (typeof value === 'string') return looksLikeHtml(value) ? textOfHtml(value) : value
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)
}

/** Whether what a person reads is not what stands there. */
export const isHtml = (value: Value): boolean => typeof value === 'string' && looksLikeHtml(value)
