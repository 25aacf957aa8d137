import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Logger } from '../../src/index.js'
import { openLogger } from '../../src/telemetry/log.js'
import { ACTION, cli, sandbox } from '../support/command.js'
import { world } from '../support/world.js'

interface Line {
  level: string
  message: string
  fields: Record<string, unknown>
}

/** A logger that keeps what it is told. */
function keeping(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = []
  const at = (level: string) => (fields: Record<string, unknown>, message: string) =>
    void lines.push({ level, message, fields })
  return { lines, logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } }
}

describe('a library call', () => {
  test('tells its logger what it does, with the ids of the run on every line', async () => {
    const { sandbox, update, fillBoard } = await world({ workable: { jobs: 4 } })
    await fillBoard()
    const [good, bad] = sandbox.workable.jobs.map(({ shortcode }) => shortcode)
    sandbox.fault({ service: 'workable', path: `/jobs/${String(bad)}`, answer: { status: 403 } })
    sandbox.fault({ service: 'hrflow', answer: { status: 429 }, times: 1 })
    const { logger, lines } = keeping()
    const { run_id } = await update({ push_parameters: { board_key: sandbox.board_key } }, { logger })
    const ids = { run_id, workflow_id: 'test', connector: 'workable', action: 'update_jobs_in_hrflow' }
    for (const { fields } of lines) expect(fields).toMatchObject(ids)
    const of = (level: string) => lines.filter((line) => line.level === level).map(({ message }) => message)
    expect(of('info')).toEqual([
      'run started',
      expect.stringContaining('workable is reached at'),
      expect.stringContaining('hrflow is reached at'),
      '1 item is pending: a later run tries it again.',
      'run finished: success with failures',
    ])
    expect(of('warn').sort()).toEqual([
      'GET /job/indexing: 429',
      '[workable] GET /jobs/:shortcode: 403. Check the credentials and what they permit.',
    ])
    expect(of('error')).toEqual([])
    expect(of('debug')).toEqual(
      expect.arrayContaining([
        'lease taken',
        'GET /jobs: 200',
        'GET /jobs/:shortcode: 200',
        'GET /job/indexing: 200, attempt 2',
        'item write_unchanged',
        'lease released',
      ]),
    )
    expect(lines.find(({ message }) => message.includes('403.'))?.fields).toMatchObject({
      reference: bad,
      stage: 'load',
      code: 'http_403',
    })
    expect(lines.find(({ fields }) => fields['reference'] === good)?.fields).toMatchObject({
      outcome: 'write_unchanged',
    })
    expect(lines.at(-1)?.fields).toMatchObject({
      status: 'success_with_failures',
      events: { read_failure: 1, write_unchanged: 3 },
      requests: { target: { retried: 1 } },
    })
  })

  test('says at debug nothing of an item or of a query but references, and no secret', async () => {
    const { sandbox, parameters, update, fillBoard } = await world({ workable: { jobs: 3 } })
    await fillBoard()
    const { logger, lines } = keeping()
    const pull_parameters = { created_after: '2001-02-03T04:05:06Z' }
    const result = await update({ pull_parameters, callback: () => Promise.reject(new Error('no one')) }, { logger })
    expect(result.status).toBe('success_with_failures')
    const all = JSON.stringify(lines)
    expect(all).toContain('"no one"')
    const texts = sandbox.workable.jobs.flatMap((job) =>
      Object.values(job).filter((value) => typeof value === 'string'),
    )
    const content = texts.filter((text) => text.length > 12)
    expect(content).toContain(sandbox.workable.jobs[0]?.title)
    const { api_secret, api_user } = parameters.hrflow_auth
    const kept = [...content, '2001-02-03', sandbox.board_key, api_secret, api_user]
    for (const text of [...kept, parameters.connector_auth.api_access_token]) expect(all).not.toContain(text)
  })

  test('says why it is fatal at error, also when its parameters are refused', async () => {
    const { call } = await world({ workable: { jobs: 1 } })
    const { logger, lines } = keeping()
    await call('updateJobsInHrflow', { pull_parameters: { state: 'publised' } }, { logger })
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info'])
    expect(lines[0]).toMatchObject({
      fields: { reason: 'bad_origin_parameters', connector: 'workable' },
      message: expect.stringContaining('Did you mean published?') as string,
    })
  })

  test('says that another run has taken its workflow', async () => {
    const { runtime, update, fillBoard } = await world({ workable: { jobs: 2 } })
    await fillBoard()
    const { logger, lines } = keeping()
    const result = await update(
      { logics: [(job) => runtime.store?.resetWorkflow('test').then(() => job) ?? job] },
      { logger },
    )
    expect(result.reason).toBe('workflow_lease_lost')
    expect(lines.find(({ level }) => level === 'error')?.message).toContain('Another run has taken over workflow test.')
  })
})

describe('the command', () => {
  const line = z.looseObject({ level: z.string(), time: z.iso.datetime(), msg: z.string() })
  const logged = async (level: string | undefined, words: string[] = [], changes: Record<string, string> = {}) => {
    const { env } = await sandbox(3)
    const ended = await cli(['run', ACTION, ...words], {
      env: { ...env, HRFLOW_CONNECTORS_LOG_LEVEL: level, ...changes },
    })
    return {
      ...ended,
      lines: () =>
        ended.stderr
          .trim()
          .split('\n')
          .map((text) => line.parse(JSON.parse(text))),
    }
  }

  test.each([undefined, '', 'silent'])('logs nothing with the level %s', async (level) => {
    const { code, stderr } = await logged(level)
    expect(code).toBe(0)
    expect(stderr).toContain('3 jobs, 3 written')
    expect(stderr).not.toContain('{')
  })

  test('writes lines of JSON and nothing else to stderr, and its result to stdout', async () => {
    const { code, stdout, lines } = await logged('debug', ['--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'success' })
    expect(new Set(lines().map(({ level }) => level))).toEqual(new Set(['debug', 'info']))
    for (const said of lines()) {
      expect(said).toMatchObject({
        workflow_id: expect.stringContaining(`${ACTION}.acme.`) as string,
        connector: 'workable',
        action: 'update_jobs_in_hrflow',
      })
      expect(said).toHaveProperty('run_id')
    }
    expect(lines().at(-1)?.msg).toBe('run finished: success')
  })

  test('writes what is at its level or above', async () => {
    const { code, lines } = await logged('error', [], { HRFLOW_API_SECRET: 'ask_wrong-secret' })
    expect(code).toBe(1)
    expect(lines()).toEqual([expect.objectContaining({ level: 'error', code: 'unauthorized' })])
    expect(JSON.stringify(lines())).not.toContain('wrong-secret')
  })

  test('refuses another level, and names the nearest', async () => {
    const { code, stdout, stderr } = await logged('debg')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('HRFLOW_CONNECTORS_LOG_LEVEL: There is no log level debg. Did you mean debug?')
  })
})

test('a line of JSON shows no sign that could mislead who reads it on a terminal', async () => {
  let written = ''
  const logger = await openLogger('info', (text) => (written += text))
  logger.info({ note: 'a\u009bb\u202ec' }, 'x\u001by')
  expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  expect(JSON.parse(written)).toMatchObject({ note: 'a\u009bb\u202ec', msg: 'x\u001by' })
})
