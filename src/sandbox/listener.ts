import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** A port of this machine that is listened at. */
export interface Listener {
  url: string
  /** Sockets opened so far. */
  readonly connections: number
  /** Stops listening and destroys open sockets, also those of requests that hang. */
  close(): Promise<void>
}

/** Listens on loopback alone. Rejects when the port is taken. */
export async function listen(
  port: number,
  answer: (incoming: IncomingMessage, response: ServerResponse) => unknown,
): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => void answer(incoming, response))
  let connections = 0
  server.on('connection', () => (connections += 1))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The sandbox has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    get connections() {
      return connections
    },
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

/** The body as text; undefined where it is longer than `limit`. */
export async function readBody(incoming: IncomingMessage, limit = Infinity): Promise<string | undefined> {
  let body = ''
  incoming.setEncoding('utf8')
  for await (const chunk of incoming) {
    body += String(chunk)
    if (body.length > limit) return undefined
  }
  return body
}

export function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headersDistinct)) {
    for (const one of value ?? []) headers.append(name, one)
  }
  return headers
}
