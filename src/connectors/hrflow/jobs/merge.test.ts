import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashOf, type MergeInput, mergeJob, namesOf, newJob, ownedPart, sameJob } from './merge.js'
import { type FormattedJob, hrflowDate, hrflowJob, instantOf, type StoredJob } from './schema.js'

type Fields = Record<string, unknown>

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
  return value
}

function without(fields: Fields, ...keys: string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)))
}

const example: Fields = JSON.parse(
  readFileSync(new URL('../fixtures/job-object.json', import.meta.url), 'utf8'),
) as Fields

function job(fields: Fields = {}): FormattedJob {
  return freeze(hrflowJob.parse({ reference: 'GROOV003', ...fields }))
}

function onBoard(fields: Fields = {}): StoredJob {
  return freeze({ ...example, ...fields })
}

function merge(stored: StoredJob, ours: FormattedJob, more: Partial<MergeInput> = {}) {
  return mergeJob({ stored, ours, board_key: 'B', clear_refused: true, ...more })
}

describe('mergeJob', () => {
  it('keeps the stored job but for its board', () => {
    const kept = without(example, 'board')
    expect(merge(onBoard(), job())).toEqual({
      body: { ...kept, board_key: 'B' },
      names: {},
      cleared: false,
      changed: false,
    })
  })

  it('lays our values over the stored ones, null too, and never those that HrFlow makes', () => {
    const stored = onBoard({ archived_at: '2026-01-01T00:00:00+0000', archive: { by: 'x' } })
    const theirs = { id: 1, key: 'k', board: {}, board_key: 'C', archive: null, archived_at: null, updated_at: 'now' }
    const { body, changed } = merge(stored, job({ ...theirs, name: 'New', summary: null, custom: 1, url: undefined }))
    expect(body).toEqual({ ...stored, board: undefined, board_key: 'B', name: 'New', summary: null, custom: 1 })
    expect(body.board).toBeUndefined()
    expect(changed).toBe(true)
  })

  it('owns entries by name, keeps the others first and in order, and removes what it wrote before', () => {
    const nameless = { value: 'x' }
    const tags = [
      { name: 'a', value: 1 },
      nameless,
      { name: 'b', value: 2 },
      null,
      { name: 'a', value: 3 },
      'text',
      { name: 'c' },
    ]
    const ours = job({
      tags: [
        { name: 'a', value: 9 },
        { name: 'd', value: 4 },
        { name: 'd', value: 5 },
      ],
    })
    const { body, names } = merge(onBoard({ tags }), ours, { written_names: { tags: ['a', 'c'] } })
    expect(body.tags).toEqual([nameless, { name: 'b', value: 2 }, null, 'text', ...ours.tags!])
    expect(names).toEqual({ tags: ['a', 'd'] })
  })

  it('removes the entries that say "mine, and absent", and stores none', () => {
    const stored = onBoard({
      sections: [{ name: 's', title: 's', description: 'x' }, { name: 't' }],
      ranges_date: null,
    })
    const ours = job({
      tags: [
        { name: 'workable_state', value: null },
        { name: 'workable_department', value: '' },
        { name: 'n', value: 0 },
      ],
      metadatas: [{ name: 'workable_application_url', value: '' }],
      sections: [{ name: 's', title: 's', description: '' }],
      ranges_float: [{ name: 'salary', value_min: null, value_max: null, unit: 'EUR' }],
      ranges_date: [{ name: 'availability', value_min: null }],
      skills: [{ name: 'typescript', type: 'hard', value: null }],
    })
    const { body, names } = merge(stored, ours)
    expect(body).toMatchObject({
      tags: [
        { name: 'workable_employment_type', value: 'Full-time' },
        { name: 'n', value: 0 },
      ],
      metadatas: [],
      sections: [{ name: 't' }],
      ranges_float: [],
      ranges_date: [],
      skills: [
        { name: 'mentoring', value: null, type: 'soft' },
        { name: 'typescript', value: null, type: 'hard' },
      ],
    })
    expect(names).toEqual({ tags: ['n'], skills: ['typescript'] })
    expect(namesOf(ours)).toEqual(names)
  })

  it('takes null and [] for "no entries of mine", and a list that is not there for no word of it', () => {
    const written_names = { tags: ['workable_state'], metadatas: ['workable_application_url'], skills: ['mentoring'] }
    const ours = job({ tags: null, metadatas: [], languages: null })
    const { body, names } = merge(onBoard(), ours, { written_names })
    expect(body.tags).toEqual((example.tags as Fields[]).slice(1))
    expect(body.metadatas).toEqual([])
    expect(body.languages).toEqual(example.languages)
    expect(body.skills).toEqual(example.skills)
    expect(names).toEqual({ skills: ['mentoring'] })
  })

  it('leaves what is undefined as it is stored, and remembers that it was written', () => {
    const salary = { name: 'salary', value_min: 30000, value_max: 40000, unit: 'EUR' }
    const stored = onBoard({ benefits: 'b', ranges_float: [salary], sections: [{ name: 's', description: 'x' }] })
    const ours = job({
      benefits: undefined,
      location: undefined,
      tags: [
        { name: 'workable_state', value: undefined },
        { name: 'workable_department', value: null },
      ],
      sections: [{ name: 's', title: 's', description: undefined }],
      ranges_float: [{ name: 'salary', value_min: 35000, value_max: undefined, unit: undefined }],
    })
    const written_names = { tags: ['workable_state', 'workable_department'], sections: ['s', 'gone'] }
    const { body, names } = merge(stored, ours, { written_names })
    expect(body).toMatchObject({
      benefits: 'b',
      location: stored.location,
      tags: (example.tags as Fields[]).filter(({ name }) => name !== 'workable_department'),
      sections: [{ name: 's', description: 'x' }],
      ranges_float: [{ ...salary, value_min: 35000 }],
    })
    expect(names).toEqual({ tags: ['workable_state'], sections: ['s'], ranges_float: ['salary'] })
  })

  it('does not own what is undefined', () => {
    const said = job({ benefits: 'b', tags: [{ name: 'a', value: 1 }] })
    const unsaid = job({ benefits: undefined, tags: [{ name: 'a', value: undefined }] })
    const empty = job({ benefits: null, tags: [{ name: 'a', value: null }] })
    const names = { tags: ['a'] }
    expect(ownedPart(said, unsaid, names)).toBe(ownedPart(job({}), unsaid, names))
    expect(ownedPart(said, empty, names)).not.toBe(ownedPart(job({}), empty, names))
  })

  it('leaves what is undefined out of a new job, which has a name all the same', () => {
    const tags = [
      { name: 'a', value: undefined },
      { name: 'b', value: 1 },
    ]
    const body = newJob(job({ name: undefined, benefits: undefined, tags }), 'B')
    expect(body).toMatchObject({ name: 'GROOV003', tags: [{ name: 'b', value: 1 }] })
    expect(JSON.parse(JSON.stringify(body))).not.toHaveProperty('benefits')
  })
})

describe('the location', () => {
  const text = 'Lyon, Auvergne-Rhône-Alpes, France'
  const stored = onBoard()
  const theirs = example.location as Fields & { fields: Fields }

  it('stays when ours has none', () => {
    expect(merge(stored, job({ location: null })).body.location).toEqual(theirs)
    expect(merge(onBoard({ location: null }), job()).body.location).toBeNull()
  })

  it('is merged key by key while the text is the same', () => {
    const location = { text, lat: 1, lng: 2, fields: { city: 'LYON', state: null, postcode: '' } }
    const fields = { ...theirs.fields, city: 'LYON' }
    expect(merge(stored, job({ location })).body.location).toEqual({ ...theirs, lat: 1, lng: 2, fields })
    expect(merge(stored, job({ location: { gmaps: 'g' } })).body.location).toEqual({ ...theirs, gmaps: 'g' })
  })

  it.each([[[]], [null], [undefined]])('takes stored fields %j for none', (fields) => {
    const { body, changed } = merge(onBoard({ location: { ...theirs, fields } }), job({ location: { text } }))
    expect([body.location, changed]).toEqual([{ ...theirs, fields: {} }, false])
    const known = merge(
      onBoard({ location: { text, fields, x: 1 } }),
      job({ location: { text, fields: { city: 'L' } } }),
    )
    expect(known.body.location).toEqual({ text, lat: null, lng: null, fields: { city: 'L' }, x: 1 })
    expect(known.changed).toBe(true)
  })

  it('takes no text and an empty text for the same', () => {
    const { body, changed } = merge(onBoard({ location: { ...theirs, text: null } }), job({ location: { text: '' } }))
    expect([body.location, changed]).toEqual([{ ...theirs, text: null }, false])
  })

  it('is ours alone when the text differs', () => {
    const location = { text: 'Paris', lat: null, fields: { city: 'Paris', state: null } }
    const alone = { text: 'Paris', lat: null, lng: null, gmaps: null, fields: { city: 'Paris' } }
    expect(merge(stored, job({ location }))).toMatchObject({ changed: true, cleared: false })
    expect(merge(stored, job({ location })).body.location).toEqual(alone)
    const nowhere = { text: null, lat: null, lng: null, gmaps: null, fields: {} }
    expect(merge(stored, job({ location: { text: null } })).body.location).toEqual(nowhere)
  })

  it('loses stored coordinates that ours refuses, once', () => {
    const refused_points = [
      { lat: 1, lng: 2 },
      { lat: 45.7640435, lng: 4.8356585 },
    ]
    const ours = job({ location: { text, lat: null, lng: null, refused_points } })
    const without = { ...theirs, lat: null, lng: null, gmaps: null }
    const first = merge(onBoard({ location: { ...theirs, gmaps: 'https://maps' } }), ours)
    expect(first).toMatchObject({ cleared: true, changed: true })
    expect(first.body.location).toEqual(without)
    expect(merge(first.body, ours)).toMatchObject({ cleared: false, changed: false })
    expect(merge(stored, ours, { clear_refused: false })).toMatchObject({ cleared: false, changed: false })
  })

  it('keeps coordinates that are not refused, and those of ours', () => {
    const refused_points = [{ lat: 45.764043, lng: 4.8356 }]
    expect(merge(stored, job({ location: { text, refused_points } })).body.location).toEqual(theirs)
    const ours = job({ location: { text, lat: 5, lng: 6, refused_points: [{ lat: 45.764043, lng: 4.835659 }] } })
    expect(merge(stored, ours)).toMatchObject({ cleared: false, body: { location: { ...theirs, lat: 5, lng: 6 } } })
  })
})

describe('sameJob', () => {
  const { body } = merge(onBoard(), job())
  const same = (fields: Fields, said: Fields) => sameJob({ ...example, ...fields }, { ...body, ...said })
  const place = example.location as Fields

  it.each([
    [
      'null, absent, empty text and empty list',
      { picture: undefined, tasks: null, name: '' },
      { picture: '', tasks: [], name: null },
    ],
    ['dates in any form', { created_at: '2026-10-28T08:00:00+0000' }, { created_at: '2026-10-28T10:00:00.5+02:00' }],
    [
      'dates of ranges',
      { ranges_date: [{ name: 'a', value_min: '2026-01-01T00:00:00+0000' }] },
      { ranges_date: [{ name: 'a', value_min: '2026-01-01' }] },
    ],
    [
      'entries in any order',
      {
        tags: [
          { name: 'a', value: '1' },
          { name: 'b', value: '2' },
        ],
      },
      {
        tags: [
          { value: '2', name: 'b' },
          { name: 'a', value: '1' },
        ],
      },
    ],
    ['coordinates to 1e-6', {}, { location: { ...place, lat: 45.7640434 } }],
    ['a reference that was a number', { reference: 12345 }, { reference: '12345' }],
    ['what the body leaves out', {}, { name: undefined, tags: undefined, location: undefined }],
    ['what HrFlow made', { id: 2, key: 'x', board_key: 'C', archive: {}, archived_at: 'x', updated_at: 'y' }, {}],
    [
      'what HrFlow drops',
      {},
      {
        custom: 1,
        tags: (example.tags as Fields[]).map((tag) => ({ ...tag, color: 'red' })),
        location: { ...place, geojson: {}, fields: { planet: 'Earth' } },
      },
    ],
    ['what HrFlow geocoded', {}, { location: { text: place.text, lat: null, lng: null, fields: [] } }],
  ])('takes for the same: %s', (_name, stored, said) => {
    expect(same(stored, said)).toBe(true)
  })

  it.each([
    ['a value', {}, { name: 'Other' }],
    ['null where there is a value', {}, { name: null }],
    ['an entry less', {}, { tags: (example.tags as Fields[]).slice(1) }],
    ['an entry more', {}, { tags: [...(example.tags as Fields[]), { name: 'x', value: 1 }] }],
    ['an entry twice', {}, { tags: [...(example.tags as Fields[]), (example.tags as Fields[])[0]] }],
    ['a coordinate', {}, { location: { ...place, lat: 45.76405 } }],
    ['the text of the place', {}, { location: { ...place, text: 'lyon' } }],
    [
      'a part of the place',
      { location: { ...place, fields: [] } },
      { location: { ...place, fields: { city: 'Lyon' } } },
    ],
    ['a date', {}, { created_at: '2026-10-28T08:00:01+0000' }],
    ['an unknown key that HrFlow shows', { custom: null }, { custom: 1 }],
    ['an unknown key of a place', { location: { ...place, x: null } }, { location: { ...place, x: 1 } }],
    [
      'an unknown part of a place',
      { location: { ...place, fields: { x: 'y' } } },
      { location: { fields: { x: 'z' } } },
    ],
    ['an unknown key of an entry', { tags: [{ name: 'a', x: 1 }] }, { tags: [{ name: 'a', x: 2 }] }],
    ['a key that every object inherits', JSON.parse('{"constructor":1}') as Fields, { constructor: 2 }],
    [
      'a tag that looks like a date',
      { tags: [{ name: 'a', value: '2026-01-01' }] },
      { tags: [{ name: 'a', value: '2026-01-01T00:00:00Z' }] },
    ],
  ])('sees a difference in %s', (_name, stored, said) => {
    expect(same(stored, said)).toBe(false)
  })

  it('compares jobs only', () => {
    for (const value of [null, undefined, [], 'job']) {
      expect(sameJob(value, {})).toBe(false)
      expect(sameJob({}, value)).toBe(false)
    }
  })
})

describe('newJob', () => {
  it('holds what HrFlow demands', () => {
    const location = { text: null, lat: null, lng: null, gmaps: null, fields: {} }
    expect(newJob(job(), 'B')).toEqual({ reference: 'GROOV003', board_key: 'B', name: null, sections: [], location })
  })

  it('leaves out what is absent, what is not sent and what HrFlow makes', () => {
    const ours = job({
      name: 'N',
      key: 'k',
      board_key: 'C',
      tags: [
        { name: 'a', value: null },
        { name: 'b', value: 'x' },
      ],
      skills: null,
      ranges_float: [{ name: 'salary', value_min: null, value_max: null, unit: 'EUR' }],
      location: {
        text: 'Lyon',
        lat: 1,
        lng: 2,
        fields: { city: 'Lyon', state: null },
        refused_points: [{ lat: 3, lng: 4 }],
      },
    })
    expect(newJob(ours, 'B')).toEqual({
      reference: 'GROOV003',
      board_key: 'B',
      name: 'N',
      sections: [],
      tags: [{ name: 'b', value: 'x' }],
      skills: [],
      ranges_float: [],
      location: { text: 'Lyon', lat: 1, lng: 2, gmaps: null, fields: { city: 'Lyon' } },
    })
  })
})

describe('ownedPart and hashOf', () => {
  it('shows what ours owns in one normal form', () => {
    const ours = job({
      name: 'N',
      url: null,
      created_at: '2026-10-28',
      tags: [{ name: 'workable_state', value: 'closed' }],
      ranges_date: [{ name: 'availability', value_min: '2026-12-01' }],
      location: {
        text: 'x',
        lat: 1,
        lng: 2,
        fields: { city: 'x', state: null },
        refused_points: [{ lat: 1, lng: 1 }],
      },
    })
    const stored = onBoard({ url: '', location: { ...(example.location as Fields), lat: 45.76404349 } })
    const owned = {
      reference: 'GROOV003',
      name: 'Senior Backend Engineer',
      created_at: '2026-10-28T08:00:00+0000',
      tags: [
        { name: 'workable_department', value: 'Engineering' },
        { name: 'workable_state', value: 'published' },
      ],
      ranges_date: [{ name: 'availability', value_min: '2026-12-01T00:00:00+0000' }],
      location: { text: 'Lyon, Auvergne-Rhône-Alpes, France', lat: 45.764043, lng: 4.835659, fields: { city: 'Lyon' } },
    }
    const names = { tags: ['workable_department'], odd: ['x'] }
    expect(ownedPart(stored, ours, names)).toBe(ownedPart(owned, job(owned)))
    expect(ownedPart(stored, ours)).not.toBe(ownedPart(owned, job(owned)))
  })

  it('hashes whatever the order of keys', () => {
    const ours = job({ name: 'N', url: 'u', location: { text: 'x', fields: { city: 'c', state: 's' } } })
    const turned = Object.fromEntries(
      Object.entries({ ...ours, location: { fields: { state: 's', city: 'c' }, text: 'x' } }).reverse(),
    )
    const hash = hashOf(ownedPart(ours, ours))
    expect(hash).toMatch(/^v1:[0-9a-f]{64}$/)
    expect(hashOf(ownedPart(turned, ours))).toBe(hash)
    expect(hashOf(ownedPart(turned, job(turned)))).toBe(hash)
    expect(hashOf(ownedPart({ ...ours, url: 'v' }, ours))).not.toBe(hash)
  })
})

describe('any two jobs', () => {
  const LISTS =
    'sections skills languages certifications courses tasks interests tags metadatas ranges_float ranges_date'.split(
      ' ',
    )
  const SCALARS = ['name', 'url', 'picture', 'summary', 'culture', 'interviews']
  const name = fc.constantFrom('a', 'b', 'c', 'salary')
  const value = fc.constantFrom(null, '', 'x', 'y', 1, true)
  const text = fc.constantFrom(null, '', 'Lyon', 'Paris')
  const date = fc.constantFrom(null, '2026-01-01', '2026-01-01T02:00:00+02:00', '2026-01-02T00:00:00.000Z')
  const bound = fc.constantFrom(null, 1, 2.5)
  const degrees = fc.constantFrom(null, 1, 1.0000004, 45.764043)
  const optional = (shape: Record<string, fc.Arbitrary<unknown>>) => fc.record(shape, { requiredKeys: [] })

  function entry(list: string): fc.Arbitrary<Fields> {
    if (list === 'sections') return fc.record({ name, title: text, description: text })
    if (list === 'skills') return fc.record({ name, value, type: fc.constantFrom('hard', 'soft', null) })
    if (list === 'ranges_float') return fc.record({ name, value_min: bound, value_max: bound, unit: text })
    if (list === 'ranges_date') return fc.record({ name, value_min: date, value_max: date })
    return fc.record({ name, value })
  }

  function shape(stored: boolean): Record<string, fc.Arbitrary<unknown>> {
    const foreign = fc.constantFrom(null, 'text', { value: 1 }, { name: null, value: 'x' })
    const list = (of: string) =>
      fc.array(stored ? fc.oneof({ arbitrary: entry(of), weight: 4 }, foreign) : entry(of), { maxLength: 5 })
    const fields = fc.dictionary(fc.constantFrom('city', 'state', 'text', 'planet'), text)
    const place = {
      text,
      lat: degrees,
      lng: degrees,
      gmaps: text,
      fields: stored ? fc.oneof(fields, fc.constant([]), fc.constant(null)) : fields,
    }
    const more = stored ? { geopoint: value } : { geojson: value, refused_points: fc.constant([{ lat: 1, lng: 1 }]) }
    return {
      ...Object.fromEntries(SCALARS.map((key) => [key, text])),
      ...Object.fromEntries(
        LISTS.map((key) => [key, fc.oneof({ arbitrary: list(key), weight: 4 }, fc.constant(null))]),
      ),
      created_at: date,
      custom: value,
      location: optional({ ...place, ...more }),
    }
  }

  const ours = optional(shape(false)).map(job)
  const stored = optional({ ...shape(true), foreign: fc.jsonValue(), updated_at: date }).map((fields) =>
    freeze({ id: 1, key: 'K', reference: 'GROOV003', board: { key: 'B' }, archived_at: null, ...fields }),
  )
  const written_names = fc.dictionary(fc.constantFrom(...LISTS), fc.uniqueArray(name))
  const input = fc
    .record({ stored, ours, board_key: fc.constant('B'), written_names, clear_refused: fc.boolean() })
    .map(freeze)
  const check = (property: (input: MergeInput) => void) => fc.assert(fc.property(input, property), { numRuns: 500 })

  /** What HrFlow stores of a body, and shows afterwards. */
  function answer(body: Fields): Fields {
    const dated = (item: unknown) =>
      typeof item === 'string' && instantOf(item) !== null ? hrflowDate(instantOf(item)!) : item
    const known = without(body, 'custom', 'foreign')
    const lists = LISTS.map((list) => {
      const entries = (body[list] ?? []) as unknown[]
      const rendered = entries.map((item) =>
        list === 'ranges_date' && item !== null && typeof item === 'object'
          ? Object.fromEntries(Object.entries(item).map(([key, bound]) => [key, key === 'name' ? bound : dated(bound)]))
          : item,
      )
      return [list, rendered] as const
    })
    const { text = null, lat, lng, gmaps = null, fields } = (body.location ?? {}) as Fields
    const geocoded = text && (lat ?? lng ?? null) === null
    const parts = without({ category: null, ...(fields as Fields | null) }, 'planet')
    const location = geocoded
      ? { text, lat: 48.85, lng: 2.35, gmaps: gmaps ?? 'https://maps', fields: { country: 'France', ...parts } }
      : { text, lat: lat ?? null, lng: lng ?? null, gmaps, fields: Object.values(parts).some(Boolean) ? parts : [] }
    return {
      ...known,
      ...Object.fromEntries(lists),
      created_at: dated(body.created_at),
      updated_at: 'now',
      board: {},
      location,
    }
  }

  it('are merged without changing either, and merging again changes nothing', () => {
    check((input) => {
      const first = mergeJob(input)
      const again = mergeJob({ ...input, stored: first.body })
      expect(again.changed).toBe(false)
      expect(again.body).toEqual(first.body)
      expect(again.names).toEqual(first.names)
      expect(first.changed).toBe(first.cleared || !sameJob(input.stored, first.body))
    })
  })

  it('are the same as what HrFlow makes of the body, and then need no write', () => {
    check((input) => {
      const { body } = mergeJob(input)
      expect(sameJob(answer(body), body)).toBe(true)
      const next = mergeJob({ ...input, stored: answer(body), clear_refused: false })
      expect(next.changed).toBe(false)
      expect(sameJob(answer(newJob(input.ours, 'B')), newJob(input.ours, 'B'))).toBe(true)
    })
  })

  it('keep every value and entry of the stored job that is not ours', () => {
    check((input) => {
      const { stored, ours, written_names = {} } = input
      const { body } = mergeJob(input)
      for (const [key, kept] of Object.entries(stored)) {
        if (key === 'board' || key === 'board_key') continue
        if (key === 'location') expectForeignPlace(kept as Fields, body.location as Fields, ours.location)
        else if (LISTS.includes(key)) {
          const owned = [...((ours[key] ?? []) as Fields[]).map((item) => item.name), ...(written_names[key] ?? [])]
          const foreign = (items: unknown) =>
            ((items ?? []) as (Fields | null)[]).filter((item) => !owned.includes(item?.name ?? NaN))
          expect(foreign(body[key])).toEqual(foreign(kept))
        } else if (ours[key] === undefined || key === 'updated_at') expect(body[key]).toEqual(kept)
      }
    })
  })

  function expectForeignPlace(kept: Fields, merged: Fields, own: FormattedJob['location']) {
    if (own?.text !== undefined && (own.text ?? '') !== (kept.text ?? '')) return
    const said = Object.keys(own ?? {}).filter((key) => !['fields', 'refused_points', 'lat', 'lng'].includes(key))
    if ((own?.lat ?? null) !== null && (own?.lng ?? null) !== null) said.push('lat', 'lng')
    const refused = (own?.refused_points ?? []).length > 0 ? ['lat', 'lng', 'gmaps'] : []
    for (const [key, value] of Object.entries(kept)) {
      if (key === 'fields' || said.includes(key) || refused.includes(key)) continue
      expect(merged[key]).toEqual(value)
    }
    for (const [key, value] of Object.entries((kept.fields ?? {}) as Fields)) {
      if (!own?.fields?.[key]) expect((merged.fields as Fields)[key]).toEqual(value)
    }
  }

  it('show the same owned part before and after HrFlow rendered it, but for what HrFlow drops', () => {
    check((input) => {
      const place = input.ours.location
      const fields = without(place?.fields ?? {}, 'planet')
      const location = place ? { location: { ...without(place, 'geojson'), fields } } : {}
      const known = job(without({ ...input.ours, ...location }, 'custom'))
      const { body } = mergeJob({ ...input, ours: known })
      expect(hashOf(ownedPart(answer(body), known))).toBe(hashOf(ownedPart(body, known)))
    })
  })
})

describe('a range', () => {
  it.each([
    { value_min: 1000, value_max: null },
    { value_min: null, value_max: 2000 },
  ])('with one bound is stored: %j', (bounds) => {
    const salary = { name: 'salary', ...bounds, unit: 'EUR' }
    expect(newJob({ reference: 'A', ranges_float: [salary] }, 'board')['ranges_float']).toEqual([salary])
  })

  it('without bounds is not', () => {
    const salary = { name: 'salary', value_min: null, value_max: null, unit: 'EUR' }
    expect(newJob({ reference: 'A', ranges_float: [salary] }, 'board')['ranges_float']).toEqual([])
  })
})

describe('coordinates', () => {
  it.each([
    { lat: 1.5, lng: null },
    { lat: null, lng: 1.5 },
  ])('count as a pair, so that half of ours never joins half of theirs: %j', (half) => {
    const place = { text: 'Lyon', lat: 45.7, lng: 4.8 }
    const input = { ours: job({ location: { text: 'Lyon', ...half } }), board_key: 'B', clear_refused: false }
    const { body, changed } = mergeJob({ ...input, stored: onBoard({ location: place }) })
    expect([body.location, changed]).toEqual([{ ...place, fields: {} }, false])
    expect(newJob(input.ours, 'B').location).toMatchObject({ lat: null, lng: null })
  })
})
