import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { FaultAnswer } from './faults.js'

/** An answer as it goes over the wire. */
export interface Reply {
  status: number
  headers: Record<string, string>
  body: Buffer
}

export async function replyOf(response: Response): Promise<Reply> {
  const body = Buffer.from(await response.arrayBuffer())
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}

/** What becomes of an answer of the service. */
const ON_THE_WAY_BACK = ['close_after', 'half_body', 'wrong_media_type', 'gzip'] as const
type OnTheWayBack = (typeof ON_THE_WAY_BACK)[number]

/** The faults that the service does not see. */
export type Intercepted = Exclude<FaultAnswer, OnTheWayBack>

export function isIntercepted(answer: FaultAnswer): answer is Intercepted {
  return typeof answer !== 'string' || !ON_THE_WAY_BACK.some((name) => name === answer)
}

/** Answers in place of the service. */
export async function intercept(response: ServerResponse, answer: Intercepted): Promise<void> {
  if (answer === 'hang') return
  if (answer === 'close') response.destroy()
  else if (answer === 'too_large') await sendEndlessly(response)
  else if (answer === 'html')
    send(response, page(200, '<html><head><title>Maintenance</title></head><body></body></html>'))
  else {
    const { status, body = '', headers } = answer
    send(response, { status, headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(body) })
  }
}

/** Sends the service's answer, spoiled on its way by the fault if there is one. */
export function deliver(response: ServerResponse, reply: Reply, fault: FaultAnswer | undefined): void {
  if (fault === 'close_after') response.destroy()
  else if (fault === 'half_body') sendHalf(response, reply)
  else if (fault === 'wrong_media_type')
    send(response, { ...reply, headers: { ...reply.headers, 'content-type': 'text/plain' } })
  else if (fault === 'gzip')
    send(response, { ...reply, headers: { ...reply.headers, 'content-encoding': 'gzip' }, body: gzipSync(reply.body) })
  else send(response, reply)
}

export function page(status: number, html: string): Reply {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: Buffer.from(html) }
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'content-length': body.length })
  response.end(body)
}

/** The length of the whole, half of the bytes, and then the socket is gone. */
function sendHalf(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'content-length': Math.max(body.length, 2) })
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy())
}

const CHUNK = Buffer.alloc(65_536, ' ')

/** JSON that never gets past its blanks: only the client can end it. */
async function sendEndlessly(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write('{')
  const gone = once(response, 'close')
  while (!response.destroyed) {
    if (response.write(CHUNK)) await new Promise((resolve) => setImmediate(resolve))
    else await Promise.race([once(response, 'drain'), gone])
  }
}
