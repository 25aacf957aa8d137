import type { Dispatcher } from 'undici'
import { StoppedError } from '../core/errors.js'

/** An answer as it came. */
export interface RawAnswer {
  status: number
  /** Names in lower case; of a header that came several times the first value. */
  headers: Record<string, string | undefined>
  text: string
}

export interface ExchangeOptions {
  /** A longer body is a `TooLargeError`. */
  max_body_bytes: number
  /** Asked when the request goes onto the wire. */
  holds: (() => boolean) | undefined
}

export class TooLargeError extends Error {}

/** One request on its way, by undici's own interface: a stream for each body would cost as much as all the rest. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions
  /** Who waits for the answer. */
  #waiting: { resolve(answer: RawAnswer): void; reject(reason: Error): void } | undefined
  #controller: Dispatcher.DispatchController | undefined
  #cut: Error | undefined
  #status = 0
  #headers: RawAnswer['headers'] = {}
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  /** Called once. Rejects with what the connection threw, or with the reason of the cut. */
  send(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions): Promise<RawAnswer> {
    if (this.#cut) return Promise.reject(this.#cut)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      dispatcher.dispatch(request, this)
    })
  }

  /** Ends it at once, wherever it is. */
  cut(reason: Error): void {
    this.#cut ??= reason
    const controller = this.#controller
    this.#fail(reason)
    controller?.abort(reason)
  }

  /**
   * It goes onto the wire. It may have waited for its connection in a process that was put to sleep, and what it was
   * allowed to write may be another run's by now.
   */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#options.holds?.() === false) this.#cut ??= new StoppedError()
    if (this.#cut) controller.abort(this.#cut)
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status
    this.#headers = {}
    for (const [name, value] of Object.entries(headers)) this.#headers[name] = Array.isArray(value) ? value[0] : value
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#options.max_body_bytes) this.cut(new TooLargeError())
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const [only = Buffer.alloc(0), ...more] = this.#chunks
    const body = more.length === 0 ? only : Buffer.concat(this.#chunks)
    this.#waiting?.resolve({ status: this.#status, headers: this.#headers, text: body.toString('utf8') })
    this.#forget()
  }

  onResponseError(_: unknown, error: Error): void {
    this.#fail(error)
  }

  #fail(reason: Error): void {
    this.#waiting?.reject(reason)
    this.#forget()
  }

  /**
   * What has waited for an answer is old to the garbage collector, which would keep all that hangs on it until its next
   * full round.
   */
  #forget(): void {
    this.#waiting = undefined
    this.#controller = undefined
    this.#headers = {}
    this.#chunks = []
  }
}
