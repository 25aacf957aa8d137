import { expect, test } from 'vitest'
import { htmlToText } from './html-to-text.js'

test.each([
  ['<p>Bread &amp; rolls</p><p>Every day</p>', 'Bread & rolls\n\nEvery day'],
  ['<ul><li>early</li><li>late</li></ul>', '- early\n- late'],
  [
    '<h2>Your day</h2>See <a href="https://example.com">our page</a><img src="x.png" alt="Oven">',
    'Your day\n\nSee our page',
  ],
  ['A baker, no tags', 'A baker, no tags'],
  ['<p>not <b>closed', 'not closed'],
  ['', ''],
])('%j says %j', (html, text) => {
  expect(htmlToText(html)).toBe(text)
})
