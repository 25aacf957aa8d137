import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ACTION, cli, main, sandbox, temporary, until } from '../support/command.js'

const UPDATE = [`action: ${ACTION}`, 'push_parameters: { on_missing: create }']
const told = z.looseObject({ status: z.string(), reason: z.string(), incremental: z.boolean() })
const all = z.object({ results: z.record(z.string(), told) })

/** A workflow file, by workflow the lines of each; its path. */
function file(workflows: Record<string, string[]>): string {
  const path = join(temporary(), 'hrflow-connectors.yaml')
  const lines = Object.entries(workflows).flatMap(([id, inside]) => [
    `  ${id}:`,
    ...inside.map((line) => `    ${line}`),
  ])
  writeFileSync(path, ['workflows:', ...lines, ''].join('\n'))
  return path
}

describe('run WORKFLOW', () => {
  test('runs it as the file says, incremental runs included', async () => {
    const { env, hrflow, board_key } = await sandbox()
    const path = file({ acme: [...UPDATE, 'incremental: true', 'format: { fields: { name: title & "!" } }'] })
    const words = ['run', 'acme', '--file', path]
    const { code, stdout, stderr } = await cli(words, { env })
    expect(code).toBe(0)
    expect(stdout).toContain('read        12 = 12 written')
    expect(stderr).toContain('12 jobs, 12 written')
    expect(hrflow.jobs(board_key).every(({ name }) => name.endsWith('!'))).toBe(true)
    const second = told.parse(JSON.parse((await cli([...words, '--json'], { env })).stdout))
    expect(second).toMatchObject({ workflow_id: 'acme', incremental: true, events: { read_success: 0 } })
    const full = told.parse(JSON.parse((await cli([...words, '--json', '--full'], { env })).stdout))
    expect(full).toMatchObject({ incremental: false, events: { read_success: 12, write_unchanged: 12 } })
  })

  test('--dry-run writes nothing', async () => {
    const { env, hrflow } = await sandbox()
    const { code, stdout } = await cli(['run', 'acme', '--dry-run', '--file', file({ acme: UPDATE })], { env })
    expect(code).toBe(0)
    expect(stdout).toContain('12 ready to be written (dry run)')
    expect(hrflow.requests).toEqual([])
  })

  test('finds the file in the working directory, also one in TypeScript', async () => {
    const { env } = await sandbox(2)
    const cwd = temporary()
    const program = `import { defineWorkflows } from 'hrflow-connectors'
      export default defineWorkflows({ acme: { action: '${ACTION}', logics: [(job) => (job.title ? job : null)] } })`
    writeFileSync(join(cwd, 'hrflow-connectors.ts'), program)
    const child = spawn(process.execPath, [main, 'run', 'acme'], { cwd, env: { ...env } })
    let stdout = ''
    child.stdout.on('data', (text) => (stdout += String(text)))
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
    expect(stdout).toContain('read        2 = 2 written')
  })

  test('secrets come from the variables of the file, and never show', async () => {
    const { env } = await sandbox()
    const path = file({ acme: [...UPDATE, "hrflow_auth: { api_secret: '${MINE}' }"] })
    const { code, stdout, stderr } = await cli(['run', 'acme', '--file', path], {
      env: { ...env, HRFLOW_API_SECRET: undefined, MINE: 'ask_wrong-secret' },
    })
    expect(code).toBe(1)
    expect(stdout).toContain('fatal (write failure)')
    expect(stderr).toContain('Check api_secret and api_user')
    expect(stdout + stderr).not.toContain('wrong-secret')
  })

  test('a secret of the file that a function says to stderr through an error is redacted', async () => {
    const { env } = await sandbox()
    const path = file({ acme: [...UPDATE, "hrflow_auth: { api_secret: '${MINE}' }", 'callback: ./says.mjs#says'] })
    writeFileSync(join(path, '../says.mjs'), 'export const says = () => { throw new Error(process.env.MINE) }')
    const { HRFLOW_API_SECRET: secret, ...rest } = env
    const { code, stdout, stderr } = await cli(['run', 'acme', '--file', path], {
      env: { ...rest, MINE: String(secret) },
    })
    expect(code).toBe(3)
    expect(stdout).toContain('callback: ***')
    expect(stdout + stderr).not.toContain(String(secret))
  })

  test('a secret that is written out is warned of', async () => {
    const { env } = await sandbox(1)
    const path = file({
      acme: [...UPDATE, `connector_auth: { api_access_token: ${String(env['WORKABLE_API_ACCESS_TOKEN'])} }`],
    })
    const { code, stdout, stderr } = await cli(['run', 'acme', '--file', path, '--json'], { env })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'success' })
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      'warning: ' + path + ':5:41: workflows.acme.connector_auth.api_access_token: a secret is written out.',
    )
    expect(stderr).not.toContain(env['WORKABLE_API_ACCESS_TOKEN'])
  })
})

describe('a function that misbehaves', () => {
  test('and lets a promise fail that nobody awaits: that is said without its secret, and the run goes on', async () => {
    const { env, workable } = await sandbox(2)
    const path = file({ acme: [...UPDATE, 'logics: [./stray.ts#stray]'] })
    const stray = `export const stray = (job) => {
      Promise.reject(new Error('with ' + process.env.WORKABLE_API_ACCESS_TOKEN))
      return job
    }`
    writeFileSync(join(dirname(path), 'stray.ts'), stray)
    const { code, stdout, stderr } = await cli(['run', 'acme', '--file', path, '--json'], { env })
    expect(code).toBe(3)
    expect(told.parse(JSON.parse(stdout))).toMatchObject({ status: 'success', events: { write_success: 2 } })
    expect(stderr).toContain('A promise failed that no function awaits: with ***.')
    expect(stdout + stderr).not.toContain(workable.token)
  })

  test('and does so with the last item of a run: that is said likewise, and once for all items', async () => {
    const { env } = await sandbox(20)
    const path = file({ acme: [...UPDATE, 'logics: [./stray.mjs#stray]'] })
    const stray = "export const stray = (job) => { Promise.reject(new Error('stray')); return job }"
    writeFileSync(join(dirname(path), 'stray.mjs'), stray)
    const words = ['run', 'acme', '--dry-run', '--file', path]
    const { code, stderr } = await cli(words, { env: { ...env, HRFLOW_CONNECTORS_STATE: 'memory:' } })
    expect(code).toBe(3)
    expect(stderr.match(/no function awaits: stray\.$/gm)).toHaveLength(1)
    expect(stderr).not.toMatch(/^ {4}at /m)
  })

  test('and never returns: a dry run waits for it too, until it is stopped', async () => {
    const { env } = await sandbox(2)
    const path = file({ acme: [...UPDATE, 'logics: [./never.ts#never]'] })
    writeFileSync(
      join(dirname(path), 'never.ts'),
      "export const never = () => { console.error('waiting'); return new Promise(() => {}) }",
    )
    const { code } = await cli(['run', 'acme', '--dry-run', '--file', path], {
      env,
      async during(child, stderr) {
        await until(() => stderr().includes('waiting'))
        child.kill('SIGINT')
        await until(() => stderr().includes('Stopping'))
        await new Promise((resolve) => setTimeout(resolve, 600))
        child.kill('SIGINT')
      },
    })
    expect(code).toBe(130)
  })

  test.each([
    ['rejects', "export default Promise.reject(new Error('no file'))"],
    ['throws when it is read', "export default { get acme() { throw new Error('no file') } }"],
    [
      'throws when its names are asked for',
      'export default new Proxy({}, { ownKeys() { throw new Error("no file") } })',
    ],
  ])('a workflow file that %s cannot be loaded', async (_, text) => {
    const path = join(temporary(), 'workflows.mjs')
    writeFileSync(path, text)
    const { code, stderr } = await cli(['workflows', '--file', path])
    expect(code).toBe(2)
    expect(stderr).toMatch(/cannot be loaded: no file\.\n$/)
    expect(stderr).not.toContain('    at ')
  })

  test.each(['mjs', 'ts'])('a workflow file that needs a module that is not there is told: .%s', async (extension) => {
    const path = join(temporary(), `workflows.${extension}`)
    writeFileSync(join(dirname(path), 'half.cjs'), "require('a-module-that-is-not-there')")
    writeFileSync(path, "import half from './half.cjs'\nexport default { acme: half }")
    const { code, stderr } = await cli(['workflows', '--file', path])
    expect(code).toBe(2)
    expect(stderr).toContain("cannot be loaded: Cannot find module 'a-module-that-is-not-there'")
    expect(stderr).not.toContain('    at ')
  })
})

describe('run --all', () => {
  test('runs all, one after another, and --json is one document by name', async () => {
    const { env, hrflow, board_key } = await sandbox(6)
    const path = file({ first: UPDATE, second: [...UPDATE, 'format: { fields: { name: title & "2" } }'] })
    const { code, stdout, stderr } = await cli(['run', '--all', '--json', '--file', path], { env })
    expect(code).toBe(0)
    const { results } = all.parse(JSON.parse(stdout))
    expect(Object.keys(results)).toEqual(['first', 'second'])
    expect(results['second']).toMatchObject({ workflow_id: 'second', events: { write_success: 6 } })
    expect(stderr).toMatch(/^Running first\n[^]*^first: 6 jobs, 6 written [^]*^Running second\n[^]*^second: 6 jobs/m)
    expect(hrflow.jobs(board_key).every(({ name }) => name.endsWith('2'))).toBe(true)
  })

  test('the worst of all decides the exit code, and the others run all the same', async () => {
    const { env } = await sandbox(6)
    const failing = [...UPDATE, 'format: { fields: { name: $number(title) } }', 'incremental: true']
    const fatal = [`action: ${ACTION}`, `push_parameters: { board_key: ${'f'.repeat(40)} }`]
    const run = async (workflows: Record<string, string[]>) =>
      cli(['run', '--all', '--file', file(workflows)], { env: { ...env, XDG_STATE_HOME: temporary() } })
    expect((await run({ failing, good: UPDATE })).code).toBe(3)
    const { code, stdout } = await run({ fatal, failing, good: UPDATE })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^fatal\nfatal \(write failure\)[^]*^failing\nsuccess with failures[^]*^good\nsuccess in/m)
  })

  test('nothing runs when one of them cannot', async () => {
    const { env, workable } = await sandbox(2)
    const path = file({ good: UPDATE, bad: [...UPDATE, "connector_auth: { subdomain: '${NOWHERE}' }"] })
    const { code, stdout, stderr } = await cli(['run', '--all', '--json', '--file', path], { env })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('workflows.bad.connector_auth.subdomain: the variable NOWHERE')
    expect(stderr).toContain(
      "\n  8 |     connector_auth: { subdomain: '${NOWHERE}' }\n    |                                  ^\n",
    )
    expect(workable.requests).toEqual([])
    expect((await cli(['run', 'good', '--file', path], { env })).code).toBe(0)
  })

  test('an interrupt ends the whole: what is left is named and not run', async () => {
    const made = await sandbox(60, { workable: { rate_limit: { limit: 20 } } })
    const { code, stdout, stderr } = await cli(
      ['run', '--all', '--json', '--file', file({ first: UPDATE, second: UPDATE })],
      {
        env: made.env,
        during: async (child) => {
          await until(() => made.hrflow.requests.some(({ method }) => method === 'PUT'))
          child.kill('SIGINT')
        },
      },
    )
    expect(code).toBe(130)
    const { results } = all.parse(JSON.parse(stdout))
    expect(Object.keys(results)).toEqual(['first'])
    expect(results['first']).toMatchObject({ reason: 'interrupted' })
    expect(stderr).toContain('warning: Not run: second.')
  })
})

describe('workflows', () => {
  test('lists what there is and when it runs next', async () => {
    const path = file({
      acme: [`action: ${ACTION}`, 'incremental: true', "schedule: { cron: '0 3 * * *', time_zone: Europe/Paris }"],
      other: ['action: workable.create_jobs_in_hrflow'],
    })
    const { code, stdout } = await cli(['workflows', '--file', path])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      // By the clock that the schedule names, wherever this is.
      /^acme +workable\.update_jobs_in_hrflow +yes +0 3 \* \* \* Europe\/Paris +\d{4}-\d\d-\d\d 03:00:00$/m,
    )
    expect(stdout).toMatch(/^other +workable\.create_jobs_in_hrflow +no +- +-$/m)
    const { workflows } = z
      .object({ workflows: z.array(z.looseObject({ next_run: z.string().nullable() })) })
      .parse(JSON.parse((await cli(['workflows', '--file', path, '--json'])).stdout))
    expect(workflows).toMatchObject([
      { id: 'acme', action: ACTION, incremental: true, schedule: { cron: '0 3 * * *', time_zone: 'Europe/Paris' } },
      { id: 'other', incremental: false, schedule: null, next_run: null },
    ])
    const next = new Date(String(workflows[0]!.next_run))
    expect(next.toLocaleTimeString('en-GB', { timeZone: 'Europe/Paris' })).toBe('03:00:00')
  })
})

describe('what is wrong ends with 2 and one sentence', () => {
  const path = () => file({ 'acme-jobs': UPDATE })
  test.each([
    [['run', 'acme-job'], 'There is no workflow or action acme-job. Did you mean acme-jobs? Workflows: acme-jobs.'],
    [['run', 'updat_jobs_in_hrflow'], `Did you mean ${ACTION}? Workflows: acme-jobs.`],
    [['run'], 'Which workflow or action?'],
    [['run', 'acme-jobs', '--all'], 'Name a workflow or say --all, not both.'],
    [['run', 'acme-jobs', '--dryrun'], 'There is no flag --dryrun. Did you mean --dry-run?'],
    [
      ['run', 'acme-jobs', '--board-key', 'a'],
      '--board-key is a flag of actions. The parameters of a workflow stand in its file.',
    ],
  ])('%s', async (words, expected) => {
    const { code, stdout, stderr } = await cli([...words, '--file', path()])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.replace(/\s+/g, ' ')).toContain(expected)
  })

  test('a flag before an action is refused, and does not become a real run', async () => {
    const { env, workable } = await sandbox(1)
    for (const flags of [['--dry-run'], ['--full'], ['--json'], ['--file', path()]]) {
      const { code, stderr } = await cli(['run', ...flags, ACTION], { env })
      expect(code).toBe(2)
      expect(stderr).toContain(`Flags come after the action: hrflow-connectors run ACTION ${flags[0]!}.`)
    }
    expect(workable.requests).toEqual([])
  })

  test('without a file a name can only be an action', async () => {
    const cwd = temporary()
    const child = spawn(process.execPath, [main, 'run', 'acme'], { cwd, env: {} })
    let stderr = ''
    child.stderr.on('data', (text) => (stderr += String(text)))
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(2)
    expect(stderr.replace(/\s+/g, ' ')).toMatch(
      /There is no action acme\. Actions: .* There is no workflow file in .*: no hrflow-connectors\.yaml, .* --file PATH names another\./,
    )
  })
})
