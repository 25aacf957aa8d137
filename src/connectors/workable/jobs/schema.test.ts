import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hrflowDate, hrflowJob, instantOf } from '../../hrflow/jobs/schema.js'
import { workableJob } from './schema.js'

function fixture(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
}

describe('workableJob', () => {
  it('passes every recorded and invented job as it is', () => {
    const list = z.object({ jobs: z.array(z.unknown()) })
    const recorded = (name: string) => list.parse(z.object({ body: z.unknown() }).parse(fixture(name)).body).jobs
    const detail = z.object({ body: z.unknown() }).parse(fixture('../fixtures/recorded-job-detail-2026-07.json')).body
    const jobs = [
      ...z.array(z.unknown()).parse(fixture('../fixtures/jobs.json')),
      ...list.parse(fixture('../fixtures/jobs-list-page-1.json')).jobs,
      ...list.parse(fixture('../fixtures/jobs-list-page-2.json')).jobs,
      ...list.parse(fixture('../fixtures/jobs-list-include-fields.json')).jobs,
      ...recorded('../fixtures/recorded-jobs-list-2025-06.json'),
      ...recorded('../fixtures/recorded-jobs-list-2026-07.json'),
      detail,
    ]
    expect(jobs.length).toBeGreaterThan(40)
    for (const job of jobs) expect(workableJob.parse(job)).toEqual(job)
  })

  it('leaves what cannot be read undefined, and makes texts of numbers where a code may be one', () => {
    const job = {
      shortcode: 12345,
      id: 7,
      code: 9.5,
      title: 42,
      state: ['published'],
      confidential: 'yes',
      location: { city: 3, zip_code: 60290, telecommuting: 'no', planet: 'Earth' },
      locations: [null, 'Athens', { city: ['Athens'], zip_code: 11528, coords: [37.9, 23.7], hidden: 0 }],
      salary: { salary_from: '30,000', salary_to: [1], salary_currency: 978 },
      department_hierarchy: [{ id: 1, name: 2 }, 'x'],
      keywords: [1],
      unknown: { a: 1 },
    }
    expect(workableJob.parse(job)).toStrictEqual({
      shortcode: '12345',
      id: '7',
      code: '9.5',
      title: undefined,
      state: undefined,
      confidential: undefined,
      location: { city: undefined, zip_code: '60290', telecommuting: undefined, planet: 'Earth' },
      locations: [null, null, { city: undefined, zip_code: '11528', coords: undefined, hidden: undefined }],
      salary: { salary_from: '30,000', salary_to: undefined, salary_currency: undefined },
      department_hierarchy: [{ id: 1, name: undefined }, null],
      keywords: undefined,
      unknown: { a: 1 },
    })
    expect(workableJob.parse({ location: 'Athens', locations: { city: 'Athens' }, salary: 3 })).toStrictEqual({
      location: undefined,
      locations: undefined,
      salary: undefined,
    })
  })

  it('leaves what is empty null', () => {
    const empty = { title: null, location: null, locations: [], salary: null, code: null, confidential: null }
    expect(workableJob.parse(empty)).toStrictEqual(empty)
  })

  it('passes any object and refuses what is none', () => {
    const keys = fc.constantFrom(...Object.keys(workableJob.shape))
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), (job) => {
        expect(workableJob.safeParse(job).success).toBe(true)
      }),
    )
    for (const value of [null, undefined, 'job', 3, [], [{}]]) expect(workableJob.safeParse(value).success).toBe(false)
  })

  it('describes every field and can be rendered as JSON Schema', () => {
    for (const io of ['input', 'output'] as const) {
      const { properties = {} } = z.toJSONSchema(workableJob, { io })
      expect(Object.keys(properties)).toEqual(Object.keys(workableJob.shape))
      for (const property of Object.values(properties)) expect(property).toHaveProperty('description')
    }
  })
})

describe('hrflowJob', () => {
  it('takes the documented job object', () => {
    const job: unknown = fixture('../../hrflow/fixtures/job-object.json')
    expect(hrflowJob.parse(job)).toEqual(job)
  })

  it('demands a reference and turns a number into one', () => {
    expect(hrflowJob.parse({ reference: 12345 })).toEqual({ reference: '12345' })
    for (const reference of [undefined, null, '', ' ', NaN, Infinity, {}, true]) {
      expect(hrflowJob.safeParse({ reference }).success).toBe(false)
    }
  })

  it.each([
    ['name', 3],
    ['location', 'Athens'],
    ['location', { lat: 91 }],
    ['location', { lng: -180.5 }],
    ['location', { fields: { city: 1 } }],
    ['tags', [{ value: 'x' }]],
    ['tags', [{ name: '', value: 'x' }]],
    ['tags', [{ name: 'a', value: {} }]],
    ['skills', [{ name: 'a', type: 'firm' }]],
    ['ranges_float', [{ name: 'salary', value_min: '30,000' }]],
  ])('refuses %s = %j', (key, value) => {
    expect(hrflowJob.safeParse({ reference: 'A', [key]: value }).success).toBe(false)
  })

  it('takes null for everything but the reference, and unknown keys', () => {
    const nulls = Object.fromEntries(Object.keys(hrflowJob.shape).map((key) => [key, null]))
    const job = { ...nulls, reference: 'A', custom: 1, tags: [{ name: 'a', value: true, color: 'red' }] }
    expect(hrflowJob.parse(job)).toEqual(job)
  })
})

describe('instantOf', () => {
  it.each([
    ['2026-06-08T00:00:00Z', '2026-06-08T00:00:00+0000'],
    ['2026-06-08T02:00:00+02:00', '2026-06-08T00:00:00+0000'],
    ['2026-06-08T02:00:00+0200', '2026-06-08T00:00:00+0000'],
    ['2026-06-08T02:00:00.987-02', '2026-06-08T04:00:00+0000'],
    ['2020-05-18T21:59', '2020-05-18T21:59:00+0000'],
    ['2020-12-24T09:32:11', '2020-12-24T09:32:11+0000'],
    ['2020-12-24 09:32:11.000Z', '2020-12-24T09:32:11+0000'],
    ['2024-02-29', '2024-02-29T00:00:00+0000'],
  ])('reads %s', (text, rendered) => {
    expect(hrflowDate(instantOf(text)!)).toBe(rendered)
  })

  it.each([
    '',
    'today',
    '2026',
    '2026-02-30',
    '2026-13-01',
    '2026-06-08T25:00:00Z',
    '1780000000',
    '2026-06-08T00:00:00+99:00',
  ])('reads nothing in %j', (text) => {
    expect(instantOf(text)).toBeNull()
  })

  it('stays within the years that have four digits', () => {
    expect(instantOf('9999-12-31T23:59:59-01:00')).toBeNull()
    expect(instantOf('0000-01-01T00:00:00+01:00')).toBeNull()
    expect(hrflowDate(instantOf('0050-01-01')!)).toBe('0050-01-01T00:00:00+0000')
  })

  it('never throws, and what it renders it reads again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        ),
        (text) => {
          const instant = instantOf(text)
          if (instant !== null) expect(instantOf(hrflowDate(instant))).toBe(instant)
        },
      ),
    )
  })
})
