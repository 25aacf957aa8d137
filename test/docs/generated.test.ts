// What is generated, against the pages and the manifest of the Python project.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { workablePage } from '../../scripts/docs/connectors/workable.js'
import { generatedFiles } from '../../scripts/docs/files.js'
import { mappingTable } from '../../scripts/docs/mapping.js'
import { registry } from '../../src/connectors/index.js'
import { hrflowJob } from '../../src/connectors/hrflow/jobs/schema.js'
import { workableJob } from '../../src/connectors/workable/jobs/schema.js'
import { parameterGroups, qualifiedName } from '../../src/core/model/describe.js'
import { startSandbox } from '../../src/sandbox/index.js'
import { blocksOf, pages, root } from './blocks.js'

const run = promisify(execFile)
const golden = (name: string) => readFileSync(join(root, 'test/goldens', name), 'utf8')
const files = await generatedFiles()
const actions = Object.values(registry).flatMap((connector) => connector.actions)

/** A folder in which the built package is installed. */
const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-docs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'node_modules'))
symlinkSync(root, join(folder, 'node_modules/hrflow-connectors'))
for (const name of ['@types', 'pino', 'undici'])
  symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }')

/** A row of a table of parameters. */
interface Row {
  name: string
  required: boolean
  type: string
  default: string
  description: string
}

/** A page before its example: its headings and other lines outside tables, and the rows below each heading. */
function readPage(text: string) {
  const prose: string[] = []
  const rows = new Map<string, Row[]>()
  for (const line of text.split(/\n## Example\n/)[0]?.split('\n') ?? []) {
    const [, first, type = '', standard = '', description = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
    const [, name] = /^`(\w+)`/.exec(first ?? '') ?? []
    if (name === undefined) {
      if (line.trim() !== '') prose.push(line)
      continue
    }
    const group = prose.findLast((known) => known.startsWith('## ')) ?? ''
    const row = { name, required: first?.endsWith(':red_circle:') === true, type, default: standard, description }
    rows.set(group, [...(rows.get(group) ?? []), row])
  }
  return { prose, rows }
}

/** A type of the Python project's page as a set of TypeScript's words. Functions have names here. */
function translated(type: string): string[] {
  const plain = type.replaceAll('`', '').replaceAll('\\|', '|')
  const values = plain.replace(/Literal\[([^\]]*)\]/, (_, inner: string) => inner.replaceAll(',', '|')).split('|')
  const words: Record<string, string> = { integer: 'number', array: 'Logic[]' }
  return values.map((word) => words[word.trim()] ?? word.trim()).sort()
}

const STANDARDS: Record<string, string> = { None: '`null`', True: '`true`', False: '`false`' }

describe('the page of updateJobsInHrflow', () => {
  const page = readPage(files.get('docs/actions/workable/update_jobs_in_hrflow.md') ?? '')
  const wanted = readPage(golden('update-jobs-in-hrflow.md'))

  test('has every heading and line of the original page before its example, in its order, and no other', () => {
    expect(page.prose).toEqual(wanted.prose)
    expect([...page.rows.keys()]).toEqual([...wanted.rows.keys()])
  })

  test.each([...wanted.rows])('has the rows of the original under %s, and its own after them', (group, original) => {
    const rows = (page.rows.get(group) ?? []).slice(0, original.length)
    expect(rows.map(({ name, required }) => ({ name, required }))).toEqual(
      original.map(({ name, required }) => ({ name, required })),
    )
    expect(rows.map((row) => row.default)).toEqual(original.map((row) => STANDARDS[row.default]))
    const known = ['Callable', 'Callback', 'Format']
    const typesOf = (of: Row[]) =>
      of.map(({ type }) =>
        translated(type)
          .map((word) => (known.includes(word) ? 'a function' : word))
          .sort(),
      )
    expect(typesOf(rows)).toEqual(typesOf(original))
  })

  test('has all sixteen rows of the original', () => {
    expect([...wanted.rows.values()].flat()).toHaveLength(16)
  })
})

test('what is generated speaks TypeScript', () => {
  const pythonic = /`(None|True|False)`|\| (None|True|False) \||Literal\[|\bCallable\b|it's argument|called at the of/
  for (const { path, text } of [...pages(), ...[...files].map(([path, text]) => ({ path, text }))])
    expect(pythonic.exec(text)?.[0], path).toBeUndefined()
  for (const action of actions) {
    const all = parameterGroups(action).flatMap(({ parameters }) => parameters)
    expect(all.filter(({ description }) => !/^[A-Z].{10,}/.test(description)).map(({ name }) => name)).toEqual([])
  }
})

test("the page of HrFlow's job has every field that a format may give, with what it is, and no internal one", () => {
  const page = files.get('docs/hrflow-job.md') ?? ''
  expect(Object.keys(hrflowJob.shape).filter((name) => !page.includes(`| \`${name}\` | `))).toEqual([])
  expect(page).toContain('| `location.lat` | number or null | Latitude in degrees. |')
  expect(page).toContain('| `tags[].value` | string or number or boolean or null | Value; null in `tags`')
  expect(page).not.toContain('refused_points')
  expect(page).not.toMatch(/\| +\|$/m)
})

describe('the mapping table', () => {
  const page = files.get('docs/connectors/workable.md') ?? ''
  const action = registry.Workable.actions[1]!
  const withFormat = (change: (made: Record<string, unknown>) => object) => {
    const format = (item: unknown) => change({ ...(action.flow.format(item) as object) })
    return mappingTable({ ...action, flow: { ...action.flow, format } }, workablePage.sample)
  }

  test('names every known field of a Workable job, and says of it where it lands or that it is not sent', () => {
    const [section = ''] = page.split('## What lands where')[1]?.split('## States') ?? []
    expect(Object.keys(workableJob.shape).filter((name) => !new RegExp(`\`${name}[.\\[\`]`).test(section))).toEqual([])
    expect(section).toContain('| `title` | `name` | `Backend Engineer` |')
    expect(section).toContain('| `full_title` | `name` where `title` is empty |')
    expect(section).toContain('| `salary.salary_currency` | `ranges_float.salary.unit` | `gbp` becomes `GBP` |')
    expect(section).toMatch(/`location\.telecommuting` \|.*`tags\.workplace_type` where `workplace_type` is empty/)
    expect(section).toContain('`location.refused_points` is an internal hint')
  })

  test('is another one when a field lands elsewhere, in another form, or nowhere', () => {
    const same = withFormat((made) => made)
    expect(page).toContain(same)
    expect(withFormat((made) => ({ ...made, culture: made['summary'] }))).not.toBe(same)
    expect(withFormat((made) => ({ ...made, name: String(made['name']).toUpperCase() }))).not.toBe(same)
    expect(withFormat((made) => ({ ...made, benefits: undefined }))).not.toBe(same)
  })
})

test('no example archives jobs that are live', () => {
  const blocks = [...pages(), ...[...files].map(([path, text]) => ({ path, text }))].flatMap(({ path, text }) =>
    blocksOf(text).map((block) => ({ path, text: block.text })),
  )
  const archiving = blocks.filter(({ text }) => /archiveJobsInHrflow\(|archive_jobs_in_hrflow/.test(text))
  expect(archiving.length).toBeGreaterThan(0)
  const live =
    /archiveJobsInHrflow\([^]*?state: '(published|draft|closed)'|archive_jobs_in_hrflow[^\n]*--state[ =](published|draft|closed)/
  expect(archiving.filter(({ text }) => live.test(text)).map(({ path }) => path)).toEqual([])
  expect(files.get('docs/actions/workable/archive_jobs_in_hrflow.md')).toContain("state: 'archived'")
})

test('every action has a page, a schema and an example of every parameter', () => {
  expect(actions.length).toBeGreaterThan(0)
  for (const action of actions) {
    const page = files.get(`docs/actions/${action.own.id}/${action.id}.md`) ?? ''
    const fields = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
    const given = [...(blocksOf(page)[0]?.text ?? '').matchAll(/^ +(\w+):/gm)].map(([, name]) => name)
    expect(given.filter((name) => !/_(auth|parameters)$/.test(name ?? ''))).toEqual(fields)
    expect(files.has(`schemas/${qualifiedName(action)}.json`)).toBe(true)
  }
})

test('the schema of an action takes what the action takes, and nothing else', () => {
  const schema = z.fromJSONSchema(JSON.parse(files.get('schemas/workable.update_jobs_in_hrflow.json') ?? '') as never)
  const parameters = {
    workflow_id: 'acme-jobs',
    connector_auth: { api_access_token: 'token', subdomain: 'acme' },
    hrflow_auth: { api_secret: 'ask_', api_user: 'owner@example.com' },
    pull_parameters: { state: 'published', updated_after: 1_436_356_721 },
    push_parameters: { board_key: 'key', on_missing: 'create' },
  }
  expect(schema.safeParse(parameters).success).toBe(true)
  expect(schema.safeParse({ ...parameters, pull_parameters: { state: 'open' } }).success).toBe(false)
  expect(schema.safeParse({ ...parameters, push_parameters: { board_kye: 'key' } }).success).toBe(false)
  expect(schema.safeParse({ ...parameters, workflow_id: undefined }).success).toBe(false)
})

const json = z.record(z.string(), z.unknown())
const manifest = z.object({
  name: z.string(),
  connectors: z.array(z.looseObject({ name: z.string(), actions: z.array(json) })),
})

describe('manifest.json', () => {
  const ours = manifest.parse(JSON.parse(files.get('manifest.json') ?? ''))
  const theirs = manifest.parse(JSON.parse(golden('manifest-update-jobs.json')))
  const update = (of: typeof ours) =>
    of.connectors[0]?.actions.find(({ name }) => name === 'update_jobs_in_hrflow') ?? {}
  const keys = (value: unknown) => Object.keys(json.parse(value)).sort()

  test('has the keys of the original, of connectors, actions, schemas and workflows', () => {
    expect(keys(ours)).toEqual(['connectors', 'name'])
    expect(keys(ours.connectors[0])).toEqual(keys(theirs.connectors[0]))
    expect(keys(update(ours))).toEqual(keys(update(theirs)))
    for (const [name, value] of Object.entries(update(theirs))) {
      const own = update(ours)[name]
      if (name === 'workflow' || (typeof value === 'object' && name !== 'jsonmap'))
        expect(keys(own)).toEqual(keys(value))
      else if (name !== 'supports_incremental' && name !== 'jsonmap') expect(own).toEqual(value)
    }
  })

  test('has the settings, the names and the properties of the original', () => {
    const { workflow, ...others } = update(theirs)
    const [mine, original] = [json.parse(update(ours)['workflow']), json.parse(workflow)]
    expect(mine['settings_keys']).toEqual(original['settings_keys'])
    expect(mine['expected']).toEqual(original['expected'])
    for (const group of ['connector_auth_parameters', 'hrflow_auth_parameters', 'pull_parameters', 'push_parameters']) {
      const own = json.parse(json.parse(update(ours)[group])['properties'])
      expect(Object.keys(own)).toEqual(expect.arrayContaining(keys(json.parse(others[group])['properties'])))
    }
  })

  test('says that actions are incremental where their read is', () => {
    expect(update(ours)['supports_incremental']).toBe(true)
  })

  test('holds a program that runs the action with settings, code in place of its placeholders', async () => {
    const sandbox = await startSandbox({ workable: { jobs: 4, rate_limit: { limit: 1_000 } } })
    onTestFinished(() => sandbox.close())
    const workflow = json.parse(update(ours)['workflow'])
    const { logics } = z.looseObject({ logics: z.string() }).parse(workflow['placeholders'])
    const file = join(folder, 'workflow.mjs')
    const code = z.string().parse(workflow['pull_template']).replace(logics, 'logics = [() => null]')
    writeFileSync(file, code)
    writeFileSync(
      join(folder, 'start.mjs'),
      `import { workflow } from '${pathToFileURL(file).href}'
const result = await workflow(JSON.parse(process.argv[2]))
console.log(result.status, result.incremental, result.events.logics_discard)`,
    )
    const settings = {
      __workflow_id: 'stored',
      __incremental: 'disable',
      connector_auth_api_access_token: sandbox.workable.token,
      connector_auth_subdomain: sandbox.workable.subdomain,
      hrflow_auth_api_secret: sandbox.hrflow.api_secret,
      hrflow_auth_api_user: sandbox.hrflow.api_user,
      push_parameters_board_key: sandbox.board_key,
    }
    const { stdout } = await run(process.execPath, ['start.mjs', JSON.stringify(settings)], {
      cwd: folder,
      env: { ...process.env, ...sandbox.env },
    })
    expect(stdout).toBe('success false 4\n')
  })
})

test('every TypeScript example of the docs compiles', { timeout: 120_000 }, async () => {
  const examples = pages()
    .filter(({ path }) => !path.endsWith('adding-a-connector.md') && path !== 'CHANGELOG.md')
    .flatMap(({ path, text }) => blocksOf(text).map((block) => ({ ...block, path })))
    .filter(({ language }) => language === 'ts' || language === 'typescript')
  expect(examples.length).toBeGreaterThan(actions.length)
  const names = examples.map(({ text, path }, index) => {
    const name = `${path.replace(/\W+/g, '-')}-${index}.ts`
    writeFileSync(join(folder, name), `${text}\nexport {}\n`)
    return name
  })
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--types', 'node']
  const modules = ['--module', 'nodenext', '--moduleResolution', 'nodenext']
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [tsc, ...options, ...modules, ...names], { cwd: folder }).catch(
    (error: unknown) => error as { stdout: string },
  )
  expect(stdout).toBe('')
})
