import { createHash } from 'node:crypto'
import { momentOf, normaliseJob, renderDate, withRenderedDates } from './job.js'
import type { HrflowFakeJob, Identity } from './job.js'

export interface JobListQuery {
  boards: readonly string[]
  name?: string | undefined
  key?: string | undefined
  reference?: string | undefined
  created_at_min?: string | undefined
  created_at_max?: string | undefined
  sort_by: 'created_at' | 'updated_at'
  ascending: boolean
}

/** The key of the n-th board, counted from 0: the same in every workspace. */
export function boardKey(index: number): string {
  if (index === 0) return '5b1e0c7d9a4f2836c0de71ab94f35e6287d10c3f'
  return createHash('sha1').update(`board ${index}`).digest('hex')
}

const NAMED = ['name', 'key', 'reference'] as const

/** One board: jobs by key, and the keys by reference. */
interface Board {
  jobs: Map<string, HrflowFakeJob>
  keys: Map<string, string>
}

/** The boards of one workspace. */
export class FakeBoards {
  private readonly boards: Map<string, Board>
  private readonly now: () => number
  private readonly made: { geocode: boolean; renders_dates: boolean }
  private nextId = 1_245_507

  constructor(boards: readonly string[], now: () => number, made: { geocode: boolean; renders_dates: boolean }) {
    this.boards = new Map(boards.map((key) => [key, { jobs: new Map(), keys: new Map() }]))
    this.now = now
    this.made = made
  }

  has(board_key: string): boolean {
    return this.boards.has(board_key)
  }

  jobs(board_key: string): HrflowFakeJob[] {
    return [...this.board(board_key).jobs.values()]
  }

  /** Official client's documentation: at least one of the two, and the reference overrides the key. */
  find(board_key: string, { reference, key }: Identity): HrflowFakeJob | undefined {
    const board = this.board(board_key)
    return board.jobs.get((reference ? board.keys.get(reference) : key) ?? '')
  }

  /** Returns what the answer shows. The key is made here; one that was sent is taken as given (docs). */
  create(board_key: string, payload: unknown, { reference = null, key }: Identity): HrflowFakeJob {
    const id = this.nextId
    const made = createHash('sha1').update(`${board_key} ${id}`).digest('hex')
    const job = this.normalise(payload, { id, key: key ?? made, reference, board_key })
    this.nextId += 1
    this.keep(job)
    if (reference !== null) this.board(board_key).keys.set(reference, job.key)
    return job
  }

  /**
   * Returns what the answer shows. Official client, job notebook: PUT is a replacement; absent is null or `[]` afterwards, `archived_at` too. Inferred:
   * what identifies the job stays.
   */
  replace(job: HrflowFakeJob, payload: unknown): HrflowFakeJob {
    const replaced = this.normalise(payload, job)
    this.keep(replaced)
    return replaced
  }

  archive(job: HrflowFakeJob, archived: boolean): void {
    const now = renderDate(this.now())
    const changed = { ...job, archived_at: archived ? now : null, updated_at: now }
    this.board(job.board_key).jobs.set(job.key, changed)
  }

  list(query: JobListQuery): HrflowFakeJob[] {
    const { sort_by, ascending, created_at_min: from = '', created_at_max: to = '9999' } = query
    const found = query.boards
      .flatMap((board_key) => this.jobs(board_key))
      .filter((job) => NAMED.every((name) => (query[name] ?? job[name]) === job[name]))
      .filter(({ created_at }) => created_at.slice(0, 10) >= from && created_at.slice(0, 10) <= to)
    const direction = ascending ? 1 : -1
    return found.sort(
      (one, other) => direction * (momentOf(one[sort_by]) - momentOf(other[sort_by]) || one.id - other.id),
    )
  }

  private keep(job: HrflowFakeJob): void {
    this.board(job.board_key).jobs.set(job.key, this.made.renders_dates ? withRenderedDates(job) : job)
  }

  private normalise(payload: unknown, { id, key, reference, board_key }: Identified): HrflowFakeJob {
    return normaliseJob(payload, { id, key, reference, board_key, now: this.now(), geocode: this.made.geocode })
  }

  private board(board_key: string): Board {
    const board = this.boards.get(board_key)
    if (!board) throw new Error(`hrflowFake: there is no board ${board_key}.`)
    return board
  }
}

type Identified = Pick<HrflowFakeJob, 'id' | 'key' | 'reference' | 'board_key'>
