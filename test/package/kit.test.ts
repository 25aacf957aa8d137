// What an editor shows of the kit and of the conformance suite: every export is documented, and so is every part of what a
// connector is made of.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const PUBLIC = ['src/kit.ts', 'src/testing/index.ts']
/** What our own connectors are made of. */
const OWN = 'src/core/kit.ts'
const config: unknown = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile.bind(ts.sys)).config
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
const program = ts.createProgram(
  [...PUBLIC, OWN].map((path) => join(root, path)),
  options,
)
const checker = program.getTypeChecker()

/** The exports of a file, where they are declared. */
function exportsOf(path: string): ts.Symbol[] {
  const source = program.getSourceFile(join(root, path))
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) throw new Error(`${path} exports nothing.`)
  const isAlias = (symbol: ts.Symbol) => (symbol.flags & ts.SymbolFlags.Alias) !== 0
  const all = checker.getExportsOfModule(module)
  return all.map((symbol) => (isAlias(symbol) ? checker.getAliasedSymbol(symbol) : symbol))
}

const isBare = (symbol: ts.Symbol) => symbol.getDocumentationComment(checker).length === 0

test.each(PUBLIC)('every export of %s has a doc comment', (path) => {
  const found = exportsOf(path)
  expect(found.length).toBeGreaterThan(3)
  // Zod documents itself, part by part.
  const ours = found.filter(({ declarations = [] }) =>
    declarations.some((one) => !one.getSourceFile().fileName.includes('node_modules')),
  )
  expect(ours.filter(isBare).map(({ name }) => name)).toEqual([])
})

test('every member of what a connector is made of has a doc comment', () => {
  const bare = exportsOf(OWN).flatMap(({ name, declarations = [] }) => {
    const shapes = declarations.filter((one) => ts.isInterfaceDeclaration(one) || ts.isClassDeclaration(one))
    const members = shapes.flatMap((shape) => [...shape.members]).filter((one) => !ts.isConstructorDeclaration(one))
    const symbols = members.flatMap((one) => (one.name ? (checker.getSymbolAtLocation(one.name) ?? []) : []))
    return symbols.filter(isBare).map((member) => `${name}.${member.name}`)
  })
  expect(bare).toEqual([])
})
