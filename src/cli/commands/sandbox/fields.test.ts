import { describe, expect, test } from 'vitest'
import { changeFrom } from './fields.js'

describe('a field is given as what it takes', () => {
  test.each([
    ['code=null', { code: null }],
    ['code=12', { code: '12' }],
    ['code=', { code: '' }],
    ['keywords=a=b', { keywords: 'a=b' }],
    ['description=<p>\n</p>', { description: '<p>\n</p>' }],
    ['title=null', { title: 'null' }],
    ['confidential=true', { confidential: true }],
    ['salary.salary_from=30000.5', { salary: { salary_from: 30_000.5 } }],
    ['salary.salary_to=null', { salary: { salary_to: null } }],
    ['location={"city":"Lyon"}', { location: { city: 'Lyon' } }],
    ['state=archived', { state: 'archived' }],
  ])('--set %s', (pair, change) => {
    expect(changeFrom({ set: [pair] })).toEqual(change)
  })

  test('several of one field add up, and the last one counts', () => {
    expect(changeFrom({ title: 'A', set: ['location.city=Lyon', 'location.country=France', 'title=B'] })).toEqual({
      title: 'B',
      location: { city: 'Lyon', country: 'France' },
    })
  })
})

test.each([
  ['departement=x', 'There is no field departement. Did you mean department?'],
  ['location.citty=x', 'There is no field location.citty. Did you mean location.city?'],
  ['location.city.name=x', 'There is no field location.city.name.'],
  ['title.x=y', 'There is no field title.x.'],
  ['__proto__.x=y', 'There is no field __proto__.'],
  ['toString=y', 'There is no field toString.'],
  ['shortcode=x', 'There is no field shortcode.'],
  ['state=close', 'Did you mean closed?'],
  ['title=', 'title: must not be empty.'],
  ['confidential=si', 'confidential: expected boolean'],
  ['salary.salary_from=much', 'salary.salary_from: expected number'],
  ['location=Lyon', 'location: expected object'],
  ['title', '--set: expected FIELD=VALUE'],
  ['=x', '--set: expected FIELD=VALUE'],
])('--set %s is refused', (pair, said) => {
  expect(() => changeFrom({ set: [pair] })).toThrow(said)
})
