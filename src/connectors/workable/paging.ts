import { HttpError, ListError, type RetryOptions } from '../../core/kit.js'

/** Workable documents 100 as the largest page. */
const LARGEST_PAGE = 100

/** A list that has not ended by then never will. */
const PAGE_CAP = 10_000
const TRIES_BEFORE_SPLITTING = 2

/** Pages in a row that bring nothing new, while the list goes on. */
const EMPTY_PAGES = 100

/** One page as the service gave it. */
export interface Page {
  entries: unknown[]
  /** `paging.next`, a URL; null on the last page. */
  next: string | null
  /** By the service's clock, epoch milliseconds. */
  read_at: number
  /** When it was asked for: by the service's clock or by ours, whichever is earlier. Null: it does not tell its time. */
  asked_at: number | null
}

/** Asks for a page; ends trying early where `give_up` says so. */
export type FetchPage = (query: Record<string, string>, options: Pick<RetryOptions, 'give_up'>) => Promise<Page>

/** The entries of a page that are new, or one entry that could not be listed. */
export type Pulled = Omit<Page, 'next'> | { problem: Error }

/**
 * Reads a list to its end. Follows `paging.next` by its query alone, laid over our own parameters: it may name another
 * host or path (documented example), or forget a filter. A page that is too large, too slow or answered with 5xx is asked
 * again in halves, down to the one entry that cannot be listed; that one is passed where it is certain how. How far it has
 * come is told by where it goes next: a page may be empty, or bring what the one before has brought.
 * Throws `ListError` when the end cannot be reached: never takes a broken list for a complete one.
 */
export async function* readPages(fetch: FetchPage, own: Record<string, string>): AsyncGenerator<Pulled> {
  const size = new PageSize()
  const cursors = new Cursors()
  let followed: Record<string, string> = {}
  const queries = new Set<string>()
  let before = new Set<string>()
  let empty = 0
  let read = false
  for (let pages = 0; pages < PAGE_CAP; pages++) {
    let page: Page
    try {
      page = await fetch({ ...own, ...followed, limit: String(size.limit) }, size.limit > 1 ? { give_up: toSplit } : {})
    } catch (error) {
      if (!isWorthSplitting(error)) throw error
      if (size.split()) continue
      // Not one entry could be read: it is the service that fails, not an entry.
      if (!read) throw new ListError(error.code, error.message, { hint: error.hint, cause: error })
      followed = { ...followed, since_id: cursors.after(followed['since_id'], error) }
      size.passed()
      yield { problem: error }
      continue
    }
    read = true
    cursors.learn(followed['since_id'], page.entries, before)
    size.listed(page.entries.length)
    const keys = new Set<string>()
    const entries = page.entries.filter((entry) => isNew(keyOf(entry), before, keys))
    empty = entries.length === 0 ? empty + 1 : 0
    yield { entries, read_at: page.read_at, asked_at: page.asked_at }
    if (page.next === null) return
    followed = queryAfter(page.next)
    const query = JSON.stringify(followed)
    if (queries.has(query)) throw new ListError('list_stuck', '[workable] GET /jobs: the list leads back to itself.')
    if (empty > EMPTY_PAGES)
      throw new ListError('list_stuck', `[workable] GET /jobs: ${EMPTY_PAGES} pages in a row brought nothing new.`)
    queries.add(query)
    before = new Set(page.entries.flatMap((entry) => [keyOf(entry) ?? [], idKeyOf(entry) ?? []].flat()))
  }
  throw new ListError('list_endless', `[workable] GET /jobs: no end after ${PAGE_CAP} pages.`)
}

function isNew(key: string | undefined, before: Set<string>, onThisPage: Set<string>): boolean {
  if (key === undefined) return true
  if (before.has(key) || onThisPage.has(key)) return false
  onThisPage.add(key)
  return true
}

/** The query of `paging.next`, which is all of it that is followed. */
export function queryAfter(next: string): Record<string, string> {
  const url = URL.canParse(next, 'https://workable.invalid') ? new URL(next, 'https://workable.invalid') : undefined
  const query = Object.fromEntries(url?.searchParams ?? [])
  if (Object.keys(query).length === 0)
    throw new ListError('list_stuck', '[workable] GET /jobs: paging.next has no query to follow.')
  return query
}

function toSplit(error: HttpError, attempt: number): boolean {
  return attempt >= TRIES_BEFORE_SPLITTING && isWorthSplitting(error)
}

function isWorthSplitting(error: unknown): error is HttpError {
  if (!(error instanceof HttpError)) return false
  return error.kind === 'too_large' || error.kind === 'timeout' || (error.status !== null && error.status >= 500)
}

/** How much to ask for: all, or half of what is known to hold something that cannot be listed. */
class PageSize {
  limit = LARGEST_PAGE
  /** What to return to: smaller than the largest page once a size has failed in more than one place. */
  #usual = LARGEST_PAGE
  readonly #failures = new Map<number, number>()
  /** So many entries ahead, at least one of which cannot be listed; 0: none known. */
  #suspects = 0

  /** False: it was one entry already. */
  split(): boolean {
    this.#suspects = this.limit
    if (this.limit === 1) return false
    const failures = (this.#failures.get(this.limit) ?? 0) + 1
    this.#failures.set(this.limit, failures)
    if (failures > 1) this.#usual = Math.min(this.#usual, Math.floor(this.limit / 2))
    this.limit = Math.floor(this.limit / 2)
    return true
  }

  listed(count: number): void {
    this.#suspects = Math.max(0, this.#suspects - count)
    this.limit = this.#suspects === 0 ? this.#usual : Math.max(1, Math.floor(this.#suspects / 2))
  }

  passed(): void {
    this.#suspects = 0
    this.limit = this.#usual
  }
}

/** What is known of `since_id`: the documentation says "greater than or equal", older texts "greater than". */
class Cursors {
  #inclusive = false
  #passed: string | undefined

  /** A page that begins with the id it was asked from proves that `since_id` is inclusive. */
  learn(since_id: string | undefined, entries: unknown[], before: ReadonlySet<string>): void {
    const first = idOf(entries[0])
    if (since_id !== undefined && first === since_id) this.#inclusive = true
    else if (since_id !== undefined && first !== undefined && before.has(`id:${since_id}`)) this.#inclusive = false
  }

  /** The id to go on from when the entry at `since_id` cannot be listed. Ids are hexadecimal numbers in lower case. */
  after(since_id: string | undefined, cause: Error): string {
    const known = this.#inclusive && since_id !== undefined && /^[0-9a-f]+$/.test(since_id) && since_id !== this.#passed
    if (!known) {
      throw new ListError(
        'list_unlistable',
        `[workable] GET /jobs: an entry cannot be listed, and passing it might lose another. ${cause.message}`,
        { cause },
      )
    }
    const next = (BigInt(`0x${since_id}`) + 1n).toString(16).padStart(since_id.length, '0')
    this.#passed = next
    return next
  }
}

/** By id and shortcode: two jobs may have one of them in common. */
function keyOf(entry: unknown): string | undefined {
  const [id, shortcode] = [idOf(entry), fieldOf(entry, 'shortcode')]
  return id === undefined && shortcode === undefined ? undefined : JSON.stringify([id, shortcode])
}

function idKeyOf(entry: unknown): string | undefined {
  const id = idOf(entry)
  return id === undefined ? undefined : `id:${id}`
}

function idOf(entry: unknown): string | undefined {
  return fieldOf(entry, 'id')
}

function fieldOf(entry: unknown, name: string): string | undefined {
  const value: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, name) : undefined
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
