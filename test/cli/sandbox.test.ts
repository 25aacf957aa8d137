// Whole runs against the sandbox where it is the sandbox that is asked: what it announces, and how it shows dates.
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { MemoryStore, Workable } from '../../src/index.js'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/index.js'
import { world } from '../support/world.js'

const answer = z.looseObject({ data: z.record(z.string(), z.unknown()) })

describe('a sandbox without a limit', () => {
  const options: [string, SandboxOptions['workable']][] = [
    ['by default', { jobs: 40 }],
    ['with rate_limit: null', { jobs: 40, rate_limit: null }],
  ]
  test.each(options)('makes no run wait %s: 40 jobs are 41 requests at once', async (_, workable) => {
    const sandbox = await startSandbox({ ...(workable === undefined ? {} : { workable }) })
    onTestFinished(() => sandbox.close())
    const result = await Workable.updateJobsInHrflow(
      {
        workflow_id: 'unlimited',
        connector_auth: { api_access_token: sandbox.workable.token, subdomain: sandbox.workable.subdomain },
        hrflow_auth: { api_secret: sandbox.hrflow.api_secret, api_user: sandbox.hrflow.api_user },
        push_parameters: { board_key: sandbox.board_key, on_missing: 'create' },
        logics: null,
      },
      {
        store: new MemoryStore(),
        base_urls: { workable: sandbox.workable_url, hrflow: sandbox.hrflow_url },
      },
    )
    expect(result).toMatchObject({ status: 'success', events: { write_success: 40 } })
    expect(result.requests.origin).toMatchObject({ sent: 41, retried: 0 })
    // Nine go out in ten seconds where ten are the limit: this would have taken 40 s.
    expect(Date.parse(result.finished_at) - Date.parse(result.started_at)).toBeLessThan(9_000)
    expect(sandbox.workable.requests.every(({ status }) => status === 200)).toBe(true)
  })

  test('refuses the tenth request of ten seconds where it is told to have the limit of Workable', async () => {
    const sandbox = await startSandbox({ workable: { jobs: 1, rate_limit: { limit: 10 }, now: () => 5_000 } })
    onTestFinished(() => sandbox.close())
    const url = `${sandbox.workable_url.replace('{subdomain}', sandbox.workable.subdomain)}/jobs`
    const statuses: number[] = []
    for (let n = 0; n < 10; n++) {
      const { status } = await fetch(url, { headers: { authorization: `Bearer ${sandbox.workable.token}` } })
      statuses.push(status)
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 429])
  })
})

describe("the stand-in of HrFlow, as HrFlow's own client sees it", () => {
  test('names the permission of a key twice in GET /auth', async () => {
    const { sandbox } = await world()
    const headers = { 'x-api-key': sandbox.hrflow.api_secret, 'x-user-email': sandbox.hrflow.api_user }
    const response = await fetch(`${sandbox.hrflow_url}/auth`, { headers })
    expect(answer.parse(await response.json()).data).toMatchObject({
      api_secret_permission: 'all',
      api_key_permission: 'all',
    })
  })
})

// What a format of one's own may say of dates: forms that HrFlow takes, none of which is the one that it renders.
const DATES = {
  created_at: '2026-10-28T08:00:00.120Z',
  ranges_date: [
    { name: 'dates', value_min: '2023-06-01T23:00:00.000Z', value_max: '2023-09-01T23:00:00.000Z' },
    { name: 'days', value_min: '2023-06-01', value_max: '2023-06-02T01:00+01:00' },
  ],
}

describe.each(['rendered', 'as_sent'] as const)('dates that a later GET shows %s', (dates) => {
  test('are written once: no run after that has anything to write, and a plan shows no change', async () => {
    const made = await world({ workable: { jobs: 3 }, hrflow: { dates } })
    const { sandbox, update, runtime } = made
    const push_parameters = { board_key: sandbox.board_key, on_missing: 'create' } as const
    const format = (job: { shortcode?: string | null | undefined }) => ({
      reference: job.shortcode ?? '',
      name: 'Baker',
      location: { text: null },
      ...DATES,
    })
    const run = (more = {}) => update({ push_parameters, format, ...more })
    expect((await run()).events).toMatchObject({ write_success: 3 })
    // Each run a full one, one of them without a memory of what was sent.
    for (const store of [runtime.store, new MemoryStore({ clock: made.clock }), runtime.store]) {
      const { events } = await update({ push_parameters, format }, { ...runtime, ...(store ? { store } : {}) })
      expect(events).toMatchObject({ write_success: 0, write_unchanged: 3 })
    }
    const { plan } = await update({ push_parameters, format, persist: false }, { ...runtime, compare: true })
    expect(plan).toMatchObject({ items: [], totals: { unchanged: 3 } })
    expect(made.counts()).toMatchObject({ post: 3, put: 0 })
    // A date that is another instant is a change all the same.
    const moved = { ...DATES, ranges_date: [{ name: 'dates', value_min: '2023-06-02', value_max: null }] }
    const again = await run({ format: (job: { shortcode?: string | null }) => ({ ...format(job), ...moved }) })
    expect(again.events).toMatchObject({ write_success: 3 })
    expect(made.counts()).toMatchObject({ put: 3 })
  })
})
