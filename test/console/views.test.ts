import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { opened, WORKFLOW } from './opened.js'

const reference = (made: Awaited<ReturnType<typeof opened>>, at: number) =>
  made.sandbox.workable.jobs[at]?.shortcode ?? ''

describe('home', () => {
  it('shows a workflow before and after its first run', async () => {
    const made = await opened()
    expect(await made.json('/api/home')).toMatchObject({
      about: { demo: false, served_by: null, workflows: { kind: 'file', path: made.file } },
      attention: [],
      workflows: [
        { workflow_id: 'acme', condition: 'ok', last_run: null, lag_ms: null, defined: true, from: 'Workable' },
      ],
    })
    const run_id = await made.run('acme')
    expect(await made.json('/api/home')).toMatchObject({
      workflows: [
        {
          last_run: { run_id, status: 'success', written: 6, failed: 0, live: false },
          sparkline: [{ written: 6 }],
          running: null,
        },
      ],
    })
  })

  it('is empty where there is no workflow file', async () => {
    const made = await opened({ text: '' })
    expect(await made.json('/api/home')).toMatchObject({ about: { workflows: null }, attention: [], workflows: [] })
  })

  it('says first what needs somebody, and what to do', async () => {
    const made = await opened({
      text: `${WORKFLOW}  wrong:\n    action: workable.update_jobs_in_hrflow\n    connector_auth: { api_access_token: wrong-token-1 }\n`,
    })
    made.sandbox.fault({ service: 'hrflow', method: 'POST', times: 2, answer: { status: 400, body: '{"code":400}' } })
    await made.run('acme')
    await made.run('wrong')
    expect(await made.json('/api/home')).toMatchObject({
      attention: [
        { workflow_id: 'wrong', condition: 'fatal', said: '[workable] GET /jobs: 401.' },
        { workflow_id: 'acme', condition: 'failures', said: '2 failures in its last run, 2 items are pending.' },
      ],
    })
  })

  it('knows a workflow by its history where its definition is gone, and says why a file cannot be read', async () => {
    const made = await opened()
    await made.run('acme')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(made.file, 'workflows:\n  other:\n    action: nothing.at_all\n')
    expect(await made.json('/api/workflows/acme')).toMatchObject({ line: { last_run: { status: 'success' } } })
    expect((await made.post('/api/workflows/other/runs', { kind: 'run' })).status).toBe(422)
    writeFileSync(made.file, WORKFLOW.replace('acme', 'renamed'))
    expect(await made.json('/api/home')).toMatchObject({
      workflows: [
        { workflow_id: 'acme', defined: false },
        { workflow_id: 'renamed', defined: true },
      ],
    })
    expect((await made.post('/api/workflows/acme/runs', { kind: 'run' })).status).toBe(404)
  })
})

describe('a workflow', () => {
  it('shows its parameters, its cursor and the runs of its charts', async () => {
    const made = await opened()
    await made.run('acme')
    await made.run('acme', { kind: 'full' })
    expect(await made.json('/api/workflows/acme')).toMatchObject({
      incremental: true,
      problem: null,
      cursor: expect.stringMatching(/^20/) as unknown,
      history: [
        { kind: 'run', status: 'success', events: { write_success: 6 } },
        { kind: 'full', events: { write_unchanged: 6 } },
      ],
    })
    expect((await made.ask('/api/workflows/nobody')).status).toBe(404)
  })

  it('says what its parameters lack', async () => {
    const made = await opened()
    delete made.env['WORKABLE_API_ACCESS_TOKEN']
    expect(await made.json('/api/workflows/acme')).toMatchObject({
      parameters: [],
      problem: expect.stringContaining('api_access_token') as unknown,
    })
    expect((await made.post('/api/workflows/acme/runs', { kind: 'run' })).status).toBe(422)
  })

  it('that nobody serves is not paused', async () => {
    const { post } = await opened()
    const answer = await post('/api/workflows/acme/pause', {})
    expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'not_scheduled' }])
  })

  it('that is served is paused and resumed', async () => {
    const made = await opened()
    const schedule = { cron: '0 * * * *', time_zone: 'UTC' }
    await made.store.schedules.push([], () => [
      {
        ...{ workflow_id: 'acme', account: 'workable:acme', schedule, full_schedule: null, listeners: [] },
        ...{
          next_run_at: 1,
          next_full_at: null,
          taken_run_at: null,
          taken_full_at: null,
          run_due: null,
          full_due: null,
        },
        ...{ started_at: null, started_full: false, paused: false, fatal_count: 2, waits_until: 9e15 },
        ...{ condition: 'fatal', since: 1, said: 'It failed.', told_at: null, sent_at: null },
      },
    ])
    expect(await made.change('/api/workflows/acme/pause', {})).toMatchObject({ paused: true, condition: 'fatal' })
    expect(await made.change('/api/workflows/acme/resume', {})).toMatchObject({ paused: false })
    // A run by hand that ends well ends what was wrong.
    await made.run('acme')
    const [row] = await made.store.schedules.scheduled()
    expect(row).toMatchObject({ condition: 'ok', fatal_count: 0, waits_until: null, paused: false })
  })
})

describe('a run', () => {
  it('shows counters that add up, and its failures by kind, page by page and as files', async () => {
    const made = await opened({ sandbox: { workable: { jobs: 110 } } })
    made.sandbox.fault({ service: 'hrflow', method: 'POST', times: 105, answer: { status: 400, body: '{"code":400}' } })
    const run_id = await made.run('acme')
    expect(await made.json(`/api/runs/${run_id}`)).toMatchObject({
      run: { status: 'success_with_failures', listed: 110, written: 5, failed: 105, kind: 'run' },
      ...{ from: 'Workable', to: 'HrFlow', entity: 'job', failures_total: 105, plan: null },
      groups: [{ stage: 'write', code: 'http_400', count: 105 }],
    })
    const page = z.object({ failures: z.array(z.object({ reference: z.string() })), next: z.string().nullable() })
    const first = page.parse(await made.json(`/api/runs/${run_id}/failures`))
    const rest = page.parse(await made.json(`/api/runs/${run_id}/failures?after=${first.next ?? ''}`))
    expect([first.failures.length, rest.failures.length, rest.next]).toEqual([100, 5, null])
    const all = [...first.failures, ...rest.failures].map((failure) => failure.reference)
    expect(new Set(all).size).toBe(105)
    const found = page.parse(
      await made.json(`/api/runs/${run_id}/failures?q=${all[3]?.toLowerCase() ?? ''}&stage=write`),
    )
    expect(found.failures).toMatchObject([{ reference: all[3] }])
    const file = await made.ask(`/api/runs/${run_id}/failures.csv`)
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="failures-${run_id.slice(0, 8)}.csv"`)
    expect((await file.text()).split('\r\n')).toHaveLength(107)
    expect(await made.json(`/api/runs/${run_id}/failures.json?code=http_500`)).toEqual([])
    expect((await made.ask('/api/runs/none/failures')).status).toBe(404)
    expect((await made.ask('/api/runs/none')).status).toBe(404)
    const runs = await made.json('/api/runs?workflow_id=acme')
    expect(runs).toMatchObject({ runs: [{ run_id }], next: null })
  })

  it('leaves what failed pending: tried again by the next one, or given up', async () => {
    const made = await opened()
    made.sandbox.fault({ service: 'hrflow', method: 'POST', times: 3, answer: { status: 400, body: '{"code":400}' } })
    await made.run('acme')
    const { items, total } = z
      .object({ items: z.array(z.object({ reference: z.string(), stage: z.literal('write') })), total: z.number() })
      .parse(await made.json('/api/workflows/acme/pending?stage=write'))
    expect([items.length, total]).toEqual([3, 3])
    const [one, ...others] = items.map((item) => item.reference)
    const change = (references: string[] | null, what: string) =>
      made.change('/api/workflows/acme/pending', { references, change: what })
    expect(await change([one ?? ''], 'dismiss')).toEqual({ changed: 1 })
    expect(await change(others, 'retry')).toEqual({ changed: 2 })
    await made.run('acme')
    expect(await made.json('/api/workflows/acme/pending')).toEqual({ items: [], total: 0, next: null })
  })

  it('that is planned says what would change, and changes nothing', async () => {
    const made = await opened()
    await made.run('acme')
    const job = reference(made, 2)
    made.sandbox.workable.edit(job, { title: '<script>alert(1)</script>' })
    const run_id = await made.run('acme', { kind: 'plan' })
    expect(await made.json(`/api/runs/${run_id}`)).toMatchObject({
      run: { kind: 'dry', status: 'success', live: false },
      plan: {
        items: [{ reference: job, outcome: 'update', changes: [{ path: 'name', to: '<script>alert(1)</script>' }] }],
      },
    })
    expect(await made.json('/api/runs')).toMatchObject({ runs: [{ kind: 'run' }] })
  })
})

describe('a job', () => {
  it('is shown side by side, with what became of it', async () => {
    const made = await opened()
    await made.run('acme')
    const job = reference(made, 1)
    made.sandbox.workable.edit(job, { title: 'Another title' })
    expect(await made.json(`/api/workflows/acme/jobs?q=${job.slice(0, 4).toLowerCase()}`)).toEqual({
      references: [job],
    })
    const view = z
      .object({
        explanation: z.object({ next: z.object({ does: z.string() }) }),
        timeline: z.array(z.object({ what: z.string(), kind: z.string() })),
        sides: z.array(z.looseObject({ path: z.string() })),
        notes: z.array(z.string()),
      })
      .parse(await made.json(`/api/workflows/acme/jobs/${job}`))
    expect(view.explanation.next.does).toBe('deliver')
    expect(view.timeline.map(({ what }) => what)).toEqual([
      'Last dealt with',
      'Workable',
      'Mapping',
      'HrFlow',
      'Next run',
    ])
    const name = view.sides.find(({ path }) => path === 'name')
    expect(name).toMatchObject({ origin: 'Another title', ours: 'Another title', differs: true })
    expect(view.sides.find(({ path }) => path === 'reference')).toMatchObject({ differs: false, target: job })
    expect(view.notes).toEqual([])
  })

  it('that nobody has says so', async () => {
    const made = await opened()
    expect(await made.json('/api/workflows/acme/jobs/NOTHERE')).toMatchObject({
      explanation: { origin: null, next: { does: 'nothing' } },
      notes: ['Workable does not have it.', expect.any(String), expect.any(String)] as unknown,
    })
  })
})
