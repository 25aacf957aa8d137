// The package as its users get it: packed, installed in an empty folder, on each Node that it supports.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startSandbox } from '../../src/sandbox/index.js'
import { installPacked, npm } from '../support/packed.js'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hrflow-connectors-'))
const installed = join(folder, 'node_modules/hrflow-connectors')
let tarball = ''

const program = `
import { Workable } from 'hrflow-connectors'
import { startSandbox } from 'hrflow-connectors/sandbox'
import { htmlToText } from 'hrflow-connectors/kit'
import { conformance } from 'hrflow-connectors/testing'

const sandbox = await startSandbox({ workable: { jobs: 5, rate_limit: { limit: 1000 } } })
const result = await Workable.updateJobsInHrflow(
  {
    workflow_id: 'package',
    connector_auth: { api_access_token: sandbox.workable.token, subdomain: sandbox.workable.subdomain },
    hrflow_auth: { api_secret: sandbox.hrflow.api_secret, api_user: sandbox.hrflow.api_user },
    push_parameters: { board_key: sandbox.board_key, on_missing: 'create' },
    logics: null,
  },
  { base_urls: { workable: sandbox.workable_url, hrflow: sandbox.hrflow_url } },
)
await sandbox.close()
console.log(result.status, result.events.write_success)
if (htmlToText('<p>text') !== 'text' || conformance.length !== 2) throw new Error('The other exports differ.')
`

/** Tells every module that is loaded; the loader thread writes to stderr by itself. */
const loader = `
import { writeSync } from 'node:fs'
export async function load(url, context, next) {
  writeSync(2, url + '\\n')
  return next(url, context)
}
`

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  tarball = await installPacked(folder)
  writeFileSync(join(folder, 'program.mjs'), program)
  writeFileSync(join(folder, 'program.ts'), program)
  writeFileSync(join(folder, 'loader.mjs'), loader)
}, 180_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('works from plain JavaScript', async () => {
  const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder })
  expect(stdout).toBe('success 5\n')
})

describe('compiles from TypeScript', () => {
  test.each([
    ['nodenext', 'nodenext'],
    ['bundler', 'esnext'],
  ])('with moduleResolution %s', { timeout: 60_000 }, async (moduleResolution, module) => {
    const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2023', '--types', 'node']
    const tsc = join(folder, 'node_modules/typescript/bin/tsc')
    const words = [tsc, ...options, '--moduleResolution', moduleResolution, '--module', module, 'program.ts']
    const { stdout } = await run(process.execPath, words, { cwd: folder })
    expect(stdout).toBe('')
  })
})

test('importing the library loads no command line, sandbox or fake', async () => {
  const register = `data:text/javascript,import { register } from 'node:module'; register('./loader.mjs', 'file://${folder}/');`
  const words = ['--import', register, '--input-type=module', '-e', "await import('hrflow-connectors')"]
  const { stderr } = await run(process.execPath, words, { cwd: folder })
  const loaded = stderr.split('\n').filter((url) => url.startsWith('file:'))
  expect(loaded.some((url) => url.includes('hrflow-connectors/dist/index.js'))).toBe(true)
  const others =
    /\/(cli|console|serve|sandbox|fake|fakes)[/.]|commander|html-to-text|\/(hono|yaml|jiti|jsonata|croner|pino|@opentelemetry)\//
  expect(loaded.filter((url) => others.test(url))).toEqual([])
})

test('the command says its help without what only a run needs', async () => {
  const register = `data:text/javascript,import { register } from 'node:module'; register('./loader.mjs', 'file://${folder}/');`
  const words = ['--import', register, join(installed, 'dist/command/main.js'), 'run', '--help']
  const { stderr } = await run(process.execPath, words, { cwd: folder })
  // One bundle in chunks, each named after what it holds most of.
  expect(stderr).toMatch(/\/dist\/command\/program-[\w-]+\.js/)
  expect(stderr).not.toMatch(
    /\/(yaml-source|jsonata|croner|pino|postgres|sqlite)-[\w-]{8}\.js|\/(jiti|@opentelemetry)\//,
  )
})

test('the manifest and the JSON Schemas are there', async () => {
  const program = `
    import manifest from 'hrflow-connectors/manifest.json' with { type: 'json' }
    import schema from 'hrflow-connectors/schemas/workable.update_jobs_in_hrflow.json' with { type: 'json' }
    console.log(manifest.connectors[0].name, schema.properties.push_parameters.required[0])`
  const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    cwd: folder,
  })
  expect(stdout).toBe('Workable board_key\n')
})

test('the command is there, and shows the demo', { timeout: 60_000 }, async () => {
  const { stdout } = await run(join(folder, 'node_modules/.bin/hrflow-connectors'), ['demo'], { cwd: folder })
  expect(stdout).toContain('Nothing was written again.')
})

test('a workflow file in TypeScript runs, with its expressions', { timeout: 60_000 }, async () => {
  const sandbox = await startSandbox({ workable: { jobs: 3, rate_limit: { limit: 1_000 } } })
  const file = `import { defineWorkflows } from 'hrflow-connectors'
    export default defineWorkflows({
      acme: {
        action: 'workable.update_jobs_in_hrflow',
        push_parameters: { on_missing: 'create' },
        logics: [(job) => job, { if: 'title' }],
        format: { fields: { name: 'title & "!"' } },
      },
    })`
  writeFileSync(join(folder, 'hrflow-connectors.ts'), file)
  const env = { ...process.env, ...sandbox.env, HRFLOW_CONNECTORS_STATE: 'memory:' }
  await run(join(folder, 'node_modules/.bin/hrflow-connectors'), ['run', 'acme'], { cwd: folder, env })
  expect(sandbox.hrflow.jobs(sandbox.board_key).map(({ name }) => name.slice(-1))).toEqual(['!', '!', '!'])
  await sandbox.close()
})

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: installed, pack: false, strict: true })
  expect(messages).toEqual([])
})

test('attw has nothing to say', { timeout: 60_000 }, async () => {
  const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
  const { stdout } = await run(process.execPath, [attw, tarball, '--profile', 'esm-only', '--no-color'], {
    cwd: folder,
  })
  // It ends with an error when it finds a problem; CommonJS is left out by the profile.
  expect(stdout).toContain('hrflow-connectors/sandbox')
})

test('a driver that was installed in part is told, and the process lives', { timeout: 120_000 }, async () => {
  // Beside the other one: from below it, what is missing would be found there.
  const place = mkdtempSync(join(tmpdir(), 'hrflow-connectors-partly-'))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  writeFileSync(join(place, 'package.json'), '{ "type": "module", "private": true }')
  await run('npm', ['install', ...npm, '--omit=optional', tarball], { cwd: place })
  const call = program.replace("workflow_id: 'package'", "workflow_id: 'package', incremental: true")
  const rest =
    'console.log(result.error.code); await new Promise((resolve) => setTimeout(resolve, 200)); console.log("alive")'
  writeFileSync(join(place, 'program.mjs'), `${call}\n${rest}`)
  const env = { ...process.env, XDG_STATE_HOME: place }
  const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: place, env })
  expect(stdout).toBe('fatal 0\nno_sqlite\nalive\n')
})

describe('on other Nodes', () => {
  // `npm run soak` tries the one between as well.
  test.each(process.env['SOAK'] === undefined ? ['24'] : ['22', '24'])(
    'Node %s: install, import, demo',
    { timeout: 180_000 },
    async (version) => {
      const place = join(folder, `node-${version}`)
      await run('npm', ['install', ...npm, '--prefix', place, `node@${version}`], { cwd: folder })
      const node = join(place, 'node_modules/node/bin/node')
      expect((await run(node, ['--version'])).stdout).toMatch(new RegExp(`^v${version}\\.`))
      expect((await run(node, ['program.mjs'], { cwd: folder })).stdout).toBe('success 5\n')
      const command = join(folder, 'node_modules/hrflow-connectors/dist/command/main.js')
      expect((await run(node, [command, 'demo'], { cwd: folder })).stdout).toContain('Nothing was written again.')
    },
  )
})
