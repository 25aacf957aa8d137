import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { VERSION } from '../../src/version.js'
import { ACTION, cli, main, sandbox, until } from '../support/command.js'

const told = z.looseObject({ status: z.string(), reason: z.string(), events: z.record(z.string(), z.number()) })

test('run brings a board up to date and says what adds up', async () => {
  const { env, hrflow, board_key } = await sandbox()
  const { code, stdout, stderr } = await cli(['run', ACTION], { env })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^success in .*: update_jobs_in_hrflow$/m)
  expect(stdout).toContain('listed      12 = 12 read')
  expect(stdout).toContain('read        12 = 12 written')
  expect(stderr).toContain('12 jobs, 12 written')
  expect(hrflow.jobs(board_key).every(({ name }) => name !== 'old')).toBe(true)
})

test('--json prints the result and nothing else', async () => {
  const { env } = await sandbox()
  const { code, stdout } = await cli(['run', ACTION, '--json'], { env })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'success', reason: 'none', events: { write_success: 12 } })
})

test('no colour and no cursor movement when it is piped', async () => {
  const { env } = await sandbox()
  const { stdout, stderr } = await cli(['run', ACTION], { env })
  expect(stdout + stderr).not.toContain('\u001b')
})

test('--dry-run writes nothing', async () => {
  const { env, hrflow } = await sandbox()
  const { code, stdout } = await cli(['run', ACTION, '--dry-run'], { env })
  expect(code).toBe(0)
  expect(stdout).toContain('read        12 = 12 ready to be written (dry run)')
  expect(hrflow.requests).toEqual([])
})

test('each pull and push parameter is a flag of its name', async () => {
  const { env, workable, board_key } = await sandbox()
  const flags = [
    '--state',
    'published',
    '--updated-after',
    '2020-01-01',
    '--board-key',
    board_key,
    '--on-missing',
    'create',
  ]
  const { code } = await cli(['run', ACTION, ...flags, '--workflow-id', 'acme'], {
    env: { ...env, HRFLOW_BOARD_KEY: 'other' },
  })
  expect(code).toBe(0)
  expect(workable.requests[0]?.query).toMatchObject({ state: 'published', updated_after: '2020-01-01T00:00:00Z' })
})

describe('secrets', () => {
  test('come from a file or stdin', async () => {
    const { env } = await sandbox()
    const { WORKABLE_API_ACCESS_TOKEN, HRFLOW_API_SECRET, ...rest } = env
    const input = `# secrets\nWORKABLE_API_ACCESS_TOKEN="${String(WORKABLE_API_ACCESS_TOKEN)}"\nexport HRFLOW_API_SECRET=${String(HRFLOW_API_SECRET)}\n`
    expect((await cli(['run', ACTION, '--secrets', '-'], { env: rest, input })).code).toBe(0)
    const none = await cli(['run', ACTION], { env: rest })
    expect(none.code).toBe(2)
    expect(none.stderr).toContain('Missing: api_access_token. Set WORKABLE_API_ACCESS_TOKEN in the environment or in')
    const typo = await cli(['run', ACTION, '--secrets', '-'], { env: rest, input: 'WORKABLE_API_TOKEN=abcd' })
    expect(typo).toMatchObject({ code: 2, stdout: '' })
    expect(typo.stderr).toContain('line 1: unknown name WORKABLE_API_TOKEN')
    const missing = await cli(['run', ACTION, '--secrets', '/nowhere/secrets'], { env: rest })
    expect(missing.stderr).toContain('--secrets: /nowhere/secrets cannot be read.')
  })

  test('are not taken from flags, and are not repeated', async () => {
    const { env } = await sandbox()
    const { code, stdout, stderr } = await cli(['run', ACTION, '--api-secret', 'ask_a-secret'], { env })
    expect(code).toBe(2)
    expect(stderr).toContain('Set HRFLOW_API_SECRET, or use --secrets FILE.')
    expect(stdout + stderr).not.toContain('ask_a-secret')
  })

  test('never show, also where HrFlow repeats a wrong one', async () => {
    const { env } = await sandbox()
    const { code, stdout, stderr } = await cli(['run', ACTION], {
      env: { ...env, HRFLOW_API_SECRET: 'ask_wrong-secret' },
    })
    expect(code).toBe(1)
    expect(stdout).toContain('fatal (write failure)')
    expect(stdout).toContain('Check api_secret and api_user')
    expect(stdout + stderr).not.toContain('wrong-secret')
  })
})

test('a missing board is fatal and named', async () => {
  const { env } = await sandbox()
  const { code, stdout } = await cli(['run', ACTION, '--board-key', 'f'.repeat(40)], { env })
  expect(code).toBe(1)
  expect(stdout).toContain('board_key')
})

test('failures are listed and end with 3', async () => {
  const made = await sandbox()
  const reference = made.workable.jobs[3]!.shortcode
  made.fault({ service: 'workable', path: `/jobs/${reference}`, answer: { status: 403 } })
  const { code, stdout } = await cli(['run', ACTION], { env: made.env })
  expect(code).toBe(3)
  expect(stdout).toContain('listed      12 = 11 read + 1 failed')
  expect(stdout).toContain(`${reference} load: [workable] GET /jobs/:shortcode: 403. Check the credentials`)
})

test('a storm passes', async () => {
  const made = await sandbox()
  made.fault({ service: 'hrflow', answer: { status: 429 }, probability: 0.5, times: 8 })
  made.fault({ answer: 'close', probability: 0.2, times: 4 })
  const { code, stdout } = await cli(['run', ACTION], { env: made.env })
  expect(code).toBe(0)
  expect(stdout).toContain('repeated')
})

describe('signals', () => {
  /** A run that is held up by Workable's limit after the first jobs have been written. */
  async function heldUp(latency_ms = 0) {
    const latency = { ms: latency_ms, service: 'hrflow' as const }
    const made = await sandbox(60, { workable: { rate_limit: { limit: 20 } }, latency })
    const written = () => made.hrflow.requests.some(({ method }) => method === 'PUT')
    return { ...made, written }
  }

  test('the first drains: what was read is written, and the exit code is 130', async () => {
    const { env, written, hrflow, board_key } = await heldUp()
    const { code, stdout, stderr } = await cli(['run', ACTION, '--json'], {
      env,
      during: async (child) => {
        await until(written)
        child.kill('SIGINT')
      },
    })
    expect(code).toBe(130)
    expect(stderr).toContain('Stopping: finishing what is in flight')
    const result = told.parse(JSON.parse(stdout))
    expect(result).toMatchObject({ status: 'success_with_failures', reason: 'interrupted' })
    const onBoard = hrflow.jobs(board_key).filter(({ name }) => name !== 'old').length
    expect(result.events['write_success']).toBe(onBoard)
    expect((result.events['read_success'] ?? 0) + (result.events['read_skipped'] ?? 0)).toBe(60)
  })

  test('a later one quits at once', async () => {
    const made = await heldUp()
    made.fault({ service: 'hrflow', method: 'PUT', answer: 'hang', skip: 1 })
    const { code, stdout } = await cli(['run', ACTION, '--json'], {
      env: made.env,
      during: async (child, stderr) => {
        await until(made.written)
        child.kill('SIGTERM')
        await until(() => stderr().includes('Stopping'))
        await new Promise((resolve) => setTimeout(resolve, 600))
        child.kill('SIGINT')
      },
    })
    expect(code).toBe(130)
    expect(stdout).toBe('')
  })

  const TWICE: [string, NodeJS.Signals[], number][] = [
    ['two of a kind at once, as npx passes on what the group got', ['SIGINT', 'SIGINT'], 3],
    ['one and another within half a second, as some supervisors send', ['SIGINT', 'SIGTERM'], 300],
    ['three of a closed terminal', ['SIGHUP', 'SIGINT', 'SIGHUP'], 20],
  ]
  test.each(TWICE)('%s are one: it drains and prints its result', async (_, signals, apart_ms) => {
    // What is in flight takes longer than the signals are apart.
    const made = await heldUp(800)
    const { code, stdout } = await cli(['run', ACTION, '--json'], {
      env: made.env,
      during: async (child) => {
        await until(made.written)
        for (const signal of signals) {
          child.kill(signal)
          await new Promise((resolve) => setTimeout(resolve, apart_ms))
        }
      },
    })
    expect(code).toBe(130)
    expect(told.parse(JSON.parse(stdout))).toMatchObject({ status: 'success_with_failures', reason: 'interrupted' })
    const runs = await cli(['runs', '--json'], { env: made.env })
    expect(JSON.parse(runs.stdout)).toMatchObject([{ state: 'finished' }])
  })

  test('a parent that passes on what the whole group got anyway does not double it', async () => {
    const made = await heldUp()
    const forward = `const { spawn } = require('node:child_process')
      const child = spawn(process.execPath, process.argv.slice(1), { stdio: 'inherit' })
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
      child.on('close', (code) => process.exit(code ?? 99))`
    const words = ['-e', forward, main, 'run', ACTION, '--json']
    const parent = spawn(process.execPath, words, { env: { ...made.env, PATH: process.env['PATH'] }, detached: true })
    let stdout = ''
    parent.stdout.on('data', (text) => (stdout += String(text)))
    const ended = new Promise((resolve) => parent.on('close', resolve))
    await until(made.written)
    process.kill(-(parent.pid ?? 0), 'SIGINT')
    expect(await ended).toBe(130)
    expect(told.parse(JSON.parse(stdout))).toMatchObject({ reason: 'interrupted' })
  })
})

describe('help', () => {
  test.each([
    [['--help'], 'Exit codes: 0 success'],
    [['run', '--help'], 'workable.update_jobs_in_hrflow'],
    [['run', ACTION, '--help'], '--updated-after <value>'],
    [['actions'], 'Send updated job(s) from Workable to HrFlow.'],
    [['describe', ACTION], 'archived | closed | draft | published'],
    [['describe', 'update_jobs_in_hrflow'], 'WORKABLE_API_ACCESS_TOKEN in the environment'],
    [['--version'], VERSION],
  ])('%s', async (words, expected) => {
    const { code, stdout } = await cli(words)
    expect(code).toBe(0)
    expect(stdout).toContain(expected)
    expect(stdout.split('\n').filter((line) => line.length > 120)).toEqual([])
    if (words.includes('--help')) expect(stdout).not.toContain('--api-secret')
  })

  test('the version is that of the package', () => {
    const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    const { version } = z.looseObject({ version: z.string() }).parse(JSON.parse(file))
    expect(VERSION).toBe(version)
  })
})

describe('a word that does not exist gets the nearest one, and exit code 2', () => {
  test.each([
    [['rum'], 'Did you mean run?'],
    [['run', 'workable.update_job_in_hrflow'], 'Did you mean workable.update_jobs_in_hrflow?'],
    [['run', 'updat_jobs_in_hrflow'], 'Did you mean workable.update_jobs_in_hrflow?'],
    [['describe', 'workable.creat_jobs_in_hrflow'], 'Did you mean workable.create_jobs_in_hrflow?'],
    [['run'], 'Which workflow or action?'],
    [['run', ACTION, '--update-after', '2026-11-01'], '--updated-after'],
    [['state', 'rest'], 'Did you mean reset?'],
    [['sandbox', '--accounts', '0'], '--accounts: expected a whole number from 1 to 100.'],
    [['sandbox', '--port', '4000', '--control-port', '4000'], '--control-port: expected another port'],
    [['sandbox', '--port', 'x'], '--port: expected a whole number from 0 to 65535.'],
  ])('%s', async (words, expected) => {
    const { code, stdout, stderr } = await cli(words)
    expect(code).toBe(2)
    expect(stderr).toContain(expected)
    expect(stdout).toBe('')
  })

  test('a state that does not exist', async () => {
    const { env } = await sandbox(1)
    const { code, stdout, stderr } = await cli(['run', ACTION, '--state', 'publised'], { env })
    expect(code).toBe(2)
    expect(stdout).toContain('Did you mean published?')
    expect(stderr).toContain('Did you mean published?')
  })
})

test('sandbox serves both services until it is stopped, and prints the environment to use', async () => {
  const { code, stdout, stderr } = await cli(['sandbox', '--jobs', '5', '--limit', '1000'], {
    during: async (child, _, out) => {
      await until(() => out().includes('HRFLOW_API_URL'))
      const lines = out().matchAll(/^export (\w+)='(.*)'$/gm)
      const env = Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
      const ran = await cli(['run', ACTION, '--on-missing', 'create'], { env })
      expect(ran.stdout).toContain('read        5 = 5 written')
      child.kill('SIGINT')
    },
  })
  expect(code).toBe(0)
  expect(stdout).toContain("export WORKABLE_SUBDOMAIN='acme'")
  expect(stderr).toContain('Ctrl-C stops it.')
})

test('demo shows the main job, and that a second run writes nothing', async () => {
  const { code, stdout } = await cli(['demo'])
  expect(code).toBe(0)
  expect(stdout).toContain('announces 1000 requests per 10 s')
  expect(stdout).toContain('read        200 = 200 written')
  expect(stdout).toMatch(/skills +negotiation, added by hand +-> negotiation, added by hand/)
  expect(stdout).toContain('Nothing was written again.')
})
