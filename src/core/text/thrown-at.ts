/** Of this package, as it is or bundled: frames in it are the pipeline's, not the caller's. */
const OWN = /^.*\/(?:dist|src)\//.exec(import.meta.url)?.[0] ?? import.meta.url

/**
 * Where in somebody's own code an error was thrown, as `logics.js:12:5`: the innermost frame that is neither of this
 * package, of a library nor of Node. Null where its stack does not say.
 */
export function thrownAt(thrown: unknown): string | null {
  const stack = stackOf(thrown)
  for (const [, where = ''] of stack?.matchAll(
    /^ +at (?:async |.*\()?((?:file:|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/gm,
  ) ?? []) {
    if (where.startsWith(OWN) || `file://${where}`.startsWith(OWN) || /[\\/]node_modules[\\/]/.test(where)) continue
    return /[^\\/]+$/.exec(where)?.[0].replace(/\?[^:]*/, '') ?? null
  }
  return null
}

/** The stack of whatever was thrown; never throws itself. */
export function stackOf(thrown: unknown): string | null {
  try {
    return thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : null
  } catch {
    // A getter that throws: there is nothing to be told.
    return null
  }
}
