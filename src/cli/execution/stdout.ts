import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { Output } from '../terminal.js'

/** Functions of `fs` that take a descriptor first. */
const WRITERS = [
  'write',
  'writeSync',
  'writev',
  'writevSync',
  'writeFile',
  'writeFileSync',
  'appendFile',
  'appendFileSync',
] as const

/**
 * Keeps stdout for results. What else writes there from now on (a user's function, a module that it imports, at whatever
 * time) reaches stderr. Out of reach are other processes that inherit the descriptor, and threads that write to it
 * themselves.
 */
export function keepStdout(): Output {
  const { stdout, stderr } = process
  const write = stdout.write.bind(stdout)
  // Of whoever holds the stream already, as the console may.
  stdout.write = stderr.write.bind(stderr)
  // A logger that asks for the number of the descriptor gets that of stderr.
  Object.defineProperty(process, 'stdout', { value: stderr, configurable: true, enumerable: true })
  Object.assign(fs, Object.fromEntries(WRITERS.map((name) => [name, elsewhere(fs[name])])))
  syncBuiltinESMExports()
  return {
    write: (text) => write(text),
    get isTTY() {
      return stdout.isTTY
    },
    get columns() {
      return stdout.columns
    },
  }
}

/** The same function, for which descriptor 1 is 2. */
function elsewhere(own: (...args: never[]) => unknown): unknown {
  return new Proxy(own, {
    apply: (writer, self: unknown, [to, ...rest]: unknown[]): unknown =>
      Reflect.apply(writer, self, [to === 1 ? 2 : to, ...rest]),
  })
}

/** Whether stdout and stderr are one terminal, pipe or file. */
export function isOnePlace(): boolean {
  try {
    const [out, err] = [fs.fstatSync(1), fs.fstatSync(2)]
    return out.dev === err.dev && out.ino === err.ino
  } catch {
    // One of them is closed.
    return false
  }
}
