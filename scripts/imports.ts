// Holds the house together: which room may import which, that nothing runs in a circle, and which packages core may use.
// A room is a folder or a file of src/. Types count as much as values: who reads a file reads what it names.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'

/** The floors of core, lowest first: each imports what is below it, and itself. */
const FLOORS = [
  ...['core/text', 'core/result', 'core/errors.ts', 'core/ports', 'core/model', 'core/kit.ts'],
  ...['core/preflight', 'core/state', 'core/run'],
]
const KIT = 'core/kit.ts'
const PAGE = 'console/page'
const LIBRARY = ['core', 'connectors/index.ts', 'runtime', 'workflows', 'version.ts']

/** What each room may import besides itself. The first room that a file lies in counts. */
const ROOMS: [room: string, imports: string[]][] = [
  ...FLOORS.map((floor, at): [string, string[]] => [floor, FLOORS.slice(0, at).filter((lower) => lower !== KIT)]),
  ['http', ['core']],
  ['stores', ['core']],
  ['telemetry', ['core', 'version.ts']],
  ['connectors/hrflow', [KIT]],
  ['connectors/index.ts', ['connectors', 'core']],
  ['connectors/fakes.ts', ['connectors', 'core']],
  // A flow of a connector ends in HrFlow.
  ['connectors', [KIT, 'connectors/hrflow', 'html-to-text.ts']],
  ['runtime', ['core', 'http', 'stores', 'telemetry', 'connectors/index.ts', 'version.ts']],
  ['public', ['core', 'connectors', 'runtime']],
  ['workflows', ['core', 'connectors/index.ts', 'runtime', 'public', 'index.ts']],
  ['sandbox', ['core', 'connectors/fakes.ts']],
  ['testing', ['core', 'http', 'stores', 'connectors', 'runtime', 'sandbox']],
  ['serve', LIBRARY],
  // What the server and the page of the console say to each other; the page runs in a browser, and knows nothing else of ours.
  ['console/contract.ts', ['core']],
  [PAGE, ['console/contract.ts']],
  ['console', [...LIBRARY, 'serve']],
  ['cli', [...LIBRARY, 'serve', 'console', 'sandbox', 'telemetry/log.ts', 'html-to-text.ts']],
  ['version.ts', []],
  ['html-to-text.ts', []],
  // What outside connectors are written with.
  ['kit.ts', ['core', 'connectors', 'http', 'public', 'runtime', 'stores', 'html-to-text.ts']],
  ['index.ts', ['core', 'connectors', 'http', 'public', 'runtime', 'stores', 'workflows']],
]

interface Import {
  /** A file below `src`, or the name of a package. */
  to: string
  isPackage: boolean
  names: string[]
}

/** What is wrong with the imports of files below `src`, a sentence each. */
export function wrongImports(sources: ReadonlyMap<string, string>): string[] {
  // `a.js` is `a.ts`, or `a.tsx` where there is that.
  const written = (path: string) => {
    const [ts, tsx] = ['.ts', '.tsx'].map((ending) => path.replace(/\.js$/, ending))
    return tsx !== undefined && sources.has(tsx) ? tsx : (ts ?? path)
  }
  const imports = new Map([...sources].map(([file, text]) => [file, importsOf(file, text, written)]))
  const wrong: string[] = []
  for (const [file, its] of imports) {
    for (const { to, names, isPackage } of its) {
      const said = isPackage ? packageRefusal(file, to) : refusal(file, to)
      if (said !== null) wrong.push(`${file} imports ${names.join(', ') || 'all'} from ${to}: ${said}`)
    }
  }
  return [...wrong, ...circles(imports)]
}

function refusal(file: string, to: string): string | null {
  const [room, allowed] = ROOMS.find(([name]) => isIn(file, name)) ?? [file, []]
  const own = room === 'connectors' ? file.split('/').slice(0, 2).join('/') : room
  if (isIn(to, own) || allowed.some((name) => isIn(to, name))) return null
  return `${own} may import ${allowed.join(', ') || 'nothing else of ours'}.`
}

function packageRefusal(file: string, to: string): string | null {
  if (isIn(file, 'core') && to !== 'zod' && !to.startsWith('node:'))
    return 'core imports zod and Node, no other package.'
  const own = /^(preact|uplot)(\/|$)/
  return isIn(file, PAGE) && !own.test(to) ? 'the page imports preact and uplot, no other package.' : null
}

const isIn = (file: string, room: string) => file === room || file.startsWith(`${room}/`)

function importsOf(file: string, text: string, written: (path: string) => string): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, names: string[]) => {
    if (!specifier || !ts.isStringLiteral(specifier)) return
    const { text: path } = specifier
    const isPackage = !path.startsWith('.')
    found.push({ to: isPackage ? path : written(normalize(join(dirname(file), path))), names, isPackage })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, namesOf(node.importClause?.namedBindings))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, namesOf(node.exportClause))
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, [])
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], [])
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
  return found
}

function namesOf(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): string[] {
  return bindings && 'elements' in bindings ? bindings.elements.map(({ name }) => name.text) : []
}

/** Each circle once, with the names that tie it. */
function circles(imports: ReadonlyMap<string, Import[]>): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const walk = (file: string, way: string[]): void => {
    const from = way.indexOf(file)
    if (from >= 0) {
      found.push(`A circle: ${[...way.slice(from), file].map((at, index, all) => tie(at, all[index + 1])).join('')}.`)
      return
    }
    if (done.has(file)) return
    for (const { to } of imports.get(file) ?? []) if (imports.has(to)) walk(to, [...way, file])
    done.add(file)
  }
  const tie = (file: string, next: string | undefined): string => {
    if (next === undefined) return file
    const names = (imports.get(file) ?? []).flatMap(({ to, names }) => (to === next ? names : []))
    return `${file} -> (${names.join(', ') || 'all'}) `
  }
  for (const file of imports.keys()) walk(file, [])
  return found
}

/** The files of a folder that are built, by their paths in it. */
export function sourcesBelow(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const own = files.filter((file) => /\.tsx?$/.test(file) && !/\.(test|d)\.ts$/.test(file))
  return new Map(own.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
}

if (process.argv[1] === import.meta.filename) {
  const wrong = wrongImports(sourcesBelow(join(import.meta.dirname, '..', 'src')))
  for (const sentence of wrong) console.error(sentence)
  process.exitCode = wrong.length > 0 ? 1 : 0
}
