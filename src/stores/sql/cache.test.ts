import { expect, test } from 'vitest'
import { Cache } from './cache.js'

test('a value is made once, also when the cache is full', () => {
  const cache = new Cache<string>()
  const made: string[] = []
  const get = (name: string) => cache.get(name, () => `made ${made.push(name)}`)
  for (let index = 0; index < 200; index++) get(`n${index}`)
  expect([get('n0'), get('n199'), get('n0')]).toEqual(['made 1', 'made 200', 'made 1'])
  expect(made).toHaveLength(200)
})

test('with one too many all begins anew', () => {
  const cache = new Cache<string>()
  let made = 0
  const get = (name: string) => cache.get(name, () => `made ${(made += 1)}`)
  for (let index = 0; index < 201; index++) get(`n${index}`)
  expect([get('n200'), get('n0')]).toEqual(['made 201', 'made 202'])
})
