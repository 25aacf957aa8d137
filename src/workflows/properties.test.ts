import fc from 'fast-check'
import { expect, test } from 'vitest'
import { load } from '../../test/support/workflow-folder.js'
import { hrflowJob } from '../connectors/hrflow/jobs/schema.js'
import { WorkflowFileError } from '../core/errors.js'
import { Findings } from './file/findings.js'
import { parseYaml } from './file/yaml-source.js'
import { checkExpression } from './mapping/expressions.js'
import { TargetError, targetOf } from './mapping/targets.js'

const SECRET = 'Zq9secretZq9'

const key = fc.constantFrom(
  ...['action', 'connector_auth', 'hrflow_auth', 'pull_parameters', 'push_parameters', 'incremental', 'schedule'],
  ...['full_schedule', 'heartbeat', 'notify', 'url', 'on', 'secret'],
  ...['logics', 'format', 'callback', 'fields', 'base', 'if', 'cron', 'time_zone', 'api_access_token', 'api_secret'],
  ...[
    'subdomain',
    'api_user',
    'board_key',
    'state',
    'edit',
    'conector_auth',
    'api_secrte',
    'x',
    '__proto__',
    'a.b',
    '',
  ],
)
const scalar = fc.oneof(
  fc.constantFrom(
    'workable.update_jobs_in_hrflow',
    'default',
    '* * * * *',
    '${A}',
    '${',
    '$$',
    './a.ts#b',
    'title &',
    SECRET,
  ),
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}))

/** A workflow that may have anything in the place of anything. */
const anyWorkflow = fc
  .tuple(value, value, value, value, value, value)
  .map(([connector_auth, push_parameters, logics, format, schedule, notify]) => ({
    notify,
    workflows: {
      a: { action: 'workable.update_jobs_in_hrflow', connector_auth, push_parameters, logics, format, schedule },
    },
  }))

/** Nothing but the one error, and something to read in it. */
async function isRefusedOrRead(text: string): Promise<string> {
  try {
    const file = await load(text)
    const resolving = file.workflows.flatMap((workflow) => [workflow.resolve({}), workflow.resolveHeartbeat({})])
    const refused = await Promise.all(
      [...resolving, file.resolveNotify({})].map((one) => Promise.resolve(one).catch((error: unknown) => error)),
    )
    for (const error of refused) if (error instanceof Error) expect(error).toBeInstanceOf(WorkflowFileError)
    return refused.map((error) => (error instanceof Error ? error.message : '')).join('\n')
  } catch (error) {
    expect(error).toBeInstanceOf(WorkflowFileError)
    if (!(error instanceof WorkflowFileError)) throw error
    expect(error.problems.length).toBeGreaterThan(0)
    return error.message
  }
}

test('any structure is read or refused, never by another error', { timeout: 60_000 }, async () => {
  const property = fc.asyncProperty(fc.oneof(value, anyWorkflow), async (given) => {
    await isRefusedOrRead(JSON.stringify(given))
  })
  await fc.assert(property, { numRuns: 300 })
})

test('any text is read or refused, never by another error', { timeout: 60_000 }, async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'workflows:',
      '\n',
      '  ',
      'a:',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '|',
      '>',
      '&a ',
      '*a',
      '!b ',
      '#',
      '\t',
      '? ',
      '---',
    ),
    fc.string({ maxLength: 8, unit: 'grapheme' }),
  )
  const property = fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
    await isRefusedOrRead(pieces.join(''))
  })
  await fc.assert(property, { numRuns: 500 })
})

test('a secret is in no message, whatever is wrong with the file around it', { timeout: 60_000 }, async () => {
  const lines = [
    'workflows:',
    '  a:',
    '    action: workable.update_jobs_in_hrflow',
    '    connector_auth:',
    `      api_access_token: ${SECRET}`,
    `    hrflow_auth: { api_secret: '${SECRET}', api_user: "${SECRET}" }`,
    '    push_parameters: { board_key: key, edit: merge }',
    '    incremental: true',
  ]
  const text = lines.join('\n')
  const isHidden = (said: string) => !said.includes(SECRET)
  const damage = fc.tuple(
    fc.nat(text.length),
    fc.nat(6),
    fc.constantFrom(
      '',
      ' ',
      ':',
      '\n',
      '\t',
      '"',
      "'",
      '{',
      '}',
      '[',
      ',',
      '- ',
      '#',
      '&',
      '*',
      '!',
      'x',
      '${',
      '\\',
      '|',
      '%',
    ),
  )
  const property = fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
    const damaged = damages.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), text)
    expect(isHidden(await isRefusedOrRead(damaged))).toBe(true)
  })
  await fc.assert(property, { numRuns: 2_000 })
})

test('every place is within the file', () => {
  const property = fc.property(
    fc.string({ unit: 'grapheme' }),
    fc.array(fc.string(), { maxLength: 3 }),
    (text, path) => {
      const { source } = parseYaml('a.yaml', 'a.yaml', text)
      const findings = new Findings(source)
      findings.add(path, 'wrong', { offset: 3 })
      const place = source.place(path)
      const lines = text.split('\n').length
      if (place) expect(place.line >= 1 && place.line <= lines + 1 && place.column >= 1).toBe(true)
      expect(() => findings.refuse()).toThrow(WorkflowFileError)
    },
  )
  fc.assert(property, { numRuns: 500 })
})

test('any expression and any target is taken or refused by a sentence', async () => {
  const piece = fc.constantFrom(
    'title',
    '$',
    '$sum',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '.',
    ':=',
    '"',
    '`',
    '/',
    '?',
    ':',
    '~>',
    '|',
    'function',
    '1',
    '&',
    '%',
    '@',
    '#',
    '^',
    '**',
  )
  const property = fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
    const text = pieces.join('')
    const { problems } = await checkExpression(text, ['title'])
    for (const { message, offset } of problems) {
      expect(message).toMatch(/^\S.*[.?]$/s)
      expect(offset >= 0 && offset <= text.length).toBe(true)
    }
    try {
      const made = targetOf(text, hrflowJob).set({}, null)
      expect(typeof made).toBe('object')
    } catch (error) {
      expect(error).toBeInstanceOf(TargetError)
    }
  })
  await fc.assert(property, { numRuns: 1_000 })
})
