// `check`, `plan`, `preview` and `init` as a person starts them, against the sandbox.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ACTION, cli, sandbox, temporary } from '../support/command.js'

const line = z.object({
  about: z.string(),
  what: z.string(),
  verdict: z.string(),
  said: z.string(),
  todo: z.string().optional(),
})
const checked = z.object({
  verdict: z.string(),
  checked: z.array(z.object({ workflow_id: z.string().nullable(), verdict: z.string(), checks: z.array(line) })),
})
const planned = z.looseObject({
  status: z.string(),
  plan: z.object({ items: z.array(z.looseObject({ outcome: z.string() })), totals: z.record(z.string(), z.number()) }),
})

function workflowFile(more = '', board = '${HRFLOW_BOARD_KEY}'): string {
  const file = join(temporary(), 'hrflow-connectors.yaml')
  const text = `workflows:
  acme-jobs:
    action: ${ACTION}
    connector_auth: { api_access_token: '\${WORKABLE_API_ACCESS_TOKEN}', subdomain: acme }
    hrflow_auth: { api_secret: '\${HRFLOW_API_SECRET}', api_user: owner@example.com }
    push_parameters: { board_key: '${board}' }
    incremental: true
${more}`
  writeFileSync(file, text)
  return file
}

describe('check', () => {
  test('of an action ends with 0 where all is good, and writes nothing', async () => {
    const { env, hrflow } = await sandbox()
    const { code, stdout } = await cli(['check', ACTION], { env })
    expect(code).toBe(0)
    expect(stdout).toContain('good     board_key: The board is there and can be read. Jobs on it: 12.')
    expect(stdout).toContain('state.db, version')
    expect(hrflow.requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  test('ends with 1 where something is bad, says what to do, and repeats no secret', async () => {
    const { env } = await sandbox()
    const { code, stdout, stderr } = await cli(['check', ACTION], {
      env: { ...env, HRFLOW_API_SECRET: 'ask_wrong-secret' },
    })
    expect(code).toBe(1)
    expect(stdout).toContain('bad      api_secret, api_user: They are refused (401).')
    expect(stdout).toContain('-> Check both')
    expect(stdout + stderr).not.toContain('wrong-secret')
  })

  test('says what is missing and where it belongs', async () => {
    const { env } = await sandbox()
    const { code, stdout } = await cli(['check', ACTION], {
      env: { ...env, HRFLOW_BOARD_KEY: undefined, WORKABLE_API_ACCESS_TOKEN: undefined },
    })
    expect(code).toBe(1)
    expect(stdout).toContain('-> Give --board-key or set HRFLOW_BOARD_KEY.')
    expect(stdout).toContain('-> Set WORKABLE_API_ACCESS_TOKEN in the environment or in --secrets FILE.')
  })

  test('of a server that is down says that nothing listens there', async () => {
    const { env } = await sandbox()
    const { code, stdout } = await cli(['check', ACTION], { env: { ...env, WORKABLE_API_URL: 'http://127.0.0.1:9' } })
    expect(code).toBe(1)
    expect(stdout).toContain('bad      reachable: Nothing listens there (ECONNREFUSED).')
  })

  test('--json is one document', async () => {
    const { env } = await sandbox()
    const { stdout } = await cli(['check', ACTION, '--json'], { env })
    const { verdict, checked: all } = checked.parse(JSON.parse(stdout))
    expect(verdict).toBe('warning')
    expect(all.map(({ workflow_id }) => workflow_id)).toEqual([null])
    expect(all[0]?.checks.map(({ about }) => about)).toContain('HrFlow')
  })

  test('of a file checks all its workflows, those too whose secrets are not there', async () => {
    const { env } = await sandbox()
    const broken = `  other:
    action: ${ACTION}
    connector_auth: { api_access_token: '\${NOT_SET}', subdomain: acme }
    hrflow_auth: { api_secret: '\${HRFLOW_API_SECRET}', api_user: owner@example.com }
    push_parameters: { board_key: x }
`
    const file = workflowFile(broken)
    const { code, stdout } = await cli(['check', '--file', file], { env })
    expect(code).toBe(1)
    expect(stdout).toContain('the variable NOT_SET is not set')
    expect(stdout).toContain('1 of 2 workflows cannot run: other.')
    expect((await cli(['check', 'acme-jobs', '--file', file], { env })).code).toBe(0)
    const wrong = await cli(['check', 'acme-job', '--file', file], { env })
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('Did you mean acme-jobs?')
  })
})

describe('plan', () => {
  test('of an action shows what a run would change, and sends no write', async () => {
    const made = await sandbox()
    const { code, stdout } = await cli(['plan', ACTION], { env: made.env })
    expect(code).toBe(0)
    expect(stdout).toContain('read        12 = 12 to update')
    expect(stdout).toMatch(/^ {2}name +old -> /m)
    expect(stdout).toContain('Nothing was written. A run would write 12 jobs.')
    expect(new Set(made.hrflow.requests.map(({ method }) => method))).toEqual(new Set(['GET']))
  })

  test('--limit limits the work, says so, and leaves nothing to be read again', async () => {
    const { env, workable, hrflow } = await sandbox()
    const details = () => workable.requests.filter(({ path }) => /\/jobs\/./.test(path)).length
    const { code, stdout } = await cli(['plan', ACTION, '--limit', '1'], { env })
    expect(code).toBe(0)
    expect(stdout).toContain('listed      1 = 1 read\n  read        1 = 1 to update')
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'A run would write at least 1 job. The plan is partial: --limit ended it',
    )
    expect([details(), hrflow.requests.length]).toEqual([1, 1])
    const { plan } = planned.parse(JSON.parse((await cli(['plan', ACTION, '--limit', '12', '--json'], { env })).stdout))
    expect(plan).toMatchObject({ totals: { update: 12 } })
    expect(plan).not.toHaveProperty('partial')
  })

  test('of a fresh home leaves no trace, nor do a preview and a dry run; where there is a state, what they read is kept', async () => {
    const { env, workable } = await sandbox(4)
    const words = [
      ['plan', ACTION],
      ['preview', ACTION, '--limit', '2'],
      ['run', ACTION, '--dry-run'],
    ]
    for (const some of words) expect((await cli(some, { env })).code).toBe(0)
    expect(readdirSync(env['XDG_STATE_HOME']!)).toEqual([])
    await cli(['run', 'workable.archive_jobs_in_hrflow'], { env })
    const details = () => workable.requests.filter(({ path }) => /\/jobs\/./.test(path)).length
    const before = details()
    await cli(['preview', ACTION, '--limit', '2'], { env })
    expect(details()).toBe(before + 2)
    await cli(['plan', ACTION], { env })
    expect(details()).toBe(before + 4)
    expect((await cli(['run', ACTION], { env })).stdout).toContain('read        4 = 4 written')
    expect(details()).toBe(before + 4)
  })

  test('of a workflow takes what it has delivered for unchanged, unless --full', async () => {
    const { env } = await sandbox()
    const file = workflowFile()
    const before = await cli(['plan', 'acme-jobs', '--file', file], { env })
    expect(before.stdout).toContain('12 to update')
    expect((await cli(['run', 'acme-jobs', '--file', file], { env })).code).toBe(0)
    const after = await cli(['plan', 'acme-jobs', '--file', file, '--json'], { env })
    expect(planned.parse(JSON.parse(after.stdout)).plan.totals).toMatchObject({ update: 0 })
    const full = await cli(['plan', 'acme-jobs', '--file', file, '--full'], { env })
    expect(full.stdout).toContain('Nothing was written. A run would write nothing.')
  })

  test('--json is the result with its plan', async () => {
    const { env } = await sandbox()
    const { stdout } = await cli(['plan', ACTION, '--json'], { env })
    const { status, plan } = planned.parse(JSON.parse(stdout))
    expect([status, plan.items.length, plan.totals['update']]).toEqual(['success', 12, 12])
  })

  test('of a board that does not exist ends with 1', async () => {
    const { env } = await sandbox()
    const { code, stdout } = await cli(['plan', ACTION, '--board-key', 'f'.repeat(40)], { env })
    expect(code).toBe(1)
    expect(stdout).toContain('Check push_parameters.board_key')
    expect(stdout).toContain('The plan is incomplete')
  })
})

describe('preview', () => {
  test('reads as many details as it shows, and asks HrFlow nothing', async () => {
    const made = await sandbox(30)
    const { code, stdout } = await cli(['preview', ACTION, '--limit', '2'], { env: made.env })
    expect(code).toBe(0)
    expect(stdout).toContain('1 of 2  ')
    expect(stdout).toContain('Workable\n')
    expect(stdout).toContain('HrFlow\n')
    expect(made.workable.requests.filter(({ path }) => path.startsWith('/jobs/'))).toHaveLength(2)
    expect(made.hrflow.requests).toEqual([])
  })

  test('shows the error of a mapping with the item that it fails for', async () => {
    const { env, workable } = await sandbox(3)
    const file = workflowFile('    format:\n      fields:\n        name: $number(title)\n')
    const { code, stdout } = await cli(['preview', 'acme-jobs', '--file', file, '--limit', '1'], { env })
    expect(stdout).toContain(`1 of 1  ${workable.jobs[0]!.shortcode}  failed in format`)
    expect(stdout).toContain('name')
    expect(code).toBe(1)
  })

  test('--json holds both sides of each item', async () => {
    const { env } = await sandbox(3)
    const { stdout } = await cli(['preview', ACTION, '--limit', '1', '--json'], { env })
    expect(JSON.parse(stdout)).toMatchObject({
      items: [
        {
          outcome: 'mapped',
          origin: { shortcode: expect.any(String) as string },
          target: { reference: expect.any(String) as string },
        },
      ],
      result: { status: 'success' },
    })
  })
})

describe('usage of the commands that look', () => {
  test.each([
    [['plan'], 'Which workflow or action?'],
    [['preview', ACTION, '--limit', '0'], '--limit: expected a whole number from 1 to 100000.'],
    [['plan', '--json', ACTION], 'Flags come after the action: hrflow-connectors plan ACTION --json.'],
    [['plan', ACTION, '--board-kye=x'], 'Did you mean --board-key?'],
    [['check', 'updat_jobs_in_hrflow'], 'workable.update_jobs_in_hrflow'],
    [['help', 'plan', 'update'], 'Did you mean workable.update_jobs_in_hrflow?'],
    [['plan', ACTION, '--api-secret', 'ask_x'], 'secrets are not taken from flags'],
  ])('%s', async (words, expected) => {
    const { code, stdout, stderr } = await cli(words)
    expect(stderr).toContain(expected)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe('init', () => {
  const target = () => join(temporary(), 'hrflow-connectors.yaml')

  test('writes a file from flags that run, check and plan take, without a secret in it', async () => {
    const { env } = await sandbox()
    const file = target()
    const flags = ['--schedule', '*/15 * * * *', '--time-zone', 'Europe/Paris', '--state', 'published']
    const { code, stdout } = await cli(['init', '--yes', '--file', file, ...flags], { env })
    expect(code).toBe(0)
    expect(stdout).toContain('good     board_key')
    expect(stdout).toContain(`hrflow-connectors check acme-jobs`)
    const text = readFileSync(file, 'utf8')
    expect(text.split('\n')[0]).toMatch(/^# yaml-language-server: \$schema=/)
    expect(text).toContain('api_access_token: ${WORKABLE_API_ACCESS_TOKEN}')
    expect(text).toContain('api_secret: ${HRFLOW_API_SECRET}')
    for (const secret of [env['WORKABLE_API_ACCESS_TOKEN'], env['HRFLOW_API_SECRET'], env['HRFLOW_API_USER']])
      expect(text).not.toContain(secret)
    expect((await cli(['run', 'acme-jobs', '--file', file], { env })).code).toBe(0)
  })

  test('leaves a file that is there, unless it is told what to do with it', async () => {
    const { env } = await sandbox()
    const file = workflowFile('# a comment that stays\n')
    const before = readFileSync(file, 'utf8')
    const refused = await cli(['init', '--yes', '--file', file], { env })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('is there already. --add adds the workflow to it, --overwrite replaces it.')
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect((await cli(['init', '--yes', '--file', file, '--add'], { env })).code).toBe(0)
    const after = readFileSync(file, 'utf8')
    expect(after).toContain('# a comment that stays')
    expect(after).toContain('acme-jobs-2:')
    const taken = await cli(['init', '--yes', '--file', file, '--add', '--workflow', 'acme-jobs'], { env })
    expect(taken.stderr).toContain('--workflow: the file has a workflow acme-jobs already.')
  })

  test('writes nothing where the check finds something bad, unless it is told not to look', async () => {
    const { env } = await sandbox()
    const file = target()
    const words = ['init', '--yes', '--file', file, '--board-key', 'f'.repeat(40)]
    const { code, stdout } = await cli(words, { env })
    expect(code).toBe(1)
    expect(stdout).toContain('bad      board_key')
    expect(stdout).toContain('Nothing was written.')
    expect(existsSync(file)).toBe(false)
    expect((await cli([...words, '--no-check'], { env })).code).toBe(0)
    expect(existsSync(file)).toBe(true)
  })

  test.each([
    [['--api-secret-variable', 'ask_0000'], '--api-secret-variable: expected the name of a variable in capitals'],
    [['--board-key', 'ask_0000'], '--board-key: this looks like a secret'],
    [['--state', 'publised'], 'Did you mean published?'],
    [['--schedule', '* *'], '--schedule: expected five fields'],
    [
      ['--schedule', '* * * * *', '--time-zone', 'Europe/Pari'],
      '--time-zone: there is no such time zone. Did you mean Europe/Paris?',
    ],
    [['--action', 'workable.archive_jobs_in_hrflow', '--on-missing', 'create'], '--on-missing is no parameter of'],
    [['--workflow', 'a b'], '--workflow: expected letters'],
    [['--subdomain', 'a/b'], '--subdomain: expected the name of the account'],
  ])('refuses %s', async (flags, expected) => {
    const { env } = await sandbox(1)
    const file = target()
    const { code, stderr } = await cli(['init', '--yes', '--no-check', '--file', file, ...flags], { env })
    expect(stderr).toContain(expected)
    expect(stderr).not.toContain('ask_0000')
    expect(code).toBe(2)
    expect(existsSync(file)).toBe(false)
  })

  test('takes a secret from a file beside the workflow file, wherever the command is run', async () => {
    const { env } = await sandbox()
    const file = target()
    mkdirSync(join(dirname(file), 'secrets'))
    writeFileSync(join(dirname(file), 'secrets/acme'), `${env['WORKABLE_API_ACCESS_TOKEN']}\n`)
    const flags = ['--api-access-token-variable', '${file:./secrets/acme}']
    const made = await cli(['init', '--yes', '--file', file, ...flags], { env })
    expect(made).toMatchObject({ code: 0 })
    expect(readFileSync(file, 'utf8')).toContain('api_access_token: ${file:./secrets/acme}')
    const unset = { WORKABLE_API_ACCESS_TOKEN: undefined }
    expect((await cli(['run', 'acme-jobs', '--file', file], { env: { ...env, ...unset } })).code).toBe(0)
    const missing = ['--api-access-token-variable', '${file:./secrets/other}']
    const refused = await cli(['init', '--yes', '--overwrite', '--file', file, ...missing], { env })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('--api-access-token-variable: the file ./secrets/other cannot be read (ENOENT).')
  })

  test('proposes what a first workflow wants: published jobs, and those added that the board lacks', async () => {
    const { env } = await sandbox()
    const file = target()
    expect((await cli(['init', '--yes', '--file', file], { env })).code).toBe(0)
    const text = readFileSync(file, 'utf8')
    expect(text).toContain('state: published')
    expect(text).toContain('on_missing: create')
    expect(text).not.toContain('edit:')
    const archive = target()
    const words = ['init', '--yes', '--file', archive, '--action', 'workable.archive_jobs_in_hrflow']
    expect((await cli(words, { env })).code).toBe(0)
    expect(readFileSync(archive, 'utf8')).not.toContain('state:')
  })

  test('understands the address of an account, and refuses a user who is no email', async () => {
    const { env } = await sandbox()
    const file = target()
    const { code } = await cli(['init', '--yes', '--file', file, '--subdomain', 'https://acme.workable.com/jobs'], {
      env,
    })
    expect(code).toBe(0)
    const refused = await cli(['init', '--yes', '--file', target(), '--api-user', 'not-an-email'], { env })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('--api-user: expected the email of a user')
  })

  test('says all that is missing at once', async () => {
    const { code, stderr } = await cli(['init', '--yes', '--file', target()])
    expect(code).toBe(2)
    expect(stderr).toContain('Missing: --subdomain, or WORKABLE_SUBDOMAIN in the environment.')
    expect(stderr).toContain('Missing: --board-key, or HRFLOW_BOARD_KEY in the environment.')
  })
})
