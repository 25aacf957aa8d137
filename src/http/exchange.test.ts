import { EventEmitter, once } from 'node:events'
import type { RequestListener } from 'node:http'
import { Agent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { collectGarbage } from '../../test/support/garbage.js'
import { serve } from '../../test/support/server.js'
import { Exchange, type ExchangeOptions, TooLargeError } from './exchange.js'

const LONG = 'long '.repeat(20_000)

const answerLong: RequestListener = (_, response) => {
  response.setHeader('x-number', ['1', '2']).end(LONG)
}

/** A server, a client for it, and a request. */
async function setUp(answer: RequestListener = answerLong) {
  const origin = await serve(answer)
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  return { agent, request: { origin, path: '/', method: 'GET' } as const }
}

/** A client that waits for its connection for ever. */
function withoutConnection() {
  const agent = new Agent({ connect: () => undefined })
  onTestFinished(() => agent.destroy())
  return { agent, request: { origin: 'http://127.0.0.1:1', path: '/', method: 'GET' } as const }
}

function open(options: Partial<ExchangeOptions> = {}): Exchange {
  return new Exchange({ max_body_bytes: 1e6, holds: undefined, ...options })
}

describe('Exchange', () => {
  it('brings the answer: its status, the first value of each header, and its text', async () => {
    const { agent, request } = await setUp()
    const answer = await open().send(agent, request)
    expect(answer).toMatchObject({ status: 200, headers: { 'x-number': '1' } })
    expect(answer.text === LONG).toBe(true)
  })

  it('keeps nothing of an answer that it brought', async () => {
    const { agent, request } = await setUp()
    const exchanges = Array.from({ length: 10 }, () => open())
    // Out of this function nothing holds the answers, unless it is the exchanges.
    const sendAll = async () => {
      const answers = await Promise.all(exchanges.map((exchange) => exchange.send(agent, request)))
      return answers.flatMap((answer) => [new WeakRef<object>(answer), new WeakRef<object>(answer.headers)])
    }
    const parts = await sendAll()
    await collectGarbage()
    expect(parts).toHaveLength(20)
    expect(parts.filter((part) => part.deref() !== undefined)).toHaveLength(0)
    expect(exchanges).toHaveLength(10)
  })

  it('does not go out once it is cut', async () => {
    const { agent, request } = withoutConnection()
    const exchange = open()
    exchange.cut(new Error('early'))
    await expect(exchange.send(agent, request)).rejects.toThrow('early')
  })

  it('ends at once when it is cut while it waits for its connection', async () => {
    const { agent, request } = withoutConnection()
    const exchange = open()
    const answer = exchange.send(agent, request)
    exchange.cut(new Error('waiting'))
    await expect(answer).rejects.toThrow('waiting')
  })

  it('ends at once when it is cut in the middle of the answer, and hangs up', async () => {
    const events = new EventEmitter()
    const { agent, request } = await setUp((_, response) => {
      response.on('close', () => events.emit('hung up'))
      response.writeHead(200).write(LONG, () => events.emit('half way'))
    })
    const exchange = open()
    const answer = exchange.send(agent, request)
    await once(events, 'half way')
    const hungUp = once(events, 'hung up')
    exchange.cut(new Error('half way'))
    await expect(answer).rejects.toThrow('half way')
    await hungUp
  })

  it('ends when the answer is longer than allowed', async () => {
    const { agent, request } = await setUp()
    await expect(open({ max_body_bytes: 1000 }).send(agent, request)).rejects.toThrow(TooLargeError)
  })
})
