// What holds the rooms of src/ apart is held to its word.
import { expect, test } from 'vitest'
import { wrongImports } from '../../scripts/imports.js'

const wrong = (files: Record<string, string>) => wrongImports(new Map(Object.entries(files)))

test('an import from a lower floor of core to a higher one is told, types included', () => {
  const files = {
    'core/text/a.ts': "import type { Run } from '../run/run.js'",
    'core/run/run.ts': "import { b } from '../text/b.js'\nexport interface Run { b: typeof b }",
    'core/text/b.ts': 'export const b = 1',
  }
  expect(wrong(files)).toEqual([
    'core/text/a.ts imports Run from core/run/run.ts: core/text may import nothing else of ours.',
  ])
})

test('a circle is told with the names that tie it, however it is tied', () => {
  const files = {
    'http/a.ts': "import { B } from './b.js'\nexport interface A { b: B }",
    'http/b.ts': "export type B = import('./c.js').C",
    'http/c.ts': "export { A as C } from './a.js'",
  }
  expect(wrong(files)).toEqual(['A circle: http/a.ts -> (B) http/b.ts -> (all) http/c.ts -> (C) http/a.ts.'])
})

test('a connector imports the kit alone, and core no package but zod', () => {
  expect(wrong({ 'connectors/acme/index.ts': "import { run } from '../../core/run/run.js'" })).toHaveLength(1)
  expect(wrong({ 'connectors/acme/index.ts': "import { read } from '../../core/kit.js'" })).toEqual([])
  expect(wrong({ 'connectors/acme/index.ts': "import { other } from '../workable/api.js'" })).toHaveLength(1)
  expect(wrong({ 'core/model/a.ts': "import { z } from 'zod'\nimport 'node:fs'" })).toEqual([])
  expect(wrong({ 'core/model/a.ts': "import { request } from 'undici'" })).toEqual([
    'core/model/a.ts imports request from undici: core imports zod and Node, no other package.',
  ])
})

test('a file in no room is told, so that no room is forgotten', () => {
  expect(wrong({ 'elsewhere.ts': "import { a } from './core/text/a.js'" })).toHaveLength(1)
})
