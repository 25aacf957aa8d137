import type { WorkableFakeJob } from '../../src/connectors/fakes.js'
import { fieldsOf } from './oracle.js'
import type { World } from './world.js'

// What a workflow that follows Workable may do to a board, judged at every request by what is true, not by its state.

const DETAILS = ['employment_type', 'industry', 'function', 'experience', 'education']

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** However few it holds: so many may leave in a day. */
const ALWAYS = 3

/** A workflow as the rules see it. */
export interface Follower {
  name: string
  isInside: (job: WorkableFakeJob) => boolean
  allow_left: boolean
}

export class Rules {
  /** By board and reference: who has archived it. */
  readonly archivers = new Map<string, string>()
  /** A person brought it back while it was outside: it is live by that person's word. */
  readonly freed = new Set<string>()
  /** By reference: when it was deleted, or first not shown. */
  readonly gone = new Map<string, number>()
  /** By workflow: what it holds live at least, and what it may ever have held. */
  readonly holds = new Map<string, Set<string>>()
  readonly everHeld = new Set<string>()
  /** Broken rules, in words. */
  readonly broken: string[] = []
  /** Writes of the current run. */
  writes: Record<'POST' | 'PUT' | 'archived' | 'unarchived' | 'GET', number> = noWrites()
  /** By board and reference: what only details say, as it was written last. */
  readonly #details = new Map<string, Map<string, unknown>>()
  /** By reference and field: it was empty in Workable once. */
  readonly #emptied = new Map<string, boolean>()
  readonly #world: World
  /** By workflow, board and reference: it was looked at while it was inside, so it may have been delivered. */
  readonly #looked = new Set<string>()
  readonly #archivedAt = new Map<string, number>()
  #follower: Follower | undefined
  /** Inside when the run began. */
  #before = new Set<string>()

  constructor(world: World) {
    this.#world = world
    world.seen = (request, status) => this.#see(request, status)
  }

  begin(follower: Follower): void {
    for (const job of this.#world.workable.jobs)
      for (const name of DETAILS) if ((job[name] ?? null) === null) this.#emptied.set(`${job.shortcode} ${name}`, true)
    this.#follower = follower
    this.#before = new Set(this.#world.workable.jobs.filter(follower.isInside).map(({ shortcode }) => shortcode))
    this.writes = noWrites()
  }

  archivedByHand(at: string, archived: boolean, isOutside: boolean): void {
    if (archived) this.archivers.set(at, 'a person')
    else {
      this.archivers.delete(at)
      for (const key of this.#archivedAt.keys()) if (key.endsWith(at)) this.#archivedAt.delete(key)
      if (isOutside) this.freed.add(at)
    }
    if (archived) this.freed.delete(at)
  }

  async #see(request: Request, status: number): Promise<void> {
    const follower = this.#follower
    if (!follower || status >= 300) return
    const url = new URL(request.url)
    const body = request.method === 'GET' ? Object.fromEntries(url.searchParams) : fieldsOf(await request.json())
    const reference = String(body['reference'])
    const at = `${String(body['board_key'])} ${reference}`
    if (request.method === 'PATCH') this.#patched(follower, reference, at, body['is_archive'] !== 0)
    if (request.method !== 'GET' && request.method !== 'POST' && request.method !== 'PUT') return
    this.writes[request.method] += 1
    if (request.method === 'PUT' || request.method === 'POST') this.#kept(at, reference, body)
    if (this.#isOrWasInside(reference)) {
      this.#looked.add(`${follower.name} ${at}`)
      this.freed.delete(at)
    } else if (request.method === 'POST') this.broken.push(`${at}: ${follower.name} created what is outside`)
  }

  /** What only a detail says is never taken from the board before a detail says that it is empty. */
  #kept(at: string, reference: string, body: Record<string, unknown>): void {
    const job = this.#job(reference)
    const before = this.#details.get(at) ?? new Map<string, unknown>()
    const now = new Map(DETAILS.map((name) => [name, tagOf(body, name)]))
    this.#details.set(at, now)
    for (const name of DETAILS) {
      const isEmptied = (before.get(name) ?? null) !== null && (now.get(name) ?? null) === null
      if (isEmptied && (job?.[name] ?? null) !== null && this.#emptied.get(`${reference} ${name}`) !== true)
        this.broken.push(`${at}: ${name} was emptied, and no detail says so`)
    }
  }

  #patched(follower: Follower, reference: string, at: string, archived: boolean): void {
    const { name } = follower
    this.writes[archived ? 'archived' : 'unarchived'] += 1
    const before = this.archivers.get(at)
    const key = `${name} ${at}`
    if (!archived) {
      if (before !== name) this.broken.push(`${at}: ${name} brought back what ${before ?? 'nobody'} archived`)
      if (!this.#isOrWasInside(reference)) this.broken.push(`${at}: ${name} brought back what is outside`)
      this.archivers.delete(at)
      this.#archivedAt.delete(key)
      return
    }
    this.archivers.set(at, name)
    this.#archivedAt.set(key, this.#world.clock.now())
    if (this.#isInside(reference) && this.#before.has(reference))
      this.broken.push(`${at}: ${name} archived what is inside`)
    const gone = this.gone.get(reference)
    if (!this.#job(reference) && (gone === undefined || this.#world.clock.now() - gone < HOUR_MS))
      this.broken.push(`${at}: ${name} archived what may be back`)
    if (!this.#looked.has(key)) this.broken.push(`${at}: ${name} archived what it never delivered`)
    for (const [other, held] of this.holds)
      if (other !== name && held.has(at)) this.broken.push(`${at}: ${name} archived what ${other} holds live`)
    this.#guard(follower, at)
  }

  #guard({ name, allow_left }: Follower, at: string): void {
    const since = this.#world.clock.now() - DAY_MS
    const today = [...this.#archivedAt].filter(
      ([key, when]) => key.startsWith(`${name} ${this.#world.board}`) && when >= since,
    )
    const most = Math.max(ALWAYS, this.#world.hrflow.jobs(this.#world.board).length / 5)
    if (!allow_left && today.length > most) this.broken.push(`${at}: ${name} archived ${today.length} in a day`)
  }

  #job(reference: string): WorkableFakeJob | undefined {
    return this.#world.workable.jobs.find(({ shortcode }) => shortcode === reference)
  }

  #isInside(reference: string): boolean {
    const job = this.#job(reference)
    return job !== undefined && this.#follower?.isInside(job) === true
  }

  #isOrWasInside(reference: string): boolean {
    return this.#before.has(reference) || this.#isInside(reference)
  }
}

function noWrites() {
  return { GET: 0, POST: 0, PUT: 0, archived: 0, unarchived: 0 }
}

function tagOf(body: Record<string, unknown>, name: string): unknown {
  const tags: unknown[] = Array.isArray(body['tags']) ? body['tags'] : []
  return tags.map(fieldsOf).find((tag) => tag['name'] === name)?.['value']
}
