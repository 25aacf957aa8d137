import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import type { Dispatcher } from 'undici'
import { StoppedError } from '../core/errors.js'

/** An answer as it came. */
export interface RawAnswer {
  status: number
  /** Names in lower case; of a header that came several times the first value, but for the codings of the body. */
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

/** A body that came packed and cannot be unpacked. */
export class UnpackError extends Error {}

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
    const codings = headers['content-encoding']
    if (Array.isArray(codings)) this.#headers['content-encoding'] = codings.join(',')
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#options.max_body_bytes) this.cut(new TooLargeError())
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const [only = Buffer.alloc(0), ...more] = this.#chunks
    const body = more.length === 0 ? only : Buffer.concat(this.#chunks)
    const packed = this.#headers['content-encoding']
    if (packed === undefined || body.length === 0) this.#answer(body)
    else {
      unpacked(body, packed, this.#options.max_body_bytes).then(
        (whole) => this.#answer(whole),
        (error: unknown) => this.#fail(error as Error),
      )
    }
  }

  #answer(body: Buffer): void {
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

/** zlib's own option: unpacking stops there, so that a small answer cannot become a large one. */
type Bound = { maxOutputLength: number }

const gunzipped = promisify<Buffer, Bound, Buffer>(gunzip)
const inflated = promisify<Buffer, Bound, Buffer>(inflate)
const rawInflated = promisify<Buffer, Bound, Buffer>(inflateRaw)
const brotliUnpacked = promisify<Buffer, Bound, Buffer>(brotliDecompress)

/** More codings than anybody uses at once. */
const MOST_CODINGS = 5

/** The body without its codings, which are named in the order they were applied. Only gzip is asked for, and others come. */
async function unpacked(body: Buffer, names: string, maxOutputLength: number): Promise<Buffer> {
  const codings = names.split(',').map((name) => name.trim().toLowerCase())
  if (codings.length > MOST_CODINGS) throw new UnpackError('too many codings')
  let whole = body
  for (const coding of codings.reverse()) {
    try {
      whole = await unpack(whole, coding, { maxOutputLength })
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') throw new TooLargeError()
      throw new UnpackError(`content-encoding ${coding}`, { cause: error })
    }
  }
  return whole
}

function unpack(body: Buffer, coding: string, bound: Bound): Promise<Buffer> {
  switch (coding) {
    case '':
    case 'identity':
      return Promise.resolve(body)
    case 'gzip':
    case 'x-gzip':
      // Something on the way may have unpacked it and left the name.
      return body[0] === 0x1f && body[1] === 0x8b ? gunzipped(body, bound) : Promise.resolve(body)
    case 'deflate':
      // With zlib's wrapper as specified, or without it as some servers send it.
      return inflated(body, bound).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') throw error
        return rawInflated(body, bound)
      })
    case 'br':
      return brotliUnpacked(body, bound)
    default:
      return Promise.reject(new Error('unknown'))
  }
}
