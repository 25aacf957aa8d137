import type { z } from 'zod'
import { given } from '../../../runtime/environment.js'
import { refusal } from '../../../sandbox/control/messages.js'
import { type Terminal, UsageError } from '../../terminal.js'

/** The variable that the `sandbox` command prints. */
const VARIABLE = 'HRFLOW_CONNECTORS_SANDBOX'
const PRINTED = `The command hrflow-connectors sandbox prints it as ${VARIABLE}.`
const LONGEST_WAIT_MS = 10_000

/** Asks the control address of a running sandbox. Throws a `UsageError` where none answers, or what is asked is refused. */
export class Control {
  readonly #url: string

  constructor(url: string | undefined, { env }: Terminal) {
    const named = url === undefined ? VARIABLE : '--url'
    const address = given(url) ?? given(env[VARIABLE])
    if (address === undefined)
      throw new UsageError(
        `Which sandbox? Start one with hrflow-connectors sandbox, and give the control address that it prints with --url, or as ${VARIABLE}.`,
      )
    if (!isAddress(address))
      throw new UsageError(`${named}: expected a control address such as http://127.0.0.1:4000. ${PRINTED}`)
    this.#url = new URL(address).origin
  }

  async ask<Schema extends z.ZodType>(
    answer: Schema,
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<z.output<Schema>> {
    const { status, json } = await this.#send(method, path, body)
    const refused = status < 300 ? undefined : refusal.safeParse(json).data
    const more = status === 404 ? ' hrflow-connectors sandbox jobs lists what there is.' : ''
    if (refused) throw new UsageError(`${refused.error}${more}`)
    const parsed = answer.safeParse(json)
    if (status < 300 && parsed.success) return parsed.data
    throw new UsageError(`${this.#url} answers, but is no control address of a sandbox of this version. ${PRINTED}`)
  }

  async #send(method: string, path: string, body: unknown): Promise<{ status: number; json: unknown }> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const headers = { 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(LONGEST_WAIT_MS)
    try {
      const response = await fetch(`${this.#url}${path}`, { method, headers, signal, redirect: 'manual', ...sent })
      const text = await response.text()
      return { status: response.status, json: jsonOf(text) }
    } catch (error) {
      const { cause } = error instanceof Error ? error : {}
      const isRefused = cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
      const what = isRefused ? `Nothing listens at ${this.#url}` : `No sandbox answers at ${this.#url}`
      throw new UsageError(`${what}: the sandbox may have been stopped. Start one with hrflow-connectors sandbox.`)
    }
  }
}

function isAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, pathname, search, hash, username, password } = new URL(address)
  return protocol === 'http:' && pathname === '/' && `${search}${hash}${username}${password}` === ''
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // A page: another server listens there.
  }
}
