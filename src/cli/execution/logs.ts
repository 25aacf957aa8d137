import type { Logger } from '../../core/ports/events.js'
import { logLevel } from '../../runtime/environment.js'
import { LOG_LEVELS, type LogLevel, openLogger } from '../../telemetry/log.js'
import { unknownName } from '../input/usage.js'
import { type Terminal, UsageError } from '../terminal.js'

/** The logger that `HRFLOW_CONNECTORS_LOG_LEVEL` asks for, on stderr; null when none is wanted, which is the default. */
export async function loggerOf({ stderr, env }: Terminal, standard: LogLevel = 'silent'): Promise<Logger | null> {
  const word = logLevel(env)?.toLowerCase() ?? standard
  const level = LOG_LEVELS.find((known) => known === word)
  if (level === undefined) {
    const { message } = unknownName('log level', word, LOG_LEVELS)
    throw new UsageError(`HRFLOW_CONNECTORS_LOG_LEVEL: ${message} Levels: ${LOG_LEVELS.join(', ')}.`)
  }
  return level === 'silent' ? null : openLogger(level, (line) => void stderr.write(line))
}
