import { Agent, type Dispatcher } from 'undici'

/** What becomes of one request: an answer, or a connection that breaks. */
export type Served = Response | 'broken'

/** HTTP without sockets: the client's own code, down to undici, and a function in place of the network. */
export function directDispatcher(serve: (request: Request) => Promise<Served>): Dispatcher {
  return new Agent().compose(() => (options, handler) => {
    const controller = new DirectController()
    handler.onRequestStart?.(controller, {})
    void answer(serve(requestOf(options)), controller, handler)
    return true
  })
}

async function answer(
  served: Promise<Served>,
  controller: DirectController,
  handler: Dispatcher.DispatchHandler,
): Promise<void> {
  const response = await served
  if (controller.aborted || response === 'broken') {
    handler.onResponseError?.(
      controller,
      controller.reason ?? Object.assign(new Error('closed'), { code: 'ECONNRESET' }),
    )
    return
  }
  const body = Buffer.from(await response.arrayBuffer())
  handler.onResponseStart?.(controller, response.status, Object.fromEntries(response.headers), response.statusText)
  if (body.length > 0) handler.onResponseData?.(controller, body)
  handler.onResponseEnd?.(controller, {})
}

class DirectController implements Dispatcher.DispatchController {
  aborted = false
  readonly paused = false
  reason: Error | null = null
  readonly rawHeaders = null
  readonly rawTrailers = null

  abort(reason: Error): void {
    this.aborted = true
    this.reason = reason
  }

  pause(): void {
    // Answers are small and come at once.
  }

  resume(): void {
    // Nothing was paused.
  }
}

function requestOf({ origin, path, method, headers, body }: Dispatcher.DispatchOptions): Request {
  const named = Array.isArray(headers) ? pairs(headers) : Object.entries(headers ?? {})
  return new Request(new URL(path, String(origin)), {
    method,
    headers: named.map(([name, value]): [string, string] => [name, String(value)]),
    ...(typeof body === 'string' ? { body } : {}),
  })
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] ?? '', flat[2 * i + 1] ?? ''])
}
