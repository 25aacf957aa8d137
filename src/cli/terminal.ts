import { createColors } from 'picocolors'
import { columnsOf } from './output/width.js'

/** The outside of a command: what it reads and where it writes. */
export interface Terminal {
  stdout: Output
  stderr: Output
  stdin: AsyncIterable<unknown> & { isTTY?: boolean }
  env: NodeJS.ProcessEnv
  /** stdout and stderr end in the same place: what one says need not be repeated by the other. */
  onePlace?: boolean
}

export interface Output {
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
}

/**
 * What a command ends with: 0 success, 1 fatal, 2 wrong usage or configuration, 3 success with failures, 4 not run as the
 * workflow is running already, 130 interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130

/** From the worst to the best: what several runs end with together. */
const CODES: ExitCode[] = [130, 1, 2, 3, 4, 0]

export function worstCode(codes: readonly ExitCode[]): ExitCode {
  return CODES.find((code) => codes.includes(code)) ?? 0
}

/** Wrong usage or configuration: a sentence for the person at the terminal, and exit code 2. */
export class UsageError extends Error {}

/** Colours for an output: none when it is no terminal or `NO_COLOR` is set. */
export function colorsFor(output: Output, env: NodeJS.ProcessEnv) {
  const none = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== ''
  return createColors(output.isTTY === true && !none)
}

/** The width to draw in. */
export function widthOf(output: Output): number {
  return Math.min(Math.max(output.columns ?? 80, 40), 120)
}

/** The width to break texts at: what is piped is for other programs, and not broken. */
export function textWidth(output: Output): number {
  return output.isTTY === true ? widthOf(output) : Infinity
}

/**
 * Text of others, fit for a terminal: control characters (C0, C1) and marks that turn the direction of writing could move
 * the cursor, colour what follows or make it read otherwise. Line ends and tabs become blanks.
 */
export function printable(text: string): string {
  return text.replace(/[\t\n\v\f\r]+/g, ' ').replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}

/** A value as one JSON document, where no control character stands raw: JSON itself escapes C0 alone. */
function printJson(output: Output, value: unknown): void {
  const escape = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  output.write(`${JSON.stringify(value, null, 2).replace(/[\u007f-\u009f]/g, escape)}\n`)
}

/** What a command has to say: as one JSON document, or as text. */
export function answer(output: Output, json: boolean | undefined, value: unknown, text: () => string): void {
  if (json === true) printJson(output, value)
  else output.write(`${text()}\n`)
}

/** Text in lines of at most `width`, broken at blanks; the first begins behind `before` columns, further ones with `indent`. */
export function wrap(text: string, width: number, indent = '', before = 0): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.trim().split(/\s+/)) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > width - (lines.length === 0 ? before : indent.length)) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join(`\n${indent}`)
}

/** A length of time as a person reads it. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`
  const minutes = Math.floor(ms / 60_000)
  return minutes < 120
    ? `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A moment as a person here reads it: `2026-11-24 09:40:12`, by the local clock. */
export function moment(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19).replace('T', ' ')
}

/** A size as a person reads it. */
export function size(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB']
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power] ?? ''}`
}
