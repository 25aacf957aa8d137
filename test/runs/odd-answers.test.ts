// Answers that are odd: what they do not say, or say in a form that cannot be read, empties nothing on the board.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatWorkableJob,
  type HrflowJob,
  MemoryStore,
  type RuntimeOptions,
  type WorkableJob,
} from '../../src/index.js'
import { nonZero, world } from '../support/world.js'

type Fields = Record<string, unknown>

const HOUR_MS = 3_600_000

/** One job, delivered whole, and what Workable answered of it. */
async function deliveredJob() {
  const it = await world({ workable: { jobs: 1, seed: 3 } })
  const { sandbox, parameters, update, clock } = it
  const { shortcode } = sandbox.workable.jobs[0]!
  const place = {
    city: 'Leeds',
    country: 'United Kingdom',
    country_code: 'GB',
    region: 'England',
    zip_code: 'LS1',
    telecommuting: false,
    workplace_type: 'on_site',
  }
  const entry = (city: string, coords: string) => ({
    country_code: 'GB',
    country_name: 'United Kingdom',
    subregion: 'England',
    city,
    zip_code: city === 'Leeds' ? 'LS1' : null,
    coords,
    hidden: false,
  })
  sandbox.workable.edit(shortcode, {
    location: { ...place, location_str: 'Leeds, England, United Kingdom' },
    locations: [entry('Leeds', '53.8, -1.54'), entry('York', '53.95, -1.08')],
    workplace_type: 'on_site',
    salary: { salary_from: 30000, salary_to: 40000, salary_currency: 'gbp' },
    description: '<p>What it is</p>',
    requirements: '<p>What it takes</p>',
    benefits: '<p>What it gives</p>',
    full_description: '<p>All of it</p>',
    employment_type: 'Full-time',
    industry: 'Software',
    function: 'Engineering',
    experience: 'Associate',
    education: 'None',
    code: 'ENG-1',
    department: 'Engineering',
  })
  await clock.sleep(10_000)
  const push_parameters = { ...parameters.push_parameters, on_missing: 'create' as const }
  const run = (more: Parameters<typeof update>[0] = {}, changes: RuntimeOptions = {}) =>
    update({ incremental: true, push_parameters, ...more }, changes)
  expect(nonZero(await run())).toEqual({ read_success: 1, write_success: 1 })
  const get = async (path: string): Promise<Fields> => {
    const url = `${sandbox.workable_url.replace('{subdomain}', sandbox.workable.subdomain)}${path}`
    const answer = await fetch(url, { headers: { authorization: `Bearer ${sandbox.workable.token}` } })
    return (await answer.json()) as Fields
  }
  const include_fields = 'description,full_description,requirements,benefits'
  const { jobs } = (await get(`/jobs?include_fields=${include_fields}`)) as { jobs: Fields[] }
  const detail = await get(`/jobs/${shortcode}`)
  const updated_at = `${new Date(Date.parse(String(detail['updated_at'])) + HOUR_MS).toISOString().slice(0, 19)}Z`
  await clock.sleep(2 * HOUR_MS)
  /** Makes Workable answer with a newer job: its list entry and its detail, each changed by a function. */
  const answer = (change: { list?: (entry: Fields) => unknown; detail?: (detail: Fields) => unknown }) => {
    const newer = (job: Fields) => structuredClone({ ...job, updated_at })
    const entries = [change.list?.(newer(jobs[0]!)) ?? newer(jobs[0]!)]
    const whole = change.detail?.(newer(detail)) ?? newer(detail)
    const removers = [
      sandbox.fault({ service: 'workable', path: '/jobs', answer: answerOf({ jobs: entries }, clock.now()) }),
      sandbox.fault({ service: 'workable', path: `/jobs/${shortcode}`, answer: answerOf(whole, clock.now()) }),
    ]
    return () => removers.forEach((remove) => remove())
  }
  const board = () => sandbox.hrflow.job(sandbox.board_key, shortcode) as unknown as Fields
  return { ...it, run, answer, board, shortcode }
}

/** Answered at a moment by the service's clock: a detail that was read before its version is not kept. */
function answerOf(body: unknown, at: number) {
  return { status: 200, body: JSON.stringify(body), headers: { date: new Date(at).toUTCString() } }
}

const both = (change: (job: Fields) => unknown) => ({ list: change, detail: change })
const and = (more: Fields) => (job: Fields) => ({ ...job, ...more })
const without =
  (...keys: string[]) =>
  (job: Fields) =>
    Object.fromEntries(Object.entries(job).filter(([key]) => !keys.includes(key)))

/** The stored job by path, `tags.industry` for the value of an entry: what is empty is left out. */
function fieldsOf(job: Fields): Record<string, unknown> {
  const entries = ['tags', 'metadatas', 'sections', 'ranges_float'].flatMap((list) =>
    ((job[list] ?? []) as Fields[]).flatMap((entry) =>
      ['value', 'description', 'value_min', 'value_max', 'unit'].map(
        (key) => [`${list}.${String(entry['name'])}.${key}`, entry[key]] as const,
      ),
    ),
  )
  const { text, lat, lng, fields } = job['location'] as Fields
  const place = Object.entries({ text, lat, lng, ...(fields as Fields) })
  const top = ['name', 'url', 'summary', 'requirements', 'benefits', 'created_at'].map(
    (key) => [key, job[key]] as const,
  )
  const all = [...top, ...entries, ...place.map(([key, value]) => [`location.${key}`, value] as const)]
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined && value !== ''))
}

describe('nothing that an answer does not say empties the board', () => {
  test.each([
    ['a sentence for a place', both(and({ location: 'Leeds, United Kingdom' })), ['location']],
    ['a list for a place', both(and({ location: ['Leeds'] })), ['location']],
    ['lists for texts', both(and({ requirements: ['a'], benefits: ['b'] })), ['requirements', 'benefits']],
    ['an object for a text', both(and({ description: { html: '<p>x</p>' } })), ['description']],
    ['a sentence for a salary', both(and({ salary: '30000-40000 GBP' })), ['salary']],
    ['a word for an amount', both(and({ salary: { salary_from: '30k', salary_to: 40000 } })), ['salary.salary_from']],
    ['nothing in a place', both(and({ location: {} })), []],
    ['a place without its city', both(and({ location: { country_code: 'GB' } })), []],
    ['an object for places', both(and({ locations: { city: 'Leeds' } })), ['locations']],
    ['a text among places', both(and({ locations: ['Leeds', 'York'] })), ['locations']],
    ['an object for a department', both(and({ department: { name: 'X' } })), ['department']],
    ['a number for a title', both(and({ title: 5 })), ['title']],
    ['a number for a workplace', both(and({ workplace_type: 1, location: {} })), ['workplace_type']],
    ['lists for the five fields', { detail: and({ industry: ['Software'], education: 5 }) }, ['industry', 'education']],
    ['no place in the detail', { detail: without('location', 'locations') }, []],
    ['no place at all', both(without('location', 'locations', 'workplace_type')), []],
    ['no department, code, url', both(without('department', 'code', 'url', 'application_url')), []],
    ['null in the detail, a value in the list', { detail: and({ location: null, salary: null, title: null }) }, []],
    ['null within the detail, a value in the list', { detail: and({ location: { city: null, country: null } }) }, []],
    ['some of the five fields', { detail: without('industry', 'education') }, []],
  ] as const)('%s', async (_name, change, unread) => {
    const { answer, run, board } = await deliveredJob()
    const before = fieldsOf(board())
    answer(change)
    const result = await run()
    expect(result.status).toBe('success')
    expect(nonZero(result)).toEqual({ read_success: 1, write_unchanged: 1 })
    expect(fieldsOf(board())).toEqual(before)
    const told = result.notes.filter((note) => note.includes('could not be read'))
    expect(told).toEqual(unread.map((field) => `${field} could not be read in 1 job: HrFlow keeps what it has there.`))
  })

  test('nor does a detail that has nothing but what names the job, and it is not kept as a detail', async () => {
    const { answer, run, board, events } = await deliveredJob()
    const before = fieldsOf(board())
    const stub = ({ shortcode, id, title, updated_at }: Fields) => ({ shortcode, id, title, updated_at })
    const texts = ['description', 'full_description', 'requirements', 'benefits']
    const heal = answer({ list: without(...texts, 'salary'), detail: stub })
    expect(nonZero(await run())).toEqual({ read_success: 1, write_unchanged: 1 })
    expect(fieldsOf(board())).toEqual(before)
    heal()
    answer({})
    events.length = 0
    await run({ incremental: false })
    const asked = events.flatMap((event) => (event.type === 'request' ? event.request.path : []))
    expect(asked.filter((path) => path === '/jobs/:shortcode')).toHaveLength(1)
  })

  test('nor does a text that is null where the others are left out', async () => {
    const { answer, run, board } = await deliveredJob()
    const change = (job: Fields) => ({
      ...without('full_description', 'requirements', 'benefits')(job),
      description: null,
    })
    answer(both(change))
    await run()
    expect(fieldsOf(board())).toMatchObject({ requirements: '<p>What it takes</p>', benefits: '<p>What it gives</p>' })
    expect(fieldsOf(board())).not.toHaveProperty('summary')
  })

  test.each(['location', 'title', 'salary', 'requirements', 'department', 'url'])(
    'nor does a null for %s in the list alone, also when nothing has changed and the detail is not asked for',
    async (field) => {
      const { answer, run, board, clock } = await deliveredJob()
      answer({ list: and({ [field]: null }) })
      expect((await run()).status).toBe('success')
      const before = fieldsOf(board())
      for (const incremental of [false, true, false]) {
        await clock.sleep(60_000)
        await run({ incremental })
        expect(fieldsOf(board())).toEqual(before)
      }
    },
  )

  test('nor in a plan, nor for a run that creates', async () => {
    const { answer, run, call } = await deliveredJob()
    answer(both(and({ location: 'Leeds', salary: 5, requirements: [], industry: {} })))
    const planned = await run({ persist: false, incremental: false }, { compare: true })
    const changes = planned.plan?.items.flatMap((item) => item.changes.map(({ path }) => path))
    expect(changes?.sort()).toEqual(['requirements', 'sections.requirements'])
    const created = await call('createJobsInHrflow', { workflow_id: 'create' })
    expect(nonZero(created)).toEqual({ read_success: 1, write_unchanged: 1 })
  })
})

describe('what an answer says empty is emptied', () => {
  test.each([
    ['null', null],
    ["''", ''],
    ['[]', []],
    ['HTML without a text', '<p>&nbsp;</p>'],
  ])('%s for a text', async (_name, requirements) => {
    const { answer, run, board } = await deliveredJob()
    answer(both(and({ requirements })))
    const result = await run()
    // A list is no text, but says that there is nothing.
    expect(nonZero(result)).toEqual({ read_success: 1, write_success: 1 })
    expect(fieldsOf(board())).not.toHaveProperty('requirements')
    expect(fieldsOf(board())).not.toHaveProperty(['sections.requirements.description'])
  })

  test('a place, the places, and the five fields of the detail', async () => {
    const { answer, run, board } = await deliveredJob()
    const empty = { location: null, locations: [], industry: null, education: '', function: [], workplace_type: null }
    answer(both(and(empty)))
    const result = await run()
    expect(nonZero(result)).toEqual({ read_success: 1, write_success: 1 })
    // What is emptied was read.
    expect(result.notes.join()).not.toContain('could not be read')
    const after = Object.keys(fieldsOf(board()))
    expect(after.filter((path) => path.startsWith('location.'))).toEqual([])
    expect(after).not.toContain('metadatas.locations.value')
    expect(after).not.toContain('tags.industry.value')
    expect(after).not.toContain('tags.education.value')
    expect(after).not.toContain('tags.workplace_type.value')
    expect(after).toContain('tags.experience.value')
  })

  test('a salary that list and detail leave out, and one of 0 to 0', async () => {
    for (const change of [without('salary'), and({ salary: { salary_from: 0, salary_to: 0 } })]) {
      const { answer, run, board } = await deliveredJob()
      answer(both(change))
      expect(nonZero(await run())).toEqual({ read_success: 1, write_success: 1 })
      expect(board()['ranges_float']).toEqual([])
    }
  })

  test('a text that a page with texts leaves out, in list and detail', async () => {
    const { answer, run, board } = await deliveredJob()
    answer(both(without('benefits')))
    expect(nonZero(await run())).toEqual({ read_success: 1, write_success: 1 })
    expect(fieldsOf(board())).not.toHaveProperty('benefits')
    expect(fieldsOf(board())).toHaveProperty('requirements')
  })
})

test('a job whose place says that it is remote has the tag that says so', async () => {
  const { answer, run, board } = await deliveredJob()
  const location = { city: 'Portland', telecommuting: true }
  const remote = (job: Fields) => ({ ...without('workplace_type')(job), location })
  answer(both(remote))
  await run()
  expect(fieldsOf(board())).toMatchObject({ 'tags.workplace_type.value': 'remote', 'location.text': 'Portland' })
})

test('coordinates of 0, 0 are none', async () => {
  const { answer, run, board } = await deliveredJob()
  const places = (job: Fields) => ({
    ...job,
    location: { ...(job['location'] as Fields), city: 'Bath', location_str: 'Bath' },
    locations: [{ city: 'Bath', country_code: 'GB', coords: '0.0, 0.0' }],
  })
  answer(both(places))
  await run()
  expect(board()['location']).toMatchObject({ text: 'Bath' })
  expect((board()['location'] as Fields)['lat']).not.toBe(0)
})

describe('numbers of others', () => {
  test.each(['12345678901234567891', '1.0', '-0', '1e400', '0.0000001', '0.12345678901234567890', '30000.00'])(
    'go back digit by digit: %s',
    async (digits) => {
      const { answer, run, sandbox, shortcode, board } = await deliveredJob()
      const metadatas = [...(board()['metadatas'] as unknown[]), { name: 'erp_id', value: 'DIGITS' }]
      const text = JSON.stringify({ code: 200, message: 'ok', data: { ...board(), metadatas, score: 'DIGITS' } })
      const body = text.replaceAll('"DIGITS"', digits)
      sandbox.fault({ service: 'hrflow', method: 'GET', answer: { status: 200, body } })
      const sent: string[] = []
      sandbox.fault({
        service: 'hrflow',
        method: 'PUT',
        when: (request) => sent.push(request.body) > 0,
        answer: { status: 200, body },
      })
      answer(both(and({ title: 'New' })))
      expect(nonZero(await run())).toEqual({ read_success: 1, write_success: 1 })
      expect(sent).toHaveLength(1)
      expect(sent[0]).toContain(`{"name":"erp_id","value":${digits}}`)
      expect(sent[0]).toContain(`"score":${digits}`)
      expect(sent[0]).toContain(`"reference":"${shortcode}"`)
    },
  )

  test('and one of ours that HrFlow shows as 30000.0 is the same', async () => {
    const { run, sandbox, board } = await deliveredJob()
    const text = JSON.stringify({ code: 200, message: 'ok', data: board() })
    const body = text.replace('"value_min":30000', '"value_min":30000.0').replace('"lat":53.8', '"lat":53.80')
    expect(body).not.toBe(text)
    sandbox.fault({ service: 'hrflow', method: 'GET', answer: { status: 200, body } })
    expect(nonZero(await run({ incremental: false }))).toEqual({ read_success: 1, write_unchanged: 1 })
    const planned = await run({ incremental: false, persist: false }, { compare: true })
    expect(planned.plan?.items).toEqual([])
  })
})

test('whatever stands in any place of list or detail, the board holds what it held, what the answer says, or nothing where it says so', async () => {
  await checkAnyAnswer()
}, 120_000)

test('a mapping that takes what could not be read for empty is caught by that', async () => {
  const emptied = (job: WorkableJob) =>
    JSON.parse(JSON.stringify(formatWorkableJob(job), (_key, value: unknown) => value ?? null)) as HrflowJob
  await expect(checkAnyAnswer(emptied)).rejects.toThrow('Property failed')
}, 120_000)

/** Rejects when an odd answer changes what it does not speak of. */
async function checkAnyAnswer(format?: (job: WorkableJob) => HrflowJob): Promise<void> {
  const { answer, run, board, sandbox, shortcode, clock } = await deliveredJob()
  const whole = structuredClone(board())
  const before = fieldsOf(whole)
  const place = fc.constantFrom(
    ...['title', 'state', 'department', 'url', 'application_url', 'workplace_type', 'location', 'locations', 'salary'],
    ...['created_at', 'full_description', 'description', 'requirements', 'benefits', 'code', 'keywords'],
    ...['employment_type', 'industry', 'function', 'experience', 'education'],
    ...['location.location_str', 'location.city', 'location.country', 'location.region', 'location.zip_code'],
    ...['location.country_code', 'location.telecommuting', 'location.workplace_type'],
    ...['salary.salary_from', 'salary.salary_to', 'salary.salary_currency'],
    ...[
      'locations.0',
      'locations.1',
      'locations.0.city',
      'locations.0.coords',
      'locations.1.coords',
      'locations.1.hidden',
    ],
  )
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(null, '', [], {}, 0, 5, true, 'Leeds, United Kingdom', ['a'], { a: 1 }, '<p></p>', '30k', '0, 0'),
  )
  const sides = fc.constantFrom('list', 'detail', 'both')
  await fc.assert(
    fc.asyncProperty(place, value, sides, async (path, odd, side) => {
      sandbox.hrflow.edit(sandbox.board_key, shortcode, whole)
      const change = (job: Fields) => put(job, path.split('.'), odd)
      const heal = answer({
        ...(side === 'detail' ? {} : { list: change }),
        ...(side === 'list' ? {} : { detail: change }),
      })
      try {
        const mapping = format === undefined ? {} : { format }
        const store = new MemoryStore({ clock })
        const result = await run(mapping, { store })
        expect(result.status).toBe('success')
        // Again, with what was kept of the detail.
        expect((await run({ ...mapping, incremental: false }, { store })).status).toBe('success')
        const after = fieldsOf(board())
        for (const [field, was] of Object.entries(before)) {
          if (after[field] === was) continue
          const gone = after[field] === undefined
          // Another place has no coordinates here, and where only one side has a place its parts stand for the text.
          const moved =
            /^location\./.test(field) && (path === 'location' || (/^(location|workplace)/.test(path) && says(odd)))
          // The list of places is kept where several are to be seen.
          const few = /^locations/.test(path) && (Array.isArray(odd) || odd === true)
          // Where a title or a text of the place is empty, another one stands in for it.
          const isRight = moved || isEmptying(odd) || (gone ? few : says(odd))
          expect([path, field, odd, side, isRight]).toEqual([path, field, odd, side, true])
        }
        if (isOfAnotherKind(path, odd)) expect(result.notes.join('\n')).toContain(path.split('.')[0]!)
      } finally {
        heal()
      }
    }),
    { numRuns: 300 },
  )
}

/** A copy of a job with a value at a place that it has. */
function put(job: Fields, [key = '', ...rest]: string[], value: unknown): Fields {
  const copy: Fields = Array.isArray(job) ? ([...job] as unknown as Fields) : { ...job }
  copy[key] = rest.length === 0 ? value : put((job[key] ?? {}) as Fields, rest, value)
  return copy
}

/** Whether a value is, or holds, what says that there is nothing. */
function isEmptying(value: unknown): boolean {
  if (value === null || value === 0 || value === '0') return true
  if (typeof value === 'string') return /^\s*$/.test(value.replace(/<[^>]*>|&nbsp;/g, '')) || value === '0, 0'
  if (typeof value !== 'object') return false
  const within = Object.values(value)
  return Array.isArray(value) ? within.length === 0 || within.some(isEmptying) : within.some(isEmptying)
}

/** Whether a value is, or holds, a text, a number or a truth. */
function says(value: unknown): boolean {
  if (typeof value !== 'object') return true
  return value !== null && Object.values(value).some(says)
}

function isOfAnotherKind(path: string, value: unknown): boolean {
  if (value === null) return false
  if (['location', 'salary'].includes(path))
    return typeof value !== 'object' || (Array.isArray(value) && value.length > 0)
  if (/description|requirements|benefits|title|industry|education/.test(path))
    return typeof value !== 'string' && !(Array.isArray(value) && value.length === 0)
  return false
}
