import { createColors } from 'picocolors'

/** The outside of a command: what it reads and where it writes. */
export interface Terminal {
  stdout: Output
  stderr: Output
  stdin: AsyncIterable<unknown>
  env: NodeJS.ProcessEnv
}

export interface Output {
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
}

/** What a command ends with: 0 success, 1 fatal, 2 wrong usage or configuration, 3 success with failures, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130

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

/** Text in lines of at most `width`, broken at blanks; further lines begin with `indent`. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width - (lines.length === 0 ? 0 : indent.length)) {
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
