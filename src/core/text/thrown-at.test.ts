import { expect, test } from 'vitest'
import { thrownAt } from './thrown-at.js'

const errorWith = (...frames: string[]) =>
  Object.assign(new Error('x'), { stack: ['Error: x', ...frames.map((frame) => `    at ${frame}`)].join('\n') })

test.each([
  ['logic (/srv/logics.js:2:5)', 'logics.js:2:5'],
  ['async logic (file:///srv/logics.mjs?v=3:2:5)', 'logics.mjs:2:5'],
  ['file:///srv/logics.mjs:2:5', 'logics.mjs:2:5'],
  ['async /srv/logics.mjs:2:5', 'logics.mjs:2:5'],
  ['new Thing [as x] (C:\\srv\\logics.js:2:5)', 'logics.js:2:5'],
])('the place of %s is %s', (frame, place) => {
  expect(thrownAt(errorWith('Array.map (<anonymous>)', frame))).toBe(place)
})

test.each([
  ['packageResolve (node:internal/modules/esm/resolve:873:9)'],
  ['node:internal/process/task_queues:105:5'],
  ['async node:internal/modules/esm/loader:1:2'],
  ['x (/srv/node_modules/left/index.js:1:1)'],
])('%s is no place of the caller', (frame) => {
  expect(thrownAt(errorWith(frame))).toBeNull()
  expect(thrownAt(errorWith(frame, 'logic (/srv/logics.js:2:5)'))).toBe('logics.js:2:5')
})
