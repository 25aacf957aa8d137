import { messageOf } from '../../core/errors.js'
import { complain } from '../input/usage.js'
import type { Terminal } from '../terminal.js'

/** What is said is said to the terminal of the innermost: it hides the most secrets. */
const watching: Terminal[] = []
let strays = 0

/** A function fails alike for many items: one sentence is enough. */
const told = new Set<string>()
const TOLD = 1000

/**
 * Does its work in a process that lives until it is done: Node would end it without a word when nothing but a user's
 * function is waited for, and with the bare error when one lets a promise fail that nobody awaits. That is said, and the
 * work goes on.
 */
export async function withoutStrays<T>(terminal: Terminal, work: () => Promise<T>): Promise<T> {
  const awake = setInterval(() => undefined, 60_000)
  if (watching.length === 0) process.on('unhandledRejection', onStray)
  watching.push(terminal)
  try {
    return await work()
  } finally {
    // Node tells of a promise when the work that follows without a pause is done: the last may be told after the result.
    await new Promise<void>((resolve) => setImmediate(resolve))
    watching.pop()
    if (watching.length === 0) process.off('unhandledRejection', onStray)
    clearInterval(awake)
  }
}

/** How many promises have failed without anybody awaiting them. */
export function straysSeen(): number {
  return strays
}

function onStray(reason: unknown): void {
  strays += 1
  const terminal = watching.at(-1)
  const said = messageOf(reason).replace(/\.?$/, '.')
  if (!terminal || told.has(said)) return
  if (told.size < TOLD) told.add(said)
  complain(`A promise failed that no function awaits: ${said}`, terminal)
}
