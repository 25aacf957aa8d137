// Runs of workflows from a file, over real HTTP.
import { describe, expect, test } from 'vitest'
import { runAction } from '../../src/runtime/run.js'
import { load } from '../support/workflow-folder.js'
import { nonZero, world, type World } from '../support/world.js'

/** Runs the one workflow of a file with these lines. */
async function run(
  w: World,
  lines: string[],
  change: Record<string, unknown> = {},
  files: Record<string, string> = {},
) {
  const { sandbox } = w
  const text = [
    'workflows:',
    '  acme:',
    '    action: workable.update_jobs_in_hrflow',
    ...lines.map((line) => `    ${line}`),
  ]
  const { workflows } = await load(text.join('\n'), files)
  const { parameters } = await workflows[0]!.resolve(sandbox.env)
  // Another second: what was read within two seconds of a change is not settled.
  await w.clock.sleep(20_000)
  return runAction(workflows[0]!.action, { ...parameters, ...change }, w.runtime)
}

/** A mapping as lines of a file. */
const mapping = (...fields: string[]) => ['format:', '  fields:', ...fields.map((field) => `    ${field}`)]

const board = ({ sandbox }: World) => sandbox.hrflow.jobs(sandbox.board_key)
const tagOf = (job: { tags: readonly { name: string; value?: unknown }[] }, name: string) =>
  job.tags.find((tag) => tag.name === name)?.value

test('a mapping lies over the default format, and what is null is removed', async () => {
  const w = await world()
  await w.fillBoard()
  const result = await run(
    w,
    mapping('name: title & "!"', 'tags.state: "nowhere ? 1 : null"', 'tags."v1.0": state', 'location.text: \'"Here"\''),
  )
  expect(result).toMatchObject({ status: 'success', events: { write_success: 6 } })
  for (const job of board(w)) {
    const { title, state } = w.sandbox.workable.jobs.find(({ shortcode }) => shortcode === job.reference)!
    expect(job.name).toBe(`${title}!`)
    expect(tagOf(job, 'state')).toBeUndefined()
    expect(tagOf(job, 'v1.0')).toBe(state)
    expect(tagOf(job, 'id')).toBeDefined()
    expect(job.location.text).toBe('Here')
  }
})

test.each([
  ['finds nothing', 'nowhere', 'nowhere[0].x', true],
  ['gives null', 'null', 'nowhere ? 1 : null', false],
])(
  'what the board has stays where an expression finds nothing, and goes where it is null: one that %s',
  async (...it) => {
    const [, plain, deep, stays] = it
    const w = await world({ workable: { jobs: 1 } })
    await w.fillBoard()
    const { reference } = board(w)[0]!
    const filled = {
      name: 'Name',
      summary: 'Summary',
      culture: 'Culture',
      skills: [{ name: 'js', type: 'hard' as const, value: 'good' }],
      languages: [{ name: 'French', value: null }],
      tags: [{ name: 'state', value: 'mine' }],
      metadatas: [{ name: 'erp', value: 5 }],
      sections: [{ name: 'culture', title: 'Culture', description: 'Text' }],
      ranges_float: [{ name: 'salary', value_min: 1, value_max: 2, unit: 'EUR' }],
      ranges_date: [{ name: 'dates', value_min: '2026-01-01T00:00:00+0000', value_max: '2026-02-01T00:00:00+0000' }],
      location: { text: 'Leeds', lat: 53.8, lng: -1.5, gmaps: null, fields: { city: 'Leeds' } },
    }
    w.sandbox.hrflow.edit(w.sandbox.board_key, reference!, filled)
    const before = structuredClone(board(w)[0]!)
    const targets = [
      'name',
      'summary',
      'culture',
      'interviews',
      'skills.js',
      'skills.new',
      'languages.French',
      'courses',
    ]
    const more = ['tags.state', 'tags.new', 'metadatas.erp', 'sections.culture', 'sections.new.title', 'interests.x']
    const parts = ['ranges_float.salary', 'ranges_date.dates', 'location.text', 'location.fields.city', 'location.lat']
    // HrFlow demands a name.
    const places = [...targets, ...more, ...parts].slice(stays ? 0 : 1)
    const lines = places.map((place, at) => `      ${place}: '${at % 2 === 0 ? plain : deep}'`)
    const result = await run(w, [
      'format:',
      '  base: none',
      '  fields:',
      '    reference: shortcode',
      ...lines.map((line) => line.slice(2)),
    ])
    expect(result).toMatchObject({ status: 'success', events: stays ? { write_unchanged: 1 } : { write_success: 1 } })
    if (stays) return expect(board(w)[0]).toEqual(before)
    expect(board(w)[0]).toMatchObject({
      culture: null,
      tags: [],
      metadatas: [],
      ranges_float: [],
      sections: [],
    })
  },
)

test('what an answer does not say is not said by a mapping of it either, and in a new job it is left out', async () => {
  const w = await world({ workable: { jobs: 1 } })
  await w.fillBoard()
  const [job] = w.sandbox.workable.jobs
  const lines = mapping(
    'tags.level: experience',
    'skills.trade: industry',
    'ranges_float.salary.value_min: salary.none',
  )
  w.sandbox.workable.edit(job!.shortcode, { experience: 'Associate', industry: 'Software', title: 'New' })
  await w.clock.sleep(10_000)
  expect(nonZero(await run(w, lines))).toEqual({ read_success: 1, write_success: 1 })
  expect(tagOf(board(w)[0]!, 'level')).toBe('Associate')
  const updated_at = new Date(w.clock.now()).toISOString()
  const silent = Object.fromEntries(
    Object.entries({ ...job!, updated_at }).filter(([field]) => !['experience', 'industry'].includes(field)),
  )
  const answer = { status: 200, body: JSON.stringify(silent) }
  w.sandbox.fault({ service: 'workable', path: `/jobs/${job!.shortcode}`, answer })
  expect(nonZero(await run(w, lines))).toEqual({ read_success: 1, write_unchanged: 1 })
  expect(tagOf(board(w)[0]!, 'level')).toBe('Associate')
  expect(board(w)[0]!.skills).toMatchObject([{ name: 'trade', value: 'Software' }])
})

test('what an expression does not find is left out of a new job', async () => {
  const w = await world({ workable: { jobs: 1 } })
  const lines = mapping('summary: nowhere', 'tags.level: nowhere', 'skills.trade: nowhere', 'courses: nowhere')
  const create = ['push_parameters: { board_key: "${HRFLOW_BOARD_KEY}", on_missing: create }']
  expect(nonZero(await run(w, [...create, ...lines]))).toEqual({ read_success: 1, write_success: 1 })
  const [{ body } = { body: null }] = w.sandbox.hrflow.requests.filter(({ method }) => method === 'POST')
  expect(body).not.toHaveProperty('summary')
  expect(body).not.toHaveProperty('courses')
  expect(body).toMatchObject({ skills: [] })
  expect(JSON.stringify(body)).not.toContain('"level"')
})

test('without a base a mapping owns its fields alone', async () => {
  const w = await world()
  await w.fillBoard()
  const before = board(w).map((job) => ({ ...job, name: 'x' }))
  const lines = ['format:', '  base: none', '  fields: { reference: shortcode, name: \'"x"\' }']
  expect(await run(w, lines)).toMatchObject({ status: 'success', events: { write_success: 6 } })
  const undated = (jobs: object[]) => jobs.map((job) => ({ ...job, updated_at: null }))
  expect(undated(board(w))).toEqual(undated(before))
})

test('conditions discard what they do not hold for', async () => {
  const w = await world({ workable: { jobs: 12 } })
  await w.fillBoard()
  const published = w.sandbox.workable.jobs.filter(({ state }) => state === 'published').length
  expect(published).toBeLessThan(12)
  const result = await run(w, ['logics:', '  - if: state = "published"', '  - if: title'])
  expect(nonZero(result)).toMatchObject({ read_success: 12, logics_discard: 12 - published })
})

test.each([
  ['true', 0],
  ['false', 6],
  ['null', 6],
  ['nowhere', 6],
  ['"text"', 0],
  ['""', 6],
  ['0', 6],
  ['[0, 1]', 0],
  ['[0, ""]', 6],
  ['{}', 6],
  ['location', 0],
])('the condition %s discards %i of 6', async (condition, discarded) => {
  const w = await world()
  const result = await run(w, [`logics: [{ if: '${condition}' }]`], { persist: false })
  expect(result.events.logics_discard).toBe(discarded)
})

describe('what goes wrong is a failure of the item that names the field', () => {
  test.each([
    ['name: $number(title)', 'format.fields.name: $number is given something that is not a number.'],
    ['name: 5', 'format.fields.name: expected string, received number.'],
    ['tags.a: location', 'format.fields.tags.a: expected string or number or boolean, received object.'],
    ['reference: nowhere', 'format.fields.reference: the expression found nothing, and a value is needed.'],
  ])('%s', async (field, message) => {
    const w = await world()
    const result = await run(w, mapping('summary: title', field))
    expect(result.events.format_failure).toBe(6)
    expect(result.failures[0]).toMatchObject({ stage: 'format', code: 'mapping_failed', message })
  })

  test('or the condition', async () => {
    const w = await world()
    const result = await run(w, ['logics: [{ if: true }, { if: $number(title) }]'])
    expect(result.events.logics_failure).toBe(6)
    expect(result.failures[0]).toMatchObject({
      code: 'condition_failed',
      message: 'logics.1.if: $number is given something that is not a number.',
    })
  })
})

describe('a mapping that changes delivers again', () => {
  const incremental = { incremental: true }

  test('in an incremental run, which says so, and only then', async () => {
    const w = await world()
    await w.fillBoard()
    const first = await run(w, mapping('name: title & "1"'), incremental)
    expect(first.events).toMatchObject({ write_success: 6 })
    const same = await run(w, mapping('"name" : title & "1"'), incremental)
    expect(nonZero(same)).toEqual({})
    const changed = await run(w, mapping('name: title & "2"'), incremental)
    expect(changed.events).toMatchObject({ read_success: 6, write_success: 6 })
    expect(changed.notes.join(' ')).toContain('format changed since the last run: everything is read again.')
    expect(board(w).every(({ name }) => name.endsWith('2'))).toBe(true)
    expect(nonZero(await run(w, mapping('name: title & "2"'), incremental))).toEqual({})
  })

  test('in a full run too', async () => {
    const w = await world()
    await w.fillBoard()
    await run(w, mapping('name: title & "1"'))
    expect((await run(w, mapping('name: title & "1"'))).events).toMatchObject({ write_success: 0, write_unchanged: 6 })
    expect((await run(w, mapping('name: title & "2"'))).events).toMatchObject({ write_success: 6 })
  })

  test('when its base, or the order of what is applied, is another one', async () => {
    const w = await world()
    await w.fillBoard()
    await run(w, [...mapping('reference: shortcode'), 'logics: [{ if: true }, { if: title }]'], incremental)
    const other = ['format: { base: none, fields: { reference: shortcode } }', 'logics: [{ if: true }, { if: title }]']
    expect((await run(w, other, incremental)).notes.join(' ')).toContain('format changed')
    const turned = ['format: { base: none, fields: { reference: shortcode } }', 'logics: [{ if: title }, { if: true }]']
    expect((await run(w, turned, incremental)).notes.join(' ')).toContain('logics changed since the last run')
  })

  test('a condition that is widened brings what was discarded before', async () => {
    const w = await world({ workable: { jobs: 12 } })
    await w.fillBoard()
    const narrow = await run(
      w,
      ['logics: [{ if: state = "published" }]', 'push_parameters: { on_missing: create }'],
      incremental,
    )
    expect(narrow.events.logics_discard).toBeGreaterThan(0)
    const wide = await run(w, ['logics: [{ if: title }]', 'push_parameters: { on_missing: create }'], incremental)
    expect(wide.events).toMatchObject({ read_success: 12, logics_discard: 0 })
    expect(wide.notes.join(' ')).toContain('logics changed since the last run: everything is read again.')
  })

  test("a function's own version counts alike, and without one nothing is seen", async () => {
    const w = await world()
    await w.fillBoard()
    const format = (version?: string) =>
      Object.assign(
        (job: { shortcode: string }) => ({ reference: job.shortcode, name: `version ${String(version)}` }),
        version === undefined ? {} : { version },
      )
    const update = async (version?: string) => {
      await w.clock.sleep(20_000)
      return w.update({ incremental: true, format: format(version) as never })
    }
    expect((await update('1')).events.write_success).toBe(6)
    expect(nonZero(await update('1'))).toEqual({})
    expect((await update('2')).events.write_success).toBe(6)
    expect((await update()).notes.join(' ')).toContain('format changed')
    expect(nonZero(await update())).toEqual({})
  })
})

test('functions of files are called as those of a program are', async () => {
  const w = await world()
  await w.fillBoard()
  const functions = `
    import { formatWorkableJob, type WorkableJob } from 'hrflow-connectors'
    const called: unknown[] = []
    export const published = (job: WorkableJob) => (job.state === 'published' ? job : null)
    export const format = async (job: WorkableJob) => ({ ...formatWorkableJob(job), name: 'from a file' })
    export const callback = (...args: unknown[]) => { called.push(args) }
    export const check = (job: WorkableJob) => { if (called.length > 0) throw new Error('too early'); return job }`
  const lines = ['logics: [./f.ts#published, ./f.ts#check]', 'format: ./f.ts#format', 'callback: ./f.ts#callback']
  const result = await run(w, lines, {}, { 'f.ts': functions })
  expect(result).toMatchObject({ status: 'success', events: { callback_executed: 1, callback_failure: 0 } })
  expect(board(w).filter(({ name }) => name === 'from a file')).toHaveLength(result.events.write_success)
  expect(result.events.write_success).toBeGreaterThan(0)
})
