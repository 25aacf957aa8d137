import { createServer } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Agent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Exchange, TooLargeError } from './exchange.js'

const LONG = 'long '.repeat(20_000)

/** A server that answers every request with a long text, a client for it, and a request. */
async function setUp() {
  const server = createServer((_, response) => response.setHeader('x-number', ['1', '2']).end(LONG))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const agent = new Agent()
  onTestFinished(async () => {
    await agent.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { agent, request: { origin: `http://127.0.0.1:${port}`, path: '/', method: 'GET' } as const }
}

describe('Exchange', () => {
  it('brings the answer: its status, the first value of each header, and its text', async () => {
    const { agent, request } = await setUp()
    const answer = await new Exchange({ max_body_bytes: 1e6, holds: undefined }).send(agent, request)
    expect(answer).toMatchObject({ status: 200, headers: { 'x-number': '1' } })
    expect(answer.text === LONG).toBe(true)
  })

  it('keeps nothing of an answer that it brought', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const { agent, request } = await setUp()
    const exchanges = Array.from({ length: 10 }, () => new Exchange({ max_body_bytes: 1e6, holds: undefined }))
    // Out of this function nothing holds the answers, unless it is the exchanges.
    const sendAll = async () => {
      const answers = await Promise.all(exchanges.map((exchange) => exchange.send(agent, request)))
      return answers.map((answer) => new WeakRef(answer))
    }
    const answers = await sendAll()
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    expect(answers).toHaveLength(10)
    expect(answers.filter((answer) => answer.deref() !== undefined)).toHaveLength(0)
    expect(exchanges).toHaveLength(10)
  })

  it('ends with the reason of the cut, before it is sent, on its way and while the answer comes', async () => {
    const { agent, request } = await setUp()
    const early = new Exchange({ max_body_bytes: 1e6, holds: undefined })
    early.cut(new Error('early'))
    await expect(early.send(agent, request)).rejects.toThrow('early')
    const late = new Exchange({ max_body_bytes: 1e6, holds: undefined })
    const answer = late.send(agent, request)
    late.cut(new Error('late'))
    await expect(answer).rejects.toThrow('late')
    const large = new Exchange({ max_body_bytes: 1000, holds: undefined })
    await expect(large.send(agent, request)).rejects.toThrow(TooLargeError)
  })
})
