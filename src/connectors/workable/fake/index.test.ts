import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { workableFake } from './index.js'
import type { WorkableFake, WorkableFakeOptions } from './index.js'
import { readMoment } from './query.js'

const listBody = z.looseObject({
  jobs: z.array(z.looseObject({ id: z.string(), shortcode: z.string() })),
  paging: z.looseObject({ next: z.string().nullish() }).optional(),
})
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'))

const BASE = 'https://sandbox.test/any/acme/spi/v3'
const NOW = Date.parse('2026-11-24T08:00:00.500Z')

function get(fake: WorkableFake, path: string, token = fake.token): Promise<Response> {
  const url = path.startsWith('http') ? path : `${BASE}${path}`
  return fake.fetch(new Request(url, { headers: { authorization: `Bearer ${token}` } }))
}

async function list(fake: WorkableFake, path: string) {
  const response = await get(fake, path)
  expect(response.status).toBe(200)
  return listBody.parse(await response.json())
}

/** Follows `next` with its query only, as the connector does. */
async function readAll(fake: WorkableFake, path: string): Promise<{ codes: string[]; next: string[] }> {
  const codes: string[] = []
  const next: string[] = []
  for (let page = await list(fake, path); ; page = await list(fake, `/jobs?${new URL(next.at(-1)!).search.slice(1)}`)) {
    codes.push(...page.jobs.map((job) => job.shortcode))
    if (!page.paging?.next) return { codes, next }
    next.push(page.paging.next)
  }
}

function start(options: WorkableFakeOptions = {}): WorkableFake {
  return workableFake({ rate_limit: null, now: () => NOW, ...options })
}

/** Jobs with the ids 0a to 0e and one minute between their dates. */
function five(options: WorkableFakeOptions = {}): WorkableFake {
  const fake = start({ jobs: 0, ...options })
  for (const [index, digit] of 'cabed'.split('').entries()) {
    const at = `2026-11-01T10:0${'abcde'.indexOf(digit)}:00Z`
    const state = index % 2 === 0 ? 'published' : 'archived'
    fake.add({ id: `0${digit}`, shortcode: digit.toUpperCase(), title: digit, state, created_at: at, updated_at: at })
  }
  return fake
}

describe('paging', () => {
  it('has an inclusive cursor by default: next carries the first id of the next page', async () => {
    const { codes, next } = await readAll(five(), '/jobs?limit=2')
    expect(codes.join('')).toBe('ABCDE')
    expect(next).toEqual([`${BASE}/jobs?limit=2&since_id=0c`, `${BASE}/jobs?limit=2&since_id=0e`])
    expect((await list(five(), '/jobs?since_id=0d')).jobs.map((job) => job.id)).toEqual(['0d', '0e'])
  })

  it('can have an exclusive cursor: next carries the last id of the page', async () => {
    const { codes, next } = await readAll(five({ since_id: 'exclusive' }), '/jobs?limit=2')
    expect(codes.join('')).toBe('ABCDE')
    expect(next.map((url) => new URL(url).searchParams.get('since_id'))).toEqual(['0b', '0d'])
  })

  it('orders by the number an id stands for, and takes max_id as inclusive', async () => {
    const fake = five()
    fake.add({ id: '100', shortcode: 'Z', title: 'z', state: 'draft' })
    fake.add({ id: 'f', shortcode: 'F', title: 'f', state: 'draft' })
    expect((await readAll(fake, '/jobs')).codes.join('')).toBe('ABCDEFZ')
    expect((await readAll(fake, '/jobs?max_id=b')).codes.join('')).toBe('AB')
  })

  it.each([
    ['own_host', `${BASE}/jobs?limit=1&since_id=0c&state=published`],
    ['other_host', 'https://www.workable.com/spi/v3/accounts/acme/jobs?limit=1&since_id=0c&state=published'],
    ['forgets_filters', `${BASE}/jobs?limit=1&since_id=0c`],
  ] as const)('points next to %s', async (next, url) => {
    const page = await list(five({ next }), '/jobs?limit=1&state=published&since_id=0b')
    expect(page.jobs.map((job) => job.id)).toEqual(['0b'])
    expect(page.paging?.next).toBe(url)
  })

  it.each([
    ['absent', undefined],
    ['empty', {}],
    ['null', { next: null }],
  ] as const)('ends with paging %s', async (end_of_list, paging) => {
    expect((await list(five({ end_of_list }), '/jobs')).paging).toEqual(paging)
  })

  it('has a default limit of 50, clamps it at 100, and says the effective one', async () => {
    const fake = start({ jobs: 120 })
    const pages = [await list(fake, '/jobs'), await list(fake, '/jobs?limit=1000')]
    expect(pages.map((page) => page.jobs.length)).toEqual([50, 100])
    expect(pages[0]!.paging?.next).toContain('limit=50&')
    expect((await get(fake, '/jobs?limit=0')).status).toBe(400)
  })
})

describe('filters', () => {
  it('combines state and dates with AND; "after" is exclusive with one-second grain', async () => {
    const fake = five()
    const codes = async (query: string) => (await readAll(fake, `/jobs?${query}`)).codes.join('')
    expect(await codes('updated_after=2026-11-01T10:02:00Z')).toBe('DE')
    expect(await codes('updated_after=20261101T100200Z')).toBe('DE')
    expect(await codes('updated_after=2026-11-01T10:02:00.900Z&state=published')).toBe('D')
    expect(await codes('updated_after=2026-11-01T12:01:59%2B02:00')).toBe('CDE')
    expect(await codes(`created_after=${Date.parse('2026-11-01T10:00:00Z') / 1000}&max_id=0c`)).toBe('BC')
  })

  it('answers 400 to what it cannot read', async () => {
    const fake = five()
    for (const query of ['updated_after=yesterday', 'created_after=1784839803000', 'since_id=x', 'state=Published']) {
      expect((await get(fake, `/jobs?${query}`)).status).toBe(400)
    }
    expect(readMoment('2026-13-01T00:00:00Z')).toBeUndefined()
  })
})

describe('slots', () => {
  it('lets nine of ten through, counted on arrival in aligned slots of its own clock', async () => {
    let now = Date.parse('2026-11-24T08:00:07Z')
    const fake = workableFake({ now: () => now, clock_offset_ms: 2000 })
    const answers = await Promise.all(Array.from({ length: 11 }, () => get(fake, '/jobs?limit=1')))
    expect(answers.map((answer) => answer.status)).toEqual([...Array<number>(9).fill(200), 429, 429])
    expect(answers.map((answer) => answer.headers.get('x-rate-limit-remaining')).join('')).toBe('98765432100')
    expect(answers[0]!.headers.get('x-rate-limit-reset')).toBe(String(Date.parse('2026-11-24T08:00:19Z') / 1000))
    expect(answers[0]!.headers.get('date')).toBe('Tue, 24 Nov 2026 08:00:09 GMT')
    now += 1000
    expect((await get(fake, '/jobs?limit=1')).headers.get('x-rate-limit-remaining')).toBe('9')
    expect(new Set(fake.requests.map((request) => request.slot)).size).toBe(2)
    expect(fake.requests[9]).toMatchObject({
      at: now - 1000,
      method: 'GET',
      path: '/jobs',
      query: { limit: '1' },
      status: 429,
    })
  })

  it('can have another limit and another slot, or none', async () => {
    const fake = start({ rate_limit: { limit: 3, slot_ms: 100 } })
    const statuses = [await get(fake, '/jobs'), await get(fake, '/jobs'), await get(fake, '/jobs')].map((a) => a.status)
    expect(statuses).toEqual([200, 200, 429])
    expect((await get(start(), '/jobs')).headers.has('x-rate-limit-limit')).toBe(false)
  })
})

describe('list and detail', () => {
  it('shows the texts in a list only when asked, and the five classification fields never', async () => {
    const fake = start()
    const [plain] = (await list(fake, '/jobs?limit=1')).jobs
    const [full] = (await list(fake, '/jobs?limit=1&include_fields=description,benefits,employment_type')).jobs
    expect(plain).toMatchObject({ sample: true, location: { location_str: expect.any(String) as string } })
    expect(plain).not.toHaveProperty('description')
    expect(full).toHaveProperty('description')
    expect(full).toHaveProperty('benefits')
    for (const key of ['requirements', 'employment_type', 'industry', 'function', 'experience', 'education']) {
      expect(full).not.toHaveProperty(key)
    }
  })

  it('shows everything else in the detail, without sample and location_str', async () => {
    const fake = start()
    const job = fake.jobs[0]!
    const response = await get(fake, `/jobs/${job.shortcode}`)
    const { sample, ...rest } = job
    expect(sample).toBe(true)
    expect(await response.json()).toEqual(rest)
    expect(rest).toMatchObject({ employment_type: expect.any(String) as string })
    expect(rest['location']).not.toHaveProperty('location_str')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(response.headers.get('x-request-id')).toBeTruthy()
  })

  it('shows recorded jobs as they were recorded', async () => {
    const recorded = z.object({ body: z.looseObject({ shortcode: z.string() }) })
    const { body } = recorded.parse(fixture('recorded-job-detail-2026-07'))
    const fake = start({ jobs: 0 })
    for (const job of z.array(z.looseObject({})).parse(fixture('jobs'))) fake.add(job)
    expect(await (await get(fake, `/jobs/${body.shortcode}`)).json()).toEqual(body)
    const listed = listBody.parse(z.looseObject({ body: listBody }).parse(fixture('recorded-jobs-list-2026-07')).body)
    const [first] = (await list(fake, '/jobs')).jobs
    expect({ ...first, sample: true }).toEqual(listed.jobs[0])
    expect((await list(fake, '/jobs')).jobs).toHaveLength(24)
  })

  it('can be without updated_at, as before 2026', async () => {
    const fake = start({ updated_at: false })
    const { jobs } = await list(fake, '/jobs?updated_after=2020-01-01T00:00:00Z')
    expect(jobs).toHaveLength(24)
    expect(jobs[0]).not.toHaveProperty('updated_at')
    expect(await (await get(fake, `/jobs/${jobs[0]!.shortcode}`)).json()).not.toHaveProperty('updated_at')
  })
})

describe('changes', () => {
  it('sets updated_at to the clock of the service', () => {
    const fake = start({ clock_offset_ms: 90_000 })
    const { shortcode } = fake.jobs[3]!
    fake.edit(shortcode, { title: 'New' })
    expect(fake.jobs[3]).toMatchObject({ shortcode, title: 'New', updated_at: '2026-11-24T08:01:30Z' })
  })

  it('can show the version before an edit for some answers, in the detail only', async () => {
    const fake = start({ stale_details: 2 })
    const { shortcode, title } = fake.jobs[0]!
    fake.edit(shortcode, { title: 'New' })
    const titles: unknown[] = []
    for (let n = 0; n < 3; n++) {
      titles.push(
        z.looseObject({ title: z.string() }).parse(await (await get(fake, `/jobs/${shortcode}`)).json()).title,
      )
    }
    expect(titles).toEqual([title, title, 'New'])
    expect((await list(fake, '/jobs?limit=1')).jobs[0]).toMatchObject({ title: 'New' })
  })

  it('adds jobs with the highest id, and forgets removed ones', async () => {
    const fake = start()
    const added = fake.add({ title: 'Added' })
    expect((await readAll(fake, '/jobs')).codes.at(-1)).toBe(added.shortcode)
    fake.remove(added.shortcode)
    expect((await readAll(fake, '/jobs')).codes).toHaveLength(24)
    const gone = await get(fake, `/jobs/${added.shortcode}`)
    expect([gone.status, await gone.json()]).toEqual([404, { error: 'Not found' }])
    expect(() => fake.remove(added.shortcode)).toThrow('there is no job')
    expect(() => fake.add(fake.jobs[0])).toThrow('already')
  })

  it('answers 500 for a poisoned job and for each list page that would hold it', async () => {
    const fake = five()
    fake.poison('C')
    expect((await get(fake, '/jobs/C')).status).toBe(500)
    expect((await get(fake, '/jobs?limit=3')).status).toBe(500)
    expect((await get(fake, '/jobs?limit=2')).status).toBe(200)
    expect((await get(fake, '/jobs?since_id=0d')).status).toBe(200)
  })
})

describe('access', () => {
  it('refuses other tokens first, without rate headers', async () => {
    const answer = await get(workableFake(), '/jobs/NONE', 'other')
    expect([answer.status, await answer.json()]).toEqual([401, { error: 'Not authorized' }])
    expect(answer.headers.has('x-rate-limit-limit')).toBe(false)
  })

  it('shows the account under both paths, and a page for a subdomain nobody has', async () => {
    const fake = start()
    const one: unknown = await (await get(fake, '/accounts/acme')).json()
    expect(one).toMatchObject({ subdomain: 'acme' })
    expect(await (await get(fake, '/accounts')).json()).toEqual({ accounts: [one] })
    const nobody = await get(fake, 'https://sandbox.test/any/nobody/spi/v3/jobs')
    expect([nobody.status, nobody.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    expect((await get(fake, 'https://acme.workable.com/spi/v3/jobs')).status).toBe(200)
  })
})

describe('generated jobs', () => {
  it('are the same for the same seed, never newer than the clock, and varied', () => {
    expect(start({ seed: 7 }).jobs).toEqual(start({ seed: 7 }).jobs)
    expect(start({ seed: 7 }).jobs).not.toEqual(start({ seed: 8 }).jobs)
    const jobs = start({ jobs: 2000 }).jobs
    expect(new Set(jobs.map((job) => job.shortcode)).size).toBe(2000)
    expect(jobs.every((job) => /^[0-9A-F]{10}$/.test(job.shortcode))).toBe(true)
    expect(new Set(jobs.map((job) => job.state))).toEqual(new Set(['published', 'closed', 'draft', 'archived']))
    for (const job of jobs.filter((job) => job['description'])) {
      expect(String(job['description']).length).toBeGreaterThan(500)
      expect(String(job['description']).length).toBeLessThan(4000)
    }
    expect(jobs.filter((job) => job['salary'] === undefined).length).toBeGreaterThan(1000)
    const early = Date.parse('2024-01-01T00:00:00Z')
    expect(start({ now: () => early }).jobs.every((job) => Date.parse(job.updated_at!) <= early)).toBe(true)
  })

  it('come by the hundred thousand in seconds', () => {
    expect(start({ jobs: 100_000 }).jobs).toHaveLength(100_000)
  }, 10_000)
})
