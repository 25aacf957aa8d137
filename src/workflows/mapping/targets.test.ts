import { describe, expect, test } from 'vitest'
import { hrflowJob } from '../../connectors/hrflow/jobs/schema.js'
import { targetOf } from './targets.js'

const JOB = {
  reference: 'A',
  name: 'old',
  tags: [
    { name: 'state', value: 'draft' },
    { name: 'id', value: '1' },
  ],
  location: { text: 'Paris', lat: 1, lng: 2, fields: { city: 'Paris', country: 'France' } },
  ranges_float: [{ name: 'salary', value_min: 1, value_max: 2, unit: 'EUR' }],
  skills: [{ name: 'js', type: 'hard', value: null }],
}

const set = (target: string, value: unknown, job: Record<string, unknown> = JOB) =>
  targetOf(target, hrflowJob).set(structuredClone(job), value)

describe('a value is put in its place, and everything else stays', () => {
  test.each([
    ['name', 'new', { name: 'new' }],
    ['name', null, { name: null }],
    ['culture', 'open', { culture: 'open' }],
    ['tags.state', 'published', { tags: [{ name: 'state', value: 'published' }, JOB.tags[1]] }],
    ['tags.state', null, { tags: [{ name: 'state', value: null }, JOB.tags[1]] }],
    ['tags.new', 5, { tags: [...JOB.tags, { name: 'new', value: 5 }] }],
    ['tags.years of experience', true, { tags: [...JOB.tags, { name: 'years of experience', value: true }] }],
    ['tags."v1.0"', 'a', { tags: [...JOB.tags, { name: 'v1.0', value: 'a' }] }],
    ['tags."say \\"x\\""', 'a', { tags: [...JOB.tags, { name: 'say "x"', value: 'a' }] }],
    ['tags', { name: 'only', value: 1 }, { tags: [{ name: 'only', value: 1 }] }],
    ['tags', null, { tags: null }],
    ['skills.js', 'good', { skills: [{ name: 'js', type: 'hard', value: 'good' }] }],
    ['skills.js', null, { skills: [] }],
    ['skills.new.type', 'soft', { skills: [...JOB.skills, { name: 'new', type: 'soft' }] }],
    ['sections.culture', 'text', { sections: [{ name: 'culture', title: 'culture', description: 'text' }] }],
    ['sections.culture.title', 'T', { sections: [{ name: 'culture', title: 'T' }] }],
    ['ranges_float.salary.value_min', 0, { ranges_float: [{ ...JOB.ranges_float[0], value_min: 0 }] }],
    ['ranges_float.salary', { value_min: 5 }, { ranges_float: [{ ...JOB.ranges_float[0], value_min: 5 }] }],
    ['ranges_float.salary', null, { ranges_float: [{ name: 'salary', value_min: null, value_max: null, unit: null }] }],
    ['location.text', 'Lyon', { location: { ...JOB.location, text: 'Lyon' } }],
    ['location.fields.city', 'Lyon', { location: { ...JOB.location, fields: { city: 'Lyon', country: 'France' } } }],
    ['location', { text: 'Lyon' }, { location: { text: 'Lyon' } }],
  ])('%s: %j', (target, value, change) => {
    expect(set(target, value)).toEqual({ ...JOB, ...change })
  })

  test.each([
    ['name', { name: undefined }],
    ['tags', { tags: undefined }],
    ['tags.state', { tags: [{ name: 'state', value: undefined }, JOB.tags[1]] }],
    ['skills.new', { skills: [...JOB.skills, { name: 'new', value: undefined }] }],
    [
      'ranges_float.salary',
      { ranges_float: [{ name: 'salary', value_min: undefined, value_max: undefined, unit: undefined }] },
    ],
    ['location', { location: undefined }],
    ['location.text', { location: { ...JOB.location, text: undefined } }],
    ['location.fields', { location: { ...JOB.location, fields: undefined } }],
    ['location.fields.city', { location: { ...JOB.location, fields: { city: undefined, country: 'France' } } }],
  ])('nothing stays nothing: %s', (target, change) => {
    expect(set(target, undefined)).toStrictEqual({ ...JOB, ...change })
  })

  test('also where there was nothing', () => {
    expect(set('location.fields.city', 'Lyon', {})).toEqual({ location: { fields: { city: 'Lyon' } } })
    expect(set('tags.a', 1, { tags: null })).toEqual({ tags: [{ name: 'a', value: 1 }] })
  })

  test('the item that was given is not changed', () => {
    const job = structuredClone(JOB)
    targetOf('tags.state', hrflowJob).set(job, 'x')
    targetOf('location.fields.city', hrflowJob).set(job, 'x')
    expect(job).toEqual(JOB)
  })
})

describe('a value that does not fit is refused', () => {
  test.each([
    ['name', 5, 'expected string, received number.'],
    ['reference', null, 'expected string or number, received null.'],
    ['reference', undefined, 'the expression found nothing, and a value is needed.'],
    ['tags.a', { a: 1 }, 'expected string or number or boolean, received object.'],
    ['tags', 'a', '0: expected object, received string.'],
    ['skills.js.type', 'hardd', 'expected one of hard, soft. Did you mean hard?'],
    ['ranges_float.salary', 5, 'expected object, received number.'],
    ['ranges_float.salary.value_min', 'a', 'expected number, received string.'],
    ['location.lat', 91, 'must be at most 90.'],
    ['location.fields.city', 5, 'expected string, received number.'],
  ])('%s: %j', (target, value, message) => {
    expect(() => set(target, value)).toThrow(message)
  })
})

describe('a target that does not exist is refused', () => {
  test.each([
    ['nmae', 'there is no field nmae. Did you mean name?'],
    ['foo', 'there is no field foo. Known: reference, name,'],
    ['name.first', 'name holds one value: there is nothing below it.'],
    ['tags.a.valeu', 'there is no part of tags.NAME valeu. Did you mean value?'],
    ['tags.a.value.b', 'tags.NAME has no deeper parts than tags.NAME.PART.'],
    ['tags.""', 'tags is a list of named entries: give a name, tags.NAME.'],
    ['location.city', 'there is no part of location city. Known: text, lat, lng, gmaps, fields'],
    ['location.text.a', 'location.text holds one value: there is nothing below it.'],
    ['location.fields.citty', 'there is no part of location.fields citty. Did you mean city?'],
    ['location.fields.city.a', 'there is no part of location.fields city.a.'],
    ['tags.', 'is not a path: steps are separated by dots, and one that holds a dot stands in double quotes.'],
    ['', 'is not a path'],
    ['tags."a', 'is not a path'],
    ['tags."\\q"', 'holds an escape in double quotes that JSON does not have.'],
    ['__proto__', 'there is no field __proto__.'],
    ['constructor', 'there is no field constructor.'],
    ['location.__proto__', 'there is no part of location __proto__.'],
    ['location.toString', 'there is no part of location toString.'],
  ])('%j', (target, message) => {
    expect(() => targetOf(target, hrflowJob)).toThrow(message)
  })
})

test('one place has one key, however it is written', () => {
  expect(targetOf('tags."a"', hrflowJob).key).toBe(targetOf(' tags.a ', hrflowJob).key)
})
