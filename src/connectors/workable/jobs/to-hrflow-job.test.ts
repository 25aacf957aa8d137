import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { mergeJob, newJob } from '../../hrflow/jobs/merge.js'
import { hrflowJob } from '../../hrflow/jobs/schema.js'
import { workableJob, type WorkableJob } from './schema.js'
import { formatArchivedJob, formatJob } from './to-hrflow-job.js'

function fixture(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
}

/** Whatever a logic may have made of the job. */
function anyJob(value: unknown): WorkableJob {
  return value as WorkableJob
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
  return value
}

interface Golden {
  case: string
  input: Record<string, unknown> & { location?: Record<string, unknown> | null }
  output: Original & { error?: string }
}

interface Original {
  name: string | null
  reference: unknown
  location:
    (Record<string, unknown> & { geojson?: Record<string, unknown>; fields?: Record<string, unknown> }) | undefined
  created_at: string
  sections: { name: string; description: string | null }[]
  summary: string | null
  requirements: string | null
  benefits: string | null
  tags: { name: string; value: unknown }[]
  metadatas?: { name: string; value: unknown }[]
  ranges_float: { name: string; value_min: unknown; value_max: unknown; unit: string | null | undefined }[]
}

const goldens = fixture('../../../../test/goldens/format-golden.json') as Golden[]

const NOWHERE = { lat: null, lng: null }
const CHICAGO = { lat: 41.8781, lng: -87.6298 }
const ATHENS = { lat: 37.9838, lng: 23.7275 }

/** Where the original took the coordinates of an entry that is not the job's place: what is right, what is refused. */
const COORDINATES: Record<string, { right: { lat: number | null; lng: number | null }; refused?: object[] }> = {
  'several locations, second broken': { right: NOWHERE, refused: [ATHENS] },
  'coords with extra blanks': { right: NOWHERE, refused: [ATHENS] },
  'coords zero': { right: NOWHERE, refused: [{ lat: 0, lng: 0 }] },
  'coords three parts': { right: NOWHERE },
  'location_str null: city and country only': { right: NOWHERE, refused: [CHICAGO] },
  'location_str missing: country only': { right: NOWHERE, refused: [CHICAGO] },
  unicode: { right: NOWHERE, refused: [ATHENS] },
  'reference workable/jobs.json #3': { right: NOWHERE, refused: [{ lat: 52.9399159, lng: -73.5491361 }] },
  'reference workable/jobs.json #15': { right: NOWHERE, refused: [{ lat: 53.41291, lng: -8.24389 }] },
  'reference workable/jobs.json #17': { right: NOWHERE, refused: [{ lat: 50.06465009999999, lng: 19.9449799 }] },
  'reference workable/jobs.json #21': {
    right: NOWHERE,
    refused: [
      { lat: 40.7714367, lng: -84.6155134 },
      { lat: 47.7510741, lng: -120.7401386 },
    ],
  },
}

const SEVERAL_PLACES: Record<string, unknown[]> = {
  'several locations, second broken': [
    { text: 'Athens, Greece', ...ATHENS },
    { text: 'Nowhere', ...NOWHERE },
  ],
  'reference workable/jobs.json #21': [
    { text: 'Ohio City, Ohio, United States', lat: 40.7714367, lng: -84.6155134 },
    { text: 'Washington, United States', lat: 47.7510741, lng: -120.7401386 },
  ],
}

/** The deliberate differences from the original, each as the change that makes its output ours. */
const DIFFERENCES: Record<string, (job: Original, golden: Golden) => void> = {
  geojson_is_now_fields: (job) => {
    const { geojson, ...location } = job.location!
    job.location = { ...location, fields: geojson! }
  },
  created_at_rendered_with_offset: (job) => {
    job.created_at = `${new Date(job.created_at).toISOString().slice(0, 19)}+0000`
  },
  currency_in_upper_case: (job) => {
    for (const range of job.ranges_float) range.unit = range.unit?.toUpperCase() ?? null
  },
  tags_workplace_type_and_code_added: (job, { input }) => {
    const remote = input.location?.telecommuting === true ? 'remote' : undefined
    const workplace_type = input.workplace_type ?? input.location?.workplace_type ?? remote
    job.tags.push({ name: 'workplace_type', value: workplace_type }, { name: 'code', value: input.code ?? null })
  },
  what_is_not_said_is_undefined: (job, { input }) => {
    for (const tag of job.tags) if (tag.value === null && !(tag.name in input)) tag.value = undefined
    for (const section of job.sections) if (!(section.name in input)) section.description = null
    const salary = input.salary as Record<string, unknown> | undefined
    const [range] = job.ranges_float
    if (!range) return
    if (salary?.salary_from === undefined) range.value_min = undefined
    if (salary?.salary_to === undefined) range.value_max = undefined
    if (salary?.salary_currency === undefined) range.unit = undefined
  },
  salary_of_nothing_is_none: (job) => {
    for (const range of job.ranges_float) {
      if (range.value_min === 0 && range.value_max === 0)
        Object.assign(range, { value_min: null, value_max: null, unit: null })
    }
  },
  nothing_is_said_of_the_place: (job, { input }) => {
    if (!('location' in input)) job.location = undefined
  },
  metadatas_added: (job, golden) => {
    const places = SEVERAL_PLACES[golden.case]
    const isUnread = !('locations' in golden.input) || golden.case === 'coords three parts'
    const none = isUnread ? undefined : null
    job.metadatas = [{ name: 'locations', value: places ? JSON.stringify(places) : none }]
  },
  coordinates_of_the_matching_place: (job, golden) => {
    Object.assign(job.location ?? {}, COORDINATES[golden.case]?.right)
  },
  refused_points_added: (job, golden) => {
    const refused = COORDINATES[golden.case]?.refused
    if (refused) job.location!.refused_points = refused
  },
  salary_text_as_numbers: (job) => {
    const numberOf = (value: unknown) => (typeof value === 'string' ? Number(value.replace(',', '')) : value)
    for (const range of job.ranges_float) {
      range.value_min = numberOf(range.value_min)
      range.value_max = numberOf(range.value_max)
    }
  },
  name_falls_back: (job, { input }) => {
    job.name ??= input.full_title as string
  },
  reference_as_string: (job) => {
    job.reference = String(job.reference)
  },
  empty_text_is_null: (job) => {
    for (const section of job.sections) section.description ||= null
    for (const key of ['summary', 'requirements', 'benefits'] as const) job[key] ||= null
  },
  blank_location_str_counts_as_absent: (job) => {
    const { location } = job
    if (location?.text !== ' ') return
    location.text = 'Chicago, Illinois, 60290, United States'
    location.fields!.text = location.text
  },
}

const IN_EVERY_JOB = [
  'geojson_is_now_fields',
  'created_at_rendered_with_offset',
  'tags_workplace_type_and_code_added',
  'metadatas_added',
]

/** These have no currency, or one in upper case. */
const CURRENCY_AS_IT_WAS = [
  'salary empty object',
  'salary as strings',
  'reference workable/jobs.json #5',
  'reference workable/jobs.json #11',
  'reference workable/jobs.json #17',
]

const NOT_SAID = 'what_is_not_said_is_undefined'

const IN_SOME_JOBS: Record<string, string[]> = {
  'location key missing': ['nothing_is_said_of_the_place'],
  'salary empty object': [NOT_SAID],
  'reference workable/jobs.json #3': [NOT_SAID],
  'reference workable/jobs.json #5': [NOT_SAID],
  'reference workable/jobs.json #11': [NOT_SAID],
  'reference workable/jobs.json #13': [NOT_SAID],
  'reference workable/jobs.json #15': [NOT_SAID],
  'reference workable/jobs.json #21': ['salary_of_nothing_is_none'],
  'location_str blank': ['blank_location_str_counts_as_absent'],
  'salary as strings': ['salary_text_as_numbers'],
  'reference workable/jobs.json #17': ['empty_text_is_null', NOT_SAID],
  'title null': ['name_falls_back'],
  'shortcode a number': ['reference_as_string'],
}

/** What the original refused with a failure, or wrote without a reference. */
const WITHOUT_REFERENCE = ['shortcode null', 'empty object', 'null in place of a job']

function differencesOf(golden: Golden): string[] {
  return [
    ...IN_EVERY_JOB,
    ...(CURRENCY_AS_IT_WAS.includes(golden.case) ? [] : ['currency_in_upper_case']),
    ...(COORDINATES[golden.case] ? ['coordinates_of_the_matching_place'] : []),
    ...(COORDINATES[golden.case]?.refused ? ['refused_points_added'] : []),
    ...(IN_SOME_JOBS[golden.case] ?? []),
  ].sort()
}

describe("the original's golden pairs", () => {
  const formatted = goldens.filter((golden) => !golden.output.error && !WITHOUT_REFERENCE.includes(golden.case))
  const raised = goldens.filter((golden) => golden.output.error && !WITHOUT_REFERENCE.includes(golden.case))

  it('are all there', () => {
    expect([goldens.length, formatted.length, raised.length]).toEqual([45, 35, 7])
    const cases = goldens.map((golden) => golden.case)
    expect(cases).toEqual(expect.arrayContaining([COORDINATES, SEVERAL_PLACES, IN_SOME_JOBS].flatMap(Object.keys)))
    expect(cases).toEqual(expect.arrayContaining([...CURRENCY_AS_IT_WAS, ...WITHOUT_REFERENCE]))
  })

  it.each(formatted)('$case: the same but for the differences decided on', (golden) => {
    const expected = structuredClone(golden.output)
    const found = Object.entries(DIFFERENCES).filter(([, apply]) => {
      const before = JSON.stringify(expected)
      apply(expected, golden)
      return JSON.stringify(expected) !== before
    })
    expect(found.map(([name]) => name).sort()).toEqual(differencesOf(golden))
    expect(formatJob(anyJob(golden.input))).toEqual(expected)
  })

  const REPAIRED: Record<string, object> = {
    'location a string': { location: undefined, ...tagsWithoutWorkplace() },
    'locations an object': { location: inChicago(), metadatas: [{ name: 'locations', value: undefined }] },
    'several locations, first without city, second with': {
      location: inChicago({ lat: 1, lng: 2 }, { lat: 42.3601, lng: -71.0589 }),
      metadatas: [
        {
          name: 'locations',
          value: JSON.stringify([
            { text: '', lat: 1, lng: 2 },
            { text: 'Boston, United States', lat: 42.3601, lng: -71.0589 },
          ]),
        },
      ],
    },
    'locations entry with coords null': { location: inChicago() },
    'coords without a space after the comma': { location: inChicago(ATHENS) },
    'coords an array': { location: inChicago(), metadatas: [{ name: 'locations', value: undefined }] },
    'salary null': {
      location: { ...inChicago(), ...CHICAGO },
      ranges_float: [{ name: 'salary', value_min: null, value_max: null, unit: null }],
    },
  }

  it.each(raised)('$case: the original raised, ours is a sound job', (golden) => {
    const job = formatJob(anyJob(golden.input))
    expect(hrflowJob.parse(job)).toEqual(job)
    const sound = formatJob(anyJob(goldens[0]!.input))
    expect(job).toEqual({ ...sound, ...REPAIRED[golden.case]! })
  })

  it.each(goldens.filter((golden) => WITHOUT_REFERENCE.includes(golden.case)))('$case: refused', (golden) => {
    const message = golden.output.error ? 'the job is not an object' : 'the job has no shortcode'
    expect(() => formatJob(anyJob(golden.input))).toThrow(message)
    expect(() => formatArchivedJob(anyJob(golden.input))).toThrow(message)
  })

  function fields(text: string, more: object = {}) {
    return { text, country: null, state: null, city: null, postcode: null, ...more }
  }

  function inChicago(...refused: object[]) {
    const text = 'Chicago, Illinois, United States'
    const place = { country: 'United States', state: 'Illinois', city: 'Chicago', postcode: '60290' }
    const location = { text, ...NOWHERE, fields: fields(text, place) }
    return refused.length > 0 ? { ...location, refused_points: refused } : location
  }

  /** In these jobs only the location says it. */
  function tagsWithoutWorkplace() {
    const { tags } = formatJob(anyJob(goldens[0]!.input))
    return { tags: tags!.map((tag) => (tag.name === 'workplace_type' ? { ...tag, value: undefined } : tag)) }
  }
})

describe('recorded jobs', () => {
  const answer = z.object({ body: z.looseObject({ jobs: z.array(z.unknown()).optional() }) })
  const list = z.object({ jobs: z.array(z.unknown()) })

  it.each([
    ['the 24 jobs', () => z.array(z.unknown()).length(24).parse(fixture('../fixtures/jobs.json'))],
    ['list page 1', () => list.parse(fixture('../fixtures/jobs-list-page-1.json')).jobs],
    ['list page 2', () => list.parse(fixture('../fixtures/jobs-list-page-2.json')).jobs],
    ['list with texts', () => list.parse(fixture('../fixtures/jobs-list-include-fields.json')).jobs],
    ['list of 2025', () => answer.parse(fixture('../fixtures/recorded-jobs-list-2025-06.json')).body.jobs!],
    ['list of 2026', () => answer.parse(fixture('../fixtures/recorded-jobs-list-2026-07.json')).body.jobs!],
    ['detail of 2026', () => [answer.parse(fixture('../fixtures/recorded-job-detail-2026-07.json')).body]],
  ])('%s map to valid HrFlow jobs', (_name, read) => {
    const jobs = read()
    expect(jobs.length).toBeGreaterThan(0)
    for (const job of jobs) {
      const formatted = formatJob(workableJob.parse(freeze(job)))
      expect(hrflowJob.parse(formatted)).toEqual(formatted)
      expect(formatArchivedJob(workableJob.parse(job))).toEqual({ reference: formatted.reference })
    }
  })

  it('need no second write', () => {
    for (const job of z.array(workableJob).parse(fixture('../fixtures/jobs.json'))) {
      const ours = formatJob(job)
      const stored = newJob(ours, 'B')
      expect(mergeJob({ stored, ours, board_key: 'B', clear_refused: true }).changed).toBe(false)
    }
  })

  it('take the coordinates written without a blank', () => {
    const job = z.array(workableJob).parse(fixture('../fixtures/jobs.json'))[3]!
    const { location, metadatas } = formatJob(job)
    expect(location).toMatchObject({ lat: 38.3457685, lng: -0.4909444 })
    const places = z.array(z.object({ text: z.string() })).parse(JSON.parse(String(metadatas?.[0]?.value)))
    expect(places.map((place) => place.text.split(',')[0])).toEqual(['Alicante', 'Barcelona', 'Hilversum', 'London'])
  })
})

describe('coordinates', () => {
  const athens = { country_code: 'GR', country_name: 'Greece', city: 'Athens', zip_code: '11528', coords: '1, 2' }
  const own = { country_code: 'gr', country: 'Hellas', city: ' ATHENS ', zip_code: '11528' }

  function place(job: object) {
    const { lat, lng, refused_points } = formatJob(anyJob({ shortcode: 'A', location: own, ...job })).location!
    return { point: [lat, lng], refused: refused_points?.map((point) => [point.lat, point.lng]) }
  }

  const other = { ...athens, coords: '3, 4', zip_code: '10000' }
  it.each([
    ['by code, whatever case and blanks', { locations: [athens] }, [1, 2], undefined],
    ['zip decides among equals', { locations: [other, athens] }, [1, 2], [[3, 4]]],
    ['else the first', { locations: [other, { ...athens, zip_code: '9' }] }, [3, 4], [[1, 2]]],
    ['hidden ones do not count', { locations: [{ ...athens, hidden: true }] }, [null, null], [[1, 2]]],
    ['another country', { locations: [{ ...athens, country_code: 'US' }] }, [null, null], [[1, 2]]],
    [
      'by name without a code',
      { locations: [{ ...athens, country_code: '', country_name: 'HELLAS' }] },
      [1, 2],
      undefined,
    ],
    ['no country said', { location: { city: 'Athens' }, locations: [athens] }, [null, null], undefined],
    ['no city said', { location: { country_code: 'GR' }, locations: [athens] }, [null, null], undefined],
    ['nothing said', { location: {}, locations: [athens, other] }, [null, null], undefined],
    ['no country', { location: { city: 'Athens', country: null }, locations: [athens] }, [null, null], [[1, 2]]],
    ['another city, no country said', { location: { city: 'Rome' }, locations: [athens] }, [null, null], [[1, 2]]],
    [
      'no city',
      { location: { country_code: 'GR', city: '' }, locations: [{ ...athens, city: '' }] },
      [null, null],
      [[1, 2]],
    ],
    ['remote above', { workplace_type: 'remote', locations: [athens] }, [null, null], [[1, 2]]],
    ['remote within', { location: { ...own, workplace_type: 'remote' }, locations: [athens] }, [null, null], [[1, 2]]],
    ['telecommuting', { location: { ...own, telecommuting: true }, locations: [athens] }, [null, null], [[1, 2]]],
    [
      'a refused point twice',
      { location: { city: 'Rome', country: 'Italy' }, locations: [athens, other, athens] },
      [null, null],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['the same point twice', { locations: [athens, { ...other, coords: '1,2' }] }, [1, 2], undefined],
    ['unreadable, another refused', { locations: [{ ...athens, coords: '1' }, other] }, [null, null], [[3, 4]]],
  ])('%s', (_name, job, point, refused) => {
    expect(place(job)).toEqual({ point, refused })
  })

  it.each(['', ',', '1,', ',1', '1, 2, 3', 'a, b', '0x1, 2', '91, 0', '0, 181', '1e999, 0', 'Infinity, 0', '1 2, 3'])(
    'null for %j',
    (coords) => {
      expect(place({ locations: [{ ...athens, coords }] })).toEqual({ point: [null, null], refused: undefined })
    },
  )

  it.each([
    ['-90,180', [-90, 180]],
    [' 1.5 ,\t-2.25 ', [1.5, -2.25]],
    ['-0, 5e-7', [0, 5e-7]],
  ])('reads %j', (coords, point) => {
    expect(place({ locations: [{ ...athens, coords }] }).point).toEqual(point)
  })
})

describe('single values', () => {
  const format = (job: object) => formatJob(anyJob({ shortcode: 'A', ...job }))

  it('names a job after what there is', () => {
    expect(format({ title: '  T ', full_title: 'F' }).name).toBe('  T ')
    expect(format({ title: ' ', full_title: 'F' }).name).toBe('F')
    expect(format({ title: null, full_title: '' }).name).toBe('A')
  })

  it.each([
    [30000, 30000],
    ['30,000', 30000],
    [' 1,234,567.5 ', 1234567.5],
    ['28.50', 28.5],
    [0, 0],
    ['', null],
    [null, null],
    [-1, undefined],
    ['-1', undefined],
    ['30,00', undefined],
    ['30k', undefined],
    ['9'.repeat(400), undefined],
    [{}, undefined],
    [undefined, undefined],
  ])('reads %j as the salary %j', (salary_from, value_min) => {
    const salary = { salary_from, salary_to: 40000, salary_currency: ' eur ' }
    expect(format({ salary }).ranges_float).toStrictEqual([
      { name: 'salary', value_min, value_max: 40000, unit: 'EUR' },
    ])
  })

  it.each([
    { salary_from: 0, salary_to: 0 },
    { salary_from: '0', salary_to: '0.00' },
    { salary_from: 0, salary_to: null },
    { salary_from: null, salary_to: '' },
  ])('takes %j for no salary', (bounds) => {
    const salary = { ...bounds, salary_currency: 'EUR' }
    const none = [{ name: 'salary', value_min: null, value_max: null, unit: null }]
    expect(format({ salary }).ranges_float).toStrictEqual(none)
  })

  it.each([
    [{ telecommuting: true }, undefined, 'remote'],
    [{ telecommuting: true }, null, 'remote'],
    [{ workplace_type: 'remote' }, undefined, 'remote'],
    [{ workplace_type: 'hybrid', telecommuting: false }, ' ', 'hybrid'],
    [{ telecommuting: true }, 'hybrid', 'hybrid'],
    [{ telecommuting: false }, undefined, undefined],
    [{ telecommuting: false }, null, null],
    [{ telecommuting: 'yes' }, 5, undefined],
  ])('of the place %j and the workplace %j says %j', (location, workplace_type, value) => {
    const { tags = [] } = format({ location, ...(workplace_type === undefined ? {} : { workplace_type }) })
    expect(tags?.find(({ name }) => name === 'workplace_type')).toStrictEqual({ name: 'workplace_type', value })
  })

  it('leaves out a date that cannot be read', () => {
    for (const created_at of [undefined, null, '', 'soon', '2026-02-30T00:00:00Z', 1780000000]) {
      expect(format({ created_at })).not.toHaveProperty('created_at')
    }
    expect(format({ created_at: '2026-06-08T02:00:00.5+02:00' }).created_at).toBe('2026-06-08T00:00:00+0000')
  })

  it('joins the parts of a place when it has no text', () => {
    const location = { location_str: '\t', city: 'Athens', region: ' ', zip_code: 11528, country: 'Greece' }
    expect(format({ location }).location?.text).toBe('Athens, 11528, Greece')
    expect(format({ location: null }).location?.text).toBe('')
    const nowhere = { location_str: null, city: '', region: null, zip_code: null, country: null }
    expect(format({ location: nowhere }).location?.text).toBe('')
  })

  it.each([
    [undefined],
    ['Leeds, United Kingdom'],
    [{}],
    [{ telecommuting: true }],
    [{ location_str: null, city: '' }],
    [{ location_str: 5, city: 'Leeds' }],
    [{ location_str: null, city: 'Leeds', country: { name: 'UK' } }],
  ])('says nothing of the text of the place %j', (location) => {
    expect(format({ location }).location?.text).toBeUndefined()
  })

  it('refuses no coordinates where it could not be read which place is the own one', () => {
    const locations = [{ city: 'Leeds', country_code: 'GB', coords: '1, 2' }]
    const place = { city: 'York', country_code: 'GB' }
    expect(format({ location: place, locations }).location?.refused_points).toEqual([{ lat: 1, lng: 2 }])
    for (const unread of [{ city: 5 }, { country_code: ['GB'] }, { telecommuting: 'no' }])
      expect(format({ location: { ...place, ...unread }, locations }).location).not.toHaveProperty('refused_points')
    expect(format({ location: place, workplace_type: 1, locations }).location).not.toHaveProperty('refused_points')
    const unreadCity = [{ city: { en: 'York' }, country_code: 'GB', coords: '1, 2' }]
    expect(format({ location: place, locations: unreadCity }).location).not.toHaveProperty('refused_points')
  })

  it.each([
    '<p></p>',
    ' <p> &nbsp;</p>\n<br/>',
    '<!-- a --><p>&#8203;</p>',
    '<p>&#8239;&#x3000;&hairsp;&lrm;&NewLine;</p>',
    '<style>p { color: red }</style>',
    '&#xA0;',
    ' ',
  ])('takes %j for no text', (html) => {
    expect(format({ requirements: html }).requirements).toBeNull()
  })

  it.each([
    'a',
    '<p>.</p>',
    '<p>&eacute;</p>',
    '<p><img src="x"></p>',
    '<iframe src="x"></iframe>',
    '1 < 2',
    '<p>日本</p>',
    '•',
  ])('takes %j for a text and leaves it as it is', (html) => {
    expect(format({ requirements: html }).requirements).toBe(html)
  })

  it('is not held up by a text made to hold it up', () => {
    for (const part of ['<!--', '<style>', '<p>', '&nbsp;', '<p ', ' ', '<']) {
      const began = performance.now()
      format({ description: part.repeat(100_000) })
      expect(performance.now() - began).toBeLessThan(2_000)
    }
  })

  it('refuses a blank shortcode and what is no object', () => {
    for (const shortcode of [undefined, null, '', ' ', {}, [1], true, NaN]) {
      expect(() => formatJob(anyJob({ shortcode }))).toThrow('the job has no shortcode')
    }
    for (const job of [null, undefined, 'A', 1, []]) expect(() => formatJob(anyJob(job))).toThrow('not an object')
  })
})

describe('any job', () => {
  const mixed = (shape: Record<string, unknown>, sound: Record<string, fc.Arbitrary<unknown>> = {}) => {
    const value = (key: string) => fc.oneof(fc.jsonValue(), sound[key] ?? fc.string())
    return fc.record(Object.fromEntries(Object.keys(shape).map((key) => [key, value(key)])), { requiredKeys: [] })
  }
  const { location, locations, salary } = workableJob.shape
  const city = fc.constantFrom('Athens', 'athens ', '', null)
  const coords = fc.oneof(fc.constantFrom('1, 2', '3,4', '91, 0'), fc.tuple(fc.double(), fc.double()).map(String))
  const place = mixed(unwrapped(locations), {
    city,
    coords,
    country_name: city,
    country_code: city,
    hidden: fc.boolean(),
  })
  const job = mixed(workableJob.shape, {
    location: mixed(unwrapped(location), { city, country: city, country_code: city, telecommuting: fc.boolean() }),
    locations: fc.array(fc.oneof(place, fc.jsonValue())),
    salary: mixed(unwrapped(salary), { salary_from: fc.oneof(fc.double(), fc.string()) }),
    created_at: fc.date().map((date) => (Number.isNaN(date.getTime()) ? 'never' : date.toISOString())),
  })

  it('with a shortcode is formatted, stays as it was and passes the schema', () => {
    fc.assert(
      fc.property(job, fc.stringMatching(/^[0-9A-F]{10}$/), (fields, shortcode) => {
        const formatted = formatJob(anyJob(freeze({ ...fields, shortcode })))
        expect(hrflowJob.parse(formatted)).toEqual(formatted)
        expect(formatted.reference).toBe(shortcode)
        expect(formatted.sections).toHaveLength(4)
        expect(formatted.tags).toHaveLength(11)
        // Not said: the job keeps the name it has.
        expect(formatted.name === undefined || formatted.name?.trim()).toBeTruthy()
      }),
      { numRuns: 1000 },
    )
  })

  /** The keys of a nested object: its schema below `optional`, `catch` and `nullable`, or of the entry of a list of it. */
  function unwrapped(schema: z.core.$ZodType): Record<string, unknown> {
    if (schema instanceof z.ZodObject) return schema.shape
    if (schema instanceof z.ZodArray) return unwrapped(schema.element)
    if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodCatch) {
      return unwrapped(schema.unwrap())
    }
    return {}
  }
})
