import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { folder, load, refusal, workflow } from '../../test/support/workflow-folder.js'
import { loadWorkflows } from './index.js'

const SECRET = 'tok-very-secret'
const ENV = { HRFLOW_API_SECRET: 'ask_from-the-environment', HRFLOW_API_USER: 'me@acme.com', HRFLOW_BOARD_KEY: 'board' }
const auth = "connector_auth: { api_access_token: '${TOKEN}', subdomain: acme }"

const filled = z.looseObject({
  connector_auth: z.record(z.string(), z.unknown()),
  hrflow_auth: z.record(z.string(), z.unknown()),
  pull_parameters: z.record(z.string(), z.unknown()),
  push_parameters: z.record(z.string(), z.unknown()),
  logics: z.array(z.unknown()),
})

async function resolve(text: string, env: Record<string, string> = {}, files: Record<string, string> = {}) {
  const { workflows } = await load(text, files)
  const { parameters, secrets } = await workflows[0]!.resolve({ ...ENV, TOKEN: SECRET, ...env })
  return { parameters: filled.parse(parameters), secrets }
}

describe('what stands elsewhere', () => {
  test('variables and files fill in texts, also in part, and what the file leaves out comes from the environment', async () => {
    const { parameters, secrets } = await resolve(
      workflow(
        "connector_auth: { api_access_token: 'a-${TOKEN}-${file:token}', subdomain: '${SUB}' }",
        'push_parameters: { board_key: "$${TOKEN} costs 5$ or $$5" }',
      ),
      { SUB: 'acme' },
      { token: 'from-file\r\n' },
    )
    expect(parameters).toMatchObject({
      workflow_id: 'acme',
      connector_auth: { api_access_token: `a-${SECRET}-from-file`, subdomain: 'acme' },
      hrflow_auth: { api_secret: ENV.HRFLOW_API_SECRET, api_user: ENV.HRFLOW_API_USER },
      push_parameters: { board_key: '${TOKEN} costs 5$ or $5' },
      logics: [],
      format: null,
      callback: null,
      incremental: false,
    })
    expect(secrets).toEqual([SECRET, 'from-file', `a-${SECRET}-from-file`, ENV.HRFLOW_API_SECRET, ENV.HRFLOW_API_USER])
  })

  test('only the last line end of a file is cut, and a file may be a link', async () => {
    const cwd = folder({
      'hrflow-connectors.yaml': workflow("push_parameters: { board_key: '${file:link}' }", auth),
      a: 'x\n\n',
    })
    symlinkSync(join(cwd, 'a'), join(cwd, 'link'))
    const { workflows } = await loadWorkflows({ cwd, env: { ...ENV, TOKEN: SECRET } })
    const { parameters } = await workflows[0]!.resolve()
    expect(filled.parse(parameters).push_parameters).toEqual({ board_key: 'x\n' })
  })

  test('what the file gives comes before the environment', async () => {
    const { parameters } = await resolve(workflow(auth, 'push_parameters: { board_key: own }'))
    expect(parameters.push_parameters).toEqual({ board_key: 'own' })
  })

  test('a literal that the schema refuses is refused at once, one from elsewhere when it is read', async () => {
    expect(await refusal(load(workflow('connector_auth: { subdomain: "not a label" }')))).toContain(
      'expected the name of the account',
    )
    const said = await refusal(resolve(workflow(auth, "pull_parameters: { state: '${STATE}' }"), { STATE: 'publised' }))
    expect(said)
      .toBe(`hrflow-connectors.yaml:5:31: workflows.acme.pull_parameters.state: expected one of archived, closed, draft, published. Did you mean published? It is read from \${STATE}.
  5 |     pull_parameters: { state: '\${STATE}' }
    |                               ^`)
  })

  test.each([
    ['${NONE}', 'the variable NONE is not set.'],
    ['${EMPTY}', 'the variable EMPTY is empty.'],
    ['${file:nothing}', 'the file nothing cannot be read (ENOENT).'],
    ['${file:.}', 'the file . cannot be read (EISDIR).'],
    ['${file:empty}', 'the file empty is empty.'],
    ['${file:large}', 'the file large is larger than 64 KB: is it the right one?'],
  ])('%s is missing, and named with its workflow and path', async (value, expected) => {
    const text = workflow(`connector_auth: { api_access_token: '${value}', subdomain: acme }`)
    const said = await refusal(resolve(text, { EMPTY: ' ' }, { empty: '\n', large: 'x'.repeat(70_000) }))
    expect(said.split('\n')[0]).toBe(
      `hrflow-connectors.yaml:4:41: workflows.acme.connector_auth.api_access_token: ${expected}`,
    )
  })

  test('a device without end is not read to it', async () => {
    const text = workflow("connector_auth: { api_access_token: '${file:/dev/zero}', subdomain: acme }")
    expect(await refusal(resolve(text))).toContain('the file /dev/zero is larger than 64 KB')
  })

  test.each(['${', '${}', '${a b}', '${file:}', 'x${TOKEN', '${env:TOKEN}'])(
    '%s begins nothing that can be read',
    async (value) => {
      const said = await refusal(load(workflow(`connector_auth: { subdomain: '${value}' }`)))
      expect(said.split('\n')[0]).toBe(
        'hrflow-connectors.yaml:4:34: workflows.acme.connector_auth.subdomain: expected ${NAME} or ${file:/path} after a dollar and a brace. $$ is a dollar.',
      )
    },
  )

  test('what nobody gives is named with its variable', async () => {
    const { workflows } = await load(workflow(auth))
    const said = await refusal(workflows[0]!.resolve({ TOKEN: SECRET }))
    expect(said.split('\n').filter((line) => !line.startsWith('  '))).toEqual(
      ['push_parameters.board_key', 'hrflow_auth.api_secret', 'hrflow_auth.api_user']
        .map((path) => [path, `HRFLOW_${path.split('.')[1]!.toUpperCase()}`])
        .map(
          ([path, variable]) =>
            `hrflow-connectors.yaml:2:3: workflows.acme.${path!}: missing; expected string. Give it here, a secret as \${NAME} or \${file:/path}, or set ${variable!} in the environment.`,
        )
        .sort(),
    )
  })
})

describe('secrets', () => {
  test('one that is written out is a warning with its place and without its value', async () => {
    const { warnings } = await load(workflow(`connector_auth: { api_access_token: ${SECRET} }`))
    expect(warnings).toEqual([
      'hrflow-connectors.yaml:4:41: workflows.acme.connector_auth.api_access_token: a secret is written out. Keep it in a variable, ${WORKABLE_API_ACCESS_TOKEN}, or in a file, ${file:/path}.',
    ])
  })

  test.each([
    ['beside a mistake', [`connector_auth: { api_access_token: ${SECRET}, subdomian: acme }`]],
    ['under a misspelt key', [`connector_auth: { api_acces_token: ${SECRET} }`]],
    ['under a misspelt group', [`conector_auth: { api_access_token: ${SECRET} }`]],
    ['in the wrong group', [`push_parameters: { api_access_token: ${SECRET} }`]],
    ['as a key, for a blank that is missing', [`connector_auth: { api_access_token:${SECRET} }`]],
    ['as a key of its own', [`connector_auth: { ${SECRET} }`, `hrflow_auth: { ${SECRET.replaceAll('-', '_')} }`]],
    ['in a comment', [`incremental: maybe # ${SECRET}`]],
    ['with a placeholder that is none', [`connector_auth: { api_access_token: "${SECRET}\${" }`]],
    ['with an unknown escape', [`connector_auth: { api_access_token: "${SECRET}\\q" }`]],
    ['in a file that is no YAML', [`connector_auth: { api_access_token: "${SECRET}`]],
    ['in a list', [`connector_auth:`, `  - api_access_token: ${SECRET}`]],
    ['below a tab', [`connector_auth:`, `\t  api_access_token: ${SECRET}`]],
  ])('one that stands %s is not shown', async (_, lines) => {
    const said = await refusal(load(workflow(...lines)))
    expect(said).not.toContain(SECRET)
    expect(said).not.toContain(SECRET.replaceAll('-', '_'))
    expect(said.length).toBeGreaterThan(20)
  })
})

describe('functions of files', () => {
  const files = {
    'functions.ts':
      'export const only = (job: object): object => job\nexport default { some: 1 }\nexport const seven: number = 7\n',
    'plain.mjs': 'export function only(job) { return job }\n',
    'plain.cjs': 'module.exports.only = (job) => job\n',
    'throws.ts': "throw new Error('boom')\n",
    'broken.ts': 'export const = {\n',
  }

  test.each(['./functions.ts#only', 'functions.ts#only', './plain.mjs#only', './plain.cjs#only'])(
    '%s',
    async (text) => {
      const { parameters } = await resolve(workflow(auth, `logics: ['${text}']`), {}, files)
      expect(parameters.logics).toEqual([expect.any(Function)])
    },
  )

  test.each([
    ['./functions.ts#onyl', './functions.ts does not export onyl. Did you mean only?'],
    ['./functions.ts#nothing', './functions.ts does not export nothing. It exports default, only, seven.'],
    ['./functions.ts#seven', 'seven of ./functions.ts is not a function.'],
    ['./throws.ts#a', './throws.ts cannot be loaded: boom.'],
    ['./broken.ts#a', expect.stringMatching(/^\.\/broken\.ts cannot be loaded: ParseError: .*broken\.ts:1:13\.$/)],
  ])('%s is refused when it is loaded', async (text, expected) => {
    const said = await refusal(resolve(workflow(auth, `format: ${text}`), {}, files))
    expect(said.split('\n')[0]?.replace('hrflow-connectors.yaml:5:13: workflows.acme.format: ', '')).toEqual(expected)
  })
})

describe('a workflow file in TypeScript', () => {
  const program = (inside: string) => `import { defineWorkflows } from 'hrflow-connectors'
    export default defineWorkflows({ acme: { action: 'workable.update_jobs_in_hrflow', ${inside} } })`

  const loadProgram = (text: string, name = 'hrflow-connectors.ts') =>
    loadWorkflows({ cwd: folder({ [name]: text }), env: ENV })

  test('holds functions, and texts that are left as they are', async () => {
    const { workflows, warnings } = await loadProgram(
      program(`
        connector_auth: { api_access_token: 'pa$$word\${x', subdomain: '\${SUB}' },
        hrflow_auth: { api_secret: process.env.NO_SUCH_VARIABLE },
        logics: [(job) => job, { if: 'true' }], format: (job) => ({ reference: job.shortcode ?? '' })`),
    )
    const { parameters } = await workflows[0]!.resolve({ ...ENV, SUB: 'acme' })
    expect(warnings).toEqual([])
    expect(parameters).toMatchObject({
      connector_auth: { api_access_token: 'pa$$word${x', subdomain: 'acme' },
      hrflow_auth: { api_secret: ENV.HRFLOW_API_SECRET },
      logics: [expect.any(Function), expect.any(Function)],
      format: expect.any(Function) as unknown,
    })
  })

  test('is refused with the path, as a program has no places', async () => {
    const said = await refusal(loadProgram(program('incremental: 5, schedule: "x"')))
    expect(said.split('\n')).toEqual([
      expect.stringContaining('hrflow-connectors.ts: workflows.acme.schedule: expected five fields'),
      'hrflow-connectors.ts: workflows.acme.incremental: expected boolean, received number.',
    ])
  })

  test.each([
    [
      'hrflow-connectors.ts',
      'export const a = 1',
      'expected its workflows as the default export: export default defineWorkflows({ ... })',
    ],
    ['hrflow-connectors.mjs', "throw new Error('boom')", 'cannot be loaded: boom.'],
    ['hrflow-connectors.mts', 'export default {}', 'workflows: expected a map of workflows by name.'],
  ])('%s: %s', async (name, text, expected) => {
    expect(await refusal(loadProgram(text, name))).toBe(`${name}: ${expected}`)
  })
})

describe('details that are read later', () => {
  const steps = (condition: string, expression: string) =>
    [`logics: [{ if: '${condition}' }]`, `format: { fields: { name: '${expression}' } }`] as const

  test.each([
    ['department = "Ops"', 'title', ['list', 'list']],
    ['industry = "IT"', 'title', [undefined, 'list']],
    ['department = "Ops"', '$lookup($, "title")', ['list', undefined]],
    ['department = "Ops"', 'title & " " & education', ['list', undefined]],
  ])('are waited for where %s or %s may read them', async (condition, expression, details) => {
    const pull = 'pull_parameters: { details: after }'
    const { workflows } = await load(workflow(auth, pull, ...steps(condition, expression)))
    const { parameters } = await workflows[0]!.resolve({ ...ENV, TOKEN: SECRET })
    const { logics, format } = z.looseObject({ logics: z.array(z.unknown()), format: z.unknown() }).parse(parameters)
    expect([...logics, format].map((fn) => Reflect.get(Object(fn), 'details') as unknown)).toEqual(details)
  })

  test('without them, an expression that names one of their fields is refused where it stands', async () => {
    const pull = 'pull_parameters: { details: without }'
    const { workflows } = await load(workflow(auth, pull, ...steps('industry = "IT"', 'title & education')))
    const said = await refusal(workflows[0]!.resolve({ ...ENV, TOKEN: SECRET }))
    expect(said).toMatch(/logics\.0\.if: industry comes with the details of an item alone/)
    expect(said).toMatch(/format\.fields\.name: education comes with the details/)
  })
})
