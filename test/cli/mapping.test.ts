// What the commands say of the expressions in a workflow file, as a person starts them, against the sandbox.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ACTION, cli, sandbox, temporary } from '../support/command.js'

/** A workflow `acme` with these lines. */
function file(...lines: string[]): string {
  const path = join(temporary(), 'hrflow-connectors.yaml')
  const whole = ['workflows:', '  acme:', `    action: ${ACTION}`, ...lines.map((line) => `    ${line}`), '']
  writeFileSync(path, whole.join('\n'))
  return path
}

const fields = (...lines: string[]) => ['format:', '  fields:', ...lines.map((line) => `    ${line}`)]

const COMMANDS = ['check', 'preview', 'plan', 'run'] as const

/** All that a command says, on one line. */
async function said(command: string, path: string, env: Record<string, string>): Promise<string> {
  const { stdout, stderr } = await cli([command, 'acme', '--file', path], { env })
  return `${stdout}\n${stderr}`.replace(/\s+/g, ' ')
}

describe.each(COMMANDS)('%s warns of an expression', (command) => {
  test.each([
    [fields('tags.kind: titel'), 'format.fields.tags.kind: the item has no field titel. Did you mean title?'],
    [
      fields('tags.place: location.contry'),
      'format.fields.tags.place: the item has no field location.contry. Did you mean location.country?',
    ],
    [
      fields('tags.client: "ACME"'),
      `format.fields.tags.client: the item has no field ACME. If the text itself is meant, it stands in two pairs of quotes: '"ACME"'.`,
    ],
    [
      ['logics:', '  - if: $not(confidental = true)'],
      'logics.0.if: the item has no field confidental. Did you mean confidential?',
    ],
    [
      fields('tags.none: $map(locations, function($l) { $l.citty })'),
      'format.fields.tags.none: the expression gave nothing for',
    ],
  ])('%j', async (lines, expected) => {
    const { env } = await sandbox(3)
    expect(await said(command, file(...lines), env)).toContain(expected)
  })

  test('and of none where it is right: a field of the account, a constant, one that says null', async () => {
    const { workable, env } = await sandbox(3)
    workable.add({ erp_id: 'E1', custom: { codes: [{ titel: 'x' }] }, state: 'published' })
    const right = fields(
      'tags.erp: erp_id',
      'tags.codes: custom.codes[0].titel',
      `tags.client: '"ACME"'`,
      'tags.owner: null',
      'tags.one: 1',
      'tags.city: locations[hidden != true][0].city & "-" & $string(id)',
    )
    const text = await said(command, file(...right), env)
    expect(text).not.toContain('format.fields')
    expect(text).not.toContain('has no field')
  })
})

test('a check tries the expressions with a few items, and says so', async () => {
  const { env, workable } = await sandbox(6)
  const path = file(...fields(`tags.client: '"ACME"'`))
  expect(await said('check', path, env)).toContain('Mapping good expressions: The expressions were tried with 3 items.')
  expect(workable.requests.length).toBeLessThanOrEqual(6)
  const { code, stdout } = await cli(['check', 'acme', '--file', file(...fields('tags.client: "ACME"')), '--json'], {
    env,
  })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'warning' })
  const failing = file(...fields('tags.sum: $number(title)'))
  expect(await said('check', failing, env)).toContain(
    'warning expressions: They fail for an item. format.fields.tags.sum:',
  )
})

test('a check without an item to try says what it knows by the schema', async () => {
  const { env } = await sandbox(0)
  const path = file(...fields('name: titel', `tags.client: '"ACME"'`))
  expect(await said('check', path, env)).toContain(
    'format.fields.name: the item has no field titel. Did you mean title?',
  )
})

test('what a function of logics adds to an item is a field of it', async () => {
  const { env } = await sandbox(3)
  const path = file('logics:', '  - ./add.mjs#add', ...fields('tags.level: titel_level'))
  writeFileSync(join(path, '..', 'add.mjs'), 'export const add = (job) => ({ ...job, titel_level: 2 })\n')
  for (const command of COMMANDS) expect(await said(command, path, env)).not.toContain('has no field')
  const { stderr } = await cli(['workflows', '--file', path], { env })
  expect(stderr).toBe('')
})

test('a list of workflows, which reads no item, names what is probably misspelt alone', async () => {
  const { env } = await sandbox(1)
  const path = file(...fields('name: titel', 'tags.erp: erp_id'))
  const { stderr } = await cli(['workflows', '--file', path], { env })
  expect(stderr).toContain('workflows.acme.format.fields.name: the item has no field titel. Did you mean title?')
  expect(stderr).not.toContain('erp_id')
})

test('few items of an incremental run say nothing of an expression that gave nothing', async () => {
  const { env, workable } = await sandbox(3)
  const path = file('incremental: true', ...fields('tags.none: "title[$ = \\"no such title\\"]"', 'tags.kind: titel'))
  await said('run', path, env)
  workable.edit(workable.jobs[0]!.shortcode, { title: 'Another' })
  const text = await said('run', path, env)
  expect(text).toContain('the item has no field titel')
  expect(text).not.toContain('gave nothing')
})
