import type { Logger } from '../core/ports/events.js'

/** From nothing to everything. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

/** A logger that writes one line of JSON for each thing said. A library call takes any logger; the faces take this one. */
export async function openLogger(level: LogLevel, write: (line: string) => void): Promise<Logger> {
  const { pino, stdTimeFunctions } = await import('pino')
  const logger: Logger = pino(
    {
      level,
      // The process is told by whoever keeps the lines; the run by the fields of each.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(shownAsText(line)) },
  )
  return logger
}

/** JSON escapes C0 alone. C1, and marks that turn the direction of writing, could mislead who reads the line as it is. */
function shownAsText(line: string): string {
  const escape = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  return line.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escape)
}
