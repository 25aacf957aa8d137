import type { JobView } from '../contract.js'

/** A value of a job, or of anything else that the server passes on. */
export type Value = JobView['sides'][number]['origin']

/** Elements that begin and end a line. */
const BLOCK =
  /^(ADDRESS|ARTICLE|ASIDE|BLOCKQUOTE|DD|DIV|DL|DT|FIGURE|FOOTER|H[1-6]|HEADER|HR|LI|MAIN|OL|P|PRE|SECTION|TABLE|TR|UL)$/
/** Elements of which no reader sees anything. */
const UNSEEN = /^(SCRIPT|STYLE|TEMPLATE|HEAD|NOSCRIPT|IFRAME|OBJECT)$/

const looksLikeHtml = (text: string) => /<\/?[a-z][^<]*>|&([a-z]+|#\d+);/i.test(text)

/** HTML as text. It is parsed into a document that is never shown: nothing in it runs, and nothing is fetched. */
export function textOfHtml(html: string): string {
  const { body } = new DOMParser().parseFromString(html, 'text/html')
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
  if (node.nodeName === 'LI') return `\n• ${inner.trim()}\n`
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
