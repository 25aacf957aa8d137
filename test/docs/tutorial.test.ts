// docs/adding-a-connector.md, followed word for word in a copy of the project.
import { execFile } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blocksOf, root } from './blocks.js'

const run = promisify(execFile)
const copy = mkdtempSync(join(tmpdir(), 'hrflow-connectors-tutorial-'))
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const blocks = blocksOf(readFileSync(join(root, 'docs/adding-a-connector.md'), 'utf8'))
const fileOf = (above: string) => /\*\*`([^`]+)`\*\*/.exec(above)?.[1]

beforeAll(() => {
  const needed = [
    'src',
    'scripts',
    'test',
    'docs',
    'bench',
    'schemas',
    'manifest.json',
    'package.json',
    'tsconfig.json',
  ]
  for (const name of [...needed, 'eslint.config.js', 'vitest.config.ts'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  if (existsSync(join(root, 'examples'))) cpSync(join(root, 'examples'), join(copy, 'examples'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const { above, language, text } of blocks) {
    const path = fileOf(above)
    if (language !== 'ts' || path === undefined) continue
    const target = join(copy, path)
    mkdirSync(dirname(target), { recursive: true })
    if (above.startsWith('**')) writeFileSync(target, text)
    else appendFileSync(target, `\n${text}`)
  }
})

test('every block of code says which file it is', () => {
  const unnamed = blocks.filter(({ language, above }) => language === 'ts' && fileOf(above) === undefined)
  expect(unnamed).toEqual([])
})

test('the registry it shows is ours and one line more', () => {
  const shown = blocks.find(({ above }) => fileOf(above) === 'src/connectors/index.ts')?.text ?? ''
  const others = shown.split('\n').filter((line) => !/tinyats/.test(line))
  expect(others.join('\n')).toBe(readFileSync(join(root, 'src/connectors/index.ts'), 'utf8'))
})

test('the docs are stale until they are generated anew', { timeout: 60_000 }, async () => {
  const check = run('npm', ['run', '--silent', 'generate', '--', '--check'], { cwd: copy })
  const { stderr } = await check.catch((error: unknown) => error as { stderr: string })
  expect(stderr.trim().split('\n')).toEqual([
    'docs/connectors/tinyats.md: stale',
    'docs/actions/tinyats/update_jobs_in_hrflow.md: stale',
    'schemas/tinyats.update_jobs_in_hrflow.json: stale',
    'schemas/workflows.json: stale',
    'docs/cli.md: stale',
    'src/public/tinyats.ts: stale',
    'src/public/actions.ts: stale',
    'src/public/index.ts: stale',
    'manifest.json: stale',
    'Generated files differ from the code. Run: npm run generate',
  ])
})

test('its commands succeed, and print what the page shows', { timeout: 240_000 }, async () => {
  for (const [index, { language, text }] of blocks.entries()) {
    if (language !== 'sh') continue
    const next = blocks[index + 1]
    const { stdout } = await run('sh', ['-ec', text], { cwd: copy })
    if (next?.language === 'text') expect(stdout).toBe(next.text)
  }
  const page = readFileSync(join(copy, 'docs/connectors/tinyats.md'), 'utf8')
  expect(page).toContain('`TINYATS_API_KEY`')
  expect(page).toContain('Settings > API')
})
