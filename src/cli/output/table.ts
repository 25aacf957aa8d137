import { colorsFor, printable, type Terminal, wrap } from '../terminal.js'
import { columnsOf, padTo } from './width.js'

const GAP = '  '
const INDENT = '    '

/** A text gets the rest of its line where that is at least so wide, else lines of its own. */
const NARROWEST_TEXT = 40

export interface Column {
  title: string
  /** Numbers stand on the right. Default: left. */
  align?: 'right'
}

/** Rows of cells under titles; `text`, one per row, stands last and is broken into lines. */
export interface Table {
  columns: Column[]
  rows: { cells: string[]; text?: string }[]
  /** Title of the texts. */
  text?: string
}

/**
 * A table as lines. Where a row is wider than the terminal its columns go on in a further line and stay aligned. What is
 * piped is never broken.
 */
export function drawTable(table: Table, { stdout, env }: Pick<Terminal, 'stdout' | 'env'>): string {
  const colors = colorsFor(stdout, env)
  const width = stdout.isTTY === true ? Math.max(stdout.columns ?? 80, 40) : Infinity
  const titles = table.columns.map(({ title }) => title)
  const rows = table.rows.map(({ cells, text }) => ({ cells: cells.map(printable), text: printable(text ?? '') }))
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...rows.map(({ cells }) => columnsOf(cells[at] ?? ''))),
  )
  const { lines, room } = layOut(widths, width)
  const draw = (cells: string[], text: string) => {
    const drawn = lines.map((columns, index) => {
      const padded = columns.map((at) => pad(cells[at] ?? '', widths[at] ?? 0, table.columns[at]?.align))
      return `${index === 0 ? '' : INDENT}${padded.join(GAP)}`
    })
    const last = drawn.pop() ?? ''
    if (table.text === undefined || text === '') return [...drawn, last]
    if (room < NARROWEST_TEXT) return [...drawn, last, `${INDENT}${lay(text, width - INDENT.length, INDENT)}`]
    const below = ' '.repeat(width === Infinity ? 0 : width - room)
    return [...drawn, `${last}${GAP}${lay(text, room, below)}`]
  }
  const head = draw(titles, table.text ?? '').map((line) => colors.bold(line.trimEnd()))
  const body = rows.flatMap(({ cells, text }) => draw(cells, text).map((line) => line.trimEnd()))
  return [...head, ...body].join('\n')
}

/** Which columns stand in which line, and what is left of the last one. */
function layOut(widths: number[], width: number): { lines: number[][]; room: number } {
  const lines: number[][] = [[]]
  let used = 0
  for (const [at, wide] of widths.entries()) {
    if (used > 0 && used + wide > width) {
      lines.push([])
      used = INDENT.length
    }
    lines.at(-1)?.push(at)
    used += wide + GAP.length
  }
  return { lines, room: width - used }
}

/** In lines of `room`, the further ones below the first. */
function lay(text: string, room: number, indent: string): string {
  return wrap(text, room).replaceAll('\n', `\n${indent}`)
}

function pad(text: string, width: number, align: Column['align']): string {
  return align === 'right' ? ' '.repeat(Math.max(0, width - columnsOf(text))) + text : padTo(text, width)
}
