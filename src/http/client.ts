import { hash } from 'node:crypto'
import type { Dispatcher } from 'undici'
import { guarded, HttpError, type HttpFailure, RunError, StoppedError } from '../core/errors.js'
import type {
  HttpAnswer,
  HttpClient,
  HttpPort,
  HttpRequest,
  HttpSession,
  RetryOptions,
  ServiceOptions,
} from '../core/ports/http.js'
import {
  budgetOf,
  failureKind,
  isForeign,
  isRefusedWrite,
  isSentence,
  type Received,
  refusedByProxy,
  TimeoutError,
} from './answer.js'
import { checkedBase, isLoopback } from './base-url.js'
import { Exchange } from './exchange.js'
import { ExactJson } from './json.js'
import type { HttpOptions } from './options.js'
import { AdaptivePacer } from './pacing/adaptive.js'
import { type Budgets, FixedWindowPacer } from './pacing/fixed-window.js'
import { HeldError, type Pacer, type Permit } from './pacing/pacer.js'
import { isRetryable, nextAttempt, retryAfterMs } from './retry.js'

/** The HTTP side of one side of a run. */
export function openHttp(options: HttpOptions, session: HttpSession): HttpPort {
  return {
    clock: options.clock,
    baseUrl: (service, own) => options.base_urls[service] ?? own,
    open: (service) => new PacedClient(service, checkedBase(service, session), options, session),
  }
}

interface Attempt {
  request: HttpRequest
  /** How the path is shown. */
  route: string
  attempt: number
  /** How long was waited before it, after the attempt before. */
  paused_ms: number
  /** Of the total for all attempts. */
  time_left_ms: number
}

/** No dots, which name a folder above, and nothing that is encoded. */
const PLAIN_PATH = /^(?:\/[\w-]+)+$/

class PacedClient implements HttpClient {
  readonly #service: ServiceOptions
  readonly #base: URL
  readonly #origin: string
  readonly #headers: Record<string, string>
  readonly #options: HttpOptions
  readonly #session: HttpSession
  readonly #pacer: Pacer
  readonly #json: Pick<JSON, 'parse' | 'stringify'>
  readonly #onTheirWay = new Set<Exchange>()

  constructor(service: ServiceOptions, base: URL, options: HttpOptions, session: HttpSession) {
    this.#service = service
    this.#base = base
    this.#origin = base.origin
    this.#headers = {
      ...service.headers,
      accept: 'application/json',
      'accept-encoding': 'gzip',
      'user-agent': options.user_agent,
    }
    this.#options = options
    this.#session = session
    this.#pacer = openPacer(service, options)
    this.#json = service.exact_numbers === true ? new ExactJson() : JSON
    const stop = () => {
      for (const exchange of this.#onTheirWay) exchange.cut(new StoppedError())
    }
    // One for all: a listener for each request would be looked for among all others when it goes.
    session.requests.addEventListener('abort', stop, { once: true })
  }

  async request(request: HttpRequest, options: RetryOptions = {}): Promise<HttpAnswer> {
    return this.retry((once) => once(request), options)
  }

  async retry<T>(
    unit: (once: (request: HttpRequest) => Promise<HttpAnswer>, attempt: number) => Promise<T>,
    options: RetryOptions = {},
  ): Promise<T> {
    const { clock, random } = this.#options
    const { limits } = this.#options
    let spent_ms = 0
    let paused_ms = 0
    for (let attempt = 1; ; attempt++) {
      let retry_after_ms: number | null = null
      const once = async (request: HttpRequest) => {
        const route = request.route ?? request.path
        const time_left_ms = Math.max(1, limits.total_timeout_ms - spent_ms)
        const outcome = await this.#attempt({ request, route, attempt, paused_ms, time_left_ms })
        paused_ms = 0
        spent_ms += outcome.duration_ms
        if ('answer' in outcome) return outcome.answer
        retry_after_ms = outcome.retry_after_ms
        throw outcome.error
      }
      try {
        return await unit(once, attempt)
      } catch (thrown) {
        if (!(thrown instanceof HttpError)) throw thrown
        thrown.attempts = attempt
        const { retryable, status } = thrown
        const paced = this.#service.pace.kind === 'slots'
        const next = nextAttempt({ attempt, retryable, status, retry_after_ms, spent_ms }, limits, paced, random())
        if (next === null || options.give_up?.(thrown, attempt) === true) throw thrown
        spent_ms += next.counted_ms
        paused_ms = next.wait_ms
        await clock.sleep(next.wait_ms, this.#session.waits)
        if (this.#session.waits.aborted) throw new StoppedError()
      }
    }
  }

  async #attempt(attempt: Attempt): Promise<Outcome> {
    const { clock } = this.#options
    const { waits, requests } = this.#session
    if (waits.aborted) throw new StoppedError()
    const permit = await this.#pacer.acquire(waits).catch((error: unknown) => {
      throw error instanceof HeldError ? this.#heldFailure(error) : error
    })
    await this.#confirm(permit)
    const sent_at = clock.now()
    let received: Received | null = null
    try {
      received = await this.#send(attempt)
    } catch (cause) {
      if (requests.aborted) throw new StoppedError()
      const refused = refusedByProxy(cause)
      if (refused !== null) return this.#failed(attempt, 'blocked', refused, { cause, sent_at, permit })
      return this.#failed(attempt, failureKind(cause), null, { cause, sent_at, permit })
    } finally {
      permit.settle(received === null ? null : { status: this.#statusOf(received), headers: received.headers })
      if (received === null && requests.aborted) this.#tell(attempt, null, sent_at, permit, null)
    }
    return this.#judge(attempt, received, sent_at, permit)
  }

  #heldFailure({ until }: HeldError): RunError {
    const at = new Date(until).toISOString().slice(0, 19)
    const said = `[${this.#service.id}] The service asks to be left alone until ${at}Z (Retry-After).`
    const hint = 'Run again after that. The work done so far is kept.'
    return new RunError(this.#session.side === 'origin' ? 'read_failure' : 'write_failure', 'held', said, { hint })
  }

  /** A place that is not used goes back. */
  async #confirm(permit: Permit): Promise<void> {
    if (!this.#session.confirm) return
    try {
      await this.#session.confirm()
      if (this.#session.requests.aborted) throw new StoppedError()
    } catch (error) {
      permit.settle(null)
      throw error
    }
  }

  #judge(attempt: Attempt, received: Received, sent_at: number, permit: Permit): Outcome {
    const status = this.#statusOf(received)
    const facts = { sent_at, permit, received }
    if (status >= 300 && status < 400) return this.#failed(attempt, 'redirect', status, facts)
    if (isForeign(received)) return this.#failed(attempt, 'blocked', status, facts)
    if (status >= 400 || status < 200) return this.#failed(attempt, 'status', status, facts)
    if (received.body === undefined) return this.#failed(attempt, 'not_json', status, facts)
    const now = this.#options.clock.now()
    this.#tell(attempt, status, sent_at, permit, received)
    const date = Date.parse(received.headers['date'] ?? '')
    const duration_ms = now - sent_at
    const service_time = Number.isFinite(date) ? date - duration_ms : null
    return { answer: { status, body: received.body, service_time, sent_at }, duration_ms }
  }

  #failed(
    attempt: Attempt,
    kind: HttpFailure,
    status: number | null,
    facts: { sent_at: number; permit: Permit; cause?: unknown; received?: Received },
  ): Outcome {
    const { clock } = this.#options
    this.#tell(attempt, status, facts.sent_at, facts.permit, facts.received ?? null)
    const sentence = facts.received === undefined ? undefined : this.#service.message?.(facts.received.body)
    const error = new HttpError({
      service: this.#service.id,
      name: this.#service.name ?? this.#service.id,
      method: attempt.request.method,
      route: attempt.route,
      kind,
      status,
      // Redacted before it is cut, so that no half of a secret remains.
      said: sentence === undefined ? undefined : this.#session.redact(sentence).slice(0, 200),
      retryable: isRetryable(kind, status) && !isRefusedWrite(kind, status, attempt.request.method),
      cause: facts.cause,
      via: isLoopback(this.#base) ? undefined : this.#options.proxy?.host,
    })
    const retry_after_ms = retryAfterMs(facts.received?.headers ?? {}, clock.now())
    return { error, retry_after_ms, duration_ms: clock.now() - facts.sent_at }
  }

  #statusOf(received: Received): number {
    return this.#service.status?.(received.status, received.body) ?? received.status
  }

  #tell(attempt: Attempt, status: number | null, sent_at: number, permit: Permit, received: Received | null): void {
    this.#session.observe({
      service: this.#service.id,
      method: attempt.request.method,
      path: this.#session.redact(attempt.route),
      attempt: attempt.attempt,
      status,
      duration_ms: this.#options.clock.now() - sent_at,
      waited_ms: permit.waited_ms + attempt.paused_ms,
      budget: received === null ? null : budgetOf(received.headers, this.#service.pace),
    })
  }

  /** Below the base URL, whatever the path. One that is plain is itself in a URL: to find that out takes longest otherwise. */
  #pathOf(path: string): string {
    const below = `${this.#base.pathname.replace(/\/$/, '')}${path}`
    if (PLAIN_PATH.test(path)) return below
    const url = new URL(this.#base)
    url.pathname = below
    return url.pathname
  }

  async #send(attempt: Attempt): Promise<Received> {
    if (this.#session.requests.aborted) throw new StoppedError()
    const { dispatcher, limits } = this.#options
    const { attempt_timeout_ms, max_body_bytes } = limits
    const exchange = new Exchange({ max_body_bytes, holds: this.#session.holds })
    this.#onTheirWay.add(exchange)
    const late = () => exchange.cut(new TimeoutError())
    const timer = setTimeout(late, Math.min(attempt_timeout_ms, attempt.time_left_ms))
    try {
      const { status, headers, text } = await exchange.send(dispatcher, this.#wireForm(attempt.request))
      const body = this.#bodyOf(text)
      return { status, headers, body, isText: isSentence(text, body) }
    } finally {
      clearTimeout(timer)
      this.#onTheirWay.delete(exchange)
    }
  }

  /** The media type is not asked: services answer JSON as text, and HTML as JSON. */
  #bodyOf(text: string): unknown {
    try {
      return this.#json.parse(text.replace(/^\uFEFF/, ''))
    } catch {
      // Not JSON: the status decides what that means.
      return undefined
    }
  }

  #wireForm({ method, path, query, body }: HttpRequest): Dispatcher.DispatchOptions {
    const pathname = this.#pathOf(path)
    const search = query === undefined ? '' : String(new URLSearchParams(query))
    const form = { origin: this.#origin, path: search === '' ? pathname : `${pathname}?${search}`, method }
    if (body === undefined) return { ...form, headers: { ...this.#headers } }
    const headers = { ...this.#headers, 'content-type': 'application/json' }
    return { ...form, headers, body: this.#json.stringify(body) }
  }
}

type Outcome =
  { answer: HttpAnswer; duration_ms: number } | { error: HttpError; retry_after_ms: number | null; duration_ms: number }

function openPacer(service: ServiceOptions, options: HttpOptions): Pacer {
  const { clock, store, pacers, adaptive, requests_per_minute } = options
  const { pace } = service
  if (pace.kind === 'slots') {
    const budgets: Budgets = {
      takeBudget: (request) => guarded(() => store.takeBudget(request)),
      accountLimit: (account) => guarded(() => store.accountLimit(account)),
      saveAccountLimit: (account, limit) => store.saveAccountLimit(account, limit),
      holdAccount: async (account, ms) => store.holdAccount?.(account, ms),
      accountHold: (account) => guarded(async () => (await store.accountHold?.(account)) ?? 0),
    }
    const pacer = pacers.get(pace.account) ?? new FixedWindowPacer({ ...pace, clock, store: budgets })
    pacers.set(pace.account, pacer)
    return pacer
  }
  const key = JSON.stringify([
    service.id,
    service.base_url,
    hash('sha256', JSON.stringify(service.headers)),
    requests_per_minute,
  ])
  const limit = requests_per_minute === undefined ? {} : { requests_per_minute }
  const pacer = adaptive.get(key) ?? new AdaptivePacer({ ...pace, clock, ...limit })
  adaptive.set(key, pacer)
  return pacer
}
