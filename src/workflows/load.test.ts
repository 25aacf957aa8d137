import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folder, load, refusal, workflow } from '../../test/support/workflow-folder.js'
import { hashOf } from '../core/state/scope.js'
import { loadWorkflows } from './index.js'

const UPDATE = 'workable.update_jobs_in_hrflow'
const ACTIONS = `workable.create_jobs_in_hrflow, ${UPDATE}, workable.archive_jobs_in_hrflow`
const KEYS =
  'action, connector_auth, hrflow_auth, pull_parameters, push_parameters, incremental, schedule, full_schedule, heartbeat, logics, format, callback'

/** The sentences alone, without the lines that are shown below each. */
async function sentences(text: string, files: Record<string, string> = {}): Promise<string[]> {
  const said = await refusal(load(text, files))
  return said
    .split('\n')
    .filter((line) => !line.startsWith('  '))
    .map((line) => line.replace('hrflow-connectors.yaml:', ''))
}

test('a file that is right says what there is, and nothing else', async () => {
  const text = workflow(
    'connector_auth: { api_access_token: "${TOKEN}", subdomain: acme }',
    'pull_parameters: { state: published, updated_after: 2026-11-01 }',
    'push_parameters: { board_key: key }',
    'incremental: true',
    'schedule: { cron: "*/15 * * * *", time_zone: Europe/Paris }',
    'logics:',
    '  - if: department = "Sales"',
    'format:',
    '  fields:',
    '    name: title',
  )
  const { workflows, warnings, path } = await load(text)
  expect(warnings).toEqual([])
  expect(path).toMatch(/hrflow-connectors\.yaml$/)
  expect(workflows).toMatchObject([
    { id: 'acme', incremental: true, schedule: { cron: '*/15 * * * *', time_zone: 'Europe/Paris' } },
  ])
  expect(workflows[0]?.action.id).toBe('update_jobs_in_hrflow')
})

test('every problem is told at once, in the order of the file, with the line and a mark', async () => {
  const text = workflow('incremental: yes', 'pull_parameters: { stat: published, max_id: 5 }')
  expect(await refusal(load(text)))
    .toBe(`hrflow-connectors.yaml:4:18: workflows.acme.incremental: expected boolean, received string.
  4 |     incremental: yes
    |                  ^
hrflow-connectors.yaml:5:24: workflows.acme.pull_parameters.stat: unknown parameter. Did you mean state?
  5 |     pull_parameters: { stat: *********, max_id: 5 }
    |                        ^
hrflow-connectors.yaml:5:49: workflows.acme.pull_parameters.max_id: expected string, received number. Put it in quotes.
  5 |     pull_parameters: { stat: *********, max_id: 5 }
    |                                                 ^`)
})

test('the error holds the problems for programs', async () => {
  const error = await load(workflow('incremental: yes')).catch((thrown: unknown) => thrown)
  const message = 'workflows.acme.incremental: expected boolean, received string.'
  expect(error).toMatchObject({ code: 'bad_workflow_file', problems: [{ message, line: 4, column: 18 }] })
})

describe('a file that is not YAML, or not a map', () => {
  const begin = 'It begins with workflows: and the name of a workflow below.'
  test.each([
    ['', `1:1: the file is empty. ${begin}`],
    ['# nothing yet\n', `1:1: the file is empty. ${begin}`],
    ['- a\n', '1:1: expected a map that begins with workflows:, not a list.'],
    ['only text\n', '1:1: expected a map that begins with workflows:, not a single value.'],
    ['{}\n', '1:1: workflows: expected a map of workflows by name.'],
    ['workflows:\n', '1:1: workflows: expected a map of workflows by name.'],
    ['workflows:\n  - a\n', '2:3: workflows: expected a map of workflows by name, not a list.'],
    ['workflows: { a: 1 }\n', `1:17: workflows.a: expected a map of ${KEYS}.`],
    ['workflows:\n\tacme: 1\n', '2:1: a tab cannot indent. Use blanks.'],
    ['workflows:\n  a:\n    action: x\n    action: y\n', '4:5: this key is there already. Each may be given once.'],
    ['workflows:\n  a: 1\n b: 2\n', '3:1: the indentation does not fit the lines before, or a bracket is not closed.'],
    ['workflows: { a: 1\n', '2:1: the indentation does not fit the lines before, or a bracket is not closed.'],
    [
      'workflows: "a\n',
      '2:1: something is missing: a colon after a key, a closing quote or bracket, or a blank after a colon.',
    ],
    ['workflows: @a\n', '1:12: a value cannot begin with this sign. Put it in quotes.'],
    [
      'workflows: a: b\n',
      '1:12: a value that holds ": ", or a map that begins on the line of its key. Put the value in quotes.',
    ],
    ['workflows: "\\q"\n', '1:13: there is no such escape in double quotes. Single quotes take a backslash as it is.'],
    ['workflows: {}\n---\na: 1\n', '2:1: a second document begins. A workflow file is one.'],
    ['? [a]\n: 1\n', '1:3: a key must be a plain name.'],
    ['workflows: !secret x\n', '1:20: tags are not supported. Remove the word that begins with an exclamation mark.'],
  ])('%j', async (text, expected) => {
    expect(await sentences(text)).toEqual([expected])
  })

  const anchors =
    'anchors and aliases are not supported. Write the value out; what several workflows share can stand in a variable: ${NAME}.'
  test('anchors and aliases', async () => {
    const text = 'workflows:\n  a: &a\n    action: x\n  b: *a\n'
    expect(await sentences(text)).toEqual([`3:5: ${anchors}`, `4:6: ${anchors}`])
  })

  test('a variable without quotes within braces gets the reason', async () => {
    const text = workflow('connector_auth: { api_access_token: ${TOKEN}, subdomain: acme }')
    expect(await sentences(text)).toEqual(['4:42: this is not expected here. Within { } and [ ] put ${...} in quotes.'])
  })

  test.each(['[', '{a: ', '- ', '? '])('a file that is nested without end: %j', async (sign) => {
    expect(await sentences(`workflows:\n  ${sign.repeat(20_000)}`)).toEqual(['1:1: the file is nested too deeply.'])
  })
})

describe('a workflow', () => {
  test.each([
    ['incremental: yes', '4:18: workflows.acme.incremental: expected boolean, received string.'],
    ['incrementl: true', '4:5: workflows.acme.incrementl: unknown key. Did you mean incremental?'],
    ['when: now', `4:5: workflows.acme.when: unknown key. Known: ${KEYS}.`],
    [
      'state: published',
      '4:5: workflows.acme.state: unknown key. In a workflow it belongs under pull_parameters. The place where state is kept is named by HRFLOW_CONNECTORS_STATE.',
    ],
    ['board_key: b', '4:5: workflows.acme.board_key: unknown key. In a workflow it belongs under push_parameters.'],
    ['constructor: { a: 1 }', `4:5: workflows.acme.constructor: unknown key. Known: ${KEYS}.`],
    ['logics: [{ if: }]', '4:16: workflows.acme.logics.0.if: expected an expression, as a text.'],
    [
      'schedule: ${CRON}',
      '4:15: workflows.acme.schedule: expected five fields: minute, hour, day of the month, month, day of the week; variables are not read here.',
    ],
    ['workflow_id: a', '4:5: workflows.acme.workflow_id: the name of the workflow is its workflow_id.'],
    ['persist: false', '4:5: workflows.acme.persist: a dry run is asked for when it is run: run WORKFLOW --dry-run.'],
    ['push_parameters: key', '4:22: workflows.acme.push_parameters: expected a map of parameters and values.'],
    ['connector_auth: [a]', '4:21: workflows.acme.connector_auth: expected a map of parameters and values.'],
    [
      'push_parameters: { edit: mrege }',
      '4:30: workflows.acme.push_parameters.edit: expected one of merge, replace. Did you mean merge?',
    ],
    [
      'push_parameters: { enrich_with_parsing: true }',
      '4:24: workflows.acme.push_parameters.enrich_with_parsing: unknown parameter. Known: board_key, edit, on_missing, on_left.',
    ],
    [
      'hrflow_auth: { api_user: 12 }',
      '4:30: workflows.acme.hrflow_auth.api_user: expected string, received number. Put it in quotes.',
    ],
    [
      'pull_parameters: { created_after: 1700000000000 }',
      '4:39: workflows.acme.pull_parameters.created_after: expected Unix seconds, this looks like milliseconds: divide by 1000.',
    ],
    [
      'logics: ./a.ts#b',
      expect.stringContaining('4:13: workflows.acme.logics: expected a list, each entry of which is a function'),
    ],
    [
      'logics: [1]',
      expect.stringContaining('4:14: workflows.acme.logics.0: expected a function as ./functions.ts#name or'),
    ],
    ['logics: [a]', '4:14: workflows.acme.logics.0: expected a file and what it exports, as ./functions.ts#name.'],
    [
      'logics: [{ iff: a }]',
      expect.stringContaining('4:16: workflows.acme.logics.0.iff: unknown key. Did you mean if?'),
    ],
    ['callback: ./nothing.ts#b', '4:15: workflows.acme.callback: there is no file ./nothing.ts.'],
    [
      'callback: ./function.ts#b',
      '4:15: workflows.acme.callback: there is no file ./function.ts. Did you mean functions.ts?',
    ],
    ['callback: { if: a }', '4:15: workflows.acme.callback: expected a function as ./functions.ts#name.'],
    [
      'format: 1',
      expect.stringContaining('4:13: workflows.acme.format: expected a function as ./functions.ts#name or a mapping'),
    ],
    ['format: {}', '4:5: workflows.acme.format.fields: expected a map of targets and expressions, as name: title.'],
    [
      'format: { base: own, fields: { name: title } }',
      "4:21: workflows.acme.format.base: expected default, on top of the connector's own format, or none, in its place.",
    ],
    [
      'format: { base: none, fields: { name: title } }',
      '4:21: workflows.acme.format.base: without a base the fields must give a reference, as reference: shortcode.',
    ],
    [
      'format: { fields: { name: [a] } }',
      '4:31: workflows.acme.format.fields.name: expected an expression, as a text.',
    ],
    ['schedule: 5', expect.stringContaining('4:15: workflows.acme.schedule: expected a cron expression as')],
    [
      'schedule: "* * * *"',
      expect.stringContaining('4:15: workflows.acme.schedule: expected five fields: minute, hour,'),
    ],
    ['schedule: "@daily"', expect.stringContaining('workflows.acme.schedule: expected five fields')],
    [
      'schedule: "99 * * * *"',
      expect.stringContaining('workflows.acme.schedule: invalid value for minute: 99. Expected'),
    ],
    ['schedule: "0 0 30 2 *"', '4:15: workflows.acme.schedule: names a day that never comes.'],
    [
      'schedule: { cron: "0 * * * *", time_zone: Europe/Pari }',
      '4:47: workflows.acme.schedule.time_zone: there is no such time zone. Did you mean Europe/Paris?',
    ],
    [
      'schedule: { cron: "0 * * * *", zone: UTC }',
      '4:36: workflows.acme.schedule.zone: unknown key. Known: cron, time_zone.',
    ],
    [
      'full_schedule: "0 2 * * 0"',
      '4:20: workflows.acme.full_schedule: this workflow is not incremental: each of its runs is a full one.',
    ],
    ['full_schedule: "0 0 30 2 *"', '4:20: workflows.acme.full_schedule: names a day that never comes.'],
    ['heartbeat: 5', '4:16: workflows.acme.heartbeat: expected an address that begins with https:// or http://.'],
    ['heartbeat: ftp://a', '4:16: workflows.acme.heartbeat: expected an address that begins with https:// or http://.'],
    ['heartbeat: https://a:b@c', '4:16: workflows.acme.heartbeat: expected an address without user and password.'],
  ])('%s', async (line, expected) => {
    const [first] = await sentences(workflow(line), { 'functions.ts': 'export const a = 1' })
    expect(first).toEqual(expected)
  })

  test.each([
    ['workable.updat_jobs_in_hrflow', `Did you mean ${UPDATE}?`],
    ['update_jobs_in_hrflow', `Did you mean ${UPDATE}?`],
    ['something.else', `Actions: ${ACTIONS}.`],
  ])('the action %s does not exist', async (action, hint) => {
    const text = `workflows:\n  acme: { action: ${action} }\n`
    expect(await sentences(text)).toEqual([`2:19: workflows.acme.action: there is no such action. ${hint}`])
  })

  test('without an action', async () => {
    const text = 'workflows:\n  acme: { incremental: true }\n'
    expect(await sentences(text)).toEqual([`2:3: workflows.acme.action: missing; expected one of ${ACTIONS}.`])
  })

  test('a name that is an action, or that cannot be a name', async () => {
    const text = `workflows:\n  update_jobs_in_hrflow: { action: ${UPDATE} }\n  ${'x'.repeat(201)}: { action: ${UPDATE} }\n`
    expect(await sentences(text)).toEqual([
      '2:3: workflows.update_jobs_in_hrflow: this is the name of an action. Give the workflow another one.',
      `3:3: workflows.${'x'.repeat(201)}: the name of the workflow must be at most 200 characters.`,
    ])
  })

  test('with a misspelt action the rest is checked for the one that was meant', async () => {
    const text = 'workflows:\n  acme:\n    action: workable.update_job_in_hrflow\n    push_parameters: { edit: x }\n'
    expect(await sentences(text)).toHaveLength(2)
  })

  test('what the environment fills in may be left out, and groups may be empty', async () => {
    const { workflows } = await load(workflow('connector_auth:', 'hrflow_auth: {}', 'push_parameters:'))
    expect(workflows).toHaveLength(1)
  })
})

describe('notify', () => {
  const ADDRESS = 'expected an address that begins with https:// or http://.'
  const SOME = 'expected a list of some of fatal, failures, overdue, held, recovered.'

  test.each([
    ['notify: https://a', '1:9: notify: expected a list, each entry of which is a map of url, on and secret.'],
    ['notify: [a]', '1:10: notify.0: expected a map of url, on and secret.'],
    ['notify: [{ on: [fatal] }]', `1:10: notify.0.url: ${ADDRESS}`],
    ['notify: [{ url: a }]', `1:17: notify.0.url: ${ADDRESS}`],
    [
      'notify: [{ url: "${" }]',
      '1:17: notify.0.url: expected ${NAME} or ${file:/path} after a dollar and a brace. $$ is a dollar.',
    ],
    ['notify: [{ url: https://a, on: [fatl] }]', `1:32: notify.0.on: ${SOME}`],
    ['notify: [{ url: https://a, on: [] }]', `1:32: notify.0.on: ${SOME}`],
    ['notify: [{ url: https://a, secret: 5 }]', '1:36: notify.0.secret: expected a text.'],
    ['notify: [{ uri: https://a }]', '1:12: notify.0.uri: unknown key. Did you mean url?'],
  ])('%s', async (line, expected) => {
    const said = await sentences(`${line}\n${workflow('incremental: true')}`)
    expect(said).toContain(expected)
  })

  test('is filled in, its addresses with what stands elsewhere, and a secret that is written out is warned of', async () => {
    const lines = [
      "notify: [{ url: 'https://${HOST}/x', on: [recovered, fatal], secret: '${KEY}' }, { url: http://a, secret: b }]",
    ]
    const loaded = await load([...lines, workflow("heartbeat: '${BEAT}'")].join('\n'))
    expect(loaded.warnings).toEqual([expect.stringContaining('notify.1.secret: a secret is written out.')])
    const [first, second] = loaded.listeners
    expect([first?.on, second?.on]).toEqual([
      ['fatal', 'recovered'],
      ['fatal', 'failures', 'overdue', 'held', 'recovered'],
    ])
    // Each is found again by the hash of its address as it is written.
    expect(await loaded.resolveNotify({ HOST: 'a.b', KEY: 'k' })).toEqual([
      { target: first?.target, url: 'https://a.b/x', secret: 'k' },
      { target: second?.target, url: 'http://a', secret: 'b' },
    ])
    expect(first?.target).not.toBe(second?.target)
    expect(await loaded.workflows[0]?.resolveHeartbeat({ BEAT: 'https://c' })).toBe('https://c')
  })

  test('what is missing, or no address once it is filled in, is refused without its value', async () => {
    const loaded = await load(`notify: [{ url: '\${A}', secret: '\${B}' }]\n${workflow("heartbeat: '${C}'")}`)
    const said = await refusal(loaded.resolveNotify({ A: 'hidden' }))
    expect(said).toContain(
      'notify.0.url: expected an address that begins with https:// or http://. It is read from ${A}.',
    )
    expect(said).toContain('notify.0.secret: the variable B is not set.')
    expect(said).not.toContain('hidden')
    expect(await refusal(loaded.workflows[0]!.resolveHeartbeat({}))).toContain(
      'acme.heartbeat: the variable C is not set.',
    )
  })

  test('of a program is what it exports beside its workflows', async () => {
    const text = `export const notify = [{ url: 'https://a', on: ['fatal'] }]\nexport default { a: { action: '${UPDATE}' } }`
    const loaded = await loadWorkflows({ cwd: folder({ 'hrflow-connectors.ts': text }), env: {} })
    const target = hashOf('https://a')
    expect(await loaded.resolveNotify()).toEqual([{ target, url: 'https://a', secret: null }])
    expect(loaded.listeners).toEqual([{ target, on: ['fatal'] }])
  })
})

test('an address with a password is repeated nowhere, whatever it stands for', async () => {
  const address = 'postgres://app:Zq9secret@db/x'
  const lines = ["schedule: 'ADDRESS'", "'ADDRESS': 1", "state: 'ADDRESS'", 'format: { fields: { name: ADDRESS } }']
  const said = await refusal(load(workflow(...lines.map((line) => line.replaceAll('ADDRESS', address)))))
  expect(said).toMatch(/workflows\.acme\.\*\*\*: unknown key/)
  expect(said).not.toContain('Zq9secret')
})

describe('the file itself', () => {
  const refused = (cwd: string, file?: string) => refusal(loadWorkflows({ cwd, file, env: {} }))

  test('is not there', async () => {
    const cwd = folder({})
    expect(await refused(cwd)).toBe(
      `There is no workflow file in ${cwd}: no hrflow-connectors.yaml, .yml, .ts, .mts, .js or .mjs.`,
    )
    await expect(loadWorkflows({ cwd, env: {} })).rejects.toMatchObject({ code: 'no_workflow_file' })
  })

  test('has another name, or the end of another kind of file', async () => {
    const cwd = folder({ 'hrflow-connector.yaml': '' })
    expect(await refused(cwd)).toContain(' Did you mean hrflow-connector.yaml?')
    expect(await refused(cwd, 'hrflow-conector.yaml')).toBe(
      'hrflow-conector.yaml: there is no such file. Did you mean hrflow-connector.yaml?',
    )
    expect(await refused(cwd, 'a.json')).toBe(
      'a.json: expected a file that ends with .yaml, .yml, .ts, .mts, .js, .mjs.',
    )
  })

  test('is a folder, or too large', async () => {
    const cwd = folder({ 'large.yaml': 'a'.repeat(1024 * 1024 + 1) })
    mkdirSync(join(cwd, 'hrflow-connectors.yaml'))
    expect(await refused(cwd)).toContain('There is no workflow file')
    expect(await refused(cwd, 'large.yaml')).toBe('large.yaml is larger than 1 MB: is it a workflow file?')
  })

  test('is there twice', async () => {
    const cwd = folder({ 'hrflow-connectors.yaml': '', 'hrflow-connectors.ts': '' })
    expect(await refused(cwd)).toBe(
      `${cwd} holds hrflow-connectors.yaml and hrflow-connectors.ts: keep one of them, or name the one to use with --file.`,
    )
  })
})

describe('the place within a text', () => {
  const at = async (...lines: string[]) =>
    (await sentences(workflow('format:', '  fields:', ...lines)))[0]?.split(' ')[0]

  test.each([
    ['plain', ['    name: title & $foo(1)'], '6:23:'],
    ['quoted', ["    name: 'title & $foo(1)'"], '6:24:'],
    ['a block', ['    name: |', '      title &', '        $foo(1)'], '8:13:'],
    ['folded, where only the beginning is known', ['    name: >-', '      title &', '      $foo(1)'], '6:15:'],
    ['with escapes, likewise', ['    name: "\\"a\\" & $foo(1)"'], '6:15:'],
  ])('%s', async (_, lines, expected) => {
    expect(await at(...lines)).toBe(expected)
  })

  test('a long line is cut around it, keys of a mapping are shown as they are, and carriage returns are not', async () => {
    const said = await refusal(
      load(
        workflow(`format: { fields: { 'tags."é.1"': '${'title & '.repeat(40)}$foo(1)' } }`).replaceAll('\n', '\r\n'),
      ),
    )
    const [, line = '', mark = ''] = said.split('\n')
    expect(line.length).toBeLessThanOrEqual(110)
    expect(line.slice(mark.indexOf('^'))).toMatch(/^\$foo\(1\)/)
    const short = await refusal(load(workflow(`format: { fields: { 'tags."é.1"': $foo(1) } }`)))
    expect(short.split('\n')[1]).toBe(`  4 |     format: { fields: { 'tags."é.1"': $foo(1) } }`)
  })
})
