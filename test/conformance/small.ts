// A small connector that passes its conformance suite, with bugs that can be planted in it.
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  connectionLine,
  defineConnector,
  defineWarehouse,
  flow,
  hrflow,
  type HttpClient,
  HttpError,
  type HttpPort,
  ItemError,
  type Listed,
  read,
  RunError,
  secret,
  z,
} from '../../src/kit.js'

export type Bug =
  | 'secret not marked'
  | 'read not described'
  | 'parameter not described'
  | 'page asked twice'
  | 'list that goes round'
  | 'entry listed twice'
  | 'last page left out'
  | 'client of its own'
  | '401 swallowed by the list'
  | '401 taken for an item'
  | '401 without a hint'
  | 'secret in message'
  | 'nothing taken for a failure'
  | 'broken item ends all'
  | 'broken item swallowed'
  | 'broken entry ends the list'
  | 'item mapped otherwise each time'
  | 'since not sent'
  | 'no asked_at'
  | 'check that looks at nothing'
  | 'address of its own'

const entry = z.looseObject({ id: z.string(), changed: z.string() })
const page = z.looseObject({ jobs: z.array(z.unknown()), next: z.number().nullable() })
const job = z.looseObject({ id: z.string().describe('Id.'), title: z.string().describe('Title.') })

export const JOBS = ['J1', 'J2', 'J3', 'J4', 'J5'].map((id) => ({
  id,
  changed: '2026-11-01T08:00:00Z',
  title: `Job ${id}`,
}))

class Api {
  readonly key: string
  readonly #http: HttpClient
  readonly #url: string
  readonly #bug: Bug | undefined

  constructor(key: string, http: HttpPort, bug: Bug | undefined) {
    this.#bug = bug
    this.key = key
    const own = 'https://api.small.example'
    this.#url = bug === 'address of its own' ? own : http.baseUrl('small', own)
    const pace = { kind: 'adaptive', initial: 2, max: 8 } as const
    this.#http = http.open({ id: 'small', base_url: this.#url, headers: { 'x-key': key }, pace })
  }

  async get(path: string, query: Record<string, string> = {}) {
    if (this.#bug === 'client of its own') return this.#fetch(path, query)
    try {
      const { body, service_time, sent_at } = await this.#http.request({ method: 'GET', path, query })
      return { body, at: service_time ?? sent_at }
    } catch (error) {
      throw this.#failure(error, path)
    }
  }

  async #fetch(path: string, query: Record<string, string>) {
    const url = `${this.#url}${path}?${new URLSearchParams(query).toString()}`
    for (;;) {
      const answer = await fetch(url, { headers: { 'x-key': this.key } })
      if (answer.status !== 429) return { body: await answer.json(), at: Date.now() }
    }
  }

  #failure(error: unknown, path: string): unknown {
    if (!(error instanceof HttpError) || error.status !== 401) return error
    if (this.#bug === '401 taken for an item' && path !== '/jobs') return error
    const said = this.#bug === 'secret in message' ? `The key ${this.key} is refused.` : error.message
    const hint = this.#bug === '401 without a hint' ? {} : { hint: 'Check api_key.' }
    return new RunError('read_failure', 'unauthorized', said, { ...hint, cause: error })
  }
}

/** With `loads` an item costs a request of its own; without, the list has all of it. */
export function smallConnector({ loads = true, bug }: { loads?: boolean; bug?: Bug } = {}) {
  const apiKey = z.string().describe('Key of the account.')
  const parameters = z.strictObject({
    changed_after:
      bug === 'parameter not described' ? z.string().nullish() : z.string().nullish().describe('Only newer ones.'),
  })

  async function* list(api: Api, filter: { changed_after?: string | null | undefined }) {
    const asked: Record<string, string> =
      typeof filter.changed_after === 'string' && bug !== 'since not sent' ? { after: filter.changed_after } : {}
    for (let at: number | null = 1; at !== null;) {
      const query: Record<string, string> = { ...asked, page: String(at) }
      const got = await api.get('/jobs', query).catch((error: unknown) => {
        const status = error instanceof RunError ? 401 : error instanceof HttpError ? error.status : null
        if (bug === '401 swallowed by the list' && status === 401) return null
        throw error
      })
      if (got === null) return
      if (bug === 'page asked twice') await api.get('/jobs', query)
      const { jobs, next } = page.parse(got.body)
      if (bug === 'nothing taken for a failure' && jobs.length === 0) throw new Error('There are no jobs.')
      const entries = jobs.map((one) => listed(one, got.at))
      const twice = bug === 'entry listed twice' && at === 1 ? entries.slice(0, 1) : []
      yield { entries: [...entries, ...twice], ...(bug === 'no asked_at' ? {} : { asked_at: got.at }) }
      at = bug === 'list that goes round' ? 1 : bug === 'last page left out' && next === 2 ? null : next
    }
  }

  function listed(one: unknown, read_at: number): Listed<unknown> {
    const whole = bug === 'broken entry ends the list' ? job.parse(one) : z.looseObject({ id: z.string() }).parse(one)
    const { data } = entry.safeParse(one)
    return { reference: whole.id, id: whole.id, version: data?.changed ?? null, read_at, entry: one }
  }

  async function load(api: Api, { reference, entry: one, read_at }: Listed<unknown>) {
    if (!loads) return { item: job.parse(one), read_at }
    const { body, at } = await api.get(`/jobs/${reference}`)
    const found = job.safeParse(body)
    if (found.success) return { item: found.data, read_at: at }
    if (bug === 'broken item swallowed') return { item: { id: reference, title: 'Untitled' }, read_at: at }
    if (bug === 'broken item ends all') throw new RunError('read_failure', 'broken', `${reference} is broken.`)
    throw new ItemError('not_a_job', `[small] GET /jobs/:id: ${reference} is not a job.`)
  }

  const warehouse = defineWarehouse({
    id: 'small',
    name: 'Small',
    auth: z.strictObject({ api_key: bug === 'secret not marked' ? apiKey : secret(apiKey) }),
    connect: (auth, http) => new Api(auth.api_key, http, bug),
    async *check(api) {
      try {
        if (bug !== 'check that looks at nothing') await api.get('/jobs', { page: '1' })
        yield { what: 'api_key', verdict: 'good', said: 'The key is accepted.' }
      } catch (error) {
        if (!(error instanceof RunError)) throw error
        const line = connectionLine(error.cause)
        yield line ?? { what: 'api_key', verdict: 'bad', said: error.message, todo: 'Make a new key.' }
      }
    },
    aisles: {
      job: {
        schema: job,
        read: {
          update: read({
            ...(bug === 'read not described' ? {} : { description: 'Reads all jobs.' }),
            parameters,
            since: 'changed_after',
            list,
            load,
          }),
        },
      },
    },
  })
  let times = 0
  return defineConnector({
    warehouse,
    flows: [
      flow({
        ...{ mode: 'update', entity: 'job', from: warehouse, to: hrflow, format_version: 'small-1' },
        format: ({ id, title }) => ({
          reference: id,
          name: bug === 'item mapped otherwise each time' ? `${title} ${String((times += 1))}` : title,
        }),
      }),
    ],
  })
}

/** Its service: pages of two, and who has no key is refused. */
export async function startSmall(holds: 'items' | 'nothing', key: string) {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.headers['x-key'] !== key) return send(401, {})
    const jobs = holds === 'items' ? JOBS : []
    const [, id] = /^\/jobs\/(\w+)$/.exec(url.pathname) ?? []
    if (id !== undefined)
      return send(
        200,
        jobs.find((one) => one.id === id),
      )
    const at = Number(url.searchParams.get('page'))
    return send(200, { jobs: jobs.slice(2 * at - 2, 2 * at), next: 2 * at < jobs.length ? at + 1 : null })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}
