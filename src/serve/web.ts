import { once } from 'node:events'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { RunEvent } from '../core/ports/events.js'

export interface WebOptions {
  isReady: () => boolean
  metrics: { contentType: string; text(): Promise<string> }
  /** Answers what is asked for besides. */
  also?: Pick<Also, 'fetch'> | undefined
}

/** Another face on the same port, which is shown what runs. */
export interface Also {
  fetch(request: Request): Response | Promise<Response>
  see(workflow_id: string, event: RunEvent): void
}

/** What is answered at `/healthz`, `/readyz` and `/metrics`. */
export function webApp({ isReady, metrics, also }: WebOptions): Hono {
  const app = new Hono()
  app.get('/healthz', (context) => context.text('ok\n'))
  app.get('/readyz', (context) => (isReady() ? context.text('ready\n') : context.text('not ready\n', 503)))
  app.get('/metrics', async (context) =>
    context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
  )
  if (also !== undefined) app.all('*', (context) => also.fetch(context.req.raw))
  return app
}

/** A port that is listened at. */
export interface Listening {
  url: string
  close(): void
}

/** Listens for an app; port 0 is any free one. Rejects with the system's error when the port cannot be had. */
export async function listen(app: Pick<Also, 'fetch'>, host: string, port: number): Promise<Listening> {
  const answer = getRequestListener((request) => app.fetch(request))
  const server = createServer((request, response) => void answer(request, response))
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  const bound = address === null || typeof address === 'string' ? port : address.port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
