// Editors find the schema that a workflow file names in its first line, and the file is what the schema says.
import { Ajv } from 'ajv'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { blocksOf, root } from './blocks.js'

const COMMENT = /^# yaml-language-server: \$schema=(\S+)$/m
const PACKAGE = './node_modules/hrflow-connectors/'

const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /hrflow-connectors.*\.ya?ml$/.test(name))
  .map((name) => ({ name, folder: dirname(join(root, 'examples', name)), text: read(join('examples', name)) }))
const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) => blocksOf(read(join('docs', name))).map(({ text }) => ({ name, folder: root, text })))
  .filter(({ text }) => COMMENT.test(text))

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8')
}

/** Where the schema is that a file names; as the package has it, where the file is to stand beside the package. */
function schemaOf({ folder, text }: { folder: string; text: string }): string | null {
  const [, named] = COMMENT.exec(text) ?? []
  if (named === undefined) return null
  return named.startsWith(PACKAGE) ? join(root, named.slice(PACKAGE.length)) : resolve(folder, named)
}

test.each([...examples, ...pages])('$name names a schema that is there, and fits it', (file) => {
  const path = schemaOf(file) ?? join(root, 'schemas/workflows.json')
  expect(existsSync(path) ? path : `${path} is missing`).toBe(path)
  const validate = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(path, 'utf8')) as object)
  validate(parse(file.text))
  expect(validate.errors ?? []).toEqual([])
})

test('there are such files', () => {
  expect(examples.length).toBeGreaterThan(1)
  expect(pages.length).toBeGreaterThan(0)
})
