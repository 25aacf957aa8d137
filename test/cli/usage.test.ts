import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { ProgressLine } from '../../src/cli/output/progress.js'
import { summarise } from '../../src/cli/output/summary.js'
import { printable, wrap } from '../../src/cli/terminal.js'
import { emptyCounters } from '../../src/core/result/counters.js'
import type { ItemOutcome } from '../../src/core/result/outcome.js'
import type { RunResult } from '../../src/core/result/result.js'
import { ACTION, cli, main, sandbox, temporary, until } from '../support/command.js'

const SECRET = 'ask_not-to-be-seen'

describe('usage errors', () => {
  test.each([
    [['run', ACTION, '--board-kye=abc'], 'There is no flag --board-kye. Did you mean --board-key?'],
    [['run', ACTION, '--dry-run=true'], '--dry-run takes no value.'],
    [['run', '--dry-run', ACTION], 'Flags come after the action: hrflow-connectors run ACTION --dry-run.'],
    [['--json', 'runs'], 'Flags come after the command: hrflow-connectors COMMAND --json.'],
    [['run', 'update'], 'Did you mean workable.update_jobs_in_hrflow?'],
    [['run', 'update_jobs'], 'Did you mean workable.update_jobs_in_hrflow?'],
    [['help', 'foo'], 'There is no command foo.'],
    [['help', 'rums'], 'There is no command rums. Did you mean runs?'],
    [['help', 'run', 'update'], 'Did you mean workable.update_jobs_in_hrflow?'],
    [['sandbox', '--jobs', '1000001'], '--jobs: expected a whole number from 0 to 1000000.'],
  ])('%s', async (words, expected) => {
    const { code, stdout, stderr } = await cli(words)
    expect(stderr).toContain(expected)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test.each([
    [['run', ACTION, `--api-secrte=${SECRET}`]],
    [['run', ACTION, `--${SECRET}`]],
    [['run', ACTION, SECRET]],
    [['run', SECRET]],
    [[`HRFLOW_API_SECRET=${SECRET}`]],
    [['help', SECRET]],
    [['describe', SECRET]],
    [['runs', SECRET]],
  ])('repeat nothing that may be a secret: %s', async (words) => {
    const { code, stdout, stderr } = await cli(words)
    expect(code).toBe(2)
    expect(stdout + stderr).not.toContain('not-to-be-seen')
  })

  test('repeat no secret of the environment, wherever it was typed', async () => {
    const env = { WORKABLE_API_ACCESS_TOKEN: 'plain-looking-token' }
    const { code, stderr } = await cli(['plain-looking-token'], { env })
    expect(code).toBe(2)
    expect(stderr).toContain('There is no command ***.')
  })

  test('repeat no word after a flag of help', async () => {
    const env = { WORKABLE_API_ACCESS_TOKEN: 'plain-looking-token' }
    for (const flag of ['--help', '-h']) {
      const { code, stdout, stderr } = await cli([flag, 'plain-looking-token'], { env })
      expect({ code, stdout: stdout.split('\n')[0], stderr }).toEqual({
        code: 0,
        stdout: 'Usage: hrflow-connectors [options] [command]',
        stderr: '',
      })
      expect(stdout).not.toContain('plain-looking-token')
    }
  })

  test('let no control character through', async () => {
    const { stderr } = await cli(['run', 'a\u001b[2Jb\u009bc'])
    expect(stderr).toContain('There is no action a\ufffd[2Jb\ufffdc.')
  })

  test('name the variable and the flag of what is missing', async () => {
    const { code, stdout, stderr } = await cli(['run', ACTION])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.split('\n')).toEqual([
      'error: Missing: api_access_token. Set WORKABLE_API_ACCESS_TOKEN in the environment or in --secrets FILE.',
      'Missing: subdomain. Give --subdomain or set WORKABLE_SUBDOMAIN.',
      'Missing: api_secret. Set HRFLOW_API_SECRET in the environment or in --secrets FILE.',
      'Missing: api_user. Give --api-user or set HRFLOW_API_USER.',
      'Missing: board_key. Give --board-key or set HRFLOW_BOARD_KEY.',
      '',
    ])
  })

  test('leave the result document as it is with --json', async () => {
    const { env } = await sandbox(1)
    const { code, stdout, stderr } = await cli(['run', ACTION, '--json'], { env: { ...env, HRFLOW_BOARD_KEY: '' } })
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'fatal', reason: 'bad_target_parameters' })
    expect(stderr).toContain('Missing: board_key. Give --board-key or set HRFLOW_BOARD_KEY.')
  })
})

describe('what is imported', () => {
  /** Bytes of the command's files that one command line brings, as V8's coverage lists them. */
  async function bytesFor(words: string[]): Promise<number> {
    const folder = temporary()
    await cli(words, { env: { NODE_V8_COVERAGE: folder } })
    const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
    const urls = texts.flatMap((text) => scripts.parse(JSON.parse(text)).result.map(({ url }) => url))
    const ours = urls.filter((url) => url.startsWith(pathToFileURL(dirname(main)).href))
    return ours.reduce((sum, url) => sum + statSync(fileURLToPath(url)).size, 0)
  }
  const scripts = z.object({ result: z.array(z.object({ url: z.string() })) })

  test('for the help of all is the parser of command lines alone', async () => {
    const help = await bytesFor(['--help'])
    expect(help).toBeGreaterThan(100_000)
    // With the connectors it is a multiple.
    expect(help).toBeLessThan(200_000)
    expect(await bytesFor(['actions'])).toBeGreaterThan(400_000)
  })
})

describe('a file of secrets', () => {
  const run = async (lines: string) => {
    const { env } = await sandbox(1)
    const file = join(temporary(), 'secrets')
    writeFileSync(file, lines)
    return cli(['run', ACTION, '--secrets', file], { env: { ...env, HRFLOW_BOARD_KEY: '' } })
  }

  test('may hold the board', async () => {
    const { code, stdout } = await run(`HRFLOW_BOARD_KEY=${'f'.repeat(40)}\n`)
    expect(code).toBe(1)
    expect(stdout).toContain('fatal (write failure)')
  })

  test('holds no address', async () => {
    const { code, stderr } = await run('WORKABLE_API_URL=https://x.example\n')
    expect(code).toBe(2)
    expect(stderr).toContain('line 1: WORKABLE_API_URL is no secret: set it in the environment.')
  })
})

describe('an output that goes away', () => {
  test('does not end a run, nor change its exit code', async () => {
    const { env, hrflow, board_key } = await sandbox(12, { latency: { ms: 20 } })
    const { code } = await cli(['run', ACTION], {
      env,
      during: async (child) => {
        child.stdout?.destroy()
        child.stderr?.destroy()
        await until(() => child.exitCode !== null)
      },
    })
    expect(code).toBe(0)
    expect(hrflow.jobs(board_key).every(({ name }) => name !== 'old')).toBe(true)
  })

  test.skipIf(process.platform !== 'linux')('is one sentence when the result cannot be written', async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [main, 'actions'], { stdio: ['ignore', full, 'pipe'] })
    closeSync(full)
    let stderr = ''
    child.stderr?.on('data', (text) => (stderr += String(text)))
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(stderr).toMatch(/^error: cannot write the result: .*ENOSPC.*\n$/)
    expect(code).toBe(1)
  })

  test('a terminal that is closed drains the run', async () => {
    const made = await sandbox(60, { workable: { rate_limit: { limit: 20 } } })
    const { code, stderr } = await cli(['run', ACTION], {
      env: made.env,
      during: async (child) => {
        await until(() => made.hrflow.requests.some(({ method }) => method === 'PUT'))
        child.kill('SIGHUP')
      },
    })
    expect(stderr).toContain('Stopping: finishing what is in flight')
    expect(code).toBe(130)
  })
})

test('a fatal error is on stderr too when the result is for a program, and once otherwise', async () => {
  const { env } = await sandbox(1)
  const words = ['run', ACTION, '--board-key', 'f'.repeat(40)]
  for (const flags of [[], ['--json']]) {
    const { code, stdout, stderr } = await cli([...words, ...flags], { env })
    expect(code).toBe(1)
    expect(stdout).toContain('board')
    expect(stderr.match(/^error: .*board_key/gm)).toHaveLength(1)
  }
})

test('a note that was said at the start is not said again', async () => {
  const { env } = await sandbox(1)
  const { stdout, stderr } = await cli(['run', ACTION], { env })
  expect((stdout + stderr).match(/workable is reached at/g)).toHaveLength(1)
})

test('a base URL is refused for its own reason, naming its variable', async () => {
  const { env } = await sandbox(1)
  const reasons = {
    'http://api.example/v1': 'it must begin with https://',
    'https://me:pass@api.example/v1': 'it must not hold a user or a password',
    'https://api.example/v1?a=b': 'it must not hold a query or a fragment',
  }
  for (const [url, reason] of Object.entries(reasons)) {
    const { code, stdout } = await cli(['run', ACTION], { env: { ...env, HRFLOW_API_URL: url } })
    expect(code).toBe(2)
    expect(stdout).toContain(`[hrflow] The base URL cannot be used: ${reason}`)
    expect(stdout).toContain('Correct HRFLOW_API_URL in the environment')
  }
})

describe('the help of an action', () => {
  test('has examples that can be copied, and says what is required and what is not', async () => {
    const { stdout } = await cli(['help', 'run', 'update_jobs_in_hrflow'])
    expect(stdout).toBe((await cli(['run', ACTION, '--help'])).stdout)
    expect(stdout).toContain(`  hrflow-connectors run ${ACTION} \\\n    --board-key KEY --dry-run\n`)
    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toContain('HrFlow.ai board key (required; or HRFLOW_BOARD_KEY)')
    expect(text).toContain('(merge, replace; default: merge)')
    expect(text).toContain('(default: ACTION.ACCOUNT.BOARD)')
    expect(text).toContain('The secrets, WORKABLE_API_ACCESS_TOKEN and HRFLOW_API_SECRET, come from')
    expect(stdout.split('\n').filter((line) => line.length >= 80 && line.startsWith('  hrflow'))).toEqual([])
  })

  test('describe requires nothing that a command line cannot give', async () => {
    const { stdout } = await cli(['describe', ACTION])
    expect(stdout).toContain(`workflow_id  string, default ACTION.ACCOUNT.BOARD on the command line\n`)
    expect(stdout).toContain('logics  array | null\n')
    expect(stdout).toContain('board_key  string required\n')
  })

  test('describe says of functions where they are given, a workflow file among the places', async () => {
    const { stdout } = await cli(['describe', ACTION])
    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toContain('in a workflow file conditions (if: EXPRESSION) and functions (./file.ts#name)')
    expect(text).toContain('in a workflow file a mapping (base, fields) or a function (./file.ts#name)')
    expect(text).toContain('in a workflow file a function (./file.ts#name), in the library a function')
    expect(text).not.toContain('library only')
  })
})

describe('what a person reads', () => {
  const output = (columns: number) => {
    const written: string[] = []
    return { written, isTTY: true, columns, write: (text: string) => written.push(text) }
  }

  test('text of others has no control characters', () => {
    expect(printable('a\tb\r\nc\u0007\u009b31m\u202ed')).toBe('a b c\ufffd\ufffd31m\ufffdd')
    expect(wrap('  one two  ', 4, ' ')).toBe('one\n two')
  })

  test('the live line fits the terminal, however narrow, and counts what a dry run has ready', async () => {
    const narrow = output(20)
    const progress = new ProgressLine(narrow, { entity: 'job' })
    const outcomes: ItemOutcome[] = ['previewed', 'previewed', 'read_skipped']
    for (const outcome of outcomes) progress.see({ type: 'item', run_id: 'r', outcome, reference: 'R' })
    await until(() => narrow.written.length > 0)
    progress.end()
    expect(narrow.written[0]).toBe('3 jobs, 2 ready, 1 ')
    expect(narrow.written.at(-1)).toBe('\r\u001b[2K')
  })

  test('a run that nothing comes from says so after a minute', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const piped = { ...output(80), isTTY: false }
    const progress = new ProgressLine(piped, { entity: 'job' })
    vi.advanceTimersByTime(59_000)
    expect(piped.written.join('')).not.toContain('not answered')
    vi.advanceTimersByTime(12_000)
    expect(piped.written.at(-1)).toContain('a service or a function has not answered for 70 s')
    progress.see({ type: 'item', run_id: 'r', outcome: 'previewed', reference: 'R' })
    vi.advanceTimersByTime(10_000)
    expect(piped.written.at(-1)).not.toContain('not answered')
    progress.end()
  })

  test('failures are indented, cut to ten and say where the others are', () => {
    const failures = Array.from({ length: 12 }, (_, index) => ({
      reference: `R${index}\u001b[2J`,
      stage: 'write' as const,
      code: 'c',
      message: `${'went wrong '.repeat(9)}${index}`,
      attempts: 1,
    }))
    const result: RunResult = {
      ...{ status: 'success_with_failures', reason: 'none', run_id: 'r', workflow_id: 'w', action: 'a' },
      ...{ incremental: false, incremental_token: null, error: null, notes: ['N\u0007'], failures },
      events: { ...emptyCounters(), read_success: 12, write_failure: 12 },
      started_at: '2026-11-24T00:00:00.000Z',
      finished_at: '2026-11-24T00:00:01.000Z',
      requests: {
        origin: { sent: 1, retried: 0, waited_ms: 0 },
        target: { sent: 1, retried: 0, waited_ms: 0 },
      },
    }
    const text = summarise(result, output(60), { NO_COLOR: '1' }, { more: '; --json lists the first 100' })
    expect(text).toMatch(/^ {2}R0\ufffd\[2J write: went wrong/m)
    expect(text).toMatch(/^ {4}went wrong/m)
    expect(text).toContain('\n  and 2 more; --json lists the first 100\n')
    expect(text.split('\n').filter((line) => line.length > 60)).toEqual([])
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })
})
