import { readFile } from 'node:fs/promises'
import type { Action } from '../../core/model/flow.js'
import { nearest } from '../../core/text/did-you-mean.js'
import { environmentVariables } from '../../runtime/environment.js'
import { type Terminal, UsageError } from '../terminal.js'

/** Addresses are no parameters of an action, but stand beside them in many a file of variables. */
const ADDRESS = /_API_URL$/

/** Reads `NAME=value` lines; blank ones and those that begin with # are passed over. A name nobody reads is refused. */
export async function readSecretsFile(
  file: string,
  action: Action,
  terminal: Terminal,
): Promise<Record<string, string>> {
  const text = file === '-' ? await readAll(terminal.stdin) : await readFile(file, 'utf8').catch(() => null)
  if (text === null) throw new UsageError(`--secrets: ${file} cannot be read.`)
  const known = environmentVariables(action).map(({ variable }) => variable)
  const secrets: Record<string, string> = {}
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.trim().startsWith('#')) continue
    const [, name, value] = /^\s*(?:export\s+)?([A-Z0-9_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined || value === undefined)
      throw new UsageError(`--secrets, line ${index + 1}: expected NAME=value.`)
    if (!known.includes(name)) throw new UsageError(`--secrets, line ${index + 1}: ${refusalOf(name, known)}`)
    secrets[name] = value.replace(/^(["'])(.*)\1$/, '$2')
  }
  return secrets
}

function refusalOf(name: string, known: readonly string[]): string {
  if (ADDRESS.test(name)) return `${name} is no secret: set it in the environment.`
  const meant = nearest(name, known)
  return `unknown name ${name}.${meant === undefined ? ` Known: ${known.join(', ')}.` : ` Did you mean ${meant}?`}`
}

async function readAll(input: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of input) text += String(chunk)
  return text
}
