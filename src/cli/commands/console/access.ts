import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Access } from '../../../console/index.js'
import { consoleToken } from '../../../runtime/environment.js'
import { UsageError } from '../../terminal.js'

export interface AccessFlags {
  host?: string
  allowedHost?: string[]
  tokenFile?: string
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/
const NAME = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$/i

/** A shorter one could be guessed. */
const SHORTEST_TOKEN = 16

/**
 * Who may use the console. On this machine alone a token of its own is enough, which the address shows; elsewhere somebody must
 * have said which token it is and by which names it is reached.
 */
export async function accessOf(flags: AccessFlags, env: NodeJS.ProcessEnv): Promise<Access & { isGiven: boolean }> {
  const { host = '127.0.0.1', allowedHost: hosts = [] } = flags
  const wrong = hosts.find((name) => !NAME.test(name))
  if (wrong !== undefined) throw new UsageError('--allowed-host: expected the name of a host, without port and path.')
  const given = await tokenOf(flags, env)
  if (given !== null && (given.length < SHORTEST_TOKEN || /[^\x21-\x7e]/.test(given)))
    throw new UsageError(
      `The token of the console needs ${SHORTEST_TOKEN} letters, digits or signs at least, and no blank.`,
    )
  if (!LOOPBACK.test(host)) {
    if (given === null) throw new UsageError(`--host ${host} lets other machines in. Give a token: --token-file FILE.`)
    if (hosts.length === 0)
      throw new UsageError(
        `--host ${host} lets other machines in. Say by which name they reach it: --allowed-host NAME.`,
      )
  }
  return { token: given ?? randomBytes(32).toString('base64url'), hosts, isGiven: given !== null }
}

async function tokenOf({ tokenFile }: AccessFlags, env: NodeJS.ProcessEnv): Promise<string | null> {
  if (tokenFile === undefined) return consoleToken(env) ?? null
  const text = await readFile(tokenFile, 'utf8').catch(() => null)
  if (text === null) throw new UsageError(`--token-file: ${tokenFile} cannot be read.`)
  return text.trim()
}

/** The address to open. A token that was given is known, and need not be shown. */
export function addressOf(url: string, { token, isGiven }: Access & { isGiven: boolean }): string {
  return isGiven ? `${url}/?token=TOKEN, with the token that was given` : `${url}/?token=${token}`
}
