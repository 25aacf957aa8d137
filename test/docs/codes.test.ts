// The codes of failures that docs/operating.md explains are those that the code has.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './blocks.js'

const folder = join(root, 'src')
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
const rows = readFileSync(join(root, 'docs/operating.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
const documented = rows.flatMap((row) =>
  [...(row.split('|')[1] ?? '').matchAll(/`([a-z0-9_]+)`/g)].map(([, code]) => code),
)

test('every code that is explained is one that there is', () => {
  const stages = ['list', 'load', 'logics', 'format', 'write', 'callback'].map((stage) => `${stage}_error`)
  const kinds = ['network', 'timeout', 'too_large', 'not_json', 'unusable', 'stale', 'redirect'].map(
    (kind) => `http_${kind}`,
  )
  const known = (code = '') =>
    stages.includes(code) ||
    kinds.includes(code) ||
    /^http_\d{3}$/.test(code) ||
    sources.some((text) => text.includes(`'${code}'`))
  expect(documented.length).toBeGreaterThan(30)
  expect(documented.filter((code) => !known(code))).toEqual([])
})

test('every code that an error of ours has is explained', () => {
  const shapes = [
    /new RunError\(\s*(?:'\w+'|reason),\s*'([a-z0-9_]+)'/g,
    /new (?:State|List|Item)Error\(\s*'([a-z0-9_]+)'/g,
    /\bfatal\(\s*'([a-z0-9_]+)'/g,
  ]
  const thrown = sources.flatMap((text) => shapes.flatMap((shape) => [...text.matchAll(shape)].map(([, code]) => code)))
  expect(thrown.length).toBeGreaterThan(15)
  expect([...new Set(thrown)].filter((code) => !documented.includes(code))).toEqual([])
})
