import type { Logger } from '../core/ports.js'

/** The default: a library says nothing by itself. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
