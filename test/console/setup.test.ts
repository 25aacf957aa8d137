import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { opened, WORKFLOW } from './opened.js'

const DRAFT = {
  workflow_id: 'new-jobs',
  action: 'workable.update_jobs_in_hrflow',
  groups: {
    connector_auth: { api_access_token: '${WORKABLE_API_ACCESS_TOKEN}', subdomain: 'acme' },
    pull_parameters: { state: 'published' },
    push_parameters: { board_key: '${HRFLOW_BOARD_KEY}', on_missing: 'create' },
  },
  incremental: true,
  schedule: '*/15 * * * *',
  full_schedule: null,
}

describe('set-up', () => {
  it('offers forms by the schemas, and marks secrets', async () => {
    const { json } = await opened()
    const view = z
      .object({
        actions: z.array(
          z.object({
            action: z.string(),
            groups: z.array(
              z.object({
                group: z.string(),
                schema: z.looseObject({ properties: z.record(z.string(), z.looseObject({})) }),
                variables: z.record(z.string(), z.string()),
              }),
            ),
          }),
        ),
        ...{ taken: z.array(z.string()), targets: z.array(z.string()) },
      })
      .parse(await json('/api/setup'))
    expect([view.taken, view.targets]).toEqual([['acme'], ['file']])
    const update = view.actions.find(({ action }) => action === DRAFT.action)
    const [auth, hrflow, pull] = update?.groups ?? []
    expect(auth?.schema.properties['api_access_token']).toMatchObject({ writeOnly: true })
    expect(auth?.schema.properties['subdomain']).not.toHaveProperty('writeOnly')
    expect(auth?.variables).toEqual({ api_access_token: 'WORKABLE_API_ACCESS_TOKEN', subdomain: 'WORKABLE_SUBDOMAIN' })
    expect(hrflow?.group).toBe('hrflow_auth')
    expect(Object.keys(pull?.schema.properties ?? {})).toContain('state')
  })

  it('saves a workflow to a new file, or beside those that are there, and it can be run', async () => {
    const made = await opened({ text: '' })
    expect(await made.change('/api/setup/save', { draft: DRAFT, target: 'file' })).toEqual({ workflow_id: 'new-jobs' })
    const second = { ...DRAFT, workflow_id: 'more-jobs' }
    await made.change('/api/setup/save', { draft: second, target: 'file' })
    const text = readFileSync(made.file, 'utf8')
    expect(text).toMatch(/^# yaml-language-server/)
    expect(text).toContain('  new-jobs:\n    action: workable.update_jobs_in_hrflow\n')
    expect(text).not.toContain(made.sandbox.workable.token)
    expect(await made.json('/api/home')).toMatchObject({
      workflows: [{ workflow_id: 'more-jobs' }, { workflow_id: 'new-jobs' }],
    })
    const run_id = await made.run('new-jobs')
    expect(await made.json(`/api/runs/${run_id}`)).toMatchObject({ run: { status: 'success' } })
    expect(await made.json('/api/audit')).toMatchObject({
      entries: [{ what: 'run' }, { what: 'save_workflow', workflow_id: 'more-jobs' }, { what: 'save_workflow' }],
    })
  })

  it.each([
    ['a name that is taken', { workflow_id: 'acme' }, null],
    ['a name with a path in it', { workflow_id: '../x' }, null],
    ['an action that there is not', { action: 'other.do' }, null],
    [
      'a secret that is written out',
      { groups: { connector_auth: { api_access_token: 'abcdefgh' } } },
      'connector_auth.api_access_token',
    ],
    [
      'a key in the place of something else',
      { groups: { push_parameters: { board_key: 'askw_abc' } } },
      'push_parameters.board_key',
    ],
    [
      'a file that would be shown',
      { groups: { connector_auth: { subdomain: '${file:/etc/passwd}' } } },
      'connector_auth.subdomain',
    ],
    [
      'a variable that would be shown',
      { groups: { connector_auth: { subdomain: '${HRFLOW_API_SECRET}' } } },
      'connector_auth.subdomain',
    ],
    ['an unknown parameter', { groups: { pull_parameters: { stat: 'x' } } }, 'pull_parameters.stat'],
    [
      'a value that does not fit',
      { groups: { ...DRAFT.groups, pull_parameters: { state: 'publishd' } } },
      'pull_parameters.state',
    ],
    ['a schedule that no clock can follow', { schedule: '99 * * * *' }, 'schedule'],
  ])('refuses %s, beside its field', async (_, change, field) => {
    const { change: post, post: send, file } = await opened()
    const draft = { ...DRAFT, ...change }
    expect(await post('/api/setup/yaml', draft)).toMatchObject({ problems: [{ field }] })
    expect((await send('/api/setup/save', { draft, target: 'file' })).status).toBe(422)
    expect(readFileSync(file, 'utf8')).toBe(WORKFLOW)
  })

  it('takes no function, no mapping and no address from a form', async () => {
    const { post, file } = await opened({ text: '' })
    for (const more of [{ logics: ['./x.ts#y'] }, { format: './x.ts#y' }, { heartbeat: 'https://x.example' }])
      expect((await post('/api/setup/save', { draft: { ...DRAFT, ...more }, target: 'file' })).status).toBe(400)
    expect((await post('/api/setup/save', { draft: DRAFT, target: 'database' })).status).toBe(409)
    expect(existsSync(file)).toBe(false)
  })

  it('checks a draft, line by line, each beside its field', async () => {
    const { post } = await opened({ text: '' })
    const lines = async (draft: object) => {
      const text = await (await post('/api/setup/check', draft)).text()
      return text
        .split('\n')
        .flatMap((line): unknown[] => (line.startsWith('data: {"') ? [JSON.parse(line.slice(6))] : []))
    }
    const good = await lines(DRAFT)
    expect(good).toContainEqual(
      expect.objectContaining({ about: 'HrFlow', field: 'push_parameters.board_key', verdict: 'good' }),
    )
    expect(good).toContainEqual(
      expect.objectContaining({ about: 'Workable', field: 'connector_auth.api_access_token' }),
    )
    expect(JSON.stringify(good)).not.toContain('"bad"')
    const missing = await lines({ ...DRAFT, groups: { connector_auth: { api_access_token: '${NOT_SET}' } } })
    expect(missing).toMatchObject([
      { verdict: 'bad', said: expect.stringContaining('NOT_SET') as unknown, field: null },
    ])
  })
})

describe('a mapping', () => {
  const first = (made: Awaited<ReturnType<typeof opened>>) => made.sandbox.workable.jobs[0]?.shortcode ?? ''

  it('is shown with a job, also of a workflow that has not run', async () => {
    const made = await opened({
      text: `${WORKFLOW}    logics: [{ if: state != 'draft' }]\n    format: { fields: { tags.team: department } }\n`,
    })
    const view = z
      .object({
        ...{
          mapping: z.unknown(),
          conditions: z.unknown(),
          reference: z.string(),
          origin: z.looseObject({ title: z.string() }),
        },
        fields: z.array(z.looseObject({ path: z.string(), example: z.unknown() })),
        targets: z.array(z.object({ path: z.string(), type: z.string(), description: z.string().nullable() })),
      })
      .parse(await made.json('/api/workflows/acme/mapping'))
    expect(view).toMatchObject({ mapping: { 'tags.team': 'department' }, conditions: ["state != 'draft'"] })
    expect(view.fields.find(({ path }) => path === 'title')).toMatchObject({
      type: 'string',
      example: view.origin.title,
    })
    expect(view.fields.map(({ path }) => path)).toContain('location.city')
    expect(view.targets.map(({ path }) => path)).toEqual(expect.arrayContaining(['name', 'tags.NAME', 'location.text']))
  })

  it('is tried on a job: each expression, and the item that would be written', async () => {
    const made = await opened()
    await made.run('acme')
    const reference = first(made)
    const tried = (mapping: object) => made.change('/api/workflows/acme/mapping', { reference, mapping })
    const { title } = made.sandbox.workable.job(reference) ?? { title: '' }
    expect(await tried({ name: '$uppercase(title)' })).toMatchObject({
      results: [{ target: 'name', value: title.toUpperCase(), problem: null }],
      item: { name: title.toUpperCase(), reference },
      problems: [],
    })
    expect(await tried({ nam: 'title', 'tags.x': 'title..', name: '$count(title)' })).toMatchObject({
      results: [
        { target: 'nam', problem: expect.stringContaining('Did you mean name?') as unknown },
        { target: 'tags.x', problem: expect.any(String) as unknown },
        { target: 'name', value: 1, problem: null },
      ],
      item: null,
    })
    const endless = '($f := function($n) { $f($n + 1) }; $f(1))'
    expect(await tried({ name: endless })).toMatchObject({
      results: [{ problem: expect.any(String) as unknown }],
      item: null,
    })
    expect(await made.store.history.audit({ limit: 9 })).toHaveLength(1)
  })
})
