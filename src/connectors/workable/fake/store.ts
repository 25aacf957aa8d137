import { fakeJob, timestamp } from './jobs.js'
import type { WorkableFakeJob } from './jobs.js'

/** What a list request asks for; moments are epoch milliseconds. */
export interface JobFilter {
  limit: number
  state?: string
  since_id?: number
  max_id?: number
  created_after?: number
  updated_after?: number
}

export interface JobPage {
  jobs: WorkableFakeJob[]
  /** The first job of the next page, if there is one. */
  following: WorkableFakeJob | undefined
  poisoned: boolean
}

interface Entry {
  job: WorkableFakeJob
  /** The id as a number: ids are ordered by it, not as text. */
  id: number
  created: number
  updated: number
  poisoned: boolean
  /** The version before the last edit, and how many more times it is shown. */
  before: { job: WorkableFakeJob; times: number } | undefined
}

/** The jobs of one account, in order of id and of arrival. */
export class FakeJobStore {
  private readonly entries = new Map<string, Entry>()
  private readonly ordered: Entry[] = []
  private readonly exclusive: boolean

  constructor(exclusive: boolean) {
    this.exclusive = exclusive
  }

  get jobs(): WorkableFakeJob[] {
    return [...this.entries.values()].map((entry) => entry.job)
  }

  job(shortcode: string): WorkableFakeJob | undefined {
    return this.entries.get(shortcode)?.job
  }

  get highestId(): number {
    return this.ordered.at(-1)?.id ?? 0
  }

  /** Throws when the shortcode is in use, or a key the fake needs is missing or unreadable. */
  add(job: WorkableFakeJob): WorkableFakeJob {
    if (this.entries.has(job.shortcode)) throw new Error(`workableFake: there is a job ${job.shortcode} already.`)
    const id = Number.parseInt(job.id, 16)
    const entry = { job, id, ...moments(job), poisoned: false, before: undefined }
    this.entries.set(job.shortcode, entry)
    this.ordered.splice(this.position(id), 0, entry)
    return job
  }

  edit(shortcode: string, patch: Readonly<Record<string, unknown>>, now: number, stale: number): void {
    const entry = this.entry(shortcode)
    const job = fakeJob.parse({
      ...entry.job,
      ...patch,
      id: entry.job.id,
      shortcode,
      updated_at: timestamp(now),
    })
    entry.before = stale > 0 ? { job: entry.job, times: stale } : undefined
    Object.assign(entry, { job, ...moments(job) })
  }

  remove(shortcode: string): void {
    const entry = this.entry(shortcode)
    this.entries.delete(shortcode)
    this.ordered.splice(this.ordered.indexOf(entry), 1)
  }

  poison(shortcode: string): void {
    this.entry(shortcode).poisoned = true
  }

  /** The version a detail request is shown. */
  show(shortcode: string): { job: WorkableFakeJob; poisoned: boolean } | undefined {
    const entry = this.entries.get(shortcode)
    if (!entry) return undefined
    const { before, poisoned } = entry
    if (!before || before.times === 0) return { job: entry.job, poisoned }
    before.times -= 1
    return { job: before.job, poisoned }
  }

  /** One page, lowest id first (docs: oldest first; recorded 2025-06: ids rise through the page). */
  page(filter: JobFilter): JobPage {
    const { since_id = 0, limit } = filter
    const found: Entry[] = []
    // Docs and recordings read since_id as "greater than or equal"; older texts as "greater than".
    for (let at = this.position(this.exclusive ? since_id + 1 : since_id); found.length <= limit; at++) {
      const entry = this.ordered[at]
      if (!entry || entry.id > (filter.max_id ?? Infinity)) break
      if (matches(entry, filter)) found.push(entry)
    }
    const page = found.slice(0, limit)
    return {
      jobs: page.map((entry) => entry.job),
      following: found[limit]?.job,
      poisoned: page.some((entry) => entry.poisoned),
    }
  }

  private entry(shortcode: string): Entry {
    const entry = this.entries.get(shortcode)
    if (!entry) throw new Error(`workableFake: there is no job ${shortcode}.`)
    return entry
  }

  /** Where the first job with this id or a higher one is. */
  private position(id: number): number {
    let [low, high] = [0, this.ordered.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.ordered[middle]?.id ?? 0) < id) low = middle + 1
      else high = middle
    }
    return low
  }
}

function moments(job: WorkableFakeJob): { created: number; updated: number } {
  const created = Date.parse(job.created_at)
  const updated = Date.parse(job.updated_at ?? job.created_at)
  if (Number.isNaN(created + updated)) throw new Error(`workableFake: ${job.shortcode} has an unreadable date.`)
  return { created, updated }
}

/** Inferred: several filters mean AND. "After" is exclusive (docs), and times have one-second grain (recorded 2026-07). */
function matches(entry: Entry, { state, created_after = -Infinity, updated_after = -Infinity }: JobFilter): boolean {
  if (state !== undefined && entry.job.state !== state) return false
  return after(entry.created, created_after) && after(entry.updated, updated_after)
}

const after = (moment: number, bound: number) => Math.floor(moment / 1000) > Math.floor(bound / 1000)
