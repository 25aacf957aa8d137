import { z } from 'zod'
import { type HrflowFakeJob, identity, type Identity, LIST_FIELDS } from './job.js'
import type { HrflowFakeOptions, HrflowFakeRequest } from './options.js'
import { parseText } from './parsing.js'
import {
  archiveBody,
  parsingBody,
  readJobListQuery,
  readJson,
  readPaging,
  Refusal,
  validationMessage,
  writeBody,
} from './query.js'
import { boardKey, FakeBoards } from './store.js'

interface Call {
  method: string
  path: string
  query: URLSearchParams
  body: unknown
}

interface Answer {
  /** HTTP status, where it is not the code of the body. */
  status?: number
  body: { code: number; message: string; data?: unknown; meta?: unknown }
}

const ROUTES: Record<string, Record<string, ((workspace: Workspace, call: Call) => Answer) | undefined> | undefined> = {
  '/auth': { GET: (workspace) => workspace.auth() },
  '/board': { GET: (workspace, call) => workspace.boardDetails(call) },
  '/job/indexing': {
    POST: (workspace, call) => workspace.create(call),
    PUT: (workspace, call) => workspace.edit(call),
    GET: (workspace, call) => workspace.details(call),
  },
  '/job/indexing/archive': { PATCH: (workspace, call) => workspace.archive(call) },
  '/storing/jobs': { GET: (workspace, call) => workspace.list(call) },
  '/text/parsing': { POST: (workspace, call) => workspace.parse(call) },
}

const PREFIXES = { all: 'ask_', read: 'askr_', write: 'askw_' }

/** The workspace behind `hrflowFake`: one method per endpoint. */
export class Workspace {
  readonly secret: string
  readonly user: string
  readonly boards: readonly string[]
  readonly store: FakeBoards
  readonly requests: HrflowFakeRequest[] = []
  private readonly options: HrflowFakeOptions
  private readonly permission: keyof typeof PREFIXES

  constructor(options: HrflowFakeOptions) {
    this.options = options
    this.permission = options.permission ?? 'all'
    this.boards = options.boards ?? [boardKey(0)]
    this.secret = options.api_secret ?? `${PREFIXES[this.permission]}${'0'.repeat(32)}`
    this.user = options.api_user ?? 'owner@example.com'
    this.store = new FakeBoards(this.boards, () => this.now(), {
      geocode: options.geocode ?? true,
      renders_dates: options.dates !== 'as_sent',
    })
  }

  async answer(request: Request): Promise<Response> {
    const at = this.now()
    const url = new URL(request.url)
    const [, path = ''] = /\/v1(\/.*)$/.exec(url.pathname) ?? []
    const body = readJson(await request.text())
    const call = { method: request.method, path, query: url.searchParams, body: body.value }
    const answer = this.refusing(() => {
      const route = ROUTES[path]
      if (!route) throw new Refusal(404, 'Not found') // Inferred: 404 is in the status table.
      this.authorise(request.headers, call)
      const run = route[request.method]
      if (!run) throw new Refusal(405, 'Method not allowed') // Third party: 405 for a wrong method.
      if (body.malformed) throw new Refusal(400, 'Invalid parameters. The body is not JSON') // Inferred.
      return run(this, call)
    })
    const status = answer.status ?? answer.body.code
    const query = Object.fromEntries(url.searchParams)
    this.requests.push({ at, method: call.method, path: path || url.pathname, query, body: call.body, status })
    const headers = {
      'content-type': this.options.content_type ?? 'application/json',
      date: new Date(at).toUTCString(),
    }
    return new Response(JSON.stringify(answer.body), { status, headers })
  }

  private refusing(run: () => Answer): Answer {
    try {
      return run()
    } catch (error) {
      if (error instanceof Refusal) return { body: { code: error.status, message: error.message } }
      if (!(error instanceof z.ZodError)) throw error
      const { status: code, message } = this.malformed(validationMessage(error))
      return { body: { code, message } }
    }
  }

  /**
   * Docs, "API Authentication": the message repeats the key that was sent. Official client's tests: a write-only key
   * cannot call any GET, `/auth` included. Inferred: text parsing counts as writing, and a wrong email is a wrong key.
   */
  private authorise(headers: Headers, { method, path }: Call): void {
    const sent = headers.get('x-api-key') ?? ''
    const needed = method === 'GET' ? 'read' : 'write'
    const known = sent === this.secret && headers.get('x-user-email')?.toLowerCase() === this.user.toLowerCase()
    if (known && (this.permission === 'all' || this.permission === needed)) return
    const named = !known && path === '/auth' ? 'all' : needed
    throw new Refusal(401, `Unauthorized. Invalid secret key: ${sent} for permission: ${named}`)
  }

  auth(): Answer {
    const data = {
      team_name: 'sandbox',
      team_subdomain: 'sandbox',
      request_origin: null,
      // The first name is of the docs, the second of the official client's tests.
      api_secret_permission: this.permission,
      api_key_permission: this.permission,
    }
    return { body: { code: 200, message: 'API Access Success', data } }
  }

  /** Docs 2021: an unknown board has a text of its own here. */
  boardDetails({ query }: Call): Answer {
    const key = query.get('key') ?? query.get('board_key') ?? ''
    this.refuseForeign(key)
    if (!this.store.has(key)) throw new Refusal(400, 'Invalid board fields')
    const at = '2026-08-31T09:46:07+0000'
    const user = { id: 1, email: this.user }
    const kind = { type: 'api', subtype: 'python', environment: 'production' }
    const state = { description: null, private: false, disable: false, status: true, archive: null, archived_at: null }
    const data = {
      id: 66,
      key,
      name: 'Sandbox jobs',
      ...kind,
      ...state,
      members: [this.user],
      user,
      updated_at: at,
      created_at: at,
    }
    return { body: { code: 200, message: 'Board info', data } }
  }

  /** Recorded: the answer shows lists that were not sent as null. */
  create({ body }: Call): Answer {
    const { board_key, payload, ids } = this.readWrite(body)
    if (ids.reference && this.store.find(board_key, { reference: ids.reference })) {
      // Recorded for profiles; inferred for jobs. Inferred: an archived job keeps its reference.
      throw new Refusal(400, `Cannot create job with this reference: ${ids.reference}. Already used!`)
    }
    if (ids.key && this.store.find(board_key, { key: ids.key })) {
      throw new Refusal(400, `Cannot create job with this key: ${ids.key}. Already used!`) // Inferred.
    }
    const job = this.store.create(board_key, payload, ids)
    const unsent = LIST_FIELDS.filter((name) => (payload[name] ?? null) === null).map((name): [string, null] => [
      name,
      null,
    ])
    const data = { ...job, ...Object.fromEntries(unsent) }
    return { status: this.options.created_status ?? 201, body: { code: 201, message: 'Job created', data } }
  }

  edit({ body }: Call): Answer {
    const { board_key, payload, ids } = this.readWrite(body)
    const job = this.find(board_key, ids)
    return { body: { code: 200, message: 'Job edited', data: this.store.replace(job, payload) } }
  }

  /** Earliest connectors: an archived job is still returned, with `archived_at`. */
  details({ query }: Call): Answer {
    const board_key = this.readBoard(query.get('board_key'))
    const ids = identity.parse({ reference: query.get('reference') || null, key: query.get('key') || null })
    return { body: { code: 200, message: 'Job details', data: this.find(board_key, ids) } }
  }

  /** Official client: 1 archives, 0 unarchives; older connectors sent booleans; docs show a body without it. */
  archive({ body }: Call): Answer {
    const { is_archive, ...rest } = archiveBody.parse(body)
    const job = this.find(this.readBoard(rest.board_key), identity.parse(rest))
    const archived = is_archive === 1 || is_archive === true
    this.store.archive(job, archived)
    // Recorded; the text for unarchiving is unknown.
    return { body: { code: 200, message: archived ? 'Job archived' : 'Job unarchived', data: { key: job.key } } }
  }

  /** Docs: items hold key, reference and dates only, unless `return_job` is set. */
  list({ query }: Call): Answer {
    const list = readJobListQuery(query)
    for (const board of list.boards) this.readBoard(board)
    const { page, limit, return_job } = readPaging(query)
    const found = this.store.list(list)
    const items = found.slice((page - 1) * limit, page * limit)
    const data = return_job
      ? items
      : items.map(({ key, reference, created_at, updated_at, archived_at }) => ({
          key,
          reference,
          created_at,
          updated_at,
          archived_at,
        }))
    const meta = { page, maxPage: Math.ceil(found.length / limit), count: items.length, total: found.length }
    return { body: { code: 200, message: 'List of jobs', meta, data } }
  }

  parse({ body }: Call): Answer {
    const { text, texts, parsing_model } = parsingBody.parse(body)
    const given = texts ?? [text ?? null]
    // Docs.
    const data = given.map((one) => {
      if (one === null) throw new Refusal(400, 'Bad request. Text cannot be null')
      return parseText(one, parsing_model ?? 'atlas')
    })
    return { body: { code: 200, message: 'Text parsing results', data } }
  }

  /** Docs, notebooks, third parties: the job stands beside `board_key`, or under `job`. */
  private readWrite(body: unknown): { board_key: string; payload: Record<string, unknown>; ids: Identity } {
    const flat = writeBody.parse(body)
    const payload = flat.job ?? flat
    return { board_key: this.readBoard(flat.board_key), payload, ids: identity.parse(payload) }
  }

  private readBoard(given: unknown): string {
    const board_key = typeof given === 'string' ? given : ''
    if (board_key === '') throw this.malformed('board_key cannot be null')
    this.refuseForeign(board_key)
    // Official client; inferred for POST, PUT and PATCH.
    if (!this.store.has(board_key)) throw new Refusal(400, 'Invalid parameters. Unable to find object: board')
    return board_key
  }

  /** Docs 2021 for `GET /board`; inferred elsewhere. */
  private refuseForeign(board_key: string): void {
    if (!this.options.foreign_boards?.includes(board_key)) return
    throw new Refusal(401, `Unauthorized Access to board key: ${board_key}`)
  }

  private find(board_key: string, ids: Identity): HrflowFakeJob {
    if (!ids.reference && !ids.key) throw this.malformed('reference or key cannot be null')
    const job = this.store.find(board_key, ids)
    // Official connectors match this text; the status is inferred.
    if (!job) throw new Refusal(400, 'Invalid parameters. Unable to find object: job')
    return job
  }

  private malformed(what: string): Refusal {
    return new Refusal(this.options.validation_status ?? 400, `Invalid parameters. ${what}`)
  }

  private now(): number {
    return this.options.now?.() ?? Date.now()
  }
}
