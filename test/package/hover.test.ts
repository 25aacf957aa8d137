// What an editor shows of the built package: documentation where the pointer rests, and types that a person can read.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'
import { registry } from '../../src/connectors/index.js'
import { methodName } from '../../src/core/model/connector.js'
import { parameterGroups } from '../../src/core/model/describe.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const index = join(root, 'dist/index.d.ts')
const file = join(root, 'hover.ts')

const name = 'Workable'
const connector = registry[name]
const calls = connector.actions.map((action) => {
  const groups = parameterGroups(action).map(({ name: group, parameters }) => {
    const fields = parameters.map((parameter) => `${parameter.name}: null!,`).join(' ')
    return group === 'other' ? fields : `${group}: { ${fields} },`
  })
  return `void ${name}.${methodName(action.id)}({ ${groups.join(' ')} })`
})
const program = `import { ${name}, type WorkableJob, type HrflowJob } from './dist/index.js'
${calls.join('\n')}
export const one = (job: WorkableJob) => [job.department, job.location?.city, job.locations?.[0]?.coords, job.salary?.salary_to]
export const two = (item: HrflowJob) => [item.name, item.tags?.[0]?.value, item.location?.refused_points]
`

let service: ts.LanguageService
beforeAll(() => {
  const options = ts.parseJsonConfigFileContent(
    { compilerOptions: { strict: true, module: 'nodenext', target: 'es2023', types: ['node'], skipLibCheck: true } },
    ts.sys,
    root,
  ).options
  const textOf = (path: string) => (path === file ? program : ts.sys.readFile(path))
  service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = textOf(path)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => path === file || ts.sys.fileExists(path),
    readFile: textOf,
  })
})

/** What is shown of the word at a place of the program: its type, and its documentation. */
function hover(word: string, after = ''): { type: string; said: string } {
  const from = program.indexOf(after)
  const at = program.slice(from).search(new RegExp(`\\b${word}\\b`)) + from
  const info = service.getQuickInfoAtPosition(file, at)
  const text = (parts: ts.SymbolDisplayPart[] | undefined) => (parts ?? []).map((part) => part.text).join('')
  return { type: text(info?.displayParts), said: text(info?.documentation) }
}

describe('an editor shows', () => {
  test('what a method does', () => {
    const { type, said } = hover('updateJobsInHrflow')
    expect(said).toContain('Edits jobs of the board where something differs.')
    expect(type).toContain('(parameters: WorkableUpdateJobsInHrflowParameters, runtime?: RuntimeOptions)')
  })

  test('the description, the allowed values and the default of a parameter', () => {
    const update = `${name}.updateJobsInHrflow`
    expect(hover('board_key', update).said).toContain('board key')
    expect(hover('subdomain', update).said).toContain('subdomain of the Workable account')
    expect(hover('state', update).said).toContain('One of `archived`, `closed`, `draft`, `published`.')
    expect(hover('on_missing', update).said).toMatch(/does not have[^]*One of `skip`, `create`\. Default: `skip`\./)
    expect(hover('edit', update).type).toContain("edit?: 'merge' | 'replace' | undefined".replaceAll("'", '"'))
    expect(hover('incremental', update).said).toContain('Default: `false`.')
    expect(hover('connector_auth', update).said).toContain('Credentials of Workable.')
  })

  test('something of every method, group and parameter of every action', () => {
    const silent = connector.actions.flatMap((action) => {
      const method = methodName(action.id)
      const call = `void ${name}.${method}(`
      const groups = parameterGroups(action).map(({ name: group }) => group)
      const parameters = parameterGroups(action).flatMap((group) => group.parameters.map((parameter) => parameter.name))
      const words = [method, ...groups.filter((group) => group !== 'other'), ...parameters]
      return words.filter((word) => hover(word, call).said.length < 15).map((word) => `${method}: ${word}`)
    })
    expect(silent).toEqual([])
  })

  test('what a field of a job is', () => {
    for (const word of ['department', 'city', 'coords', 'salary_to']) expect(hover(word, 'one =').said).not.toBe('')
    for (const word of ['name', 'value', 'refused_points']) expect(hover(word, 'two =').said).not.toBe('')
  })

  test('no error in a call with every parameter', () => {
    const problems = service.getSemanticDiagnostics(file)
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
  })
})

/** The declaration files that a file leads to, itself among them, without those of other packages. */
function reachable(path: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(path) || !existsSync(path)) return seen
  const text = readFileSync(path, 'utf8')
  seen.set(path, text)
  for (const { fileName } of ts.preProcessFile(text).importedFiles) {
    if (fileName.startsWith('.')) reachable(join(dirname(path), fileName.replace(/\.js$/, '.d.ts')), seen)
  }
  return seen
}

describe('the declarations of the package', () => {
  const files = reachable(index)

  test('are small: what the index leads to has fewer than 120,000 characters, the index itself fewer than 5,000', () => {
    expect(files.size).toBeGreaterThan(10)
    expect(files.get(index)?.length).toBeLessThan(5_000)
    expect([...files.values()].reduce((sum, text) => sum + text.length, 0)).toBeLessThan(120_000)
  })

  test('do not lead to the schemas', () => {
    expect([...files.keys()].filter((path) => path.includes('/connectors/'))).toEqual([])
  })
})
