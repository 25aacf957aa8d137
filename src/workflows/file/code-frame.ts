import { nearest } from '../../core/text/did-you-mean.js'
import { type GroupName, GROUPS, knownParameters } from '../actions.js'
import { isPlaceholder } from './placeholders.js'
import type { Path, Position } from './source.js'

/** From and to, in characters of the file. */
export type Interval = [start: number, end: number]

const WIDTH = 100

/** Keys whose values hold no credentials. */
const OPEN = ['action', 'incremental', 'schedule', 'full_schedule', 'logics', 'format', 'callback']
const NAME = /^[\w .-]{1,60}$/

/** An address may hold a password. */
const ADDRESS = /:\/\/\S*@/

/**
 * Whether a key (`value` null) or a value of a workflow file may be shown. Values of credentials may not, nor what is not
 * in its place: a misspelt key may stand before a token.
 */
export function visiblePart(path: Path, value: string | null): boolean {
  const [top, , section, name] = path
  const group = GROUPS.find((known) => known === section)
  if (value === null && path.length > 3 && group !== undefined) return isParameter(group, String(name))
  // Targets of a mapping may hold any sign.
  if (value === null) return NAME.test(String(path.at(-1))) || (path.length > 3 && OPEN.includes(String(section)))
  if (isPlaceholder(value)) return true
  if (top === 'notify' && section === 'on') return NAME.test(value)
  if (top !== 'workflows' || /askw?_/i.test(value) || ADDRESS.test(value)) return false
  if (group === 'pull_parameters' || group === 'push_parameters')
    return path.length === 4 && knownParameters(group).some((known) => known.name === name)
  return OPEN.includes(String(section))
}

/** A key as a sentence names it: an address, which may hold a password, is repeated nowhere. */
export function sayKey(key: string | number): string {
  return ADDRESS.test(String(key)) ? '***' : String(key)
}

/** A parameter's name, or one that was probably meant to be one: what else stands in its place may be a secret. */
export function isParameter(group: GroupName, name: string): boolean {
  const known = knownParameters(group).map((parameter) => parameter.name)
  return /^\w+$/.test(name) && nearest(name, known) !== undefined
}

/** The line of a place and a mark below. What may not be shown is asterisks; of a file that is no YAML, all but keys. */
export function frameOf(text: string, { line, column }: Position, visible: Interval[] | null): string {
  const start =
    text
      .split('\n')
      .slice(0, line - 1)
      .join('\n').length + (line > 1 ? 1 : 0)
  const raw = (text.split('\n')[line - 1] ?? '').replace(/\r$/, '')
  const [, key = ''] = /^(\s*(?:- )*["']?[\w.-]{1,60}["']?\s*:(?=\s|$))/.exec(raw) ?? []
  const shown = visible ?? [[start, start + key.length]]
  const hidden = visible === null ? /[^\s{}[\],:'"#|>&!%@`-]/u : /[^\s{}[\],:-]/u
  const signs = Array.from({ length: raw.length }, (_, index) => {
    const sign = raw.charAt(index)
    const at = start + index
    return shown.some(([from, to]) => at >= from && at < to) || !hidden.test(sign) ? sign.replace(/\p{Cc}/u, ' ') : '*'
  })
  const cut = Math.max(0, Math.min(column - 1 - WIDTH / 2, raw.length - WIDTH))
  const number = String(line)
  const shownLine = signs
    .slice(cut, cut + WIDTH)
    .join('')
    .trimEnd()
  return `  ${number} | ${shownLine}\n  ${' '.repeat(number.length)} | ${' '.repeat(Math.max(0, column - 1 - cut))}^`
}
