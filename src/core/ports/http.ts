import type { HttpError } from '../errors.js'
import type { Redact } from '../text/redact.js'
import type { Clock } from './clock.js'
import type { RequestEvent, Side } from './events.js'

// HTTP ------------------------------------------------------------------------------------------------------------

/** How fast a service may be called. */
export type Pace =
  | {
      /** Fixed slots aligned to the epoch by the service's clock; `spare` requests of each slot are kept free. */
      kind: 'slots'
      /** Whose budget it is: all processes that name the same account share it. */
      account: string
      slot_ms: number
      limit: number
      spare: number
      max_in_flight: number
      /** The headers, in lower case, by which answers tell of the slot: its limit, what is left, and when it ends (epoch seconds). */
      headers: { limit: string; remaining: string; reset: string }
    }
  | {
      /** No published limit: concurrency grows while the service answers in time, and halves when it says stop. */
      kind: 'adaptive'
      initial: number
      max: number
    }

/** A service as its connector describes it to the HTTP layer. */
export interface ServiceOptions {
  /** The warehouse's id: it begins the messages of errors. */
  id: string
  /** As people call it: for sentences. Default: the id. */
  name?: string
  /** Absolute, without a trailing slash. `https`, unless the host is loopback. */
  base_url: string
  /** Sent with each request, to this service's own host only. */
  headers: Record<string, string>
  /** How fast it may be called. */
  pace: Pace
  /** The status that counts, where a service repeats or refines it in the body. Default: the HTTP status. */
  status?: (status: number, body: unknown) => number
  /**
   * Whether what it sends is sent back: then a number that JavaScript would write otherwise (16 digits, `1.0`) is an object
   * that goes back digit by digit. Default: false.
   */
  exact_numbers?: boolean
  /** The sentence of an error body that may be shown: never one that may hold personal data. Default: none. */
  message?: (body: unknown) => string | undefined
}

/** A request to a service: JSON out, JSON back. */
export interface HttpRequest {
  /** As HTTP has them. */
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the base URL, with a leading slash; parts that vary must be percent-encoded by the caller. */
  path: string
  /** Encoded by the client. Default: none. */
  query?: Record<string, string>
  /** Sent as JSON. Default: none. */
  body?: unknown
  /** The path as it may be shown in events and errors, e.g. `/items/:id`. Default: `path`. */
  route?: string
}

/** A 2xx answer with a JSON body. */
export interface HttpAnswer {
  /** 200 to 299. */
  status: number
  /** Parsed, and unchecked: a schema of the connector tells what it is. */
  body: unknown
  /** The service's clock when the request was sent at the latest: its `Date` less the duration. Null without a `Date`. */
  service_time: number | null
  /** Local clock when the request was sent. */
  sent_at: number
}

/** What ends the attempts at a request early. */
export interface RetryOptions {
  /** True: another attempt is pointless, although the runtime's limits would allow it. */
  give_up?: (error: HttpError, attempt: number) => boolean
}

/** Sends a request a single time. */
export type Once = (request: HttpRequest) => Promise<HttpAnswer>

/** One service, paced and retried. */
export interface HttpClient {
  /** Sends until it is answered with 2xx JSON; throws `HttpError` when attempts or time are used up, or at once when a retry is pointless. */
  request(request: HttpRequest, options?: RetryOptions): Promise<HttpAnswer>
  /**
   * Runs `unit` until it ends without an error that is worth a retry, each time from its beginning.
   * `once` sends a request a single time. For sequences that must be repeated as a whole, such as read, merge, write.
   */
  retry<T>(unit: (once: Once, attempt: number) => Promise<T>, options?: RetryOptions): Promise<T>
}

/** What a connector is given to reach its service. */
export interface HttpPort {
  /** The base URL to use for a service: the runtime's override, or the service's own. */
  baseUrl(service: string, own: string): string
  /** A client of a service. Throws `RunError` for a base URL that cannot be used. */
  open(service: ServiceOptions): HttpClient
  /** The time of the run. */
  clock: Clock
}

/** What one side of a run lays down for its requests. */
export interface HttpSession {
  side: Side
  redact: Redact
  /** Ends waiting: for budget, between two attempts, before a request is sent. */
  waits: AbortSignal
  /** Cuts what is in flight. */
  requests: AbortSignal
  /** Asked right before each attempt is sent; throws when nothing may be sent any more. Default: always allowed. */
  confirm?: () => Promise<void>
  /** Whether that still stands, asked when an attempt goes onto the wire. */
  holds?: () => boolean
  observe(event: RequestEvent): void
}
