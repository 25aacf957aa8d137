import { z } from 'zod'
import {
  type HttpAnswer,
  type HttpClient,
  HttpError,
  type HttpPort,
  type HttpRequest,
  type Once,
  RunError,
} from '../../core/kit.js'
import type { hrflowAuth } from './auth.js'
import type { StoredJob } from './jobs/schema.js'
import { isRecord, numberOf, recordOf } from './values.js'

/** HrFlow.ai's documentation. */
const BASE_URL = 'https://api.hrflow.ai/v1'

/** The texts for a board that is unknown or another workspace's: earlier connectors, client and documentation. */
const UNKNOWN_BOARD = /Unable to find object: board\b|^Invalid board fields|^Unauthorized Access to board key/

/** What a key may do. */
export type Permission = 'all' | 'read' | 'write'

/** Documented and in the official client's tests under two names. */
const access = z.looseObject({
  api_secret_permission: z.enum(['all', 'read', 'write']).optional().catch(undefined),
  api_key_permission: z.enum(['all', 'read', 'write']).optional().catch(undefined),
})

/** When something in between has answered so many requests in a row, the others need not be tried. */
const BLOCKED = 50

/** Documented. */
const PREFIXES = new Map<string, Permission>([
  ['ask_', 'all'],
  ['askr_', 'read'],
  ['askw_', 'write'],
])

const listMeta = z.looseObject({ meta: z.looseObject({ total: z.number() }) })

/** HrFlow's API: paths, envelope and what its errors mean. */
export class HrflowApi {
  readonly http: HttpClient
  /** What its key may do, by the key's prefix; null for another one. */
  readonly may: Permission | null
  /** Requests in a row that something in between has answered. */
  #blocked = 0

  constructor(auth: z.output<typeof hrflowAuth>, http: HttpPort) {
    this.may = PREFIXES.get(/^ask[rw]?_/.exec(auth.api_secret)?.[0] ?? '') ?? null
    this.http = http.open({
      id: 'hrflow',
      name: 'HrFlow',
      base_url: http.baseUrl('hrflow', BASE_URL),
      headers: { 'x-api-key': auth.api_secret, 'x-user-email': auth.api_user },
      // HrFlow publishes no limit.
      pace: { kind: 'adaptive', initial: 4, max: 32 },
      // Documentation of different years shows an HTTP status and a code that differ: the worse one counts.
      status: (status, body) => Math.max(status, envelopeOf(body).code),
      message: (body) => envelopeOf(body).message,
      // A PUT sends back what others have stored.
      exact_numbers: true,
    })
  }

  /** `GET /job/indexing`: null when the board has no such job. An archived job is returned too. */
  async getJob(once: Once, board_key: string, reference: string): Promise<StoredJob | null> {
    const request = { method: 'GET', path: '/job/indexing', query: { board_key, reference } } as const
    const answer = await this.#unlessMissing(once, request)
    if (answer === null) return null
    const job = jobOf(answer)
    // Another job, or none, in a 2xx: writing what it says would put one job's content on another.
    if (job === null || String(job.reference) !== reference) throw unusable('GET', '/job/indexing', answer.status)
    return job
  }

  /** `PUT /job/indexing` replaces the whole job. The job as the answer shows it; null when the board has no such job. */
  async putJob(once: Once, body: Record<string, unknown>): Promise<StoredJob | null> {
    const answer = await this.#unlessMissing(once, { method: 'PUT', path: '/job/indexing', body })
    if (answer === null) return null
    const job = jobOf(answer)
    // Recorded: the answer shows the whole job. One that does not is settled by reading, unless the key may only write.
    if (job === null && this.may !== 'write') throw unusable('PUT', '/job/indexing', answer.status)
    return job ?? {}
  }

  /** `POST /job/indexing`: false when the reference is used already. */
  async postJob(once: Once, body: Record<string, unknown>): Promise<boolean> {
    try {
      const answer = await this.#send(once, { method: 'POST', path: '/job/indexing', body })
      // Documented: the answer shows the whole job. One that does not is settled by reading.
      if (jobOf(answer) === null && this.may !== 'write') throw unusable('POST', '/job/indexing', answer.status)
      return true
    } catch (error) {
      // Recorded for profiles: "Cannot create profile with this reference: X. Already used!"; assumed alike for jobs.
      if (error instanceof HttpError && error.said?.includes('Already used') === true) return false
      throw error
    }
  }

  /** What to throw when a POST says that its reference is used, and a GET said that it is not. Worth another try. */
  referenceInUse(): HttpError {
    const said = 'The reference is used already, and the board does not show it.'
    return new HttpError({
      service: 'hrflow',
      method: 'POST',
      route: '/job/indexing',
      kind: 'status',
      status: 400,
      said,
      retryable: true,
    })
  }

  /** `PATCH /job/indexing/archive`, or back with `is_archive: 0`: false when the board has no such job. */
  async archiveJob(once: Once, board_key: string, reference: string, is_archive: 0 | 1 = 1): Promise<boolean> {
    const body = { board_key, reference, is_archive }
    const answer = await this.#unlessMissing(once, { method: 'PATCH', path: '/job/indexing/archive', body })
    // Recorded: the answer holds the job's key. One that does not is settled by reading.
    if (answer !== null && jobOf(answer) === null) throw unusable('PATCH', '/job/indexing/archive', answer.status)
    return answer !== null
  }

  /** `POST /text/parsing`: what was found in each text, in the shape that is asked for. */
  async parseTexts<T>(texts: string[], shape: z.ZodType<T>): Promise<T> {
    return this.http.retry(async (once) => {
      const answer = await this.#send(once, { method: 'POST', path: '/text/parsing', body: { texts } })
      const found = shape.safeParse(envelopeOf(answer.body).data)
      if (!found.success) throw unusable('POST', '/text/parsing', answer.status)
      return found.data
    })
  }

  /** `GET /auth`: what the key may do; null when the answer does not say. A key that may only write is refused. */
  async permission(): Promise<Permission | null> {
    return this.http.retry(async (once) => {
      const answer = await this.#send(once, { method: 'GET', path: '/auth' })
      const said = access.safeParse(envelopeOf(answer.body).data).data
      return said?.api_secret_permission ?? said?.api_key_permission ?? null
    })
  }

  /** `GET /storing/jobs`: how many jobs a board has; null when the answer does not say. */
  async countJobs(board_key: string): Promise<number | null> {
    const query = { board_keys: JSON.stringify([board_key]), limit: '1', page: '1' }
    return this.http.retry(async (once) => {
      const answer = await this.#send(once, { method: 'GET', path: '/storing/jobs', query })
      return listMeta.safeParse(answer.body).data?.meta.total ?? null
    })
  }

  async #unlessMissing(once: Once, request: HttpRequest): Promise<HttpAnswer | null> {
    try {
      return await this.#send(once, request)
    } catch (error) {
      // The same status as a validation error: only the text tells them apart.
      if (error instanceof HttpError && error.said?.includes('Unable to find object: job') === true) return null
      throw error
    }
  }

  async #send(once: Once, request: HttpRequest): Promise<HttpAnswer> {
    try {
      const answer = await once(request)
      this.#blocked = 0
      return answer
    } catch (error) {
      throw error instanceof HttpError ? (this.#runFailure(error) ?? error) : error
    }
  }

  /** What would fail every item alike ends the run. */
  #runFailure(error: HttpError): RunError | undefined {
    const fatal = (code: string, hint: string) =>
      new RunError('write_failure', code, error.message, { hint, cause: error })
    this.#blocked = error.kind === 'blocked' ? this.#blocked + 1 : 0
    if (error.kind === 'blocked') return this.#blocked < BLOCKED ? undefined : fatal('blocked', error.hint ?? '')
    const board = UNKNOWN_BOARD.test(error.said ?? '')
    if (board && error.status !== null && error.status < 500) {
      return fatal('unknown_board', 'Check push_parameters.board_key: it is not a board of this workspace')
    }
    if (error.status === 402) return fatal('over_quota', "The plan's quota is used up: see the HrFlow.ai workspace.")
    // No 403 is documented: one that does not speak of the key is an item's, as a firewall's is.
    const keyed = error.status === 403 && /secret key|permission/i.test(error.said ?? '')
    if (error.status !== 401 && !keyed) return undefined
    return this.may === 'write' && error.message.includes('GET')
      ? fatal(
          'unauthorized',
          'This api_secret may only write (askw_). Use one that may read too (ask_); an update can do without: push_parameters.edit: "replace".',
        )
      : fatal(
          'unauthorized',
          'Check api_secret and api_user: the key is wrong, or lacks the permission to read and write.',
        )
  }
}

/** The envelope of every answer, read leniently: `code` may be missing, `data` may be an object, a list or `[]`. */
function envelopeOf(body: unknown): { code: number; message: string | undefined; data: unknown } {
  const { message, data } = recordOf(body)
  const code = numberOf(recordOf(body).code) ?? 0
  return {
    code: Number.isFinite(code) ? code : 0,
    message: typeof message === 'string' ? message : undefined,
    data,
  }
}

function jobOf(answer: HttpAnswer): StoredJob | null {
  const { data } = envelopeOf(answer.body)
  const job: unknown = Array.isArray(data) ? data[0] : data
  return isRecord(job) && (job.reference ?? job.key) ? job : null
}

function unusable(method: string, route: string, status: number): HttpError {
  return new HttpError({ service: 'hrflow', method, route, kind: 'unusable', status, retryable: true })
}
