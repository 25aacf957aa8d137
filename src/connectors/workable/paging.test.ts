import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HttpError, ListError, type HttpFailure } from '../../core/errors.js'
import { readPages, type FetchPage, type Page } from './paging.js'

const RUNS = { numRuns: 200 }
/** How often the HTTP client tries what is worth it, unless it is told to give up. */
const MAX_ATTEMPTS = 5

type Query = Record<string, string>

/** The list as a service keeps it: jobs by rising id, a reading of `since_id`, and what it answers instead of some pages. */
interface Service {
  /** Ids as numbers; on the wire they are hexadecimal. */
  jobs: number[]
  /** Whether `since_id` names the first job of a page, or the last before it. */
  inclusive: boolean
  /** What `next` names: of an inclusive service also the first id that is free after this page, or its last one again. */
  naming: 'next job' | 'id after' | 'last job'
  /** The service's own largest page. */
  cap: number
  next: (query: Query) => string
  poisoned: Set<number>
  /** A page of more jobs is too large. */
  fits: number
}

function service(changes: Partial<Service> = {}): Service {
  return {
    jobs: [],
    inclusive: true,
    naming: 'next job',
    cap: 100,
    next: (query) => `https://acme.workable.com/spi/v3/jobs?${new URLSearchParams(query).toString()}`,
    poisoned: new Set(),
    fits: Infinity,
    ...changes,
  }
}

function hex(id: number): string {
  return id.toString(16)
}

function failure(kind: HttpFailure = 'status', status: number | null = 500): HttpError {
  return new HttpError({
    service: 'workable',
    method: 'GET',
    route: '/jobs',
    kind,
    status,
    retryable: kind !== 'too_large',
  })
}

/** One answer of the service. Pure: it depends on the query and the jobs there are now. */
function serve(from: Service, query: Query): Page {
  const since = query['since_id'] === undefined ? -1 : Number.parseInt(query['since_id'], 16)
  const after = from.jobs.filter((id) => (from.inclusive ? id >= since : id > since))
  const page = after.slice(0, Math.min(Number(query['limit'] ?? 50), from.cap))
  if (page.some((id) => from.poisoned.has(id))) throw failure()
  if (page.length > from.fits) throw failure('too_large', 200)
  const [last, following] = [page.at(-1), after[page.length]]
  const more = last !== undefined && following !== undefined
  const named = { 'next job': following, 'id after': (last ?? 0) + 1, 'last job': last }
  const since_id = hex((from.inclusive ? named[from.naming] : last) ?? 0)
  return {
    entries: page.map((id) => ({ id: hex(id), shortcode: `S${id}` })),
    next: more ? from.next({ ...query, since_id }) : null,
    read_at: 0,
    asked_at: 0,
  }
}

interface Reading {
  ids: number[]
  /** Entries that could not be listed. */
  passed: number
  error: unknown
}

async function read(fetch: FetchPage, own: Query = {}, stopAfter = Infinity): Promise<Reading> {
  const reading: Reading = { ids: [], passed: 0, error: null }
  try {
    for await (const pulled of readPages(fetch, own)) {
      if ('problem' in pulled) reading.passed += 1
      else for (const entry of pulled.entries) reading.ids.push(Number.parseInt((entry as { id: string }).id, 16))
      if (reading.ids.length >= stopAfter) break
    }
  } catch (error) {
    reading.error = error
  }
  return reading
}

/** Tries as the HTTP client does. */
function trying(answer: (query: Query) => Page): FetchPage {
  return async (query, { give_up }) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await Promise.resolve(answer(query))
      } catch (error) {
        if (!(error instanceof HttpError) || !error.retryable || attempt === MAX_ATTEMPTS) throw error
        if (give_up?.(error, attempt) === true) throw error
      }
    }
  }
}

function reader(from: Service): FetchPage {
  return trying((query) => serve(from, query))
}

const ids = fc
  .uniqueArray(fc.integer({ min: 1, max: 2000 }), { maxLength: 150 })
  .map((list) => list.sort((a, b) => a - b))
const cap = fc.oneof(fc.constantFrom(1, 2, 3, 50, 100), fc.integer({ min: 1, max: 100 }))
const inclusive = fc.boolean()
const naming = fc.constantFrom<Service['naming'][]>('next job', 'id after', 'last job')
/** How a service may write `paging.next`: only its query counts. */
const nexts: Record<string, Service['next']> = {
  'on its own host': (query) => `https://acme.workable.com/spi/v3/jobs?${new URLSearchParams(query).toString()}`,
  'on another host and path': (query) =>
    `https://www.workable.com/spi/v3/accounts/groove-tech/jobs?${new URLSearchParams(query).toString()}`,
  'with a name and a password': (query) =>
    `http://user:pass@evil.example:1/x?${new URLSearchParams(query).toString()}#part`,
  'without a host': (query) => `/jobs?${new URLSearchParams(query).toString()}`,
  'forgetting the filters': ({ since_id = '', limit = '' }) =>
    `https://acme.workable.com/jobs?limit=${limit}&since_id=${since_id}`,
  'with since_id alone': ({ since_id = '' }) => `https://acme.workable.com/jobs?since_id=${since_id}`,
  'with its own limit': ({ since_id = '' }) => `https://acme.workable.com/jobs?limit=7&since_id=${since_id}`,
}

/** Asserts that what was read of a list that did not end lost nothing on the way: all before the last that was read. */
function expectNothingSkipped(reading: Reading, jobs: readonly number[], poisoned: ReadonlySet<number> = new Set()) {
  const readable = jobs.filter((id) => !poisoned.has(id))
  const until = readable.indexOf(reading.ids.at(-1) ?? -1)
  expect(reading.ids).toEqual(readable.slice(0, until + 1))
}

describe('readPages', () => {
  it('reads every job exactly once, whatever the page size, the reading of since_id and the form of next', async () => {
    const next = fc.constantFrom(...Object.values(nexts))
    await fc.assert(
      fc.asyncProperty(ids, cap, inclusive, naming, next, async (jobs, cap, inclusive, naming, next) => {
        // A page of one that begins with the last job again can never bring a new one.
        fc.pre(!(inclusive && naming === 'last job' && cap === 1))
        expect(await read(reader(service({ jobs, cap, inclusive, naming, next })))).toEqual({
          ids: jobs,
          passed: 0,
          error: null,
        })
      }),
      RUNS,
    )
  })

  it('reads every job that exists throughout exactly once while others come and go', async () => {
    const changes = fc.array(
      fc.record({ add: fc.array(fc.integer({ min: 1, max: 60 })), remove: fc.array(fc.nat(200), { maxLength: 8 }) }),
      { maxLength: 30 },
    )
    const setting = fc.record({ inclusive, naming: fc.constantFrom<Service['naming'][]>('next job', 'id after'), cap })
    await fc.assert(
      fc.asyncProperty(ids, changes, setting, async (first, changes, setting) => {
        const from = service({ ...setting, jobs: [...first] })
        const ever = new Set(first)
        const throughout = new Set(first)
        let request = 0
        const reading = await read(async (query) => {
          const page = serve(from, query)
          const change = changes[request++]
          for (const step of change?.add ?? []) from.jobs.push((from.jobs.at(-1) ?? 0) + step)
          for (const id of from.jobs) ever.add(id)
          const removed = new Set(change?.remove.map((index) => from.jobs[index]))
          from.jobs = from.jobs.filter((id) => !removed.has(id))
          for (const id of removed) throughout.delete(id ?? -1)
          return Promise.resolve(page)
        })
        expect(reading).toMatchObject({ passed: 0, error: null })
        expect(new Set(reading.ids).size).toBe(reading.ids.length)
        expect(reading.ids.filter((id) => throughout.has(id))).toEqual([...throughout])
        expect(reading.ids.filter((id) => !ever.has(id))).toEqual([])
      }),
      RUNS,
    )
  })

  it('passes a poisoned entry once and reads all others, where an earlier page has shown that since_id is inclusive', async () => {
    await fc.assert(
      fc.asyncProperty(ids, cap, fc.nat(), async (jobs, cap, where) => {
        // At least one whole page comes before it.
        fc.pre(jobs.length > 2 * cap)
        const poisoned = new Set([jobs[2 * cap + (where % (jobs.length - 2 * cap))]!])
        const reading = await read(reader(service({ jobs, cap, poisoned })))
        expect(reading).toEqual({ ids: jobs.filter((id) => !poisoned.has(id)), passed: 1, error: null })
      }),
      RUNS,
    )
  })

  it('either passes and counts poisoned entries and reads all others, or ends as failed, and skips nothing silently', async () => {
    const poison = fc.array(fc.nat(149), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(ids, poison, cap, inclusive, naming, async (jobs, where, cap, inclusive, naming) => {
        fc.pre(jobs.length > 0)
        const poisoned = new Set(where.map((index) => jobs[index % jobs.length]!))
        const reading = await read(reader(service({ jobs, cap, inclusive, naming, poisoned })))
        if (reading.error === null) {
          expect(reading).toEqual({ ids: jobs.filter((id) => !poisoned.has(id)), passed: poisoned.size, error: null })
        } else {
          expect(reading.error).toBeInstanceOf(ListError)
          expectNothingSkipped(reading, jobs, poisoned)
          expect(reading.passed).toBeLessThanOrEqual(poisoned.size)
        }
        if (!inclusive) expect([reading.passed, reading.error]).toEqual([0, expect.any(ListError)])
      }),
      { numRuns: 500 },
    )
  })

  it('skips nothing silently when entries are poisoned and jobs come and go', async () => {
    const removals = fc.array(fc.array(fc.nat(150), { maxLength: 10 }), { maxLength: 40 })
    const poison = fc.array(fc.nat(149), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        ids,
        poison,
        removals,
        cap,
        naming,
        inclusive,
        async (first, where, removals, cap, naming, inclusive) => {
          fc.pre(first.length > 0)
          const poisoned = new Set(where.map((index) => first[index % first.length]!))
          const from = service({ jobs: [...first], poisoned, cap, naming, inclusive })
          const throughout = new Set(first)
          let request = 0
          const reading = await read(async (query) => {
            // A job that goes just before its page is asked for, so that since_id may name none.
            const removed = new Set(removals[request++]?.map((index) => from.jobs[index]))
            from.jobs = from.jobs.filter((id) => !removed.has(id) || poisoned.has(id))
            for (const id of removed) if (!poisoned.has(id ?? -1)) throughout.delete(id ?? -1)
            return Promise.resolve(serve(from, query))
          })
          const last = reading.ids.at(-1) ?? -1
          const due = [...throughout].filter((id) => !poisoned.has(id) && (reading.error === null || id <= last))
          expect(reading.ids.filter((id) => throughout.has(id))).toEqual(due)
          if (reading.error === null) expect(reading.passed).toBe(poisoned.size)
          else expect(reading.error).toBeInstanceOf(ListError)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('never loses a job to failures that pass: what is not read is counted, or the reading ends as failed', async () => {
    // So many failures in a row before each answer: 17 are enough to take an entry for one that cannot be listed.
    const failing = fc.array(fc.oneof(fc.constant(0), fc.nat(40)), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(ids, cap, inclusive, naming, failing, async (jobs, cap, inclusive, naming, failing) => {
        fc.pre(!(inclusive && naming === 'last job' && cap === 1))
        const from = service({ jobs, cap, inclusive, naming })
        const left = [...failing]
        const reading = await read(
          trying((query) => {
            if ((left[0] ?? 0) > 0) {
              left[0]! -= 1
              throw failure()
            }
            left.shift()
            return serve(from, query)
          }),
        )
        const until = reading.error === null ? Infinity : (reading.ids.at(-1) ?? -1)
        const unread = jobs.filter((id) => id <= until && !reading.ids.includes(id))
        expect(unread.length).toBeLessThanOrEqual(reading.passed)
        expect(reading.ids).toEqual(jobs.filter((id) => reading.ids.includes(id)))
        if (reading.error !== null) expect(reading.error).toBeInstanceOf(ListError)
      }),
      { numRuns: 500 },
    )
  })

  it('reads everything through single failures', async () => {
    await fc.assert(
      fc.asyncProperty(ids, cap, inclusive, fc.infiniteStream(fc.boolean()), async (jobs, cap, inclusive, fails) => {
        const from = service({ jobs, cap, inclusive })
        let failed = false
        const fetch = trying((query) => {
          failed = !failed && fails.next().value === true
          if (failed) throw failure()
          return serve(from, query)
        })
        expect(await read(fetch)).toEqual({ ids: jobs, passed: 0, error: null })
      }),
      RUNS,
    )
  })

  it('asks for less where a page is too large, and reads everything', async () => {
    await fc.assert(
      fc.asyncProperty(ids, cap, fc.integer({ min: 1, max: 120 }), inclusive, async (jobs, cap, fits, inclusive) => {
        expect(await read(reader(service({ jobs, cap, fits, inclusive })))).toEqual({
          ids: jobs,
          passed: 0,
          error: null,
        })
      }),
      RUNS,
    )
  })

  it('halves the limit after two tries that brought a 5xx or a timeout, down to 1, which is tried as often as may be', async () => {
    for (const error of [failure(), failure('status', 503), failure('timeout', null)]) {
      const asked: string[] = []
      const fetch = trying((query) => {
        asked.push(query['limit'] ?? '')
        throw error
      })
      expect(await read(fetch)).toEqual({ ids: [], passed: 0, error: expect.any(ListError) as unknown })
      expect(asked).toEqual(
        ['100', '50', '25', '12', '6', '3'].flatMap((limit) => [limit, limit]).concat(Array<string>(5).fill('1')),
      )
    }
  })

  it('halves the limit at once where a page is too large, down to 1', async () => {
    const asked: string[] = []
    const fetch = trying((query) => {
      asked.push(query['limit'] ?? '')
      throw failure('too_large', 200)
    })
    expect(await read(fetch)).toEqual({ ids: [], passed: 0, error: expect.any(ListError) as unknown })
    expect(asked).toEqual(['100', '50', '25', '12', '6', '3', '1'])
  })

  it('goes back to whole pages behind what was too large', async () => {
    const jobs = Array.from({ length: 500 }, (_, index) => index + 1)
    const limits: string[] = []
    const from = service({ jobs, poisoned: new Set([250]) })
    const reading = await read(async (query) => {
      limits.push(query['limit'] ?? '')
      return Promise.resolve(serve(from, query))
    })
    expect(reading).toMatchObject({ passed: 1, error: null })
    expect(limits.filter((limit) => limit === '100').length).toBeGreaterThan(4)
    expect(limits.at(-1)).toBe('100')
    expect(limits.length).toBeLessThan(30)
  })

  it('ends at once, and with the same error, for what halving cannot help', async () => {
    for (const error of [
      failure('status', 401),
      failure('status', 403),
      failure('unusable', 200),
      new Error('a bug'),
    ]) {
      let asked = 0
      const reading = await read(() => {
        asked += 1
        return Promise.reject(error)
      })
      expect([reading.error, asked]).toEqual([error, 1])
    }
  })

  it.each([failure('network', null), failure('status', 429), failure('unusable', 200)])(
    'gives a page all tries where halving cannot help: $code',
    async (error) => {
      const jobs = [1, 2, 3]
      for (const failures of [4, 5]) {
        let left = failures
        const fetch = trying((query) => {
          if (left-- > 0) throw error
          return serve(service({ jobs }), query)
        })
        const expected = failures < MAX_ATTEMPTS ? { ids: jobs, passed: 0, error: null } : { ids: [], passed: 0, error }
        expect(await read(fetch)).toEqual(expected)
      }
    },
  )

  it('ends as failed when next leads back to where it was, to an empty page or to nowhere', async () => {
    const jobs = Array.from({ length: 30 }, (_, index) => index + 1)
    const loops: Record<string, Service['next']> = {
      'the same page': ({ limit = '' }) => `https://acme.workable.com/jobs?limit=${limit}`,
      'no query': () => 'https://acme.workable.com/jobs',
      'no URL': () => 'http://[',
      'an empty fragment': () => '#',
    }
    for (const [name, next] of Object.entries(loops)) {
      const reading = await read(reader(service({ jobs, cap: 10, next })))
      expect([name, reading]).toEqual([
        name,
        { ids: jobs.slice(0, 10), passed: 0, error: expect.any(ListError) as unknown },
      ])
    }
    const empty = await read(() => Promise.resolve({ entries: [], next: '/jobs?since_id=a', read_at: 0, asked_at: 0 }))
    expect(empty).toEqual({ ids: [], passed: 0, error: expect.any(ListError) as unknown })
  })

  it('ends as failed when next goes round in any circle', async () => {
    const numbers = Array.from({ length: 4 }, (_, index) => index)
    for (const length of [1, 2, 3, 4]) {
      const pages = numbers.slice(0, length)
      const reading = await read((query) => {
        const page = Number(query['page'] ?? 0)
        return Promise.resolve({
          entries: [{ id: hex(page) }],
          next: `/jobs?page=${(page + 1) % pages.length}`,
          read_at: 0,
          asked_at: 0,
        })
      })
      expect(reading.error).toBeInstanceOf(ListError)
      expect([...new Set(reading.ids)]).toEqual(pages)
    }
  })

  it('ends as failed after 10,000 pages', async () => {
    let pages = 0
    const reading = await read((query) => {
      pages += 1
      const id = Number.parseInt(query['since_id'] ?? '1', 16)
      return Promise.resolve({
        entries: [{ id: hex(id) }],
        next: `/jobs?since_id=${hex(id + 1)}`,
        read_at: 0,
        asked_at: 0,
      })
    })
    expect(pages).toBe(10_000)
    expect(reading.ids).toHaveLength(10_000)
    expect(reading.error).toBeInstanceOf(ListError)
  })

  it('takes the query of next and nothing else, laid over its own parameters', async () => {
    const own = { state: 'published', updated_after: '2026-11-01T00:00:00Z', include_fields: 'description,benefits' }
    for (const next of Object.values(nexts)) {
      const asked: Query[] = []
      const jobs = Array.from({ length: 250 }, (_, index) => index + 1)
      const reading = await read(async (query) => {
        asked.push(query)
        return Promise.resolve(serve(service({ jobs, next }), query))
      }, own)
      expect(reading).toMatchObject({ ids: jobs, error: null })
      expect(asked).toEqual([
        { ...own, limit: '100' },
        { ...own, limit: '100', since_id: hex(101) },
        { ...own, limit: '100', since_id: hex(201) },
      ])
    }
  })

  it("keeps the user's own since_id and max_id where next says nothing of them", async () => {
    const asked: Query[] = []
    const answers = [
      { entries: [{ id: 'b' }], next: '/jobs?since_id=c', read_at: 0, asked_at: 0 },
      { entries: [], next: null, read_at: 0, asked_at: 0 },
    ]
    await read(
      (query) => {
        asked.push(query)
        return Promise.resolve(answers[asked.length - 1]!)
      },
      { since_id: 'a', max_id: 'f' },
    )
    expect(asked).toMatchObject([
      { since_id: 'a', max_id: 'f' },
      { since_id: 'c', max_id: 'f' },
    ])
  })

  it('passes nothing by an id that it cannot count on from', async () => {
    for (const since_id of ['A1', 'x-1', '12.5']) {
      const answers: Record<string, Page> = {
        first: { entries: [{ id: 'a0' }], next: `/jobs?since_id=${since_id}`, read_at: 0, asked_at: 0 },
        second: {
          entries: [{ id: since_id }, { id: 'zz' }],
          next: `/jobs?since_id=${since_id}9`,
          read_at: 0,
          asked_at: 0,
        },
      }
      let request = 0
      const reading = await read(() => {
        const page = answers[['first', 'second'][request++] ?? '']
        return page ? Promise.resolve(page) : Promise.reject(failure())
      })
      expect(reading).toMatchObject({ passed: 0, error: { code: 'list_unlistable' } })
    }
  })

  it('yields an entry that is no job, or has no id, as it is', async () => {
    const entries = [null, 'text', 7, {}, { id: 5 }, { shortcode: 'A' }, { shortcode: 'A' }, { id: 'b' }, { id: 'b' }]
    const yielded: unknown[] = []
    for await (const pulled of readPages(() => Promise.resolve({ entries, next: null, read_at: 42, asked_at: 42 }), {}))
      yielded.push(pulled)
    expect(yielded).toEqual([
      { entries: [null, 'text', 7, {}, { id: 5 }, { shortcode: 'A' }, { id: 'b' }], read_at: 42, asked_at: 42 },
    ])
  })

  it('asks for the next page only when this one has been taken', async () => {
    let asked = 0
    const jobs = Array.from({ length: 500 }, (_, index) => index + 1)
    const from = service({ jobs })
    const fetch: FetchPage = (query) => {
      asked += 1
      return Promise.resolve(serve(from, query))
    }
    expect((await read(fetch, {}, 200)).ids).toHaveLength(200)
    expect(asked).toBe(2)
  })

  it.each([
    ['pages of entries without an id', () => ({ entries: [{}], next: '/jobs?since_id=a', read_at: 0, asked_at: 0 })],
    [
      'pages that name each other',
      (asked: number) => ({
        entries: [{ id: `a${asked % 2}` }, { id: 'b' }],
        next: `/jobs?since_id=${asked % 2}`,
        read_at: 0,
        asked_at: 0,
      }),
    ],
  ])('ends %s as failed', async (_, page) => {
    let asked = 0
    const reading = await read(() => Promise.resolve(page(asked++)))
    expect(reading.error).toMatchObject({ code: 'list_stuck' })
    expect(asked).toBeLessThan(6)
  })

  it('reads an entry once whose id is a number', async () => {
    const answers: Page[] = [
      { entries: [{ id: 101 }, { id: 102 }], next: '/jobs?since_id=102', read_at: 0, asked_at: 0 },
      { entries: [{ id: 102 }, { id: 103 }], next: null, read_at: 0, asked_at: 0 },
    ]
    const yielded: unknown[] = []
    for await (const pulled of readPages(() => Promise.resolve(answers.shift()!), {})) yielded.push(pulled)
    expect(yielded).toEqual([
      { entries: [{ id: 101 }, { id: 102 }], read_at: 0, asked_at: 0 },
      { entries: [{ id: 103 }], read_at: 0, asked_at: 0 },
    ])
  })
})
