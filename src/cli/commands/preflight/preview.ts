import type { PreviewedItem } from '../../../core/preflight/preview.js'
import type { RunResult } from '../../../core/result/result.js'
import { fieldsOf, isEmpty } from '../../../core/text/fields.js'
import type { Json } from '../../../core/text/json.js'
import { previewAction } from '../../../runtime/preflight.js'
import { execute, type Execution, type LookOptions } from '../../execution/execute.js'
import { readable } from '../../output/readable.js'
import { columnsOf, cutTo, linesOf, padTo } from '../../output/width.js'
import { colorsFor, type ExitCode, printable, type Terminal } from '../../terminal.js'

/** Two columns where each has so much room, else one below the other. */
const NARROWEST_COLUMN = 60

/** A line of more is hard to read, however wide the terminal is. */
const WIDEST = 200

/** Lines of one value. */
const LINES_OF_VALUE = 4
const GAP = '  '

/** `preview`: the first items as they are read, beside what they are mapped to. Asks the target nothing. */
export async function showPreview(
  { action, parameters }: Execution,
  { limit: asked, json }: LookOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  let items: PreviewedItem[] = []
  const limit = asked ?? Infinity
  const start: Execution['start'] = async (runtime) => {
    const preview = await previewAction(action, parameters, limit, runtime)
    items = preview.items
    return preview.result
  }
  const names: [string, string] = [action.flow.from.name, action.flow.to.name]
  return execute({ action, parameters: { ...parameters, persist: false }, start }, json, terminal, {
    document: ({ result }) => ({ items, result }),
    draw({ result, said }) {
      const notes = result.notes.filter((note) => !said.includes(note))
      return drawPreview(items, { ...result, notes }, names, terminal)
    },
  })
}

/** Items as a person reads them, at the width of the terminal. */
export function drawPreview(
  items: readonly PreviewedItem[],
  result: RunResult,
  names: [string, string],
  terminal: Pick<Terminal, 'stdout' | 'env'>,
): string {
  const { stdout, env } = terminal
  const colors = colorsFor(stdout, env)
  const width = stdout.isTTY === true ? Math.min(Math.max(stdout.columns ?? 80, 40), WIDEST) : 80
  const drawn = items.flatMap((item, at) => [
    `${colors.bold(`${at + 1} of ${items.length}  ${printable(item.reference)}`)}${ending(item, colors)}`,
    ...(item.failure ? linesOf(printable(item.failure.message), width - 2).map((line) => colors.red(`  ${line}`)) : []),
    ...sides(item, names, width, colors),
    '',
  ])
  return [...drawn, ...summaryLines(items, result, width)].join('\n')
}

type Colors = ReturnType<typeof colorsFor>

function ending({ outcome, failure }: PreviewedItem, { yellow, red }: Colors): string {
  if (failure) return red(`  failed in ${failure.stage}`)
  if (outcome === 'discarded') return yellow('  discarded by logics')
  return outcome === 'skipped' ? yellow('  not read: it is gone, or the run ended first') : ''
}

function sides(
  { origin, target }: PreviewedItem,
  [from, to]: [string, string],
  width: number,
  colors: Colors,
): string[] {
  const column = Math.floor((width - GAP.length) / 2)
  const titled = (name: string, value: Json, room: number) =>
    value === null ? [] : [{ title: true, text: name }, ...fieldLines(value, room)]
  if (column < NARROWEST_COLUMN || origin === null || target === null) {
    return [...titled(from, origin, width), ...titled(to, target, width)].map((line) => paint(line, colors))
  }
  const [left, right] = [titled(from, origin, column), titled(to, target, column)]
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => {
    const [one, other] = [left[at], right[at]]
    const blank = ' '.repeat(column - columnsOf(one?.text ?? ''))
    return `${one ? paint(one, colors) : ''}${other ? `${blank}${GAP}${paint(other, colors)}` : ''}`
  })
}

interface Line {
  text: string
  title?: boolean
  /** Of the text, how much is the name of a field. */
  label?: number
}

function paint({ text, title, label = 0 }: Line, { bold, cyan }: Colors): string {
  return title === true ? bold(text) : `${cyan(text.slice(0, label))}${text.slice(label)}`
}

/** A line or a few for each field, and one that names those that hold nothing. */
function fieldLines(value: Json, room: number): Line[] {
  const fields = fieldsOf(value).map((field) => ({ ...field, path: printable(field.path) }))
  const filled = fields.filter((field) => !isEmpty(field.value))
  const column = Math.min(25, Math.floor(room / 3), Math.max(0, ...filled.map(({ path }) => columnsOf(path))))
  const lines = filled.flatMap((field) => oneField(field.path, readable(field.value), column, room))
  const empty = fields.filter((field) => isEmpty(field.value)).map(({ path }) => path)
  if (empty.length === 0) return lines
  return [...lines, ...linesOf(`empty: ${empty.join(', ')}`, room - 2).map((text) => ({ text: `  ${text}` }))]
}

function oneField(path: string, value: string, column: number, room: number): Line[] {
  const label = `  ${padTo(path, column)}  `
  const indent = ' '.repeat(column + 4)
  // A name that is too long for its column has a line of its own.
  const above = columnsOf(path) > column
  const all = linesOf(value, Math.max(10, room - indent.length))
  const shown = all.slice(0, LINES_OF_VALUE)
  if (all.length > shown.length) {
    const more = ` (${value.length} characters)`
    shown.push(`${cutTo(shown.pop() ?? '', Math.max(1, room - indent.length - columnsOf(more)))}${more}`)
  }
  const lines = shown.map((line, at) => ({
    text: `${at === 0 && !above ? label : indent}${line}`,
    label: above || at > 0 ? 0 : label.length,
  }))
  return above ? [{ text: cutTo(`  ${path}`, room), label: room }, ...lines] : lines
}

function summaryLines(items: readonly PreviewedItem[], result: RunResult, width: number): string[] {
  const { error, failures, notes, reason } = result
  // Of no item: a page, or an entry on it, that could not be listed.
  const others = failures.filter(({ reference }) => reference === null).map(({ message }) => printable(message))
  const said = error
    ? [error.message, error.hint ?? '']
    : items.length === 0
      ? [
          reason === 'interrupted'
            ? 'Interrupted before the first item.'
            : 'There is nothing to show: nothing passes the filter.',
        ]
      : []
  return [...others, ...notes.map((note) => `Note: ${note}`), ...said, 'Nothing was sent to the target.'].flatMap(
    (sentence) => (sentence === '' ? [] : linesOf(printable(sentence), width)),
  )
}
