import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hrflowFake, type HrflowFake } from './index.js'
import type { HrflowFakeOptions } from './options.js'

const BOARD = '5b1e0c7d9a4f2836c0de71ab94f35e6287d10c3f'
const FOREIGN = 'f'.repeat(40)
const NOW = Date.parse('2026-11-24T08:00:00Z')
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'))
const answerBody = z.looseObject({
  code: z.number(),
  message: z.string(),
  data: z.unknown().optional(),
  meta: z.unknown().optional(),
})

function start(options: HrflowFakeOptions = {}): HrflowFake {
  return hrflowFake({ now: () => NOW, foreign_boards: [FOREIGN], ...options })
}

async function call(fake: HrflowFake, method: string, path: string, body?: unknown, key = fake.api_secret) {
  const headers = { 'x-api-key': key, 'x-user-email': fake.api_user }
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
  const response = await fake.fetch(new Request(`https://sandbox.test/any/v1${path}`, init))
  return { status: response.status, ...answerBody.parse(await response.json()) }
}

const minimal = { board_key: BOARD, reference: 'R1', name: 'Baker', location: { text: null, lat: null, lng: null } }
const details = (reference = 'R1') => `/job/indexing?board_key=${BOARD}&reference=${reference}`

describe('writing', () => {
  it('makes a key, shows unsent lists as null at once and as [] later', async () => {
    const fake = start()
    const made = await call(fake, 'POST', '/job/indexing', minimal)
    expect(made).toMatchObject({
      status: 201,
      code: 201,
      message: 'Job created',
      data: { skills: null, reference: 'R1' },
    })
    const read = await call(fake, 'GET', details())
    expect(read).toMatchObject({ status: 200, message: 'Job details', data: { skills: [], location: { fields: [] } } })
    expect(fake.job(BOARD, 'R1')?.key).toMatch(/^[0-9a-f]{40}$/)
    expect(fake.job(BOARD, 'R1')).toMatchObject({ created_at: '2026-11-24T08:00:00+0000', archived_at: null })
    expect((await call(start({ created_status: 200 }), 'POST', '/job/indexing', minimal)).status).toBe(200)
  })

  it('takes flat and nested bodies', async () => {
    const fake = start()
    const { board_key, ...job } = minimal
    expect((await call(fake, 'POST', '/job/indexing', { board_key, job })).status).toBe(201)
    const edited = await call(fake, 'PUT', '/job/indexing', { board_key, job: { ...job, name: 'Cook' } })
    expect(edited).toMatchObject({ status: 200, message: 'Job edited', data: { name: 'Cook' } })
  })

  it('takes its own job back unchanged', async () => {
    const fake = start()
    const job = z.looseObject({ reference: z.string() }).parse(fixture('job-object'))
    fake.seed(BOARD, { reference: job.reference })
    await call(fake, 'PUT', '/job/indexing', job)
    const { id, key, updated_at, board, ...rest } = job
    expect([id, key, updated_at, board].includes(undefined)).toBe(false)
    expect(fake.job(BOARD, job.reference)).toMatchObject(rest)
  })

  it('replaces on PUT: what is absent is lost, the archive date too', async () => {
    const fake = start()
    const before = fake.seed(BOARD, {
      reference: 'R1',
      culture: 'Calm',
      skills: [{ name: 'baking', type: 'hard' }],
      archived_at: '2026-11-05',
      created_at: '2020-12-24T09:32:11',
    })
    expect(before).toMatchObject({ archived_at: '2026-11-05T00:00:00+0000', created_at: '2020-12-24T09:32:11+0000' })
    await call(fake, 'PUT', '/job/indexing', minimal)
    const after = fake.job(BOARD, 'R1')
    expect(after).toMatchObject({ key: before.key, culture: null, skills: [], archived_at: null })
    expect(after?.created_at).toBe('2026-11-24T08:00:00+0000')
  })

  it('drops unknown keys, also below the top, and renders dates anew', async () => {
    const fake = start()
    await call(fake, 'POST', '/job/indexing', {
      ...minimal,
      colour: 'red',
      location: {
        text: 'Lyon',
        lat: 45.7,
        lng: 4.8,
        geojson: { city: 'Lyon' },
        fields: { city: 'Lyon', planet: 'Earth' },
      },
      tags: [{ name: 'a', value: 1, weight: 2 }],
      ranges_date: [{ name: 'open', value_min: '2026-12-01T01:00:00.000Z', value_max: '2026-12-01T01:00+01:00' }],
      created_at: '2026-10-28T08:00:00Z',
    })
    const job = fake.job(BOARD, 'R1')!
    expect(job).not.toHaveProperty('colour')
    expect(job.location).toEqual({ text: 'Lyon', lat: 45.7, lng: 4.8, gmaps: null, fields: { city: 'Lyon' } })
    expect(job.tags).toEqual([{ name: 'a', value: 1 }])
    expect(job.ranges_date).toEqual([
      { name: 'open', value_min: '2026-12-01T01:00:00+0000', value_max: '2026-12-01T00:00:00+0000' },
    ])
    expect(job.created_at).toBe('2026-10-28T08:00:00+0000')
  })

  it.each(['rendered', 'as_sent'] as const)(
    'answers POST and PUT with dates letter by letter, and shows them %s later',
    async (dates) => {
      const fake = start({ dates })
      const sent = {
        created_at: '2026-10-28T08:00:00.120Z',
        ranges_date: [{ name: 'open', value_min: '2023-06-01T23:00:00.000Z', value_max: '2023-09-02' }],
      }
      const rendered = {
        created_at: '2026-10-28T08:00:00+0000',
        ranges_date: [{ name: 'open', value_min: '2023-06-01T23:00:00+0000', value_max: '2023-09-02T00:00:00+0000' }],
      }
      const later = dates === 'rendered' ? rendered : sent
      for (const method of ['POST', 'PUT']) {
        const { data } = await call(fake, method, '/job/indexing', { ...minimal, ...sent })
        expect(data).toMatchObject(sent)
        expect(fake.job(BOARD, 'R1')).toMatchObject(later)
        const found = await call(fake, 'GET', details())
        expect(found.data).toMatchObject(later)
      }
    },
  )

  it('finds the job of a PUT by its reference, which overrides the key', async () => {
    const fake = start()
    const [one, two] = [fake.seed(BOARD, { reference: 'R1' }), fake.seed(BOARD, { reference: 'R2' })]
    await call(fake, 'PUT', '/job/indexing', { ...minimal, key: two.key })
    expect([fake.job(BOARD, 'R1')?.name, fake.job(BOARD, 'R2')?.name]).toEqual(['Baker', 'Untitled'])
    const { reference, ...unnamed } = minimal
    await call(fake, 'PUT', '/job/indexing', { ...unnamed, key: one.key, name: 'Cook' })
    expect(fake.job(BOARD, reference)?.name).toBe('Cook')
    expect(await call(fake, 'PUT', '/job/indexing', { ...minimal, reference: 'R3', key: one.key })).toMatchObject({
      status: 400,
    })
  })

  it('has each reference once on a board', async () => {
    const fake = start()
    fake.seed(BOARD, { reference: 'R1' })
    expect(await call(fake, 'POST', '/job/indexing', minimal)).toMatchObject({
      status: 400,
      message: 'Cannot create job with this reference: R1. Already used!',
    })
  })

  it.each([{ name: null }, { location: undefined }, { location: 'Lyon' }, { created_at: 'soon' }, { key: '' }])(
    'refuses a malformed job: %j',
    async (change) => {
      const fake = start()
      expect((await call(fake, 'POST', '/job/indexing', { ...minimal, ...change })).status).toBe(400)
      const other = start({ validation_status: 422 })
      expect(await call(other, 'POST', '/job/indexing', { ...minimal, ...change })).toMatchObject({
        status: 422,
        code: 422,
      })
      expect(fake.jobs(BOARD)).toEqual([])
    },
  )

  it('wants a reference or a key for a PUT', async () => {
    const { reference, ...unnamed } = minimal
    expect(reference).toBe('R1')
    expect((await call(start(), 'PUT', '/job/indexing', unnamed)).message).toContain('reference or key')
  })
})

describe('geocoding', () => {
  const location = { text: 'Lyon, Auvergne-Rhône-Alpes, France', fields: { postcode: '69002' } }

  it('gives a text without coordinates some, always the same, and fills the 21 fields', () => {
    const place = start().seed(BOARD, { location }).location
    expect(place).toEqual(start().seed(BOARD, { location }).location)
    expect(place.lat).toBeTypeOf('number')
    expect(Object.keys(place.fields)).toHaveLength(21)
    expect(place.fields).toMatchObject({ city: 'Lyon', country: 'France', postcode: '69002', road: null })
  })

  it('can be off, and leaves coordinates that were sent alone', () => {
    expect(start({ geocode: false }).seed(BOARD, { location }).location).toMatchObject({
      lat: null,
      fields: { postcode: '69002' },
    })
    expect(start().seed(BOARD, { location: { text: 'Lyon', lat: 1, lng: 2 } }).location).toMatchObject({
      lat: 1,
      fields: [],
    })
  })
})

describe('reading', () => {
  it('archives, unarchives, and still returns archived jobs', async () => {
    const fake = start()
    const { key } = fake.seed(BOARD, { reference: 'R1' })
    const body = { board_key: BOARD, reference: 'R1' }
    expect(await call(fake, 'PATCH', '/job/indexing/archive', body)).toMatchObject({
      message: 'Job archived',
      data: { key },
    })
    expect(await call(fake, 'GET', details())).toMatchObject({ data: { archived_at: '2026-11-24T08:00:00+0000' } })
    await call(fake, 'PATCH', '/job/indexing/archive', { ...body, is_archive: 0 })
    expect(fake.job(BOARD, 'R1')?.archived_at).toBeNull()
  })

  it('lists pages of short or whole items', async () => {
    const fake = start()
    for (let n = 1; n <= 5; n++) fake.seed(BOARD, { reference: `R${n}`, created_at: `2026-01-0${n}` })
    const path = `/storing/jobs?board_keys=${encodeURIComponent(JSON.stringify([BOARD]))}`
    const page = await call(fake, 'GET', `${path}&limit=2&page=3&order_by=asc`)
    expect(page).toMatchObject({ message: 'List of jobs', meta: { page: 3, maxPage: 3, count: 1, total: 5 } })
    expect(page.data).toEqual([
      {
        key: fake.job(BOARD, 'R5')?.key,
        reference: 'R5',
        created_at: '2026-01-05T00:00:00+0000',
        updated_at: '2026-11-24T08:00:00+0000',
        archived_at: null,
      },
    ])
    const whole = await call(fake, 'GET', `${path}&return_job=True&created_at_min=2026-01-02&created_at_max=2026-01-03`)
    expect(whole.data).toEqual([fake.job(BOARD, 'R3'), fake.job(BOARD, 'R2')])
    expect((await call(fake, 'GET', `${path}&reference=R4`)).meta).toMatchObject({ total: 1 })
  })

  it('tells a missing job from a missing board, and echoes a board of others', async () => {
    const fake = start()
    const job = { status: 400, message: 'Invalid parameters. Unable to find object: job' }
    const board = { status: 400, message: 'Invalid parameters. Unable to find object: board' }
    expect(await call(fake, 'GET', details())).toMatchObject(job)
    expect(await call(fake, 'PUT', '/job/indexing', minimal)).toMatchObject(job)
    expect(await call(fake, 'PATCH', '/job/indexing/archive', minimal)).toMatchObject(job)
    expect(await call(fake, 'PUT', '/job/indexing', { ...minimal, board_key: 'a'.repeat(40) })).toMatchObject(board)
    const foreign = { status: 401, message: `Unauthorized Access to board key: ${FOREIGN}` }
    expect(await call(fake, 'POST', '/job/indexing', { ...minimal, board_key: FOREIGN })).toMatchObject(foreign)
    expect(await call(fake, 'GET', `/board?key=${FOREIGN}`)).toMatchObject(foreign)
    expect((await call(fake, 'GET', '/board?key=x')).message).toBe('Invalid board fields')
    expect(await call(fake, 'GET', `/board?key=${BOARD}`)).toMatchObject({
      message: 'Board info',
      data: { key: BOARD },
    })
  })
})

describe('access', () => {
  it('echoes a wrong key, and lets a key do what its permission says', async () => {
    const message = 'Unauthorized. Invalid secret key: ask_wrong for permission:'
    expect(await call(start(), 'GET', '/auth', undefined, 'ask_wrong')).toMatchObject({
      status: 401,
      message: `${message} all`,
    })
    expect((await call(start(), 'PUT', '/job/indexing', minimal, 'ask_wrong')).message).toBe(`${message} write`)
    const write = start({ permission: 'write' })
    expect((await call(write, 'GET', '/auth')).message).toMatch(/^Unauthorized\. .*askw_0+ for permission: read$/)
    expect((await call(write, 'POST', '/job/indexing', minimal)).status).toBe(201)
    const read = start({ permission: 'read' })
    expect((await call(read, 'POST', '/job/indexing', minimal)).status).toBe(401)
    expect(await call(read, 'GET', '/auth')).toMatchObject({
      status: 200,
      data: { api_secret_permission: 'read', api_key_permission: 'read' },
    })
  })

  it('records what arrived', async () => {
    const fake = start({ content_type: 'application/json; charset=utf-8' })
    await call(fake, 'PUT', '/job/indexing', minimal)
    await call(fake, 'GET', details())
    expect(fake.requests).toEqual([
      { at: NOW, method: 'PUT', path: '/job/indexing', query: {}, body: minimal, status: 400 },
      {
        at: NOW,
        method: 'GET',
        path: '/job/indexing',
        query: { board_key: BOARD, reference: 'R1' },
        body: null,
        status: 400,
      },
    ])
    const odd = new Request('https://sandbox.test/v1/job/indexing', {
      method: 'PUT',
      body: '{',
      headers: { 'x-api-key': fake.api_secret, 'x-user-email': fake.api_user },
    })
    const response = await fake.fetch(odd)
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/json; charset=utf-8'])
    expect((await call(fake, 'DELETE', '/job/indexing')).status).toBe(405)
    expect((await call(fake, 'GET', '/profile')).status).toBe(404)
  })

  it('edits by hand, and knows its boards', () => {
    const fake = start()
    fake.seed(BOARD, { reference: 'R1', culture: 'Calm' })
    fake.edit(BOARD, 'R1', { interviews: 'Two' })
    expect(fake.job(BOARD, 'R1')).toMatchObject({ culture: 'Calm', interviews: 'Two' })
    expect(() => fake.edit(BOARD, 'R2', {})).toThrow('there is no job R2')
    expect(() => fake.seed(BOARD, { reference: 'R1' })).toThrow('already')
    expect(() => fake.jobs('x')).toThrow('there is no board x')
  })
})

describe('text parsing', () => {
  const parsed = z.array(z.object({ text: z.string(), entities: z.array(z.unknown()), parsing: z.unknown() }))

  it('answers as documented', async () => {
    const examples = z
      .looseObject({ request_texts: z.unknown(), response_texts: z.looseObject({}) })
      .parse(fixture('text-parsing'))
    expect(await call(start(), 'POST', '/text/parsing', examples.request_texts)).toMatchObject(examples.response_texts)
  })

  it('counts code points, knows seven kinds, and cuts long texts', async () => {
    const texts = ['🎨🎨 C++, leadership, Six Sigma & chess', `${'x'.repeat(8190)} SQL`]
    const { data } = await call(start(), 'POST', '/text/parsing', { texts })
    const [first, second] = parsed.parse(data)
    expect(first?.entities).toEqual([
      { start: 3, end: 6, label: 'skill_hard' },
      { start: 8, end: 18, label: 'skill_soft' },
      { start: 20, end: 29, label: 'certification' },
      { start: 32, end: 37, label: 'interest' },
    ])
    expect([second?.text.length, second?.entities]).toEqual([8192, []])
  })

  it('refuses null', async () => {
    for (const body of [{ text: null }, { texts: ['a', null] }, {}]) {
      expect(await call(start(), 'POST', '/text/parsing', body)).toMatchObject({
        status: 400,
        message: 'Bad request. Text cannot be null',
      })
    }
  })
})
