// What runs side by side with others: their output, their hold of a workflow, their accounts.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { columnsOf } from '../../src/cli/output/width.js'
import { ACTION, cli, command, main, sandbox, temporary, until } from '../support/command.js'

const UPDATE = [`action: ${ACTION}`, 'push_parameters: { on_missing: create }']
const told = z.looseObject({ status: z.string(), reason: z.string(), started_at: z.string(), finished_at: z.string() })
const all = z.object({ results: z.record(z.string(), told) })

/** A workflow file, by workflow the lines of each, beside other files; its path. */
function file(workflows: Record<string, string[]>, others: Record<string, string> = {}): string {
  const path = join(temporary(), 'hrflow-connectors.yaml')
  const lines = Object.entries(workflows).flatMap(([id, inside]) => [
    `  ${id}:`,
    ...inside.map((line) => `    ${line}`),
  ])
  writeFileSync(path, ['workflows:', ...lines, ''].join('\n'))
  for (const [name, text] of Object.entries(others)) writeFileSync(join(dirname(path), name), text)
  return path
}

const NOISE = `import fs, { writeSync } from 'node:fs'
  import { stdout } from 'node:process'
  console.log('NOISE while it is imported')
  stdout.write('NOISE of a stream that was imported\\n')
  setTimeout(() => console.log('NOISE later'), 1_200)
  export const logic = (job) => {
    console.log('NOISE', job.shortcode)
    console.info('NOISE')
    console.table([{ NOISE: 1 }])
    process.stdout.write('NOISE\\n')
    writeSync(1, 'NOISE of a descriptor\\n')
    fs.appendFileSync(process.stdout.fd, 'NOISE\\n')
    fs.write(1, 'NOISE\\n', () => undefined)
    return job
  }
  export const format = (job) => {
    console.log('NOISE')
    return { reference: job.shortcode, name: job.title }
  }
  export const callback = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    console.log('NOISE at the end')
  }`

function noisy(name = 'noise.mjs'): string {
  const own = [`logics: ['./${name}#logic']`, `format: './${name}#format'`, `callback: './${name}#callback'`]
  return file({ acme: [...UPDATE, ...own] }, { [name]: NOISE })
}

describe("what a user's code writes to stdout reaches stderr", () => {
  test.each([
    ['run', 'acme'],
    ['run', '--all'],
    ['run', 'acme', '--dry-run'],
    ['plan', 'acme'],
    ['preview', 'acme'],
    ['check', 'acme'],
  ])('%s %s %s: with --json stdout is one document', async (...words) => {
    const { env } = await sandbox(3)
    const { code, stdout, stderr } = await cli([...words, '--json', '--file', noisy()], { env })
    expect(code).toBe(0)
    expect(() => z.looseObject({}).parse(JSON.parse(stdout))).not.toThrow()
    expect(stdout).not.toContain('NOISE')
    expect(stderr).toContain('NOISE while it is imported')
    expect(stderr).toContain('NOISE later')
  })

  test('without --json too, and from TypeScript', async () => {
    const { env } = await sandbox(3)
    const { code, stdout, stderr } = await cli(['run', 'acme', '--file', noisy('noise.ts')], { env })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^success in /)
    expect(stdout).not.toContain('NOISE')
    expect(stderr).toContain('NOISE of a descriptor')
    expect(stderr).toContain('NOISE at the end')
  })

  test('a workflow file in JavaScript that logs does not spoil the list of its workflows', async () => {
    const path = join(temporary(), 'workflows.mjs')
    writeFileSync(path, `console.log('NOISE')\nexport default { acme: { action: '${ACTION}' } }`)
    const { stdout, stderr } = await cli(['workflows', '--json', '--file', path])
    expect(JSON.parse(stdout)).toMatchObject({ workflows: [{ id: 'acme' }] })
    expect(stderr).toContain('NOISE')
  })

  test('where stdout is a file, it holds the document alone', async () => {
    const { env } = await sandbox(3)
    const path = noisy()
    const out = join(dirname(path), 'out.json')
    const words = ['-c', `"${process.execPath}" "${main}" run acme --json --file "${path}" > "${out}" 2> /dev/null`]
    const shell = spawn('sh', words, { env })
    expect(await new Promise((resolve) => shell.on('close', resolve))).toBe(0)
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ status: 'success' })
  })
})

describe('a pipe', () => {
  test('that is read slowly gets a large document whole', async () => {
    const { env } = await sandbox(150)
    const { child, ended } = command(['preview', ACTION, '--limit', '150', '--json'], env)
    child.stdout.pause()
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    child.stdout.resume()
    const { code, stdout } = await ended
    expect(code).toBe(0)
    expect(stdout.length).toBeGreaterThan(1_000_000)
    expect(z.object({ items: z.array(z.unknown()) }).parse(JSON.parse(stdout)).items).toHaveLength(150)
  })

  test('whose reader has seen enough ends quietly, with the exit code of the run', async () => {
    const { env } = await sandbox(150)
    const { child, ended } = command(['preview', ACTION, '--limit', '150', '--json'], env)
    child.stdout.once('data', () => child.stdout.destroy())
    const { code, stderr } = await ended
    expect(code).toBe(0)
    expect(stderr).not.toMatch(/EPIPE|^ {4}at /m)
  })
})

describe('--wait', () => {
  /** A run of `acme` whose callback takes as long as it is told to. */
  async function busy(SLOW_MS = '20000') {
    const made = await sandbox(6)
    const slow = "export const slow = () => new Promise((done) => setTimeout(done, Number(process.env.SLOW_MS ?? '0')))"
    const path = file({ acme: [...UPDATE, 'callback: ./slow.mjs#slow'] }, { 'slow.mjs': slow })
    const first = command(['run', 'acme', '--file', path], { ...made.env, SLOW_MS })
    onTestFinished(() => void first.child.kill('SIGKILL'))
    await until(() => made.hrflow.requests.some(({ method }) => method === 'PUT'))
    return { ...made, path, first }
  }

  test('waits for the run that holds the workflow, then runs; without it, or too short, the exit code is 4', async () => {
    const { env, path, first } = await busy('12000')
    const waiting = cli(['run', '--wait', 'acme', '--json', '--file', path], { env })
    const without = await cli(['run', 'acme', '--json', '--file', path], { env })
    expect(without.code).toBe(4)
    expect(told.parse(JSON.parse(without.stdout))).toMatchObject({
      status: 'fatal',
      reason: 'workflow_already_running',
    })
    expect(without.stderr).toMatch(/error: Workflow acme is already running: process \d+ on .*, since /)
    const short = await cli(['run', 'acme', '--wait', '1s', '--file', path], { env })
    expect(short.code).toBe(4)
    expect(short.stderr).toMatch(/^Waiting for acme, at most 1 s: process \d+ on .* runs it, since /m)
    expect((await first.ended).code).toBe(0)
    const { code, stdout, stderr } = await waiting
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'success', events: { write_unchanged: 6 } })
    expect(stderr.match(/Waiting for acme, at most 1 h/g)).toHaveLength(1)
  })

  test('goes on at once when the run it waits for is killed', async () => {
    const { env, path, first } = await busy()
    // It takes no hold of the workflow, so it waits for nobody.
    expect((await cli(['run', 'acme', '--wait', '5m', '--dry-run', '--file', path], { env })).code).toBe(0)
    const real = command(['run', 'acme', '--wait', '5m', '--json', '--file', path], env)
    await until(() => real.said.stderr.includes('Waiting for acme'))
    first.child.kill('SIGKILL')
    const { code, stdout } = await real.ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'success' })
  })

  test('is ended by a signal: nothing was run', async () => {
    const { env, path, first, workable } = await busy()
    const waiting = command(['run', 'acme', '--wait', '--json', '--file', path], env)
    await until(() => waiting.said.stderr.includes('Waiting for acme'))
    const before = workable.requests.length
    waiting.child.kill('SIGTERM')
    const { code, stdout } = await waiting.ended
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ reason: 'interrupted', error: null })
    expect(workable.requests).toHaveLength(before)
    expect(first.child.exitCode).toBe(null)
  })

  test('of an action run by flags', async () => {
    const { env } = await sandbox(2)
    expect((await cli(['run', ACTION, '--wait', '--json'], { env })).code).toBe(0)
    const { code, stderr } = await cli(['run', ACTION, '--wait', '5'], { env })
    expect(code).toBe(2)
    expect(stderr).toContain('--wait: expected a time as 30s, 5m or 2h')
    const early = await cli(['run', '--wait', ACTION], { env })
    expect(early.stderr).toContain('Flags come after the action: hrflow-connectors run ACTION --wait.')
  })

  test('with --all a workflow that is running elsewhere ends with 4, unless another one failed', async () => {
    const { env, path } = await busy()
    const other = [...UPDATE, 'pull_parameters: { state: published }']
    const failing = [...other, 'format: { fields: { name: $number(title) } }', 'incremental: true']
    const run = (workflows: Record<string, string[]>) =>
      cli(['run', '--all', '--file', file({ acme: UPDATE, ...workflows })], { env })
    expect((await run({ other })).code).toBe(4)
    expect((await run({ failing })).code).toBe(3)
    expect((await cli(['run', 'acme', '--file', path], { env })).code).toBe(4)
  })
})

describe('run --all', () => {
  /** Two accounts, each with a sandbox of its own behind one address; the second has the wrong board where it is said. */
  async function twoAccounts(limit = 20) {
    const one = await sandbox(30, { workable: { rate_limit: { limit } } })
    const of = (subdomain: string) => [...UPDATE, `connector_auth: { subdomain: ${subdomain} }`]
    return { one, of }
  }

  test('runs accounts side by side, and the workflows of one account one after another', async () => {
    const { one, of } = await twoAccounts(1_000)
    const path = file(
      {
        first: of('acme'),
        second: [...of('acme'), 'pull_parameters: { state: published }'],
        other: [...of('other'), "format: './slow.mjs#slow'"],
      },
      {
        'slow.mjs': 'export const slow = () => new Promise((r) => setTimeout(r, 3_000, { reference: "X", name: "x" }))',
      },
    )
    const { code, stdout, stderr } = await cli(['run', '--all', '--json', '--file', path], { env: one.env })
    const { results } = all.parse(JSON.parse(stdout))
    // The sandbox has no such account.
    expect(code).toBe(1)
    expect(Object.keys(results)).toEqual(['first', 'second', 'other'])
    expect(results['other']).toMatchObject({ status: 'fatal' })
    expect(results['first']!.finished_at <= results['second']!.started_at).toBe(true)
    expect(results['other']!.started_at < results['first']!.finished_at).toBe(true)
    expect(results['second']).toMatchObject({ status: 'success' })
    expect(stderr).toMatch(/^error: other: /m)
  })

  test('--concurrency 1 is one after another, and is checked', async () => {
    const { one, of } = await twoAccounts(1_000)
    const path = file({ first: of('acme'), other: of('other'), third: of('acme') })
    const { stdout } = await cli(['run', '--all', '--concurrency', '1', '--json', '--file', path], { env: one.env })
    const { results } = all.parse(JSON.parse(stdout))
    expect(results['third']!.finished_at <= results['other']!.started_at).toBe(true)
    for (const words of [
      ['--all', '--concurrency', '0'],
      ['--all', '--concurrency', 'x'],
      ['first', '--concurrency', '2'],
    ]) {
      const { code, stderr } = await cli(['run', ...words, '--file', path], { env: one.env })
      expect(code).toBe(2)
      expect(stderr).toContain('--concurrency')
    }
  })
})

describe('the id of a workflow that is run by flags', () => {
  const run = async (env: Record<string, string | undefined>, ...more: string[]) =>
    z
      .looseObject({ workflow_id: z.string(), incremental_token: z.string().nullable() })
      .parse(JSON.parse((await cli(['run', ACTION, '--json', '--incremental', ...more], { env })).stdout))

  test('names action, account and board: each account and board has a state of its own', async () => {
    const { env, board_key, workable } = await sandbox(2)
    const first = await run(env)
    expect(first.workflow_id).toMatch(/^workable\.update_jobs_in_hrflow\.acme\.[0-9a-f]{8}$/)
    expect(first.workflow_id).not.toContain(workable.token)
    expect(first.workflow_id).not.toContain(board_key.slice(0, 8))
    expect((await run({ ...env, WORKABLE_SUBDOMAIN: 'ACME' })).workflow_id).toBe(first.workflow_id)
    expect((await run(env, '--state', 'published')).workflow_id).toBe(first.workflow_id)
    const others = [await run({ ...env, WORKABLE_SUBDOMAIN: 'other' }), await run(env, '--board-key', 'f'.repeat(40))]
    const ids = [first, ...others].map(({ workflow_id }) => workflow_id)
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(id).toMatch(/^[a-z0-9_.-]{1,120}$/)
  })

  test('is the one of earlier versions where that has kept the state of this account and board', async () => {
    const { env } = await sandbox(2)
    await run(env, '--workflow-id', ACTION)
    expect((await run(env)).workflow_id).toBe(ACTION)
    expect((await run(env, '--board-key', 'f'.repeat(40))).workflow_id).toMatch(/\.acme\.[0-9a-f]{8}$/)
  })
})

describe('what a person reads of failures', () => {
  const FAILING = `export const logic = (job) => {
      return job.nothing.here
    }`

  test('failures that are alike are one line with three of them; --json keeps each', async () => {
    const { env } = await sandbox(33)
    const path = file(
      { acme: [...UPDATE, 'logics: [./wrong.mjs#logic]', 'incremental: true'] },
      { 'wrong.mjs': FAILING },
    )
    const { code, stdout } = await cli(['run', 'acme', '--file', path], { env })
    expect(code).toBe(3)
    expect(stdout.match(/Cannot read properties/g)).toHaveLength(1)
    const line =
      /^ {2}33 times logics: Cannot read properties of undefined .* \(at wrong\.mjs:2:\d+\) \(\w+, \w+, \w+ and 30 more\)$/m
    expect(stdout).toMatch(line)
    const again = await cli(['run', 'acme', '--json', '--full', '--file', path], { env })
    const { failures } = z
      .object({ failures: z.array(z.looseObject({ at: z.string() })) })
      .parse(JSON.parse(again.stdout))
    expect(failures).toHaveLength(33)
    const [newest] = z
      .array(z.object({ run_id: z.string() }))
      .parse(JSON.parse((await cli(['runs', '--json'], { env })).stdout))
    expect((await cli(['runs', newest!.run_id], { env })).stdout).toMatch(line)
  })

  test('the place is that of the TypeScript, and the stack is in the logs', async () => {
    const { env } = await sandbox(2)
    const typed = `interface Job { shortcode: string }
      type Unused = string

      export const logic = async (job: Job): Promise<Job> => {
        await Promise.resolve()
        throw new RangeError('no ' + job.shortcode)
      }`
    const path = file({ acme: [...UPDATE, 'logics: [./wrong.ts#logic]', 'incremental: true'] }, { 'wrong.ts': typed })
    const logs = { HRFLOW_CONNECTORS_LOG_LEVEL: 'debug' }
    const { stdout, stderr } = await cli(['run', 'acme', '--file', path], { env: { ...env, ...logs } })
    expect(stdout).toMatch(/^ {2}2 times logics: no \w+ \(at wrong\.ts:6:\d+\)/m)
    expect(stderr).toMatch(/"stack":"RangeError: no \w+\\n +at logic \(/)
  })

  test('where both outputs are one pipe, nothing is said twice; where they are two, each has the failures once', async () => {
    const { env } = await sandbox(3)
    const path = file({ acme: [...UPDATE, 'logics: [./wrong.mjs#logic]'] }, { 'wrong.mjs': FAILING })
    const shell = spawn('sh', ['-c', `"${process.execPath}" "${main}" run acme --file "${path}" 2>&1 | cat`], { env })
    let both = ''
    shell.stdout.on('data', (text) => (both += String(text)))
    await new Promise((resolve) => shell.on('close', resolve))
    for (const said of [/Cannot read properties/g, /Every item failed/g, /workable is reached/g])
      expect(both.match(said)).toHaveLength(1)
    const { stdout, stderr } = await cli(['run', 'acme', '--file', path], { env })
    for (const said of [/Cannot read properties/g, /Every item failed/g]) {
      expect(stdout.match(said)).toHaveLength(1)
      expect(stderr.match(said)).toHaveLength(1)
    }
    // A note that was said at the start is not said again.
    expect((stdout + stderr).match(/workable is reached/g)).toHaveLength(1)
  })

  test('an interrupted run without a failure is not said to have failures', async () => {
    const made = await sandbox(60, { workable: { rate_limit: { limit: 20 } } })
    const { code, stdout } = await cli(['run', ACTION], {
      env: made.env,
      during: async (child) => {
        await until(() => made.hrflow.requests.some(({ method }) => method === 'PUT'))
        child.kill('SIGINT')
      },
    })
    expect(code).toBe(130)
    expect(stdout).toMatch(/^interrupted in /)
    for (const words of [['runs'], ['state']]) {
      const listed = await cli(words, { env: made.env })
      expect(listed.stdout).toMatch(/ interrupted /)
      expect(listed.stdout).not.toContain('failures (')
    }
  })
})

describe('a terminal', () => {
  /** The lines of a command on a terminal of so many columns, without colours and what was drawn over. */
  async function screen(columns: number, words: string[], env: Record<string, string | undefined>): Promise<string[]> {
    const quoted = [process.execPath, main, ...words].map((word) => `'${word}'`).join(' ')
    const line = `stty cols ${columns} rows 50; ${quoted}`
    const child = spawn('script', ['-qec', line, '/dev/null'], { env: { PATH: process.env['PATH'], ...env } })
    child.stdin.end()
    let text = ''
    child.stdout.on('data', (more) => (text += String(more)))
    await new Promise((resolve) => child.on('close', resolve))
    return text
      .replace(/\u001b\[\d+m/g, '')
      .split(/\r?\n|\r?\u001b\[2K/)
      .map((said) => said.replaceAll('\r', ''))
  }

  test.each([80, 60, 40])('of %i columns is not overrun, and no word is broken', async (columns) => {
    const { env } = await sandbox(3)
    const path = file(
      { acme: [...UPDATE, 'logics: [./wrong.mjs#logic]'], other: UPDATE },
      {
        'wrong.mjs': "export const logic = () => { throw new Error('この文は長い command line '.repeat(9)) }",
      },
    )
    for (const words of [
      ['actions'],
      ['describe', ACTION],
      ['run', '--help'],
      ['sandbox', '--help'],
      ['run', 'acme', '--file', path],
      ['run', '--all', '--dry-run', '--file', path],
      ['plan', ACTION, '--limit', '1'],
      ['runs'],
      ['pending'],
    ]) {
      const lines = await screen(columns, words, env)
      expect(lines.length).toBeGreaterThan(1)
      expect(lines.filter((said) => columnsOf(said) > columns)).toEqual([])
    }
  })
})

test('why a run is fatal is said once, not again as what could not be listed', async () => {
  const { env } = await sandbox(2)
  const wrong = { env: { ...env, WORKABLE_API_ACCESS_TOKEN: 'wrong' } }
  const { code, stdout } = await cli(['run', ACTION], wrong)
  expect([code, stdout.match(/GET \/jobs: 401/g)]).toEqual([1, ['GET /jobs: 401']])
  expect(stdout).toContain('not listed  1 page or entry that could not be listed')
  expect(stdout).not.toContain('Failures')
  const { failures } = z
    .object({ failures: z.array(z.unknown()) })
    .parse(JSON.parse((await cli(['run', ACTION, '--json'], wrong)).stdout))
  expect(failures).toHaveLength(1)
})

describe('what lists has --json', () => {
  test.each([[['actions']], [['describe', ACTION]], [['runs']], [['pending']], [['state']]])('%s', async (words) => {
    const { env } = await sandbox(1)
    await cli(['run', ACTION], { env })
    const { code, stdout } = await cli([...words, '--json'], { env })
    expect(code).toBe(0)
    expect(() => JSON.parse(stdout) as unknown).not.toThrow()
  })

  test('describe names each parameter, its flag and its variable', async () => {
    const { stdout } = await cli(['describe', 'update_jobs_in_hrflow', '--json'])
    const { name, parameters } = z
      .object({ name: z.string(), parameters: z.array(z.looseObject({ name: z.string() })) })
      .parse(JSON.parse(stdout))
    expect(name).toBe(ACTION)
    const of = (wanted: string) => parameters.find((known) => known.name === wanted)
    expect(of('api_secret')).toMatchObject({
      group: 'hrflow_auth',
      secret: true,
      flag: null,
      variable: 'HRFLOW_API_SECRET',
    })
    expect(of('updated_after')).toMatchObject({ group: 'pull_parameters', flag: '--updated-after', variable: null })
    expect(of('persist')).toMatchObject({ flag: '--dry-run', default: true })
    const { stdout: list } = await cli(['actions', '--json'])
    expect(JSON.parse(list)).toMatchObject({ actions: [{ mode: 'create' }, { name: ACTION }, { mode: 'archive' }] })
  })
})
