import {
  hrflowFake,
  type HrflowFake,
  workableFake,
  type WorkableFake,
  type WorkableFakeJob,
} from '../../src/connectors/fakes.js'
import { registry } from '../../src/connectors/index.js'
import type { Action } from '../../src/core/model/flow.js'
import type { Store } from '../../src/core/ports/store.js'
import type { RunResult } from '../../src/core/result/result.js'
import { runAction } from '../../src/runtime/run.js'
import type { QuietClock } from './clock.js'
import { directDispatcher, type Served } from './direct.js'

/** Entries on a list page, so that a few jobs make several pages. */
const PAGE = 3

/** A job that was read so soon after its change may be read again: its version says the second alone. */
const UNSETTLED_MS = 3_000
export const BOARDS = ['a'.repeat(40), 'b'.repeat(40)] as const

/** What is to go wrong in a run; requests and calls of the store are counted from its beginning. */
export interface Trouble {
  /** From this request on, so many requests fail. */
  fault?: { at: number; times: number; how: 'closed' | 'lost_answer' | 429 | 500 | 503 | 'html' }
  /** The process dies at this request or call of the store: before it has its effect, or after. */
  crash?: { at: number; after: boolean }
  /** Something happens in Workable right before this request to it. */
  meanwhile?: { at: number; act: () => void }
  /** The process is told to stop at this request or call of the store. */
  interrupt?: number
  /** Workable's answer, or something else in its place. */
  instead?: (request: Request, answer: Response) => Promise<Response> | Response
}

/** Of a run of another workflow, or with other settings than the usual. */
export interface Settings {
  workflow_id?: string
  pull_parameters?: Record<string, unknown>
  push_parameters?: Record<string, unknown>
  logics?: ((job: never) => unknown)[] | null
  allow_left?: boolean
}

export interface WorldOptions {
  clock: QuietClock
  store: Store
  /** Apart from every other history on the same store. */
  name: string
  action?: Action
  /** `state` of the pull parameters. */
  state: 'published' | null
  jobs: number
  /** Jobs that a page of the list has. */
  page?: number
}

/** A Workable account, an HrFlow workspace with two boards, state, and processes that run an update and may die. */
export class World {
  readonly clock: QuietClock
  readonly workable: WorkableFake
  readonly hrflow: HrflowFake
  readonly state: 'published' | null
  board: string = BOARDS[0]
  /** Details of these fail until they are taken out. */
  readonly broken = new Set<string>()
  /** Sees every request that HrFlow has answered, when it has had its effect. */
  seen: (request: Request, status: number) => Promise<void> | void = () => undefined
  /** Jobs whose details were read although they had been at this version before, by a run that lived to write it down. */
  readonly readTwice: string[] = []
  readonly #detailsRead = new Set<string>()
  #readByRun: string[] = []
  readonly #options: WorldOptions
  #runs = 0

  constructor(options: WorldOptions) {
    const { clock, jobs, name, state } = options
    this.#options = options
    this.clock = clock
    this.state = state
    const now = () => clock.now()
    this.workable = workableFake({ now, jobs: 0, subdomain: name, rate_limit: { limit: 1_000 } })
    this.hrflow = hrflowFake({ now, boards: BOARDS })
    for (let i = 0; i < jobs; i++) this.addJob({ state: i % 4 === 3 ? 'closed' : 'published' })
  }

  addJob(fields: Record<string, unknown> = {}): WorkableFakeJob {
    const [city, zip_code] = ['Lyon', '69003']
    const location = { city, region: city, zip_code, country: 'France', country_code: 'FR', workplace_type: 'on_site' }
    const coords = '45.76,4.83'
    const locations = [{ city, zip_code, country_name: 'France', country_code: 'FR', coords, hidden: false }]
    return this.workable.add({ location, locations, employment_type: 'Full-time', ...fields })
  }

  /** Runs the update as a process of its own. Null: it died. */
  async run(
    incremental: boolean,
    trouble: Trouble = {},
    { allow_left = false, push_parameters, ...settings }: Settings = {},
  ): Promise<RunResult | null> {
    const {
      clock,
      store,
      name,
      action = registry.Workable.actions.find(({ id }) => id === 'update_jobs_in_hrflow'),
    } = this.#options
    if (!action) throw new Error('There is no update action.')
    this.#runs += 1
    this.#readByRun = []
    const process = new Process(clock, trouble)
    const request = {
      workflow_id: name,
      connector_auth: { api_access_token: this.workable.token, subdomain: name },
      hrflow_auth: { api_secret: this.hrflow.api_secret, api_user: this.hrflow.api_user },
      pull_parameters: this.state === null ? {} : { state: this.state },
      logics: null,
      incremental,
      ...settings,
      push_parameters: { board_key: this.board, ...push_parameters },
    }
    const result = runAction(action, request, {
      store: process.watch(store),
      clock: process.clock,
      dispatcher: directDispatcher(this.#network(process, trouble)),
      base_urls: { workable: 'http://localhost/workable/{subdomain}/spi/v3', hrflow: 'http://localhost/hrflow/v1' },
      http: { max_attempts: 3 },
      signal: process.signal,
      allow_left,
    })
    const ended = await clock.runUntil(Promise.race([result, process.died]))
    if (process.isDead()) {
      clock.forget()
      for (const read of this.#readByRun) this.#detailsRead.delete(read)
    }
    return ended
  }

  get name(): string {
    return this.#options.name
  }

  /** Pages that the whole list has. */
  get pages(): number {
    return Math.ceil(this.workable.jobs.length / (this.#options.page ?? PAGE)) || 1
  }

  #network(process: Process, { fault, meanwhile, instead }: Trouble) {
    let requests = 0
    let toWorkable = 0
    return async (request: Request): Promise<Served> => {
      return process.step(async () => {
        const url = new URL(request.url)
        const isWorkable = url.pathname.startsWith('/workable/')
        requests += 1
        if (isWorkable && ++toWorkable === meanwhile?.at) meanwhile.act()
        const spoiled = fault !== undefined && requests >= fault.at && requests < fault.at + fault.times
        if (spoiled && fault.how === 'closed') return 'broken'
        if (spoiled && fault.how === 'html') return html()
        if (spoiled && typeof fault.how === 'number') return new Response('{}', { status: fault.how })
        if (isWorkable && [...this.broken].some((reference) => url.pathname.endsWith(`/jobs/${reference}`)))
          return new Response('{}', { status: 500 })
        const response = await (isWorkable ? this.#read(request, instead) : this.#write(request))
        if (isWorkable && !spoiled && instead === undefined && response.ok) this.#sawDetail(url)
        return spoiled ? 'broken' : response
      })
    }
  }

  async #read(request: Request, instead: Trouble['instead']): Promise<Response> {
    const answer = await this.workable.fetch(paged(request, this.#options.page ?? PAGE))
    return instead ? instead(request, answer) : answer
  }

  #sawDetail({ pathname }: URL): void {
    const reference = /\/jobs\/([^/]+)$/.exec(pathname)?.[1]
    const job = this.workable.jobs.find(({ shortcode }) => shortcode === reference)
    if (!job || this.clock.now() - Date.parse(job.updated_at ?? '') < UNSETTLED_MS) return
    const read = `${job.shortcode} ${job.updated_at}`
    if (this.#detailsRead.has(read)) this.readTwice.push(read)
    else this.#readByRun.push(read)
    this.#detailsRead.add(read)
  }

  async #write(request: Request): Promise<Response> {
    const sent = request.clone()
    const response = await this.hrflow.fetch(request)
    await this.seen(sent, response.status)
    return response
  }
}

/** A process that may die: from then on nothing that it asks for is answered, and nothing more is done for it. */
class Process {
  readonly died: Promise<null>
  readonly clock: QuietClock
  readonly #crash: Trouble['crash']
  readonly #interrupt: number | undefined
  readonly #stop = new AbortController()
  #steps = 0
  #state: 'alive' | 'dead' = 'alive'
  #die: () => void = () => undefined

  constructor(clock: QuietClock, { crash, interrupt }: Trouble) {
    this.clock = clock
    this.#crash = crash
    this.#interrupt = interrupt
    this.died = new Promise((resolve) => {
      this.#die = () => {
        this.#state = 'dead'
        resolve(null)
      }
    })
  }

  /** Fires when it is told to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  isDead(): boolean {
    return this.#state === 'dead'
  }

  /** One thing done outside the process. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    this.#steps += 1
    if (this.#steps === this.#interrupt) this.#stop.abort()
    const crash = this.#steps === this.#crash?.at ? this.#crash : undefined
    if (crash && !crash.after) this.#die()
    if (this.isDead()) return never()
    const done = await this.clock.working(work).catch((error: unknown) => {
      if (this.isDead()) return never<T>()
      throw error
    })
    if (crash) this.#die()
    return this.isDead() ? never() : done
  }

  watch(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => this.step(() => Reflect.apply(value, target, args) as Promise<unknown>)
      },
    })
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

function html(): Response {
  return new Response('<html></html>', { headers: { 'content-type': 'text/html' } })
}

/** Small pages: the service clamps what is asked for. */
function paged(request: Request, page: number): Request {
  const url = new URL(request.url)
  if (Number(url.searchParams.get('limit')) > page) url.searchParams.set('limit', String(page))
  return new Request(url, request)
}
