// Every example as a user runs it: a process of its own, the built package by its name, the sandbox in place of the services.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { allActions } from '../../src/runtime/actions.js'
import { environmentVariables } from '../../src/runtime/environment.js'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.js'
import { main, temporary } from '../support/command.js'
import { freshDatabase } from '../support/postgres.js'
import { serve } from '../support/server.js'
import { problemsOf } from '../support/snippets.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const examples = join(root, 'examples')
const jiti = join(root, 'node_modules/jiti/lib/jiti-cli.mjs')

interface Ended {
  code: number
  stdout: string
  stderr: string
}

function run(program: string, words: string[], env: Record<string, string>, cwd = root): Promise<Ended> {
  return new Promise((resolve) => {
    const outside = { PATH: process.env['PATH'], XDG_STATE_HOME: temporary(), ...env }
    execFile(program, words, { cwd, env: outside }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, stdout, stderr })
    })
  })
}

const runExample = (name: string, env: Record<string, string>) =>
  run(process.execPath, [jiti, join(examples, name, 'index.ts')], env)

async function services(options: SandboxOptions = {}): Promise<Sandbox> {
  const made = await startSandbox({ ...options, workable: { rate_limit: { limit: 1_000 }, ...options.workable } })
  onTestFinished(() => made.close())
  return made
}

const onBoard = ({ hrflow, board_key }: Sandbox) => hrflow.jobs(board_key).map(({ reference }) => reference)
const published = ({ workable }: Sandbox) => workable.jobs.filter(({ state }) => state === 'published')
const codes = (jobs: { shortcode: string }[]) => jobs.map(({ shortcode }) => shortcode)

test('filter by department: the board has the published jobs of Engineering and no others', async () => {
  const made = await services({ workable: { jobs: 60 } })
  const { code, stdout } = await runExample('filter-by-department', made.env)
  const wanted = published(made).filter((job) => job['department'] === 'Engineering')
  expect(wanted.length).toBeGreaterThan(0)
  expect(wanted.length).toBeLessThan(published(made).length)
  expect(onBoard(made).sort()).toEqual(codes(wanted).sort())
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^success/) as string })
})

test('own format: names and tags on the board are those of the format', async () => {
  const made = await services({ workable: { jobs: 20 } })
  expect(await runExample('own-format', made.env)).toMatchObject({ code: 0 })
  expect(onBoard(made).sort()).toEqual(codes(published(made)).sort())
  for (const { title, department, shortcode } of published(made)) {
    const job = made.hrflow.job(made.board_key, shortcode)
    expect(job?.name).toBe(typeof department === 'string' ? `${title} (${department})` : title)
    const tag = { name: 'careers_page', value: `https://careers.example.com/jobs/${shortcode}` }
    expect(job?.tags).toContainEqual(expect.objectContaining(tag))
  }
  const named = made.hrflow.jobs(made.board_key).filter(({ tags }) => tags.some(({ name }) => name === 'seniority'))
  expect(named.length).toBeGreaterThan(0)
})

describe('callback', () => {
  /** A chat that keeps what is posted. */
  async function webhook(status: number): Promise<{ url: string; posted: string[] }> {
    const posted: string[] = []
    const url = await serve((request, response) => {
      let body = ''
      request.on('data', (text) => (body += String(text)))
      request.on('end', () => {
        posted.push(body)
        response.writeHead(status).end()
      })
    })
    return { posted, url }
  }

  test('posts once what was written', async () => {
    const made = await services({ workable: { jobs: 8 } })
    const { url, posted } = await webhook(200)
    const { code, stdout } = await runExample('callback', { ...made.env, WEBHOOK_URL: url })
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^success \{/) as string })
    expect(posted).toHaveLength(1)
    expect(posted[0]).toContain(`${published(made).length} jobs written to ${made.board_key}`)
    for (const { title } of published(made)) expect(posted[0]).toContain(title)
  })

  test('that is refused is counted', async () => {
    const made = await services({ workable: { jobs: 2 } })
    const { url } = await webhook(500)
    const { stdout } = await runExample('callback', { ...made.env, WEBHOOK_URL: url })
    expect(stdout).toContain('success_with_failures')
    expect(stdout).toContain('callback_failure: 1')
  })
})

test('serverless: the handler stops at its deadline, and the next call does the rest', async () => {
  const made = await services({ workable: { jobs: 300 }, latency: { ms: 300, service: 'workable' } })
  const env = { ...made.env, HRFLOW_CONNECTORS_STATE: await freshDatabase(inject('postgres_url')) }
  const answer = z.object({ status: z.string(), reason: z.string(), events: z.record(z.string(), z.number()) })
  const call = async (milliseconds: number) => {
    const event = JSON.stringify({ board_key: made.board_key })
    const words = [join(root, 'test/support/children/call-handler.js'), join(examples, 'serverless/handler.ts'), event]
    const { stdout, stderr } = await run(process.execPath, [...words, String(milliseconds)], env)
    expect(stderr).toBe('')
    return answer.parse(JSON.parse(stdout))
  }
  // The list is three pages, one after the other, so nothing can be whole before 900 ms have passed.
  const first = await call(25_000 + 800)
  expect(first).toMatchObject({ status: 'success_with_failures', reason: 'interrupted' })
  const done = onBoard(made).length
  expect(done).toBe(first.events['write_success'])
  expect(done).toBeLessThan(published(made).length)
  const second = await call(300_000)
  expect(second).toMatchObject({ status: 'success', reason: 'none' })
  expect(second.events['write_success']).toBe(published(made).length - done)
  expect(onBoard(made).sort()).toEqual(codes(published(made)).sort())
  const wrong = await run(
    process.execPath,
    [
      join(root, 'test/support/children/call-handler.js'),
      join(examples, 'serverless/handler.ts'),
      '{"board_key":"x"}',
      '60000',
    ],
    env,
  )
  expect(wrong.code).not.toBe(0)
})

test('observability: each line of the logs names the run, and each request is a span', async () => {
  const made = await services({ workable: { jobs: 3 } })
  const { code, stdout, stderr } = await runExample('observability', made.env)
  expect(code).toBe(0)
  const line = z.looseObject({ workflow_id: z.literal('acme-jobs'), connector: z.literal('workable'), msg: z.string() })
  const lines = stderr.trim().split('\n')
  expect(lines.map((text) => line.parse(JSON.parse(text)).msg)).toContain('run finished: success')
  const spans = [...stdout.matchAll(/^ {2}name: '(.*)',$/gm)].map(([, name]) => name)
  expect(spans.filter((name) => name === 'GET /jobs/:shortcode')).toHaveLength(3)
  expect(spans.at(-1)).toBe('workable.update_jobs_in_hrflow')
  expect(stdout + stderr).not.toContain(made.hrflow.api_secret)
})

describe('GitHub Actions', () => {
  const step = z.object({
    uses: z.string().optional(),
    run: z.string().optional(),
    if: z.string().optional(),
    env: z.record(z.string(), z.string()).default({}),
    with: z.looseObject({ path: z.string().optional(), key: z.string().optional() }).optional(),
  })
  const text = readFileSync(join(examples, 'github-actions/sync.yml'), 'utf8')
  const workflow = z
    .object({
      on: z.object({ schedule: z.array(z.object({ cron: z.string() })).min(1), workflow_dispatch: z.null() }),
      concurrency: z.object({ group: z.string(), 'cancel-in-progress': z.literal(false) }),
      jobs: z.object({ sync: z.looseObject({ 'timeout-minutes': z.number(), steps: z.array(step) }) }),
    })
    .loose()
    .parse(parse(text))
  const { steps } = workflow.jobs.sync
  const ours = steps.filter((known) => known.run?.includes('hrflow-connectors') === true)

  test('runs the command with variables that it knows, and secrets from the settings', () => {
    expect(ours).toHaveLength(1)
    const known = [
      'HRFLOW_CONNECTORS_STATE',
      'HRFLOW_CONNECTORS_LOG_LEVEL',
      ...allActions().flatMap((action) => environmentVariables(action).map(({ variable }) => variable)),
    ]
    for (const [name, value] of Object.entries(ours[0]!.env)) {
      expect(known).toContain(name)
      if (/TOKEN|SECRET|USER/.test(name)) expect(value).toBe(`\${{ secrets.${name} }}`)
    }
  })

  test('keeps its state from one run to the next, also after failures', () => {
    const [restore, save] = ['restore', 'save'].map((what) =>
      steps.findIndex(({ uses }) => uses?.startsWith(`actions/cache/${what}@`)),
    )
    const at = steps.indexOf(ours[0]!)
    expect([restore! >= 0, restore! < at, at < save!]).toEqual([true, true, true])
    expect(steps[save!]?.if).toBe('always()')
    expect(steps[save!]?.with?.key).toBe(steps[restore!]?.with?.key)
    expect(ours[0]!.env['HRFLOW_CONNECTORS_STATE']).toBe(`sqlite:${String(steps[save!]?.with?.path)}/state.db`)
  })

  test('its command brings the board up to date, and the next one has nothing to do', async () => {
    const made = await services({ workable: { jobs: 12 } })
    const folder = checkout('github-actions')
    const settings = Object.entries(ours[0]!.env).map(([name, value]) => [
      name,
      /\$\{\{/.test(value) ? (made.env[name] ?? '') : value,
    ])
    const env = { ...made.env, ...(Object.fromEntries(settings) as Record<string, string>) }
    const once = () => run('bash', ['-e', '-c', ours[0]!.run ?? ''], env, folder)
    expect(await once()).toMatchObject({ code: 0 })
    expect(onBoard(made).sort()).toEqual(codes(published(made)).sort())
    expect(existsSync(join(folder, '.state/state.db'))).toBe(true)
    const sent = made.hrflow.requests.length
    expect(await once()).toMatchObject({ code: 0 })
    expect(made.hrflow.requests).toHaveLength(sent)
  })
})

/** A user's repository with the files of an example, where the package is installed. */
function checkout(name: string): string {
  const folder = temporary()
  cpSync(join(examples, name), folder, { recursive: true })
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/hrflow-connectors'))
  const bin = join(folder, 'node_modules/.bin/hrflow-connectors')
  writeFileSync(bin, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 })
  return folder
}

describe('the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text)

  test('shows the first example as it is', () => {
    expect(blocks).toContain(readFileSync(join(examples, 'filter-by-department/index.ts'), 'utf8'))
  })

  test('shows TypeScript that compiles', { timeout: 60_000 }, () => {
    expect(blocks.length).toBeGreaterThan(1)
    const files = blocks.map((text, index) => ({ path: join(examples, `block-${index}.ts`), text }))
    expect(problemsOf(files)).toEqual([])
    const [{ path, text } = { path: '', text: '' }] = files
    expect(problemsOf([{ path, text: text.replace('workflow_id', 'workflowId') }]).join()).toContain('workflowId')
  })

  test('names every example, and each says what it is', () => {
    for (const name of readdirSync(examples)) {
      expect(readme).toContain(`(examples/${name})`)
      expect(readFileSync(join(examples, name, 'README.md'), 'utf8')).toMatch(/^# .+\n\n\w/)
    }
  })
})
