// docs/adding-a-connector.md, followed word for word: in a folder of its own against the packed package, then inside a copy
// of the project.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wrongImports, sourcesBelow } from '../../scripts/imports.js'
import { installPacked } from '../support/packed.js'
import { blocksOf, root } from './blocks.js'

const run = promisify(execFile)
const blocks = blocksOf(readFileSync(join(root, 'docs/adding-a-connector.md'), 'utf8'))
const fileOf = (above: string) => /^\*\*`([^`]+)`\*\*$/.exec(above)?.[1]
const REGISTRY = 'src/connectors/index.ts'
const files = new Map(
  blocks.flatMap(({ above, language, text }) => (language === 'sh' ? [] : [[fileOf(above) ?? '', text] as const])),
)

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

test('every block of code says which file it is', () => {
  const unnamed = blocks.filter(({ language, above }) => /^(ts|json)$/.test(language) && fileOf(above) === undefined)
  expect(unnamed).toEqual([])
})

describe('outside the project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tinyats-connector-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  beforeAll(async () => {
    for (const [path, text] of files) if (path !== '' && path !== REGISTRY) write(folder, path, text)
    await installPacked(folder)
  }, 120_000)

  test('its commands succeed, and print what the page shows', { timeout: 120_000 }, async () => {
    const done = new Set<string>()
    for (const [index, { language, text }] of blocks.entries()) {
      if (language !== 'sh') continue
      // What is installed is the packed package; and what compiles once, with all files there, compiles again.
      const commands = text.split('\n').filter((line) => !line.startsWith('npm install') && !done.has(line))
      for (const command of commands) done.add(command)
      const next = blocks[index + 1]
      const { stdout } = await run('sh', ['-ec', commands.join('\n')], { cwd: folder })
      if (next?.language === 'text') expect(stdout).toBe(next.text)
    }
    expect([...done]).toEqual(expect.arrayContaining(['npx tsc', 'node --test dist/conformance.test.js']))
  })

  test('its conformance suite has every check for each action', async () => {
    const { stdout } = await run(process.execPath, ['--test', 'dist/conformance.test.js'], { cwd: folder })
    // The archive action reads without `since`: it has no incremental runs.
    expect(stdout).toMatch(/^# pass 17$/m)
    expect(stdout).toMatch(/^# fail 0$/m)
  })

  test('its declarations name nothing that the package does not export', () => {
    const named = [...readFileSync(join(folder, 'dist/index.d.ts'), 'utf8').matchAll(/"(hrflow-connectors[^"]*)"/g)]
    expect([...new Set(named.map(([, name]) => name))]).toEqual(['hrflow-connectors/kit'])
  })
})

describe('inside the project', () => {
  const copy = mkdtempSync(join(tmpdir(), 'hrflow-connectors-tutorial-'))
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  /** Where the page says that a name of the kit comes from inside. */
  const OWN: Record<string, string> = {
    z: 'zod',
    hrflow: '../hrflow/index.js',
    'type HrflowJob': '../hrflow/jobs/schema.js',
    htmlToText: '../../html-to-text.js',
  }

  /** A file of the outside connector as it stands inside. */
  function inside(text: string): string {
    const moved = text.replace(/import \{([^}]*)\} from 'hrflow-connectors\/kit'/g, (_, names: string) => {
      const all = names.split(',').map((name) => name.trim())
      const wanted = all.filter((name) => name !== '' && name !== 'withRuntime')
      return wanted.map((name) => `import { ${name} } from '${OWN[name] ?? '../../core/kit.js'}'`).join('\n')
    })
    return moved.replace(/^export const Tinyats = .*\n/m, '')
  }

  beforeAll(() => {
    for (const name of ['src', 'scripts', 'docs', 'bench', 'schemas', 'manifest.json', 'package.json', 'tsconfig.json'])
      cpSync(join(root, name), join(copy, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    const own = ['api', 'jobs', 'closed', 'format', 'check', 'index'].map((name) => `${name}.ts`)
    for (const name of own) write(copy, `src/connectors/tinyats/${name}`, inside(files.get(`src/${name}`) ?? ''))
    write(copy, REGISTRY, files.get(REGISTRY) ?? '')
  })

  test('the registry it shows is ours and one line more', () => {
    const shown = (files.get(REGISTRY) ?? '').split('\n').filter((line) => !/tinyats/.test(line))
    expect(shown.join('\n')).toBe(readFileSync(join(root, REGISTRY), 'utf8'))
  })

  test('its folder imports what a connector may', () => {
    const sources = sourcesBelow(join(copy, 'src'))
    expect(sources.has('connectors/tinyats/index.ts')).toBe(true)
    expect(wrongImports(sources)).toEqual([])
  })

  test('its methods and pages are generated', { timeout: 60_000 }, async () => {
    await run('npm', ['run', '--silent', 'generate'], { cwd: copy })
    const page = readFileSync(join(copy, 'docs/connectors/tinyats.md'), 'utf8')
    expect(page).toContain('`TINYATS_API_KEY`')
    expect(page).toContain('Settings > API')
    expect(readFileSync(join(copy, 'src/public/index.ts'), 'utf8')).toContain('export const Tinyats')
  })
})
