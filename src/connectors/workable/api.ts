import {
  GoneError,
  type HttpAnswer,
  type HttpClient,
  HttpError,
  type HttpPort,
  isRecord,
  ListError,
  type Once,
  type RetryOptions,
  RunError,
} from '../../core/kit.js'
import type { WorkableAuth } from './auth.js'
import { type Page, type Pulled, readPages } from './paging.js'

/** `https://{subdomain}.workable.com/spi/v3`: every endpoint, by Workable's documentation and in every recording. */
const BASE_URL = 'https://{subdomain}.workable.com/spi/v3'

/**
 * Documented: an account token has 10 requests per 10 s, an OAuth or partner token 50; the limit is in each answer's
 * headers. Recorded: slots are aligned to the epoch and the tenth request is already refused, so one is kept free.
 */
const PACE = {
  kind: 'slots',
  ...{ slot_ms: 10_000, limit: 10, spare: 1, max_in_flight: 32 },
  headers: { limit: 'x-rate-limit-limit', remaining: 'x-rate-limit-remaining', reset: 'x-rate-limit-reset' },
} as const

/** A detail of a job that was just listed may be missing or old on a replica: it is asked for twice more. */
const TRIES_OF_A_DOUBTFUL_DETAIL = 3

/** When so many details in a row, from the first on, are forbidden, the token's scope is wrong, not a job. */
const FORBIDDEN_DETAILS = 10

/** When something in between has answered so many details in a row, the others need not be tried. */
const BLOCKED_DETAILS = 10

/** A challenge may let the next one pass. */
const TRIES_OF_A_BLOCKED_DETAIL = 2

/** `updated_at` is told to the second, and by some answers with fractions, which others round: less apart is the same. */
export const VERSION_GRAIN_MS = 1_000

export type Fields = Record<string, unknown>

/** Workable's API: paths, paging and what its errors mean. Knows nothing of HrFlow. */
export class WorkableApi {
  readonly subdomain: string
  readonly #http: HttpClient
  #listed = false
  #details = 0
  #forbidden = 0
  /** Details in a row that something in between has answered. */
  #blocked = 0

  constructor(auth: WorkableAuth, http: HttpPort) {
    this.subdomain = auth.subdomain
    this.#http = http.open({
      id: 'workable',
      name: 'Workable',
      base_url: http.baseUrl('workable', BASE_URL).replace('{subdomain}', auth.subdomain),
      headers: { authorization: `Bearer ${auth.api_access_token}` },
      pace: { ...PACE, account: `workable:${auth.subdomain}` },
    })
  }

  /** `GET /jobs`, to its end; or a problem with one entry on it. */
  jobs(query: Record<string, string>): AsyncGenerator<Pulled> {
    return readPages((page, options) => this.jobsPage(page, options), query)
  }

  /** `GET /jobs/:shortcode`. `version` is what the list said: an older detail comes from a replica that lags behind. */
  async job(shortcode: string, version: string | null): Promise<{ job: Fields; read_at: number }> {
    try {
      const loaded = await this.#http.retry(async (once, attempt) => this.#detail(once, attempt, shortcode, version), {
        give_up: (error, attempt) => error.kind === 'blocked' && attempt >= TRIES_OF_A_BLOCKED_DETAIL,
      })
      this.#details += 1
      this.#blocked = 0
      return loaded
    } catch (error) {
      throw this.#detailFailure(error, shortcode)
    }
  }

  /** One page of `GET /jobs`. Throws `RunError` for a wrong token, scope or subdomain. */
  async jobsPage(query: Record<string, string>, options: RetryOptions = {}): Promise<Page> {
    const request = { method: 'GET', path: '/jobs', query } as const
    try {
      const page = await this.#http.retry(async (once) => pageOf(await once(request)), options)
      this.#listed = true
      return page
    } catch (error) {
      throw this.#listFailure(error)
    }
  }

  async #detail(once: Once, attempt: number, shortcode: string, version: string | null) {
    const route = '/jobs/:shortcode'
    const request = { method: 'GET', path: `/jobs/${encodeURIComponent(shortcode.toWellFormed())}`, route } as const
    const again = attempt < TRIES_OF_A_DOUBTFUL_DETAIL
    const doubtful = { service: 'workable', method: 'GET', route, retryable: again }
    let answer: HttpAnswer
    try {
      answer = await once(request)
    } catch (error) {
      if (error instanceof HttpError && error.kind === 'status' && error.status === 404)
        throw new HttpError({ ...doubtful, kind: 'status', status: 404 })
      throw error
    }
    const job = jobOf(answer.body, shortcode)
    if (job === null) throw new HttpError({ ...doubtful, kind: 'unusable', status: answer.status })
    if (isOlder(job['updated_at'], version)) throw new HttpError({ ...doubtful, kind: 'stale', status: answer.status })
    return { job, read_at: answer.service_time ?? answer.sent_at }
  }

  #detailFailure(error: unknown, shortcode: string): unknown {
    if (!(error instanceof HttpError)) return error
    this.#blocked = error.kind === 'blocked' ? this.#blocked + 1 : 0
    if (error.kind === 'blocked') return this.#blocked >= BLOCKED_DETAILS ? blocked(error) : error
    if (error.status === 401) return unauthorized(error)
    this.#details += 1
    if (error.status === 404) return new GoneError(shortcode)
    if (error.status === 403) this.#forbidden += 1
    const all = this.#details === this.#forbidden && this.#forbidden >= FORBIDDEN_DETAILS
    return all ? forbidden(error) : error
  }

  /** What a list that cannot be read says about the account: wrong token, scope or subdomain. */
  #listFailure(error: unknown): unknown {
    if (!(error instanceof HttpError)) return error
    // Of a subdomain that nobody has the web site says "not found" (inferred), as something in between may.
    const elsewhere = error.kind === 'redirect' || error.status === 404
    if (error.kind === 'blocked' && !elsewhere) return this.#listed ? error : blocked(error, this.subdomain)
    if (error.status === 401) return unauthorized(error)
    if (error.status === 403) return forbidden(error)
    if (!this.#listed && elsewhere) {
      return new RunError('read_failure', 'unknown_subdomain', error.message, {
        hint: `Check subdomain: "${this.subdomain}" seems to be no Workable account. The subdomain is NAME in https://NAME.workable.com. Or a proxy, a firewall or a login page answers in its place: check the network.`,
        cause: error,
      })
    }
    if (elsewhere) return new ListError('list_failed', error.message, { cause: error })
    return error
  }
}

function unauthorized(cause: HttpError): RunError {
  return new RunError('read_failure', 'unauthorized', cause.message, {
    hint: 'Check api_access_token: it is wrong, has expired or was revoked, or belongs to another account than subdomain.',
    cause,
  })
}

function blocked(cause: HttpError, subdomain?: string): RunError {
  const account = subdomain === undefined ? '' : ` It can also be that "${subdomain}" is no Workable account.`
  return new RunError('read_failure', 'blocked', cause.message, { hint: `${cause.hint ?? ''}${account}`, cause })
}

function forbidden(cause: HttpError): RunError {
  return new RunError('read_failure', 'forbidden', cause.message, {
    hint: 'Check the scopes of api_access_token: reading jobs needs r_jobs.',
    cause,
  })
}

/** Throws what is worth another try when an answer is not a list of jobs: an error body is never an item. */
function pageOf(answer: HttpAnswer): Page {
  const body = isRecord(answer.body) ? answer.body : {}
  const entries: unknown = body['jobs']
  if (!Array.isArray(entries)) {
    throw new HttpError({
      service: 'workable',
      method: 'GET',
      route: '/jobs',
      kind: 'unusable',
      status: answer.status,
      retryable: true,
    })
  }
  // The end of the list: no `paging` (recorded); `{}`, `next: null` and `next: ""` are in third-party tests and schemas.
  const paging = body['paging'] ?? {}
  const isNone = paging === '' || (Array.isArray(paging) && paging.length === 0)
  const next = isRecord(paging) ? (paging['next'] ?? '') : isNone ? '' : undefined
  // Whether the list goes on cannot be read: it is not taken for a whole one.
  if (typeof next !== 'string')
    throw new ListError('list_stuck', '[workable] GET /jobs: paging.next is not an address.')
  return {
    entries,
    next: next === '' ? null : next,
    read_at: answer.service_time ?? answer.sent_at,
    asked_at: answer.service_time === null ? null : Math.min(answer.service_time, answer.sent_at),
  }
}

/** The job of a detail answer: flat as documented and recorded, or wrapped as two third-party clients expect it. */
function jobOf(body: unknown, shortcode: string): Fields | null {
  if (!isRecord(body)) return null
  const job = isRecord(body['job']) && body['shortcode'] === undefined ? body['job'] : body
  return String(job['shortcode']) === shortcode ? job : null
}

function isOlder(updated_at: unknown, version: string | null): boolean {
  return Date.parse(version ?? '') - Date.parse(String(updated_at)) >= VERSION_GRAIN_MS
}
