import { randomUUID } from 'node:crypto'
import { fakeJob, jobGenerator, timestamp } from './jobs.js'
import type { WorkableFakeJob } from './jobs.js'
import { readJobFilter } from './query.js'
import { FakeJobStore } from './store.js'
import type { JobFilter, JobPage } from './store.js'
import { detailView, listView } from './views.js'

export type { WorkableFakeJob } from './jobs.js'

/** How the stand-in is set up. The defaults are what the recordings and the documentation show. */
export interface WorkableFakeOptions {
  /** The account's subdomain. Default: `acme`. */
  subdomain?: string
  /** The token that is let in. Default: `workable-sandbox-token`. */
  token?: string
  /** How many jobs are generated. Default: 24. */
  jobs?: number
  /** Same seed, same jobs. Default: 1. */
  seed?: number
  /** The local clock, epoch milliseconds. Default: `Date.now`. */
  now?: () => number
  /** The service's clock is `now()` plus this; it drives `Date`, the slots and `updated_at`. Default: 0. */
  clock_offset_ms?: number
  /** Requests per slot, counted on arrival. Default: 10 in 10,000 ms; null: no limit and no rate headers. */
  rate_limit?: { limit: number; slot_ms?: number } | null
  /** How `since_id` is read; with `exclusive`, `paging.next` carries the last id of the page. Default: `inclusive`. */
  since_id?: 'inclusive' | 'exclusive'
  /**
   * Where `paging.next` points: to the URL that was called, to the documented older host and path, or to the URL that
   * was called with nothing but `limit` and `since_id`. Default: `own_host`.
   */
  next?: 'own_host' | 'other_host' | 'forgets_filters'
  /** False leaves `updated_at` out everywhere, as before 2026. Default: true. */
  updated_at?: boolean
  /** This many answers of a detail after an edit still show the version before it. Default: 0. */
  stale_details?: number
  /** What `paging` is on the last page: absent, `{}` or `{ next: null }`. Default: `absent`. */
  end_of_list?: 'absent' | 'empty' | 'null'
}

/** A job to add: any part of one; a payload as it was recorded will do. */
export type WorkableFakeJobInput = Partial<WorkableFakeJob> | Readonly<Record<string, unknown>>

/** A request as it arrived. `path` is the part below `/spi/v3`; `slot` counts slots of the service's clock. */
export interface WorkableFakeRequest {
  at: number
  method: string
  path: string
  query: Record<string, string>
  status: number
  slot: number
}

/** A Workable account that lives in memory. */
export interface WorkableFake {
  /** Answers a request for `/{subdomain}/spi/v3/...`, whatever stands in front of it. */
  fetch(request: Request): Promise<Response>
  readonly subdomain: string
  readonly token: string
  /** All jobs in full, in the order they were added. */
  readonly jobs: readonly WorkableFakeJob[]
  /** One job in full. */
  job(shortcode: string): WorkableFakeJob | undefined
  /**
   * Adds a job. One that brings `id` and `shortcode` is taken as it is, missing keys and all; of any other, what is left
   * out is generated. Throws when the shortcode is in use.
   */
  add(job?: WorkableFakeJobInput): WorkableFakeJob
  /** Changes a job, and its `updated_at` to the service's clock. Throws when there is no such job. */
  edit(shortcode: string, patch: Readonly<Record<string, unknown>>): void
  /** Deletes a job: it leaves the lists, and its detail is a 404. Throws when there is no such job. */
  remove(shortcode: string): void
  /** From now on the job's detail, and any list page that would hold it, answer 500. */
  poison(shortcode: string): void
  /** Every request that arrived, oldest first; refused ones too. */
  readonly requests: readonly WorkableFakeRequest[]
}

/** Starts an account with generated jobs. It opens no port: hand `fetch` to a client, or serve it with the sandbox. */
export function workableFake(options: WorkableFakeOptions = {}): WorkableFake {
  const account = new Account(options)
  return {
    fetch: (request) => Promise.resolve(account.answer(request)),
    subdomain: account.subdomain,
    token: account.token,
    get jobs() {
      return account.store.jobs
    },
    job: (shortcode) => account.store.job(shortcode),
    add: (job = {}) => account.add(job),
    edit: (shortcode, patch) => account.edit(shortcode, patch),
    remove: (shortcode) => account.store.remove(shortcode),
    poison: (shortcode) => account.store.poison(shortcode),
    requests: account.requests,
  }
}

class Account {
  readonly subdomain: string
  readonly token: string
  readonly store: FakeJobStore
  readonly requests: WorkableFakeRequest[] = []
  private readonly options: WorkableFakeOptions
  private readonly slotMs: number
  private readonly generate: (index: number) => WorkableFakeJob
  private generated: number
  private slot = { number: 0, arrived: 0 }

  constructor(options: WorkableFakeOptions) {
    const { subdomain = 'acme', token = 'workable-sandbox-token', jobs: count = 24, seed = 1 } = options
    this.options = options
    this.subdomain = subdomain
    this.token = token
    this.slotMs = options.rate_limit?.slot_ms ?? 10_000
    this.store = new FakeJobStore(options.since_id === 'exclusive')
    this.generate = jobGenerator({ subdomain, seed, count, now: this.serviceTime() })
    for (this.generated = 0; this.generated < count; this.generated++) this.store.add(this.generate(this.generated))
  }

  add(given: WorkableFakeJobInput): WorkableFakeJob {
    const now = timestamp(this.serviceTime())
    if (given['id'] !== undefined && given['shortcode'] !== undefined) {
      return this.store.add(fakeJob.parse({ created_at: now, ...given }))
    }
    const made = this.generate(this.generated++)
    // Above every id there is: the order by id is the order of arrival (docs).
    const id = Math.max(Number.parseInt(made.id, 16), this.store.highestId + 1).toString(16)
    return this.store.add(
      fakeJob.parse({ ...made, id, state: 'published', created_at: now, updated_at: now, ...given }),
    )
  }

  edit(shortcode: string, patch: Readonly<Record<string, unknown>>): void {
    this.store.edit(shortcode, patch, this.serviceTime(), this.options.stale_details ?? 0)
  }

  answer(request: Request): Response {
    const url = new URL(request.url)
    const [, before = '', path = ''] = /^(.*)\/spi\/v3(\/.*)$/.exec(url.pathname) ?? []
    const at = this.now()
    const slot = Math.floor(this.serviceTime() / this.slotMs)
    const response = path === '' || !this.isOurs(url, before) ? noSuchHost() : this.answerOurs(request, url, path, slot)
    response.headers.set('date', new Date(this.serviceTime()).toUTCString())
    const query = Object.fromEntries(url.searchParams)
    this.requests.push({ at, method: request.method, path: path || url.pathname, query, status: response.status, slot })
    return response
  }

  /** The subdomain is the last part before `/spi/v3`, or the host itself when a client calls `*.workable.com`. */
  private isOurs(url: URL, before: string): boolean {
    const name =
      before === '' ? url.hostname.replace(/\.workable\.com$/, '') : before.slice(before.lastIndexOf('/') + 1)
    return name === this.subdomain
  }

  private answerOurs(request: Request, url: URL, path: string, slot: number): Response {
    // Docs: the examples of every page.
    if (request.headers.get('authorization') !== `Bearer ${this.token}`) return json(401, { error: 'Not authorized' })
    const rate = this.count(slot)
    // Docs, "Rate limiting": 429. The body was never seen: inferred.
    const refused = rate?.remaining === 0
    const response = refused ? json(429, { error: 'Rate limit exceeded' }) : this.route(request, url, path)
    if (!rate) return response
    response.headers.set('x-rate-limit-limit', String(rate.limit))
    response.headers.set('x-rate-limit-remaining', String(rate.remaining))
    response.headers.set('x-rate-limit-reset', String(rate.reset))
    return response
  }

  /**
   * Recorded 2026-07: slots are aligned to the clock; Remaining goes 9, 8, ... 1 and never 0, so the request that would
   * reach 0 is refused (inferred); Reset is now + 10 s in epoch seconds, not the end of the slot.
   */
  private count(slot: number): { limit: number; remaining: number; reset: number } | undefined {
    if (this.options.rate_limit === null) return undefined
    const { limit } = this.options.rate_limit ?? { limit: 10 }
    if (slot !== this.slot.number) this.slot = { number: slot, arrived: 0 }
    this.slot.arrived += 1
    const reset = Math.floor(this.serviceTime() / 1000) + Math.ceil(this.slotMs / 1000)
    return { limit, remaining: Math.max(0, limit - this.slot.arrived), reset }
  }

  private route(request: Request, url: URL, path: string): Response {
    const [first, second, ...rest] = path.slice(1).split('/')
    if (request.method !== 'GET' || rest.length > 0) return notFound()
    if (first === 'jobs') return second === undefined ? this.list(url) : this.detail(decoded(second))
    if (first !== 'accounts') return notFound()
    // Recorded 2026-07: a wrapped list, and the same object flat.
    if (second === undefined) return json(200, { accounts: [this.account()] })
    return second === this.subdomain ? json(200, this.account()) : notFound()
  }

  private list(url: URL): Response {
    const filter = readJobFilter(url.searchParams)
    // Inferred: no page lists error codes.
    if (!filter) return json(400, { error: 'Bad request' })
    const page = this.store.page(filter)
    if (page.poisoned) return serverError()
    const include = new Set((url.searchParams.get('include_fields') ?? '').split(','))
    const jobs = page.jobs.map((job) => this.dated(listView(job, include)))
    return json(200, { jobs, ...this.paging(url, filter, page) })
  }

  private paging(url: URL, filter: JobFilter, { jobs, following }: JobPage): { paging?: { next?: string | null } } {
    if (!following) {
      if (this.options.end_of_list === 'empty') return { paging: {} } // A third-party test.
      if (this.options.end_of_list === 'null') return { paging: { next: null } } // Third-party schemas.
      return {} // Recorded 2026-07, in all lists.
    }
    const { next = 'own_host', since_id } = this.options
    // Recorded 2026-07: the effective limit even if none was sent, and the first id of the next page.
    const cursor = since_id === 'exclusive' ? (jobs.at(-1)?.id ?? '') : following.id
    const query = new URLSearchParams({ limit: String(filter.limit), since_id: cursor })
    // Recorded 2025-06 for `state`; inferred for the other filters.
    for (const [key, value] of url.searchParams) {
      if (next !== 'forgets_filters' && key !== 'limit' && key !== 'since_id') query.append(key, value)
    }
    // The documented example of `/jobs` shows the older host and path.
    const older = `https://www.workable.com/spi/v3/accounts/${this.subdomain}/jobs`
    return { paging: { next: `${next === 'other_host' ? older : url.origin + url.pathname}?${query.toString()}` } }
  }

  private detail(shortcode: string): Response {
    const shown = this.store.show(shortcode)
    if (!shown) return notFound()
    return shown.poisoned ? serverError() : json(200, this.dated(detailView(shown.job)))
  }

  /** `updated_at` is absent in 2025-06 and before. */
  private dated(view: Record<string, unknown>): Record<string, unknown> {
    if (this.options.updated_at === false) delete view['updated_at']
    return view
  }

  private account() {
    const { subdomain } = this
    return {
      id: 'b4e8e',
      name: subdomain,
      subdomain,
      description: null,
      summary: null,
      website_url: `https://${subdomain}.example`,
    }
  }

  private now(): number {
    return this.options.now?.() ?? Date.now()
  }

  private serviceTime(): number {
    return this.now() + (this.options.clock_offset_ms ?? 0)
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // A malformed escape names no job.
  }
}

/** Recorded 2026-07: media type, cache-control and x-request-id. */
function json(status: number, body: unknown): Response {
  return respond(status, 'application/json; charset=utf-8', JSON.stringify(body))
}

function respond(status: number, type: string, body: string): Response {
  const headers = {
    'content-type': type,
    'cache-control': 'max-age=0, private, must-revalidate',
    'x-request-id': randomUUID(),
  }
  return new Response(body, { status, headers })
}

/** Recorded 2026-07 on a PATCH; the documented examples have the same text. */
const notFound = () => json(404, { error: 'Not found' })

/** A third-party test: an empty body under a JSON media type. */
const serverError = () => respond(500, 'application/json; charset=utf-8', '')

/** Inferred: a subdomain nobody has is answered by the web site, not by the API. */
function noSuchHost(): Response {
  return respond(
    404,
    'text/html; charset=utf-8',
    '<html><head><title>404</title></head><body>Page not found</body></html>',
  )
}
