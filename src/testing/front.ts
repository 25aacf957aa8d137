import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request as send } from 'undici'
import { messageOf } from '../core/errors.js'
import { deliver, page, type Reply } from '../sandbox/answers.js'

/** A request as it came to the front of a stand-in. */
export interface Asked {
  /** The same for requests that ask for the same: method, address and body. */
  key: string
  /** When, by the clock of the check, epoch milliseconds. */
  at: number
}

/** What is done with requests on their way. Both are asked for each one; without them they pass. */
export interface Rule {
  /** Answers in place of the stand-in, or null. */
  before?: (asked: Asked) => Reply | null
  /** What becomes of its answer. */
  after?: (asked: Asked, reply: Reply) => Reply
}

/** Of one connection: they do not go on to the next. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'proxy-connection', 'upgrade']

/** A server in front of a stand-in: it tells what was asked, and lets go wrong what a check wants to go wrong. */
export interface Front {
  /** Where the stand-in is reached through it: its own address, on another port. */
  url: string
  requests: readonly Asked[]
  rule: Rule
  /** Why the stand-in gave no answer; null: it always did. */
  failure: string | null
  close(): Promise<void>
}

/** Serves what stands at an address. `url` may hold `{subdomain}`: only its origin is replaced. */
export async function startFront(url: string, now: () => number): Promise<Front> {
  const [, origin = '', rest = ''] = /^(https?:\/\/[^/]+)(.*)$/.exec(url) ?? []
  if (origin === '') throw new TypeError(`conformance: start() must give the url of a stand-in, not "${url}".`)
  const agent = new Agent()
  const requests: Asked[] = []
  const front: Front = {
    url: '',
    requests,
    rule: {},
    failure: null,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await agent.destroy()
    },
  }
  const answer = async (incoming: IncomingMessage): Promise<Reply> => {
    const body = await bodyOf(incoming)
    const { method = 'GET', url: path = '/' } = incoming
    const asked = { key: [method, path, ...(body === '' ? [] : [body])].join(' '), at: now() }
    requests.push(asked)
    const early = front.rule.before?.(asked) ?? null
    if (early !== null) return early
    const headers = without(incoming.headers)
    const answered = await send(origin + path, { dispatcher: agent, method, headers, ...(body === '' ? {} : { body }) })
    const reply = {
      status: answered.statusCode,
      headers: without(answered.headers),
      body: Buffer.from(await answered.body.arrayBuffer()),
    }
    return front.rule.after?.(asked, reply) ?? reply
  }
  const server = createServer((incoming, response) => {
    const failed = (error: unknown) => {
      front.failure ??= messageOf(error)
      return page(502, 'The stand-in gave no answer.')
    }
    void answer(incoming)
      .catch(failed)
      .then((reply) => sendTo(response, reply))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server in front has no port.')
  front.url = `http://127.0.0.1:${address.port}${rest}`
  return front
}

function sendTo(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return
  deliver(response, reply, undefined)
}

function without(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name))
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])))
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let body = ''
  incoming.setEncoding('utf8')
  for await (const chunk of incoming) body += String(chunk)
  return body
}

/** An answer in JSON. */
export function jsonReply(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  }
}
